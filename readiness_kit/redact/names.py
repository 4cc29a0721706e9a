"""Names that indicate a credential: of flags, variables, fields, headers, labels and parameters of a URL."""

from __future__ import annotations

import re
from functools import lru_cache

MAX_NAME = 256
"""Characters; a longer name counts as that of a credential."""

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_STRONG = (
    r"pass(?:word|wd|phrase|code)?|pwd?|secret|token|credentials?|creds?|api[-_.]?keys?|jwt|psk|cookie|otp|pat|sas|dsn"
    r"|session[-_.]?id"
)
_LAST_WORD = re.compile(rf"(?i)(?:^|[-_.])(?:{_STRONG}|auth|bearer|key|pin|signature|sig)s?$")
_LAST_WORD_STRONG = re.compile(rf"(?i)(?:^|[-_.])(?:{_STRONG})s?$")
_ENDING = re.compile(
    r"(?i)(?:[a-z0-9]pw|pwd|password|passwd|passphrase|secret|token|apikey|creds|(?<!by)(?<!com)pass)$"
)
_INSIDE = re.compile(r"(?i)password|passwd|passphrase|secret|api[-_.]?key|token|credential")
_HARMLESS_ENDING = re.compile(
    r"(?i)(?:files?|paths?|dirs?|director(?:y|ies)|ttl|timeout|duration|interval|refs?|names?|namespace|class|type|mode"
    r"|enabled|disabled|policy|cert|size|length|count|issuer|audience|rotation|provider|algorithm)$"
)
_HEADER_NAME = re.compile(r"(?i)(?:proxy-)?authorization|(?:set-)?cookie|x-(?=[\w-]*?(?:key|token|secret|auth))[\w-]+")


@lru_cache(maxsize=16384)
def is_sensitive(name: str) -> bool:
    """Whether the value of a flag, variable or field with this name may be a credential."""
    if len(name) > MAX_NAME:
        return True
    words = _CAMEL.sub("-", name)
    return bool(_LAST_WORD.search(words)) or _strong(words)


@lru_cache(maxsize=16384)
def is_sensitive_label(name: str) -> bool:
    """Whether the value of a label may be a credential; `auth` and `key` are ordinary words there."""
    words = _CAMEL.sub("-", name[-MAX_NAME:].rpartition("/")[2])
    return bool(_LAST_WORD_STRONG.search(words)) or _strong(words)


def is_sensitive_header(name: str) -> bool:
    """Whether a header of HTTP carries a credential."""
    return bool(_HEADER_NAME.fullmatch(name[:MAX_NAME]))


def _strong(words: str) -> bool:
    if _ENDING.search(words):
        return True
    ends = [found.end() for found in _INSIDE.finditer(words)]
    return bool(ends) and not _HARMLESS_ENDING.search(words, ends[-1])
