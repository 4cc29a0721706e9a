"""Three sources in one run: a failure of one costs only its own answers."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from readiness_kit.collect import Sources, collect_all, connect
from readiness_kit.collect.http.transport import Transport
from readiness_kit.collect.prometheus.terms import METRICS
from readiness_kit.model import Cluster, Reason, Settings
from readiness_kit.serve.server import Request
from tests.support.served import ServedCluster
from tests.support.weaviate import FakeWeaviate, collection, healthy
from tests.trust.outside import FakePrometheus, demo_lists

KEY = "the-key-of-this-test"
READS = ("pods", "nodes", "poddisruptionbudgets")


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WEAVIATE_API_KEY", "WEAVIATE_OIDC_TOKEN", "PROMETHEUS_TOKEN", "PROMETHEUS_TENANT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WEAVIATE_API_KEY", KEY)


def test_given_addresses_override_settings_and_credentials_come_from_the_environment(credentials: None) -> None:
    known = Cluster(weaviate_url="https://settings", prometheus_url="https://prometheus")
    sources = Sources.of(known, weaviate_url="https://given")
    assert (sources.weaviate_url, sources.prometheus_url) == ("https://given", "https://prometheus")
    assert sources.weaviate_key == KEY and KEY not in repr(sources)


def test_source_without_address_is_not_read(served_good: ServedCluster, tmp_path: Path) -> None:
    with connect(str(served_good.kubeconfig(tmp_path))) as connection:
        snapshot = collect_all(connection, READS, Sources(), Settings())
    assert snapshot.missing("pods") is None
    assert snapshot.missing("weaviate/meta") is Reason.NOT_COLLECTED
    assert snapshot.missing("prometheus/up") is Reason.NOT_COLLECTED


def test_weaviate_is_read_beside_the_cluster_and_its_key_is_kept_nowhere(
    served_good: ServedCluster, tmp_path: Path, credentials: None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with FakeWeaviate(healthy(), key=KEY) as server, connect(str(served_good.kubeconfig(tmp_path))) as connection:
        snapshot = collect_all(connection, READS, Sources.of(Cluster(weaviate_url=server.url)), Settings())
    assert snapshot.missing("pods") is None and snapshot.missing("weaviate/meta") is None
    assert snapshot.answer("weaviate/meta").version
    snapshot.save(tmp_path / "s.zip")
    assert KEY.encode() not in (tmp_path / "s.zip").read_bytes() and KEY not in caplog.text
    assert all(KEY not in str(call) for call in snapshot.calls)


def test_servers_that_do_not_answer_cost_only_their_own_answers(served_good: ServedCluster, tmp_path: Path) -> None:
    with FakeWeaviate({}) as gone:
        url = gone.url
    with connect(str(served_good.kubeconfig(tmp_path))) as connection:
        snapshot = collect_all(connection, READS, Sources(weaviate_url=url, prometheus_url=url), Settings())
    assert snapshot.missing("pods") is None
    assert snapshot.missing("weaviate/meta") is Reason.UNREACHABLE
    assert snapshot.missing("prometheus/up") is Reason.UNREACHABLE


@pytest.mark.parametrize(
    ("counted", "listed"),
    [({"HOT": 4.0, "COLD": 5.0}, True), ({"HOT": 4.0, "COLD": 5000.0}, False), ({}, False), ({"HOT": 0.0}, False)],
)
def test_shard_count_of_prometheus_is_used_for_weaviate(
    tmp_path: Path, counted: dict[str, float], listed: bool
) -> None:
    def answer(request: Request) -> Any:
        if b"schema_shards" in request.body:
            rows = [
                {"metric": {"status": status, "kit": "schema_shards"}, "value": [1, str(value)]}
                for status, value in counted.items()
            ]
            return {"resultType": "vector", "result": rows}
        if b"weaviate_build_info" in request.body:
            labels = {"namespace": "search", "pod": "weaviate-0", "container": "weaviate", "job": "w"}
            return {"resultType": "vector", "result": [{"metric": labels, "value": [1, "1"]}]}
        return list(METRICS) if "/label/" in request.path else None

    tenants = collection("T", multiTenancyConfig={"enabled": True}, shardingConfig={"desiredCount": 0})
    with (
        ServedCluster(demo_lists()) as cluster,
        FakeWeaviate(healthy(classes=[tenants])) as weaviate,
        FakePrometheus(answer=answer) as prometheus,
        connect(str(cluster.kubeconfig(tmp_path))) as connection,
    ):
        sources = Sources(weaviate_url=weaviate.url, prometheus_url=prometheus.url)
        found = collect_all(connection, (*READS, "statefulsets"), sources, Settings())
    assert ("GET /v1/nodes?output=verbose" in weaviate.asked) is listed
    assert (found.read("weaviate/nodes_verbose").reason is None) is listed


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Transport, "wait", lambda self, seconds: None)


def test_given_authorities_override_settings() -> None:
    known = Cluster(weaviate_ca="a.pem", prometheus_ca="b.pem")
    found = Sources.of(known, prometheus_ca="c.pem")
    assert (found.weaviate_ca, found.prometheus_ca) == ("a.pem", "c.pem")
