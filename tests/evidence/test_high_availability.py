"""High availability as truth tables: a few lines of a cluster, the expected outcome; one test a trap."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.checklist import load_checklist
from readiness_kit.evidence import evaluate
from readiness_kit.evidence.conditions.availability.updates import scaled
from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Finding, Observation, Outcome, Reason, Settings, Thresholds
from tests.support.cluster import cluster, merged, node, of, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
HOST, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"
OURS = {"matchLabels": {"app": "weaviate"}}


def ask(id: str, facts: ClusterFacts, settings: Settings | None = None) -> Finding:
    return evaluate(facts, settings or Settings(), [load_checklist().get(id)])[id]


def fact(finding: Finding, field: str) -> Observation:
    return next(one for one in finding.facts if field in one.field)


def bad(finding: Finding) -> list[str]:
    """The fields of the lines that are not as they should be."""
    return [one.field for one in finding.facts if one.ok is False]


def required(*keys: str, selector: Any = OURS, **term: Any) -> dict[str, Any]:
    terms = [{"topologyKey": key, "labelSelector": selector, **term} for key in keys]
    return {"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}}


def preferred(key: str, weight: int = 1) -> dict[str, Any]:
    term = {"weight": weight, "podAffinityTerm": {"topologyKey": key, "labelSelector": OURS}}
    return {"affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [term]}}}


def constraint(key: str, **change: Any) -> dict[str, Any]:
    one = {"topologyKey": key, "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": OURS, **change}
    return {"topologySpreadConstraints": [one]}


# --- Q1 ha.multi_az -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("replicas", "zones", "pod", "outcome", "wrong"),
    [
        (1, ("a",), None, NOT_MET, ["spec.replicas", "affinity.podAntiAffinity"]),
        (3, ("a",), required(ZONE), NOT_MET, ["zones of the pods", "env RAFT_JOIN, by zone"]),
        (3, ("a", "b"), required(ZONE), UNKNOWN, ["zones of the pods", "env RAFT_JOIN, by zone"]),
        (3, ("a", "b", "c"), None, UNKNOWN, ["affinity.podAntiAffinity"]),
        (3, ("a", "b", "c"), preferred(ZONE, 100), UNKNOWN, ["affinity.podAntiAffinity"]),
        (3, ("a", "b", "c"), required(ZONE), UNKNOWN, []),
        (3, ("a", "b", "c"), constraint(ZONE), UNKNOWN, []),
        (
            3,
            ("a", "b", "c"),
            constraint(ZONE, whenUnsatisfiable="ScheduleAnyway"),
            UNKNOWN,
            ["topologySpreadConstraints"],
        ),
        (3, ("a", "b", "c"), constraint(ZONE, maxSkew=2), UNKNOWN, ["topologySpreadConstraints"]),
        (5, ("a", "a", "a", "b", "c"), required(ZONE), UNKNOWN, ["most pods in one zone", "env RAFT_JOIN, by zone"]),
    ],
)
def test_zones(
    replicas: int, zones: tuple[str, ...], pod: dict[str, Any] | None, outcome: Outcome, wrong: list[str]
) -> None:
    finding = ask("ha.multi_az", cluster(weaviate(replicas, zones, pod=pod)))
    assert (finding.outcome, bad(finding)) == (outcome, wrong)
    assert finding.reason is (Reason.NOT_COLLECTED if outcome is UNKNOWN else None)


def test_trap_three_zones_with_unlucky_placement_is_not_zone_safety() -> None:
    finding = ask("ha.multi_az", cluster(weaviate(pod=required(ZONE))))
    assert finding.outcome is UNKNOWN
    assert {"weaviate/nodes_verbose", "weaviate/statistics"} <= set(finding.missing)
    assert "does not place shards by zone" in finding.sentence


def test_trap_nodes_without_zone_labels_are_unknown_not_one_zone() -> None:
    finding = ask("ha.multi_az", cluster(weaviate(zones=("",), pod=required(ZONE))))
    assert (finding.outcome, bad(finding)) == (UNKNOWN, [])
    assert "Which racks or rooms are the nodes in?" in finding.sentence


def test_trap_an_azure_fault_domain_is_no_zone() -> None:
    finding = ask("ha.multi_az", cluster(weaviate(zones=("0", "1", "2"), pod=required(ZONE))))
    assert "The zone of weaviate-0, weaviate-1 and weaviate-2 is not known" in finding.sentence


def test_trap_a_volume_tells_the_zone_where_the_node_does_not() -> None:
    objects = weaviate(zones=("a", "b", "c"))
    for one in of(objects, "Node"):
        del one["metadata"]["labels"][ZONE]
    finding = ask("ha.multi_az", cluster(objects))
    assert fact(finding, "zones of the pods").seen == "a: 1, b: 1, c: 1"
    refused = ask("ha.multi_az", cluster(objects, forbidden=("persistentvolumes",)))
    assert (refused.outcome, refused.reason) == (UNKNOWN, Reason.FORBIDDEN)


def test_trap_voters_are_the_first_pods_whatever_the_number_of_nodes() -> None:
    zones = ("a", "a", "a", "b", "b", "b", "c", "c", "c")
    finding = ask("ha.multi_az", cluster(weaviate(9, zones, pod=required(ZONE))))
    assert bad(finding) == ["env RAFT_JOIN, by zone"]
    assert fact(finding, "RAFT_JOIN").seen == "a: 3 (3 voters)"


def test_trap_an_anti_affinity_counts_only_where_it_selects_weaviate_itself() -> None:
    other = {"matchLabels": {"app": "contextionary"}}
    for pod in (required(ZONE, selector=other), required(ZONE, namespaces=["other"]), required(HOST)):
        assert "no anti-affinity or spread constraint" in ask("ha.multi_az", cluster(weaviate(pod=pod))).sentence
    by_expression = {"matchExpressions": [{"key": "app", "operator": "In", "values": ["weaviate"]}]}
    for pod in (
        required(ZONE, selector=by_expression),
        required(ZONE, namespaces=["weaviate"]),
        required(ZONE, namespaceSelector={}),
    ):
        assert bad(ask("ha.multi_az", cluster(weaviate(pod=pod)))) == []


# --- Q2 ha.replicas_across_nodes ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nodes", "pod", "outcome", "wrong"),
    [
        (("n1",), required(HOST), NOT_MET, ["spec.replicas"]),
        (("n1",), preferred(HOST), NOT_MET, ["spec.replicas", "affinity.podAntiAffinity"]),
        (("n1", "n2"), required(HOST), UNKNOWN, ["spec.replicas"]),
        (("n1", "n1", "n2"), required(HOST), NOT_MET, ["Weaviate pods", "nodes with a ready pod"]),
        (("n1", "n2", "n3"), None, UNKNOWN, ["affinity.podAntiAffinity"]),
        (("n1", "n2", "n3"), preferred(HOST), UNKNOWN, ["affinity.podAntiAffinity"]),
        (("n1", "n2", "n3"), required(HOST), UNKNOWN, []),
        (("n1", "n2", "n3"), constraint(HOST), UNKNOWN, []),
    ],
)
def test_nodes(nodes: tuple[str, ...], pod: dict[str, Any] | None, outcome: Outcome, wrong: list[str]) -> None:
    finding = ask("ha.replicas_across_nodes", cluster(weaviate(len(nodes), nodes=nodes, pod=pod)))
    assert (finding.outcome, bad(finding)) == (outcome, wrong)


def test_the_sentence_on_nodes_names_what_was_found() -> None:
    single = ask("ha.replicas_across_nodes", cluster(weaviate(1, pod=preferred(HOST)))).sentence
    assert "one replica" in single and "only preferred, not required (preferred, weight 1)" in single
    shared = ask("ha.replicas_across_nodes", cluster(weaviate(3, nodes=("n1", "n1", "n2")))).sentence
    assert "weaviate-0 and weaviate-1 share the node n1: losing it loses 2 of 3 replicas" in shared


def test_trap_spread_pods_are_not_spread_data() -> None:
    finding = ask("ha.replicas_across_nodes", cluster(weaviate(pod=required(HOST))))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_COLLECTED)
    assert "weaviate/schema" in finding.missing and "separate pods do not mean replicated data" in finding.sentence


def test_trap_a_pod_of_a_lost_node_that_stays_terminating_is_no_ready_replica() -> None:
    objects = weaviate(pod=required(HOST))
    of(objects, "Pod", "weaviate-2")[0]["metadata"]["deletionTimestamp"] = "2026-11-24T05:00:00Z"
    finding = ask("ha.replicas_across_nodes", cluster(objects))
    assert bad(finding) == ["nodes with a ready pod"]
    assert "2 of 3 replicas are ready" in finding.sentence


# --- Q5 ha.workers_across_zones -------------------------------------------------------------------


def workers(*zones: str, volumes: bool = False, **labels: str) -> ClusterFacts:
    """Weaviate with nodes in these zones, its volumes zonal or not."""
    objects = weaviate(zones=("",))
    kept = [one for one in objects if one["kind"] != "Node"]
    if volumes:
        for one, zone in zip(of(kept, "PersistentVolume"), dict.fromkeys(zones), strict=False):
            key = {"key": ZONE, "operator": "In", "values": [zone]}
            one["spec"]["nodeAffinity"] = {"required": {"nodeSelectorTerms": [{"matchExpressions": [key]}]}}
    nodes = [node(f"n{index}", zone) for index, zone in enumerate(zones)]
    for one in nodes:
        one["metadata"]["labels"] |= {key.replace("__", "/"): value for key, value in labels.items()}
    return cluster(kept, nodes)


@pytest.mark.parametrize(
    ("zones", "volumes", "outcome"),
    [
        (("a", "b", "c"), False, MET),
        (("a", "b", "c"), True, PARTLY),
        (("a", "a", "b", "b", "c", "c"), True, MET),
        (("a", "a", "b", "c"), False, MET),
        (("a", "a", "a", "b", "c"), False, PARTLY),
        (("a", "b"), False, PARTLY),
        (("a", "a"), False, NOT_MET),
        (("", "", ""), False, UNKNOWN),
        (("a", "b", "c", ""), False, UNKNOWN),
    ],
)
def test_workers(zones: tuple[str, ...], volumes: bool, outcome: Outcome) -> None:
    assert ask("ha.workers_across_zones", workers(*zones, volumes=volumes)).outcome is outcome


def test_only_nodes_that_can_take_a_pod_count() -> None:
    spare = [node("c1", "c"), node("c2", "c"), node("c3", "c")]
    spare[0]["spec"] = {"unschedulable": True}
    spare[1]["spec"] = {"taints": [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}]}
    spare[2]["status"]["conditions"] = [{"type": "Ready", "status": "False"}]
    finding = ask("ha.workers_across_zones", cluster(weaviate(2, ("a", "b")), spare))
    assert fact(finding, "nodes that can take a pod").seen == "a: 1, b: 1"
    assert ask("ha.workers_across_zones", cluster(weaviate(pod={"nodeSelector": {"pool": "x"}}))).outcome is NOT_MET


def test_the_skew_that_is_accepted_is_a_setting() -> None:
    facts = workers("a", "a", "a", "b", "c")
    assert ask("ha.workers_across_zones", facts, Settings(thresholds=Thresholds(zone_skew_maximum=2))).outcome is MET


def test_trap_nodes_made_on_demand_need_no_spare_one() -> None:
    auto = {"eks.amazonaws.com__compute-type": "auto"}
    assert ask("ha.workers_across_zones", workers("a", "b", "c", volumes=True, **auto)).outcome is MET
    assert ask("ha.workers_across_zones", workers("a", "b", "c", volumes=True)).outcome is PARTLY


# --- Q6 ha.node_repair ----------------------------------------------------------------------------


def labelled(**labels: str) -> list[dict[str, Any]]:
    objects = weaviate()
    for one in of(objects, "Node"):
        one["metadata"]["labels"] |= {key.replace("__", "/"): value for key, value in labels.items()}
    return objects


KARPENTER = """
kind: Deployment
metadata: {name: karpenter, namespace: karpenter, labels: {app.kubernetes.io/name: karpenter}}
spec:
  template:
    spec: {containers: [{name: controller, image: public.ecr.aws/karpenter/controller:1.5.0, env: [%s]}]}
status: {readyReplicas: 2}
"""
GATE = "{name: FEATURE_GATES, value: 'NodeRepair=true,SpotToSpotConsolidation=false'}"
ON_KARPENTER = {"karpenter.sh__nodepool": "default"}
AUTOSCALER = """
kind: Deployment
metadata: {name: autoscaler, namespace: kube-system}
spec: {template: {spec: {containers: [{name: a, image: 'registry.k8s.io/autoscaling/cluster-autoscaler:v1.33.0'}]}}}
"""
DETECTOR = """
kind: DaemonSet
metadata: {name: npd, namespace: kube-system}
spec: {template: {metadata: {labels: {k8s-app: node-problem-detector}}}}
"""
MACHINES = "{kind: MachineHealthCheck, metadata: {name: workers, namespace: capi}}"
HEALTH = "{kind: NodeHealthCheck, metadata: {name: workers}}"


@pytest.mark.parametrize(
    ("labels", "more", "outcome"),
    [
        ({"eks.amazonaws.com__compute-type": "auto"}, "", MET),
        ({"kubernetes.azure.com__cluster": "MC_x"}, "", MET),
        ({}, MACHINES, MET),
        (ON_KARPENTER, KARPENTER % GATE, MET),
        ({}, KARPENTER % GATE, PARTLY),
        ({"eks.amazonaws.com__nodegroup": "ng"}, "", PARTLY),
        ({"cloud.google.com__gke-nodepool": "pool"}, "", PARTLY),
        ({}, HEALTH, PARTLY),
        ({}, "", UNKNOWN),
    ],
)
def test_node_repair(labels: dict[str, str], more: str, outcome: Outcome) -> None:
    finding = ask("ha.node_repair", cluster(labelled(**labels), more))
    assert finding.outcome is outcome
    assert finding.reason is (Reason.NOT_OBSERVABLE if outcome is UNKNOWN else None)


@pytest.mark.parametrize("more", [AUTOSCALER, DETECTOR, KARPENTER % ""], ids=["autoscaler", "detector", "karpenter"])
def test_trap_autoscalers_and_detectors_are_not_repair(more: str) -> None:
    finding = ask("ha.node_repair", cluster(labelled(**ON_KARPENTER), more))
    assert finding.outcome is PARTLY
    assert "does not prove that failed nodes are repaired" in finding.sentence


def test_trap_a_detector_may_show_only_by_the_conditions_it_sets() -> None:
    objects = weaviate()
    of(objects, "Node")[0]["status"]["conditions"].append({"type": "KernelDeadlock", "status": "False"})
    assert fact(ask("ha.node_repair", cluster(objects)), "status.conditions").seen.startswith("KernelDeadlock")


def test_trap_a_pod_on_a_dead_node_is_not_moved_by_kubernetes_itself() -> None:
    assert "does not move a StatefulSet pod off a failed node" in ask("ha.node_repair", cluster(weaviate())).sentence


def test_managed_repair_counts_only_where_every_node_of_weaviate_has_it() -> None:
    objects = weaviate()
    of(objects, "Node")[0]["metadata"]["labels"]["eks.amazonaws.com/compute-type"] = "auto"
    assert ask("ha.node_repair", cluster(objects)).outcome is PARTLY


@pytest.mark.parametrize("probe", ["livenessProbe", "readinessProbe"])
def test_a_missing_probe_fails_whatever_repairs_the_nodes(probe: str) -> None:
    finding = ask("ha.node_repair", cluster(weaviate(container={probe: None}), MACHINES))
    assert (finding.outcome, bad(finding)) == (NOT_MET, [probe])


def test_a_bare_pod_fails() -> None:
    objects = [one for one in weaviate(1) if one["kind"] != "StatefulSet"]
    del of(objects, "Pod")[0]["metadata"]["ownerReferences"]
    finding = ask("ha.node_repair", cluster(objects, MACHINES))
    assert (finding.outcome, bad(finding)) == (NOT_MET, ["ownerReferences"])


def test_restarts_are_told_with_their_last_reason() -> None:
    objects = weaviate()
    status = of(objects, "Pod", "weaviate-1")[0]["status"]["containerStatuses"][0]
    status |= {"restartCount": 4, "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137}}}
    assert fact(ask("ha.node_repair", cluster(objects)), "restarts").seen == "4, last OOMKilled"


def test_a_refused_detector_is_said_and_does_not_pass_for_nothing_found() -> None:
    finding = ask("ha.node_repair", cluster(weaviate(), forbidden=("daemonsets",)))
    assert (finding.outcome, finding.reason, finding.missing) == (UNKNOWN, Reason.FORBIDDEN, ("daemonsets",))


# --- Q8 ha.weaviate_backups -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("replicas", "env", "outcome", "reason"),
    [
        (3, {}, NOT_MET, None),
        (3, {"ENABLE_MODULES": "text2vec-openai"}, NOT_MET, None),
        (3, {"ENABLE_MODULES": "text2vec-openai, backup-s3"}, UNKNOWN, Reason.NOT_COLLECTED),
        (3, {"ENABLE_MODULES": "backup-gcs"}, UNKNOWN, Reason.NOT_COLLECTED),
        (3, {"ENABLE_MODULES": "backup-azure,backup-filesystem"}, UNKNOWN, Reason.NOT_COLLECTED),
        (1, {"ENABLE_MODULES": "backup-filesystem"}, UNKNOWN, Reason.NOT_COLLECTED),
        (3, {"ENABLE_MODULES": {"secretKeyRef": {"name": "s", "key": "k"}}}, UNKNOWN, Reason.NOT_COLLECTED),
    ],
)
def test_backups(replicas: int, env: dict[str, Any], outcome: Outcome, reason: Reason | None) -> None:
    finding = ask("ha.weaviate_backups", cluster(weaviate(replicas, env=env)))
    assert (finding.outcome, finding.reason) == (outcome, reason)


def test_trap_backup_filesystem_with_several_replicas_is_configured_but_unusable() -> None:
    finding = ask("ha.weaviate_backups", cluster(weaviate(env={"ENABLE_MODULES": "backup-filesystem"})))
    assert finding.outcome is NOT_MET
    assert "refuses with 3 replicas" in finding.sentence


def test_the_store_is_named_and_its_tls_looked_at() -> None:
    env = {"ENABLE_MODULES": "backup-s3", "BACKUP_S3_BUCKET": "nightly", "BACKUP_S3_USE_SSL": "False"}
    env |= {"AWS_REGION": "eu-west-1"}
    finding = ask("ha.weaviate_backups", cluster(weaviate(env=env)))
    assert fact(finding, "BACKUP_S3_BUCKET").seen == "nightly"
    assert fact(finding, "AWS_REGION").seen == "eu-west-1"
    assert bad(finding) == ["env BACKUP_S3_USE_SSL"]


@pytest.mark.parametrize(
    ("change", "ok", "seen"),
    [
        ({"status": {"lastSuccessfulTime": "2026-11-24T02:15:00Z"}}, True, "last success 2026-11-24 02:15 UTC"),
        ({}, False, "never succeeded"),
        ({"spec": {"suspend": True}, "status": {"lastSuccessfulTime": "2026-11-24T02:15:00Z"}}, False, "suspended"),
    ],
)
def test_trap_a_cronjob_that_exists_has_not_succeeded(change: dict[str, Any], ok: bool, seen: str) -> None:
    job = {
        "kind": "CronJob",
        "metadata": {"name": "backup"},
        "spec": {
            "schedule": "15 2 * * *",
            "jobTemplate": {
                "spec": {"template": {"spec": {"containers": [{"args": ["curl http://weaviate/v1/backups/s3"]}]}}}
            },
        },
    }
    finding = ask("ha.weaviate_backups", cluster(weaviate(env={"ENABLE_MODULES": "backup-s3"}), merged(job, change)))
    line = fact(finding, "/v1/backups")
    assert line.ok is ok and seen in line.seen
    assert finding.outcome is UNKNOWN


def test_modules_from_a_refused_configmap_are_unknown() -> None:
    env = {"ENABLE_MODULES": {"configMapKeyRef": {"name": "settings", "key": "modules"}}}
    finding = ask("ha.weaviate_backups", cluster(weaviate(env=env), forbidden=("configmaps",)))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.FORBIDDEN)
    assert "ConfigMap settings" in finding.sentence


# --- Q11 ha.rolling_updates -----------------------------------------------------------------------


def budget(**spec: Any) -> dict[str, Any]:
    return {"kind": "PodDisruptionBudget", "metadata": {"name": "weaviate"}, "spec": {"selector": OURS, **spec}}


ONE = budget(maxUnavailable=1)


def rolling(**update: Any) -> dict[str, Any]:
    return {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": update}}


@pytest.mark.parametrize(
    ("objects", "outcome", "wrong"),
    [
        (weaviate(), UNKNOWN, []),
        (weaviate(1), NOT_MET, ["spec.replicas"]),
        (weaviate(2), NOT_MET, ["pods an update takes at once"]),
        (weaviate(spec={"updateStrategy": {"type": "OnDelete"}}), NOT_MET, ["updateStrategy.type"]),
        (weaviate(spec=rolling(maxUnavailable="100%")), NOT_MET, ["pods an update takes at once"]),
        (weaviate(spec=rolling(maxUnavailable=2)), NOT_MET, ["pods an update takes at once"]),
        (weaviate(5, spec=rolling(maxUnavailable=2)), UNKNOWN, ["pods an update takes at once"]),
        (weaviate(spec=rolling(partition=2)), UNKNOWN, ["rollingUpdate.partition"]),
        (weaviate(container={"readinessProbe": None}), NOT_MET, ["readinessProbe"]),
        (weaviate(pod={"terminationGracePeriodSeconds": 59}), UNKNOWN, ["terminationGracePeriodSeconds"]),
        (weaviate(pod={"terminationGracePeriodSeconds": None}), UNKNOWN, ["terminationGracePeriodSeconds"]),
        (weaviate(pod={"terminationGracePeriodSeconds": 60}), UNKNOWN, []),
        (weaviate(image="semitechnologies/weaviate:latest"), NOT_MET, ["image"]),
        (weaviate(image="semitechnologies/weaviate"), NOT_MET, ["image"]),
        (weaviate(image=f"semitechnologies/weaviate@sha256:{'0' * 64}"), UNKNOWN, []),
    ],
)
def test_rolling_updates(objects: list[dict[str, Any]], outcome: Outcome, wrong: list[str]) -> None:
    finding = ask("ha.rolling_updates", cluster(objects, ONE))
    assert (finding.outcome, bad(finding)) == (outcome, wrong)
    assert finding.reason is (Reason.NOT_COLLECTED if outcome is UNKNOWN else None)


@pytest.mark.parametrize(
    ("replicas", "spec", "said"),
    [
        (3, {"maxUnavailable": 1}, ""),
        (3, {"minAvailable": 2}, ""),
        (3, {"minAvailable": "50%"}, ""),
        (5, {"minAvailable": "50%"}, "allows 2 of 5 pods to be evicted"),
        (3, {"maxUnavailable": "34%"}, "allows 2 of 3 pods to be evicted"),
        (3, {}, "allows 3 of 3 pods to be evicted"),
    ],
)
def test_budgets(replicas: int, spec: dict[str, Any], said: str) -> None:
    finding = ask("ha.rolling_updates", cluster(weaviate(replicas), budget(**spec)))
    assert said in finding.sentence
    assert bad(finding) == (["spec"] if said else [])


@pytest.mark.parametrize("spec", [{"minAvailable": 3}, {"maxUnavailable": 0}, {"minAvailable": "100%"}])
def test_trap_a_budget_that_lets_nothing_go_blocks_repair_and_upgrades(spec: dict[str, Any]) -> None:
    finding = ask("ha.rolling_updates", cluster(weaviate(), budget(**spec)))
    assert "allows no eviction" in finding.sentence and bad(finding) == ["spec"]


def test_trap_no_disruption_allowed_right_now_is_not_a_wrong_spec() -> None:
    now = ONE | {"status": {"disruptionsAllowed": 0, "currentHealthy": 2, "desiredHealthy": 2, "expectedPods": 3}}
    finding = ask("ha.rolling_updates", cluster(weaviate(), now))
    assert bad(finding) == [] and fact(finding, "disruptionsAllowed").seen == "0"


@pytest.mark.parametrize(
    ("selector", "namespace", "found"),
    [
        ({"matchLabels": {"app": "contextionary"}}, "weaviate", False),
        (OURS, "other", False),
        (None, "weaviate", False),
        ({}, "weaviate", True),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["weaviate", "x"]}]}, "weaviate", True),
        (
            {**OURS, "matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["weaviate"]}]},
            "weaviate",
            False,
        ),
    ],
)
def test_trap_the_budget_of_a_module_is_not_that_of_weaviate(selector: Any, namespace: str, found: bool) -> None:
    one = {
        "kind": "PodDisruptionBudget",
        # The label of the metadata sits on modules too; only what is selected counts.
        "metadata": {"name": "x", "namespace": namespace, "labels": {"app.kubernetes.io/name": "weaviate"}},
        "spec": {"maxUnavailable": 1, **({"selector": selector} if selector is not None else {})},
    }
    finding = ask("ha.rolling_updates", cluster(weaviate(), one))
    assert ("No PodDisruptionBudget selects the Weaviate pods" not in finding.sentence) is found


def test_two_budgets_on_the_same_pods_stop_every_drain() -> None:
    finding = ask("ha.rolling_updates", cluster(weaviate(), ONE, merged(ONE, {"metadata": {"name": "second"}})))
    assert "Several PodDisruptionBudgets select the same pods (second and weaviate)" in finding.sentence


def test_a_rollout_that_is_under_way_is_seen() -> None:
    objects = weaviate()
    of(objects, "StatefulSet")[0]["status"] |= {"updateRevision": "weaviate-2", "updatedReplicas": 1}
    of(objects, "Pod", "weaviate-2")[0]["spec"]["containers"][0]["image"] = (
        "cr.weaviate.io/semitechnologies/weaviate:1.39.0"
    )
    finding = ask("ha.rolling_updates", cluster(objects, ONE))
    assert bad(finding) == ["status, rollout", "images of the pods"]
    assert "1 of 3 pods updated" in finding.sentence


def test_trap_a_rollouts_tool_in_the_cluster_says_nothing_about_a_statefulset() -> None:
    flagger = """
        kind: Deployment
        metadata: {name: flagger, labels: {app.kubernetes.io/name: flagger}}
        spec: {template: {spec: {containers: [{name: flagger, image: 'ghcr.io/fluxcd/flagger:1.41.0'}]}}}
        """
    assert ask("ha.rolling_updates", cluster(weaviate(), ONE, flagger)) == ask(
        "ha.rolling_updates", cluster(weaviate(), ONE)
    )


def test_a_deployment_that_stops_all_pods_first_fails() -> None:
    objects = [one for one in weaviate(2) if one["kind"] not in ("StatefulSet", "Pod")]
    template = of(weaviate(2), "StatefulSet")[0]["spec"]["template"]
    spec = {"replicas": 2, "template": template, "strategy": {"type": "Recreate"}}
    deployment = {"kind": "Deployment", "metadata": {"name": "weaviate"}, "spec": spec}
    finding = ask("ha.rolling_updates", cluster(objects, deployment, ONE))
    assert (finding.outcome, bad(finding)) == (NOT_MET, ["strategy.type"])
    assert finding.reads[0] == "deployments"


def test_the_grace_period_is_a_setting() -> None:
    settings = Settings(thresholds=Thresholds(grace_period_minimum_seconds=900))
    assert bad(ask("ha.rolling_updates", cluster(weaviate(), ONE), settings)) == ["terminationGracePeriodSeconds"]


@pytest.mark.parametrize(
    ("value", "total", "up", "number"),
    [
        (1, 3, True, 1),
        ("25%", 5, True, 2),
        ("25%", 5, False, 1),
        ("100%", 3, True, 3),
        ("0%", 3, True, 0),
        ("2", 3, True, 2),
    ],
)
def test_shares_round_as_kubernetes_rounds_them(value: int | str, total: int, up: bool, number: int) -> None:
    assert scaled(value, total, up=up) == number
