"""Parameters of high availability and backups: filled from facts, and open where the change would do harm."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.fixes.model import PreparedFix
from readiness_kit.model import Answer, Choice
from tests.fixes.test_single_faults import BACKUPS, DNS, FAULTS, SECOND
from tests.support.asked import PODS, backed_up, backup, says, stored
from tests.support.cluster import node, required
from tests.support.fixes import BUDGET, HOST, due, sound, spare_nodes


def fault(name: str) -> PreparedFix:
    make, fix = FAULTS[name]
    return due(make())[fix]


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("two budgets", "Replace the PodDisruptionBudgets platform by one for all Weaviate pods"),
        ("a foreign budget of two", "Correct the PodDisruptionBudget platform: one pod may be evicted"),
        ("pods on one node", "Move weaviate-1 to separate nodes"),
        ("a spot node", "Move Weaviate off the spot nodes node-0"),
        ("one DNS replica", "Run two replicas of cluster DNS (coredns)"),
        ("an autoscaler", "Remove the autoscaler of Weaviate (horizontalpodautoscaler/weaviate)"),
        ("missing replicas", "Copy the missing replicas of Products"),
        ("replicas in one zone", "Move replicas of Products to different zones"),
        ("an endpoint with a scheme", "Give the backup endpoint without its scheme: s3.wasabisys.com"),
        ("no headless Service", "Create the headless Service members"),
        ("no schedule", "Schedule a backup of all collections (0 2 * * *)"),
    ],
)
def test_titles_have_the_names_of_this_cluster(name: str, title: str) -> None:
    assert fault(name).title == title


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("pods on one node", "kubectl -n weaviate delete pod weaviate-1"),
        ("a foreign budget of two", "patch poddisruptionbudget platform --type merge"),
        ("two budgets", "kubectl -n weaviate delete poddisruptionbudget platform"),
        ("missing replicas", "scale?collection=Products&replicationFactor=3"),
        ("a collection that is not repaired", "/v1/schema/Products"),
        ("a late backup", "/v1/backups/s3"),
    ],
)
def test_commands_have_the_names_of_this_cluster(name: str, command: str) -> None:
    assert command in "\n".join(fault(name).commands)


def test_a_move_of_a_replica_goes_to_a_zone_without_one() -> None:
    (move,) = fault("replicas in one zone").commands
    assert '"collection": "Products", "shard": "s0"' in move and '"type": "MOVE"' in move
    assert '"sourceNode": "weaviate-1"' in move
    assert '"targetNode": "weaviate-3"' in move or '"targetNode": "weaviate-4"' in move


@pytest.mark.parametrize(
    ("name", "path", "before"),
    [
        ("on delete", "spec.updateStrategy.type", "OnDelete"),
        ("a partition", "spec.updateStrategy.rollingUpdate.partition", 2),
    ],
)
def test_the_recorded_value_is_kept_for_the_rollback(name: str, path: str, before: object) -> None:
    assert {change.path: change.before for change in fault(name).recorded}[path] == before


def shared_budget() -> ClusterFacts:
    """A budget of all pods of the namespace, which selects another application as well."""
    every = SECOND.replace("{matchLabels: {app: weaviate}}", "{}")
    other = "kind: Pod\nmetadata: {name: shop, labels: {app: shop}}\nspec: {containers: [{name: shop, image: shop}]}"
    return sound(every, other)


def full_nodes() -> ClusterFacts:
    """Two pods share a node, and no other node is free."""
    return sound(pod=required(HOST), nodes=("node-0", "node-0", "node-1"), zones=("eu-1a", "eu-1b"))


def unready_dns() -> ClusterFacts:
    return sound(DNS.replace("{replicas: 1}", "{replicas: 2}"))


def own_node_affinity() -> ClusterFacts:
    """The pods already choose their nodes: a further term would be an alternative, not a condition."""
    terms = [{"matchExpressions": [{"key": "pool", "operator": "Exists"}]}]
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}}
    nodes = [node(f"node-{at}", "eu-1a", pool="w", **{"karpenter.sh/capacity-type": "spot"}) for at in range(3)]
    return sound(nodes, spare_nodes(6), pod={"affinity": affinity})


OPEN: dict[str, tuple[Callable[[], ClusterFacts], str, str]] = {
    "a budget of other pods too": (shared_budget, "disruption_budget.own", "selects other pods"),
    "no free node": (full_nodes, "placement.nodes", "a free node for weaviate-1"),
    "DNS that is not ready": (unready_dns, "dns.replicas", "only 1 of 2 replicas"),
    "a node affinity": (own_node_affinity, "nodes.on_demand", "several terms are alternatives"),
    "no spare on-demand node": (
        lambda: sound([node("node-0", "eu-1a", **{"karpenter.sh/capacity-type": "spot"})]),
        "nodes.on_demand",
        "on-demand nodes for 3 pods",
    ),
    "no bucket": (lambda: sound(), "backups.store", "the bucket outside the cluster"),
    "a store inside": (
        lambda: sound(env=BACKUPS | {"BACKUP_S3_ENDPOINT": "minio.minio.svc:9000"}, answers=backed_up()),
        "backups.store",
        "the bucket outside the cluster",
    ),
    "a join address of the chart": (
        lambda: sound(env={"CLUSTER_JOIN": "vectors.weaviate.svc.cluster.local."}),
        "cluster.join",
        "what the chart sets",
    ),
    "a Service of the chart": (lambda: sound(spec={"serviceName": "members"}), "cluster.service", "the chart creates"),
}


@pytest.mark.parametrize("name", OPEN)
def test_what_is_unknown_or_harmful_is_a_decision(name: str) -> None:
    make, fix, words = OPEN[name]
    found = due(make())[fix]
    assert not found.applicable
    assert words in " ".join(decision.what for decision in found.decisions)


@pytest.mark.parametrize(
    ("make", "fix"),
    [
        (lambda: sound(zones=("eu-1a", "eu-1a", "eu-1b"), pod=required(HOST)), "placement.zones"),
        (lambda: sound(answers=says(healthy=2)), "members.restore"),
        (lambda: sound(answers=says(synchronized=False)), "members.restore"),
        (lambda: sound(answers=says(nodes=PODS[:2], voters=PODS)), "members.restore"),
        (lambda: sound(env={"CLUSTER_HOSTNAME": "weaviate"}), "cluster.rebuild"),
        (lambda: sound(answers=says(versions=("1.38.2", "1.37.4"))), "updates.finish"),
        (lambda: sound(), "nodes.by_zone"),
        (
            lambda: sound(env=BACKUPS, answers=stored(backup("b", 5), restores={"b": "FAILED"})),
            "backups.restore_test",
        ),
        (lambda: sound(env=BACKUPS, answers=stored(backup("b", 5), backup("a", 24 * 800))), "backups.cleanup"),
    ],
)
def test_what_only_people_can_do_is_advised_and_projects_nothing(make: Callable[[], ClusterFacts], fix: str) -> None:
    found = due(make())[fix]
    assert not found.values and not found.fix.effect and found.because


@pytest.mark.parametrize(
    ("question", "fix"),
    [
        ("ha.control_plane", "control_plane.three"),
        ("ha.node_repair", "node_repair.on"),
        ("ha.failover_tested", "failover.rehearse"),
        ("ha.recovery_tested", "failover.rehearse"),
        ("ha.backup_test_frequency", "failover.rehearse"),
        ("ha.backup_retention", "backups.retention"),
        ("ha.backup_cleanup", "backups.cleanup"),
        ("ha.canary", "canary.procedure"),
        ("ha.dev_test_env", "environment.test"),
    ],
)
def test_an_answer_no_leads_to_a_decision_or_practice(question: str, fix: str) -> None:
    facts = sound(spare_nodes(6), env=BACKUPS, answers=backed_up())
    assert fix in due(facts, {question: Answer(question, Choice.NO)})


def test_a_gap_that_only_a_third_replica_closes_names_it() -> None:
    """Two pods: whatever the zones, voters and strategy, only a third one gives a majority."""
    facts = sound(replicas=2, answers=says({"Products": 2}, nodes=PODS[:2]))
    assert {"placement.zones", "raft.voters", "updates.one_by_one"}.isdisjoint(due(facts))
    assert "replicas.three" in due(facts)


def test_the_budget_of_the_workload_is_corrected_by_values() -> None:
    facts = sound(BUDGET.replace("maxUnavailable: 1", "maxUnavailable: 2"))
    assert "disruption_budget.one" in due(facts) and "disruption_budget.own" not in due(facts)
