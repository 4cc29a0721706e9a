"""What a server may do wrong, and what is never sent to it: against a made-up one that says what it is told to."""

from __future__ import annotations

import base64
import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from readiness_kit.collect.http.guards import METADATA, QUERIES, check_prometheus
from readiness_kit.collect.http.transport import Transport
from readiness_kit.collect.progress import Event
from readiness_kit.collect.prometheus import queries, terms
from readiness_kit.collect.prometheus.client import Server, log_in, parsed
from readiness_kit.collect.prometheus.collector import KEYS, plan, plan_text, with_prometheus, without_prometheus
from readiness_kit.collect.prometheus.metadata import alertmanagers, build, rules, targets
from readiness_kit.errors import ConfigError, ForbiddenRequestError, ReadinessError, UnreachableError, UsageError
from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds.prometheus import SCALARS, TRAFFIC, Labels, Names
from readiness_kit.model import Read, Reason
from readiness_kit.snapshot import Snapshot
from tests.support.cluster import snapshot, weaviate

SNAPSHOT = snapshot(weaviate())
SECRET = "s3cr3t-t0ken-of-the-team"
EMPTY = {"status": "success", "data": {"resultType": "vector", "result": []}}
FOUND = {"namespace": "weaviate", "pod": "weaviate-0", "container": "weaviate", "job": "w"}
Reply = tuple[int, Any]
Answering = Callable[[str, dict[str, str]], Reply]


def vector(labels: dict[str, str], value: str = "1") -> dict[str, Any]:
    result = [{"metric": labels, "value": [1, value]}]
    return {"status": "success", "data": {"resultType": "vector", "result": result}}


def usual(path: str, form: dict[str, str]) -> Reply:
    """Answers discovery so that every family is there, and the rest with nothing."""
    query = form.get("query", "")
    if path == "/api/v1/status/buildinfo":
        return 200, {"status": "success", "data": {"version": "3.5.0", "goVersion": "go1.25"}}
    if query.startswith(("last_over_time(weaviate_build_info", "topk by")):
        return 200, vector(FOUND)
    if path in QUERIES:
        return 200, EMPTY
    data: dict[str, Any] = {
        "/api/v1/rules": {"groups": []},
        "/api/v1/alertmanagers": {"activeAlertmanagers": [{"url": "http://u:p@am-0.am:9093/api/v2/alerts"}]},
        "/api/v1/targets": {"activeTargets": []},
        "/api/v1/label/__name__/values": list(terms.METRICS),
    }
    return 200, {"status": "success", "data": data[path]}


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has left is what some tests are about."""


class MadeUp:
    """A server on loopback; `seen` are the requests with their headers, `most` how many were under way at once."""

    def __init__(self, answer: Answering) -> None:
        self.seen: list[tuple[str, str, dict[str, str], dict[str, str]]] = []
        self.most = self.now = 0
        lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _any(self) -> None:
                with lock:
                    outer.now += 1
                    outer.most = max(outer.most, outer.now)
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                form = {key: values[0] for key, values in parse_qs(body or parts.query).items()}
                outer.seen.append((self.command, parts.path, form, dict(self.headers)))
                status, reply = answer(parts.path, form)
                sent = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
                with lock:
                    outer.now -= 1
                self.send_response(status)
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            do_GET = do_POST = _any

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = _Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Answering], MadeUp]]:
    monkeypatch.setattr(Transport, "wait", lambda self, seconds: None)
    running: list[MadeUp] = []

    def start(answer: Answering) -> MadeUp:
        running.append(MadeUp(answer))
        return running[-1]

    yield start
    for one in running:
        one.close()


def record(found: Snapshot, key: str) -> Read:
    return found.read(f"prometheus/{key}")


# --- what is never sent ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "params"),
    [
        ("POST", "/api/v1/admin/tsdb/delete_series", {}),
        ("POST", "/api/v1/query_exemplars", {}),
        ("POST", "/api/v1/query/", {}),
        ("POST", "/api/v1/series", {}),
        ("POST", "/-/quit", {}),
        ("POST", "/api/v1/query", {"query": "up"}),
        ("POST", "/api/v1/rules", {}),
        ("PUT", "/api/v1/query", {}),
        ("DELETE", "/api/v1/rules", {}),
        ("GET", "/api/v1/query", {}),
        ("GET", "/api/v1/status/config", {}),
        ("GET", "/api/v1/targets", {"scrapePool": "x"}),
        ("GET", "/federate", {}),
    ],
)
def test_refused_before_a_socket_opens(
    method: str, path: str, params: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*arguments: Any, **named: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "create_connection", never)
    server = Server(log_in("http://127.0.0.1:1"), threading.Event())
    with pytest.raises(ForbiddenRequestError):
        server.transport._send(method, path, params, None)
    assert server.transport.calls == ()


def test_what_is_allowed() -> None:
    for path in QUERIES:
        check_prometheus("POST", path, {})
    for path, params in METADATA.items():
        check_prometheus("GET", path, dict.fromkeys(params, "x"))


# --- credentials ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"bearer": SECRET, "tenant": "team-a"}, f"Bearer {SECRET}"),
        ({"user": "reader", "password": SECRET}, "Basic " + base64.b64encode(f"reader:{SECRET}".encode()).decode()),
    ],
)
def test_credentials_go_out_and_stay_nowhere(
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


def test_no_credentials_over_plain_http_to_a_far_host() -> None:
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


# --- servers that lack something ------------------------------------------------------------------


def test_a_server_without_the_rules_apis(serve: Callable[[Answering], MadeUp]) -> None:
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


def test_what_may_not_be_read_is_forbidden(serve: Callable[[Answering], MadeUp]) -> None:
    found = with_prometheus(
        SNAPSHOT, serve(lambda path, form: (403, b"no") if path == "/api/v1/rules" else usual(path, form)).url
    )
    assert record(found, "rules").reason is Reason.FORBIDDEN


def test_a_query_that_was_too_much_is_not_sent_again(serve: Callable[[Answering], MadeUp]) -> None:
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


def test_a_term_that_fails_takes_no_other_with_it(serve: Callable[[Answering], MadeUp]) -> None:
    def picky(path: str, form: dict[str, str]) -> Reply:
        query = form.get("query", "")
        if "memory_maps" in query:
            return 422, {"status": "error", "errorType": "execution", "error": "many-to-many matching not allowed"}
        if query.count("label_replace") == 1 and '"ttl_deleted_7d"' in query:
            return 200, vector({"kit": "ttl_deleted_7d"}, "28")
        return usual(path, form)

    found = with_prometheus(SNAPSHOT, serve(picky).url)
    history = ClusterFacts(found).history
    assert history.scalar("ttl_deleted_7d") == 28
    assert "memory_maps" not in history.weaviate and history.samples("raft_lag") == ()
    told = record(found, "weaviate")
    assert (told.partial, told.reason) == (True, Reason.ERROR) and "memory_maps" in told.message


def test_some_figures_of_use_may_fail(serve: Callable[[Answering], MadeUp]) -> None:
    def some(path: str, form: dict[str, str]) -> Reply:
        query = form.get("query", "")
        if "container_memory_rss" in query and path == "/api/v1/query_range":
            end = int(form["end"])
            labels = {key: FOUND[key] for key in ("namespace", "pod", "container")}
            series = {"metric": labels, "values": [[end - 3600, "5"], [end, "7"]]}
            return 200, {"status": "success", "data": {"resultType": "matrix", "result": [series]}}
        if "cfs_periods" in query:
            return 422, {"status": "error", "error": "query processing would load too many samples into memory"}
        return usual(path, form)

    found = with_prometheus(SNAPSHOT, serve(some).url)
    told = record(found, "usage")
    assert told.partial and "throttled" in told.message and "too many samples" in told.message
    (row,) = ClusterFacts(found).history.containers.to_dict("records")
    assert (row["rss_max"], row["samples"], row["enough"]) == (7, pytest.approx(float("nan"), nan_ok=True), False)


# --- servers that do not answer -------------------------------------------------------------------


def test_nobody_there() -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    with pytest.raises(UnreachableError, match=r"Prometheus: http://127.0.0.1:\d+ does not answer") as caught:
        with_prometheus(SNAPSHOT, f"http://127.0.0.1:{port}", timeout=1)
    assert "kubeconfig" not in str(caught.value)
    found = without_prometheus(SNAPSHOT, caught.value)
    assert {found.missing(key) for key in KEYS} == {Reason.UNREACHABLE}


def test_a_server_that_hangs_is_left(serve: Callable[[Answering], MadeUp]) -> None:
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
def test_something_else_answers(serve: Callable[[Answering], MadeUp], reply: bytes) -> None:
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


def test_the_budget_ends_a_run(serve: Callable[[Answering], MadeUp], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("readiness_kit.collect.prometheus.client.MAX_QUERIES", 12)
    server = serve(usual)
    found = with_prometheus(SNAPSHOT, server.url)
    assert sum(path in QUERIES for _, path, _, _ in server.seen) == 12
    lost = [read for key in KEYS if (read := found.read(key)).reason is Reason.ERROR]
    assert lost and all("limit of 12 queries" in read.message for read in lost)


# --- queries and answers as such ------------------------------------------------------------------


def test_every_scalar_and_track_has_its_query() -> None:
    labels = Labels(*([Names("namespace", "pod", "container")] * 4))
    scope = queries.Scope("weaviate", "weaviate", "weaviate-[0-9]+", labels)
    window = queries.Window(1_795_000_000, 14)
    assert set(queries.weaviate(scope, window)[0]) | set(queries.history(scope, window)[0]) == set(SCALARS)
    assert set(terms.TRACK_TERMS) == set(TRAFFIC)
    assert len(queries.usage(scope, window)) + 1 <= 12  # and one for restarted containers


def test_the_dry_run_sends_nothing_and_shows_all() -> None:
    planned = plan(SNAPSHOT, selector='cluster="prod"')
    text = plan_text(planned)
    assert len(planned) < queries.TERMS * 5 and f"{len(planned)} queries, 4 at a time" in text
    selectors = [query.promql for query in planned if "{" in query.promql]
    assert len(selectors) == len(planned) and all('cluster="prod"' in promql for promql in selectors)
    assert "max_over_time(container_memory_rss{" in text and "POD)" not in text and "{W" not in text


def test_large_namespaces_are_asked_about_weaviate_only_and_coarsely() -> None:
    crowd = [
        {
            "kind": "Pod",
            "metadata": {"name": f"p{number}", "namespace": "weaviate"},
            "spec": {"containers": [{"name": "a", "image": "a"}]},
        }
        for number in range(500)
    ]
    text = plan_text(plan(snapshot(weaviate(), crowd)))
    assert 'container_memory_rss{namespace="weaviate",pod=~"weaviate-[0-9]+"' in text
    assert queries.Window(0, 14, rows=400).resolution == 1020


@pytest.mark.parametrize(
    ("text", "value"),
    [("weaviate", "weaviate"), ("a.b", "a[.]b"), ("a|b", "a[|]b"), ("a^b", "a\\^b"), ("a/b-c", "a/b-c")],
)
def test_names_are_no_patterns(text: str, value: str) -> None:
    assert queries.literal(text) == value


def test_numbers_of_every_form() -> None:
    values = b'[[1.5,"NaN"],[2,"+Inf"],[3,"1e3"]]'
    head = b'{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},'
    body = head + b'"values":' + values + b"}]}}"
    (row,) = parsed(body).rows
    assert list(row.times) == [1.5, 2, 3]
    assert str(row.values.tolist()) == "[nan, inf, 1000.0]"
    assert parsed(head + b'"histograms":[[1,{}]]}]}}').rows == ()
    with pytest.raises(ReadinessError, match="not that of a Prometheus API"):
        parsed(b'{"data":{"result":7}}')


def test_what_a_real_server_answered(recordings: Path, serve: Callable[[Answering], MadeUp]) -> None:
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
        rows = parsed((folder / f"{name}.json").read_bytes()).rows
        assert len(rows) == count and all(len(row.values) == 1 for row in rows)
    (first, *_) = parsed((folder / "cadvisor-range.json").read_bytes()).rows
    assert (first.labels["pod"], first.values[0], len(first.times)) == ("weaviate-2", 89.735078, 13)
