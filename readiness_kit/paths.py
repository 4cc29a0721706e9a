"""Finds what ships with the kit, alike in a checkout and in an installed wheel.

In a wheel, `notebooks/` and `templates/` lie under `readiness_kit/_share/` (pyproject's force-include puts
them there); in a checkout they stand beside the package. The package's own data is always inside it.
"""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def _shared(name: str) -> Path:
    installed = PACKAGE / "_share" / name
    return installed if installed.is_dir() else PACKAGE.parent / name


def notebooks() -> Path:
    """The folder of the kit's notebooks, without outputs."""
    return _shared("notebooks")


def templates() -> Path:
    """The folder that holds the nbconvert template `readiness`, to be given as a template base folder."""
    return _shared("templates")


def checklist() -> Path:
    """The folder of the checklist's YAML files."""
    return PACKAGE / "checklist"


def demo() -> Path:
    """The folder of the recorded demonstration cluster and its answers."""
    return PACKAGE / "demo"
