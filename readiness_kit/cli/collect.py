"""`collect` and `rbac`: reading the cluster, and the role that this needs."""

from __future__ import annotations

from pathlib import Path

import click

from readiness_kit import evidence, snapshot
from readiness_kit.checklist import load_checklist
from readiness_kit.cli.folder import open_folder
from readiness_kit.cli.options import FILE, FOLDER, PROFILE, ClusterOptions, cluster_options
from readiness_kit.cli.output import write_line, write_text
from readiness_kit.cli.progress import show_collection
from readiness_kit.collect import Sources, cluster_role, collect_all, connect
from readiness_kit.collect.kubernetes.script import script
from readiness_kit.collect.prometheus.collector import plan, plan_text
from readiness_kit.errors import UsageError
from readiness_kit.facts import ClusterFacts
from readiness_kit.labels import REASON_WORDS, count
from readiness_kit.model import Profile, Reason, Settings
from readiness_kit.snapshot import Snapshot
from readiness_kit.workspace.folder import Folder


@click.command()
@FOLDER
@cluster_options
@click.option("-o", "--out", type=FILE, help="Write the snapshot to this file instead of the assessment folder.")
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
@click.option("--script", "as_script", is_flag=True, help="Connect to nothing: print a shell script that lists the "
              "same objects with kubectl. `readiness assess` reads its output.")  # fmt: skip
@click.option("--prometheus-dry-run", "dry_run", is_flag=True, help="Send nothing: print the queries that Prometheus "
              "would get for the newest snapshot.")  # fmt: skip
def collect(
    folder: Path | None, cluster: ClusterOptions, out: Path | None, quiet: bool, as_script: bool, dry_run: bool
) -> None:
    """Read the cluster once and save a snapshot.

    Only GET requests are sent, only the fields that the evidence needs are kept, and Secrets are never read.
    """
    if as_script:
        write_text(script(evidence.reads_for(load_checklist().questions), cluster.namespaces), end="")
        return
    if dry_run:
        write_text(_queries(open_folder(folder), cluster.prometheus_selector))
        return
    if out:
        collected = take_snapshot(None, cluster, quiet)
        collected.save(out)
    else:
        workspace = open_folder(folder, create=True)
        collected = take_snapshot(workspace, cluster, quiet)
        out = workspace.add_snapshot(collected)
    _print_reads(collected)
    write_line(f"Snapshot: {out}")
    facts = ClusterFacts(collected, cluster.weaviate)  # the snapshot is kept even if no Weaviate is found in it
    for warning in facts.warnings:
        write_line(f"Warning: {warning}", err=True)


@click.command()
@click.option(
    "-n", "--namespace", "namespaces", multiple=True, help="A Role for this namespace instead of a ClusterRole."
)
@PROFILE
@click.option("--serviceaccount", default="", metavar="NAMESPACE/NAME", help="Bind the role to this ServiceAccount.")
@click.option("--user", default="", help="Bind the role to this user.")
@click.option("--group", default="", help="Bind the role to this group.")
def rbac(namespaces: tuple[str, ...], profile: str, serviceaccount: str, user: str, group: str) -> None:
    """Print the read-only Kubernetes role that collecting needs.

    It permits listing what the evidence of the profile reads: no Secrets, no writes. Apply it with
    `kubectl apply -f -`.
    """
    reads = evidence.reads_for(load_checklist(profile=Profile(profile)).questions)
    role = cluster_role(reads, namespaces=namespaces, service_account=serviceaccount, user=user, group=group)
    write_text(role, end="")


def take_snapshot(folder: Folder | None, options: ClusterOptions, quiet: bool) -> Snapshot:
    """Reads what the evidence of the folder's profile needs, from the sources that options and settings name.

    An option takes precedence over the setting of the same name.
    """
    settings = folder.settings if folder else Settings()
    configured = settings.cluster
    sources = Sources.of(
        configured,
        weaviate_url=options.weaviate_url,
        prometheus_url=options.prometheus_url,
        prometheus_selector=options.prometheus_selector,
        weaviate_ca=options.weaviate_ca,
        prometheus_ca=options.prometheus_ca,
    )
    with connect(options.kubeconfig or configured.kubeconfig, options.context or configured.context) as connection:
        return collect_all(
            connection,
            evidence.reads_for(load_checklist(profile=settings.profile).questions),
            sources,
            settings,
            namespaces=options.namespaces or configured.namespaces,
            weaviate=options.weaviate or configured.weaviate,
            progress=None if quiet else show_collection,
        )


def _queries(folder: Folder, selector: str) -> str:
    newest = folder.latest_snapshot()
    if newest is None:
        raise UsageError(f"{folder.path} has no snapshot to plan queries for", "run `readiness collect` first")
    return plan_text(plan(snapshot.load(newest), selector=selector, settings=folder.settings))


def _print_reads(collected: Snapshot) -> None:
    reads = collected.manifest.reads
    unread = [(read, read.reason) for read in reads if read.reason not in (None, Reason.ABSENT)]
    write_line(f"Read {count(len(reads) - len(unread), 'kind')}; {len(unread)} could not be read")
    for read in reads:
        if read.reason is None and read.message:
            write_line(f"  {read.key}: {read.message}")
    for read, reason in unread:
        if reason:
            write_line(f"  {read.key}: {REASON_WORDS[reason]}" + (f" ({read.message})" if read.message else ""))
