"""What several commands share: options, the assessment folder, progress."""

from __future__ import annotations

import os
import sys
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from readiness_kit.errors import ConfigError

if TYPE_CHECKING:
    from readiness_kit.snapshot import Snapshot
    from readiness_kit.workspace.folder import Folder
    from readiness_kit.workspace.session import Session


FOLDER = click.option(
    "-d", "--folder", type=click.Path(path_type=Path, file_okay=False),
    help="The assessment folder. Default: $READINESS_DIR, else the nearest parent with a readiness.yaml.",
)  # fmt: skip
CLUSTER = (
    click.option("--kubeconfig", default="", help="A kubeconfig file. Default: $KUBECONFIG, else ~/.kube/config."),
    click.option("--context", default="", help="The kubeconfig context. Default: the current one."),
    click.option("-n", "--namespace", "namespaces", multiple=True,
                 help="Namespace-only mode: read only this namespace (may be repeated), nothing cluster-wide."),
    click.option("--weaviate", default="", metavar="NAMESPACE/NAME",
                 help="The Weaviate workload, where a cluster has several."),
    click.option("--weaviate-url", default="", help="Weaviate's REST address (https://weaviate.example.com). The key "
                 "comes from $WEAVIATE_API_KEY, an OIDC token from $WEAVIATE_OIDC_TOKEN."),
    click.option("--weaviate-ca", default="", metavar="FILE",
                 help="Certificate authorities to trust for Weaviate (PEM), in place of the system's."),
    click.option("--prometheus-url", default="", help="A Prometheus-compatible server. A bearer token comes from "
                 "$PROMETHEUS_TOKEN, the tenant (X-Scope-OrgID) from $PROMETHEUS_TENANT."),
    click.option("--prometheus-ca", default="", metavar="FILE",
                 help="Certificate authorities to trust for Prometheus (PEM), in place of the system's."),
    click.option("--prometheus-selector", default="", metavar="MATCHERS",
                 help="Added to every query, as cluster=\"prod\", where several clusters share the server."),
)  # fmt: skip


class Cluster(NamedTuple):
    """What the cluster options said."""

    kubeconfig: str
    context: str
    namespaces: tuple[str, ...]
    weaviate: str
    weaviate_url: str
    prometheus_url: str
    prometheus_selector: str
    weaviate_ca: str
    prometheus_ca: str

    @property
    def given(self) -> bool:
        return any(self._replace(weaviate="", prometheus_selector="", weaviate_ca="", prometheus_ca=""))


def cluster_options(function: Any) -> Any:
    """Adds the options and hands them over as one `cluster: Cluster`."""

    @wraps(function)
    def gathered(**options: Any) -> Any:
        return function(cluster=Cluster(**{name: options.pop(name) for name in Cluster._fields}), **options)

    return _decorated(gathered)


def _decorated(function: Any) -> Any:
    for option in reversed(CLUSTER):
        function = option(function)
    return function


def step(done: int, of: int) -> None:
    """How far the report is: one line that is rewritten on a terminal, elsewhere one line in all."""
    if sys.stderr.isatty():
        click.echo(f"\r\033[KWriting the report: {done} of {of}", err=True, nl=done == of)
    elif done == 0:
        click.echo("Writing the report …", err=True)


def open_folder(folder: Path | None, *, create: bool = False) -> Folder:
    from readiness_kit.workspace.folder import Folder

    if folder is not None:
        if create or (folder / "readiness.yaml").exists():
            return Folder(folder).create()
        raise ConfigError(
            f"{folder} is not an assessment folder: it has no readiness.yaml",
            f"begin one with `readiness collect -d {folder}` or `readiness lab {folder}`",
        )
    try:
        return Folder.find()
    except ConfigError:
        if not create:
            raise
        return Folder(Path.cwd()).create()


class AssessmentFolder:
    """The folder given or found; for one-off runs without any, a temporary one."""

    def __init__(self, folder: Path | None, *, throwaway: bool) -> None:
        self._folder, self._throwaway = folder, throwaway
        self._temporary: Any = None

    def __enter__(self) -> Folder:
        from readiness_kit.workspace.folder import Folder

        try:
            return open_folder(self._folder)
        except ConfigError:
            if self._folder is not None or not self._throwaway or os.environ.get("READINESS_DIR"):
                raise
        import tempfile

        self._temporary = tempfile.TemporaryDirectory(prefix="readiness-")
        return Folder(Path(self._temporary.name)).create()

    def __exit__(self, *_: object) -> None:
        if self._temporary is not None:
            self._temporary.cleanup()


def open_session(home: Folder, snapshot: Path | None, weaviate: str) -> Session:
    from readiness_kit.workspace.session import Session

    return Session(home, snapshot, weaviate)


def collect_now(home: Folder | None, asked: Cluster, quiet: bool) -> Snapshot:
    """Reads the sources that options and settings name, with everything that the profile's evidence needs."""
    from readiness_kit import evidence
    from readiness_kit.checklist import load_checklist
    from readiness_kit.collect import Sources, collect_all, connect
    from readiness_kit.model import Settings

    settings = home.settings if home else Settings()
    questions = load_checklist(profile=settings.profile).questions
    known = settings.cluster
    sources = Sources.of(
        known,
        weaviate_url=asked.weaviate_url,
        prometheus_url=asked.prometheus_url,
        prometheus_selector=asked.prometheus_selector,
        weaviate_ca=asked.weaviate_ca,
        prometheus_ca=asked.prometheus_ca,
    )
    with connect(asked.kubeconfig or known.kubeconfig, asked.context or known.context) as connection:
        return collect_all(
            connection,
            evidence.reads_for(questions),
            sources,
            settings,
            namespaces=asked.namespaces or known.namespaces,
            weaviate=asked.weaviate or known.weaviate,
            progress=None if quiet else _progress(),
        )


def _progress() -> Any:
    """One line that is rewritten on a terminal; elsewhere one line for each kind."""
    live = sys.stderr.isatty()

    def show(event: Any) -> None:
        text = f"{event.done_kinds:>3}/{event.all_kinds} {event.key} {event.state} {event.objects or ''}".rstrip()
        if live:
            click.echo(f"\r\033[K{text}", err=True, nl=event.done_kinds == event.all_kinds)
        elif event.state not in ("start", "page"):
            click.echo(text, err=True)

    return show
