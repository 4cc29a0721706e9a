"""Nothing that is printed controls the terminal, and everything is printed in one place."""

from __future__ import annotations

import ast
import errno
import io
import json
import logging
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import msgspec
import pytest

import readiness_kit
from readiness_kit import paths
from readiness_kit.cli import output
from readiness_kit.demo import SNAPSHOT
from readiness_kit.errors import ReadOnlyError
from readiness_kit.report.exports.terminal import as_text
from readiness_kit.serve import bodies
from readiness_kit.snapshot import load
from readiness_kit.workspace.folder import Folder
from readiness_kit.workspace.session import Session
from tests.support.commands import run
from tests.support.served import Reply, Request, ServedCluster, status

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path(readiness_kit.__file__).parent
HOSTILE = "\x1b[2J\x1b]0;title\x07\x9b31m\u202e\u2066\u200f\u2028\u200b\ufeff\ud800\U000e0041\x7f\b\r"
FORGED = "no\n✓ All questions are met"
ALLOWED = "".join(chr(code) for code in range(0x3000) if unicodedata.category(chr(code)) in ("Cc", "Zl", "Zp"))


def test_every_unsafe_character_is_escaped_and_the_rest_is_kept() -> None:
    shown = output.neutralised(HOSTILE)
    assert shown.isascii() and shown.isprintable()
    assert shown.startswith(r"\u001b[2J\u001b]0;title\u0007\u009b31m\u202e\u2066") and r"\udb40\udc41" in shown
    plain = "Grüße, 35 % – “x” 👩‍🔬 \u200c\tשלום\r\nnext\n"
    assert output.neutralised(plain) == plain
    assert [letter for letter in ALLOWED if output.neutralised(letter) == letter] == ["\t", "\n"]


def test_json_keeps_its_meaning() -> None:
    value = {"name": "a\x7f\u202eb\U000e0041\x9b", "x\u2028": 1}
    assert json.loads(output.neutralised(json.dumps(value, ensure_ascii=False))) == value


def test_a_line_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    output.write_line(f"  Read: {FORGED}\r\n")
    output.write_line(f"Error: {FORGED}", err=True)
    out, err = capsys.readouterr()
    assert out == "  Read: no ✓ All questions are met\n" and err == "Error: no ✓ All questions are met\n"


def test_rewritten_line_has_only_the_escapes_of_the_kit(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "stderr", terminal)
    output.rewrite_line(f"1/2 {HOSTILE}", last=False)
    err = terminal.getvalue()
    assert err.startswith("\r\033[K1/2 ") and err.count("\033") == 1 and "\n" not in err


def test_warnings_in_the_log_are_printed_by_the_writer(capsys: pytest.CaptureFixture[str]) -> None:
    before = list(logging.getLogger().handlers)
    with output.logged_to_terminal():
        logging.getLogger("readiness_kit.x").warning("%s cannot be read: %s", "\x1b[2Jfile", FORGED)
    assert capsys.readouterr().err == "Warning: \\u001b[2Jfile cannot be read: no ✓ All questions are met\n"
    assert logging.getLogger().handlers == before


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_terminal_without_unicode_shows_ascii(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding))
    output.write_line("✓ ready ✗ not … → ≥ ⚠ █▒ 漢")
    assert (
        raw.getvalue()
        == {
            "ascii": b"+ ready x not ... -> >= ! #= \\u6f22\n",
            "cp1252": b"+ ready x not \x85 -> >= ! #= \\u6f22\n",
        }[encoding]
    )


def test_full_disk_is_an_error_of_the_output(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(output.click, "echo", full)
    monkeypatch.setattr(output, "_discard", lambda stream: None)
    with pytest.raises(ReadOnlyError, match="standard output cannot be written: No space left on device"):
        output.write_line("x")
    output.write_line("x", err=True)


def test_reader_that_stops_does_not_change_the_exit_code(demo_folder: Path) -> None:
    """`readiness assess --fail-on critical | head -1` still fails with the code of the gate."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "readiness_kit.cli", "assess", "--fail-on", "critical"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, env=environment, timeout=120)
    os.close(writing)
    assert done.returncode == run("assess", "--fail-on", "critical").exit_code != 0
    assert "Gate --fail-on critical" in done.stderr and "Traceback" not in done.stderr


def test_names_of_files_and_wrong_words_are_neutralised(demo_folder: Path, tmp_path: Path) -> None:
    hostile = "\x1b[31m\u202ex"
    for words in (
        ("assess", "-f", tmp_path / f"{hostile}.zip"),
        ("report", "-o", hostile),
        (hostile,),
        ("answers", "import", "-f", hostile),
        ("compare", hostile),
    ):
        printed = run(*words).output
        assert r"\u001b" in printed or "x1b" in printed, printed
        assert "\x1b" not in printed and "\u202e" not in printed


def test_logged_names_are_neutralised(demo_folder: Path) -> None:
    Folder(demo_folder).create()
    (demo_folder / "milestones" / "\x1b[2J.json").write_text("{")
    result = run("assess", "-o", "json")
    assert result.exit_code == 0 and "\x1b" not in result.output
    assert r"Warning: Left out: " in result.stderr and r"\u001b[2J.json" in result.stderr


def test_answers_exported_to_the_terminal_are_the_same(demo_folder: Path) -> None:
    store = Folder(demo_folder).answers
    question, given = next(iter(store.all().items()))
    store.put(type(given)(question, given.value, note="a\x1b[2J\u202eb", reason="r"))
    printed = run("answers", "export").output
    assert "\x1b" not in printed and "\u202e" not in printed
    (demo_folder / "back.yaml").write_text(printed)
    assert run("answers", "import", "-f", demo_folder / "back.yaml").output == "Taken: 0 answers\n"


def _printing(tree: ast.AST) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name in ("print", "sys.stdout.write", "sys.stderr.write") or name.startswith(
                ("click.echo", "click.secho", "click.confirm", "click.prompt", "click.progressbar", "click.pause")
            ):
                found.append(f"{name} in line {node.lineno}")
    return found


def test_only_the_writer_prints() -> None:
    printing = {
        str(path.relative_to(PACKAGE)): found
        for path in PACKAGE.rglob("*.py")
        if (found := _printing(ast.parse(path.read_text("utf-8"))))
    }
    assert set(printing) == {"cli/output.py"}


# --- what servers and snapshots contain -----------------------------------------------------------


def forged_lines(printed: str) -> list[str]:
    """Lines that start as the kit's own messages do but come from a server."""
    return [line for line in printed.splitlines() if line.lstrip().startswith(("✓ All questions", "All questions"))]


def test_text_of_a_cluster_cannot_forge_a_line(tmp_path: Path) -> None:
    hostile = f"no\x1b[2J\x9b1A\u202e\n{FORGED}\r\n✓ All questions are met\u2028✓ All questions are met"
    lists = bodies(load(paths.demo() / SNAPSHOT))

    def fault(request: Request) -> Reply | None:
        if request.path == "/version":
            return Reply(200, {"major": "1", "minor": "36", "gitVersion": f"v1.36.2{hostile}"})
        return status(403, "Forbidden", hostile) if request.plural == "nodes" else None

    with ServedCluster(lists, fault=fault) as cluster:
        kubeconfig = str(cluster.kubeconfig(tmp_path))
        collected = run("collect", "-d", tmp_path / "a", "--kubeconfig", kubeconfig)
        examined = run("doctor", "--kubeconfig", kubeconfig, "--reach")
    assert "nodes" in collected.output and "Kubernetes" in examined.output
    assessed = run("assess", "-d", tmp_path / "a")
    for printed in (collected.output, examined.output, assessed.output):
        assert not forged_lines(printed)
        assert output.neutralised(printed) == printed


def test_sentence_of_a_verdict_is_one_line(demo_folder: Path) -> None:
    session = Session(Folder(demo_folder))
    judged = session.assessment()
    verdicts = tuple(
        msgspec.structs.replace(
            verdict,
            finding=msgspec.structs.replace(
                verdict.finding,
                sentence=f"x\n{FORGED}",
                facts=tuple(msgspec.structs.replace(fact, seen=f"y\n{FORGED}") for fact in verdict.finding.facts),
            )
            if verdict.finding
            else None,
        )
        for verdict in judged.verdicts
    )
    shown = as_text(msgspec.structs.replace(judged, verdicts=verdicts, waiver_audit=(f"z\n{FORGED}",)))
    assert "✓ All questions are met" in shown and not forged_lines(shown)
