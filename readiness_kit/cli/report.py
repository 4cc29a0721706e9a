"""What a customer keeps, and the life after it: reports, milestones, comparisons, fleets."""

from __future__ import annotations

from pathlib import Path

import click

from readiness_kit.cli.common import FOLDER, AssessmentFolder, open_folder, step
from readiness_kit.errors import ConfigError, UsageError

FORMS = ("html", "pdf", "json", "csv", "markdown", "junit", "sarif")


@click.command()
@FOLDER
@click.option("--snapshot", type=click.Path(path_type=Path),
              help="Report on this snapshot (or bundle, see `readiness assess`) instead of the newest.")  # fmt: skip
@click.option(
    "--weaviate",
    default="",
    metavar="NAMESPACE/NAME",
    help="The workload, where there are several; readiness.yaml keeps the choice.",
)
@click.option("-f", "--format", "forms", type=click.Choice(FORMS), multiple=True,
              help="The form to write; may be repeated. Default: html.")  # fmt: skip
@click.option("--pdf", is_flag=True, help="As well as PDF, printed by the Chromium of this machine (extra `pdf`).")
@click.option("--paper", type=click.Choice(["a4", "letter"]), default="a4", show_default=True, help="Paper of the PDF.")
@click.option("--pseudonymise", is_flag=True,
              help="Replace names of clusters, namespaces, nodes, workloads, people and hosts. What stands for what "
              "stays in private/ of the assessment folder.")  # fmt: skip
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False),
              help="The file to write; with several forms their suffixes are added to its name.")  # fmt: skip
def report(folder: Path | None, snapshot: Path | None, weaviate: str, forms: tuple[str, ...], pdf: bool, paper: str,
           pseudonymise: bool, out: Path | None) -> None:  # fmt: skip
    """Write the report: one self-contained HTML file, or other forms of the same content.

    A file that would hold something of the shape of a secret is not written; the error names the place.
    """
    from readiness_kit.report.exports.export import export

    wanted = list(dict.fromkeys((*forms, *(["html"] if not forms else []), *(["pdf"] if pdf else []))))
    if pseudonymise and snapshot and folder is None:
        raise UsageError("pseudonyms need an assessment folder, which keeps their key", "give --folder DIR as well")
    with AssessmentFolder(folder, throwaway=bool(snapshot)) as home:
        if snapshot:
            from readiness_kit.bundles import load

            home.add_snapshot(load(snapshot))
            out = out or Path(snapshot.stem)
        if weaviate:
            home.write_settings(cluster={"weaviate": weaviate})
        for form in wanted:
            target = _target(out, form, several=len(wanted) > 1 or not out or not out.suffix)
            path = export(home, form, target, pseudonymised=pseudonymise, paper=paper, progress=step)
            click.echo(f"The report: {path.resolve()}")


def _target(out: Path | None, form: str, *, several: bool) -> Path | None:
    """Where a form goes: the file as named for one, the name with each one's suffix for several."""
    if out is None or not several:
        return out
    from readiness_kit.report.exports import FORMS as OTHERS

    suffix = OTHERS[form].suffix if form in OTHERS else f".{form}"
    base = out.with_suffix("") if out.suffix in (".html", ".pdf", ".json", ".csv", ".md", ".xml", ".sarif") else out
    return base.with_name(base.name + suffix)


@click.command()
@FOLDER
@click.argument("name")
def milestone(folder: Path | None, name: str) -> None:
    """Freeze the assessment as it stands under NAME, to compare with later."""
    from readiness_kit.report.content import scope_of
    from readiness_kit.workspace.milestones import freeze
    from readiness_kit.workspace.session import Session

    home = open_folder(folder)
    session = Session(home)
    path = freeze(session.assessment(), name, home.milestones, scope_of(session.snapshot))
    click.echo(f"Milestone: {path}")


@click.command()
@FOLDER
@click.argument("old")
@click.argument("new", default="now")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--fail-on-worse", is_flag=True, help="Exit 1 where a question is new among the gaps, or worse.")
def compare(folder: Path | None, old: str, new: str, as_json: bool, fail_on_worse: bool) -> None:
    """Say what changed from OLD to NEW (default: the assessment as it stands).

    Each is a milestone's name or file, a snapshot, an assessment folder, or `now`. Where less was seen, less was
    permitted or the question changed, the two are incomparable, and no gain is claimed.
    """
    from readiness_kit.assessment.comparison import compare as compare_assessments
    from readiness_kit.report.exports import comparison

    try:
        home = open_folder(folder)
    except ConfigError:
        if folder is not None:
            raise
        home = None
    before, after = comparison.named(old, home), comparison.named(new, home)
    found = compare_assessments(before, after)
    click.echo((comparison.as_json if as_json else comparison.as_text)(found, before.name, after.name))
    if fail_on_worse and (found.new or found.worse):
        from readiness_kit.errors import EXIT_GATE_FAILED

        raise SystemExit(EXIT_GATE_FAILED)


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("-o", "--out", type=click.Path(path_type=Path), default="fleet.html", show_default=True,
              help="The file to write; each form takes its own suffix.")  # fmt: skip
@click.option("-f", "--format", "forms", type=click.Choice(["html", "json"]), multiple=True, help="Default: both.")
def fleet(folders: tuple[Path, ...], out: Path, forms: tuple[str, ...]) -> None:
    """Put several assessments side by side: level, score, coverage, blockers, and every question by cluster."""
    from readiness_kit.fleet.page import fleet as together
    from readiness_kit.fleet.page import write_forms

    found = together(folders)
    for path in write_forms(found, out, forms or ("html", "json")):
        click.echo(f"The fleet: {path.resolve()}")
    for name, why in found.failed.items():
        click.echo(f"Not judged: {name}: {why}", err=True)
    if found.failed:
        raise SystemExit(ConfigError.exit_code)
