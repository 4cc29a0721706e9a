"""Metadata of servers that have all, some or none of the APIs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from readiness_kit.collect.http.guards import METADATA
from readiness_kit.collect.prometheus.client import Server, log_in, parsed
from readiness_kit.collect.prometheus.collector import with_prometheus
from readiness_kit.collect.prometheus.metadata import alertmanagers, build, rules, targets
from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds.prometheus import Names
from readiness_kit.model import Reason
from tests.collect.prometheus.conftest import (
    SNAPSHOT,
    Answering,
    MadeUp,
    Reply,
    record,
    usual,
)


def test_missing_metadata_apis_are_absent(serve: Callable[[Answering], MadeUp]) -> None:
    def thanos(path: str, form: dict[str, str]) -> Reply:
        if path == "/api/v1/targets":
            return 200, b"<html>some page</html>"
        return (404, b"404 page not found") if path in METADATA else usual(path, form)

    server = serve(thanos)
    found = with_prometheus(SNAPSHOT, server.url)
    history = ClusterFacts(found).history
    for key in ("buildinfo", "rules", "alertmanagers", "targets"):
        assert history.missing(key) is Reason.ABSENT, key
    assert history.missing("labels") is None and history.labels.listed is False
    assert history.missing("weaviate") is None


def test_victoriametrics_lists_no_rules_of_its_own(serve: Callable[[Answering], MadeUp]) -> None:
    def victoria(path: str, form: dict[str, str]) -> Reply:
        if path == "/api/v1/status/buildinfo":
            return 200, {"status": "success", "data": {"version": "2.24.0"}}
        if path == "/api/v1/alertmanagers":
            return 200, {"status": "success", "data": {}}
        return usual(path, form)

    found = with_prometheus(SNAPSHOT, serve(victoria).url)
    assert found.answer("prometheus/buildinfo").flavour == "victoriametrics"
    assert record(found, "rules").reason is Reason.ABSENT
    assert record(found, "alertmanagers").reason is Reason.ABSENT


def test_recorded_answers_of_a_real_server(recordings: Path, serve: Callable[[Answering], MadeUp]) -> None:
    folder = recordings / "good" / "prometheus"
    names = {
        "/api/v1/status/buildinfo": "buildinfo",
        "/api/v1/rules": "rules",
        "/api/v1/alertmanagers": "alertmanagers",
        "/api/v1/targets": "targets",
    }
    made = serve(lambda path, form: (200, (folder / f"{names[path]}.json").read_bytes()))
    server = Server(log_in(made.url), threading.Event())
    assert build(server).flavour == "prometheus"
    assert [(rule.name, rule.severity, rule.health) for rule in rules(server)][:2] == [
        ("WeaviatePodNotReady", "critical", "ok"),
        ("WeaviateRestarts", "warning", "ok"),
    ]
    assert alertmanagers(server).active == ()
    assert targets(server, "weaviate", Names()) == ()
    for name, count in (("kube", 68), ("cadvisor", 22), ("kubelet", 15)):
        rows = parsed((folder / f"{name}.json").read_bytes())
        assert len(rows) == count and all(len(row.values) == 1 for row in rows)
    (first, *_) = parsed((folder / "cadvisor-range.json").read_bytes())
    assert (first.labels["pod"], first.values[0], len(first.times)) == ("weaviate-2", 89.735078, 13)
