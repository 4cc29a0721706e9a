"""The start panel: the source of evidence, connection tests, and a collection that can be stopped.

Tests and collections run on a separate thread, one at a time. Keys and tokens leave their fields when they are used
and are kept in this process only.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ipywidgets import Accordion, Dropdown, HBox, IntProgress, Password, RadioButtons, VBox

from readiness_kit.collect import Event, Sources, contexts
from readiness_kit.collect.kubernetes.credentials import inside_cluster
from readiness_kit.errors import ReadinessError
from readiness_kit.markup import esc
from readiness_kit.notebook.collection import (
    CollectionRequest,
    ProgressEstimator,
    add_snapshot_file,
    check_addresses,
    collect_into,
    load_demonstration,
    weaviate_port_forward,
)
from readiness_kit.notebook.controller import Controller
from readiness_kit.notebook.views import connection_check
from readiness_kit.notebook.views.scope import evidence_html
from readiness_kit.notebook.views.view import error_html, flag_html, status_html, styled
from readiness_kit.notebook.widgets.background import BackgroundTask
from readiness_kit.notebook.widgets.panel import Panel

CLUSTER, FILE, DEMO = "cluster", "file", "demo"
SOURCES = [
    ("The cluster of this kubeconfig: reads live, with your own rights", CLUSTER),
    ("A file or bundle: a snapshot, a support bundle, rendered manifests", FILE),
    ("Demonstration: an invented customer, contacts no cluster", DEMO),
]
BUTTONS = {CLUSTER: "Read the cluster", FILE: "Load the file", DEMO: "Load the demonstration"}
MORE = "More options: namespaces, workload, kubeconfig, Weaviate, Prometheus"
KEPT = "kept in memory until the kernel stops"
SECONDS_BETWEEN_UPDATES = 0.1
FIELDS: tuple[tuple[str, str, str], ...] = (
    ("namespaces", "Namespaces", "empty: the whole cluster; or the namespaces that you may read, separated by commas"),
    ("weaviate", "Weaviate workload", "namespace/name, if there are several"),
    ("kubeconfig", "Kubeconfig", "empty: $KUBECONFIG, or ~/.kube/config"),
    ("weaviate_url", "Weaviate URL", "http://127.0.0.1:8080; empty: not queried"),
    ("prometheus_url", "Prometheus URL", "http://127.0.0.1:9090; empty: not queried"),
)
"""Setting of `cluster`, label, placeholder."""
DEMO_NOTE = (
    '<p class="rk">A synthetic cluster with the answers of a team, to try out the assessment. '
    "It can be loaded into an empty folder only.</p>"
)
# No link: in a widget it would make the browser leave JupyterLab.
DONE = status_html(
    "✓ Done. This page shows the new evidence; continue with the link at its end. In notebooks that are already open, "
    "choose Run ▸ Run All Cells."
)
STOPPED = status_html("Stopped. Nothing from this run was saved; earlier evidence is still used.")


class StartPanel(Panel):
    """The choice of a source and its fields. Choices are stored in `readiness.yaml`, secrets never."""

    def __init__(
        self, controller: Controller, context: str = "", kubeconfig: str = "", namespaces: tuple[str, ...] = ()
    ) -> None:
        super().__init__(controller)
        self._stop = threading.Event()
        self._task = BackgroundTask("readiness-panel")
        self._secrets: dict[str, str] = {}
        self._updated = 0.0
        self._add_fields(kubeconfig, namespaces)
        self._add_controls()
        self._show_source(CLUSTER)
        self._list_contexts(context or controller.settings.cluster.context)
        self._listen()

    def _add_fields(self, kubeconfig: str, namespaces: tuple[str, ...]) -> None:
        cluster = self._controller.settings.cluster
        given = {"kubeconfig": kubeconfig, "namespaces": ", ".join(namespaces)}
        self._fields: dict[str, Any] = {}
        for name, label, placeholder in FIELDS:
            stored = getattr(cluster, name)
            value = given.get(name) or (", ".join(stored) if isinstance(stored, tuple) else stored)
            self._fields[name] = self._text(label, placeholder, value)
        self._keys: dict[str, Any] = {
            name: self._text(label, f"optional; {KEPT}", kind=Password)
            for name, label in (("weaviate_key", "Weaviate API key"), ("prometheus_token", "Prometheus token"))
        }
        self._path = self._text(
            "File or folder", "a snapshot (.zip), a bundle or manifests; relative to the assessment folder"
        )

    def _add_controls(self) -> None:
        styles = self._styles
        self._source: RadioButtons = self._add(
            RadioButtons(options=SOURCES, description="Evidence from", layout=styles.wide, style=styles.described)
        )
        self._context: Dropdown = self._dropdown("Context")
        self._note = self._html(DEMO_NOTE)
        self._options: VBox = self._add(VBox(layout=styles.wide))
        self._more = self._add(Accordion(children=(self._options,), titles=(MORE,), layout=styles.wide))
        self._port_forward = self._html()
        self._test = self._button("Test the connections")
        self._collect = self._button(BUTTONS[CLUSTER], button_style="primary")
        self._halt = self._button("Stop", disabled=True)
        self._buttons = self._add(HBox(layout=styles.wide))
        self._bar = self._add(
            IntProgress(value=0, max=1, description="Progress", layout=styles.wide, style=styles.progress)
        )
        self._status = self._html()

    def _listen(self) -> None:
        self._source.observe(lambda change: self._show_source(change["new"]), names="value")
        self._context.observe(lambda change: self._remember("context", change["new"] or ""), names="value")
        for name, field in self._fields.items():
            field.observe(lambda change, name=name: self._field_changed(name, change["new"]), names="value")
        self._test.on_click(lambda _: self.test())
        self._collect.on_click(lambda _: self.start())
        self._halt.on_click(lambda _: self._request_stop())

    # --- choices ---------------------------------------------------------------------------------

    def _show_source(self, source: str) -> None:
        """Shows only what the source uses: the connection test, the bar and the stop button need a cluster."""
        rows = {CLUSTER: self._cluster_rows(), FILE: [self._path], DEMO: [self._note]}[source]
        of_cluster = source == CLUSTER
        self._buttons.children = (self._test, self._collect, self._halt) if of_cluster else (self._collect,)
        bar = [self._bar] if of_cluster else []
        self._box.children = (self._status, self._source, *rows, self._buttons, *bar)
        self._collect.description = BUTTONS[source]
        self._enable_buttons()
        self._set_status("")

    def _cluster_rows(self) -> list[Any]:
        fields, keys = self._fields, self._keys
        command = "" if fields["weaviate_url"].value.strip() else weaviate_port_forward(self._controller)
        self._port_forward.value = styled(connection_check.port_forward_html(command))
        rows = [*fields.values(), keys["prometheus_token"]]
        rows.insert(rows.index(fields["prometheus_url"]), keys["weaviate_key"])
        self._options.children = rows
        return [self._context, *([self._port_forward] if command else []), self._more]

    def _list_contexts(self, context: str) -> None:
        status = ""
        try:
            known = contexts(self._fields["kubeconfig"].value.strip())
        except ReadinessError as problem:
            if inside_cluster():
                self._offer([("this cluster, with the service account of the pod", "")], "")
            else:
                self._offer([("none found", "")], "", disabled=True)
                hint = "To explore the kit without a cluster, choose “Demonstration” above."
                status = f'<p class="quiet">No cluster is available yet. {error_html(problem)} {hint}</p>'
        else:
            self._offer(known, context if context in known else next(iter(known), None))
            status = _missing_context(context, self._context.value)
        self._enable_buttons()
        self._set_status(status)

    def _offer(self, options: list[Any], value: str | None, *, disabled: bool = False) -> None:
        self._context.options, self._context.disabled = options, disabled
        self._context.value = value

    def _field_changed(self, name: str, value: str) -> None:
        if name == "kubeconfig":
            self._list_contexts(self._context.value or "")
        try:
            check_addresses(self._request().sources)
        except ReadinessError as problem:
            self._set_status(flag_html(f"Not saved: {error_html(problem)}"))
            return
        if name == "weaviate_url":
            self._show_source(self._source.value)
        self._remember(name, self._namespaces() if name == "namespaces" else value.strip())

    def _remember(self, name: str, value: Any) -> None:
        try:
            self._controller.write_settings(**{f"cluster.{name}": value})
        except ReadinessError as problem:
            self._set_status(flag_html(f"Not saved: {error_html(problem)}"))
        else:
            self._set_status('<p class="quiet">saved</p>')

    def _namespaces(self) -> tuple[str, ...]:
        return tuple(part.strip() for part in self._fields["namespaces"].value.split(",") if part.strip())

    def _request(self) -> CollectionRequest:
        """The values of the fields. Keys move from their fields, which the browser can read, into this object."""
        for name, field in self._keys.items():
            if field.value:
                self._secrets[name], field.value, field.placeholder = field.value, "", f"entered; {KEPT}"
        text = {name: field.value.strip() for name, field in self._fields.items()}
        sources = replace(
            Sources.of(self._controller.settings.cluster),
            weaviate_url=text["weaviate_url"],
            prometheus_url=text["prometheus_url"],
            **self._secrets,
        )
        context = self._context.value or ""
        return CollectionRequest(text["kubeconfig"], context, self._namespaces(), text["weaviate"], sources)

    # --- work ------------------------------------------------------------------------------------

    def test(self) -> None:
        """Tests the connection to each server, and the permissions in the cluster."""
        request = self._request()

        def run() -> str:
            questions = self._controller.session.checklist.questions
            command = weaviate_port_forward(self._controller, always=True)
            cluster = connection_check.cluster_html(request.kubeconfig, request.context, request.namespaces, questions)
            weaviate = connection_check.weaviate_html(request.sources, command)
            return cluster + weaviate + connection_check.prometheus_html(request.sources)

        self._start("Testing the connections …", run)

    def start(self) -> None:
        """Starts to collect, or to load the snapshot file or the demonstration, unless something is in progress."""
        source = self._source.value
        if source == CLUSTER:
            request = self._request()
            self._start("Connecting …", lambda: self._collected(request), stoppable=True)
        elif source == FILE:
            self._start("Reading the snapshot …", lambda: self._loaded(add_snapshot_file, self._path.value))
        else:
            self._start("Loading the demonstration …", lambda: self._loaded(load_demonstration))

    def _loaded(self, load: Callable[..., None], *arguments: str) -> str:
        load(self._controller, *arguments)
        return DONE

    def _collected(self, request: CollectionRequest) -> str:
        estimator = ProgressEstimator()

        def show(event: Event) -> None:
            text, finished = estimator.text(event), event.done_kinds == event.all_kinds
            if self._stop.is_set() or (time.monotonic() - self._updated < SECONDS_BETWEEN_UPDATES and not finished):
                return
            self._updated = time.monotonic()
            self._bar.max, self._bar.value = max(event.all_kinds, 1), event.done_kinds
            self._set_status(status_html(text))

        if collect_into(self._controller, request, show, self._stop):
            return DONE
        self._bar.value = 0
        return STOPPED

    def _start(self, message: str, work: Callable[[], str], *, stoppable: bool = False) -> None:
        if self._task.running:
            return
        self._stop.clear()
        self._test.disabled = self._collect.disabled = True
        self._halt.disabled = not stoppable
        self._bar.value = 0
        self._set_status(status_html(message))
        self._task.start(lambda: self._run(work))

    def _run(self, work: Callable[[], str]) -> None:
        status = flag_html("This failed with an unexpected error. See the log of this notebook.")
        try:
            status = work()
        except ReadinessError as problem:
            status = flag_html(error_html(problem))
        finally:
            self._show_source(self._source.value)
            self._halt.disabled = True
            self._enable_buttons(finished=True)
            self._set_status(status)

    def _request_stop(self) -> None:
        self._stop.set()
        self._halt.disabled = True
        self._set_status(status_html("Stopping …"))

    def wait(self, seconds: float) -> bool:
        """Waits for the work in progress to end; returns whether it ended in time."""
        return self._task.wait(seconds)

    def _enable_buttons(self, *, finished: bool = False) -> None:
        """Enables the buttons of the source, unless work is in progress; `finished` work is still on its thread."""
        if self._task.running and not finished:
            return
        of_cluster = self._source.value == CLUSTER
        self._test.disabled = not of_cluster or self._context.disabled
        self._collect.disabled = of_cluster and self._context.disabled

    def _set_status(self, html: str) -> None:
        self._status.value = styled(html)

    def static_html(self) -> str:
        """The present evidence, without controls."""
        return evidence_html(self._controller)

    def close(self) -> None:
        """Stop a running collection, and close the widgets."""
        self._stop.set()
        super().close()


def _missing_context(context: str, selected: str | None) -> str:
    """A warning if the context to use is not in the kubeconfig: otherwise a different cluster would be read."""
    if not context or context == selected:
        return ""
    instead = f"“{esc(selected)}” is selected instead" if selected else "none is selected"
    return flag_html(
        f"There is no context “{esc(context)}” in this kubeconfig; {instead}. Next: check the name of the context, or "
        "enter the kubeconfig that contains it."
    )
