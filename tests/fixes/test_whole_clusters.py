"""All fixes of a cluster together: one patch without conflict, and nothing is left that a patch can close.

The clusters are the demonstration, the default installation of the chart, and every single fault of the tests of fixes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from readiness_kit import bundles
from readiness_kit.demo import install
from readiness_kit.facts import ClusterFacts
from readiness_kit.fixes.merging import Objects
from readiness_kit.fixes.model import PreparedFix
from readiness_kit.fixes.proof import applied
from readiness_kit.fixes.writing.values_patch import patch_text
from readiness_kit.kinds import KINDS
from readiness_kit.report.exports.plan_text import proof_text
from readiness_kit.workspace.session import Session
from tests.fixes import (
    test_monitoring,
    test_proof,
    test_resource_fixes,
    test_security,
    test_single_faults,
)
from tests.support.chart import CURATED
from tests.support.cluster import cluster
from tests.support.faults import faulty
from tests.support.fixes import assessed, due, proved

MIN_ROUND_TRIPS = 90
MAX_ROUNDS = 3
"""A change brings the next one to light: more pods need separate zones, roles need a release that restores them."""


def _faults() -> Iterator[tuple[str, Callable[[], ClusterFacts]]]:
    for module in (test_proof, test_single_faults, test_resource_fixes):
        yield from ((f"{module.__name__.split('.')[-1]}: {name}", row[0]) for name, row in module.FAULTS.items())
    for changed in (test_monitoring, test_security):
        for name, row in changed.FAULTS.items():
            yield f"{changed.__name__.split('.')[-1]}: {name}", lambda faults=row[0]: faulty(*faults)


SINGLE = dict(_faults())


def chart_default() -> ClusterFacts:
    """What the chart renders with its default values: no node, no measurement, no answer of Weaviate."""
    return ClusterFacts(bundles.load(CURATED / "default" / "manifests.yaml"), "weaviate/weaviate")


def recorded(folder: Path) -> ClusterFacts:
    """The objects of a recorded cluster."""
    found: list[dict[str, Any]] = []
    for kind in KINDS.values():
        file = folder / f"{kind.path()[1:]}.json"
        if file.is_file():
            found += [{**item, "kind": kind.kind} for item in json.loads(file.read_bytes())["items"]]
    return cluster(found)


def all_applied(facts: ClusterFacts) -> ClusterFacts:
    """The facts after everything that can be applied, until nothing more comes to light."""
    for _ in range(MAX_ROUNDS):
        fixes = [fix for fix in due(facts).values() if fix.applicable]
        if not fixes:
            break
        facts = applied(facts, fixes)
    return facts


def assert_a_person_is_needed(fixes: dict[str, PreparedFix]) -> None:
    for fix in fixes.values():
        assert not fix.applicable, f"{fix.id} can be applied: {fix.because}"
        reasons = [*(decision.what for decision in fix.decisions), fix.why]
        assert all(reasons) and (fix.decisions or fix.fix.kind.value in ("decision", "practice", "command")), fix.id


def test_there_are_enough_round_trips() -> None:
    """Each is proved in the module of its topic: closed by its fix, and no other verdict gets worse."""
    assert len(SINGLE) >= MIN_ROUND_TRIPS


@pytest.mark.parametrize("name", SINGLE)
def test_the_fixes_of_a_single_fault_merge_without_conflict(name: str) -> None:
    fixes = due(SINGLE[name]()).values()
    text = patch_text(fixes)
    assert bool(text) == any(fix.applicable and fix.values for fix in fixes)


def test_the_fixes_of_the_demonstration_merge_without_conflict(tmp_path: Path) -> None:
    facts = Session(install(tmp_path)).require_facts()
    assert "GOMEMLIMIT" in patch_text(due(facts).values())


def test_the_default_chart_is_left_with_what_a_person_decides() -> None:
    facts = chart_default()
    assert len([row for row in assessed(facts).verdicts if row.blocker]) > 5
    assert patch_text(due(facts).values())
    after = all_applied(facts)
    assert_a_person_is_needed(due(after))
    assert due(after), "without nodes and measurements, decisions are left"


def test_the_recorded_default_cluster_is_left_with_what_a_person_decides(recordings: Path) -> None:
    facts = recorded(recordings / "default")
    assert patch_text(due(facts).values())
    assert_a_person_is_needed(due(all_applied(facts)))


def test_the_proof_of_the_default_chart_states_what_remains_and_why() -> None:
    facts = chart_default()
    proof = proved(facts)
    text = " ".join(proof_text(proof).split())
    assert proof.worse == () and f"Still to do ({len(proof.remaining)})" in text
    for step in proof.remaining:
        assert step.before.question.short in text and step.left, step.id
        assert " ".join(step.left[0].split()) in text


def test_applying_all_fixes_changes_the_objects_of_the_default_chart() -> None:
    facts = chart_default()
    before: Objects = facts.snapshot.kept
    assert applied(facts, [fix for fix in due(facts).values() if fix.applicable]).snapshot.kept != before
