"""One collection from within a notebook: where from, how far it is, and what becomes of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from readiness_kit.errors import UsageError
from readiness_kit.labels import count
from readiness_kit.markup import esc
from readiness_kit.notebook.views.connection_check import reads_html
from readiness_kit.notebook.views.view import View, told

if TYPE_CHECKING:
    from readiness_kit.collect import Event, Sources
    from readiness_kit.notebook.kit import Kit

NOTHING_YET = "Nothing has been collected yet."


class CollectionRequest(NamedTuple):
    """What to read. `sources` holds the credentials, in memory only."""

    kubeconfig: str
    context: str
    namespaces: tuple[str, ...]
    weaviate: str
    sources: Sources


class ProgressEstimator:
    """Says how far a collection is, and how long it will take as soon as that can be guessed."""

    LEAST_KINDS, LEAST_SECONDS = 5, 1.0

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._objects: dict[str, int] = {}

    def text(self, event: Event) -> str:
        """`12 of 31 kinds read, 5,120 objects; now pods, about 4 s left`."""
        self._objects[event.key] = event.objects
        total = count(sum(self._objects.values()), "object")
        now = f"; now {event.key}" if event.done_kinds < event.all_kinds else ""
        return f"{event.done_kinds} of {event.all_kinds} kinds read, {total}{now}{self._left(event)}"

    def _left(self, event: Event) -> str:
        spent = self._clock() - self._began
        if not self.LEAST_KINDS <= event.done_kinds < event.all_kinds or spent < self.LEAST_SECONDS:
            return ""
        left = spent / event.done_kinds * (event.all_kinds - event.done_kinds)
        return f", about {max(1, round(left))} s left"


def collect_into(
    kit: Kit, wanted: CollectionRequest, progress: Callable[[Event], None] | None, stop: threading.Event
) -> bool:
    """Reads everything into a new snapshot of the folder. False where it was stopped: nothing is kept then."""
    from readiness_kit import evidence
    from readiness_kit.collect import collect_all, connect

    check_addresses(wanted.sources)
    with connect(wanted.kubeconfig, wanted.context) as connection:
        snapshot = collect_all(
            connection,
            evidence.reads_for(kit.session.checklist.questions),
            wanted.sources,
            kit.settings,
            namespaces=wanted.namespaces,
            weaviate=wanted.weaviate,
            progress=progress,
            stop=stop,
        )
    if stop.is_set():
        return False
    kit.folder.add_snapshot(snapshot)
    kit.reload()
    return True


def check_addresses(sources: Sources) -> None:
    """Raises for an address that cannot be used before anything is read, and for credentials in one: it is stored."""
    from readiness_kit.collect.prometheus.client import log_in
    from readiness_kit.collect.weaviate.client import address

    if sources.weaviate_url:
        address(sources.weaviate_url)
    if sources.prometheus_url:
        if "@" in urlsplit(sources.prometheus_url).netloc:
            raise UsageError("the address of Prometheus holds credentials", "leave them out and give a token instead")
        log_in(sources.prometheus_url, sources.prometheus_token, tenant=sources.prometheus_tenant)


def take_file(kit: Kit, path: str) -> None:
    """Copies a snapshot file into the folder, where it is the newest evidence if it was read last."""
    from readiness_kit.snapshot import load

    if not path.strip():
        raise UsageError("no snapshot file is named", "give the path of a .zip that `readiness collect` wrote")
    chosen = Path(path.strip()).expanduser()
    kit.folder.add_snapshot(load(chosen if chosen.is_absolute() else kit.folder.path / chosen))
    kit.reload()


def take_demo(kit: Kit) -> None:
    """Lays the demonstration into a folder that holds nothing yet, so that nobody's own work is mixed with it."""
    from readiness_kit import demo
    from readiness_kit.paths import demo as home
    from readiness_kit.workspace.settings import load_settings

    if kit.folder.snapshots() or kit.folder.answers.all():
        raise UsageError(
            "this folder already holds evidence or answers, and the demonstration would mix with them",
            "open the demonstration in a folder of its own: `readiness demo`, then `readiness lab readiness-demo`",
        )
    example = load_settings(home() / "assessment" / "readiness.yaml")
    kit.folder.write_settings(
        customer=example.customer,
        cluster_name=example.cluster_name,
        assessor=example.assessor,
        participants=example.participants,
        read_heavy=example.read_heavy,
    )
    demo.install(kit.folder.path)
    kit.reload()


def way_to_weaviate(kit: Kit, asked: bool = False) -> str:
    """The `kubectl port-forward` line to the Weaviate that was found; empty before, and where Weaviate has answered.

    With `asked`, also where it has answered before: the way may be closed by now.
    """
    session = kit.session
    if session.snapshot is None or session.facts is None:
        return ""
    from readiness_kit.facts.weaviate.port_forward import port_forward_command

    meta = next((read for read in session.snapshot.manifest.reads if read.key == "weaviate/meta"), None)
    if meta is not None and meta.reason is None and not asked:
        return ""
    return port_forward_command(session.facts)


def collect_now(kit: Kit, wanted: CollectionRequest) -> View:
    """Collects in the foreground; one line of progress is updated in place."""
    from IPython.display import display

    handle = display(View("<p>Connecting …</p>", "Connecting …"), display_id=True)
    pace, last = ProgressEstimator(), [0.0]

    def show(event: Event) -> None:
        text = pace.text(event)
        if handle is not None and (time.monotonic() - last[0] > 0.2 or event.done_kinds == event.all_kinds):
            last[0] = time.monotonic()
            handle.update(View(f"<p>{esc(text)}</p>", text))

    collect_into(kit, wanted, show, threading.Event())
    return View(status_html(kit), "collected")


def status_html(kit: Kit) -> str:
    """Which snapshot, which cluster, which Weaviate, and what could not be read."""
    session = kit.session
    snapshot = session.snapshot
    if snapshot is None:
        return f"<p>{NOTHING_YET}</p>"
    manifest = snapshot.manifest
    when = manifest.taken_at.strftime("%Y-%m-%d %H:%M UTC")
    lines = [
        f"<p><b>Cluster</b> {esc(manifest.context or 'not named')}, Kubernetes {esc(manifest.server_version or '?')},"
        f" read on {esc(when)}</p>"
    ]
    if session.facts is not None:
        workload = session.facts.weaviate
        version = str(workload.version) if workload.version else "version not known"
        lines.append(
            f"<p><b>Weaviate</b> {esc(workload.kind)} {esc(workload.namespace)}/{esc(workload.name)},"
            f" {esc(version)}, {count(workload.replicas, 'replica')}</p>"
        )
    elif session.problem is not None:
        lines.append(f'<div class="flag">⚠ {told(session.problem)}</div>')
    return "".join(lines) + reads_html(manifest.reads)
