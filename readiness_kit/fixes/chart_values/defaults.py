"""The chart's default values that the objects of an installation do not show."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from pathlib import Path

from readiness_kit.documents import load_yaml
from readiness_kit.fixes.chart_values.texts import Values


def defaults() -> Values:
    """A copy of the default values."""
    return deepcopy(_table())


@cache
def _table() -> Values:
    return load_yaml(Path(__file__).with_name("defaults.yaml"), Values, "the table of default values")
