"""After the report: comparing what a waiver or a lost permission changed, fleets, PDF, and the commands for all."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import msgspec
import pytest
from click.testing import CliRunner, Result

from readiness_kit import demo
from readiness_kit.cli import main
from readiness_kit.model import Answer, Choice, Reason
from readiness_kit.report.exports.schema import SCHEMAS
from readiness_kit.snapshot import load
from readiness_kit.workspace.folder import Folder


def run(*words: str | Path) -> Result:
    result = CliRunner().invoke(main, [str(word) for word in words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    folder = demo.install(tmp_path / "demo").create()
    monkeypatch.setenv("READINESS_DIR", str(folder.path))
    return folder


def compared(*words: str | Path) -> dict[str, list[str]]:
    body = json.loads(run("compare", *words, "--json").stdout)
    kinds = ("new", "worse", "resolved", "better", "incomparable", "unchanged")
    return {kind: [one["question"] for one in body[kind]] for kind in kinds}


# --- the round trip ---


def test_a_waiver_is_no_resolution(home: Folder) -> None:
    run("milestone", "before")
    given = ("--reason", "Mesh in spring", "--owner", "Team", "--approver", "Head", "--expires", "2027-03-01")
    assert "Accepted until 2027-03-01: Q22" in run("waive", "sec.tls", *given).output
    changes = compared("before")
    assert "sec.tls" in changes["unchanged"] and not changes["resolved"] and not changes["better"]
    assert (
        "Q22 Encryption in transit: ⚠ contradicted → ⚑ accepted risk  (accepted now)" in run("compare", "before").output
    )


def test_a_lost_permission_is_incomparable_and_never_better(home: Folder, tmp_path: Path) -> None:
    """Network policies can no longer be listed: the contradiction about them is gone, and nothing was mended."""
    whole = load(home.snapshots()[-1])
    assert whole.missing("networkpolicies") is None
    run("milestone", "before")
    reads = tuple(
        msgspec.structs.replace(read, reason=Reason.FORBIDDEN, count=0) if read.key == "networkpolicies" else read
        for read in whole.manifest.reads
    )
    manifest = msgspec.structs.replace(whole.manifest, reads=reads, taken_at=datetime(2026, 11, 20, 9, 31, tzinfo=UTC))
    kept = {key: objects for key, objects in whole.kept.items() if key != "networkpolicies"}
    home.add_snapshot(msgspec.structs.replace(whole, manifest=manifest, kept=kept))
    changes = compared("before")
    assert "sec.network_policies" in changes["incomparable"]
    assert not changes["resolved"] and not changes["better"]
    text = run("compare", "before").output
    assert "Incomparable (" in text and "(not comparable: see below)" in text


def test_an_answer_that_changed_is_new_or_resolved(home: Folder) -> None:
    run("milestone", "before")
    home.answers.put(Answer("ha.canary", Choice.YES))
    home.answers.put(Answer("ha.control_plane", Choice.NO))
    changes = compared("before")
    assert changes["resolved"] == ["ha.canary"] and changes["new"] == ["ha.control_plane"]
    assert run("compare", "before", "--fail-on-worse").exit_code == 1
    assert run("compare", "before", "before", "--fail-on-worse").exit_code == 0


def test_snapshots_folders_and_files_can_be_compared(home: Folder, tmp_path: Path) -> None:
    run("milestone", "before")
    other = shutil.copytree(home.path, tmp_path / "other")
    Folder(other).answers.put(Answer("ha.canary", Choice.YES))
    assert compared(home.path, other)["resolved"] == ["ha.canary"]
    assert compared(home.milestones / "before.json", other)["resolved"] == ["ha.canary"]
    assert len(compared(home.snapshots()[-1], "now")["unchanged"]) == 34


def test_what_cannot_be_compared_is_named_with_what_there_is(home: Folder) -> None:
    run("milestone", "before")
    result = run("compare", "befor")
    assert result.exit_code == 2 and "'befor'" in result.output and "milestones here: before" in result.output
    assert run("milestone", "before").exit_code == 2


def test_the_report_tells_what_changed_since_the_milestone(home: Folder, tmp_path: Path) -> None:
    run("milestone", "before")
    home.answers.put(Answer("ha.canary", Choice.YES))
    body = json.loads(run("assess", "--format", "json").stdout)
    assert body["changes"]["since"] == "the milestone “before”"
    assert [(move["kind"], move["question"]) for move in body["changes"]["moves"]] == [("resolved", "ha.canary")]


def test_without_a_milestone_the_snapshot_before_is_compared(home: Folder) -> None:
    """With the answers of today, so that only the cluster's own changes show."""
    whole = load(home.snapshots()[-1])
    manifest = msgspec.structs.replace(whole.manifest, taken_at=datetime(2026, 10, 1, tzinfo=UTC))
    kept = {**whole.kept, "networkpolicies": ()}
    home.add_snapshot(msgspec.structs.replace(whole, manifest=manifest, kept=kept))
    body = json.loads(run("assess", "--format", "json").stdout)
    assert body["changes"]["since"] == "the snapshot before this one"
    assert body["changes"]["as_of"] == "2026-10-01T00:00:00Z"


# --- waivers ---


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"--reason": " "}, "no reason"),
        ({"--approver": "team"}, "owned and approved by the same"),
        ({"--expires": "2026-11-19"}, "expired on 2026-11-19, before 2026-11-20"),
    ],
)
def test_a_waiver_that_accepts_nothing_is_refused(home: Folder, change: dict[str, str], says: str) -> None:
    given = {"--reason": "r", "--owner": "Team", "--approver": "Head", "--expires": "2027-01-01", **change}
    before = home.waivers
    result = run("waive", "sec.tls", *(word for pair in given.items() for word in pair))
    assert result.exit_code == 2 and says in result.output and home.waivers == before


def test_waivers_are_listed_with_what_is_wrong_with_them(home: Folder) -> None:
    given = ("--reason", "r", "--owner", "Team", "--approver", "Head", "--expires", "2027-01-01")
    run("waive", "ha.control_plane", *given)
    text = run("waive").output
    assert "ha.control_plane: until 2027-01-01, owner Team, approved by Head. r" in text
    assert "Note: Waiver for Q3 ha.control_plane (owner Team, until 2027-01-01): unused" in text
    run("waive", "ha.control_plane", "--remove")
    assert "ha.control_plane" not in run("waive").output


# --- answers, clean ---


def test_answers_go_out_and_come_back(home: Folder, tmp_path: Path) -> None:
    file = tmp_path / "answers.yaml"
    run("answers", "export", "-o", file)
    file.write_text(file.read_text().replace('note: "Not planned before the spring release."', 'note: "In spring."'))
    result = run("answers", "import", file, "--by", "Somebody")
    assert result.exit_code == 0 and "Taken: 1" in result.output
    stored = home.answers.get("ha.canary")
    assert stored is not None and (stored.note, stored.by) == ("In spring.", "Somebody")


def test_a_conflict_exits_1_and_is_shown(home: Folder, tmp_path: Path) -> None:
    file = tmp_path / "answers.yaml"
    run("answers", "export", "-o", file)
    file.write_text(file.read_text().replace('note: "Not planned before the spring release."', 'note: "In spring."'))
    home.answers.put(Answer("ha.canary", Choice.YES, note="Done."))
    result = run("answers", "import", file)
    assert result.exit_code == 1 and "Conflict: ha.canary: stored yes, in the file no" in result.output
    assert run("answers", "import", file, "--prefer", "file").exit_code == 0


def test_clean_deletes_snapshots_and_keeps_the_rest(home: Folder) -> None:
    assert CliRunner().invoke(main, ["clean"], input="n\n").exit_code == 1 and home.snapshots()
    assert run("clean", "--yes").exit_code == 0
    assert home.snapshots() == [] and (home.path / "answers.json").exists()


# --- forms by command ---


def test_assess_prints_and_report_writes_the_same(home: Folder, tmp_path: Path) -> None:
    result = run(
        "report", "-f", "json", "-f", "junit", "-f", "sarif", "-f", "csv", "-f", "markdown", "-o", tmp_path / "r"
    )
    assert result.exit_code == 0
    assert {path.name for path in tmp_path.glob("r*")} == {"r.json", "r.junit.xml", "r.sarif", "r.csv", "r.md"}
    for form, name in (("json", "r.json"), ("junit", "r.junit.xml"), ("sarif", "r.sarif")):
        assert run("assess", "-f", form).stdout == (tmp_path / name).read_text(encoding="utf-8")
    run("assess", "-f", "json", "-o", tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "r.json").read_bytes()


def test_a_gate_works_with_any_form(home: Folder) -> None:
    result = run("assess", "-f", "json", "--fail-on", "critical")
    assert result.exit_code == 1 and json.loads(result.stdout)["level"] == "not_ready"


def test_pseudonyms_need_a_folder_for_their_key(home: Folder) -> None:
    result = run("report", "--snapshot", home.snapshots()[-1], "--pseudonymise", "-f", "json")
    assert result.exit_code == 2 and "--folder" in result.output


# --- fleet ---


def test_a_fleet_stands_side_by_side(home: Folder, tmp_path: Path) -> None:
    other = demo.install(tmp_path / "south").create()
    other.write_settings(cluster_name="south")
    other.answers.put(Answer("ha.control_plane", Choice.NO))
    result = run("fleet", home.path, other.path, "-o", tmp_path / "fleet.html")
    assert result.exit_code == 0
    body = json.loads((tmp_path / "fleet.json").read_text(encoding="utf-8"))
    jsonschema.validate(body, json.loads((SCHEMAS / "fleet-1.schema.json").read_text(encoding="utf-8")))
    assert [one["cluster"] for one in body["clusters"]] == ["fjord-outfitters-prod-eu", "south"]
    assert [one["questions"]["ha.control_plane"] for one in body["clusters"]] == ["attested", "gap"]
    document = (tmp_path / "fleet.html").read_text(encoding="utf-8")
    assert "Production readiness of 2 Weaviate clusters" in document and document.count("rk-level-not_ready") >= 2


def test_a_folder_that_cannot_be_judged_is_shown_and_not_left_out(home: Folder, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    result = run("fleet", home.path, tmp_path / "broken", "-o", tmp_path / "fleet.html")
    assert result.exit_code == 3 and "Not judged: broken" in result.output
    assert "could not be judged" in (tmp_path / "fleet.html").read_text(encoding="utf-8")
    assert run("fleet", home.path, home.path).exit_code == 2


# --- PDF ---


@pytest.mark.parametrize(("paper", "points"), [("a4", (595, 842)), ("letter", (612, 792))])
def test_pdf_has_the_paper_and_page_numbers(paper: str, points: tuple[int, int], tmp_path: Path, plain: str,
                                            chromium: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    import re

    from readiness_kit.report.exports.pdf import to_pdf

    monkeypatch.setenv("READINESS_CHROMIUM", str(chromium))
    source = tmp_path / "r.html"
    source.write_text(plain, encoding="utf-8")
    body = to_pdf(source, tmp_path / "r.pdf", paper).read_bytes()
    assert body.startswith(b"%PDF-")
    boxes = {
        tuple(round(float(side)) for side in found.split()[2:])
        for found in re.findall(rb"/MediaBox \[([\d. ]+)\]", body)
    }
    assert all(abs(box[0] - points[0]) <= 2 and abs(box[1] - points[1]) <= 2 for box in boxes) and boxes
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.html", "r.pdf"]


def test_pdf_is_printed_where_an_event_loop_runs_as_in_a_notebook(
    tmp_path: Path, plain: str, chromium: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    from readiness_kit.report.exports.pdf import to_pdf

    async def cell() -> Path:
        return to_pdf(source, tmp_path / "r.pdf")

    monkeypatch.setenv("READINESS_CHROMIUM", str(chromium))
    source = tmp_path / "r.html"
    source.write_text(plain, encoding="utf-8")
    assert asyncio.run(cell()).read_bytes().startswith(b"%PDF-")


def test_a_missing_browser_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from readiness_kit.errors import ReadinessError
    from readiness_kit.report.exports.pdf import to_pdf

    monkeypatch.setenv("READINESS_CHROMIUM", str(tmp_path / "none"))
    (tmp_path / "r.html").write_text("<p>x", encoding="utf-8")
    with pytest.raises(ReadinessError):
        to_pdf(tmp_path / "r.html", tmp_path / "r.pdf")
    assert not (tmp_path / "r.pdf").exists()
