"""`assess`: verdicts on standard output or in files, and the gate for pipelines."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import click
from msgspec.structs import replace

from readiness_kit.bundles import as_snapshot
from readiness_kit.cli.commands.collect import keep, require_sources, take_snapshot
from readiness_kit.cli.common import is_verbose, verbose_option
from readiness_kit.cli.folder import assessment_folder
from readiness_kit.cli.forms import STANDARD, Output, output_option, printed_once, write_output, write_styled
from readiness_kit.cli.manifests import ChartOptions, chart_options, given_file
from readiness_kit.cli.options import FOLDER, QUIET, SNAPSHOT, ClusterOptions, cluster_options
from readiness_kit.cli.output import write_line
from readiness_kit.errors import EXIT_GATE_FAILED, EXIT_NOT_ENOUGH_KNOWN, UsageError
from readiness_kit.facts import FROM_MANIFESTS
from readiness_kit.labels import NOT_RUNNING
from readiness_kit.model import Applicability, Assessment, Level, Severity, State
from readiness_kit.report import content
from readiness_kit.report.exports import FORMS, terminal
from readiness_kit.report.exports.export import text as export_text
from readiness_kit.report.what_to_do import with_fixes
from readiness_kit.workspace.folder import Folder
from readiness_kit.workspace.session import Session

TEXT = "text"


@click.command()
@FOLDER
@SNAPSHOT
@chart_options
@click.option("--live", is_flag=True, help="Collect first. Implied by any option that names a cluster or a server.")
@click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in Severity]),
    help="Exit 1 if there is a gap of this severity or above, 7 if not enough is known.",
)
@click.option("--accept-unknown", is_flag=True, help="With --fail-on: exit 0 where no gap was found and not enough is "
              "known, as with manifests alone.")  # fmt: skip
@output_option(TEXT, *FORMS, several=True)
@QUIET
@verbose_option("Also print every question that is not met, all failed values and the advisories in full.")
@cluster_options
def assess(
    folder: Path | None,
    snapshot: Path | None,
    chart: ChartOptions,
    live: bool,
    fail_on: str | None,
    accept_unknown: bool,
    outputs: tuple[Output, ...],
    quiet: bool,
    cluster: ClusterOptions,
) -> None:
    """Judge a snapshot and print the gaps; a gate for CI.

    The newest snapshot of the assessment folder is judged, or SNAPSHOT, or with --live the cluster itself. The answers
    of the assessment folder count, if there is one.

    \b
    SNAPSHOT is a snapshot of the kit or a bundle of another tool:
      the output of `readiness collect --script`
      a Troubleshoot support bundle
      a folder of `kubectl cluster-info dump`
      JSON of `kubectl get ... -A -o json`

    Manifests are judged before they are applied: a file or a folder, - for standard input, or --chart.
    """  # noqa: D301 - click reads the control character
    named = cluster.connection._replace(namespaces=()) if chart.chart else cluster.connection
    live = live or cluster._replace(connection=named).names_a_source
    if live and (snapshot or chart.chart):
        raise UsageError("a snapshot file and a live cluster were both given", "name a file or give --live, not both")
    placed = printed_once(outputs)
    optional = bool(snapshot or chart.chart) or live
    with (
        given_file(snapshot, chart, cluster.connection.namespaces) as given,
        assessment_folder(folder, optional=optional) as workspace,
        as_snapshot(given) as read,
    ):
        if live:
            _collect(workspace, cluster, quiet)
        session = Session(workspace, read, cluster.weaviate)
        session.require_facts()
        judged = session.assessment()
        text = any(output.form == TEXT for output in placed)
        for warning in session.warnings():
            if warning != FROM_MANIFESTS or not text:  # the text begins with it
                write_line(f"Warning: {warning}", err=True)
        judged_file = chart.values[-1] if chart.values else snapshot
        source = repository_path(judged_file) if chart.chart or session.require_facts().from_manifests else ""
        for output in placed:
            _write(session, judged, output, quiet, source)
    if fail_on:
        code, message = gate(judged, Severity(fail_on))
        if accept_unknown and code == EXIT_NOT_ENOUGH_KNOWN:
            code, message = 0, f"not failed; {message}"
        write_line(f"Gate --fail-on {fail_on}: {message}", err=True)
        raise SystemExit(code)


def _collect(workspace: Folder, cluster: ClusterOptions, quiet: bool) -> None:
    collected = take_snapshot(workspace, cluster, quiet)
    keep(workspace, collected, cluster)
    require_sources(collected, cluster)


def repository_path(path: Path | None) -> str:
    """The file as a relative URI within the working directory; empty where it is not a file in there."""
    here = Path.cwd().resolve()
    if path is None or not path.is_file() or not path.resolve().is_relative_to(here):
        return ""
    return quote(path.resolve().relative_to(here).as_posix())


def _write(session: Session, judged: Assessment, output: Output, quiet: bool, source: str) -> None:
    if output.form != TEXT:
        file = output.file if output.file != STANDARD else None
        whole = replace(content.of_session(session), source=source)
        write_output(output, export_text(whole, output.form, file))
        return
    subject = content.subject(judged, session.settings, session.snapshot, session.facts)
    if quiet:
        lines = terminal.verdict_text(judged, subject.line)
    else:
        named = with_fixes(judged, session.facts, session.settings)
        lines = terminal.as_lines(named, subject.line, verbose=is_verbose())
    from_manifests = session.require_facts().from_manifests
    write_styled(output, [*([terminal.line(FROM_MANIFESTS), terminal.Line()] if from_manifests else []), *lines])


def gate(judged: Assessment, fail_on: Severity) -> tuple[int, str]:
    """The exit code of the gate and its message.

    1 if Weaviate is not running properly, or there is a gap or an applying advisory of severity `fail_on` or above; 7
    if a critical question is open or the level is not enough known; otherwise 0.
    """
    order = list(Severity)
    severe = order[: order.index(fail_on) + 1]
    gaps = [row for row in judged.verdicts if row.state in (State.GAP, State.CONTRADICTED) and row.severity in severe]
    failed = [NOT_RUNNING] if judged.running is not None and judged.running.blocking else []
    failed += [row.question.number for row in gaps]
    applying = [row for row in judged.advisories if row.applicability is Applicability.APPLIES]
    failed += [row.id for row in applying if row.severity in severe]
    if failed:
        return EXIT_GATE_FAILED, f"failed by {', '.join(failed)}"
    open_critical = any(
        row.state is State.OPEN and row.question.severity is Severity.CRITICAL for row in judged.verdicts
    )
    if open_critical or judged.level is Level.NOT_ENOUGH_KNOWN:
        return EXIT_NOT_ENOUGH_KNOWN, f"not enough known. {judged.level_why}"
    return 0, "passed"
