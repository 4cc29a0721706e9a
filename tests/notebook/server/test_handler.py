"""The address of the panel's state on a Jupyter server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from readiness_kit.demo import install
from readiness_kit.notebook.launcher import JUPYTER, copy_notebooks
from tests.browser.lab import free_port

TOKEN = "token-of-this-test"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A Jupyter server with the configuration of the kit; its address and its root."""
    home = tmp_path_factory.mktemp("server")
    root = home / "root"
    copy_notebooks(install(root / "customer"))
    port = free_port()
    own = {name: str(home / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}
    variables = {**os.environ, **own, "JUPYTER_CONFIG_PATH": str(JUPYTER)}
    variables.pop("READINESS_DIR", None)
    call = [sys.executable, "-m", "jupyter_server", "--no-browser", "--ServerApp.ip=127.0.0.1", "--allow-root",
            f"--ServerApp.port={port}", f"--ServerApp.root_dir={root}",
            f"--IdentityProvider.token={TOKEN}"]  # fmt: skip
    process = subprocess.Popen(call, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}/"
    ends = time.monotonic() + 90
    while time.monotonic() < ends:
        try:
            ask(address, "api/status")
            break
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    yield address, root
    process.terminate()
    process.wait(30)


def ask(address: str, path: str, *, token: str = TOKEN, **headers: str) -> tuple[int, dict[str, str], bytes]:
    sent = {"Authorization": f"token {token}"} if token else {}
    request = urllib.request.Request(address + path, headers={**sent, **headers})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as problem:
        return problem.code, dict(problem.headers), b""


def test_state_is_that_of_the_folder_of_the_notebook(server: tuple[str, Path]) -> None:
    address, root = server
    status, headers, body = ask(address, "readiness-kit/state?path=customer/notebooks/03_security.ipynb")
    shown = json.loads(body)
    assert status == 200 and shown["customer"] == "Fjord Outfitters" and shown["notebooks"] == "customer/notebooks"
    unchanged = ask(
        address, "readiness-kit/state?path=customer/notebooks/03_security.ipynb", **{"If-None-Match": headers["Etag"]}
    )
    assert unchanged[0] == 304 and unchanged[2] == b""
    assert json.loads(ask(address, "readiness-kit/state?path=")[2]) == {"assessment": False}
    path = root / "customer" / "answers.json"
    before = path.read_bytes()
    path.write_text("{", "utf-8")
    try:
        assert "answers.json" in json.loads(ask(address, "readiness-kit/state?path=customer")[2])["problem"]
    finally:
        path.write_bytes(before)


def test_nobody_without_a_token_and_no_path_outside_of_the_root(server: tuple[str, Path]) -> None:
    address, _ = server
    assert ask(address, "readiness-kit/state?path=customer", token="")[0] == 403
    assert ask(address, "readiness-kit/state?path=../..")[0] == 400
    assert ask(address, "readiness-kit/state?path=/etc/x")[0] == 400
