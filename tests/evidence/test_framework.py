"""The frame around evidence functions: what follows from conditions, and the promises that no function can break."""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from readiness_kit import evidence as room
from readiness_kit.checklist import load_checklist
from readiness_kit.errors import WorkloadError
from readiness_kit.evidence import registry as evidence_registry
from readiness_kit.evidence.checks import Subject, to_finding
from readiness_kit.evidence.registry import REGISTRY, evaluate, evidence
from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds import KINDS
from readiness_kit.model import Automation, Check, Finding, Outcome, Question, Read, Reason, Ref, Settings, Severity
from readiness_kit.snapshot import Manifest, Snapshot
from scripts.demo.make import build
from tests.support.asked import has_failures
from tests.support.cluster import cluster, snapshot, weaviate

REF = Ref("StatefulSet", "weaviate", "weaviate")
MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN


def held(message: str = "") -> Check:
    return Subject(REF, "statefulsets").check("spec.replicas", 3, "3", True, message=message)


def failed(message: str = "") -> Check:
    return Subject(REF, "statefulsets").check("spec.replicas", 1, "3", False, message=message)


def halfway(message: str = "") -> Check:
    return Subject(REF, "statefulsets").check("spec.replicas", 2, "3", False, message=message, on_failure=PARTLY)


def lost(reason: Reason = Reason.FORBIDDEN, source: str = "nodes") -> Check:
    return Subject(REF, source).unread("zones", "3", reason, message="Zones were not read.")


INFO = Subject(REF, "pods").info("restarts", 0)


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


# --- conditions to outcome ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("checks", "outcome", "reason"),
    [
        ([held()], MET, None),
        ([held(), INFO], MET, None),
        ([held(), halfway()], PARTLY, None),
        ([held(), halfway(), failed()], NOT_MET, None),
        ([held(), lost()], UNKNOWN, Reason.FORBIDDEN),
        ([halfway(), lost()], UNKNOWN, Reason.FORBIDDEN),
        ([failed(), lost()], NOT_MET, None),
        ([lost(Reason.NOT_COLLECTED), lost(Reason.FORBIDDEN)], UNKNOWN, Reason.FORBIDDEN),
        ([INFO], UNKNOWN, Reason.NOT_OBSERVABLE),
        ([], UNKNOWN, Reason.NOT_OBSERVABLE),
    ],
)
def test_a_failed_condition_decides_then_an_unread_one_then_a_partial_one(
    checks: list[Check], outcome: Outcome, reason: Reason | None
) -> None:
    finding = to_finding("ha.multi_az", checks, met="Fine.")
    assert (finding.outcome, finding.reason) == (outcome, reason)
    assert finding.facts == tuple(checks)


def test_a_partial_condition_is_marked_as_not_ok_and_an_informing_one_not_at_all() -> None:
    assert [check.ok for check in (held(), halfway(), failed(), lost(), INFO)] == [True, False, False, None, None]


@pytest.mark.parametrize(
    ("checks", "sentence"),
    [
        ([held(), held("unused")], "Fine."),
        ([halfway("Two only."), failed("One only.")], "One only. Two only."),
        ([failed("Same."), failed("Same.")], "Same."),
        ([failed()], "StatefulSet weaviate: spec.replicas is 1, expected 3."),
        ([held(), lost()], "No problem found so far. Zones were not read."),
        ([lost(), halfway("Two only.")], "Not decided. Zones were not read. Two only."),
        ([INFO], "The cluster does not show this. Your answer is needed."),
    ],
)
def test_the_sentence_says_what_is_in_the_way(checks: list[Check], sentence: str) -> None:
    assert to_finding("ha.multi_az", checks, met="Fine.").sentence == sentence


def test_a_given_sentence_goes_before_the_made_one() -> None:
    assert to_finding("ha.multi_az", [failed("Made.")], met="", failed="Given.").sentence == "Given."
    by_outcome = {UNKNOWN: "Not known."}
    assert to_finding("ha.multi_az", [failed("Made.")], met="", failed=by_outcome).sentence == "Made."
    assert to_finding("ha.multi_az", [lost()], met="", failed=by_outcome).sentence == "Not known."


def test_a_severity_shows_only_with_a_failure() -> None:
    low = Severity.LOW
    assert to_finding("ha.multi_az", [failed()], met="", severity=low).severity is low
    assert to_finding("ha.multi_az", [halfway()], met="", severity=low).severity is None


# --- promises -------------------------------------------------------------------------------------


def test_what_was_read_and_what_was_missing_is_filled_in(registry: dict[str, evidence_registry.Evidence]) -> None:
    def function(facts: ClusterFacts, settings: Settings) -> Finding:
        return to_finding("ha.multi_az", [held(), lost(Reason.NOT_COLLECTED, "weaviate/nodes")], met="")

    reads = ("pods", "persistentvolumes")
    facts = cluster(weaviate(), forbidden=("persistentvolumes",))
    finding = judged(registry, function, facts, reads=reads, tolerates=("persistentvolumes",))
    assert finding.reads == ("statefulsets", "pods", "persistentvolumes")
    assert finding.missing == ("persistentvolumes", "weaviate/nodes")


def test_a_refused_read_is_unknown_without_asking_the_function(registry: dict[str, evidence_registry.Evidence]) -> None:
    def function(facts: ClusterFacts, settings: Settings) -> Finding:
        raise AssertionError("must not be called")

    facts = cluster(weaviate(), forbidden=("nodes",), not_collected=("events",))
    finding = judged(registry, function, facts, reads=("events", "nodes"))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.FORBIDDEN)
    assert finding.missing == ("events", "nodes")
    assert "nodes (not permitted to read it)" in finding.sentence


def test_a_kind_of_a_crd_that_is_not_there_is_known_to_be_empty(
    registry: dict[str, evidence_registry.Evidence],
) -> None:
    facts = cluster(weaviate(), absent=("servicemonitors",))
    finding = judged(
        registry, lambda facts, settings: to_finding("x", [held()], met="Fine."), facts, reads=("servicemonitors",)
    )
    assert finding.outcome is MET
    assert finding.question == "ha.multi_az"


def test_a_raise_is_unknown_error_with_its_secrets_taken_out(
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


def test_the_other_questions_survive_a_raise(registry: dict[str, evidence_registry.Evidence]) -> None:
    def bad(facts: ClusterFacts, settings: Settings) -> Finding:
        return {}["x"]  # type: ignore[no-any-return]

    evidence("ha.multi_az")(bad)
    evidence("ha.node_repair")(lambda facts, settings: to_finding("ha.node_repair", [held()], met="Fine."))
    asked = [load_checklist().get(id) for id in ("ha.multi_az", "ha.node_repair")]
    found = evaluate(cluster(weaviate()), Settings(), asked)
    assert [one.outcome for one in found.values()] == [UNKNOWN, MET]


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


def test_a_declaration_that_cannot_hold_is_refused(registry: dict[str, evidence_registry.Evidence]) -> None:
    with pytest.raises(ValueError, match="secrets"):
        evidence("ha.multi_az", reads=("secrets",))
    with pytest.raises(ValueError, match="nodes"):
        evidence("ha.multi_az", reads=("pods",), tolerates=("nodes",))

    def one(facts: ClusterFacts, settings: Settings) -> Finding:
        raise NotImplementedError

    def other(facts: ClusterFacts, settings: Settings) -> Finding:
        raise NotImplementedError

    evidence("ha.multi_az")(one)
    with pytest.raises(ValueError, match="already"):
        evidence("ha.multi_az")(other)


# --- what is read for it --------------------------------------------------------------------------


def test_what_is_collected_follows_from_the_questions() -> None:
    from readiness_kit.facts import FRAME_READS
    from readiness_kit.locate import WORKLOAD_READS

    always = {*WORKLOAD_READS, *FRAME_READS}
    disruption = load_checklist().get("ha.rolling_updates")
    assert set(room.reads_for([])) == always
    assert set(room.reads_for([disruption])) - always == set(room.reads_of("ha.rolling_updates")) - always != set()
    assert list(room.reads_for([disruption])) == sorted(room.reads_for([disruption]))


def test_what_a_refusal_costs_is_told_by_question() -> None:
    questions = load_checklist().questions
    assert "ha.rolling_updates" in room.questions_losing("poddisruptionbudgets", questions)
    assert "res.volume_expansion" not in room.questions_losing("poddisruptionbudgets", questions)
    assert set(room.questions_losing("statefulsets", questions)) == REGISTRY.keys() & {one.id for one in questions}


def test_every_function_belongs_to_a_question_of_its_section() -> None:
    for entry in REGISTRY.values():
        section = load_checklist().get(entry.question).section
        assert entry.function.__module__ == f"readiness_kit.evidence.{section.value}"


# --- less permission is never better --------------------------------------------------------------

_ORDER = {UNKNOWN: 0, NOT_MET: 1, PARTLY: 2, MET: 3, Outcome.NOT_APPLICABLE: 3}

EXTRAS = """
kind: PodDisruptionBudget
metadata: {name: weaviate}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: weaviate}}}
---
kind: NetworkPolicy
metadata: {name: weaviate}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
---
kind: MachineHealthCheck
metadata: {name: workers}
"""
POOR = """
kind: StorageClass
metadata: {name: fast}
provisioner: nfs.csi.k8s.io
---
kind: PodDisruptionBudget
metadata: {name: all}
spec: {minAvailable: 100%, selector: {}}
---
kind: DaemonSet
metadata: {name: node-problem-detector, namespace: kube-system, labels: {app: node-problem-detector}}
"""
CLUSTERS = {
    "healthy": (weaviate(env={"ENABLE_MODULES": "backup-s3"}), EXTRAS),
    "poor": (weaviate(replicas=1, zones=("a",), conf=None, service_type="LoadBalancer"), POOR),
    "middling": (weaviate(zones=("a", "b"), nodes=("n1", "n2", "n3")), POOR),
    "unlabelled": (weaviate(zones=("",)), EXTRAS),
}


def cases() -> Iterator[Any]:
    for id, entry in sorted(REGISTRY.items()):
        for key in sorted({*entry.reads, "statefulsets", "pods"}):
            for name in CLUSTERS:
                yield pytest.param(name, id, key, id=f"{name}-{id}-{key}")


@pytest.mark.parametrize(("name", "id", "key"), list(cases()))
def test_less_permission_is_never_better(name: str, id: str, key: str) -> None:
    asked = [load_checklist().get(id)]
    full = evaluate(cluster(*CLUSTERS[name]), Settings(), asked)[id]
    try:
        facts = cluster(*CLUSTERS[name], forbidden=(key,))
    except WorkloadError:
        assert key == "statefulsets"  # without it there is nothing to judge, and nothing is judged
        return
    less = evaluate(facts, Settings(), asked)[id]
    assert less.reason is not Reason.ERROR, less.sentence
    assert less.outcome in (full.outcome, UNKNOWN), (full.sentence, less.sentence)
    assert _ORDER[less.outcome] <= _ORDER[full.outcome]


def answered_cases() -> Iterator[Any]:
    for id, entry in sorted(REGISTRY.items()):
        for key in sorted({*entry.reads, "statefulsets", "pods"}):
            yield pytest.param(id, key, id=f"{id}-{key}")


@functools.cache
def demonstration() -> tuple[Snapshot, dict[str, Finding]]:
    made = build()
    return made, evaluate(ClusterFacts(made), Settings(), load_checklist().questions)


@pytest.mark.parametrize(("id", "key"), list(answered_cases()))
def test_less_permission_is_never_better_for_any_source(id: str, key: str) -> None:
    """On the demonstration, which has answers of all sources: each read of each question refused in turn."""
    made, findings = demonstration()
    full = findings[id]
    try:
        facts = ClusterFacts(has_failures(made, [key], Reason.FORBIDDEN))
    except WorkloadError:
        assert key == "statefulsets"
        return
    less = evaluate(facts, Settings(), [load_checklist().get(id)])[id]
    assert less.reason is not Reason.ERROR, less.sentence
    assert _ORDER[less.outcome] <= _ORDER[full.outcome], (full.sentence, less.sentence)
    if full.outcome is not MET:  # what was met by one source may be doubtful by another
        assert less.outcome in (full.outcome, UNKNOWN), (full.sentence, less.sentence)


def test_no_function_raises_on_a_cluster_of_which_nothing_else_is_there() -> None:
    kept = ("StatefulSet", "Pod")
    bare = [one for one in weaviate() if one["kind"] in kept]
    for facts in (
        cluster(bare),
        ClusterFacts(snapshot(bare, absent=[key for key in KINDS if key not in ("statefulsets", "pods")])),
    ):
        found = evaluate(facts, Settings(), load_checklist().questions)
        assert [one.sentence for one in found.values() if one.reason is Reason.ERROR] == []


# --- recorded clusters ----------------------------------------------------------------------------


def recorded(folder: Path) -> ClusterFacts:
    """The facts of a recording, straight from its files."""
    kept: dict[str, Any] = {}
    for key, kind in KINDS.items():
        path = folder / f"{kind.path().lstrip('/')}.json"
        if path.exists():
            kept[key] = msgspec.convert(json.loads(path.read_text())["items"], tuple[kind.struct, ...], strict=False)  # type: ignore[name-defined]
    reads = tuple(Read(key, len(kept[key])) if key in kept else Read(key, reason=Reason.ABSENT) for key in KINDS)
    return ClusterFacts(Snapshot(Manifest(1, "test", datetime(2026, 11, 23, 6, tzinfo=UTC), reads=reads), kept))


MINE = (
    "ha.multi_az",
    "ha.replicas_across_nodes",
    "ha.workers_across_zones",
    "ha.node_repair",
    "ha.weaviate_backups",
    "ha.rolling_updates",
    "res.read_replicas",
    "res.storage_class",
    "res.volume_expansion",
)
RECORDED = {
    "default": (NOT_MET, NOT_MET, PARTLY, PARTLY, NOT_MET, NOT_MET, NOT_MET, PARTLY, NOT_MET),
    "good": (UNKNOWN, UNKNOWN, PARTLY, PARTLY, UNKNOWN, UNKNOWN, UNKNOWN, MET, MET),
}


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_clusters_get_the_findings_they_deserve(recordings: Path, name: str) -> None:
    found = evaluate(recorded(recordings / name), Settings(), load_checklist().questions)
    assert {id: found[id].outcome for id in MINE} == dict(zip(MINE, RECORDED[name], strict=True))


def test_the_default_chart_shows_its_gaps_and_the_hardened_one_none_of_them(recordings: Path) -> None:
    default = evaluate(recorded(recordings / "default"), Settings(), load_checklist().questions)
    for id, words in {
        "ha.replicas_across_nodes": ("one replica", "only preferred, not required (preferred, weight 1)"),
        "ha.rolling_updates": ("one replica", "No PodDisruptionBudget selects the Weaviate pods"),
        "ha.weaviate_backups": ("No backup module",),
        "ha.multi_az": ("one replica",),
    }.items():
        assert default[id].outcome is NOT_MET
        assert all(word in default[id].sentence for word in words), default[id].sentence
    good = evaluate(recorded(recordings / "good"), Settings(), load_checklist().questions)
    assert [id for id in MINE if good[id].outcome is NOT_MET] == []
    for id in ("ha.multi_az", "ha.replicas_across_nodes", "ha.weaviate_backups", "ha.rolling_updates"):
        assert [fact for fact in good[id].facts if fact.ok is False] == []
