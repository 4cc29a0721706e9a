"""Puts parameters into texts and data: `{name}` alone becomes the value itself, within a text its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from readiness_kit.evidence.wording import names
from readiness_kit.fixes.model import PLACEHOLDER, OpenDecision, Value


def filled(data: Any, parameters: Mapping[str, Value | OpenDecision]) -> Any:
    """A copy of plain data with every placeholder filled; that of an open decision becomes `<name>`.

    A key whose parameter is an empty map is left out: there is nothing to change below it.
    """
    if isinstance(data, str):
        return _filled_text(data, parameters)
    if isinstance(data, dict):
        inner = {filled_text(key, parameters): filled(value, parameters) for key, value in data.items()}
        return {
            key: value
            for (key, value), raw in zip(inner.items(), data.values(), strict=True)
            if value != {} or raw == {}
        }
    if isinstance(data, (list, tuple)):
        return [filled(item, parameters) for item in data]
    return data


def filled_text(text: str, parameters: Mapping[str, Value | OpenDecision]) -> str:
    """A text with every placeholder in words."""
    return PLACEHOLDER.sub(lambda match: _words(match[0], parameters.get(match[1])), text)


def _filled_text(text: str, parameters: Mapping[str, Value | OpenDecision]) -> Any:
    whole = PLACEHOLDER.fullmatch(text)
    found = parameters.get(whole[1]) if whole else None
    return found.value if isinstance(found, Value) else filled_text(text, parameters)


def _words(placeholder: str, found: Value | OpenDecision | None) -> str:
    if found is None:
        return placeholder
    if isinstance(found, OpenDecision):
        return f"<{found.name.replace('_', '-')}>"
    return names(found.value) if isinstance(found.value, (list, tuple)) else str(found.value)
