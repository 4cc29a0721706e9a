"""`collect` and `rbac`: reading the cluster, and the role that this needs."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import click
import msgspec

from readiness_kit import evidence, snapshot
from readiness_kit.checklist import load_checklist
from readiness_kit.cli.common import is_verbose, verbose_option
from readiness_kit.cli.folder import folder_to_create, open_folder
from readiness_kit.cli.forms import STANDARD, Output, output_option, write_output
from readiness_kit.cli.options import FOLDER, PROFILE, QUIET, ClusterOptions, cluster_options
from readiness_kit.cli.output import write_bytes, write_line, write_text
from readiness_kit.cli.progress import Collection
from readiness_kit.cli.reads import reads_lines, unreachable_source
from readiness_kit.cli.styled import write_lines
from readiness_kit.collect import Sources, cluster_role, collect_all, connect
from readiness_kit.collect.kubernetes.impersonation import Impersonation
from readiness_kit.collect.kubernetes.scope import check_namespaces
from readiness_kit.collect.kubernetes.script import script
from readiness_kit.collect.prometheus.collector import plan, plan_text
from readiness_kit.errors import UsageError
from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Profile, Settings
from readiness_kit.snapshot import Snapshot
from readiness_kit.workspace.clusters import require_same_cluster
from readiness_kit.workspace.folder import Folder


@click.command()
@FOLDER
@cluster_options
@output_option("snapshot", note="Without a file it is added to the assessment folder.")
@QUIET
@verbose_option("List every read with what it kept.")
@click.option("--script", "as_script", is_flag=True, help="Connect to nothing: print a shell script that lists the "
              "same objects with kubectl. `readiness assess FILE` reads its output.")  # fmt: skip
@click.option("--prometheus-dry-run", "dry_run", is_flag=True, help="Send nothing: print the queries that Prometheus "
              "would get for the newest snapshot.")  # fmt: skip
def collect(
    folder: Path | None, cluster: ClusterOptions, outputs: Output, quiet: bool, as_script: bool, dry_run: bool
) -> None:
    """Read the cluster once and save a snapshot.

    Only GET requests are sent, only the fields that the evidence needs are kept, and Secrets are never read. A
    collection that fails leaves nothing behind.
    """
    if as_script:
        write_text(script(evidence.reads_for(load_checklist().questions), cluster.connection.namespaces), end="")
        return
    if dry_run:
        write_text(_queries(open_folder(folder), cluster))
        return
    workspace = None if outputs.file else folder_to_create(folder)
    collected = take_snapshot(workspace, cluster, quiet)
    piped = outputs.file == STANDARD
    if piped:
        write_bytes(_as_bytes(collected))
    elif outputs.file:
        collected.save(outputs.file)
    saved = outputs.file or keep(workspace, collected, cluster)
    if not quiet:
        write_lines(reads_lines(collected.manifest.reads, verbose=is_verbose()), err=piped)
    if not piped:
        write_line(f"Snapshot: {saved}")
    facts = ClusterFacts(collected, cluster.weaviate)  # the snapshot is kept even if no Weaviate is found in it
    for warning in facts.warnings:
        write_line(f"Warning: {warning}", err=True)
    require_sources(collected, cluster)


@click.command()
@click.option(
    "-n", "--namespace", "namespaces", multiple=True, metavar="NAMESPACE",
    help="A Role for this namespace instead of a ClusterRole. May be repeated.",
)  # fmt: skip
@PROFILE
@click.option("--serviceaccount", default="", metavar="NAMESPACE/NAME", help="Bind the role to this ServiceAccount.")
@click.option("--user", default="", help="Bind the role to this user.")
@click.option("--group", default="", help="Bind the role to this group.")
@output_option("yaml")
def rbac(namespaces: tuple[str, ...], profile: str, serviceaccount: str, user: str, group: str,
         outputs: Output) -> None:  # fmt: skip
    """Print the read-only Kubernetes role that collecting needs.

    It permits listing what the evidence of the profile reads: no Secrets, no writes. Apply it with
    `kubectl apply -f -`.
    """
    reads = evidence.reads_for(load_checklist(profile=Profile(profile)).questions)
    role = cluster_role(reads, namespaces=namespaces, service_account=serviceaccount, user=user, group=group)
    write_output(outputs, role)


def take_snapshot(folder: Folder | None, options: ClusterOptions, quiet: bool) -> Snapshot:
    """Reads what the evidence of the folder's profile needs, from the sources that options and settings name.

    An option takes precedence over the environment, and that over the setting of the same name.
    """
    settings = folder.settings if folder and folder.exists else Settings()
    configured = settings.cluster
    chosen = options.connection.over(configured)
    sources = Sources.of(
        configured,
        weaviate_url=options.weaviate_url or os.environ.get("WEAVIATE_URL", ""),
        prometheus_url=options.prometheus_url or os.environ.get("PROMETHEUS_URL", ""),
        prometheus_selector=options.prometheus_selector,
        weaviate_ca=options.weaviate_ca,
        prometheus_ca=options.prometheus_ca,
    )
    check_namespaces(chosen.namespaces)  # before anything is contacted
    impersonate = Impersonation(chosen.user, chosen.groups) if chosen.user else None
    with (
        connect(chosen.kubeconfig, chosen.context, timeout=chosen.timeout, impersonate=impersonate) as connection,
        Collection(quiet) as progress,
    ):
        return collect_all(
            connection,
            evidence.reads_for(load_checklist(profile=settings.profile).questions),
            sources,
            settings,
            namespaces=chosen.namespaces,
            weaviate=options.weaviate or configured.weaviate,
            progress=progress,
        )


def keep(folder: Folder | None, collected: Snapshot, options: ClusterOptions) -> Path:
    """Adds a snapshot to the folder, which is created if it does not exist, and returns its file.

    Raises UsageError if the folder belongs to another cluster.
    """
    home = folder or Folder(Path.cwd())
    if not options.another_cluster:
        require_same_cluster(home, collected)
    return home.create().add_snapshot(collected)


def require_sources(collected: Snapshot, options: ClusterOptions) -> None:
    """With --require-sources, raises UnreachableError for Weaviate or Prometheus of which nothing was read."""
    if options.require_sources and (problem := unreachable_source(collected.manifest.reads)):
        raise problem


def _as_bytes(collected: Snapshot) -> bytes:
    with tempfile.TemporaryDirectory(prefix="readiness-") as folder:
        path = Path(folder) / "snapshot.zip"
        collected.save(path)
        return path.read_bytes()


def _queries(folder: Folder, options: ClusterOptions) -> str:
    newest = folder.latest_snapshot()
    if newest is None:
        raise UsageError(f"{folder.path} has no snapshot to plan queries for", "run `readiness collect` first")
    settings = folder.settings
    cluster = msgspec.structs.replace(settings.cluster, weaviate=options.weaviate or settings.cluster.weaviate)
    chosen = msgspec.structs.replace(settings, cluster=cluster)
    return plan_text(plan(snapshot.load(newest), selector=options.prometheus_selector, settings=chosen))
