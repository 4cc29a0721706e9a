"""The reads of one run against Prometheus: queries out, one answer of `kinds.prometheus` back for each key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from readiness_kit.collect.http.transport import StatusError, StoppedError
from readiness_kit.collect.prometheus import queries
from readiness_kit.collect.prometheus import series as figures
from readiness_kit.collect.prometheus.client import Answer, Server
from readiness_kit.collect.prometheus.queries import TERMS_OF, Query, Scope, Window
from readiness_kit.errors import ReadinessError, UnreachableError
from readiness_kit.kinds.prometheus import Labels, NodeUsage, Samples, Traffic, Usage, VolumeUsage
from readiness_kit.model import Reason

Pods = frozenset[str]
Failed = dict[str, ReadinessError]
_TERM_FAULTS = (400, 422)
"""The server understood the request and not a query: the terms of a union are then asked for singly."""


class Absent(Exception):
    """There are no such series or no such API; the text says which."""


class Partly(Exception):
    """Some of the queries failed: `answer` is what was had."""

    def __init__(self, answer: Any, reason: Reason, words: str) -> None:
        super().__init__(words)
        self.answer = answer
        self.reason = reason
        self.words = words


class Reader:
    """Each method gives the answer of one key, or raises Absent, Partly, or what `Server.ask` raises."""

    def __init__(self, server: Server, scope: Scope, window: Window, labels: Labels) -> None:
        self._server = server
        self._scope = scope
        self._window = window
        self._labels = labels

    def usage(self, mine: Pods, container: str, truncated: int) -> Usage:
        if not self._labels.cadvisor:
            raise Absent(f"no container_memory_rss of the namespace {self._scope.namespace}: cAdvisor is not scraped")
        answers, failed = self._all(queries.usage(self._scope, self._window), needed=("rss_max",))
        if pods := figures.restarted(self._scope, answers):
            again, more = self._all({"restarted": queries.restarted(self._scope, self._window, pods)}, needed=())
            answers, failed = {**answers, **again}, {**failed, **more}
        found = figures.usage(self._scope, self._window, answers, mine, container, truncated)
        if not found.pod:
            raise Absent(f"no samples of the namespace {self._scope.namespace} in {self._window.text}")
        return _whole(found, answers, failed)

    def volumes(self) -> VolumeUsage:
        if not self._labels.kubelet:
            raise Absent(f"no kubelet_volume_stats_used_bytes of the namespace {self._scope.namespace}")
        asked = queries.volumes(self._scope, self._window)
        answers, _ = self._all(asked, needed=tuple(asked))
        return figures.volumes(self._scope, self._window, answers, asked["daily"])

    def nodes(self, known: frozenset[str]) -> NodeUsage:
        asked = queries.nodes(self._scope, self._window)
        answers, _ = self._all(asked, needed=tuple(asked))
        found = figures.nodes(self._window, answers, known)
        if not found.node:
            raise Absent("no container_cpu_usage_seconds_total of the root cgroup names a node of this cluster")
        return found

    def weaviate(self, mine: Pods) -> Samples:
        self._need_weaviate()
        terms, asked = queries.weaviate(self._scope, self._window)
        found, failed = self._samples(terms, asked, self._labels.weaviate.pod, mine)
        # What the server does not list has no series; what failed is not in the answer at all.
        return _whole(
            {name: found.get(name, ()) for name in TERMS_OF if name in found or name not in terms}, {}, failed
        )

    def history(self, mine: Pods) -> Samples:
        terms, asked = queries.history(self._scope, self._window)
        if not terms:
            raise Absent("neither kube-state-metrics nor cAdvisor have series of the namespace")
        pod = self._labels.kube_state.pod or self._labels.cadvisor.pod
        found, failed = self._samples(terms, asked, pod, mine)
        return _whole(found, {}, failed)

    def traffic(self, mine: Pods) -> Traffic:
        self._need_weaviate()
        asked = queries.traffic(self._scope, self._window)
        if not asked:
            raise Absent("the server knows none of Weaviate's series of traffic")
        return figures.traffic(asked[0], self._server.ask(asked[0]), self._labels.weaviate.pod, mine)

    def _need_weaviate(self) -> None:
        if not self._labels.weaviate:
            raise Absent("no series of Weaviate's own were found: its metrics are not scraped by this server")

    def _all(
        self, asked: Mapping[str, Query], needed: Iterable[str]
    ) -> tuple[dict[str, Answer], dict[str, ReadinessError]]:
        """The answers by name, and what failed of those that can be done without; a needed one's failure is raised."""
        answers: dict[str, Answer] = {}
        failed: Failed = {}
        for name, query in asked.items():
            try:
                answers[name] = self._server.ask(query)
            except ReadinessError as problem:
                if name in needed:
                    raise
                failed[name] = problem
        return answers, failed

    def _samples(
        self, terms: Mapping[str, str], asked: Iterable[Query], pod: str, mine: Pods
    ) -> tuple[Samples, Failed]:
        answers: list[Answer] = []
        failed: Failed = {}
        for query in asked:
            try:
                answers.append(self._server.ask(query))
            except ReadinessError as problem:
                if not (isinstance(problem, StatusError) and problem.status in _TERM_FAULTS):
                    failed |= dict.fromkeys(query.name.split(", "), problem)
                    continue
                single = {
                    name: self._window.now(name, queries.union({name: terms[name]})) for name in query.name.split(", ")
                }
                some, more = self._all(single, needed=())
                answers += some.values()
                failed |= more
        return figures.samples([name for name in terms if name not in failed], answers, pod, mine), failed


def _whole(found: Any, answers: Mapping[str, Answer], failed: Mapping[str, ReadinessError]) -> Any:
    """The answer itself, or Partly where queries failed."""
    if not failed:
        return found
    first = next(iter(failed.values()))
    words = f"{len(failed)} of {len(failed) + len(answers or found)} figures could not be read: {', '.join(failed)}"
    raise Partly(found, reason_of(first), f"{words[:300]} ({first.what[:200]})")


def reason_of(problem: ReadinessError) -> Reason:
    """Why a read gave nothing, by what was raised."""
    if isinstance(problem, StoppedError):
        return Reason.NOT_COLLECTED
    if isinstance(problem, UnreachableError):
        return Reason.UNREACHABLE
    if isinstance(problem, StatusError):
        if problem.status in (401, 403):
            return Reason.FORBIDDEN
        return Reason.UNREACHABLE if problem.status == 429 or problem.status >= 500 else Reason.ERROR
    return Reason.ERROR
