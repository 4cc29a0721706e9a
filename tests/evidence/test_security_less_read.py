"""On the demonstration: one read less is never better, for the sections with three sources."""

from __future__ import annotations

import msgspec
import pytest

from readiness_kit.checklist import load_checklist
from readiness_kit.evidence import REGISTRY, evaluate
from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Finding, Outcome, Profile, Read, Reason, Section, Settings
from readiness_kit.snapshot import Snapshot
from scripts.demo.make import build

SECTIONS = {Section.SECURITY, Section.MONITORING, Section.PERFORMANCE, Section.TENANTS}
QUESTIONS = [one for one in load_checklist(profile=Profile.EXTENDED).questions if one.section in SECTIONS]
RANK = {Outcome.MET: 3, Outcome.NOT_APPLICABLE: 3, Outcome.PARTLY: 2, Outcome.NOT_MET: 1, Outcome.UNKNOWN: 0}
KEYS = sorted({key for one in QUESTIONS for key in REGISTRY[one.id].reads} - {"statefulsets"})


def without(snapshot: Snapshot, key: str) -> dict[str, Finding]:
    """The findings where one read was refused."""
    reads = tuple(one for one in snapshot.manifest.reads if one.key != key)
    manifest = msgspec.structs.replace(snapshot.manifest, reads=(*reads, Read(key, reason=Reason.FORBIDDEN)))
    kept = {name: objects for name, objects in snapshot.kept.items() if name != key}
    answers = {name: answer for name, answer in snapshot.answers.items() if name != key}
    less = msgspec.structs.replace(snapshot, manifest=manifest, kept=kept, answers=answers)
    return evaluate(ClusterFacts(less, "search/weaviate"), Settings(), QUESTIONS)


@pytest.fixture(scope="module")
def whole() -> tuple[Snapshot, dict[str, Finding]]:
    snapshot = build()
    return snapshot, evaluate(ClusterFacts(snapshot), Settings(), QUESTIONS)


def test_every_question_of_these_sections_has_evidence(whole: tuple[Snapshot, dict[str, Finding]]) -> None:
    _, findings = whole
    assert [one.id for one in QUESTIONS if one.id not in REGISTRY] == []
    assert [id for id, one in findings.items() if one.reason is Reason.ERROR or not one.facts] == []


@pytest.mark.parametrize("key", KEYS)
def test_a_refused_read_is_never_better(key: str, whole: tuple[Snapshot, dict[str, Finding]]) -> None:
    snapshot, before = whole
    after = without(snapshot, key)
    for one in QUESTIONS:
        assert RANK[after[one.id].outcome] <= RANK[before[one.id].outcome], (key, one.id, after[one.id].sentence)
        assert after[one.id].reason is not Reason.ERROR, (key, one.id, after[one.id].sentence)
        if key in REGISTRY[one.id].reads:
            assert key in after[one.id].missing, (key, one.id)
