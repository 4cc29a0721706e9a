"""Reads a Prometheus-compatible server into a snapshot that is already there.

    snapshot = with_prometheus(collect(...), "http://127.0.0.1:9090", bearer=os.environ.get("PROMETHEUS_TOKEN", ""))

Four requests at a time, a time-out and a budget for all of them. Servers lack one API or another (Thanos, Mimir,
VictoriaMetrics, managed ones): what is missing is recorded as such, and is unknown to the evidence, never a failure.
The end of every window is the time of the snapshot.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import msgspec

from readiness_kit.collect.http.transport import StatusError, StoppedError
from readiness_kit.collect.kubernetes.collector import Event, EventState, Progress
from readiness_kit.collect.kubernetes.scope import STOPPED
from readiness_kit.collect.prometheus import queries
from readiness_kit.collect.prometheus.client import TIMEOUT, Answer, NotPrometheusError, Server, log_in
from readiness_kit.collect.prometheus.discovery import discover
from readiness_kit.collect.prometheus.metadata import alertmanagers, build, rules, targets
from readiness_kit.collect.prometheus.queries import Query, Scope, Window
from readiness_kit.collect.prometheus.reader import Absent, Partly, Reader, reason_of
from readiness_kit.collect.prometheus.series import sample
from readiness_kit.collect.prometheus.subject import Subject, subject_of
from readiness_kit.errors import ConfigError, ReadinessError, UnreachableError
from readiness_kit.kinds.prometheus import Labels, Names, Sample
from readiness_kit.kinds.sources import SOURCES
from readiness_kit.model import Call, Read, Reason, Settings
from readiness_kit.snapshot import Snapshot

KEYS = tuple(key for key in SOURCES if key.startswith("prometheus/"))
DAYS = 14.0
THREADS = 4
_USUAL = Names("namespace", "pod", "container")
_METRICS_PORT = "2112"


def with_prometheus(
    snapshot: Snapshot,
    url: str,
    *,
    bearer: str = "",
    user: str = "",
    password: str = "",
    tenant: str = "",
    ca: str = "",
    verify: bool = True,
    selector: str = "",
    days: float = DAYS,
    timeout: float = TIMEOUT,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
    settings: Settings | None = None,
) -> Snapshot:
    """The snapshot with the answers of `prometheus/…` and a record of each read.

    url:      up to and without `/api/v1`; user and password may stand in it
    tenant:   sent as X-Scope-OrgID
    ca:       a file of certificate authorities; verify False checks no certificate
    selector: matchers added to every selector (`cluster="prod"`), where several clusters share the server
    days:     the window of use
    settings: which Weaviate, where the snapshot has several

    Raises UsageError and ConfigError (address, credentials, several clusters), UnreachableError where the server does
    not answer at all, WorkloadError where the snapshot has no Weaviate. Credentials are in none of them.
    """
    login = log_in(url, bearer, user, password, tenant, ca, verify)
    subject = subject_of(snapshot, settings or Settings(), selector)
    server = Server(login, stop or threading.Event(), timeout)
    try:
        run = _Run(server, subject, _window(subject, days), progress)
        try:
            run.begin()
            run.read()
        except StoppedError as stopped:
            had = {read.key for read in run.reads}
            run.reads += [Read(key, reason=reason_of(stopped), message=STOPPED) for key in KEYS if key not in had]
        return _merged(snapshot, run.answers, run.reads, server.transport.calls)
    finally:
        server.close()


def without_prometheus(snapshot: Snapshot, problem: ReadinessError) -> Snapshot:
    """The snapshot with the record that Prometheus was to be read and could not be, and why."""
    reason = Reason.UNREACHABLE if isinstance(problem, UnreachableError) else Reason.ERROR
    return _merged(snapshot, {}, [Read(key, reason=reason, message=problem.what) for key in KEYS], ())


def plan(
    snapshot: Snapshot, *, selector: str = "", days: float = DAYS, settings: Settings | None = None
) -> tuple[Query, ...]:
    """All queries that would be sent, without sending any: with the usual labels, as if every series were there."""
    subject = subject_of(snapshot, settings or Settings(), selector)
    labels = Labels(_USUAL, _USUAL, _USUAL, _USUAL, selector=selector)
    scope, window = subject.scope(labels), _window(subject, days)
    there = [
        queries.family_there(metric, "namespace", scope.namespace, selector, window.end)
        for metric in queries.FAMILIES.values()
    ]
    return (
        *queries.weaviate_there(window.end, selector),
        *there,
        *queries.usage(scope, window).values(),
        *queries.volumes(scope, window).values(),
        *queries.nodes(scope, window).values(),
        _up(scope, window, True),
        *queries.weaviate(scope, window)[1],
        *queries.history(scope, window)[1],
        *queries.traffic(scope, window),
    )


def plan_text(planned: Sequence[Query]) -> str:
    """The queries for people: what for, how many points a series, and the PromQL."""
    parts = []
    for query in planned:
        how = f"{query.count} points, one each {query.step} s" if query.step else "one instant"
        parts.append(f"# {query.name} ({how})\n{query.promql}")
    return "\n\n".join([*parts, f"# {len(planned)} queries, {THREADS} at a time, by POST to /api/v1/query(_range)"])


# --- one run --------------------------------------------------------------------------------------


def _window(subject: Subject, days: float) -> Window:
    rows = subject.containers - subject.others if subject.narrow else subject.containers
    return Window(subject.end, days, rows)


def _up(scope: Scope, window: Window, known: bool) -> Query:
    """By the labels of Weaviate's own series; where it has none, by the usual ones."""
    usual = f"namespace={queries.quoted(scope.namespace)},pod=~{queries.quoted(scope.pods)}"
    chosen = scope.weaviate if known else ",".join(filter(None, [usual, scope.labels.selector]))
    return window.now("up", f"up{{{chosen}}}")


@dataclass
class _Run:
    server: Server
    subject: Subject
    window: Window
    progress: Progress | None
    answers: dict[str, Any] = field(default_factory=dict)
    reads: list[Read] = field(default_factory=list)
    labels: Labels = field(default_factory=Labels)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self) -> None:
        """Who is there, and how it names things: without that there is nothing to ask for."""
        server, target = self.server, self.subject.target
        try:
            self._introduce()
            self.labels = self._discovered(target.namespace)
        except StatusError as problem:
            raise self._auth_error(problem) from None
        except UnreachableError as problem:
            raise UnreachableError(
                f"Prometheus: {problem.what}", "check the Prometheus URL, a port-forward, VPN or proxy, and its TLS"
            ) from None
        except NotPrometheusError as problem:
            raise ConfigError(f"{server.shown} does not answer as a Prometheus API", problem.hint) from None
        self._keep(Read("prometheus/labels", 1), self.labels)

    def _introduce(self) -> None:
        key = "prometheus/buildinfo"
        try:
            self._keep(Read(key, 1), build(self.server))
        except Absent as absence:
            self._keep(Read(key, reason=Reason.ABSENT, message=str(absence)), None)

    def _discovered(self, namespace: str) -> Labels:
        subject = self.subject
        return discover(self.server, namespace, subject.pattern, subject.replicas, subject.end, subject.selector)

    def _auth_error(self, problem: StatusError) -> ReadinessError:
        if problem.status in (401, 403):
            return ConfigError(
                f"{self.server.shown} does not accept the credentials for Prometheus ({problem.status})",
                "set PROMETHEUS_TOKEN, or user and password, and the tenant where the server has several",
            )
        if problem.status == 404:
            return ConfigError(
                f"{self.server.shown} does not answer as a Prometheus API (404)",
                "give the URL up to and without /api/v1, as in https://metrics.example.com/prometheus",
            )
        return UnreachableError(
            f"Prometheus at {self.server.shown} answers {problem.status}: {problem.message}",
            "look at the server's own log, then try again",
        )

    def read(self) -> None:
        """Everything else, four at a time; what goes wrong with one key is in its record and ends nothing else."""
        reader = Reader(self.server, self.subject.scope(self.labels), self.window, self.labels)
        subject, names = self.subject, self.labels.weaviate
        namespace = subject.target.namespace
        victoria = getattr(self.answers.get("prometheus/buildinfo"), "flavour", "") == "victoriametrics"
        tasks: dict[str, Callable[[], Any]] = {
            "prometheus/usage": lambda: reader.usage(subject.mine, subject.container, subject.others * subject.narrow),
            "prometheus/volumes": reader.volumes,
            "prometheus/weaviate": lambda: reader.weaviate(subject.mine),
            "prometheus/nodes": lambda: reader.nodes(subject.nodes),
            "prometheus/traffic": lambda: reader.traffic(subject.mine),
            "prometheus/history": lambda: reader.history(subject.mine),
            "prometheus/up": self._targets_up,
            "prometheus/rules": lambda: rules(self.server, victoria),
            "prometheus/alertmanagers": lambda: alertmanagers(self.server, victoria),
            "prometheus/targets": lambda: targets(self.server, namespace, names),
        }
        with ThreadPoolExecutor(THREADS, thread_name_prefix="readiness-prometheus") as pool:
            for done in [pool.submit(self._one, key, task) for key, task in tasks.items()]:
                done.result()

    def _targets_up(self) -> tuple[Sample, ...]:
        """`up` of Weaviate's targets. A pod has other ones too; without Weaviate's own series the port tells."""
        known = bool(self.labels.weaviate)
        answer: Answer = self.server.ask(_up(self.subject.scope(self.labels), self.window, known))
        pod = self.labels.weaviate.pod if known else "pod"
        rows = [row for row in answer.rows if known or row.labels.get("instance", "").endswith(f":{_METRICS_PORT}")]
        return tuple(sample(row, float(row.values[-1]), pod, self.subject.mine) for row in rows)

    def _one(self, key: str, task: Callable[[], Any]) -> None:
        self._tell(key, 0, "start")
        try:
            found = task()
        except Absent as absence:
            self._keep(Read(key, reason=Reason.ABSENT, message=str(absence)), None)
        except Partly as part:
            read = Read(key, _count(part.answer), reason=part.reason, message=part.words, partial=True)
            self._keep(read, part.answer)
        except ReadinessError as problem:
            self._keep(Read(key, reason=reason_of(problem), message=problem.what), None)
        else:
            self._keep(Read(key, _count(found)), found)

    def _keep(self, read: Read, answer: Any) -> None:
        with self._lock:
            self.reads.append(read)
            if answer is not None:
                self.answers[read.key] = answer
        states: dict[Reason | None, EventState] = {None: "done", Reason.FORBIDDEN: "refused", Reason.ABSENT: "absent"}
        self._tell(read.key, read.count, states.get(read.reason, "failed"))

    def _tell(self, key: str, objects: int, state: EventState) -> None:
        if self.progress is not None:
            with self._lock:
                self.progress(Event(key, len(self.reads), len(KEYS), objects, state))


def _count(answer: Any) -> int:
    """Rows of columns, entries of a table, 1 of a single value."""
    for name in ("pod", "claim", "node", "tracks", "active"):
        if isinstance(found := getattr(answer, name, None), tuple | dict):
            return len(found)
    return len(answer) if isinstance(answer, tuple | dict) else 1


def _merged(snapshot: Snapshot, answers: dict[str, Any], reads: Sequence[Read], calls: tuple[Call, ...]) -> Snapshot:
    kept = [read for read in snapshot.manifest.reads if read.key not in KEYS]
    manifest = msgspec.structs.replace(
        snapshot.manifest, reads=(*kept, *sorted(reads, key=lambda read: KEYS.index(read.key)))
    )
    others = {key: answer for key, answer in snapshot.answers.items() if key not in KEYS}
    return Snapshot(manifest, snapshot.kept, (*snapshot.calls, *calls), {**others, **answers})
