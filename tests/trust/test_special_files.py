"""A pipe, a device, a socket or a folder in place of any file that a user names: no waiting, one sentence."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from readiness_kit import files
from readiness_kit.demo import install
from readiness_kit.errors import ReadOnlyError
from readiness_kit.model import Answer, Choice
from readiness_kit.workspace.folder import Folder
from tests.support.commands import run
from tests.support.served import ServedCluster

pytestmark = pytest.mark.timeout(120)


def pipe(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    """One without end: for root a device of its own, because a fault could replace that of the machine."""
    if os.geteuid() == 0:
        os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5))
    else:
        path.symlink_to("/dev/zero")


def a_socket(path: Path) -> None:
    where = os.getcwd()
    os.chdir(path.parent)  # the path of a socket has at most 108 characters
    try:
        socket.socket(socket.AF_UNIX).bind(path.name)
    finally:
        os.chdir(where)


def folder(path: Path) -> None:
    path.mkdir()


SPECIAL = pytest.mark.parametrize("special", [pipe, device, a_socket, folder])
Special = Callable[[Path], None]


def one_sentence(*words: str | Path, code: int) -> None:
    result = run(*words)
    errors = [line for line in result.output.splitlines() if line.startswith("Error: ")]
    is_usage = result.exit_code == 2 and "is a directory" in result.output
    assert result.exit_code == code or is_usage, result.output
    assert len(errors) == 1, result.output
    assert "Traceback" not in result.output and "[Errno" not in result.output


@SPECIAL
def test_kubeconfig(tmp_path: Path, special: Special) -> None:
    special(tmp_path / "config")
    one_sentence("collect", "--kubeconfig", tmp_path / "config", "-o", f"snapshot={tmp_path / 'out.zip'}", code=3)


CREDENTIALS = {
    "tokenFile": ("users", "user"),
    "client-certificate": ("users", "user"),
    "client-key": ("users", "user"),
    "certificate-authority": ("clusters", "cluster"),
}


@SPECIAL
@pytest.mark.parametrize("field", CREDENTIALS)
def test_file_that_a_kubeconfig_names(tmp_path: Path, special: Special, field: str) -> None:
    special(tmp_path / "special")
    with ServedCluster({}) as cluster:
        path = cluster.kubeconfig(tmp_path)
        config: dict[str, Any] = yaml.safe_load(path.read_text())
        entries, inner = CREDENTIALS[field]
        entry = config[entries][0][inner]
        if field != "certificate-authority":
            entry.clear()
        entry |= {field: "special"}
        if field == "client-key":
            (tmp_path / "cert.pem").write_text("no certificate")
            entry |= {"client-certificate": "cert.pem"}
        path.write_text(yaml.safe_dump(config))
        one_sentence("collect", "--kubeconfig", path, "-o", f"snapshot={tmp_path / 'out.zip'}", code=3)


@SPECIAL
@pytest.mark.parametrize("option", ["--weaviate-ca", "--prometheus-ca"])
def test_certificate_authorities(tmp_path: Path, special: Special, option: str) -> None:
    special(tmp_path / "ca.pem")
    with ServedCluster({}) as cluster:
        url = ("--weaviate-url", "https://localhost:1", "--prometheus-url", "https://localhost:1")
        words = ("--kubeconfig", cluster.kubeconfig(tmp_path), "-o", f"snapshot={tmp_path / 'out.zip'}")
        one_sentence("collect", *words, *url, option, tmp_path / "ca.pem", code=3)


FILES: dict[str, tuple[tuple[str, ...], int]] = {
    "readiness.yaml": (("assess",), 3),
    "answers.json": (("assess",), 6),
    "waivers.json": (("assess",), 6),
    "snapshots/2027-01-01T000000Z.zip": (("report", "-o", "json"), 6),
    "events.jsonl": (("answers", "restore"), 6),
    "own.yaml": (("assess",), 3),
    "logo.png": (("report",), 3),
    "private/pseudonyms.key": (("report", "--pseudonymise", "-o", "json"), 6),
    "private/pseudonyms.json": (("report", "--pseudonymise", "-o", "json"), 6),
}


@pytest.fixture
def assessment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    found = install(tmp_path / "home")
    monkeypatch.setenv("READINESS_DIR", str(found.path))
    return found


@SPECIAL
@pytest.mark.parametrize("name", FILES)
def test_file_of_an_assessment(assessment: Folder, special: Special, name: str) -> None:
    words, code = FILES[name]
    if name == "logo.png":
        assessment.write_settings(**{"branding.logo": name})
    if name == "own.yaml":
        assessment.write_settings(extra_checklists=[name])
    path = assessment.path / name
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    special(path)
    if name.startswith("snapshots"):
        words = (*words, "-f", str(path))
    one_sentence(*words, code=code)


@SPECIAL
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("answers", "import", "-f"), 6),
        (("assess", "-f"), 6),
        (("report", "-o", "json", "-f"), 6),
        (("serve", "-f"), 6),
        (("compare",), 6),
    ],
)
def test_file_on_the_command_line(
    assessment: Folder, tmp_path: Path, special: Special, words: tuple[str, ...], code: int
) -> None:
    special(tmp_path / "given.json")
    one_sentence(*words, tmp_path / "given.json", code=code)


@SPECIAL
@pytest.mark.parametrize(
    "name", ["state.json", "milestones/one.json", "notebooks/00_start.ipynb", "notebooks/.copied.json"]
)
def test_file_that_is_not_needed_is_passed_over(assessment: Folder, special: Special, name: str) -> None:
    path = assessment.path / name
    path.parent.mkdir(exist_ok=True)
    special(path)
    assert run("assess", "-q").exit_code == 0
    result = run("lab", "-d", assessment.path, "--prepare-only")
    assert result.exit_code in (0, 6), result.output


@SPECIAL
def test_event_log_is_not_written_into(assessment: Folder, special: Special) -> None:
    assessment.answers.put(Answer("ha.multi_az", Choice.YES, note="the proof"))
    before = assessment.answers.all()
    path = assessment.path / "events.jsonl"
    path.unlink()
    special(path)
    one_sentence("answers", "confirm", "ha.multi_az", "--by", "ada", code=6)
    assert assessment.answers.all() == before


@SPECIAL
def test_what_a_link_leads_to_is_never_replaced_by_a_file(tmp_path: Path, special: Special) -> None:
    special(tmp_path / "special")
    (tmp_path / "link").symlink_to(tmp_path / "special")
    before = (tmp_path / "special").lstat()
    with pytest.raises(ReadOnlyError):
        files.replace(tmp_path / "link", b"{}")
    with pytest.raises(ReadOnlyError):
        files.append_line(tmp_path / "link", b"{}")
    with pytest.raises(ReadOnlyError), files.locked(tmp_path / "link"):
        pass
    after = (tmp_path / "special").lstat()
    assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "special"]
