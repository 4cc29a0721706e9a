"""An evidence function uses only what it declares: an undeclared list could be refused without being named."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from readiness_kit.checklist import load_checklist
from readiness_kit.evidence import REGISTRY, evaluate
from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds import KINDS
from readiness_kit.kinds.sources import SOURCES
from readiness_kit.model import Finding, Profile, Reason, Settings
from readiness_kit.snapshot import Snapshot
from scripts.demo.make import build
from tests.support import ready_cluster
from tests.support.asked import has_failures
from tests.support.findings import recorded

QUESTIONS = load_checklist(profile=Profile.EXTENDED).questions
CLUSTERS = ("demonstration", "ready", "good", "default")


@functools.cache
def taken(name: str, recordings: Path) -> Snapshot:
    if name == "demonstration":
        return build()
    return ready_cluster.build() if name == "ready" else recorded(recordings / name).snapshot


@functools.cache
def whole(name: str, recordings: Path) -> dict[str, Finding]:
    return evaluate(ClusterFacts(taken(name, recordings)), Settings(), QUESTIONS)


@pytest.mark.parametrize("name", CLUSTERS)
def test_a_finding_is_the_same_with_its_declared_reads_alone(name: str, recordings: Path) -> None:
    for question in QUESTIONS:
        undeclared = (KINDS.keys() | SOURCES.keys()) - {*REGISTRY[question.id].reads, "statefulsets"}
        less = has_failures(taken(name, recordings), undeclared, Reason.FORBIDDEN)
        found, full = (
            evaluate(ClusterFacts(less), Settings(), [question])[question.id],
            whole(name, recordings)[question.id],
        )
        assert (found.outcome, found.sentence) == (full.outcome, full.sentence), question.id
