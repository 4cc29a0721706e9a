"""The requests that are refused before a socket opens, and those that are allowed."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest
import urllib3

from readiness_kit.collect.http.guards import (
    METADATA,
    QUERIES,
    REVIEWS,
    check_kubernetes,
    check_prometheus,
    check_weaviate,
)
from readiness_kit.collect.http.transport import Transport
from readiness_kit.collect.prometheus.client import Server, log_in
from readiness_kit.errors import ForbiddenRequestError
from readiness_kit.kinds import KINDS

REFUSED = [
    ("GET", "/api/v1/secrets"),
    ("GET", "/api/v1/namespaces/db/secrets"),
    ("GET", "/api/v1/namespaces/db/secrets/key"),
    ("GET", "/api/v1/namespaces/secrets/secrets"),
    ("GET", "/api/v1/Secrets"),
    ("HEAD", "/api/v1/secrets"),
    ("GET", "/apis/example.com/v1/secrets"),
    ("GET", "/api/v1/%73ecrets"),
    ("GET", "/api/v1/pods/../secrets"),
    ("GET", "/api/v1/pods//secrets"),
    ("GET", "/api/v1/pods?x=/secrets"),
    ("GET", "/api/v1/pods#x"),
    ("GET", "/api/v1/pods\r\nX: y"),
    ("GET", "/api/v1/namespaces/db/pods/w-0/exec"),
    ("GET", "/api/v1/namespaces/db/pods/w-0/attach"),
    ("GET", "/api/v1/namespaces/db/pods/w-0/portforward"),
    ("GET", "/api/v1/namespaces/db/pods/w-0/proxy/x"),
    ("GET", "/api/v1/namespaces/db/pods/w-0/log"),
    ("GET", "/api/v1/namespaces/db/services/w:80/proxy/v1/schema"),
    ("GET", "/api/v1/nodes/n1/proxy/configz"),
    ("GET", "/api/v1/proxy/nodes"),
    ("GET", "/api/v1/watch/pods"),
    ("GET", "/metrics"),
    ("GET", "api/v1/pods"),
    ("GET", ""),
    ("POST", "/api/v1/namespaces/db/pods"),
    ("POST", "/api/v1/namespaces/db/serviceaccounts/default/token"),
    ("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews"),
    ("PUT", "/api/v1/namespaces/db/pods/w-0"),
    ("PATCH", "/apis/apps/v1/namespaces/db/statefulsets/w"),
    ("DELETE", "/api/v1/namespaces/db/pods/w-0"),
    ("OPTIONS", "/api/v1/pods"),
    ("get", "/api/v1/pods"),
]


@pytest.fixture
def _no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*arguments: Any, **named: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", never)
    monkeypatch.setattr(socket, "create_connection", never)


@pytest.mark.usefixtures("_no_socket")
@pytest.mark.parametrize(("method", "path"), REFUSED)
def test_kubernetes_request_is_refused_before_a_socket_opens(method: str, path: str) -> None:
    transport = Transport("kubernetes", "http://127.0.0.1:1", urllib3.PoolManager(), check_kubernetes, dict)
    with pytest.raises(ForbiddenRequestError, match="refused to send"):
        transport._send(method, path, {}, None)
    assert transport.calls == ()


@pytest.mark.parametrize("parameter", ["watch", "follow", "fieldManager", "dryRun", "command"])
def test_unknown_parameters_are_refused(parameter: str) -> None:
    with pytest.raises(ForbiddenRequestError, match=parameter):
        check_kubernetes("GET", "/api/v1/pods", {parameter: "1"})


def test_review_with_parameters_is_refused() -> None:
    with pytest.raises(ForbiddenRequestError):
        check_kubernetes("POST", next(iter(REVIEWS)), {"fieldManager": "x"})


@pytest.mark.parametrize(
    "path",
    [
        "/version",
        "/api",
        "/apis",
        "/api/v1",
        "/apis/apps/v1",
        "/api/v1/namespaces/db",
        "/api/v1/namespaces/secrets/pods",
        "/api/v1/namespaces/proxy/pods",
        "/api/v1/namespaces/db/configmaps/weaviate-config",
        *(kind.path() for kind in KINDS.values()),
        *(kind.path("db") for kind in KINDS.values() if kind.namespaced),
    ],
)
def test_kubernetes_request_is_allowed(path: str) -> None:
    check_kubernetes("GET", path, {"limit": "500", "continue": "x"})


@pytest.mark.parametrize("path", sorted(REVIEWS))
def test_access_reviews_may_be_posted(path: str) -> None:
    check_kubernetes("POST", path, {})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/backups/s3"),
        ("POST", "/v1/backups/s3/nightly/restore"),
        ("DELETE", "/v1/backups/s3/nightly"),
        ("DELETE", "/v1/schema/Products"),
        ("POST", "/v1/graphql"),
        ("PUT", "/v1/schema"),
        ("GET", "/v1/objects"),
        ("GET", "/v1/schema/Products/tenants"),
        ("GET", "/v1/backups/s3/../../objects/restore"),
        ("GET", "/debug/pprof/heap"),
        ("GET", "/v1/meta/"),
    ],
)
def test_weaviate_request_is_refused_before_a_socket_opens(method: str, path: str) -> None:
    class NoPool:
        def request(self, *_: Any, **__: Any) -> None:
            raise AssertionError("a request went out")

    transport = Transport("weaviate", "http://127.0.0.1:1", NoPool(), check_weaviate, dict)
    with pytest.raises(ForbiddenRequestError):
        transport._send(method, path, {}, b"{}")
    with pytest.raises(ForbiddenRequestError):
        transport.post(path, b"{}")
    assert transport.calls == ()


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
def test_prometheus_request_is_refused_before_a_socket_opens(
    method: str, path: str, params: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*arguments: Any, **named: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "create_connection", never)
    server = Server(log_in("http://127.0.0.1:1"), threading.Event())
    with pytest.raises(ForbiddenRequestError):
        server.transport._send(method, path, params, None)
    assert server.transport.calls == ()


def test_prometheus_request_is_allowed() -> None:
    for path in QUERIES:
        check_prometheus("POST", path, {})
    for path, params in METADATA.items():
        check_prometheus("GET", path, dict.fromkeys(params, "x"))
