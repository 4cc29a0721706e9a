"""Certificate authorities for Weaviate and Prometheus: by option, by setting, and with mistakes."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from readiness_kit.cli import main
from readiness_kit.collect import Sources, collect_all, connect
from readiness_kit.collect.http.certificates import authorities, require_tls
from readiness_kit.collect.http.transport import Transport
from readiness_kit.errors import ConfigError
from readiness_kit.model import Reason, Settings
from readiness_kit.snapshot import Snapshot, load
from readiness_kit.workspace.folder import Folder
from tests.collect.kubernetes.conftest import certificate
from tests.support.served import ServedCluster
from tests.support.weaviate import FakeWeaviate, healthy
from tests.trust.outside import FakePrometheus, demo_lists

READS = ("pods", "statefulsets", "nodes")


class Both:
    def __init__(self, weaviate: FakeWeaviate, prometheus: FakePrometheus) -> None:
        self.weaviate = weaviate.url.replace("http://127.0.0.1", "https://localhost")
        self.prometheus = prometheus.url.replace("http://127.0.0.1", "https://localhost")


@contextmanager
def over_tls(pem: Path, key: Path) -> Iterator[Both]:
    """Both servers with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    weaviate, prometheus = FakeWeaviate(healthy()), FakePrometheus()
    for server in (weaviate._server, prometheus._server._server):
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
    with weaviate, prometheus:
        yield Both(weaviate, prometheus)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Transport, "wait", lambda self, seconds: None)


@pytest.fixture
def served() -> Iterator[ServedCluster]:
    with ServedCluster(demo_lists()) as cluster:
        yield cluster


def collected(served: ServedCluster, folder: Path, sources: Sources) -> Snapshot:
    with connect(str(served.kubeconfig(folder))) as connection:
        return collect_all(connection, READS, sources, Settings())


@pytest.mark.parametrize(
    ("name", "days", "trusted", "words"),
    [
        ("localhost", 5, True, ""),
        ("localhost", 5, False, "certificate verify failed"),
        ("other.example.com", 5, True, "mismatch"),
        ("localhost", -5, True, "expired"),
    ],
    ids=["good", "unknown authority", "another name", "expired"],
)
def test_server_certificates_are_verified_for_both_servers(
    served: ServedCluster, tmp_path: Path, name: str, days: int, trusted: bool, words: str
) -> None:
    pem, key = certificate(tmp_path, name, days)
    ca = str(pem) if trusted else ""
    with over_tls(pem, key) as server:
        sources = Sources(server.weaviate, server.prometheus, weaviate_ca=ca, prometheus_ca=ca)
        found = collected(served, tmp_path, sources)
    for read in (found.read("weaviate/meta"), found.read("prometheus/buildinfo")):
        assert read.reason is (Reason.UNREACHABLE if words else None), read
        assert words in read.message
        assert not words or "TLS connection to https://localhost" in read.message
    assert found.missing("pods") is None


def test_authorities_of_one_server_do_not_apply_to_the_other(served: ServedCluster, tmp_path: Path) -> None:
    pem, key = certificate(tmp_path, "localhost", 5)
    with over_tls(pem, key) as server:
        found = collected(served, tmp_path, Sources(server.weaviate, server.prometheus, weaviate_ca=str(pem)))
    assert found.missing("weaviate/meta") is None
    assert found.missing("prometheus/buildinfo") is Reason.UNREACHABLE


@pytest.mark.parametrize("how", ["options", "settings"])
def test_authorities_come_from_option_or_setting(
    served: ServedCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    pem, key = certificate(tmp_path, "localhost", 5)
    folder = Folder(tmp_path / "home").create()
    monkeypatch.setenv("READINESS_DIR", str(folder.path))
    with over_tls(pem, key) as server:
        chosen: dict[str, Any] = {
            "weaviate_url": server.weaviate,
            "weaviate_ca": str(pem),
            "prometheus_url": server.prometheus,
            "prometheus_ca": str(pem),
        }
        words = [word for name, value in chosen.items() for word in (f"--{name.replace('_', '-')}", value)]
        if how == "settings":
            folder.write_settings(cluster=chosen)
            words = []
        done = CliRunner().invoke(main, ["collect", "-q", "--kubeconfig", str(served.kubeconfig(tmp_path)), *words])
    assert done.exit_code == 0, done.output
    found = load(folder.latest_snapshot() or Path())
    assert found.missing("weaviate/meta") is None and found.missing("prometheus/buildinfo") is None


@pytest.mark.parametrize(
    "content", [None, b"", b"not a certificate", b"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----"]
)
@pytest.mark.parametrize("whose", ["weaviate", "prometheus"])
def test_invalid_authorities_file_is_named_before_anything_is_read(
    served: ServedCluster, tmp_path: Path, whose: str, content: bytes | None
) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    sources = Sources(**{f"{whose}_url": "https://127.0.0.1:9", f"{whose}_ca": str(file)})
    with pytest.raises(ConfigError, match=rf"(?i)authorities for {whose} in .*ca\.pem cannot be used"):
        collected(served, tmp_path, sources)
    assert not [request for request in served.requests if "pods" in request.path]


@pytest.mark.parametrize("whose", ["weaviate", "prometheus"])
@pytest.mark.parametrize("host", ["db.example.com", "10.0.0.5:8080", "localhost.example.com", "127.0.0.1.example.com"])
def test_credentials_over_plain_http_to_another_machine_are_refused(
    served: ServedCluster, tmp_path: Path, whose: str, host: str
) -> None:
    key = {"weaviate": "weaviate_key", "prometheus": "prometheus_token"}[whose]
    sources = Sources(**{f"{whose}_url": f"http://{host}", key: "the-key-of-this-test"})
    with pytest.raises(ConfigError, match=f"(?i)credentials for {whose} .* would go over plain HTTP") as raised:
        collected(served, tmp_path, sources)
    assert "the-key-of-this-test" not in str(raised.value)
    assert not [request for request in served.requests if "pods" in request.path]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1", "http://weaviate.db.svc"]
)
def test_credentials_are_allowed_for_near_hosts_and_https(url: str) -> None:
    require_tls(url, "Weaviate")
    require_tls("https://db.example.com", "Weaviate")


def test_authorities_path_resolves_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pem, _ = certificate(tmp_path, "localhost", 5)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert authorities("~/tls.crt", "Weaviate") == str(pem)
    assert authorities("", "Weaviate") == ""


@pytest.mark.parametrize(
    "url",
    [
        "http://w.ns.svc.example.com",
        "http://127.0.0.1.example.com",
        "http://api.svc",
        "http://128.0.0.1",
        "http://far-away",
    ],
)
def test_a_name_that_only_looks_near_gets_no_credentials_unencrypted(url: str) -> None:
    with pytest.raises(ConfigError, match="would go over plain HTTP"):
        require_tls(url, "the context")


@pytest.mark.parametrize(
    "url", ["http://127.1.2.3", "http://[::ffff:127.0.0.1]", "http://LOCALHOST.", "http://w.ns.svc"]
)
def test_this_machine_and_services_are_near_in_every_spelling(url: str) -> None:
    require_tls(url, "the context")
