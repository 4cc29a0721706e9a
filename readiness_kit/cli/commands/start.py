"""`demo`, `lab`, `app` and `checklist`: the first commands of a new user."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from readiness_kit import evidence
from readiness_kit.checklist import load_checklist
from readiness_kit.checklist import schema as checklist_schema
from readiness_kit.cli.folder import open_folder
from readiness_kit.cli.options import FOLDER, PROFILE
from readiness_kit.cli.output import write_line, write_text
from readiness_kit.cli.progress import show_report
from readiness_kit.cli.styled import width, write_lines
from readiness_kit.demo import install
from readiness_kit.errors import UsageError
from readiness_kit.labels import SECTION_TITLES
from readiness_kit.model import Profile, Question, Section
from readiness_kit.notebook.launcher import copy_notebooks, launch, launch_app
from readiness_kit.report.exports.terminal import FAINT, STRONG, Line, line
from readiness_kit.report.rendering.render import render
from readiness_kit.workspace.folder import Folder

ID_WIDTH = 30
WIDE = 100
"""Columns from which the text of a question has a column for itself."""
NO_BROWSER = click.option("--no-browser", is_flag=True, help="Do not open a browser; print the address.")
PORT = click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port to listen on (127.0.0.1 only).")


@click.command()
@FOLDER
def demo(folder: Path | None) -> None:
    """Build the report of the bundled demonstration cluster.

    The folder is readiness-demo unless you name one; a real assessment is never changed.
    """
    folder = folder or Path("readiness-demo")
    write_line("Reading the demonstration cluster …", err=True)
    path = render(install(folder), progress=show_report)
    write_line(f"The report: {path.resolve()}")
    write_line(f"Next: open it in a browser, or explore the notebooks with `readiness lab -d {folder}`")


@click.command()
@FOLDER
@NO_BROWSER
@PORT
@click.option("--presenter", is_flag=True, help="Larger type and no code, for a shared screen.")
@click.option("--prepare-only", is_flag=True, help="Only copy the notebooks, for a JupyterLab that already runs.")
def lab(folder: Path | None, no_browser: bool, port: int, presenter: bool, prepare_only: bool) -> None:
    """Open the notebooks in JupyterLab.

    The assessment folder is created if it does not exist; without one, the working directory becomes one.
    """
    workspace = _with_notebooks(folder)
    if prepare_only:
        write_line(f"Open {workspace.notebooks / '00_start.ipynb'} in your JupyterLab.")
        return
    raise SystemExit(launch(workspace, browser=not no_browser, port=port, presenter=presenter))


@click.command()
@FOLDER
@NO_BROWSER
@PORT
def app(folder: Path | None, no_browser: bool, port: int) -> None:
    """Open the notebooks as an app without code (Voilà).

    The assessment folder is created if it does not exist. Needs the extra `app`.
    """
    raise SystemExit(launch_app(_with_notebooks(folder), browser=not no_browser, port=port))


def _with_notebooks(path: Path | None) -> Folder:
    folder = open_folder(path, create=True)
    for note in copy_notebooks(folder):
        write_line(f"Note: {note}", err=True)
    write_line(f"Assessment folder: {folder.path}", err=True)
    return folder


@click.command()
@PROFILE
@click.option("--section", default="", help="Only this section.")
@click.option("--evidence", "show_evidence", is_flag=True,
              help="All questions, with how far evidence decides each and what it reads.")  # fmt: skip
@click.option("--schema", is_flag=True, help="Print the JSON Schema of a checklist file, for your own questions.")
def checklist(profile: str, section: str, show_evidence: bool, schema: bool) -> None:
    """Print the questions and what decides them."""
    if schema:
        write_text(json.dumps(checklist_schema(), indent=2))
        return
    sections = [chapter.value for chapter in Section]
    if section and section not in sections:
        raise UsageError(f"there is no section {section!r}", f"choose one of {', '.join(sections)}")
    questions = load_checklist(profile=Profile.EXTENDED if show_evidence else Profile(profile))
    for chapter in Section:
        asked = questions.section(chapter)
        if not asked or section not in ("", chapter.value):
            continue
        lines = [Line(), line(SECTION_TITLES[chapter], STRONG)]
        for question in asked:
            lines += _question_lines(question, show_evidence)
        write_lines(lines)


def _question_lines(question: Question, show_evidence: bool) -> Iterator[Line]:
    indent = 4 if question.parent else 2
    head = ((f"{question.number:<4}", STRONG), (f"{question.id:<{ID_WIDTH}}", FAINT), (question.text, ""))
    yield Line(head, indent, 4 + ID_WIDTH if width() > WIDE else 6)
    if show_evidence:
        reads = ", ".join(evidence.reads_of(question.id)) or "nothing; an answer is needed"
        yield line(f"{question.automation.value.upper():<7} reads {reads}", FAINT, indent=indent + 4, hang=8)
