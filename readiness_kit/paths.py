"""Locate the files of the kit, in a checkout and in an installed wheel.

In a wheel, `notebooks/` and `templates/` are in `readiness_kit/_share/` (force-include in pyproject.toml); in a
checkout they are next to the package. The data of the package is always inside it.
"""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def _shared(name: str) -> Path:
    installed = PACKAGE / "_share" / name
    return installed if installed.is_dir() else PACKAGE.parent / name


def notebooks() -> Path:
    """The folder of the notebooks."""
    return _shared("notebooks")


def templates() -> Path:
    """The folder with the nbconvert template `readiness`, for use as a template base folder."""
    return _shared("templates")


def checklist() -> Path:
    """The folder of the checklist's YAML files."""
    return PACKAGE / "checklist"


def demo() -> Path:
    """The folder of the demonstration cluster and its answers."""
    return PACKAGE / "demo"
