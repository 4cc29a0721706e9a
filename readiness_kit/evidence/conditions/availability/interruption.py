"""What takes Weaviate's pods away on purpose: nodes that the provider may reclaim, and pods of higher priority."""

from __future__ import annotations

from readiness_kit.evidence.checks import weaviate_subject
from readiness_kit.evidence.wording import agree, names
from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds.cluster import Node
from readiness_kit.labels import count
from readiness_kit.model import Check, Outcome

SPOT_LABELS = {
    "eks.amazonaws.com/capacityType": ("spot",),
    "karpenter.sh/capacity-type": ("spot",),
    "cloud.google.com/gke-spot": ("true",),
    "cloud.google.com/gke-preemptible": ("true",),
    "cloud.google.com/gke-provisioning": ("spot", "preemptible"),
    "kubernetes.azure.com/scalesetpriority": ("spot",),
    "oci.oraclecloud.com/oke-is-preemptible": ("true",),
    "node.kubernetes.io/lifecycle": ("spot", "preemptible"),
    "node.alibabacloud.com/spot": ("true",),
    "spotinst.io/node-lifecycle": ("spot",),
}
"""Label of a node -> values (in lower case) with which the provider may take the node back."""


def is_spot(node: Node) -> bool:
    """Whether the provider may reclaim a node at short notice."""
    labels = node.metadata.labels
    return any(labels.get(key, "").lower() in values for key, values in SPOT_LABELS.items())


def checks(facts: ClusterFacts) -> list[Check]:
    """No pod of Weaviate is on a spot node; the priority of the pods."""
    weaviate, on = facts.weaviate, weaviate_subject(facts, "nodes")
    spot = {node.metadata.name for node in facts.objects("nodes") if is_spot(node)}
    hosts = [pod.spec.node_name for pod in weaviate.pods if pod.spec.node_name]
    affected = sorted(set(hosts) & spot)
    found = []
    if affected:
        every, number = set(hosts) <= spot, sum(host in spot for host in hosts)
        seen = f"{names(affected)}: spot or preemptible"
        message = (
            f"{count(number, 'pod')} of Weaviate {agree(number, 'is', 'are')} on spot nodes ({names(affected)}): "
            f"the provider may take {'all of them' if every else 'them'} away at once."
        )
        outcome = Outcome.NOT_MET if every else Outcome.PARTLY
        field, fix = "capacity of the nodes", "nodes.on_demand"
        found.append(on.check(field, seen, "on demand", False, message=message, on_failure=outcome, fix=fix))
    name = weaviate.spec.priority_class_name
    seen = name or "not set: pods of a higher priority may evict Weaviate when nodes are full"
    return [*found, weaviate_subject(facts).info("priorityClassName", seen)]
