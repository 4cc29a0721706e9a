"""Less permission is never better, for any question and any source."""

from __future__ import annotations

import functools
import random
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from readiness_kit.checklist import load_checklist
from readiness_kit.errors import WorkloadError
from readiness_kit.evidence.registry import REGISTRY, evaluate
from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds import KINDS
from readiness_kit.model import Finding, Outcome, Profile, Reason, Settings
from readiness_kit.snapshot import Snapshot
from scripts.demo.make import build
from tests.support.asked import has_failures
from tests.support.cluster import cluster, snapshot, weaviate
from tests.support.findings import rank

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN

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
    "healthy": (weaviate(env={"ENABLE_MODULES": "backup-s3", "BACKUP_S3_BUCKET": "b"}), EXTRAS),
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
    assert less.outcome in (full.outcome, UNKNOWN) or less.at_best, (full.sentence, less.sentence)
    assert rank(less) <= rank(full)


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
    assert rank(less) <= rank(full), (full.sentence, less.sentence)
    if full.outcome is not MET:  # what was met by one source may be doubtful by another
        assert less.outcome in (full.outcome, UNKNOWN) or less.at_best, (full.sentence, less.sentence)


WIDE = sorted(key for key, kind in KINDS.items() if kind.namespaced and kind.breadth == "cluster")
ELSEWHERE = """
kind: Service
metadata: {name: outside, namespace: elsewhere}
spec: {type: ExternalName, externalName: weaviate.weaviate.svc.cluster.local}
---
kind: RoleBinding
metadata: {name: wide, namespace: elsewhere}
roleRef: {kind: ClusterRole, name: cluster-admin}
subjects: [{kind: Group, name: "system:serviceaccounts"}]
---
kind: ConfigMap
metadata: {name: weaviate-board, namespace: elsewhere, labels: {grafana_dashboard: "1"}}
---
kind: Deployment
metadata: {name: grafana, namespace: elsewhere, labels: {app.kubernetes.io/name: grafana}}
spec: {replicas: 1, template: {spec: {containers: [{name: g, image: "docker.io/grafana/grafana:12.2"}]}}}
status: {readyReplicas: 1}
"""


def narrowed(made: Snapshot, *keys: str) -> Snapshot:
    """The same snapshot where the lists of the whole cluster were refused and those of Weaviate's namespace read."""
    namespace = ClusterFacts(made).target.namespace
    found = has_failures(made, keys, Reason.FORBIDDEN)
    near = {key: tuple(o for o in made.objects(key) if o.metadata.namespace == namespace) for key in keys}
    reads = tuple(
        msgspec.structs.replace(read, count=len(near[read.key]), namespaces=(namespace,), partial=True)
        if read.key in near
        else read
        for read in found.manifest.reads
    )
    manifest = msgspec.structs.replace(found.manifest, reads=reads)
    return msgspec.structs.replace(found, manifest=manifest, kept={**found.kept, **near})


@pytest.mark.parametrize("name", CLUSTERS)
def test_lists_of_one_namespace_only_are_never_better(name: str) -> None:
    """One list at a time, and random sets of them, for all questions."""
    made = snapshot(*CLUSTERS[name], ELSEWHERE)
    asked = load_checklist(profile=Profile.EXTENDED).questions
    full = evaluate(ClusterFacts(made), Settings(), asked)
    chosen = random.Random(name)
    sets = [(key,) for key in WIDE] + [tuple(chosen.sample(WIDE, chosen.randint(2, 12))) for _ in range(12)]
    for keys in sets:
        for id, less in evaluate(ClusterFacts(narrowed(made, *keys)), Settings(), asked).items():
            shown = (keys, id, full[id].sentence, less.sentence)
            assert less.reason is not Reason.ERROR and rank(less) <= rank(full[id]), shown
            assert less.outcome in (full[id].outcome, UNKNOWN) or less.at_best, shown


def test_no_function_raises_on_a_cluster_with_weaviate_only() -> None:
    kept = ("StatefulSet", "Pod")
    bare = [item for item in weaviate() if item["kind"] in kept]
    for facts in (
        cluster(bare),
        ClusterFacts(snapshot(bare, absent=[key for key in KINDS if key not in ("statefulsets", "pods")])),
    ):
        found = evaluate(facts, Settings(), load_checklist().questions)
        assert [finding.sentence for finding in found.values() if finding.reason is Reason.ERROR] == []
