"""Reads a cluster into a snapshot: the workloads first, then the narrow lists in the namespaces of Weaviate.

A failure of one kind is written into that kind's record and ends nothing else.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Any

from readiness_kit import locate
from readiness_kit._version import __version__
from readiness_kit.collect.http.reasons import failure
from readiness_kit.collect.http.transport import StatusError, StoppedError
from readiness_kit.collect.kubernetes import lists
from readiness_kit.collect.kubernetes.client import Connection
from readiness_kit.collect.kubernetes.discovery import APIS, Groups
from readiness_kit.collect.kubernetes.identity import cluster_identity
from readiness_kit.collect.kubernetes.scope import (
    Scope,
    check_namespaces,
    grafana_namespaces,
    kinds_for,
    namespaces_of,
)
from readiness_kit.collect.progress import Progress, Recorder
from readiness_kit.errors import ConfigError, ReadinessError
from readiness_kit.kinds import KINDS, Kind
from readiness_kit.kinds.meta import KubeObject
from readiness_kit.locate import WORKLOAD_READS
from readiness_kit.model import SCHEMA_VERSION, Read, Reason
from readiness_kit.redact import LabelHasher
from readiness_kit.snapshot import Manifest, Snapshot

THREADS = 8
MIN_SKEW = 60.0
"""Seconds; a smaller difference of the clocks is not kept, so that snapshots of one cluster stay alike."""
_BY_IMPORTANCE = (Reason.FORBIDDEN, Reason.UNREACHABLE, Reason.ERROR, Reason.NOT_COLLECTED, Reason.ABSENT)
"""Of several failures of one kind the first of these is recorded: a refusal first, because permission can be given."""

Failure = tuple[str, Reason, str]
"""Namespace, reason and message."""


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
    """A snapshot of what `reads` (keys of `kinds.KINDS`) name, and of what is needed to find Weaviate.

    Of the other sources only the names of the API groups (`kubernetes/apis`) are read here.

    namespaces: only these, and nothing of the cluster as a whole (namespace-only mode)
    weaviate:   `namespace/name` of the workload; without it, narrow lists cover all namespaces that have Weaviate
    progress:   called with an Event at each step, from the threads that read, one at a time
    stop:       ends the collection soon after it is set; what was read by then is kept
    as_of:      the time written into the snapshot, for tests; else now

    Raises UsageError for an unknown kind or an impossible namespace, and ConfigError for a namespace of
    `namespaces` that does not exist.
    """
    asked = set(reads)
    kinds = sorted(kinds_for(asked), key=lambda kind: kind.key)
    scope = Scope(tuple(dict.fromkeys(namespaces)))
    check_namespaces((*scope.namespaces, *filter(None, [weaviate.partition("/")[0]])))
    stop = stop or threading.Event()
    run = _Run(connection, kinds, scope, progress, stop)
    taken_at = as_of or datetime.now(UTC)
    try:
        run.all(weaviate)
    finally:
        # The connection may serve another collection after one that was stopped.
        connection.transport.stop = threading.Event()
    with_groups = APIS in asked
    manifest = Manifest(
        schema=SCHEMA_VERSION,
        kit=__version__,
        taken_at=taken_at,
        context=connection.context,
        server_version=connection.server_version,
        namespaces=run.scope.namespaces,
        weaviate_namespaces=run.scope.weaviate,
        tls_unverified=connection.tls_unverified,
        cluster="" if scope.namespaces or stop.is_set() else cluster_identity(connection.get),
        clock_skew=skew if abs(skew := connection.clock_skew) > MIN_SKEW else 0.0,
        reads=(*([run.groups.record] if with_groups else ()), *run.recorder.reads),
    )
    answers = {APIS: run.groups.names} if with_groups and run.groups.served is not None else {}
    objects = run.recorder.answers
    return Snapshot(manifest, {kind.key: objects[kind.key] for kind in kinds if kind.key in objects},
                    connection.calls, answers)  # fmt: skip


class _Run:
    """One collection under way; each kind is read by one thread."""

    def __init__(
        self, connection: Connection, kinds: list[Kind], scope: Scope, progress: Progress | None, stop: threading.Event
    ) -> None:
        self.scope = scope
        self.groups = Groups()
        self.recorder = Recorder((kind.key for kind in kinds), progress)
        self._connection = connection
        self._kinds = kinds
        self._stop = stop
        self._hasher = LabelHasher(secrets.token_bytes(32))
        self._auth_failed: ReadinessError | None = None
        self._refused: set[str] = set()

    def all(self, weaviate: str) -> None:
        """Both steps; the kinds that do not depend on Weaviate's namespaces are read while the workloads are."""
        # A stop while a request waits for its next attempt ends the waiting.
        self._connection.transport.stop = self._stop
        self.groups = Groups.read(self._connection.get)
        narrow = [kind for kind in self._kinds if self._is_narrow(kind)]
        first = [kind for kind in self._kinds if kind not in narrow]
        first.sort(key=lambda kind: kind.key not in WORKLOAD_READS)
        with ThreadPoolExecutor(THREADS, thread_name_prefix="collect") as pool:
            running = {kind.key: pool.submit(self._read, kind) for kind in first}
            try:
                self._locate(running, weaviate)
                for kind in narrow:
                    if kind.key not in self.recorder.records:
                        running[kind.key] = pool.submit(self._read, kind)
                for future in running.values():
                    future.result()
                refused = [kind for kind in self._kinds if kind.key in self._refused]
                list(pool.map(self._read_near, refused))
            except BaseException:
                self._stop.set()
                raise

    def _is_narrow(self, kind: Kind) -> bool:
        return kind.namespaced and kind.breadth == "weaviate" and not self.scope.namespaces

    def _objects(self, key: str) -> tuple[Any, ...]:
        objects: tuple[Any, ...] = self.recorder.answers.get(key, ())
        return objects

    def _locate(self, running: dict[str, Future[None]], weaviate: str) -> None:
        """Wait for the workloads and fill `scope.weaviate`; the last resort are the pods of the whole cluster."""
        for key in WORKLOAD_READS:
            if key in running:
                running[key].result()
        if weaviate and not self.scope.namespaces:
            self.scope = Scope(weaviate=(weaviate.partition("/")[0],))
            for key in sorted(self._refused & set(WORKLOAD_READS)):
                self._read_near(KINDS[key])
        statefulsets, deployments, pods = map(self._objects, WORKLOAD_READS)
        self._check_namespaces((*statefulsets, *deployments, *pods))
        candidates = locate.find(statefulsets, deployments, pods)
        if not self.scope.namespaces and not weaviate and not any(candidate.accepted for candidate in candidates):
            self._read(KINDS["pods"], everywhere=True)
            candidates = locate.find(statefulsets, deployments, self._objects("pods"))
            self._keep_pods_of(namespaces_of(candidates, ""))
        found = namespaces_of(candidates, weaviate)
        if self.scope.namespaces:
            found = tuple(name for name in found if name in self.scope.namespaces)
        self.scope = Scope(self.scope.namespaces, found, grafana_namespaces((*statefulsets, *deployments)))

    def _keep_pods_of(self, namespaces: tuple[str, ...]) -> None:
        """Of the pods of the whole cluster, keep only those that a narrow list would have returned."""
        if namespaces and self.recorder.records["pods"].reason is None:
            kept = tuple(pod for pod in self._objects("pods") if pod.metadata.namespace in namespaces)
            self.recorder.answers["pods"] = kept
            self.recorder.records["pods"] = Read("pods", len(kept), namespaces)

    def _check_namespaces(self, objects: Iterable[KubeObject]) -> None:
        """Raise ConfigError for a chosen namespace that does not exist; an empty one is looked up if permitted."""
        populated = {item.metadata.namespace for item in objects}
        for namespace in self.scope.namespaces:
            if namespace in populated or self._stop.is_set():
                continue
            try:
                self._connection.get(f"/api/v1/namespaces/{namespace}")
            except StatusError as problem:
                if problem.status == 404:
                    raise ConfigError(
                        f"there is no namespace {namespace!r} in the cluster of the context"
                        f" {self._connection.context!r}",
                        "check the name with `kubectl get namespaces`",
                    ) from None
            except ReadinessError:
                continue

    def _read(self, kind: Kind, everywhere: bool = False) -> None:
        """Read one kind in all its namespaces and write its record."""
        self.recorder.emit(kind.key)
        places = ("",) if everywhere else self.scope.places(kind)
        if not places:
            self.recorder.keep(self.scope.left_out(kind))
            return
        if unavailable := self.groups.unavailable_reason(kind):
            self.recorder.keep(Read(kind.key, reason=unavailable[0], message=unavailable[1]))
            return
        record, objects = self._lists(kind, places)
        if record.reason is Reason.FORBIDDEN and places == ("",) and kind.breadth == "cluster":
            self._refused.add(kind.key)
        self.recorder.keep(record, objects)

    def _read_near(self, kind: Kind) -> None:
        """The namespaces of Weaviate, where the list of the whole cluster was refused: the rest stays forbidden."""
        self._refused.discard(kind.key)
        places = self.scope.near(kind)
        if not places or self._stop.is_set():
            return
        self.recorder.emit(kind.key)
        wide = self.recorder.records[kind.key]
        record, objects = self._lists(kind, places)
        if record.reason is not None and not record.partial:
            self.recorder.emit(kind.key, state="refused")
            return
        read_in = f"read only where Weaviate runs ({', '.join(places)})"
        message = f"{wide.message}; {read_in}" + (f"; {record.message}" if record.message else "")
        record = Read(kind.key, len(objects), places, Reason.FORBIDDEN, message, partial=True)
        self.recorder.keep(record, objects)

    def _lists(self, kind: Kind, places: tuple[str, ...]) -> tuple[Read, tuple[KubeObject, ...]]:
        """One list in each of the places, with the record of all of them."""
        objects: list[KubeObject] = []
        failed: list[Failure] = []
        broken = lists.Broken()
        for place in places:
            try:
                found, unreadable = self._list(kind, place, len(objects))
            except ReadinessError as problem:
                failed.append((place, *self._failure(problem, kind)))
                continue
            objects += found
            broken.merge(unreadable)
        return _record(kind.key, places, len(objects), failed, broken), tuple(objects)

    def _list(self, kind: Kind, place: str, before: int) -> tuple[list[KubeObject], lists.Broken]:
        """The objects of a kind in a namespace, by the first version in which the server has the kind."""
        if self._stop.is_set():
            raise StoppedError
        if self._auth_failed is not None:
            raise self._auth_failed

        def on_page(count: int) -> None:
            self.recorder.emit(kind.key, before + count, "page")

        read = partial(lists.read, namespace=place, get=self._connection.get, hasher=self._hasher, on_page=on_page)
        *others, last = self.groups.as_served(kind)
        for version in others:
            try:
                return read(version)
            except StatusError as problem:
                if problem.status != 404:
                    raise
        return read(last)

    def _failure(self, problem: ReadinessError, kind: Kind) -> tuple[Reason, str]:
        """Reason and message for a kind's record; after refused credentials the server is not asked again."""
        reason, message = failure(problem, absent={404})
        if isinstance(problem, ConfigError) or (isinstance(problem, StatusError) and problem.status == 401):
            self._auth_failed = problem
        if isinstance(problem, StatusError) and problem.status == 401:
            message = "401: the credentials are no longer accepted; sign in and collect again"
        elif reason is Reason.ABSENT:
            message = f"the API server does not know {kind.plural} in {kind.api}"
        return reason, message


def _record(key: str, places: tuple[str, ...], count: int, failed: list[Failure], broken: lists.Broken) -> Read:
    """The record of a kind that was read in several namespaces."""
    namespaces = tuple(place for place in places if place)
    if not failed and not broken.incomplete(count):
        return Read(key, count, namespaces, message=broken.note)
    if not failed:
        return Read(key, count, namespaces, Reason.ERROR, broken.incomplete(count), partial=True)
    place, reason, message = min(failed, key=lambda failure: _BY_IMPORTANCE.index(failure[1]))
    if place and len(places) > 1:
        message = f"in the namespace {place}: {message}"
    return Read(key, count, namespaces, reason, message, partial=len(failed) < len(places))
