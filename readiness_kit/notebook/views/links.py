"""Links to question cards in the page, to cells of other notebooks, and to files through the notebook server."""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import quote

from jupyter_core.paths import jupyter_runtime_dir
from markupsafe import Markup

from readiness_kit.errors import UsageError
from readiness_kit.markup import esc
from readiness_kit.model import Profile, Question, Section
from readiness_kit.notebook.views.view import View

NOTEBOOKS = {section: f"{number:02}_{section.value}.ipynb" for number, section in enumerate(Section, start=1)}
START = "00_start.ipynb"
REPORT = "90_report.ipynb"
EXTENDED_CELL = "extended"
"""The id of the cell that shows the extended questions of a section."""


def section_named(name: str) -> Section:
    """The section with this name. Raises UsageError, listing the valid names."""
    try:
        return Section(name)
    except ValueError:
        known = ", ".join(section.value for section in Section)
        raise UsageError(f"there is no section {name!r}", f"use one of: {known}") from None


def anchor(question_id: str) -> str:
    """The element id of a question card: `rk-ha-multi-az`."""
    return "rk-" + _dashed(question_id)


def card_link(question: Question) -> Markup:
    """A link to a question card in the same notebook."""
    return _link(f"#{anchor(question.id)}", question)


def notebook_link(question: Question) -> Markup:
    """A link to a question in any notebook; JupyterLab scrolls to its cell."""
    return _link(question_address(question), question)


def question_address(question: Question) -> str:
    """The cell of a question, relative to any notebook: `03_security.ipynb#cell-id=ask-sec-tls`."""
    cell = f"ask-{_dashed(question.id)}" if question.profile is Profile.CORE else EXTENDED_CELL
    return f"{NOTEBOOKS[question.section]}#cell-id={cell}"


def _dashed(name: str) -> str:
    return name.replace(".", "-").replace("_", "-")


def _link(address: str, question: Question) -> Markup:
    return Markup('<a href="{}">{} {}</a>').format(address, question.number, question.short)


def file_link(path: Path) -> Markup:
    """A link to a file: through the notebook server of this kernel if it serves the file, otherwise a file URL.

    In Voilà the name alone: a browser follows no file URL from a page that a server sent.
    """
    if os.environ.get("SERVER_SOFTWARE", "").startswith("voila"):
        return Markup("<code>{}</code>").format(path.name)
    if served := _served(path.resolve()):
        return Markup('<a href="{}" target="_blank">{}</a>').format(served, path.name)
    return Markup('<a href="{}">{}</a>').format(path.resolve().as_uri(), path.name)


def _served(path: Path) -> str:
    """The path on the server that started this kernel; empty without a server or for a file outside its root."""
    parent = os.environ.get("JPY_PARENT_PID", "")
    if not parent.isdigit():
        return ""
    try:
        server = json.loads((Path(jupyter_runtime_dir()) / f"jpserver-{parent}.json").read_text("utf-8"))
        inside = path.relative_to(Path(server["root_dir"]).resolve())
        return f"{server['base_url']}files/{quote(inside.as_posix())}"
    except (OSError, ValueError, KeyError):
        return ""


def report_written(path: Path, subject: str = "Report") -> View:
    """The place of a report, as a link that a browser can follow from the notebook."""
    size = path.stat().st_size / 1024
    return View(
        f'<p role="status">✓ {subject}: {file_link(path)} ({size:,.0f} KiB, one self-contained file)</p>'
        f'<p class="quiet">On this computer: <code>{esc(path.resolve())}</code></p>',
        f"{subject}: {path}",
    )
