"""Three sources in one run: what one of them lacks costs that one only."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from readiness_kit.collect import Sources, collect_all, connect
from readiness_kit.model import Cluster, Reason, Settings
from tests.support.served import ServedCluster
from tests.support.weaviate import FakeWeaviate, healthy

KEY = "the-key-of-this-test"
READS = ("pods", "nodes", "poddisruptionbudgets")


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WEAVIATE_API_KEY", "WEAVIATE_OIDC_TOKEN", "PROMETHEUS_TOKEN", "PROMETHEUS_TENANT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WEAVIATE_API_KEY", KEY)


def test_addresses_given_win_over_the_settings_and_credentials_come_from_the_environment(credentials: None) -> None:
    known = Cluster(weaviate_url="https://settings", prometheus_url="https://prometheus")
    sources = Sources.of(known, weaviate_url="https://given")
    assert (sources.weaviate_url, sources.prometheus_url) == ("https://given", "https://prometheus")
    assert sources.weaviate_key == KEY and KEY not in repr(sources)


def test_what_has_no_address_is_not_asked(served_good: ServedCluster, tmp_path: Path) -> None:
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


def test_servers_that_do_not_answer_cost_only_what_they_would_have_said(
    served_good: ServedCluster, tmp_path: Path
) -> None:
    with FakeWeaviate({}) as gone:
        url = gone.url
    with connect(str(served_good.kubeconfig(tmp_path))) as connection:
        snapshot = collect_all(connection, READS, Sources(weaviate_url=url, prometheus_url=url), Settings())
    assert snapshot.missing("pods") is None
    assert snapshot.missing("weaviate/meta") is Reason.UNREACHABLE
    assert snapshot.missing("prometheus/up") is Reason.UNREACHABLE
