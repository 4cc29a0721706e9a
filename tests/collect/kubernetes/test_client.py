"""Connecting to an API server, and servers that cannot be reached or are not Kubernetes."""

from __future__ import annotations

import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from readiness_kit.collect import connect
from readiness_kit.errors import ConfigError, UnreachableError
from tests.collect.conftest import small
from tests.collect.kubernetes.conftest import TOKEN, certificate, secure_config
from tests.support.served import Reply, ServedCluster, status

pytestmark = pytest.mark.usefixtures("pauses")


def test_an_expired_token(cluster: ServedCluster, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="401") as raised:
        connect(str(cluster.kubeconfig(tmp_path, token="old" + TOKEN)))
    assert "'served'" in raised.value.what and "sign in again" in raised.value.hint
    assert TOKEN not in str(raised.value)


def test_a_server_that_is_not_there(cluster: ServedCluster, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        config = cluster.kubeconfig(tmp_path, server=f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(UnreachableError, match="does not answer") as raised:
            connect(str(config))
    assert raised.value.exit_code == 4 and "VPN" in raised.value.hint


def test_unknown_host_name_is_unreachable(cluster: ServedCluster, tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match="does not answer"):
        connect(str(cluster.kubeconfig(tmp_path, server="https://no-such-host.invalid")), timeout=3)


@pytest.mark.parametrize("reply", [Reply(200, b"<html>"), Reply(200, b"{}"), status(404, "NotFound", "no")])
def test_server_that_is_not_kubernetes_is_a_config_error(tmp_path: Path, reply: Reply) -> None:
    with ServedCluster(small(), fault=lambda request: reply) as cluster:
        config = cluster.kubeconfig(tmp_path)
        with pytest.raises(ConfigError, match="does not answer as a Kubernetes API server"):
            connect(str(config))


def test_forbidden_version_is_no_error(tmp_path: Path) -> None:
    def fault(request: Any) -> Reply | None:
        return status(403, "Forbidden", "no") if request.path == "/version" else None

    with ServedCluster(small(), fault=fault) as cluster, connect(str(cluster.kubeconfig(tmp_path))) as connection:
        assert connection.server_version == ""


class _Version(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b'{"gitVersion": "v1.36.2"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Quiet."""


@pytest.mark.parametrize(
    ("name", "days", "trusted", "words"),
    [
        ("localhost", 5, True, ""),
        ("localhost", 5, False, "self.signed"),
        ("other.example.com", 5, True, "(?i)hostname mismatch|not valid for"),
        ("localhost", -5, True, "expired"),
    ],
    ids=["good", "unknown authority", "another name", "expired"],
)
def test_tls(tmp_path: Path, name: str, days: int, trusted: bool, words: str) -> None:
    pem, key = certificate(tmp_path, name, days)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    server = HTTPServer(("localhost", 0), _Version)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *arguments: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    config = secure_config(tmp_path, server.server_address[1], pem if trusted else None)
    try:
        if not words:
            with connect(str(config)) as connection:
                assert connection.server_version == "v1.36.2"
        else:
            with pytest.raises(UnreachableError, match=f"TLS connection .* failed: .*{words.removeprefix('(?i)')}"):
                connect(str(config))
    finally:
        server.shutdown()
        server.server_close()
