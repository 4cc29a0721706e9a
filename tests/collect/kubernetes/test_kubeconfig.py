"""Kubeconfigs of several files, merged as kubectl merges them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from readiness_kit.collect.kubernetes.credentials import log_in
from readiness_kit.collect.kubernetes.kubeconfig import contexts, merged
from readiness_kit.errors import ConfigError

A = """
current-context: prod
contexts: [{name: prod, context: {cluster: c1}}]
clusters: [{name: c1, cluster: {server: "http://127.0.0.1:8001", certificate-authority: ca.crt}}]
users: [{name: u1, user: {token: first, tokenFile: token}}]
"""
B = """
current-context: staging
contexts: [{name: staging, context: {cluster: c2, user: u1}}, {name: prod, context: {cluster: c2, user: u1}}]
clusters: [{name: c2, cluster: {server: "http://127.0.0.1:9"}}, {name: c1, cluster: {insecure-skip-tls-verify: true}}]
users: [{name: u1, user: {token: second}}, {name: u2, user: {client-key: /abs/key}}]
"""
C = """
current-context: third
contexts: [{name: third, context: {cluster: c3, user: u3, namespace: search}}]
clusters: [{name: c3, cluster: {server: "https://db.example.com:6443", certificate-authority: ../pki/ca.crt}}]
users: [{name: u3, user: {client-certificate: pki/me.crt, client-key: ./pki/me.key}}, {name: u1, user: {token: third}}]
"""
EMPTY = ""
UNSET = "current-context: ''\nclusters: null\n"


def files(folder: Path, *texts: str) -> list[Path]:
    found = []
    for number, text in enumerate(texts):
        path = folder / str(number) / "config"
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
        found.append(path)
    return found


def test_first_file_wins_for_each_entry_and_the_current_context(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join(map(str, files(tmp_path, UNSET, A, B))))
    assert contexts() == ["prod", "staging"]
    login = log_in()
    assert (login.context, login.server) == ("prod", "http://127.0.0.1:8001")
    login = log_in(context="staging")
    assert login.server == "http://127.0.0.1:9"


def test_paths_belong_to_the_folder_of_their_file(tmp_path: Path) -> None:
    found = merged(files(tmp_path, A, B))
    assert found["clusters"][0]["cluster"]["certificate-authority"] == str(tmp_path / "0/ca.crt")
    assert [user["user"].get("client-key") for user in found["users"]] == [None, "/abs/key"]


def test_two_entries_of_one_name_in_a_file_are_refused(tmp_path: Path) -> None:
    twice = "clusters: [{name: c, cluster: {server: a}}, {name: c, cluster: {server: b}}]"
    with pytest.raises(ConfigError, match="two clusters are named 'c'"):
        merged(files(tmp_path, twice))


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
@pytest.mark.parametrize(
    "texts",
    [(A, B), (B, A), (EMPTY, B), (UNSET, A, B), (UNSET, B, A), (A,), (C, UNSET, A), (EMPTY, B, C), (A, B, C)],
    ids=lambda texts: str(len(texts)),
)
def test_merging_agrees_with_kubectl(tmp_path: Path, texts: tuple[str, ...]) -> None:
    paths = files(tmp_path, *texts)
    shown = subprocess.run(
        ["kubectl", "config", "view", "--raw", "-o", "json"],
        env={**os.environ, "KUBECONFIG": os.pathsep.join(map(str, paths))},
        capture_output=True,
        check=True,
        timeout=60,
    )
    of_kubectl = json.loads(shown.stdout)
    own = merged(paths)
    assert own["current-context"] == of_kubectl["current-context"]
    for section, inner in (("contexts", "context"), ("clusters", "cluster"), ("users", "user")):
        assert _plain(own[section], inner) == _plain(of_kubectl[section] or [], inner)


def _plain(entries: list[dict[str, Any]], inner: str) -> dict[str, dict[str, Any]]:
    """Entries by name, without the empty fields that kubectl adds, and paths by their last part."""
    return {
        entry["name"]: {
            key: os.path.basename(value) if "/" in str(value) and not str(value).startswith("http") else value
            for key, value in entry[inner].items()
            if value
        }
        for entry in entries
    }
