"""Runs against servers that fail, refuse or stop, and their progress."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

import pytest

from readiness_kit.collect.http.guards import QUERIES
from readiness_kit.collect.progress import Event
from readiness_kit.collect.prometheus.collector import KEYS, with_prometheus, without_prometheus
from readiness_kit.errors import ConfigError, UnreachableError
from readiness_kit.model import Reason
from tests.collect.prometheus.conftest import (
    SNAPSHOT,
    Answering,
    MadeUp,
    Reply,
    record,
    usual,
)


def test_refused_metadata_is_forbidden(serve: Callable[[Answering], MadeUp]) -> None:
    found = with_prometheus(
        SNAPSHOT, serve(lambda path, form: (403, b"no") if path == "/api/v1/rules" else usual(path, form)).url
    )
    assert record(found, "rules").reason is Reason.FORBIDDEN


def test_server_that_does_not_listen_is_unreachable() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    with pytest.raises(UnreachableError, match=r"Prometheus: http://127.0.0.1:\d+ does not answer") as caught:
        with_prometheus(SNAPSHOT, f"http://127.0.0.1:{port}", timeout=1)
    assert "kubeconfig" not in str(caught.value)
    found = without_prometheus(SNAPSHOT, caught.value)
    assert {found.missing(key) for key in KEYS} == {Reason.UNREACHABLE}


def test_hanging_answer_is_unreachable(serve: Callable[[Answering], MadeUp]) -> None:
    go_on = threading.Event()

    def hangs(path: str, form: dict[str, str]) -> Reply:
        if path == "/api/v1/rules":
            go_on.wait(20)
        return usual(path, form)

    server = serve(hangs)
    try:
        found = with_prometheus(SNAPSHOT, server.url, timeout=0.3)
    finally:
        go_on.set()
    assert record(found, "rules").reason is Reason.UNREACHABLE
    assert record(found, "alertmanagers").reason is None


@pytest.mark.parametrize("reply", [b"<html>Sign in</html>", b"{}x", b"[]"])
def test_server_that_is_not_prometheus_is_a_config_error(serve: Callable[[Answering], MadeUp], reply: bytes) -> None:
    with pytest.raises(ConfigError, match="does not answer as a Prometheus API"):
        with_prometheus(SNAPSHOT, serve(lambda path, form: (200, reply)).url)


def test_four_at_a_time_and_progress(serve: Callable[[Answering], MadeUp]) -> None:
    meeting, met = threading.Barrier(4, timeout=10), threading.Event()

    def together(path: str, form: dict[str, str]) -> Reply:
        """The first four after the discovery wait for one another."""
        later = any(sign in form.get("query", "") for sign in ("container_cpu_usage", "label_replace"))
        if later and not met.is_set():
            meeting.wait()
            met.set()
        return usual(path, form)

    server = serve(together)
    events: list[Event] = []
    with_prometheus(SNAPSHOT, server.url, progress=events.append)
    assert met.is_set() and server.most == 4
    assert {event.key for event in events} == set(KEYS)
    assert events[-1].done_kinds == events[-1].all_kinds == len(KEYS)


def test_stopping_keeps_what_was_read(serve: Callable[[Answering], MadeUp]) -> None:
    stop = threading.Event()

    def stopping(path: str, form: dict[str, str]) -> Reply:
        if path == "/api/v1/label/__name__/values":
            stop.set()
        return usual(path, form)

    found = with_prometheus(SNAPSHOT, serve(stopping).url, stop=stop)
    assert found.missing("prometheus/buildinfo") is None
    assert found.missing("prometheus/usage") is Reason.NOT_COLLECTED


def test_queries_that_were_sent_travel_with_the_reads(serve: Callable[[Answering], MadeUp]) -> None:
    server = serve(usual)
    found = with_prometheus(SNAPSHOT, server.url)
    sent = "\n".join(form["query"] for _, path, form, _ in server.seen if path in QUERIES)
    for key in ("usage", "volumes", "nodes", "weaviate", "history", "traffic", "up"):
        queries = record(found, key).queries
        assert queries and all(promql in sent for promql in queries.values()), key
    assert record(found, "weaviate").queries["raft_lag"].startswith("max(weaviate_cluster_store_raft")
    assert record(found, "rules").queries == {"rules": "/api/v1/rules?type=alert"}
    assert record(found, "targets").queries == {"targets": "/api/v1/targets?state=active"}
