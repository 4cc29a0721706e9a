"""Judging, and the gate for pipelines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from readiness_kit.cli.common import FOLDER, AssessmentFolder, Cluster, cluster_options, collect_now, open_session
from readiness_kit.errors import EXIT_GATE_FAILED, EXIT_NOT_ENOUGH_KNOWN, UsageError

if TYPE_CHECKING:
    from readiness_kit.model import Assessment


@click.command()
@click.argument("snapshot", type=click.Path(path_type=Path), required=False)
@FOLDER
@cluster_options
@click.option("--live", is_flag=True, help="Collect first. Implied by any option that names a cluster or a server.")
@click.option(
    "--fail-on",
    type=click.Choice(["critical", "high", "medium", "low"]),
    help="Exit 1 where there is a gap of this severity or above, 7 where too little is known.",
)
@click.option("-f", "--format", "form", type=click.Choice(["text", "json", "csv", "markdown", "junit", "sarif"]),
              default="text", show_default=True, help="What to print.")  # fmt: skip
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write it to this file instead.")
@click.option("-q", "--quiet", is_flag=True, help="Only the verdict.")
def assess(
    snapshot: Path | None,
    folder: Path | None,
    cluster: Cluster,
    live: bool,
    fail_on: str | None,
    form: str,
    out: Path | None,
    quiet: bool,
) -> None:
    """Judge the newest snapshot (or SNAPSHOT, or with --live the cluster itself) and print the gaps.

    SNAPSHOT can also be made by others: the output of `readiness collect --script`, a Troubleshoot support bundle, a
    folder of `kubectl cluster-info dump`, or JSON of `kubectl get … -A -o json`, as a file, a folder or an archive.
    Answers of the assessment folder count where there is one.
    """
    from readiness_kit.bundles import as_snapshot
    from readiness_kit.report.exports.terminal import as_text, verdict_text

    live = live or cluster.given
    if live and snapshot:
        raise UsageError("a snapshot file and --live were both given", "give one of them")
    with AssessmentFolder(folder, throwaway=bool(snapshot) or live) as home, as_snapshot(snapshot) as read:
        if live:
            home.add_snapshot(collect_now(home, cluster, quiet))
        session = open_session(home, read, cluster.weaviate)
        session.require_facts()
        if form == "text":
            judged = session.assessment()
            body = verdict_text(judged) if quiet else as_text(judged)
        else:
            from readiness_kit.report import content
            from readiness_kit.report.exports import export

            whole = content.of_session(session)
            judged, body = whole.assessment, export.text(whole, form, out)
    _put(body, out)
    if fail_on:
        raise SystemExit(_gate(judged, fail_on))


def _put(body: str, out: Path | None) -> None:
    if out is None:
        click.echo(body.rstrip("\n"))
        return
    from readiness_kit.report.rendering.render import write

    write(out, body if body.endswith("\n") else f"{body}\n")
    click.echo(f"Written: {out}", err=True)


def _gate(judged: Assessment, fail_on: str) -> int:
    """1 for a gap of the severity or above; else 7 where a critical question is open or too little is known."""
    from readiness_kit.model import Level, Severity, State

    order = list(Severity)
    severe = set(order[: order.index(Severity(fail_on)) + 1])
    gaps = [v for v in judged.verdicts if v.state in (State.GAP, State.CONTRADICTED) and v.severity in severe]
    if gaps:
        click.echo(f"Gate --fail-on {fail_on}: failed by {', '.join(v.question.number for v in gaps)}", err=True)
        return EXIT_GATE_FAILED
    open_critical = [v for v in judged.verdicts if v.state is State.OPEN and v.question.severity is Severity.CRITICAL]
    if open_critical or judged.level is Level.NOT_ENOUGH_KNOWN:
        click.echo(f"Gate --fail-on {fail_on}: not enough known. {judged.level_why}", err=True)
        return EXIT_NOT_ENOUGH_KNOWN
    click.echo(f"Gate --fail-on {fail_on}: passed", err=True)
    return 0
