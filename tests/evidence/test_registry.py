"""Registration and evaluation of evidence functions."""

from __future__ import annotations

import logging
from typing import Any

import msgspec
import pytest

from readiness_kit import advisories
from readiness_kit.checklist import load_checklist
from readiness_kit.evidence import registry as evidence_registry
from readiness_kit.evidence.checks import Subject, to_finding
from readiness_kit.evidence.registry import REGISTRY, evaluate, evidence, questions_losing, reads_for, reads_of
from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Automation, Check, Finding, Outcome, Question, Reason, Ref, Settings, Severity
from tests.support.cluster import cluster, weaviate

REF = Ref("StatefulSet", "weaviate", "weaviate")

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN


def held(message: str = "") -> Check:
    return Subject(REF, "statefulsets").check("spec.replicas", 3, "3", True, message=message)


def failed(message: str = "") -> Check:
    return Subject(REF, "statefulsets").check("spec.replicas", 1, "3", False, message=message)


def lost(reason: Reason = Reason.FORBIDDEN, source: str = "nodes") -> Check:
    return Subject(REF, source).unread("zones", "3", reason, message="Zones were not read.")


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> dict[str, evidence_registry.Evidence]:
    """A registry of its own, so that a function of a test stays in it."""
    empty: dict[str, evidence_registry.Evidence] = {}
    monkeypatch.setattr(evidence_registry, "REGISTRY", empty)
    return empty


def question(**changes: Any) -> Question:
    return msgspec.structs.replace(load_checklist().get("ha.multi_az"), **changes)


def judged(registry: dict[str, evidence_registry.Evidence], function: Any, facts: ClusterFacts, **how: Any) -> Finding:
    """What the frame makes of a function for ha.multi_az. `question` may be given."""
    asked = how.pop("question", question())
    evidence(asked.id, **how)(function)
    return evaluate(facts, Settings(), [asked])[asked.id]


def test_reads_and_missing_reads_are_filled_in(registry: dict[str, evidence_registry.Evidence]) -> None:
    def function(facts: ClusterFacts, settings: Settings) -> Finding:
        return to_finding("ha.multi_az", [held(), lost(Reason.NOT_COLLECTED, "weaviate/nodes")], met="")

    reads = ("pods", "persistentvolumes")
    facts = cluster(weaviate(), forbidden=("persistentvolumes",))
    finding = judged(registry, function, facts, reads=reads, tolerates=("persistentvolumes",))
    assert finding.reads == ("statefulsets", "pods", "persistentvolumes")
    assert finding.missing == ("persistentvolumes", "weaviate/nodes")


def test_a_refused_read_is_unknown_without_calling_the_function(
    registry: dict[str, evidence_registry.Evidence],
) -> None:
    def function(facts: ClusterFacts, settings: Settings) -> Finding:
        raise AssertionError("must not be called")

    facts = cluster(weaviate(), forbidden=("nodes",), not_collected=("events",))
    finding = judged(registry, function, facts, reads=("events", "nodes"))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.FORBIDDEN)
    assert finding.missing == ("events", "nodes")
    assert "nodes (not permitted to read it)" in finding.sentence


def test_a_kind_whose_crd_is_absent_is_known_to_be_empty(
    registry: dict[str, evidence_registry.Evidence],
) -> None:
    facts = cluster(weaviate(), absent=("servicemonitors",))
    finding = judged(
        registry, lambda facts, settings: to_finding("x", [held()], met="Fine."), facts, reads=("servicemonitors",)
    )
    assert finding.outcome is MET
    assert finding.question == "ha.multi_az"


def test_an_exception_is_unknown_error_without_its_secrets(
    registry: dict[str, evidence_registry.Evidence], caplog: pytest.LogCaptureFixture
) -> None:
    def function(facts: ClusterFacts, settings: Settings) -> Finding:
        raise RuntimeError("GET https://admin:hunter2secret@example.org failed")

    with caplog.at_level(logging.ERROR):
        finding = judged(registry, function, cluster(weaviate()))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.ERROR)
    assert "RuntimeError" in finding.sentence and "example.org" in finding.sentence
    assert "hunter2secret" not in finding.sentence
    assert "ha.multi_az" in caplog.text and "hunter2secret" not in caplog.text


def test_an_exception_does_not_affect_other_questions(registry: dict[str, evidence_registry.Evidence]) -> None:
    def bad(facts: ClusterFacts, settings: Settings) -> Finding:
        return {}["x"]  # type: ignore[no-any-return]

    evidence("ha.multi_az")(bad)
    evidence("ha.node_repair")(lambda facts, settings: to_finding("ha.node_repair", [held()], met="Fine."))
    asked = [load_checklist().get(id) for id in ("ha.multi_az", "ha.node_repair")]
    found = evaluate(cluster(weaviate()), Settings(), asked)
    assert [finding.outcome for finding in found.values()] == [UNKNOWN, MET]


def test_a_question_without_a_function_is_not_collected(registry: dict[str, evidence_registry.Evidence]) -> None:
    finding = evaluate(cluster(weaviate()), Settings(), [question()])["ha.multi_az"]
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_COLLECTED)
    assert finding.sentence == evidence_registry.NO_FUNCTION


def test_a_question_about_a_process_is_never_met_by_evidence(registry: dict[str, evidence_registry.Evidence]) -> None:
    asked = question(automation=Automation.NONE)
    finding = judged(registry, lambda f, s: to_finding("x", [held()], met="Fine."), cluster(weaviate()), question=asked)
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_OBSERVABLE)
    assert len(finding.facts) == 1


@pytest.mark.parametrize(
    ("own", "given", "shown"),
    [
        (Severity.HIGH, Severity.LOW, Severity.LOW),
        (Severity.HIGH, Severity.HIGH, None),
        (Severity.MEDIUM, Severity.CRITICAL, None),
    ],
)
def test_a_severity_can_only_be_lowered(
    registry: dict[str, evidence_registry.Evidence], own: Severity, given: Severity, shown: Severity | None
) -> None:
    def function(facts: ClusterFacts, settings: Settings) -> Finding:
        return to_finding("x", [failed()], met="", severity=given)

    assert judged(registry, function, cluster(weaviate()), question=question(severity=own)).severity is shown


def test_an_invalid_declaration_is_refused(registry: dict[str, evidence_registry.Evidence]) -> None:
    with pytest.raises(ValueError, match="secrets"):
        evidence("ha.multi_az", reads=("secrets",))
    with pytest.raises(ValueError, match="nodes"):
        evidence("ha.multi_az", reads=("pods",), tolerates=("nodes",))

    def first(facts: ClusterFacts, settings: Settings) -> Finding:
        raise NotImplementedError

    def other(facts: ClusterFacts, settings: Settings) -> Finding:
        raise NotImplementedError

    evidence("ha.multi_az")(first)
    with pytest.raises(ValueError, match="already"):
        evidence("ha.multi_az")(other)


def test_reads_follow_from_the_questions() -> None:
    from readiness_kit.facts import FRAME_READS
    from readiness_kit.locate import WORKLOAD_READS

    always = {*WORKLOAD_READS, *FRAME_READS, *advisories.READS}
    disruption = load_checklist().get("ha.rolling_updates")
    assert set(reads_for([])) == always
    assert set(reads_for([disruption])) - always == set(reads_of("ha.rolling_updates")) - always != set()
    assert list(reads_for([disruption])) == sorted(reads_for([disruption]))


def test_the_questions_that_lose_evidence_are_listed_for_a_key() -> None:
    questions = load_checklist().questions
    assert "ha.rolling_updates" in questions_losing("poddisruptionbudgets", questions)
    assert "res.volume_expansion" not in questions_losing("poddisruptionbudgets", questions)
    assert set(questions_losing("statefulsets", questions)) == REGISTRY.keys() & {item.id for item in questions}


def test_every_function_belongs_to_a_question_of_its_section() -> None:
    for entry in REGISTRY.values():
        section = load_checklist().get(entry.question).section
        assert entry.function.__module__ == f"readiness_kit.evidence.{section.value}"
