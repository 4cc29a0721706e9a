"""Assessments and proofs of fixes on made-up clusters and on the demonstration.

proof = proved(cluster(weaviate(1), spare_nodes(2)), "replicas.three")
assert fields_left(proof, "ha.three_nodes") == []
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from readiness_kit.advisories import match
from readiness_kit.assessment import assess
from readiness_kit.checklist import load_checklist
from readiness_kit.evidence import evaluate
from readiness_kit.facts import ClusterFacts
from readiness_kit.fixes.advise import failed_checks, fixes_for
from readiness_kit.fixes.model import PreparedFix
from readiness_kit.fixes.proof import Proof, prove
from readiness_kit.model import Answer, Assessment, Settings
from tests.support.answers import answered
from tests.support.asked import Answers, says
from tests.support.cluster import cluster, node, of, required, weaviate

HOST, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"
BUDGET = """
kind: PodDisruptionBudget
metadata: {name: weaviate, labels: {app.kubernetes.io/name: weaviate, app.kubernetes.io/managed-by: Helm}}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: weaviate}}}
"""
STARTUP = {"startupProbe": {"httpGet": {"path": "/v1/.well-known/live", "port": 8080}, "failureThreshold": 100}}


def sound(
    *more: Any,
    factors: Mapping[str, int] | None = None,
    answers: Answers | None = None,
    chart: bool = True,
    server_version: str = "v1.36.2",
    **how: Any,
) -> ClusterFacts:
    """Three separated pods in three zones with a budget; each argument makes one fault.

    more:    further objects, or others in place of those with the same name
    answers: what Weaviate answered, in place of a sound cluster's
    chart:   False for objects without the labels of Helm
    how:     arguments of `cluster.weaviate`
    """
    how = {"pod": required(HOST, ZONE), "container": STARTUP, **how}
    objects = weaviate(**how)
    for item in objects if not chart else ():
        if item["kind"] in ("StatefulSet", "Service", "ConfigMap"):
            item["metadata"].pop("labels", None)
    return answered(cluster(objects, BUDGET, *more, server_version=server_version), says(factors) | (answers or {}))


def assessed(
    facts: ClusterFacts, answers: Mapping[str, Answer] | None = None, settings: Settings | None = None
) -> Assessment:
    """The assessment of a cluster, with all questions of both profiles."""
    settings, questions = settings or Settings(), load_checklist().questions
    findings = evaluate(facts, settings, questions)
    return assess(questions, findings, answers or {}, (), settings, facts.as_of, match(facts), facts.running)


def due(facts: ClusterFacts, answers: Mapping[str, Answer] | None = None) -> dict[str, PreparedFix]:
    """The fixes that a cluster needs, by id."""
    return {fix.id: fix for fix in fixes_for(assessed(facts, answers), facts, Settings())}


def proved(facts: ClusterFacts, *ids: str, answers: Mapping[str, Answer] | None = None) -> Proof:
    """The proof of the named fixes, which the cluster must need; of all that it needs without a name."""
    found = due(facts, answers)
    return prove(assessed(facts, answers), facts, [found[id] for id in ids or found], Settings())


def fields_left(proof: Proof, question: str) -> list[str]:
    """The fields of the checks of one question that still fail."""
    row = next(step.after for step in proof.steps if step.id == question)
    return [check.field for check in failed_checks(row)]


def checks_for(proof: Proof, fix: str) -> list[str]:
    """What still fails although this fix was applied."""
    return [check.message for step in proof.steps for check in failed_checks(step.after) if check.fix == fix]


def spare_nodes(number: int, zones: Iterable[str] = ("eu-1b", "eu-1c", "eu-1a")) -> list[dict[str, Any]]:
    """Further nodes, one in each of the zones in turn."""
    zones = list(zones)
    return [node(f"spare-{at}", zones[at % len(zones)]) for at in range(number)]


def other_origin() -> ClusterFacts:
    """The same pods under another name, without the labels of Helm."""
    objects = weaviate(1)
    for item in objects:
        item["metadata"].pop("labels", None) if item["kind"] != "Node" else None
    workload = of(objects, "StatefulSet")[0]
    workload["metadata"]["name"] = "vectors"
    for pod in of(objects, "Pod"):
        pod["metadata"]["labels"] = {"app": "weaviate"}
        pod["metadata"]["name"] = "vectors-0"
        pod["metadata"]["ownerReferences"] = [{"kind": "StatefulSet", "name": "vectors", "controller": True}]
    return answered(cluster(objects, spare_nodes(2)), says({"Products": 1}, nodes=("vectors-0",)))
