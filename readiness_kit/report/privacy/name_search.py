"""The last search of a pseudonymised export for every known real name, in texts, pictures and metadata."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from readiness_kit import paths
from readiness_kit.errors import ReadinessError
from readiness_kit.report.privacy import rules

_PICTURE = re.compile(r"data:image/[a-z+.-]{1,40};base64,([A-Za-z0-9+/=]+)")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_WORD = re.compile(r"[a-z0-9][a-z0-9_-]*+")
_OWN_TEXTS = ("*.py", "*.yaml", "*.j2", "*.css", "*.js", "*.ipynb")
_SHOWN = 5


class NameFoundError(ReadinessError):
    """A pseudonymised export still contains a real name; the file was not written."""


def check(text: str, names: Mapping[str, str], target: Path) -> None:
    """Raise NameFoundError where `text` contains a key of `names` (real name: pseudonym).

    The error names the pseudonyms, not the names. Words of the kit's own texts identify no customer.
    """
    if found := sorted({names[name] for name in remaining(text, names)}):
        listed = ", ".join(found[:_SHOWN]) + (f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")
        raise NameFoundError(
            f"{target} is not written: it still contains the real names of {listed}",
            "look them up in private/pseudonyms.json; remove them from the notebook or the setting where they stand",
        )


def remaining(text: str, names: Iterable[str]) -> list[str]:
    """The real names that occur in the text, whatever its encoding, as separate words."""
    whole = _plain(text)
    found = (name for name in names if _searched(name) and _occurs(name.lower(), whole))
    return [name for name in found if not _is_own(name.lower())]


def _searched(name: str) -> bool:
    return len(name) > rules.MIN_LENGTH and name.lower() not in rules.ORDINARY | rules.KUBERNETES_OWN


def _occurs(name: str, whole: str) -> bool:
    """Whether the name stands between other than letters and digits."""
    position = whole.find(name)
    while position >= 0:
        end = position + len(name)
        if not whole[position - 1 : position].isalnum() and not whole[end : end + 1].isalnum():
            return True
        position = whole.find(name, position + 1)
    return False


def _plain(text: str) -> str:
    """The text and its pictures in lower case, with the escapes of HTML, JSON and URLs resolved."""
    pictures = " ".join(_decoded(found[1]) for found in _PICTURE.finditer(text))
    shown = _PICTURE.sub(" ", text)
    resolved = _ESCAPED.sub(lambda found: json.loads(f'"{found[0]}"'), shown)
    return unquote(html.unescape(f"{resolved} {pictures}")).lower()


def _decoded(data: str) -> str:
    try:
        return base64.b64decode(data, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _is_own(name: str) -> bool:
    """Whether the kit's own texts have the same name, such as a namespace `search`, "the assessor", a host of links."""
    is_word = bool(_WORD.fullmatch(name))
    return name in _own_words() if is_word else any(_occurs(name, text) for text in _own_texts())


@cache
def _own_words() -> frozenset[str]:
    return frozenset(word for text in _own_texts() for word in _WORD.findall(text))


@cache
def _own_texts() -> tuple[str, ...]:
    folders = (paths.PACKAGE, paths.templates(), paths.notebooks())
    files = {
        file for folder in folders for kind in _OWN_TEXTS for file in folder.rglob(kind) if "demo" not in file.parts
    }
    return tuple(file.read_text(encoding="utf-8").lower() for file in sorted(files))
