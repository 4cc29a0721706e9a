"""Ways to get evidence into the assessment folder: a collection, a snapshot file, the demonstration."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from IPython.display import display

from readiness_kit import demo, evidence, paths
from readiness_kit.bundles import load
from readiness_kit.collect import Event, Sources, collect_all, connect
from readiness_kit.collect.prometheus.client import log_in
from readiness_kit.collect.weaviate.client import address
from readiness_kit.errors import UsageError
from readiness_kit.facts.weaviate.port_forward import port_forward_command
from readiness_kit.labels import count
from readiness_kit.notebook.controller import Controller
from readiness_kit.notebook.views.scope import evidence_html
from readiness_kit.notebook.views.view import View, sentence
from readiness_kit.workspace.settings import load_settings

SECONDS_BETWEEN_UPDATES = 0.2


class CollectionRequest(NamedTuple):
    """What to read. `sources` contains the credentials, in memory only."""

    kubeconfig: str
    context: str
    namespaces: tuple[str, ...]
    weaviate: str
    sources: Sources


class ProgressEstimator:
    """Describes the progress of a collection, with the remaining time once it can be estimated."""

    MIN_KINDS, MIN_SECONDS = 5, 1.0

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._started = clock()
        self._objects: dict[str, int] = {}

    def text(self, event: Event) -> str:
        """`12 of 31 kinds read, 5,120 objects; reading pods, about 4 s left`."""
        self._objects[event.key] = event.objects
        total = count(sum(self._objects.values()), "object")
        current = f"; reading {event.key}" if event.done_kinds < event.all_kinds else ""
        return f"{event.done_kinds} of {event.all_kinds} kinds read, {total}{current}{self._remaining(event)}"

    def _remaining(self, event: Event) -> str:
        elapsed = self._clock() - self._started
        if not self.MIN_KINDS <= event.done_kinds < event.all_kinds or elapsed < self.MIN_SECONDS:
            return ""
        seconds = elapsed / event.done_kinds * (event.all_kinds - event.done_kinds)
        return f", about {max(1, round(seconds))} s left"


def collect_into(
    controller: Controller,
    request: CollectionRequest,
    progress: Callable[[Event], None] | None,
    stop: threading.Event,
) -> bool:
    """Reads the sources into a new snapshot of the folder. Returns False if it was stopped; nothing is saved then.

    Raises ReadinessError if a source cannot be used at all.
    """
    check_addresses(request.sources)
    with connect(request.kubeconfig, request.context) as connection:
        snapshot = collect_all(
            connection,
            evidence.reads_for(controller.session.checklist.questions),
            request.sources,
            controller.settings,
            namespaces=request.namespaces,
            weaviate=request.weaviate,
            progress=progress,
            stop=stop,
        )
    if stop.is_set():
        return False
    controller.folder.add_snapshot(snapshot)
    controller.reload()
    return True


def check_addresses(sources: Sources) -> None:
    """Raises UsageError for an unusable address, and for credentials in an address, because addresses are stored."""
    if sources.weaviate_url:
        address(sources.weaviate_url)
    if sources.prometheus_url:
        if "@" in urlsplit(sources.prometheus_url).netloc:
            raise UsageError("the address of Prometheus contains credentials", "remove them and use a token instead")
        log_in(sources.prometheus_url, sources.prometheus_token, tenant=sources.prometheus_tenant)


def add_snapshot_file(controller: Controller, path: str) -> None:
    """Reads a snapshot, a bundle or manifests into the folder; relative paths start there. It becomes the evidence.

    Raises ReadinessError if the file cannot be read.
    """
    if not path.strip():
        raise UsageError(
            "no file is named", "enter the path of a .zip file from `readiness collect`, of a bundle or of manifests"
        )
    chosen = Path(path.strip()).expanduser()
    controller.folder.add_snapshot(load(chosen if chosen.is_absolute() else controller.folder.path / chosen))
    controller.reload()


def load_demonstration(controller: Controller) -> None:
    """Copies the demonstration into an empty folder. Raises UsageError for any other: nothing is overwritten."""
    if found := _content(controller):
        raise UsageError(
            f"this folder already contains {found}, and the demonstration must not be mixed with it",
            "open the demonstration in a separate folder: `readiness demo`, then `readiness lab -d readiness-demo`",
        )
    example = load_settings(paths.demo() / "assessment" / "readiness.yaml")
    controller.folder.write_settings(
        customer=example.customer,
        cluster_name=example.cluster_name,
        assessor=example.assessor,
        participants=example.participants,
        read_heavy=example.read_heavy,
    )
    demo.lay_out(controller.folder.path)
    controller.reload()


def _content(controller: Controller) -> str:
    """What a person or a collection put into the folder, for a sentence; empty where there is nothing yet."""
    folder, settings = controller.folder, controller.settings
    found = {
        "evidence": bool(folder.snapshots()),
        "answers": bool(folder.answers.all()),
        "accepted risks": bool(folder.waivers),
        "details of another assessment": bool(settings.customer or settings.cluster_name or settings.participants),
    }
    return " and ".join(name for name, present in found.items() if present)


def weaviate_port_forward(controller: Controller, *, always: bool = False) -> str:
    """The `kubectl port-forward` command for the Weaviate that was found.

    Empty before the first collection. Also empty if Weaviate answered in it, unless `always` is set: a connection
    that worked then can be closed now.
    """
    session = controller.session
    if session.snapshot is None or session.facts is None:
        return ""
    meta = next((read for read in session.snapshot.manifest.reads if read.key == "weaviate/meta"), None)
    if meta is not None and meta.reason is None and not always:
        return ""
    return port_forward_command(session.facts)


def collect_now(controller: Controller, request: CollectionRequest) -> View:
    """Collects in the foreground and updates one line of progress; returns what was read.

    Raises ReadinessError if a source cannot be used at all.
    """
    handle = display(sentence("Connecting …"), display_id=True)
    estimator, updated = ProgressEstimator(), 0.0

    def show(event: Event) -> None:
        nonlocal updated
        text = estimator.text(event)
        due = time.monotonic() - updated > SECONDS_BETWEEN_UPDATES or event.done_kinds == event.all_kinds
        if handle is not None and due:
            updated = time.monotonic()
            handle.update(sentence(text))

    collect_into(controller, request, show, threading.Event())
    return View(evidence_html(controller), "collected")
