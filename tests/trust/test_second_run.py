"""A fault of a file gives the same exit code and message at each run, and no run changes a file."""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from readiness_kit.demo import install
from readiness_kit.workspace.folder import Folder
from tests.support.commands import run

WAIVER = '"reason": "r", "owner": "o", "approver": "a", "expires": "2027-01-01"'


def write(name: str, body: bytes | str) -> Callable[[Path], None]:
    raw = body.encode() if isinstance(body, str) else body
    return lambda folder: (folder / name).write_bytes(raw) and None


def pipe(name: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        os.mkfifo(folder / name)

    return make


def directory(name: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        (folder / name).mkdir()

    return make


def loop(name: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(name)

    return make


def appended(name: str, text: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_text((folder / name).read_text() + text) and None


LATEST = "snapshots/2099-01-01T000000Z.zip"
OWN = "snapshots/of-the-customer.zip"
ANSWERS = (("assess",), ("report", "-o", "json"), ("answers", "export"), ("waive",), ("milestone", "m"), ("doctor",))
JUDGING = (("assess",), ("report", "-o", "json"))
FAULTS: dict[str, tuple[Callable[[Path], None], int, str, tuple[tuple[str, ...], ...]]] = {
    "answers, empty": (write("answers.json", ""), 6, "answers.json cannot be read", ANSWERS),
    "answers, cut short": (write("answers.json", '{"schema": 1, "answ'), 6, "answers.json cannot be read", JUDGING),
    "answers, UTF-16 without a mark": (write("answers.json", "{}".encode("utf-16-le")), 6, "cannot be read", JUDGING),
    "answers, nested": (write("answers.json", "[" * 100_000), 6, "it is nested too deeply", JUDGING),
    "answers, a pipe": (pipe("answers.json"), 6, "it is a pipe", JUDGING),
    "answers, a folder": (directory("answers.json"), 6, "Is a directory", JUDGING),
    "answers, set aside": (write("answers.json.unreadable-20261124T062646Z", "{"), 6, "earlier", ANSWERS),
    "waivers, empty": (write("waivers.json", ""), 6, "waivers.json cannot be read", JUDGING),
    "waivers, doubled key": (write("waivers.json", '{"waivers": [], "waivers": []}'), 6, "duplicate keys", JUDGING),
    "waivers, doubled field": (
        write("waivers.json", f'{{"waivers": [{{"question": "ha.a", "question": "ha.b", {WAIVER}}}]}}'),
        6,
        "duplicate keys: question",
        JUDGING,
    ),
    "waivers, half a character": (
        write("waivers.json", f'{{"waivers": [{{"question": "ha.a", "control": "\\udfff", {WAIVER}}}]}}'),
        6,
        "half of a character",
        JUDGING,
    ),
    "waivers, a pipe": (pipe("waivers.json"), 6, "it is a pipe", JUDGING),
    "settings, no YAML": (write("readiness.yaml", "customer: ["), 3, "is not valid YAML", JUDGING),
    "settings, Latin-1": (write("readiness.yaml", b"customer: Gr\xfcn"), 3, "it is not UTF-8 text", JUDGING),
    "settings, unknown value": (appended("readiness.yaml", "\nprofile: all\n"), 3, "readiness.yaml", JUDGING),
    "checklist, missing": (appended("readiness.yaml", "\nextra_checklists: [own.yaml]\n"), 3, "", JUDGING),
    "snapshot, cut short": (write(LATEST, b"PK\x03\x04"), 6, "2099-01-01T000000Z.zip is damaged", JUDGING),
    "snapshot, a pipe": (pipe(LATEST), 6, "it is a pipe", JUDGING),
    "snapshot, a loop of links": (loop(LATEST), 6, "2099-01-01T000000Z.zip", JUDGING),
    "snapshot of another name, cut short": (write(OWN, b"PK\x03\x04"), 6, "of-the-customer.zip is damaged", JUDGING),
    "snapshot of another name, a pipe": (pipe(OWN), 6, "it is a pipe", JUDGING),
    "milestone, cut short": (write("milestones/m1.json", "{"), 0, "m1.json is not a milestone file", (JUDGING[1],)),
    "milestone, a pipe": (pipe("milestones/m1.json"), 0, "m1.json cannot be read: it is a pipe", (JUDGING[1],)),
    "bookmark, no JSON": (write("state.json", "{"), 0, "", JUDGING),
}


def content(folder: Path) -> dict[str, bytes | None]:
    """All files but locks and written reports; None for what is no regular file."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
        if path.suffix != ".lock" and "reports" not in path.parts
    }


@pytest.mark.parametrize("name", FAULTS)
def test_each_run_fails_alike_and_changes_nothing(demo_folder: Path, name: str) -> None:
    make, code, message, commands = FAULTS[name]
    Folder(demo_folder).create()
    settings = demo_folder / "readiness.yaml"
    kept = [line for line in settings.read_text().splitlines() if not line.startswith(("extra_checkl", "profile"))]
    settings.write_text("\n".join(kept))
    make(demo_folder)
    before = content(demo_folder)
    for words in commands:
        first, second = run(*words), run(*words)
        assert (first.exit_code, first.output) == (second.exit_code, second.output)
        assert first.exit_code == code, first.output
        assert message in first.output and "Traceback" not in first.output
    assert content(demo_folder) == before


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("profile: all", "profile"),
        ("extra_checklists: [own.yaml]", "own.yaml does not exist"),
        ("extra_checklists: [readiness.yaml]", "readiness.yaml"),
    ],
)
def test_report_with_a_bad_setting_or_checklist_fails_in_one_sentence(
    demo_folder: Path, line: str, message: str
) -> None:
    settings = demo_folder / "readiness.yaml"
    kept = [row for row in settings.read_text().splitlines() if not row.startswith(line.partition(":")[0])]
    settings.write_text("\n".join([*kept, line, ""]))
    for _ in range(2):
        result = run("report")
        assert result.exit_code == 3, result.output
        shown = [row for row in result.stderr.splitlines() if not row.startswith("Writing")]
        assert len(shown) == 2 and shown[0].startswith("Error: ") and message in shown[0]
        assert shown[1].startswith("  Next: ") and "cell" not in result.output


@pytest.mark.parametrize("target", ["answers.json", "readiness.yaml/x"], ids=["circle", "below a file"])
def test_link_that_leads_nowhere_is_not_taken_for_an_assessment_without_answers(tmp_path: Path, target: str) -> None:
    folder = install(tmp_path / "home")
    path = folder.path / "answers.json"
    path.unlink()
    path.symlink_to(target)
    runs = [run("report", "-d", folder.path, "-o", "json=r.json") for _ in range(2)]
    assert [result.exit_code for result in runs] == [6, 6], runs[0].output
    assert runs[0].output == runs[1].output and "the answers file" in runs[0].output


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE], ids=["UTF-8", "UTF-16"])
def test_milestone_with_a_byte_order_mark_is_read(tmp_path: Path, mark: bytes) -> None:
    folder = install(tmp_path / "home")
    assert run("milestone", "one", "-d", folder.path).exit_code == 0
    path = folder.milestones / "one.json"
    text = path.read_text("utf-8")
    path.write_bytes(mark + text.encode("utf-8" if mark == codecs.BOM_UTF8 else "utf-16-le"))
    assert run("compare", "one", "-d", folder.path).exit_code == 0
