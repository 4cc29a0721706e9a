"""`report`, `milestone` and `compare`: what is kept of an assessment."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import NamedTuple

import click

from readiness_kit.assessment.comparison import compare as compare_assessments
from readiness_kit.bundles import as_snapshot
from readiness_kit.cli import completion
from readiness_kit.cli.common import is_verbose, verbose_option
from readiness_kit.cli.folder import assessment_folder, open_folder
from readiness_kit.cli.forms import STANDARD, Output, output_option, write_output, write_styled
from readiness_kit.cli.inputs import piped
from readiness_kit.cli.options import FOLDER, SNAPSHOT, WEAVIATE
from readiness_kit.cli.output import write_bytes, write_line
from readiness_kit.cli.progress import show_report
from readiness_kit.errors import EXIT_GATE_FAILED, ConfigError, UsageError
from readiness_kit.report.content import scope_of
from readiness_kit.report.exports import FORMS, comparison, terminal
from readiness_kit.report.exports.export import HTML, PDF, export
from readiness_kit.report.exports.pdf import EXECUTIVE, FULL, VOLUMES, Print
from readiness_kit.report.rendering.render import Request
from readiness_kit.workspace.folder import Folder
from readiness_kit.workspace.milestones import freeze
from readiness_kit.workspace.session import Session

BOTH = "both"
SUFFIXES = {HTML: ".html", PDF: ".pdf", **{name: form.suffix for name, form in FORMS.items()}}


class _Style(NamedTuple):
    printed: Print
    name: str
    """The stem of a file in the working directory, for a report without an assessment folder; else empty."""
    both: bool
    """Whether both volumes are written."""


@click.command()
@FOLDER
@SNAPSHOT
@WEAVIATE
@output_option(*SUFFIXES, several=True, note="Without a file it is written into reports/ of the assessment folder. "
               "PDF is printed by the Chromium of this machine (extra `pdf`).")  # fmt: skip
@click.option("--paper", type=click.Choice(["a4", "letter"]), default="a4", show_default=True, help="Paper of the PDF.")
@click.option("--pdf", "volumes", type=click.Choice([*VOLUMES, BOTH]),
              help="Write the PDF: executive (about 8 pages: verdict, plan, risks, charts, scope, sign-off), full, or "
              "both. As -o pdf, which alone writes the full one.")  # fmt: skip
@click.option("--pseudonymise", is_flag=True,
              help="Replace names of clusters, namespaces, nodes, workloads, people and hosts. The key stays in "
              "private/ of the assessment folder.")  # fmt: skip
@click.option(
    "--keep-notes",
    is_flag=True,
    help="With --pseudonymise: keep notes and reasons, with the known names in them replaced.",
)
def report(folder: Path | None, snapshot: Path | None, weaviate: str, outputs: tuple[Output, ...], paper: str,
           volumes: str | None, pseudonymise: bool, keep_notes: bool) -> None:  # fmt: skip
    """Write the report as HTML, PDF, JSON, CSV and more.

    HTML is one self-contained file; the other forms have the same content. A file that would contain something of the
    shape of a secret is not written; the error names the place.
    """
    if keep_notes and not pseudonymise:
        raise UsageError("--keep-notes is for pseudonymised reports", "add --pseudonymise, or leave it out")
    if pseudonymise and snapshot and folder is None:
        raise UsageError("pseudonyms need an assessment folder, which keeps their key", "add --folder DIR")
    outputs = _with_pdf(outputs, volumes)
    if volumes == BOTH and Output(PDF, STANDARD) in outputs:
        raise UsageError("two volumes would be written to standard output", "choose one: --pdf executive")
    if sum(output.file == STANDARD for output in outputs) > 1:
        raise UsageError("two forms would be written to standard output", "give one of them a file: -o json=FILE")
    with (
        assessment_folder(folder, optional=bool(snapshot)) as workspace,
        piped(snapshot) as file,
        as_snapshot(file) as read,
    ):
        borrowed = snapshot is not None and not (workspace.path / "answers.json").exists()
        name = ("readiness" if snapshot == STANDARD else snapshot.stem) if snapshot and borrowed else ""
        request = Request(read, weaviate, pseudonymise, keep_notes)
        request.session(workspace).require_choice()
        for output in outputs:
            for volume in _volumes(output, volumes):
                _write(workspace, output, request, _Style(Print(paper, volume), name, volumes == BOTH))


def _with_pdf(outputs: tuple[Output, ...], volumes: str | None) -> tuple[Output, ...]:
    """The outputs with a PDF where `--pdf` was given; it takes the place of the default form."""
    if volumes is None or any(output.form == PDF for output in outputs):
        return outputs
    return (Output(PDF),) if outputs == (Output(HTML),) else (*outputs, Output(PDF))


def _volumes(output: Output, volumes: str | None) -> tuple[str, ...]:
    if output.form != PDF:
        return ("",)
    return VOLUMES if volumes == BOTH else (volumes or FULL,)


def _file(output: Output, style: _Style) -> Path | None:
    """Where one output goes, None for the folder of reports; the executive report next to the full one has a suffix."""
    executive = f"-{EXECUTIVE}" if style.printed.volume == EXECUTIVE and (style.both or not output.file) else ""
    if output.file:
        return output.file.with_name(f"{output.file.stem}{executive}{output.file.suffix}")
    return Path(style.name + executive + SUFFIXES[output.form]) if style.name else None


def _write(workspace: Folder, output: Output, request: Request, style: _Style) -> None:
    if output.file == STANDARD:
        with tempfile.TemporaryDirectory(prefix="readiness-") as private:
            target = Path(private) / f"report{SUFFIXES[output.form]}"
            export(workspace, output.form, target, request, style=style.printed)
            write_bytes(target.read_bytes())
        return
    path = export(workspace, output.form, _file(output, style), request, style=style.printed, progress=show_report)
    write_line(f"The report: {path.resolve()}")


@click.command()
@FOLDER
@click.argument("name", shell_complete=completion.milestones)
def milestone(folder: Path | None, name: str) -> None:
    """Freeze the assessment to compare with later.

    NAME identifies the milestone; letters, digits, spaces, dots and dashes.
    """
    workspace = open_folder(folder)
    session = Session(workspace)
    frozen = session.assessment()
    path = freeze(frozen, name, workspace.milestones, scope_of(session.snapshot))
    write_line(f"Milestone: {path}")
    write_styled(Output("text"), terminal.verdict_lines(frozen))


@click.command()
@FOLDER
@click.argument("old", shell_complete=completion.milestones)
@click.argument("new", default="now", shell_complete=completion.milestones)
@output_option("text", "json")
@verbose_option("Also list the questions that did not change.")
@click.option("--fail-on-worse", is_flag=True, help="Exit 1 if a question is a new gap or became worse.")
def compare(folder: Path | None, old: str, new: str, outputs: Output, fail_on_worse: bool) -> None:
    """Show what changed between two assessments.

    OLD and NEW are each a milestone's name or file, a snapshot, an assessment folder, or `now`, the current assessment
    (the default of NEW). A question is incomparable if less was read, fewer rights were given or its text changed; no
    improvement is shown for it.
    """
    try:
        workspace = open_folder(folder)
    except ConfigError:
        if folder is not None:
            raise
        workspace = None
    before, after = comparison.named(old, workspace), comparison.named(new, workspace)
    changes = compare_assessments(before, after)
    if outputs.form == "json":
        write_output(outputs, comparison.as_json(changes, before.name, after.name))
    else:
        write_styled(outputs, comparison.as_lines(changes, before.name, after.name, verbose=is_verbose()))
    if fail_on_worse and (changes.new or changes.worse):
        raise SystemExit(EXIT_GATE_FAILED)
