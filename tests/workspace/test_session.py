"""The session: a folder with its newest snapshot, and what follows from both."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from readiness_kit.demo import install
from readiness_kit.errors import WorkloadError
from readiness_kit.model import Answer, Choice, Level, Outcome, Profile, Reason, State
from readiness_kit.snapshot import load
from readiness_kit.workspace.folder import Folder
from readiness_kit.workspace.session import Session


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return install(tmp_path_factory.mktemp("demo"))


def test_session_without_a_snapshot_knows_nothing(tmp_path: Path) -> None:
    session = Session(Folder(tmp_path).create())
    assert session.snapshot is session.facts is session.problem is None
    assert {finding.reason for finding in session.findings.values()} == {Reason.NOT_COLLECTED}
    assert session.assessment().level is Level.NOT_ENOUGH_KNOWN
    with pytest.raises(WorkloadError, match="nothing has been collected") as caught:
        session.require_facts()
    assert str(tmp_path) in caught.value.what and "readiness collect" in caught.value.hint


def test_session_judges_the_newest_snapshot_or_the_named_one(demo: Folder) -> None:
    session = Session(demo)
    assert session.snapshot_path == demo.latest_snapshot()
    assert session.require_facts() is session.facts
    assert session.assessment().as_of == load(demo.snapshots()[-1]).manifest.taken_at
    assert Session(demo, demo.snapshots()[0]).snapshot_path == demo.snapshots()[0]


def test_answers_count_at_the_next_judgement(tmp_path: Path) -> None:
    folder = Folder(tmp_path).create()
    session = Session(folder)
    states = {row.question.id: row.state for row in session.assessment().verdicts}
    folder.answers.put(Answer("ha.canary", Choice.NO))
    changed = {row.question.id: row.state for row in session.assessment().verdicts}
    assert (states["ha.canary"], changed["ha.canary"]) == (State.OPEN, State.GAP)


def test_questions_follow_profile_and_own_checklists(tmp_path: Path) -> None:
    folder = Folder(tmp_path).create()
    (tmp_path / "own.yaml").write_text(
        "section: security\nquestions:\n  - {id: sec.own, number: A1, text: Own?, short: Own, why: Policy., "
        "severity: low, automation: none, remedy: {text: Do it.}}\n"
    )
    folder.write_settings(extra_checklists=("own.yaml",))
    assert len(Session(folder).checklist) == 35
    folder.write_settings(profile=Profile.EXTENDED)
    assert len(Session(folder).checklist) == 60


@pytest.mark.parametrize(("refused", "reason"), [(True, Reason.FORBIDDEN), (False, Reason.NOT_COLLECTED)])
def test_missing_workload_is_forbidden_if_a_permission_may_hide_it(
    demo: Folder, tmp_path: Path, refused: bool, reason: Reason
) -> None:
    whole = load(demo.snapshots()[-1])
    kinds = ("statefulsets", "deployments", "pods")
    reads = tuple(
        msgspec.structs.replace(read, count=0, reason=Reason.FORBIDDEN if refused else None)
        if read.key in kinds
        else read
        for read in whole.manifest.reads
    )
    kept = {key: () if key in kinds else objects for key, objects in whole.kept.items()}
    folder = Folder(tmp_path).create()
    manifest = msgspec.structs.replace(whole.manifest, reads=reads)
    folder.add_snapshot(msgspec.structs.replace(whole, manifest=manifest, kept=kept))
    session = Session(folder)
    with pytest.raises(WorkloadError):
        session.require_facts()
    finding = session.findings["ha.multi_az"]
    assert (finding.outcome, finding.reason) == (Outcome.UNKNOWN, reason)
    assert session.problem is not None and session.problem.what in finding.sentence
