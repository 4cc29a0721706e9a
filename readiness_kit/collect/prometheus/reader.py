"""The reads of one run against Prometheus: queries out, one answer of `kinds.prometheus` back for each key."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import TypeVar

from readiness_kit.collect.http.reasons import Absent as Absent
from readiness_kit.collect.http.reasons import failure
from readiness_kit.collect.http.transport import StatusError
from readiness_kit.collect.progress import Partial
from readiness_kit.collect.prometheus import queries, series
from readiness_kit.collect.prometheus.client import Answer, Server
from readiness_kit.collect.prometheus.queries import Query, Scope, Window
from readiness_kit.collect.prometheus.terms import TERMS_OF
from readiness_kit.errors import ReadinessError
from readiness_kit.kinds.prometheus import NodeUsage, Sample, Samples, Traffic, Usage, VolumeUsage

T = TypeVar("T")
Pods = frozenset[str]
Failed = dict[str, ReadinessError]
_TERM_FAULTS = (400, 422)
"""The server refused a query, not the request: the terms of a union are then sent one by one."""
_METRICS_PORT = "2112"


class Reader:
    """Each method returns the answer of one key, or Partial; raises Absent, or what `Server.ask` raises.

    `mine` are the names of Weaviate's pods.
    """

    def __init__(self, server: Server, scope: Scope, window: Window) -> None:
        self._server = server
        self._scope = scope
        self._window = window
        self._labels = scope.labels

    def usage(self, mine: Pods, container: str, truncated: int) -> Usage | Partial:
        """Usage of containers; `container` is Weaviate's, `truncated` the number of containers left out."""
        if not self._labels.cadvisor:
            raise Absent(f"no container_memory_rss of the namespace {self._scope.namespace}: cAdvisor is not scraped")
        answers, failed = self._ask_all(queries.usage(self._scope, self._window), required=("rss_max",))
        if pods := series.restarted(self._scope, answers):
            more, also_failed = self._ask_all({"restarted": queries.restarted(self._scope, self._window, pods)})
            answers, failed = answers | more, failed | also_failed
        found = series.usage(self._scope, self._window, answers, mine, container, truncated)
        if not found.pod:
            raise Absent(f"no samples of the namespace {self._scope.namespace} in {self._window.text}")
        return _complete(found, len(answers), failed)

    def volumes(self) -> VolumeUsage:
        """Usage of the volumes of the namespace."""
        if not self._labels.kubelet:
            raise Absent(f"no kubelet_volume_stats_used_bytes of the namespace {self._scope.namespace}")
        asked = queries.volumes(self._scope, self._window)
        answers, _ = self._ask_all(asked, required=asked)
        return series.volumes(self._scope, self._window, answers, asked["daily"])

    def nodes(self, known: frozenset[str]) -> NodeUsage:
        """Usage of the nodes; `known` are the names of the nodes of this cluster."""
        asked = queries.nodes(self._scope, self._window)
        answers, _ = self._ask_all(asked, required=asked)
        found = series.nodes(self._window, answers, known)
        if not found.node:
            raise Absent("no container_cpu_usage_seconds_total of the root cgroup names a node of this cluster")
        return found

    def weaviate(self, mine: Pods) -> Samples | Partial:
        """Weaviate's own metrics; an empty tuple where a series does not exist."""
        self._require_weaviate()
        terms, asked = queries.weaviate(self._scope, self._window)
        found, failed = self._samples(terms, asked, self._labels.weaviate.pod, mine)
        # A term whose series do not exist has an empty answer; one that failed has none.
        absent = {name: () for name in TERMS_OF if name not in terms}
        samples = {name: (found | absent)[name] for name in TERMS_OF if name in found | absent}
        return _complete(samples, len(samples), failed)

    def history(self, mine: Pods) -> Samples | Partial:
        """Readiness, restarts and terminations of Weaviate's pods in the past week and quarter."""
        terms, asked = queries.history(self._scope, self._window)
        if not terms:
            raise Absent("neither kube-state-metrics nor cAdvisor have series of the namespace")
        pod = self._labels.kube_state.pod or self._labels.cadvisor.pod
        found, failed = self._samples(terms, asked, pod, mine)
        return _complete(found, len(found), failed)

    def traffic(self, mine: Pods) -> Traffic:
        """The tracks of Weaviate's traffic, hour by hour."""
        self._require_weaviate()
        asked = queries.traffic(self._scope, self._window)
        if not asked:
            raise Absent("the server has none of Weaviate's series of traffic")
        return series.traffic(asked[0], self._server.ask(asked[0]), self._labels.weaviate.pod, mine)

    def up(self, mine: Pods) -> tuple[Sample, ...]:
        """`up` of Weaviate's targets; without Weaviate's own series, those of its usual metrics port."""
        known = bool(self._labels.weaviate)
        rows = self._server.ask(queries.up(self._scope, self._window))
        pod = self._labels.weaviate.pod if known else "pod"
        chosen = [row for row in rows if known or row.labels.get("instance", "").endswith(f":{_METRICS_PORT}")]
        return tuple(series.sample(row, float(row.values[-1]), pod, mine) for row in chosen)

    def _require_weaviate(self) -> None:
        if not self._labels.weaviate:
            raise Absent("no series of Weaviate were found: this server does not scrape its metrics")

    def _ask_all(self, asked: Mapping[str, Query], required: Container[str] = ()) -> tuple[dict[str, Answer], Failed]:
        """The answers by name, and the failures of those that are not required; of the others they are raised."""
        answers: dict[str, Answer] = {}
        failed: Failed = {}
        for name, query in asked.items():
            try:
                answers[name] = self._server.ask(query)
            except ReadinessError as problem:
                if name in required:
                    raise
                failed[name] = problem
        return answers, failed

    def _samples(
        self, terms: Mapping[str, str], asked: Iterable[Query], pod: str, mine: Pods
    ) -> tuple[Samples, Failed]:
        answers: list[Answer] = []
        failed: Failed = {}
        for query in asked:
            names = query.name.split(", ")
            try:
                answers.append(self._server.ask(query))
            except ReadinessError as problem:
                if not (isinstance(problem, StatusError) and problem.status in _TERM_FAULTS):
                    failed |= dict.fromkeys(names, problem)
                    continue
                single = {name: self._window.now(name, queries.union({name: terms[name]})) for name in names}
                some, also_failed = self._ask_all(single)
                answers += some.values()
                failed |= also_failed
        return series.samples([name for name in terms if name not in failed], answers, pod, mine), failed


def _complete(found: T, answers: int, failed: Failed) -> T | Partial:
    """The answer itself, or Partial where queries failed; `answers` is the number of those that succeeded."""
    if not failed:
        return found
    reason, cause = failure(next(iter(failed.values())))
    total = len(failed) + answers
    message = f"{len(failed)} of {total} figures could not be read: {', '.join(failed)}"
    return Partial(found, reason, f"{message[:300]} ({cause[:200]})")
