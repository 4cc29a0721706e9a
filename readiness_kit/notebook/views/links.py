"""Where things are: anchors of cards in the page, cells of other notebooks, files as the notebook server gives them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import quote

from readiness_kit.errors import UsageError
from readiness_kit.markup import esc
from readiness_kit.model import Question, Section

NOTEBOOKS = {section: f"{number:02}_{section.value}.ipynb" for number, section in enumerate(Section, start=1)}
START = "00_start.ipynb"
REPORT = "90_report.ipynb"
# The cell that holds the questions beyond the core.
EXTENDED = "extended"


def section_named(name: str) -> Section:
    """The section of this name, as notebook cells write it."""
    try:
        return Section(name)
    except ValueError:
        known = ", ".join(section.value for section in Section)
        raise UsageError(f"there is no section {name!r}", f"take one of: {known}") from None


def anchor(question_id: str) -> str:
    """The id of a question's card in the page: `rk-ha-multi-az`."""
    return "rk-" + question_id.replace(".", "-").replace("_", "-")


def editor_anchor(section: Section) -> str:
    """The id of a section's details editor in the page."""
    return f"rk-details-{section.value.replace('_', '-')}"


def in_page(question: Question) -> str:
    """A link to a card of the same notebook."""
    return f'<a href="#{anchor(question.id)}">{esc(question.number)} {esc(question.short)}</a>'


def across(question: Question, core: bool = True) -> str:
    """A link to a card of any notebook; JupyterLab opens it at the question's cell."""
    cell = "ask-" + question.id.replace(".", "-").replace("_", "-") if core else EXTENDED
    where = f"{NOTEBOOKS[question.section]}#cell-id={cell}"
    return f'<a href="{esc(where)}">{esc(question.number)} {esc(question.short)}</a>'


def file_link(path: Path) -> str:
    """A file as a link: through the notebook server that runs this kernel, else as a file of this computer."""
    served = _served(path.resolve())
    if served:
        return f'<a href="{esc(served)}" target="_blank">{esc(path.name)}</a>'
    return f'<a href="{esc(path.resolve().as_uri())}">{esc(path.name)}</a>'


def _served(path: Path) -> str:
    """The address on the server that started this kernel; empty where there is none, or the file is outside of it."""
    parent = os.environ.get("JPY_PARENT_PID", "")
    if not parent.isdigit():
        return ""
    from jupyter_core.paths import jupyter_runtime_dir

    try:
        server = json.loads((Path(jupyter_runtime_dir()) / f"jpserver-{parent}.json").read_text("utf-8"))
        inside = path.relative_to(Path(server["root_dir"]).resolve())
        return f"{server['base_url']}files/{quote(inside.as_posix())}"
    except (OSError, ValueError, KeyError):
        return ""
