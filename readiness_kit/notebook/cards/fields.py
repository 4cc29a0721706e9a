"""The fields of a card as the front end sends them: texts, read into the types of `Answer`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from readiness_kit.errors import UsageError
from readiness_kit.model import Choice


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _days(text: str) -> int | None:
    return int(text) if text else None


def _choice(text: str) -> Choice | None:
    return Choice(text) if text else None


FIELDS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "value": ("an answer", _choice),
    "reason": ("a text", str),
    "note": ("a text", str),
    "link": ("a text", str),
    "owner": ("a text", str),
    "due": ("a date", _date),
    "every": ("a whole number of days", _days),
    "last_done": ("a date", _date),
}
"""Field of `Answer` -> what it holds, and how its text is read."""


def read_fields(sent: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with their values. Raises UsageError for an unknown field and for a text that cannot be read."""
    read = {}
    for name, text in sent.items():
        if name not in FIELDS or not isinstance(text, str):
            raise UsageError(f"a card has no field {name!r}", "reload this page")
        what, parse = FIELDS[name]
        try:
            read[name] = parse(text.strip())
        except ValueError:
            raise UsageError(f"“{text.strip()[:40]}” is not {what}", "correct it; nothing was stored") from None
    return read
