"""Reads a cluster into a snapshot: the workloads first, then the narrow lists in the namespaces of Weaviate.

Whatever goes wrong with one kind is written into that kind's record and ends nothing else.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from readiness_kit import locate
from readiness_kit._version import __version__
from readiness_kit.collect.http.transport import StatusError, StoppedError
from readiness_kit.collect.kubernetes import lists
from readiness_kit.collect.kubernetes.client import Connection
from readiness_kit.collect.kubernetes.discovery import APIS, Groups
from readiness_kit.collect.kubernetes.scope import STOPPED, Scope, namespaces_of
from readiness_kit.errors import ConfigError, ReadinessError, UnreachableError, UsageError
from readiness_kit.kinds import KINDS, Kind
from readiness_kit.kinds.meta import KubeObject
from readiness_kit.kinds.sources import SOURCES
from readiness_kit.locate import WORKLOAD_READS
from readiness_kit.model import SCHEMA_VERSION, Read, Reason
from readiness_kit.redact import LabelHasher
from readiness_kit.snapshot import Manifest, Snapshot

THREADS = 8
_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")

EventState = Literal["start", "page", "done", "refused", "absent", "failed"]


class Event(msgspec.Struct, frozen=True):
    """One step of a collection: `objects` of the kind `key` so far, `done_kinds` of `all_kinds` finished."""

    key: str
    done_kinds: int
    all_kinds: int
    objects: int
    state: EventState


Progress = Callable[[Event], None]


def collect(
    connection: Connection,
    reads: Iterable[str],
    *,
    namespaces: Sequence[str] = (),
    weaviate: str = "",
    progress: Progress | None = None,
    stop: threading.Event | None = None,
    as_of: datetime | None = None,
) -> Snapshot:
    """Everything that `reads` (keys of `kinds.KINDS`) name, and what it takes to find Weaviate, as a snapshot.

    Of the other sources only the names of the API groups (`kubernetes/apis`) are read here.

    namespaces: only these, and nothing of the cluster as a whole (namespace-only mode)
    weaviate:   `namespace/name` of the workload; without it, narrow lists reach all namespaces with Weaviate in them
    progress:   called with an Event at each step, from the threads that read, one at a time
    stop:       ends the collection soon after it is set; what was read by then is kept
    as_of:      the time written into the snapshot, for tests; else now

    Raises UsageError for an unknown kind or an impossible namespace, and ConfigError for a namespace of
    `namespaces` that is not there.
    """
    asked = set(reads)
    wanted = tuple(sorted({*WORKLOAD_READS, *asked} - SOURCES.keys()))
    if unknown := sorted(set(wanted) - set(KINDS)):
        raise UsageError(f"there is no kind named {', '.join(unknown)}", f"known are: {', '.join(KINDS)}")
    scope = Scope(tuple(dict.fromkeys(namespaces)))
    for namespace in (*scope.namespaces, *filter(None, [weaviate.partition("/")[0]])):
        if not _NAMESPACE.fullmatch(namespace):
            raise UsageError(f"{namespace!r} cannot be the name of a namespace", "give its name as kubectl shows it")
    run = _Run(connection, [KINDS[key] for key in wanted], scope, progress, stop or threading.Event())
    taken_at = as_of or datetime.now(UTC)
    try:
        run.all(weaviate)
    finally:
        # The connection may serve another collection after one that was stopped.
        connection.transport.stop = threading.Event()
    manifest = Manifest(
        schema=SCHEMA_VERSION,
        kit=__version__,
        taken_at=taken_at,
        context=connection.context,
        server_version=connection.server_version,
        namespaces=run.scope.namespaces,
        weaviate_namespaces=run.scope.weaviate,
        reads=(*([run.groups.record] if APIS in asked else ()), *(run.records[key] for key in wanted)),
    )
    answers = {APIS: run.groups.names} if APIS in asked and run.groups.served is not None else {}
    kept = {key: run.kept[key] for key in wanted if key in run.kept}
    return Snapshot(manifest, kept, connection.calls, answers)


class _Run:
    """One collection under way. `kept` and `records` are filled by the threads, each for kinds of its own."""

    def __init__(
        self, connection: Connection, kinds: list[Kind], scope: Scope, progress: Progress | None, stop: threading.Event
    ) -> None:
        self.connection = connection
        self.scope = scope
        self.kept: dict[str, tuple[Any, ...]] = {}
        self.records: dict[str, Read] = {}
        self._kinds = kinds
        self.groups = Groups()
        self._progress = progress
        self._stop = stop
        self._hasher = LabelHasher(secrets.token_bytes(32))
        self._telling = threading.Lock()
        self._auth_failed = ""

    def all(self, weaviate: str) -> None:
        """Both steps; the kinds that need no namespace of Weaviate are read while the workloads are."""
        # A stop while a request waits for its next attempt ends the waiting.
        self.connection.transport.stop = self._stop
        self.groups = Groups.read(self.connection.get)
        narrow = [kind for kind in self._kinds if self._is_narrow(kind)]
        first = [kind for kind in self._kinds if kind not in narrow]
        first.sort(key=lambda kind: kind.key not in WORKLOAD_READS)
        with ThreadPoolExecutor(THREADS, thread_name_prefix="collect") as pool:
            running = {kind.key: pool.submit(self._one, kind) for kind in first}
            try:
                self._locate(running, weaviate)
                for kind in narrow:
                    if kind.key not in self.records:
                        running[kind.key] = pool.submit(self._one, kind)
                for future in running.values():
                    future.result()
            except BaseException:
                self._stop.set()
                raise

    def _is_narrow(self, kind: Kind) -> bool:
        return kind.namespaced and kind.breadth == "weaviate" and not self.scope.namespaces

    def _locate(self, running: dict[str, Future[None]], weaviate: str) -> None:
        """Waits for the workloads and fills `scope.weaviate`; pods of the whole cluster are the last resort."""
        for key in WORKLOAD_READS:
            if key in running:
                running[key].result()
        statefulsets, deployments, pods = (self.kept.get(key, ()) for key in WORKLOAD_READS)
        self._check_namespaces((statefulsets, deployments, pods))
        candidates = locate.find(statefulsets, deployments, pods)
        if not self.scope.namespaces and not weaviate and not any(candidate.accepted for candidate in candidates):
            self._one(KINDS["pods"], everywhere=True)
            candidates = locate.find(statefulsets, deployments, self.kept.get("pods", ()))
            self._keep_pods_of(namespaces_of(candidates, ""))
        found = namespaces_of(candidates, weaviate)
        if self.scope.namespaces:
            found = tuple(name for name in found if name in self.scope.namespaces)
        self.scope = Scope(self.scope.namespaces, found)

    def _keep_pods_of(self, namespaces: tuple[str, ...]) -> None:
        """Of the pods of the whole cluster only those that a narrow list would have given."""
        if namespaces and self.records["pods"].reason is None:
            kept = tuple(pod for pod in self.kept["pods"] if pod.metadata.namespace in namespaces)
            self.kept["pods"] = kept
            self.records["pods"] = Read("pods", len(kept), namespaces)

    def _check_namespaces(self, read: Iterable[tuple[KubeObject, ...]]) -> None:
        """A namespace with nothing in it may not exist; where its object may be read, that tells."""
        peopled = {item.metadata.namespace for objects in read for item in objects}
        for namespace in self.scope.namespaces:
            if namespace in peopled or self._stop.is_set():
                continue
            try:
                self.connection.get(f"/api/v1/namespaces/{namespace}")
            except StatusError as problem:
                if problem.status == 404:
                    raise ConfigError(
                        f"there is no namespace {namespace!r} in the cluster of the context"
                        f" {self.connection.context!r}",
                        "check the name with `kubectl get namespaces`",
                    ) from None
            except ReadinessError:
                continue

    def _one(self, kind: Kind, everywhere: bool = False) -> None:
        """Reads one kind in all its places and writes its record."""
        self._tell(kind.key, 0, "start")
        places = ("",) if everywhere else self.scope.places(kind)
        if not places:
            self._finish(self.scope.left_out(kind), "done")
            return
        if reason := self.groups.lack(kind):
            self._finish(Read(kind.key, reason=reason[0], message=reason[1]), "absent")
            return
        objects: list[KubeObject] = []
        failed: list[tuple[str, Reason, str]] = []
        broken = lists.Broken()
        for place in places:
            try:
                found, amiss = self._list(kind, place, len(objects))
            except ReadinessError as problem:
                failed.append((place, *self._why(problem, kind)))
                continue
            objects += found
            if amiss.count:
                broken.count += amiss.count
                broken.first = broken.first or amiss.first
        self.kept[kind.key] = tuple(objects)
        self._finish(*_record(kind.key, places, len(objects), failed, broken))

    def _list(self, kind: Kind, place: str, before: int) -> tuple[list[KubeObject], lists.Broken]:
        if self._stop.is_set():
            raise StoppedError(STOPPED)
        if self._auth_failed:
            raise StatusError(401, self._auth_failed, kind.path(place))

        def page(count: int) -> None:
            self._tell(kind.key, before + count, "page")

        *first, last = self.groups.as_served(kind)
        for one in first:
            try:
                return lists.read(one, place, self.connection.get, self._hasher, page)
            except StatusError as problem:
                if problem.status != 404:
                    raise
        return lists.read(last, place, self.connection.get, self._hasher, page)

    def _why(self, problem: ReadinessError, kind: Kind) -> tuple[Reason, str]:
        """The reason and the words for a kind's record."""
        if isinstance(problem, StoppedError):
            return Reason.NOT_COLLECTED, STOPPED
        if isinstance(problem, UnreachableError):
            return Reason.UNREACHABLE, problem.what
        if isinstance(problem, ConfigError):
            self._auth_failed = problem.what
            return Reason.FORBIDDEN, problem.what
        if not isinstance(problem, StatusError):
            return Reason.ERROR, problem.what
        if problem.status == 401:
            self._auth_failed = problem.message or "Unauthorized"
            return Reason.FORBIDDEN, "401: the credentials are not accepted any longer; sign in and collect again"
        if problem.status == 403:
            return Reason.FORBIDDEN, problem.message
        if problem.status == 404:
            return Reason.ABSENT, f"the API server does not know {kind.plural} in {kind.api}"
        busy = problem.status == 429 or problem.status >= 500
        return (Reason.UNREACHABLE if busy else Reason.ERROR), f"{problem.status}: {problem.message}"

    def _finish(self, record: Read, state: EventState) -> None:
        self.records[record.key] = record
        self._tell(record.key, record.count, state)

    def _tell(self, key: str, objects: int, state: EventState) -> None:
        if self._progress is not None:
            with self._telling:
                self._progress(Event(key, len(self.records), len(self._kinds), objects, state))


def _record(
    key: str, places: tuple[str, ...], count: int, failed: list[tuple[str, Reason, str]], broken: lists.Broken
) -> tuple[Read, EventState]:
    """What became of a kind: refusal before absence before failure, because it is the one that can be mended."""
    namespaces = tuple(place for place in places if place)
    if not failed and not broken.count:
        return Read(key, count, namespaces), "done"
    if not failed:
        words = f"{broken.count} of {broken.count + count} objects could not be read ({broken.first})"
        return Read(key, count, namespaces, Reason.ERROR, words, partial=True), "failed"
    order = (Reason.FORBIDDEN, Reason.UNREACHABLE, Reason.ERROR, Reason.NOT_COLLECTED, Reason.ABSENT)
    place, reason, words = min(failed, key=lambda one: order.index(one[1]))
    partial = len(failed) < len(places)
    message = f"in the namespace {place}: {words}" if place and len(places) > 1 else words
    states: dict[Reason, EventState] = {Reason.FORBIDDEN: "refused", Reason.ABSENT: "absent"}
    return Read(key, count, namespaces, reason, message, partial=partial), states.get(reason, "failed")
