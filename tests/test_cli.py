"""The text and exit code of every wrong command, file and setting. The commands themselves are tested in tests/cli/."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result

from readiness_kit.demo import install
from readiness_kit.workspace.folder import Folder
from tests.support.commands import run
from tests.support.served import ServedCluster

WAIVER = ("waive", "ha.canary", "--owner", "Team", "--approver", "Head", "--expires", "2027-01-31")
MILESTONES = "milestones here: first"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The demonstration assessment with a milestone, found by `$READINESS_DIR`; the working directory is above it."""
    path = install(tmp_path / "demo").path
    monkeypatch.setenv("READINESS_DIR", str(path))
    monkeypatch.chdir(tmp_path)
    run("milestone", "first")
    (tmp_path / "a file").write_text("in the way")
    (tmp_path / "plain").mkdir()
    return path


def check(result: Result, code: int, *texts: str) -> None:
    """The exit code, and the texts in the output as one line; each error of the kit has a next step."""
    output = " ".join(result.output.split())
    assert "Traceback" not in output
    assert result.exit_code == code, output
    for text in texts:
        assert text in output
    assert "Next: " in output or "Usage: " in output


# --- the command line -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("asess", "No such command 'asess'. (Did you mean one of: 'answers', 'assess'?)"),
        ("repot", "No such command 'repot'. Did you mean 'report'?"),
        ("frobnicate", "No such command 'frobnicate'."),
        ("answers exprot", "No such command 'exprot'. Did you mean 'export'?"),
        ("assess --fail-onn high", "No such option '--fail-onn'. (Did you mean one of: '--fail-on',"),
        ("assess --fail-on severe", "'severe' is not one of 'critical', 'high', 'medium', 'low'."),
        (
            "assess -o html",
            "'html' is not a form: use text, json, csv, markdown, junit, sarif",
        ),
        (
            "report -o docx",
            "'docx' is not a form: use html, pdf, json, csv, markdown, junit, sarif",
        ),
        ("report --paper a3", "'a3' is not one of 'a4', 'letter'."),
        ("checklist --profile full", "'full' is not one of 'core', 'extended'."),
        ("collect -o snapshot=plain", "'plain' is a directory. Write snapshot=FILE."),
        ("answers import", "Missing argument 'FILE' (-: standard input)."),
        ("waive ha.canary --expires tomorrow", "'tomorrow' does not match the format '%Y-%m-%d'."),
        ("fleet gone", "Directory 'gone' does not exist."),
        ("fleet", "Missing argument 'FOLDERS...'."),
        ("milestone", "Missing argument 'NAME'."),
    ],
)
def test_incorrect_command_line(folder: Path, words: str, text: str) -> None:
    check(run(*words.split()), 2, text)


@pytest.mark.parametrize(
    ("words", "texts"),
    [
        (("checklist", "--section", "x"), ("there is no section 'x'", "choose one of high_availability, resource_ma")),
        (
            ("assess", "-f", "x.zip", "--live"),
            ("a snapshot file and a live cluster", "or give --live, not both"),
        ),
        (("waive", "ha.multi_zones"), ("the checklist has no question 'ha.multi_zones'", "did you mean ha.multi_az?")),
        (("waive", "ha.canary"), ("the waiver for ha.canary has no expiry", "add --expires YYYY-MM-DD")),
        (WAIVER, ("the waiver for ha.canary has no reason", "add a text for reason")),
        (
            (*WAIVER, "--reason", "r", "--approver", "team"),
            ("owned and approved by the same person: Team",),
        ),
        (
            (*WAIVER, "--reason", "r", "--expires", "2020-01-01"),
            ("have expired on 2020-01-01, before 2026-11-20",),
        ),
        (("milestone", "a/b"), ("'a/b' is not a valid name for a milestone", "use letters, digits")),
        (("milestone", "first"), ("the milestone 'first' already exists in", "choose another name")),
        (("compare", "frist"), ("'frist' is no", MILESTONES)),
        (("report", "-f", "x.zip", "--pseudonymise"), ("pseudonyms need an assessment folder", "add --folder")),
        (("rbac", "--serviceaccount", "x"), ("the service account 'x'", "namespace/name")),
        (("fleet", "demo", "demo"), ("the same assessment folder was given twice", "Next:")),
        (
            ("collect", "--prometheus-dry-run", "-d", "new"),
            ("has no snapshot to plan queries for", "collect"),
        ),
    ],
    ids=lambda value: " ".join(value),
)
def test_incorrect_use(folder: Path, words: tuple[str, ...], texts: tuple[str, ...]) -> None:
    Folder("new").create()
    check(run(*words), 2, *texts)


# --- the assessment folder ------------------------------------------------------------------------


def test_no_assessment_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    check(run("assess"), 3, f"no assessment found: neither {tmp_path} nor a folder above it has a readiness.yaml")
    check(run("assess", "-d", str(tmp_path)), 3, "is not an assessment folder: it has no readiness.yaml", "create one")
    monkeypatch.setenv("READINESS_DIR", str(tmp_path / "gone"))
    check(run("assess"), 3, f"$READINESS_DIR is {tmp_path / 'gone'}, which is not a folder", "create it, or unset")


def test_folder_without_a_snapshot(tmp_path: Path) -> None:
    Folder(tmp_path).create()
    text = f"nothing has been collected for the assessment in {tmp_path}"
    check(run("assess", "-d", str(tmp_path)), 5, text, "run `readiness collect`, or give a snapshot file")


@pytest.mark.parametrize(
    "words",
    [
        ("report", "-o", "html={file}/r.html"),
        ("report", "-o", "json={file}/r.json"),
        ("answers", "export", "-o", "yaml={file}/answers.yaml"),
        ("collect", "-d", "{file}/new"),
        ("lab", "--prepare-only", "-d", "{file}/new"),
        ("demo", "-d", "{file}/new"),
        ("fleet", "{demo}", "{other}", "-o", "html={file}/fleet.html"),
    ],
    ids=" ".join,
)
def test_path_that_cannot_be_written(words: tuple[str, ...], folder: Path, tmp_path: Path) -> None:
    file, other = tmp_path / "a file", install(tmp_path / "other").path
    result = run(*(word.format(file=file, demo=folder, other=other) for word in words))
    check(result, 6, f"{file}/", "is a file", "Next:")


# --- files ----------------------------------------------------------------------------------------

CHECKLIST = "section: security\nquestions:\n  - id: our.rule\n    severity: deadly\n"


@pytest.mark.parametrize(
    ("line", "files", "texts"),
    [
        ("custumer: Example", {}, ("the settings file", "unknown field `custumer`")),
        ("thresholds: {coverage_minimum: 70}", {}, ("the settings file", "$.thresholds.coverage_minimum")),
        ("profile: huge", {}, ("the settings file", "Invalid enum value 'huge' - at `$.profile`")),
        ("customer: [", {}, ("the settings file", "is not valid YAML")),
        ("extra_checklists: [own.yaml]", {}, ("the checklist file", "own.yaml does not exist", "check the path")),
        ("extra_checklists: [own.yaml]", {"own.yaml": CHECKLIST}, ("own.yaml: question our.rule", "`$.severity`")),
        ("extra_checklists: [own.yaml]", {"own.yaml": "a: 1"}, ("own.yaml: unknown field `a`", "`section` and")),
        ("", {"waivers.json": "{"}, ("the waivers file", "cannot be read", "correct the file")),
        ("", {"waivers.json": "{}"}, ("has no list `waivers`", '{"schema": 1, "waivers": []}')),
        ("", {"waivers.json": '{"waivers": [{"question": "ha.a"}]}'}, ("waivers[0] ha.a", "correct that field")),
    ],
)
def test_invalid_setting_or_file_of_the_folder(
    folder: Path, line: str, files: dict[str, str], texts: tuple[str, ...]
) -> None:
    (folder / "readiness.yaml").write_text(f"{line}\n")
    for name, text in files.items():
        (folder / name).write_text(text)
    check(run("assess"), 6 if "waivers.json" in files else 3, *texts)


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        (
            '{"schema": 1, "answers": {"ha.mul',
            ("answers.json cannot be read", "readiness answers restore"),
        ),
        ('{"schema": 9, "answers": []}', ("answers.json has schema 9, which this version cannot read", "update")),
    ],
)
def test_unreadable_answers(folder: Path, text: str, texts: tuple[str, ...]) -> None:
    (folder / "answers.json").write_text(text)
    check(run("assess"), 6, *texts)
    assert [path for path in folder.glob("answers.json*") if path.read_text() == text]


def test_answers_of_a_newer_version_are_not_changed(folder: Path, tmp_path: Path) -> None:
    run("answers", "export", "-o", "yaml=back.yaml")
    (folder / "answers.json").write_text(json.dumps({"schema": 9, "answers": {}}))
    check(
        run("answers", "import", "-f", "back.yaml"), 6, "has schema 9, this version writes 1: it is read-only", "update"
    )


@pytest.mark.parametrize(
    ("text", "code", "texts"),
    [
        (None, 6, ("the answers file back.yaml does not exist", "check the path")),
        ("answers: [", 6, ("the answers file back.yaml is not valid YAML",)),
        ("[]", 6, ("back.yaml has no mapping `answers`", "`readiness answers export` wrote")),
        ("schema: 9\nanswers: {}", 6, ("back.yaml has schema 9, this version reads up to 1", "update the kit")),
        ("answers: {ha.canary: yes}", 6, ("back.yaml: ha.canary: the entry is not a mapping", "use the fields value")),
        ("answers: {ha.canary: {valu: yes}}", 6, ("ha.canary: unknown field `valu`", "use only value, reason")),
        ("answers: {ha.canary: {value: maybe}}", 6, ("back.yaml: ha.canary: Invalid enum value 'maybe'",)),
        ("answers: {ha.dev_test_env: {value: not_applicable}}", 2, ("“not applicable” needs a reason", "explain why")),
        ("answers: {ha.canary: {value: yes}}", 8, ("Conflict: ha.canary: stored no, in the file yes", "--prefer file")),
    ],
)
def test_answers_file_that_cannot_be_imported(
    folder: Path, tmp_path: Path, text: str | None, code: int, texts: tuple[str, ...]
) -> None:
    if text is not None:
        (tmp_path / "back.yaml").write_text(text)
    stored = (folder / "answers.json").read_bytes()
    check(run("answers", "import", "-f", "back.yaml"), code, *texts)
    assert (folder / "answers.json").read_bytes() == stored


@pytest.mark.parametrize(
    ("name", "body", "text"),
    [
        ("gone.zip", None, "gone.zip does not exist"),
        ("cut.zip", b"PK\x03\x04", "cut.zip"),
        ("text.txt", b"text", "text.txt contains no Kubernetes object that the kit supports"),
        ("picture.png", b"\x89PNG\r\n\x1a\n\x00", "picture.png is neither a snapshot nor a supported bundle"),
    ],
)
@pytest.mark.parametrize("command", ["assess", "serve"])
def test_snapshot_that_cannot_be_read(
    folder: Path, tmp_path: Path, command: str, name: str, body: bytes | None, text: str
) -> None:
    if body is not None:
        (tmp_path / name).write_bytes(body)
    check(run(command, "-f", name), 6, text)


def test_truncated_snapshot(folder: Path, tmp_path: Path) -> None:
    whole = next((folder / "snapshots").glob("*.zip")).read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    check(run("assess", "-f", "cut.zip"), 6, "cut.zip")


@pytest.mark.parametrize(
    ("body", "text"),
    [("{", "is not a milestone file"), ('{"schema": 9}', "has schema 9, this version reads up to 1"), ("{}", "schema")],
)
def test_milestone_that_cannot_be_read(folder: Path, body: str, text: str) -> None:
    (folder / "milestones" / "first.json").write_text(body)
    check(run("compare", "first"), 6, "first.json", text)


# --- the cluster ----------------------------------------------------------------------------------


def test_missing_kubeconfig(tmp_path: Path) -> None:
    missing = tmp_path / "none"
    check(run("collect", "-d", str(tmp_path), "--kubeconfig", str(missing)), 3, str(missing))


def test_unknown_context(served_good: ServedCluster, tmp_path: Path) -> None:
    kubeconfig = served_good.kubeconfig(tmp_path)
    check(run("collect", "-d", str(tmp_path), "--kubeconfig", str(kubeconfig), "--context", "nope"), 3, "nope")


def test_unreachable_server(tmp_path: Path) -> None:
    with ServedCluster({}) as cluster:
        kubeconfig = cluster.kubeconfig(tmp_path)
    check(run("collect", "-d", str(tmp_path), "--kubeconfig", str(kubeconfig)), 4)


def test_unknown_namespace(served_good: ServedCluster, tmp_path: Path) -> None:
    kubeconfig = served_good.kubeconfig(tmp_path)
    check(run("collect", "-d", str(tmp_path), "--kubeconfig", str(kubeconfig), "-n", "weavaite"), 3, "weavaite")
