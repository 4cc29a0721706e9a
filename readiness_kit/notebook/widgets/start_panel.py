"""The start panel: where the evidence comes from, a test of the connections, a collection that can be stopped.

Whatever takes time runs on a thread of its own, one at a time; callbacks only set widget values. Keys and tokens
leave their fields when they are used and stay in this process.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from readiness_kit.errors import ReadinessError
from readiness_kit.markup import esc
from readiness_kit.notebook.collection import (
    CollectionRequest,
    ProgressEstimator,
    check_addresses,
    collect_into,
    status_html,
    take_demo,
    take_file,
    way_to_weaviate,
)
from readiness_kit.notebook.views import connection_check
from readiness_kit.notebook.views.view import show_widget, told

if TYPE_CHECKING:
    from readiness_kit.collect import Event
    from readiness_kit.notebook.kit import Kit

CLUSTER, FILE, DEMO = "cluster", "file", "demo"
SOURCES = [("A cluster, through a kubeconfig", CLUSTER), ("A snapshot file", FILE), ("The demonstration", DEMO)]
BUTTONS = {CLUSTER: "Collect evidence", FILE: "Take this snapshot", DEMO: "Lay out the demonstration"}
KEPT = "kept in memory until the kernel ends"
# Setting of `cluster`, label, placeholder.
FIELDS: tuple[tuple[str, str, str], ...] = (
    ("kubeconfig", "Kubeconfig", "empty: $KUBECONFIG, else ~/.kube/config"),
    ("namespaces", "Only namespaces", "empty: the whole cluster; or a list, where only those may be read"),
    ("weaviate", "Weaviate workload", "namespace/name, where there are several"),
    ("weaviate_url", "Weaviate URL", "http://127.0.0.1:8080; empty: not asked"),
    ("prometheus_url", "Prometheus URL", "http://127.0.0.1:9090; empty: not asked"),
)


class StartPanel:
    """One box of fields for each way to evidence; what was chosen is remembered in `readiness.yaml`, secrets never."""

    def __init__(self, kit: Kit, context: str, kubeconfig: str, namespaces: tuple[str, ...]) -> None:
        from ipywidgets import HTML, Button, Dropdown, HBox, IntProgress, Password, Text, VBox

        self._kit = kit
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._secrets: dict[str, str] = {}
        self._painted = 0.0
        looks, cluster = kit.looks, kit.settings.cluster
        given = {"kubeconfig": kubeconfig, "namespaces": ", ".join(namespaces)}
        self._fields: dict[str, Any] = {}
        for name, label, placeholder in FIELDS:
            stored = getattr(cluster, name)
            text = given.get(name) or (", ".join(stored) if isinstance(stored, tuple) else stored)
            self._fields[name] = Text(
                value=text, description=label, placeholder=placeholder, continuous_update=False,
                layout=looks.wide, style=looks.text,
            )  # fmt: skip
        self._keys = {
            name: Password(description=label, placeholder=f"only while needed, {KEPT}", layout=looks.wide,
                           style=looks.text)
            for name, label in (("weaviate_key", "Weaviate API key"), ("prometheus_token", "Prometheus token"))
        }  # fmt: skip
        self._context = Dropdown(description="Context", layout=looks.wide, style=looks.described)
        self._path = Text(
            description="Snapshot file", placeholder="a .zip of `readiness collect`; relative to the assessment folder",
            continuous_update=False, layout=looks.wide, style=looks.text,
        )  # fmt: skip
        note = (
            '<p class="rk">An invented cluster with the answers of a team, to try everything out. It goes only into '
            "a folder that is still empty.</p>"
        )
        self._note = HTML(value=note, layout=looks.wide, style=looks.html)
        self._source = Dropdown(options=SOURCES, description="Evidence from", layout=looks.wide, style=looks.described)
        self._fold = VBox(layout=looks.wide)
        self._test = Button(description="Test the connections", layout=looks.button, style=looks.pressed)
        self._collect = Button(description=BUTTONS[CLUSTER], button_style="primary", layout=looks.button,
                               style=looks.pressed)  # fmt: skip
        self._halt = Button(description="Stop", disabled=True, layout=looks.button, style=looks.pressed)
        self._buttons = HBox(layout=looks.wide)
        self._bar = IntProgress(value=0, max=1, description="Progress", layout=looks.wide, style=looks.progress)
        self._status = HTML(layout=looks.wide, style=looks.html)
        self._known = HTML(value=_face(status_html(kit)), layout=looks.wide, style=looks.html)
        self._way = HTML(layout=looks.wide, style=looks.html)
        self._box = VBox(layout=looks.wide)
        self._show_source(CLUSTER)
        self._list_contexts(context or cluster.context)
        self._listen()

    # --- choosing --------------------------------------------------------------------------------

    def _listen(self) -> None:
        self._source.observe(lambda change: self._show_source(change["new"]), names="value")
        self._context.observe(lambda change: self._remember("context", change["new"] or ""), names="value")
        for name, field in self._fields.items():
            field.observe(lambda change, name=name: self._changed(name, change["new"]), names="value")
        self._test.on_click(lambda _: self.test())
        self._collect.on_click(lambda _: self.start())
        self._halt.on_click(lambda _: self._halted())

    def _show_source(self, source: str) -> None:
        fields, keys = self._fields, self._keys
        rows = {
            CLUSTER: (
                self._context, fields["namespaces"], fields["weaviate"], fields["kubeconfig"],
                fields["weaviate_url"], keys["weaviate_key"], *self._way_in(), fields["prometheus_url"],
                keys["prometheus_token"],
            ),
            FILE: (self._path,),
            DEMO: (self._note,),
        }  # fmt: skip
        if self._fold.children != rows[source]:
            self._fold.children = rows[source]
        # What a source cannot use is not shown: only a collection can be tested, watched and stopped.
        asks = source == CLUSTER
        self._buttons.children = (self._test, self._collect, self._halt) if asks else (self._collect,)
        progress = (self._bar,) if asks else ()
        self._box.children = (self._known, self._source, self._fold, self._buttons, *progress, self._status)
        self._collect.description = BUTTONS[source]
        self._idle()
        self._say("")

    def _way_in(self) -> tuple[Any, ...]:
        """A line that says how Weaviate can be asked, once the cluster was read and Weaviate was not."""
        command = "" if self._fields["weaviate_url"].value.strip() else way_to_weaviate(self._kit)
        self._way.value = _face(connection_check.port_forward_html(command)) if command else ""
        return (self._way,) if command else ()

    def _list_contexts(self, wanted: str) -> None:
        from readiness_kit.collect import contexts
        from readiness_kit.collect.kubernetes.credentials import inside_cluster

        try:
            known = contexts(self._fields["kubeconfig"].value.strip())
        except ReadinessError as problem:
            if inside_cluster():
                self._context.options, self._context.disabled = [("this cluster, by the account of the pod", "")], False
                self._context.value = ""
                return self._idle()
            self._context.options, self._context.disabled = [("none found", "")], True
            self._context.value = ""
            demo = "To look around without a cluster, choose “The demonstration” above."
            said = f'<p class="quiet">No cluster can be asked yet. {told(problem)} {demo}</p>'
        else:
            self._context.options, self._context.disabled = known, False
            self._context.value = wanted if wanted in known else (known[0] if known else None)
            said = _not_known(wanted, self._context.value)
        self._idle()
        self._say(said)

    def _changed(self, name: str, value: str) -> None:
        if name == "kubeconfig":
            self._list_contexts(self._context.value or "")
        try:
            check_addresses(self._wanted().sources)
        except ReadinessError as problem:
            self._say(f'<div class="flag">⚠ Not saved: {told(problem)}</div>')
            return
        if name == "weaviate_url":
            self._show_source(self._source.value)
        self._remember(name, self._namespaces() if name == "namespaces" else value.strip())

    def _remember(self, name: str, value: Any) -> None:
        try:
            self._kit.write_settings(**{f"cluster.{name}": value})
        except ReadinessError as problem:
            self._say(f'<div class="flag">⚠ Not saved: {told(problem)}</div>')
        else:
            self._say('<p class="quiet">saved</p>')

    def _namespaces(self) -> tuple[str, ...]:
        return tuple(part.strip() for part in self._fields["namespaces"].value.split(",") if part.strip())

    def _wanted(self) -> CollectionRequest:
        """What the fields say. Keys move from their fields, which the browser knows, into this object."""
        from readiness_kit.collect import Sources

        for name, field in self._keys.items():
            if field.value:
                self._secrets[name], field.value, field.placeholder = field.value, "", f"given, {KEPT}"
        text = {name: field.value.strip() for name, field in self._fields.items()}
        sources = replace(
            Sources.of(self._kit.settings.cluster),
            weaviate_url=text["weaviate_url"],
            prometheus_url=text["prometheus_url"],
            **self._secrets,
        )
        return CollectionRequest(
            text["kubeconfig"], self._context.value or "", self._namespaces(), text["weaviate"], sources
        )

    # --- working ---------------------------------------------------------------------------------

    def test(self) -> None:
        """Asks each server whether it answers, and the cluster for the own rights."""
        wanted = self._wanted()

        def run() -> str:
            questions = self._kit.session.checklist.questions
            said = connection_check.cluster_html(wanted.kubeconfig, wanted.context, wanted.namespaces, questions)
            said += connection_check.weaviate_html(wanted.sources, way_to_weaviate(self._kit, asked=True))
            return said + connection_check.prometheus_html(wanted.sources)

        self._work("Testing …", run)

    def start(self) -> None:
        """Begins to collect (or takes the file, or the demonstration), unless something is under way."""
        source = self._source.value
        if source == FILE:
            self._work("Reading the snapshot …", lambda: self._taken(lambda: take_file(self._kit, self._path.value)))
        elif source == DEMO:
            self._work("Laying it out …", lambda: self._taken(lambda: take_demo(self._kit)))
        else:
            wanted = self._wanted()
            self._work("Connecting …", lambda: self._collected(wanted), stoppable=True)

    def _taken(self, take: Callable[[], None]) -> str:
        take()
        return DONE

    def _collected(self, wanted: CollectionRequest) -> str:
        pace = ProgressEstimator()

        def show(event: Event) -> None:
            # A browser needs no more than ten pictures a second.
            last = event.done_kinds == event.all_kinds
            if self._stop.is_set() or (time.monotonic() - self._painted < 0.1 and not last):
                return
            self._painted = time.monotonic()
            self._bar.max, self._bar.value = max(event.all_kinds, 1), event.done_kinds
            text = pace.text(event)
            self._say(f'<p role="status">{esc(text)}</p>')

        if collect_into(self._kit, wanted, show, self._stop):
            return DONE
        self._bar.value = 0
        return '<p role="status">Stopped. Nothing of this run is kept; earlier evidence still counts.</p>'

    def _work(self, begin: str, run: Callable[[], str], stoppable: bool = False) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        self._stop.clear()
        self._test.disabled = self._collect.disabled = True
        self._halt.disabled = not stoppable
        self._bar.value = 0
        self._say(f'<p role="status">{begin}</p>')
        self._thread = threading.Thread(target=self._run, args=(run,), name="readiness-panel", daemon=True)
        self._thread.start()

    def _run(self, run: Callable[[], str]) -> None:
        said = '<div class="flag">⚠ This ended unexpectedly: the log of this notebook says why.</div>'
        try:
            said = run()
        except ReadinessError as problem:
            said = f'<div class="flag">⚠ {told(problem)}</div>'
        finally:
            self._known.value = _face(status_html(self._kit))
            self._show_source(self._source.value)
            self._halt.disabled = True
            self._idle(finished=True)
            self._say(said)

    def _halted(self) -> None:
        self._stop.set()
        self._halt.disabled = True
        self._say('<p role="status">Stopping …</p>')

    def wait(self, seconds: float) -> bool:
        """Waits for what is under way; whether it ended in time."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self._thread is None or not self._thread.is_alive()

    def _idle(self, finished: bool = False) -> None:
        """Which buttons can be pressed while nothing is under way."""
        if not finished and self._thread is not None and self._thread.is_alive():
            return
        cluster = self._source.value == CLUSTER
        self._test.disabled = not cluster or self._context.disabled
        self._collect.disabled = cluster and self._context.disabled

    def _say(self, html: str) -> None:
        self._status.value = _face(html)

    # --- showing ---------------------------------------------------------------------------------

    def _ipython_display_(self) -> None:
        show_widget(self._box, _face(status_html(self._kit)), repr(self._kit))

    def close(self) -> None:
        self._stop.set()
        widgets = (*self._fields.values(), *self._keys.values(), self._context, self._path, self._note, self._way)
        rows = (self._known, self._source, self._fold, self._buttons, self._bar, self._status, self._box)
        for widget in (*widgets, self._test, self._collect, self._halt, *rows):
            widget.close()


# Without a link: from a widget it would lead the browser away from JupyterLab.
DONE = (
    '<p role="status">✓ Done. This page shows it already; go on by the link at its end. A section that is open '
    "already shows it after Run ▸ Run All Cells.</p>"
)


def _not_known(wanted: str, chosen: str | None) -> str:
    """A warning where the context that was wanted is in no kubeconfig: another cluster would be read instead."""
    if not wanted or wanted == chosen:
        return ""
    other = f"“{esc(chosen)}” is chosen instead" if chosen else "none is chosen"
    return (
        f'<div class="flag">⚠ There is no context “{esc(wanted)}” in this kubeconfig; {other}. Next: check the '
        "context, or give the kubeconfig that holds it.</div>"
    )


def _face(html: str) -> str:
    return f'<div class="rk">{html}</div>'
