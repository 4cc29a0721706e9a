"""`report`, `milestone` and `compare`: what is kept of an assessment."""

from __future__ import annotations

from pathlib import Path

import click

from readiness_kit import bundles
from readiness_kit.assessment.comparison import compare as compare_assessments
from readiness_kit.cli.folder import assessment_folder, open_folder
from readiness_kit.cli.options import FILE, FOLDER
from readiness_kit.cli.output import write_line, write_text
from readiness_kit.cli.progress import show_report
from readiness_kit.errors import EXIT_GATE_FAILED, ConfigError, UsageError
from readiness_kit.report.content import scope_of
from readiness_kit.report.exports import FORMS, comparison
from readiness_kit.report.exports.export import HTML, PDF, export
from readiness_kit.workspace.milestones import freeze
from readiness_kit.workspace.session import Session

SUFFIXES = {HTML: ".html", PDF: ".pdf", **{name: form.suffix for name, form in FORMS.items()}}


@click.command()
@FOLDER
@click.option("--snapshot", type=click.Path(path_type=Path),
              help="Report on this snapshot (or bundle, see `readiness assess`) instead of the newest.")  # fmt: skip
@click.option("--weaviate", default="", metavar="NAMESPACE/[KIND/]NAME",
              help="The workload, if there are several; readiness.yaml keeps the choice.")  # fmt: skip
@click.option("-f", "--format", "forms", type=click.Choice(list(SUFFIXES)), multiple=True,
              help="The form to write; may be repeated. Default: html.")  # fmt: skip
@click.option("--pdf", is_flag=True, help="Also write PDF, printed by the Chromium of this machine (extra `pdf`).")
@click.option("--paper", type=click.Choice(["a4", "letter"]), default="a4", show_default=True, help="Paper of the PDF.")
@click.option("--pseudonymise", is_flag=True,
              help="Replace names of clusters, namespaces, nodes, workloads, people and hosts. The key stays in "
              "private/ of the assessment folder.")  # fmt: skip
@click.option(
    "--keep-notes",
    is_flag=True,
    help="With --pseudonymise: keep notes and reasons, with the known names in them replaced.",
)
@click.option("-o", "--out", type=FILE,
              help="The file to write; with several forms their suffixes are added to its name.")  # fmt: skip
def report(folder: Path | None, snapshot: Path | None, weaviate: str, forms: tuple[str, ...], pdf: bool, paper: str,
           pseudonymise: bool, keep_notes: bool, out: Path | None) -> None:  # fmt: skip
    """Write the report as HTML, PDF, JSON, CSV and more.

    HTML is one self-contained file; the other forms have the same content. A file that would contain something of the
    shape of a secret is not written; the error names the place.
    """
    chosen = list(dict.fromkeys((*(forms or (HTML,)), *((PDF,) if pdf else ()))))
    if keep_notes and not pseudonymise:
        raise UsageError("--keep-notes is for pseudonymised reports", "add --pseudonymise, or leave it out")
    if pseudonymise and snapshot and folder is None:
        raise UsageError("pseudonyms need an assessment folder, which keeps their key", "add --folder DIR")
    with assessment_folder(folder, optional=bool(snapshot)) as workspace:
        if snapshot:
            workspace.add_snapshot(bundles.load(snapshot))
            out = out or Path(snapshot.stem)
        if weaviate:
            workspace.write_settings(cluster={"weaviate": weaviate})
        for form in chosen:
            target = _target(out, form, several=len(chosen) > 1 or not out or not out.suffix)
            path = export(workspace, form, target, pseudonymised=pseudonymise, keep_notes=keep_notes, paper=paper,
                          progress=show_report)  # fmt: skip
            write_line(f"The report: {path.resolve()}")


def _target(out: Path | None, form: str, *, several: bool) -> Path | None:
    """Where a form is written: the file as named for one form, its name with the suffix of each for several."""
    if out is None or not several:
        return out
    base = out.with_suffix("") if out.suffix in (*SUFFIXES.values(), ".xml") else out
    return base.with_name(base.name + SUFFIXES[form])


@click.command()
@FOLDER
@click.argument("name")
def milestone(folder: Path | None, name: str) -> None:
    """Freeze the assessment to compare with later.

    NAME identifies the milestone; letters, digits, spaces, dots and dashes.
    """
    workspace = open_folder(folder)
    session = Session(workspace)
    path = freeze(session.assessment(), name, workspace.milestones, scope_of(session.snapshot))
    write_line(f"Milestone: {path}")


@click.command()
@FOLDER
@click.argument("old")
@click.argument("new", default="now")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--fail-on-worse", is_flag=True, help="Exit 1 if a question is a new gap or became worse.")
def compare(folder: Path | None, old: str, new: str, as_json: bool, fail_on_worse: bool) -> None:
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
    write_text((comparison.as_json if as_json else comparison.as_text)(changes, before.name, after.name))
    if fail_on_worse and (changes.new or changes.worse):
        raise SystemExit(EXIT_GATE_FAILED)
