"""`assess`: verdicts on standard output, and the gate for pipelines."""

from __future__ import annotations

from pathlib import Path

import click

from readiness_kit.bundles import as_snapshot
from readiness_kit.cli.collect import take_snapshot
from readiness_kit.cli.folder import assessment_folder
from readiness_kit.cli.manifests import ChartOptions, chart_options, given_file
from readiness_kit.cli.options import FILE, FOLDER, ClusterOptions, cluster_options
from readiness_kit.cli.output import write_line, write_text
from readiness_kit.errors import EXIT_GATE_FAILED, EXIT_NOT_ENOUGH_KNOWN, UsageError
from readiness_kit.facts import FROM_MANIFESTS
from readiness_kit.labels import NOT_RUNNING
from readiness_kit.model import Applicability, Assessment, Level, Severity, State
from readiness_kit.report import content
from readiness_kit.report.exports import FORMS, export
from readiness_kit.report.exports.terminal import as_text, verdict_text
from readiness_kit.report.rendering.render import write
from readiness_kit.workspace.session import Session


@click.command()
@click.argument("snapshot", type=click.Path(path_type=Path), required=False)
@FOLDER
@cluster_options
@chart_options
@click.option("--live", is_flag=True, help="Collect first. Implied by any option that names a cluster or a server.")
@click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in Severity]),
    help="Exit 1 if there is a gap of this severity or above, 7 if not enough is known.",
)
@click.option("--accept-unknown", is_flag=True, help="With --fail-on: exit 0 where no gap was found and not enough is "
              "known, as with manifests alone.")  # fmt: skip
@click.option("-f", "--format", "form", type=click.Choice(["text", *FORMS]), default="text", show_default=True,
              help="The form of the output.")  # fmt: skip
@click.option("-o", "--out", type=FILE, help="Write the output to this file.")
@click.option("-q", "--quiet", is_flag=True, help="Print only the verdict.")
def assess(
    snapshot: Path | None,
    folder: Path | None,
    cluster: ClusterOptions,
    chart: ChartOptions,
    live: bool,
    fail_on: str | None,
    accept_unknown: bool,
    form: str,
    out: Path | None,
    quiet: bool,
) -> None:
    """Judge a snapshot and print the gaps; a gate for CI.

    Without SNAPSHOT the newest one of the assessment folder is judged, with --live the cluster itself.

    SNAPSHOT can also be made by other tools: the output of `readiness collect --script`, a Troubleshoot support
    bundle, a folder of `kubectl cluster-info dump`, or JSON of `kubectl get … -A -o json`, as a file, a folder or an
    archive. The answers of the assessment folder count, if there is one.

    Manifests are judged before they are applied: a file or a folder, - for standard input, or --chart.
    """
    live = live or (cluster._replace(namespaces=()) if chart.chart else cluster).names_a_source
    if live and (snapshot or chart.chart):
        raise UsageError("SNAPSHOT and a live cluster were both given", "give a snapshot file or --live, not both")
    optional = bool(snapshot or chart.chart) or live
    with (
        assessment_folder(folder, optional=optional) as workspace,
        given_file(snapshot, chart, cluster.namespaces) as given,
        as_snapshot(given) as read,
    ):
        if live:
            workspace.add_snapshot(take_snapshot(workspace, cluster, quiet))
        session = Session(workspace, read, cluster.weaviate)
        session.require_facts()
        if form == "text":
            judged = session.assessment()
            body = verdict_text(judged) if quiet else as_text(judged)
            body = f"{FROM_MANIFESTS}\n\n{body}" if session.require_facts().from_manifests else body
        else:
            whole = content.of_session(session)
            judged, body = whole.assessment, export.text(whole, form, out)
    for warning in session.warnings():
        if warning == FROM_MANIFESTS and form == "text":
            continue  # the output begins with it
        write_line(f"Warning: {warning}", err=True)
    if out is None:
        write_text(body.rstrip("\n"))
    else:
        write(out, body if body.endswith("\n") else f"{body}\n")
        write_line(f"Written: {out}", err=True)
    if fail_on:
        code, message = gate(judged, Severity(fail_on))
        if accept_unknown and code == EXIT_NOT_ENOUGH_KNOWN:
            code, message = 0, f"not failed; {message}"
        write_line(f"Gate --fail-on {fail_on}: {message}", err=True)
        raise SystemExit(code)


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
