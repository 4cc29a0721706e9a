"""Kubeconfigs and their credentials, good and bad."""

from __future__ import annotations

import base64
import datetime
import json
import os
import stat
import time
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from readiness_kit.collect import connect, contexts
from readiness_kit.collect.kubernetes import credentials
from readiness_kit.collect.kubernetes.credentials import log_in
from readiness_kit.errors import ConfigError
from tests.collect.conftest import small
from tests.collect.kubernetes.conftest import TOKEN, certificate, plugin, prints, secure_config
from tests.support.served import ServedCluster

pytestmark = pytest.mark.usefixtures("pauses")


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
        assert connection.context == "b"


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


def test_auth_provider_token_is_used_until_it_expires(tmp_path: Path) -> None:
    token = token_of(3600)
    user = {"auth-provider": {"name": "oidc", "config": {"id-token": token, "idp-issuer-url": "https://127.0.0.1:1"}}}
    with ServedCluster(small(), token=token) as cluster:
        connect(str(cluster.kubeconfig(tmp_path, user=user))).close()


def test_expired_auth_provider_token_is_an_error(cluster: ServedCluster, tmp_path: Path) -> None:
    user = {"auth-provider": {"name": "oidc", "config": {"id-token": token_of(-60), "refresh-token": TOKEN}}}
    with pytest.raises(ConfigError, match="auth provider 'oidc'") as raised:
        connect(str(cluster.kubeconfig(tmp_path, user=user)))
    assert TOKEN not in str(raised.value)


def test_outside_a_cluster_there_are_no_credentials_of_a_pod() -> None:
    with pytest.raises(ConfigError, match="no credentials of a pod"):
        connect(in_cluster=True)


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


def test_a_token_is_not_sent_unencrypted_to_another_machine(tmp_path: Path) -> None:
    with ServedCluster(small()) as cluster, pytest.raises(ConfigError, match="would go over plain HTTP") as raised:
        connect(str(cluster.kubeconfig(tmp_path, server="http://far-away.example.com:8080")))
    assert "served-token" not in str(raised.value)


@pytest.mark.parametrize("skip", [True, False])
def test_a_certificate_that_is_not_verified_is_known(tmp_path: Path, skip: bool) -> None:
    config = secure_config(tmp_path, 1, None)
    document = json.loads(config.read_text())
    document["clusters"][0]["cluster"]["insecure-skip-tls-verify"] = skip
    config.write_text(json.dumps(document))
    assert log_in(str(config)).tls_unverified is skip
