"""Findings of single questions: on recorded clusters, on measured values, and with one read refused."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from readiness_kit.checklist import load_checklist
from readiness_kit.evidence import REGISTRY, evaluate
from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds import KINDS
from readiness_kit.model import Finding, Outcome, Profile, Question, Reason, Section, Settings
from readiness_kit.snapshot import Snapshot
from scripts.demo.make import build
from tests.support.answers import answered
from tests.support.asked import ask, has_failures
from tests.support.cluster import cluster, weaviate

RANK = {Outcome.MET: 3, Outcome.NOT_APPLICABLE: 3, Outcome.PARTLY: 2, Outcome.NOT_MET: 1, Outcome.UNKNOWN: 0}


def rank(finding: Finding) -> float:
    """The order of findings in which less permission never leads upwards: partly at best is not known to be better."""
    return 0.5 if finding.at_best else RANK[finding.outcome]


def described(finding: Finding) -> str:
    """Outcome, reason and sentence, for the message of a failed assertion."""
    return f"{finding.outcome.value} {finding.reason}: {finding.sentence}"


def recorded(folder: Path) -> ClusterFacts:
    """The facts of a recorded cluster."""
    objects: list[dict[str, Any]] = []
    for kind in KINDS.values():
        file = folder / f"{kind.path()[1:]}.json"
        if file.is_file():
            objects += [{**item, "kind": kind.kind} for item in json.loads(file.read_bytes())["items"]]
    return cluster(objects)


def measured(question: str, facts: ClusterFacts | None = None, **values: Any) -> Finding:
    """A finding with single values of Prometheus: `name=3` is one sample, `name=[]` a series that does not exist."""
    samples = {name: value if isinstance(value, list) else [{"value": value}] for name, value in values.items()}
    return ask(question, answered(facts or cluster(weaviate()), {"prometheus/weaviate": samples}))


# --- one read refused -----------------------------------------------------------------------------


@cache
def demonstration() -> Snapshot:
    return build()


def questions(section: Section) -> list[Question]:
    return [question for question in load_checklist(profile=Profile.EXTENDED).questions if question.section is section]


def reads(section: Section) -> list[str]:
    """The keys that a section reads, without the StatefulSets, which locate Weaviate."""
    return sorted({key for question in questions(section) for key in REGISTRY[question.id].reads} - {"statefulsets"})


@cache
def of_demonstration(section: Section) -> dict[str, Finding]:
    return evaluate(ClusterFacts(demonstration()), Settings(), questions(section))


def assert_never_better_without(section: Section, key: str) -> None:
    """A refused read improves no outcome, raises nothing, and is named as missing where a question reads it."""
    less = has_failures(demonstration(), [key], Reason.FORBIDDEN)
    before = of_demonstration(section)
    after = evaluate(ClusterFacts(less, "search/weaviate"), Settings(), questions(section))
    for id, finding in after.items():
        assert rank(finding) <= rank(before[id]), (key, id, finding.sentence)
        assert finding.reason is not Reason.ERROR, (key, id, finding.sentence)
        assert key not in REGISTRY[id].reads or key in finding.missing, (key, id)


def assert_evidence_for_all(section: Section) -> None:
    """Every question of a section has evidence, and its function runs and lists facts."""
    found = of_demonstration(section)
    assert [id for id in found if id not in REGISTRY] == []
    assert [id for id, finding in found.items() if finding.reason is Reason.ERROR or not finding.facts] == []
