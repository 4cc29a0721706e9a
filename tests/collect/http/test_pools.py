"""Pools: proxies of the environment, TLS settings, client certificates."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

import pytest
import urllib3

from readiness_kit.collect.http.guards import check_kubernetes
from readiness_kit.collect.http.pools import make_pool
from readiness_kit.collect.http.transport import Limits, Transport
from readiness_kit.collect.kubernetes.credentials import log_in
from readiness_kit.collect.prometheus.client import Server
from readiness_kit.collect.prometheus.client import log_in as prometheus_login
from readiness_kit.collect.weaviate.client import Client
from readiness_kit.errors import ConfigError, UnreachableError
from tests.support.served import ServedCluster

PROXY = "http://proxy.example.com:3128"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def proxy_of(pool: urllib3.PoolManager) -> str:
    return str(pool.proxy) if isinstance(pool, urllib3.ProxyManager) else ""


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        ("https://db.example.com", PROXY),
        ("http://db.example.com", ""),
        ("https://internal.example.com", ""),
        ("https://127.0.0.1:6443", ""),
        ("https://localhost:6443", ""),
        ("https://[::1]:6443", ""),
    ],
)
def test_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch, server: str, expected: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", "internal.example.com")
    assert proxy_of(make_pool(server)) == expected


def test_proxy_of_the_kubeconfig_overrides_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    assert proxy_of(make_pool("https://db.example.com", proxy="http://other.example.com:1")) == (
        "http://other.example.com:1"
    )


def test_proxy_without_scheme_is_an_http_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "proxy.example.com:3128")
    assert proxy_of(make_pool("https://db.example.com")) == PROXY


def test_unknown_proxy_is_refused_with_a_next_step() -> None:
    with pytest.raises(ConfigError, match="neither an HTTP nor a SOCKS5 proxy") as raised:
        make_pool("https://db.example.com", proxy="ftp://u:secret@proxy.example.com:1080")
    assert "port-forward" in raised.value.hint and "secret" not in str(raised.value)


class _Socks(StreamRequestHandler):
    """SOCKS5 with user and password: records the name and the credentials, then answers as an API server."""

    def handle(self) -> None:
        _, methods = self.rfile.read(2)
        assert 2 in self.rfile.read(methods)
        self.wfile.write(b"\x05\x02")
        _, length = self.rfile.read(2)
        user = self.rfile.read(length)
        password = self.rfile.read(self.rfile.read(1)[0])
        self.wfile.write(b"\x01\x00")
        kind = self.rfile.read(4)[3]
        assert kind == 3  # a name: the proxy resolves it
        host = self.rfile.read(self.rfile.read(1)[0])
        port = int.from_bytes(self.rfile.read(2), "big")
        self.wfile.write(b"\x05\x00\x00\x01" + b"\x00" * 6)
        while self.rfile.readline().strip():
            pass
        self.server.seen.append((user, password, host, port))  # type: ignore[attr-defined]
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_socks_proxy_resolves_names_and_gets_the_credentials(scheme: str) -> None:
    with ThreadingTCPServer(("127.0.0.1", 0), _Socks) as server:
        server.seen = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        address = f"{scheme}://me:p%40ss@127.0.0.1:{server.server_address[1]}"
        pool = make_pool("http://api.example.com:6443", proxy=address)
        transport = Transport("kubernetes", "http://api.example.com:6443", pool, check_kubernetes, dict)
        assert transport.get("/version") == b"{}"
        server.shutdown()
        assert server.seen == [(b"me", b"p@ss", b"api.example.com", 6443)]  # type: ignore[attr-defined]


def test_socks_proxy_that_does_not_answer_is_one_sentence() -> None:
    pool = make_pool("http://api.example.com", proxy="socks5://me:secret@127.0.0.1:1")
    transport = Transport("kubernetes", "http://api.example.com", pool, check_kubernetes, dict, limits=Limits(2, 1))
    with pytest.raises(UnreachableError) as raised:
        transport.get("/version")
    assert raised.value.what == "http://api.example.com does not answer: Connection refused"


def test_credentials_of_an_http_proxy_are_sent_to_it_as_a_header() -> None:
    pool = make_pool("https://db.example.com", proxy="http://me:p%40ss@proxy.example.com:3128")
    assert proxy_of(pool) == "http://proxy.example.com:3128"
    assert isinstance(pool, urllib3.ProxyManager)
    assert pool.proxy_headers == {"proxy-authorization": "Basic bWU6cEBzcw=="}


def test_tls_settings() -> None:
    pool = make_pool(
        "https://db.example.com", ca_file="ca.pem", client_cert="c.pem", client_key="k.pem", server_name="api"
    )
    settings = pool.connection_pool_kw
    assert (settings["cert_reqs"], settings["ca_certs"]) == ("CERT_REQUIRED", "ca.pem")
    assert (settings["cert_file"], settings["key_file"], settings["server_hostname"]) == ("c.pem", "k.pem", "api")
    assert make_pool("https://db.example.com", verify=False).connection_pool_kw["cert_reqs"] == "CERT_NONE"
    assert "cert_reqs" not in make_pool("http://127.0.0.1:1").connection_pool_kw


class _Proxy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.seen.append(self.path)  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_POST = do_GET

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing."""


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The URLs that an HTTP proxy of the environment was asked for."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Proxy)
    server.seen = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.server_address[1]}")
    yield server.seen  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()


def test_all_three_sources_use_the_proxy_of_the_environment(proxy: list[str], tmp_path: Any) -> None:
    with ServedCluster({}) as cluster:
        config = cluster.kubeconfig(tmp_path, server="http://api.example.com", user={})
        login = log_in(str(config))
        transport = Transport(
            "kubernetes", login.server, login.pool(), check_kubernetes, login.headers, limits=Limits(2, 1)
        )
        assert transport.get("/version") == b"{}"
    assert Client("http://weaviate.example.com", "").get("/v1/meta") == b"{}"
    server = Server(prometheus_login("http://metrics.example.com"), threading.Event(), 2)
    assert server.get("/api/v1/rules") == b"{}"
    assert proxy == [
        "http://api.example.com/version",
        "http://weaviate.example.com/v1/meta",
        "http://metrics.example.com/api/v1/rules",
    ]


@pytest.mark.parametrize(
    "server", ["http://127.0.0.1:1", "https://localhost:1", "https://[::1]:1", "http://w.ns.svc:1"]
)
def test_no_proxy_reads_what_stays_on_this_machine_or_goes_to_a_service_unencrypted(
    monkeypatch: pytest.MonkeyPatch, server: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://env.example:1")
    monkeypatch.setenv("HTTPS_PROXY", "http://env.example:1")
    assert make_pool(server).proxy is None
    assert make_pool(server, proxy="http://kubeconfig.example:1").proxy is None
