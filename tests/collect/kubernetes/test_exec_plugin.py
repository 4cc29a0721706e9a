"""Exec credential plugins: without a terminal, with a time-out, and with their failures."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from readiness_kit.collect import connect
from readiness_kit.collect.kubernetes import credentials
from readiness_kit.errors import ConfigError
from tests.collect.kubernetes.conftest import TOKEN, plugin, prints
from tests.support.served import ServedCluster

pytestmark = pytest.mark.usefixtures("pauses")


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
    """Standard input that never ends: reading it blocks."""
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
    message = str(raised.value)
    assert "eu-west-1" in message and "https://idp" in message
    assert not [word for word in ("ordinary-word", "other-word", "third-word") if word in message]
