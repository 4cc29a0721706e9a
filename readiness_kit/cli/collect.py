"""Reading the cluster: the collection itself, and the role that it needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from readiness_kit.cli.common import FOLDER, Cluster, cluster_options, collect_now, open_folder
from readiness_kit.errors import UsageError

if TYPE_CHECKING:
    from readiness_kit.snapshot import Snapshot
    from readiness_kit.workspace.folder import Folder


@click.command()
@FOLDER
@cluster_options
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the snapshot to this file.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@click.option("--script", "as_script", is_flag=True, help="Connect to nothing: print a shell script that lists the "
              "same with kubectl alone. `readiness assess` reads its output.")  # fmt: skip
@click.option("--prometheus-dry-run", "dry_run", is_flag=True, help="Ask nothing: print the queries that Prometheus "
              "would get, for the newest snapshot.")  # fmt: skip
def collect(
    folder: Path | None, cluster: Cluster, out: Path | None, quiet: bool, as_script: bool, dry_run: bool
) -> None:
    """Read the cluster once and keep what was read as a snapshot file.

    Only lists are read (GET), only the fields that the evidence needs are kept, Secrets are never asked for.
    """
    if as_script:
        click.echo(_script(cluster.namespaces), nl=False)
        return
    if dry_run:
        click.echo(_queries(open_folder(folder), cluster.prometheus_selector))
        return
    assessment = None if out else open_folder(folder, create=True)
    snapshot = collect_now(assessment, cluster, quiet)
    if out:
        snapshot.save(out)
    path = out or assessment.add_snapshot(snapshot)  # type: ignore[union-attr]
    _say_reads(snapshot)
    click.echo(f"Snapshot: {path}")
    from readiness_kit.facts import ClusterFacts

    ClusterFacts(snapshot, cluster.weaviate)


@click.command()
@click.option(
    "-n", "--namespace", "namespaces", multiple=True, help="A Role for this namespace instead of a ClusterRole."
)
@click.option("--profile", type=click.Choice(["core", "extended"]), default="core", show_default=True)
@click.option("--serviceaccount", default="", metavar="NAMESPACE/NAME", help="Bind it to this ServiceAccount.")
@click.option("--user", default="", help="Bind it to this user.")
@click.option("--group", default="", help="Bind it to this group.")
def rbac(namespaces: tuple[str, ...], profile: str, serviceaccount: str, user: str, group: str) -> None:
    """Print the Kubernetes role that a collection needs: list only, no Secrets, no writes.

    Made from what the evidence functions of the profile read; apply it with `kubectl apply -f -`.
    """
    from readiness_kit import evidence
    from readiness_kit.checklist import load_checklist
    from readiness_kit.collect import cluster_role
    from readiness_kit.model import Profile

    questions = load_checklist(profile=Profile(profile)).questions
    click.echo(cluster_role(evidence.reads_for(questions), namespaces=namespaces, service_account=serviceaccount,
                            user=user, group=group), nl=False)  # fmt: skip


def _script(namespaces: tuple[str, ...]) -> str:
    from readiness_kit import evidence
    from readiness_kit.checklist import load_checklist
    from readiness_kit.collect.kubernetes.script import script

    return script(evidence.reads_for(load_checklist().questions), namespaces)


def _queries(home: Folder, selector: str) -> str:
    from readiness_kit.collect.prometheus.collector import plan, plan_text
    from readiness_kit.snapshot import load

    newest = home.latest_snapshot()
    if newest is None:
        raise UsageError("there is no snapshot to plan queries for", "collect from the cluster first")
    return plan_text(plan(load(newest), selector=selector, settings=home.settings))


def _say_reads(snapshot: Snapshot) -> None:
    from readiness_kit.labels import REASON_WORDS, count
    from readiness_kit.model import Reason

    reads = snapshot.manifest.reads
    missing = [read for read in reads if read.reason not in (None, Reason.ABSENT)]
    click.echo(f"Read {count(len(reads) - len(missing), 'kind')}; {len(missing)} could not be read")
    for read in missing:
        click.echo(f"  {read.key}: {REASON_WORDS[read.reason]}" + (f" ({read.message})" if read.message else ""))  # type: ignore[index]
