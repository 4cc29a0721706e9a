"""Reads a Prometheus-compatible server into an existing snapshot.

    snapshot = with_prometheus(collect(...), "http://127.0.0.1:9090", bearer=os.environ.get("PROMETHEUS_TOKEN", ""))

Four requests at a time, with a time-out and a budget for all of them. Some servers lack an API (Thanos, Mimir,
VictoriaMetrics, managed ones): what is missing is recorded as absent and stays unknown to the evidence. The end of
every window is the time of the snapshot.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from readiness_kit.collect.http.reasons import Absent, failure
from readiness_kit.collect.http.transport import StatusError, StoppedError, UnexpectedAnswerError
from readiness_kit.collect.progress import Progress, Recorder, merged
from readiness_kit.collect.prometheus import queries
from readiness_kit.collect.prometheus.client import TIMEOUT, Server, log_in
from readiness_kit.collect.prometheus.discovery import discover
from readiness_kit.collect.prometheus.metadata import PATHS, alertmanagers, build, rules, targets
from readiness_kit.collect.prometheus.queries import Query, Window
from readiness_kit.collect.prometheus.reader import Reader
from readiness_kit.collect.prometheus.subject import Subject, subject_of
from readiness_kit.errors import ConfigError, ReadinessError, UnreachableError
from readiness_kit.kinds.prometheus import Build, Labels
from readiness_kit.kinds.sources import SOURCES
from readiness_kit.model import Read, Reason, Settings
from readiness_kit.snapshot import Snapshot

KEYS = tuple(key for key in SOURCES if key.startswith("prometheus/"))
DAYS = 14.0
THREADS = 4


def with_prometheus(
    snapshot: Snapshot,
    url: str,
    *,
    bearer: str = "",
    user: str = "",
    password: str = "",
    tenant: str = "",
    ca: str = "",
    selector: str = "",
    days: float = DAYS,
    timeout: float = TIMEOUT,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
    settings: Settings | None = None,
) -> Snapshot:
    """The snapshot with the answers of `prometheus/…` and a record of each read.

    url:      without `/api/v1`; it may hold user and password
    tenant:   sent as X-Scope-OrgID
    ca:       a file of certificate authorities
    selector: matchers added to every selector (`cluster="prod"`), where several clusters share the server
    days:     the window for usage
    timeout:  in seconds, for connecting and for each read
    settings: which Weaviate, where the snapshot has several

    Raises UsageError and ConfigError (address, credentials, several clusters), UnreachableError where the server does
    not answer at all, WorkloadError where the snapshot has no Weaviate. None of them holds credentials.
    """
    login = log_in(url, bearer, user, password, tenant, ca)
    subject = subject_of(snapshot, settings or Settings(), selector)
    server = Server(login, stop or threading.Event(), timeout)
    recorder = Recorder(KEYS, progress)
    try:
        _Run(server, subject, _window(subject, days), recorder).all()
        return merged(snapshot, recorder.reads, recorder.answers, server.transport.calls)
    finally:
        server.close()


def without_prometheus(snapshot: Snapshot, problem: ReadinessError) -> Snapshot:
    """The snapshot with records that Prometheus could not be read, and why."""
    reason, message = failure(problem)
    return merged(snapshot, [Read(key, reason=reason, message=message) for key in KEYS], {}, ())


def plan(
    snapshot: Snapshot, *, selector: str = "", days: float = DAYS, settings: Settings | None = None
) -> tuple[Query, ...]:
    """All queries that would be sent, without sending any: with the usual labels, as if every series existed."""
    subject = subject_of(snapshot, settings or Settings(), selector)
    scope, window = subject.scope(queries.usual_labels(selector)), _window(subject, days)
    families = [
        queries.family_there(metric, "namespace", scope.namespace, selector, window.end)
        for metric in queries.FAMILIES.values()
    ]
    return (
        *queries.weaviate_there(window.end, selector),
        *families,
        *queries.usage(scope, window).values(),
        *queries.volumes(scope, window).values(),
        *queries.nodes(scope, window).values(),
        queries.up(scope, window),
        *queries.weaviate(scope, window)[1],
        *queries.history(scope, window)[1],
        *queries.traffic(scope, window),
    )


def plan_text(planned: Sequence[Query]) -> str:
    """The queries as text: purpose, points of each series, and the PromQL."""
    parts = []
    for query in planned:
        points = f"{query.count} points, one each {query.step} s" if query.step else "one instant"
        parts.append(f"# {query.name} ({points})\n{query.promql}")
    return "\n\n".join([*parts, f"# {len(planned)} queries, {THREADS} at a time, by POST to /api/v1/query(_range)"])


def _window(subject: Subject, days: float) -> Window:
    rows = subject.containers - subject.others if subject.narrow else subject.containers
    return Window(subject.end, days, rows)


class _Run:
    """One run: discovery first, then everything else, four answers at a time."""

    def __init__(self, server: Server, subject: Subject, window: Window, recorder: Recorder) -> None:
        self._server = server
        self._subject = subject
        self._window = window
        self._recorder = recorder

    def all(self) -> None:
        try:
            self._buildinfo()
            labels = self._discover()
        except StoppedError as stopped:
            self._recorder.fail_rest(*failure(stopped))
            return
        except StatusError as problem:
            raise self._refused(problem) from None
        except UnreachableError as problem:
            raise UnreachableError(
                f"Prometheus: {problem.what}", "check the Prometheus URL, a port-forward, VPN or proxy, and its TLS"
            ) from None
        except UnexpectedAnswerError as problem:
            raise ConfigError(f"{self._server.shown} does not answer as a Prometheus API", problem.hint) from None
        self._read(labels)

    def _buildinfo(self) -> None:
        """A failure ends the run, because it shows that no other answer is to be had."""
        key = "prometheus/buildinfo"
        try:
            self._recorder.keep(Read(key, 1, queries={"buildinfo": PATHS[key]}), build(self._server))
        except Absent as absence:
            self._recorder.keep(Read(key, reason=Reason.ABSENT, message=str(absence)))

    def _discover(self) -> Labels:
        subject, key = self._subject, "prometheus/labels"
        labels = discover(
            self._server, subject.target.namespace, subject.pattern, subject.replicas, subject.end, subject.selector
        )
        self._recorder.keep(Read(key, 1, queries={"labels": PATHS[key]}), labels)
        return labels

    def _refused(self, problem: StatusError) -> ReadinessError:
        shown = self._server.shown
        if problem.status in (401, 403):
            return ConfigError(
                f"{shown} does not accept the credentials for Prometheus ({problem.status})",
                "set PROMETHEUS_TOKEN, or user and password, and the tenant where the server has several",
            )
        if problem.status == 404:
            return ConfigError(
                f"{shown} does not answer as a Prometheus API (404)",
                "give the URL without /api/v1, as in https://metrics.example.com/prometheus",
            )
        return UnreachableError(
            f"Prometheus at {shown} answers {problem.status}: {problem.message}",
            "check the server's log, and try again",
        )

    def _read(self, labels: Labels) -> None:
        server, subject = self._server, self._subject
        scope = subject.scope(labels)
        reader = Reader(server, scope, self._window)
        built = self._recorder.answers.get("prometheus/buildinfo", Build())
        victoria = built.flavour == "victoriametrics"
        left_out = subject.others if subject.narrow else 0
        questions: dict[str, Callable[[], Any]] = {
            "prometheus/usage": lambda: reader.usage(subject.mine, subject.container, left_out),
            "prometheus/volumes": reader.volumes,
            "prometheus/weaviate": lambda: reader.weaviate(subject.mine),
            "prometheus/nodes": lambda: reader.nodes(subject.nodes),
            "prometheus/traffic": lambda: reader.traffic(subject.mine),
            "prometheus/history": lambda: reader.history(subject.mine),
            "prometheus/up": lambda: reader.up(subject.mine),
            "prometheus/rules": lambda: rules(server, victoria),
            "prometheus/alertmanagers": lambda: alertmanagers(server, victoria),
            "prometheus/targets": lambda: targets(server, subject.target.namespace, labels.weaviate),
        }

        def ask(key: str) -> None:
            sent = {key.partition("/")[2]: PATHS[key]} if key in PATHS else queries.promql_of(key, scope, self._window)
            self._recorder.ask(key, questions[key], lambda: sent)

        with ThreadPoolExecutor(THREADS, thread_name_prefix="prometheus") as pool:
            for done in [pool.submit(ask, key) for key in questions]:
                done.result()
