"""Addresses, credentials, budgets and numbers of one Prometheus server."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from readiness_kit.collect.http.guards import QUERIES
from readiness_kit.collect.prometheus.client import log_in, parsed
from readiness_kit.collect.prometheus.collector import KEYS, with_prometheus
from readiness_kit.errors import ConfigError, ReadinessError, UsageError
from readiness_kit.model import Reason
from tests.collect.prometheus.conftest import (
    SECRET,
    SNAPSHOT,
    Answering,
    MadeUp,
    Reply,
    record,
    usual,
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"bearer": SECRET, "tenant": "team-a"}, f"Bearer {SECRET}"),
        ({"user": "reader", "password": SECRET}, "Basic " + base64.b64encode(f"reader:{SECRET}".encode()).decode()),
    ],
)
def test_credentials_are_sent_and_kept_nowhere(
    serve: Callable[[Answering], MadeUp], tmp_path: Path, given: dict[str, str], expected: str
) -> None:
    server = serve(usual)
    found = with_prometheus(SNAPSHOT, server.url, **given)  # type: ignore[arg-type]
    assert {headers.get("Authorization") for *_, headers in server.seen} == {expected}
    assert {headers.get("X-Scope-OrgID") for *_, headers in server.seen} == {given.get("tenant")}
    assert {headers["Accept-Encoding"] for *_, headers in server.seen} == {"identity"}
    for text in (SECRET, expected.split()[1]):
        assert text not in repr(found) and text not in msgspec.json.encode(found.calls).decode()
    found.save(tmp_path / "s.zip")
    assert SECRET.encode() not in (tmp_path / "s.zip").read_bytes()
    assert found.answer("prometheus/alertmanagers").active == ("am-0.am:9093",)


def test_credentials_in_the_url_are_taken_out_of_it(serve: Callable[[Answering], MadeUp]) -> None:
    server = serve(lambda path, form: (401, {"status": "error", "error": f"who is reader:{SECRET}?"}))
    url = server.url.replace("://", f"://reader:{SECRET}@")
    with pytest.raises(ConfigError, match="PROMETHEUS_TOKEN") as caught:
        with_prometheus(SNAPSHOT, url)
    assert SECRET not in str(caught.value) and SECRET not in repr(log_in(url))


def test_credentials_over_plain_http_to_another_machine_are_refused() -> None:
    with pytest.raises(ConfigError, match="plain HTTP") as caught:
        log_in("http://metrics.example.com", bearer=SECRET)
    assert SECRET not in str(caught.value)
    for near in ("http://127.0.0.1:9090", "http://localhost", "http://prometheus.monitoring.svc:9090"):
        assert log_in(near, bearer=SECRET).headers == {"Authorization": f"Bearer {SECRET}"}


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://m.example.com/prometheus/api/v1/", "https://m.example.com/prometheus"),
        ("http://127.0.0.1:9090/graph", "http://127.0.0.1:9090"),
        ("http://[::1]:9090", "http://[::1]:9090"),
    ],
)
def test_urls(url: str, kept: str) -> None:
    assert log_in(url).url == kept


@pytest.mark.parametrize(
    "url", ["", "prometheus:9090", "file:///etc/passwd", "http://", "http://a/../b", "http://a/?x=1", "http://a:x"]
)
def test_urls_that_cannot_be_used(url: str) -> None:
    with pytest.raises(UsageError, match="Prometheus URL"):
        log_in(url)


def test_query_that_timed_out_on_the_server_is_not_sent_again(serve: Callable[[Answering], MadeUp]) -> None:
    def tired(path: str, form: dict[str, str]) -> Reply:
        if path == "/api/v1/query_range":
            return 503, {"status": "error", "errorType": "timeout", "error": "query timed out in expression evaluation"}
        return usual(path, form)

    server = serve(tired)
    found = with_prometheus(SNAPSHOT, server.url)
    usage = record(found, "usage")
    assert (usage.reason, "query timed out" in usage.message) == (Reason.UNREACHABLE, True)
    asked = [form["query"] for _, path, form, _ in server.seen if path == "/api/v1/query_range"]
    assert len(asked) == len(set(asked)) >= 3
    assert all(form["timeout"] == "28s" for _, path, form, _ in server.seen if path in QUERIES)


def test_query_budget_is_an_error_of_the_rest(
    serve: Callable[[Answering], MadeUp], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("readiness_kit.collect.prometheus.client.MAX_QUERIES", 12)
    server = serve(usual)
    found = with_prometheus(SNAPSHOT, server.url)
    assert sum(path in QUERIES for _, path, _, _ in server.seen) == 12
    lost = [read for key in KEYS if (read := found.read(key)).reason is Reason.ERROR]
    assert lost and all("limit of 12 queries" in read.message for read in lost)


def test_samples_of_every_form_are_parsed() -> None:
    values = b'[[1.5,"NaN"],[2,"+Inf"],[3,"1e3"]]'
    head = b'{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},'
    body = head + b'"values":' + values + b"}]}}"
    (row,) = parsed(body)
    assert list(row.times) == [1.5, 2, 3]
    assert str(row.values.tolist()) == "[nan, inf, 1000.0]"
    assert parsed(head + b'"histograms":[[1,{}]]}]}}') == ()
    with pytest.raises(ReadinessError, match="not that of a Prometheus API"):
        parsed(b'{"data":{"result":7}}')
