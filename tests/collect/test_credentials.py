"""Kubeconfigs good and bad, exec plugins that hang or fail, servers that are not there: one clear error each."""

from __future__ import annotations

import base64
import datetime
import json
import os
import socket
import ssl
import stat
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from readiness_kit.collect import connect, contexts
from readiness_kit.collect.kubernetes import credentials
from readiness_kit.collect.kubernetes.credentials import log_in
from readiness_kit.errors import ConfigError, UnreachableError
from tests.collect.conftest import small
from tests.support.served import Reply, ServedCluster, status

TOKEN = "Zr4Tq9Lm2XvB7nKd5WcY8sHf3GjP6aEu"
pytestmark = pytest.mark.usefixtures("pauses")


@pytest.fixture
def cluster() -> Iterator[ServedCluster]:
    with ServedCluster(small(), token=TOKEN) as served:
        yield served


def plugin(folder: Path, *lines: str) -> dict[str, Any]:
    """A kubeconfig user whose exec plugin is this Python script."""
    script = folder / "plugin"
    script.write_text("\n".join([f"#!{sys.executable}", "import json, os, sys, time, subprocess", *lines]), "utf-8")
    script.chmod(0o700)
    return {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": str(script)}}


def prints(**of_status: str) -> str:
    body = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": of_status}
    return f"print({json.dumps(json.dumps(body))})"


# --- the file ---------------------------------------------------------------------------------------


def test_no_kubeconfig() -> None:
    with pytest.raises(ConfigError, match="no kubeconfig") as raised:
        connect()
    assert "readiness demo" in raised.value.hint


def test_a_given_kubeconfig_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        connect(str(tmp_path / "none"))


def test_an_unknown_context_lists_the_known(cluster: ServedCluster, tmp_path: Path) -> None:
    config = cluster.kubeconfig(tmp_path, more_contexts={"staging": cluster.url})
    assert contexts(str(config)) == ["served", "staging"]
    with pytest.raises(ConfigError, match="no context 'prod'") as raised:
        connect(str(config), "prod")
    assert "served, staging" in raised.value.hint
    assert cluster.requests == []


def test_a_chosen_context_is_used(cluster: ServedCluster, tmp_path: Path) -> None:
    config = cluster.kubeconfig(tmp_path, token=TOKEN, server="http://127.0.0.1:1", more_contexts={"b": cluster.url})
    with connect(str(config), "b") as connection:
        assert (connection.context, connection.contexts) == ("b", ["served", "b"])


def test_several_files_are_merged(cluster: ServedCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = cluster.kubeconfig(tmp_path / "a", token=TOKEN, context="one")
    two = cluster.kubeconfig(tmp_path / "b", token=TOKEN, context="two")
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join([str(tmp_path / "missing"), str(one), str(two)]))
    assert contexts() == ["one", "two"]
    with connect(context="two") as connection:
        assert connection.context == "two"


@pytest.mark.parametrize("text", ["", "[]", "a: [", "contexts: 5", "contexts: [5]", "current-context: x", "\x00"])
def test_broken_kubeconfigs(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError):
        connect(str(path))


def test_a_broken_kubeconfig_is_not_quoted(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(f"users:\n- user: {{token: {TOKEN}: x\n", encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        connect(str(path))
    assert TOKEN not in str(raised.value) and "line" in raised.value.what


# --- credentials ------------------------------------------------------------------------------------


def test_an_expired_token(cluster: ServedCluster, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="401") as raised:
        connect(str(cluster.kubeconfig(tmp_path, token="old" + TOKEN)))
    assert "'served'" in raised.value.what and "sign in again" in raised.value.hint
    assert TOKEN not in str(raised.value)


def test_a_token_from_a_file_that_ends_in_a_newline(cluster: ServedCluster, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN + "\n", encoding="utf-8")
    with connect(str(cluster.kubeconfig(tmp_path, user={"tokenFile": str(tmp_path / "token")}))) as connection:
        assert connection.server_version == "v1.36.2"


def test_a_token_with_a_newline_inside_is_never_shown(cluster: ServedCluster, tmp_path: Path) -> None:
    config = cluster.kubeconfig(tmp_path, token=TOKEN + "\nX: " + TOKEN)
    with pytest.raises(ConfigError, match="characters that no token has") as raised:
        connect(str(config))
    assert TOKEN not in str(raised.value)


def test_basic_credentials(tmp_path: Path) -> None:
    with ServedCluster(small(), token="Basic " + base64.b64encode(b"me:pw").decode()) as cluster:
        connect(str(cluster.kubeconfig(tmp_path, user={"username": "me", "password": "pw"}))).close()


def test_an_exec_plugin_without_a_terminal(
    cluster: ServedCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "PLUGIN_TIMEOUT", 5.0)
    user = plugin(
        tmp_path,
        "info = json.loads(os.environ['KUBERNETES_EXEC_INFO'])",
        "assert info['spec']['interactive'] is False and not sys.stdin.read() and os.environ['EXTRA'] == '1'",
        prints(token=TOKEN),
    )
    user["exec"]["env"] = [{"name": "EXTRA", "value": "1"}]
    with (
        _terminal_that_waits(),
        connect(str(cluster.kubeconfig(tmp_path, user=user))) as connection,
    ):
        assert connection.server_version == "v1.36.2"


@contextmanager
def _terminal_that_waits() -> Iterator[None]:
    """Standard input that never says anything: whoever reads it, hangs."""
    reading, writing = os.pipe()
    before = os.dup(0)
    os.dup2(reading, 0)
    try:
        yield
    finally:
        os.dup2(before, 0)
        for handle in (reading, writing, before):
            os.close(handle)


def test_a_missing_exec_plugin(cluster: ServedCluster, tmp_path: Path) -> None:
    user = {"exec": {"apiVersion": "v1", "command": "kube-sign-in", "installHint": "get it from the store"}}
    with pytest.raises(ConfigError, match="'kube-sign-in' of the context 'served' is not installed") as raised:
        connect(str(cluster.kubeconfig(tmp_path, user=user)))
    assert raised.value.hint == "get it from the store"


def test_a_hanging_exec_plugin_and_its_children_are_ended(
    cluster: ServedCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "PLUGIN_TIMEOUT", 1.0)
    child = "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])"
    user = plugin(tmp_path, child, f"open({str(tmp_path / 'pid')!r}, 'w').write(str(child.pid))", "time.sleep(600)")
    began = time.monotonic()
    with pytest.raises(ConfigError, match="did not finish within 1 s") as raised:
        connect(str(cluster.kubeconfig(tmp_path, user=user)))
    assert time.monotonic() - began < 8
    assert "plugin" in raised.value.what and "'served'" in raised.value.what
    pid = int((tmp_path / "pid").read_text(encoding="utf-8"))
    # A signal takes its moment.
    until = time.monotonic() + 5
    while not _ended(pid) and time.monotonic() < until:
        time.sleep(0.01)
    assert _ended(pid)


def _ended(pid: int) -> bool:
    """Whether a process is gone, or only waits to be reaped."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    found = Path(f"/proc/{pid}/stat")
    return found.exists() and found.read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] in "ZX"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([f"sys.stderr.write('denied: password={TOKEN}'); sys.exit(7)"], "exit code 7: denied"),
        (["print('hello')"], "did not print an ExecCredential"),
        ([prints()], "neither a token nor a certificate"),
    ],
)
def test_an_exec_plugin_that_fails(cluster: ServedCluster, tmp_path: Path, lines: list[str], words: str) -> None:
    with pytest.raises(ConfigError, match=words) as raised:
        connect(str(cluster.kubeconfig(tmp_path, user=plugin(tmp_path, *lines))))
    assert TOKEN not in str(raised.value)
    assert cluster.requests == []


def test_an_exec_plugin_does_not_repeat_what_the_kubeconfig_gave_it(cluster: ServedCluster, tmp_path: Path) -> None:
    user = plugin(
        tmp_path,
        'import os; sys.exit(f\'no {sys.argv[2:]} for {os.environ["OIDC_SECRET"]} in {os.environ["REGION"]}\')',
    )
    user["exec"]["args"] = ["get", "--client-secret=ordinary-word", "--password", "other-word", "--issuer=https://idp"]
    user["exec"]["env"] = [{"name": "OIDC_SECRET", "value": "third-word"}, {"name": "REGION", "value": "eu-west-1"}]
    with pytest.raises(ConfigError, match="exit code 1: no ") as raised:
        connect(str(cluster.kubeconfig(tmp_path, user=user)))
    said = str(raised.value)
    assert "eu-west-1" in said and "https://idp" in said
    assert not [word for word in ("ordinary-word", "other-word", "third-word") if word in said]


def test_a_plugins_token_is_renewed_before_it_expires(cluster: ServedCluster, tmp_path: Path) -> None:
    soon = (datetime.datetime.now(UTC) + timedelta(seconds=30)).isoformat()
    user = plugin(
        tmp_path, f"open({str(tmp_path / 'runs')!r}, 'a').write('x')", prints(token=TOKEN, expirationTimestamp=soon)
    )
    login = log_in(str(cluster.kubeconfig(tmp_path, user=user)))
    assert login._renewal is not None
    login._renewal._ran_at -= credentials.JUST_NOW
    assert login.headers() == {"Authorization": f"Bearer {TOKEN}"}
    assert (tmp_path / "runs").read_text(encoding="utf-8") == "xx"
    login.headers()
    assert (tmp_path / "runs").read_text(encoding="utf-8") == "xx"


def token_of(seconds: int) -> str:
    claims = json.dumps({"exp": time.time() + seconds}).encode()
    return f"{TOKEN}.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.{TOKEN}"


def test_an_old_auth_provider_serves_while_its_token_holds(tmp_path: Path) -> None:
    token = token_of(3600)
    user = {"auth-provider": {"name": "oidc", "config": {"id-token": token, "idp-issuer-url": "https://127.0.0.1:1"}}}
    with ServedCluster(small(), token=token) as cluster:
        connect(str(cluster.kubeconfig(tmp_path, user=user))).close()


def test_an_old_auth_provider_is_not_refreshed(cluster: ServedCluster, tmp_path: Path) -> None:
    user = {"auth-provider": {"name": "oidc", "config": {"id-token": token_of(-60), "refresh-token": TOKEN}}}
    with pytest.raises(ConfigError, match="auth provider 'oidc'") as raised:
        connect(str(cluster.kubeconfig(tmp_path, user=user)))
    assert TOKEN not in str(raised.value)


def test_outside_a_cluster_there_are_no_credentials_of_a_pod() -> None:
    with pytest.raises(ConfigError, match="no credentials of a pod"):
        connect(in_cluster=True)


# --- the server -------------------------------------------------------------------------------------


def test_a_server_that_is_not_there(cluster: ServedCluster, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        config = cluster.kubeconfig(tmp_path, server=f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(UnreachableError, match="does not answer") as raised:
            connect(str(config))
    assert raised.value.exit_code == 4 and "VPN" in raised.value.hint


def test_a_name_that_no_one_knows(cluster: ServedCluster, tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match="does not answer"):
        connect(str(cluster.kubeconfig(tmp_path, server="https://no-such-host.invalid")), timeout=3)


@pytest.mark.parametrize("reply", [Reply(200, b"<html>"), Reply(200, b"{}"), status(404, "NotFound", "no")])
def test_a_server_that_is_something_else(tmp_path: Path, reply: Reply) -> None:
    with ServedCluster(small(), fault=lambda request: reply) as cluster:
        config = cluster.kubeconfig(tmp_path)
        with pytest.raises(ConfigError, match="does not answer as a Kubernetes API server"):
            connect(str(config))


def test_a_version_that_may_not_be_seen_is_no_obstacle(tmp_path: Path) -> None:
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


def certificate(folder: Path, name: str, days: int) -> tuple[Path, Path]:
    """A self-signed certificate for `name` that ends in so many days (negative: has ended), and its key."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=10))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = signed.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "tls.crt").write_bytes(pem)
    (folder / "tls.key").write_bytes(private)
    return folder / "tls.crt", folder / "tls.key"


def secure_config(folder: Path, port: int, authority: Path | None) -> Path:
    cluster: dict[str, Any] = {"server": f"https://localhost:{port}"}
    if authority:
        cluster["certificate-authority-data"] = base64.b64encode(authority.read_bytes()).decode()
    config = {
        "current-context": "tls",
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": {"token": TOKEN}}],
        "contexts": [{"name": "tls", "context": {"cluster": "c", "user": "u"}}],
    }
    path = folder / "config"
    path.write_text(json.dumps(config), encoding="utf-8")
    return path


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


def test_keys_that_must_be_files_are_private(tmp_path: Path) -> None:
    pem, key = certificate(tmp_path, "localhost", 5)
    path = secure_config(tmp_path, 1, pem)
    config = json.loads(path.read_text(encoding="utf-8"))
    for field, file in (("client-certificate-data", pem), ("client-key-data", key)):
        config["users"][0]["user"][field] = base64.b64encode(file.read_bytes()).decode()
    path.write_text(json.dumps(config), encoding="utf-8")
    login = log_in(str(path))
    stored = Path(login.configuration.key_file)
    assert stored.read_bytes() == key.read_bytes()
    assert stat.S_IMODE(stored.stat().st_mode) == 0o600
    assert stat.S_IMODE(stored.parent.stat().st_mode) == 0o700
    assert str(stored.parent) == credentials.private_folder()
