"""Collecting from within a notebook: the start panel, and the same in one call.

The panel collects on a thread of its own; its callbacks only set widget values. One run at a time.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from readiness_kit.errors import ReadinessError
from readiness_kit.markup import esc, table
from readiness_kit.model import Read, Reason
from readiness_kit.notebook.face import STYLE, Face, show_widget
from readiness_kit.words import REASON_WORDS, count

if TYPE_CHECKING:
    from readiness_kit.collect import Event
    from readiness_kit.notebook.kit import Kit

NOTHING_YET = "Nothing has been collected yet."


def status_html(kit: Kit) -> str:
    """Which folder, which snapshot, which cluster, which Weaviate, and what could not be read."""
    session = kit.session
    snapshot = session.snapshot
    lines = [f"<p><b>Assessment</b> {esc(kit.folder.path)}</p>"]
    if snapshot is None:
        lines.append(f"<p>{NOTHING_YET} Choose a context and collect, or run <code>readiness demo</code>.</p>")
        return "".join(lines)
    manifest = snapshot.manifest
    when = manifest.taken_at.strftime("%Y-%m-%d %H:%M UTC")
    lines.append(
        f"<p><b>Cluster</b> {esc(manifest.context or 'not named')}, Kubernetes {esc(manifest.server_version or '?')},"
        f" read on {esc(when)}</p>"
    )
    if session.facts is not None:
        workload = session.facts.weaviate
        version = str(workload.version) if workload.version else "version not known"
        lines.append(
            f"<p><b>Weaviate</b> {esc(workload.kind)} {esc(workload.namespace)}/{esc(workload.name)},"
            f" {esc(version)}, {count(workload.replicas, 'replica')}</p>"
        )
    elif session.problem is not None:
        lines.append(f'<div class="flag">⚠ {esc(session.problem.what)}. {esc(session.problem.hint)}</div>')
    return "".join(lines) + reads_html(snapshot.manifest.reads)


def reads_html(reads: tuple[Read, ...]) -> str:
    """How many kinds were read, and a fold-out table of those that were not."""
    missing = [read for read in reads if read.reason not in (None, Reason.ABSENT)]
    done = len(reads) - len(missing)
    text = f"<p>{count(done, 'kind')} read"
    if not missing:
        return text + ", nothing refused.</p>"
    rows = [[esc(read.key), REASON_WORDS[read.reason], esc(read.message, 200)] for read in missing if read.reason]
    return (
        f"{text}, <b>{len(missing)} not</b>.</p><details open><summary>What could not be read</summary>"
        + table(("Kind", "Why", "Message"), rows)
        + '<p class="quiet">Ask for the ClusterRole that <code>readiness rbac</code> prints.</p></details>'
    )


class StartPanel:
    """Which cluster to read, a button that collects and one that stops, and what is known so far."""

    def __init__(self, kit: Kit, context: str, kubeconfig: str, namespaces: tuple[str, ...]) -> None:
        from ipywidgets import HTML, Button, Dropdown, HBox, IntProgress, Text, VBox

        self._kit = kit
        self._kubeconfig = kubeconfig or kit.settings.cluster.kubeconfig
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        looks = kit.looks
        known, problem = self._contexts()
        wanted = context or kit.settings.cluster.context
        self._context = Dropdown(
            options=known,
            value=wanted if wanted in known else (known[0] if known else None),
            description="Cluster context",
            layout=looks.wide,
            style=looks.described,
        )
        self._namespaces = Text(
            value=", ".join(namespaces or kit.settings.cluster.namespaces),
            description="Namespaces",
            placeholder="empty: the whole cluster; or a list, where only those may be read",
            layout=looks.wide,
            style=looks.text,
        )
        self._collect = Button(description="Collect evidence", icon="search", disabled=not known)
        self._halt = Button(description="Stop", icon="stop", disabled=True)
        self._bar = IntProgress(value=0, max=1, layout=looks.wide)
        self._status = HTML(value=problem, layout=looks.wide, style=looks.html)
        known_html = STYLE + f'<div class="rk">{status_html(kit)}</div>'
        self._known = HTML(value=known_html, layout=looks.wide, style=looks.html)
        self._box = VBox(
            [self._known, self._context, self._namespaces, HBox([self._collect, self._halt]), self._bar, self._status]
        )
        self._collect.on_click(lambda _: self.start())
        self._halt.on_click(lambda _: self._stop.set())

    def _contexts(self) -> tuple[list[str], str]:
        from readiness_kit.collect import contexts

        try:
            return contexts(self._kubeconfig), ""
        except ReadinessError as problem:
            return [], f'{STYLE}<div class="rk quiet">{esc(problem.what)}. {esc(problem.hint)}</div>'

    def start(self) -> None:
        """Begins to collect, unless a run is under way."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._stop.clear()
        self._collect.disabled, self._halt.disabled = True, False
        self._thread = threading.Thread(target=self._run, name="readiness-collect", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asked = tuple(part.strip() for part in self._namespaces.value.split(",") if part.strip())
        try:
            _collect_into(self._kit, self._context.value or "", self._kubeconfig, asked, "", self._event, self._stop)
        except ReadinessError as problem:
            self._say(f'<div class="flag">⚠ {esc(problem.what)}. {esc(problem.hint)}</div>')
        else:
            self._say("<p>✓ Collected. The cards below show the new evidence.</p>")
        finally:
            self._known.value = STYLE + f'<div class="rk">{status_html(self._kit)}</div>'
            self._collect.disabled, self._halt.disabled = False, True

    def _event(self, event: Event) -> None:
        self._bar.max, self._bar.value = max(event.all_kinds, 1), event.done_kinds
        self._say(f"<p>{esc(progress_text(event))}</p>")

    def _say(self, body: str) -> None:
        self._status.value = STYLE + f'<div class="rk" role="status">{body}</div>'

    def _ipython_display_(self) -> None:
        show_widget(self._box, STYLE + f'<div class="rk">{status_html(self._kit)}</div>', repr(self._kit))

    def close(self) -> None:
        self._stop.set()
        for widget in (*self._box.children, self._collect, self._halt, self._box):
            widget.close()


def progress_text(event: Event) -> str:
    """`12 of 31 kinds: pods, 5,000 objects`."""
    return f"{event.done_kinds} of {event.all_kinds} kinds: {event.key}, {count(event.objects, 'object')}"


def collect_now(kit: Kit, context: str, kubeconfig: str, namespaces: tuple[str, ...], weaviate: str) -> Face:
    """Collects in the foreground; one line of progress is updated in place."""
    from IPython.display import display

    handle = display(Face("<p>Connecting …</p>", "Connecting …"), display_id=True)
    last = [0.0]

    def show(event: Event) -> None:
        if handle is not None and (time.monotonic() - last[0] > 0.2 or event.done_kinds == event.all_kinds):
            last[0] = time.monotonic()
            handle.update(Face(f"<p>{esc(progress_text(event))}</p>", progress_text(event)))

    _collect_into(kit, context, kubeconfig, namespaces, weaviate, show, threading.Event())
    return Face(status_html(kit), "collected")


def _collect_into(
    kit: Kit,
    context: str,
    kubeconfig: str,
    namespaces: tuple[str, ...],
    weaviate: str,
    progress: Any,
    stop: threading.Event,
) -> None:
    from readiness_kit import evidence
    from readiness_kit.collect import collect, connect

    settings = kit.settings
    with connect(kubeconfig or settings.cluster.kubeconfig, context or settings.cluster.context) as connection:
        snapshot = collect(
            connection,
            evidence.reads_for(kit.session.checklist.questions),
            namespaces=namespaces or settings.cluster.namespaces,
            weaviate=weaviate or settings.cluster.weaviate,
            progress=progress,
            stop=stop,
        )
    kit.folder.add_snapshot(snapshot)
    kit.reload()
