"""The demonstration is reproducible and shows every kind of verdict."""

from __future__ import annotations

from pathlib import Path

from readiness_kit import paths
from readiness_kit.demo import install
from readiness_kit.model import Outcome, Reason, State
from readiness_kit.workspace.session import Session
from scripts.demo import make


def test_the_bundled_files_are_what_the_script_makes(tmp_path: Path) -> None:
    make.write(tmp_path)
    names = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert names == ["assessment/answers.json", "assessment/readiness.yaml", "assessment/waivers.json", "cluster.zip"]
    for name in names:
        assert (tmp_path / name).read_bytes() == (paths.demo() / name).read_bytes(), name


def test_it_shows_every_kind_of_verdict_but_not_applicable(tmp_path: Path) -> None:
    assessment = Session(install(tmp_path)).assessment()
    assert set(State) - {State.NOT_APPLICABLE} <= {verdict.state for verdict in assessment.verdicts}


def test_a_refused_permission_leaves_its_question_unknown(tmp_path: Path) -> None:
    finding = Session(install(tmp_path)).findings["ha.control_plane"]
    assert (finding.outcome, finding.reason) == (Outcome.UNKNOWN, Reason.FORBIDDEN)


def test_the_contradictions_are_those_that_were_built_in(tmp_path: Path) -> None:
    assessment = Session(install(tmp_path)).assessment()
    contradicted = {verdict.question.id for verdict in assessment.contradictions}
    assert {"sec.network_policies", "sec.secrets"} <= contradicted
