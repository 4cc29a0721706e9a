"""Wrong input across all commands: each gets a sentence that names it, an exit code, and no side effect."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.commands import run

KUBECONFIG = """
contexts: [{name: dev, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "https://127.0.0.1:9"}}]
users: [{name: u, user: {}}]
current-context: dev
"""
CASES = [
    # forms
    ("assess -o report.json", 2, "'report.json' is not a form", "Did you mean -o json=report.json?"),
    ("assess -o values.yml", 2, "'values.yml' is not a form", "use text, json, csv"),
    ("report -o md", 2, "'md' is not a form: use html, pdf"),
    ("report -o readme.md", 2, "Did you mean -o markdown=readme.md?"),
    ("assess -o json=", 2, "'json=' names no file. Write json=FILE, or json alone."),
    ("assess -o json=.", 2, "'.' is a directory. Write json=FILE."),
    ("assess -o json -o text", 2, "json and text would both be printed", "give one of them a file: -o text=FILE"),
    ("assess -o json=a -o csv=a", 2, "a is named for two forms. Give each form its own file."),
    ("compare now -o json -o text", 2, "this command has one output. Give the option once."),
    ("doctor -o yaml", 2, "'yaml' is not a form: use text, json"),
    ("collect -o html", 2, "'html' is not a form: use snapshot"),
    ("report -o html=- -o json=-", 2, "two forms would be written to standard output"),
    # files and folders
    ("assess -f gone.zip", 6, "gone.zip does not exist"),
    ("assess -f a.zip -f b.zip", 2, "a.zip and b.zip were given, and only one can be used."),
    ("assess a.zip -f b.zip", 2, "a.zip and -f b.zip were given, and only one can be used."),
    ("report - -f -", 2, "- and -f - were given, and only one can be used."),
    ("explain Q15 a.zip -f b.zip", 2, "a.zip and -f b.zip were given"),
    ("answers import a.yaml -f b.yaml", 2, "a.yaml and -f b.yaml were given"),
    ("answers import", 2, "Missing argument 'FILE' (-: standard input)."),
    ("answers import -d .", 2, "Missing argument 'FILE'"),
    ("assess a.yaml b.yaml", 2, "unexpected extra argument (b.yaml)"),
    ("assess gone.zip", 6, "gone.zip does not exist"),
    ("report gone.zip", 6, "gone.zip does not exist"),
    ("explain Q15 gone.zip", 6, "gone.zip does not exist"),
    ("assess -", 6, "standard input is empty"),
    ("report -", 6, "standard input is empty"),
    ("explain Q15 -", 6, "standard input is empty"),
    ("answers import -", 6, "standard input is empty"),
    ("serve -", 6, "standard input is empty"),
    ("assess --live x.zip", 2, "a snapshot file and a live cluster were both given"),
    ("assess -d a -d b", 2, "a and b were given, and only one can be used."),
    ("answers import -f gone.yaml", 6, "gone.yaml does not exist"),
    ("assess -f -", 6, "standard input is empty"),
    ("answers import -f -", 6, "standard input is empty"),
    ("serve -f gone.zip", 6, "gone.zip does not exist"),
    ("compare now gone", 2, "'gone' is not a milestone, milestone file, snapshot or assessment folder"),
    ("explain Q15 -d gone", 3, "gone is not an assessment folder"),
    ("fix --values gone.yaml", 6, "gone.yaml does not exist"),
    # names
    ("explain Q99", 2, "the checklist has no question 'Q99'"),
    ("waive Q99", 2, "the checklist has no question 'Q99'"),
    ("collect --context arn:aws:eks/no/such", 3, "has no context 'arn:aws:eks/no/such'", "choose one of: dev"),
    ("collect -n UPPER/case", 2, "'UPPER/case' cannot be the name of a namespace"),
    ("rbac -n UPPER/case", 2, "'UPPER/case' cannot be the name of a namespace"),
    ("report --weaviate nowhere", 5, "nowhere"),
    ("milestone now", 2, "'now' is the name of the current assessment"),
    ("fix --only no.such", 2, "there is no fix no.such"),
    # times and numbers
    ("waive Q27 --reason r --owner o --approver a --expires 2020-01-01", 2, "2020-01-01, before 2026-11-20"),
    ("waive Q27 --expires 31.12.2027", 2, "'31.12.2027' does not match the format '%Y-%m-%d'."),
    ("collect --request-timeout 0", 2, "0 would wait without end. Give a time such as 30s."),
    ("collect --request-timeout soon", 2, "'soon' is not a time."),
    ("serve --port 70000", 2, "70000 is not in the range"),
    # combinations
    ("collect --as-group dev", 2, "--as-group needs --as, the user to impersonate."),
    ("assess --live -f x.zip", 2, "a snapshot file and a live cluster were both given"),
    ("advisories --to 1.38.2", 2, "--to was given without --for"),
    ("assess --values v.yaml", 2, "--values and --chart-version need --chart"),
    ("report --keep-notes", 2, "--keep-notes is for pseudonymised reports"),
]


@pytest.mark.parametrize(("words", "code", "texts"), [(words, code, texts) for words, code, *texts in CASES])
def test_wrong_input_is_named_and_changes_nothing(
    demo_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, code: int, texts: list[str]
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    (tmp_path / "kubeconfig").write_text(KUBECONFIG)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    stored = {path: path.read_bytes() for path in demo_folder.rglob("*") if path.is_file() and path.suffix != ".lock"}
    result = run(*words.split(), input="")
    output = " ".join(result.output.split())
    assert result.exit_code == code, output
    for text in texts:
        assert text in output, output
    assert "Traceback" not in output and ("Next: " in output or "Usage: " in output)
    assert list(work.iterdir()) == []
    assert {path: path.read_bytes() for path in stored} == stored
