"""The spellings of a person's or customer's name: case, accents, separators, order, surname, short name."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_LETTERS = {
    "a": "aàáâãäåāæ", "c": "cçćč", "e": "eèéêëēę", "i": "iìíîïī", "l": "lł", "n": "nñńň", "o": "oòóôõöøō",
    "s": "sśšş", "u": "uùúûüūů", "y": "yýÿ", "z": "zźżž",
}  # fmt: skip
_SINGLE = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "a", "ß": "ss"})
_PARTICLES = frozenset("van von der den de del della di da la le du af av bin ibn al el ten ter zu".split())
_ROLES = frozenset(
    """team head lead chief of engineering engineer platform search operations ops sre devops security manager owner
    product data infrastructure support service services department group squad guild office board director vice
    president architect administrator admin the and on-call""".split()
)
_LEGAL = frozenset(
    """as asa ab aps oy oyj ag gmbh kg kgaa ug se sa sas sarl spa srl bv nv ltd limited plc llc llp inc incorporated
    corp corporation co company group holding holdings pty pte sdn bhd kk oao ooo""".split()
)
_COMMON = frozenset(
    """first global national united general international central bank banking insurance energy health systems
    solutions software technologies technology digital cloud media retail group data weaviate search northern southern
    western eastern european american nordic public state federal royal university institute example customer demo
    cluster production staging vector vectors analytics logistics industries services partners capital""".split()
)
MIN_WORD, MIN_DISTINCTIVE = 3, 5
_SPLIT_LETTERS = 8
"""Letters from which the name of a customer is also found with separators within it: `Kontor-Bank`."""
_SEPARATOR = r"(?:[\s._,+&'’-]{0,3}|\s(?:and|und|et|en|og|och|y|e)\s)"


_WITH_APOSTROPHE = re.compile(r"(?<![^\W_])[^\W_]++(?=['’])|(?<=['’])[^\W_]++")
"""The parts of `O'Brien`."""


class Spelling(NamedTuple):
    """`pattern` matches a spelling; `inside` also within other words, such as `kontorbankprod`."""

    words: tuple[str, ...]
    inside: bool = False

    @property
    def pattern(self) -> str:
        """The regular expression that finds the name in each spelling."""
        split = self.inside and len(self.words) == 1 and len(self.words[0]) >= _SPLIT_LETTERS
        body = _SEPARATOR.join(_any_accent(word, "[-_ ]?" if split else "") for word in self.words)
        return body if self.inside else rf"(?<![^\W_]){body}(?:['’]?s)?(?![^\W_])"


def keys(text: str) -> tuple[str, ...]:
    """What all spellings of a text have in common, with and without a possessive `s`."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_SINGLE))
    bare = "".join(letter for letter in plain if letter.isalnum())
    return (bare, bare.removesuffix("s")) if bare.endswith("s") else (bare,)


def of_person(name: str) -> list[Spelling]:
    """The whole name in both orders; of a person, not of a team or a role, also each of its names."""
    words = _words(name)
    found = [Spelling(words)]
    if 2 <= len(words) <= 5 and not _ROLES.intersection(word.casefold() for word in words):
        found.append(Spelling((words[-1], *words[:-1])))
        found += [Spelling((word,)) for word in words if len(word) >= MIN_WORD and word.casefold() not in _PARTICLES]
        found += [Spelling(tuple(part)) for part in map(_WITH_APOSTROPHE.findall, name.split()) if len(part) > 1]
        account = words[0][0], words[-1]
        found += [Spelling(("".join(pair),)) for pair in (account, account[::-1]) if len(words[-1]) >= MIN_DISTINCTIVE]
    return found


def of_customer(name: str) -> list[Spelling]:
    """The whole name, the name without its legal form, and its first word where that is distinctive."""
    words = _words(name)
    core = [word for word in words if word.casefold() not in _LEGAL] or list(words)
    found = [Spelling(words), Spelling(tuple(core), len("".join(core)) >= MIN_DISTINCTIVE)]
    if len(core[0]) >= MIN_DISTINCTIVE and core[0].casefold() not in _COMMON:
        found.append(Spelling((core[0],), inside=True))
    return found


def of_phrase(name: str) -> list[Spelling]:
    """The whole name only: a cluster or a context."""
    return [Spelling(_words(name))]


def _words(name: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[^\W_]+", name)) or (name,)


def _any_accent(word: str, between: str = "") -> str:
    """A pattern for a word with any accents, and with `ae`, `oe`, `ue` and `aa` for letters with a mark.

    between: a pattern for what may stand between two letters
    """
    parts = []
    for letter in unicodedata.normalize("NFC", word):
        base = next(iter(keys(letter)[0]), "")
        if len(keys(letter)[0]) != 1 or not base.isascii():
            parts.append("(?:ß|ss)" if letter == "ß" else re.escape(letter))
        elif letter.casefold() != base:
            parts.append(f"[{_LETTERS.get(base, base)}{letter.casefold()}][ae]?")
        else:
            parts.append(f"[{_LETTERS[base]}]" if base in _LETTERS else re.escape(letter))
    return between.join(parts)
