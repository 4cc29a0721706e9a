"""The control plane: how many instances are visible, who operates it, and what Weaviate needs it for.

Managed control planes are invisible: none of their nodes is in the list, which proves nothing. What a provider does
by default is known from its documentation only, so it can warn and never fails a question.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.wording import agree, names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.kubernetes.grants import grants
from readiness_kit.facts.kubernetes.provider import provider
from readiness_kit.facts.kubernetes.selectors import matches
from readiness_kit.facts.kubernetes.topology import is_ready, zone_of_node
from readiness_kit.kinds.access import Webhook
from readiness_kit.kinds.cluster import Node
from readiness_kit.labels import count
from readiness_kit.model import Check, Outcome, Reason, Ref

PARTLY = Outcome.PARTLY
ROLES = {
    "node-role.kubernetes.io/control-plane": "",
    "node-role.kubernetes.io/master": "",
    "node-role.kubernetes.io/controlplane": "",
    "node.kubernetes.io/microk8s-controlplane": "",
    "node.k0sproject.io/role": "control-plane",
}
"""Labels of control-plane nodes (Kubernetes, Talos, k3s, RKE2; RKE; MicroK8s; k0s), with the value where it matters."""
ETCD = "node-role.kubernetes.io/etcd"
IDENTITY = "apiserver.kubernetes.io/identity"
LEASE_AGE = timedelta(hours=1)
CLUSTER = Ref("Cluster", "control plane")
ASK = {
    "EKS": "EKS runs it in several zones.",
    "GKE": "Is the cluster regional? A zonal cluster has a single control plane.",
    "AKS": "Is it in the Standard or Premium tier? The Free tier has no uptime SLA.",
    "": "Who operates the control plane, and on how many machines?",
}


def instances(facts: ClusterFacts) -> list[Check]:
    """Q3: the visible control-plane nodes; where there are none, the leases of the API servers."""
    masters = [node for node in facts.objects("nodes") if is_control_plane(node)]
    if masters:
        return _self_managed(facts, masters)
    name = provider(facts)
    checks = [Subject(CLUSTER, "nodes").info("operated by", name or "unknown")]
    on, field, expected = Subject(CLUSTER, "leases"), "API servers", "2 or more"
    message = f"No control-plane node is visible, and the leases of the API servers could not be read. {ASK[name]}"
    if unread := on.missing(facts, field, expected, message):
        return [*checks, *unread]
    servers = _servers(facts)
    if len(servers) >= 2:
        seen = f"{len(servers)} hold a lease{', operated by the provider' if name else ''}"
        return [*checks, on.check(field, seen, expected, True)]
    if not servers:
        message = f"The number of API servers is not visible. {ASK[name]}"
        fix = "control_plane.three"
        return [*checks, on.unread(field, expected, Reason.NOT_OBSERVABLE, message=message, fix=fix)]
    message = f"One API server holds a lease; there may be several behind one address. {ASK[name]}"
    fix = "control_plane.three"
    return [*checks, on.check(field, 1, expected, False, message=message, on_failure=PARTLY, fix=fix)]


def is_control_plane(node: Node) -> bool:
    """Whether a label marks a node as one of the control plane."""
    labels = node.metadata.labels
    return any(key in labels and labels[key] == (value or labels[key]) for key, value in ROLES.items())


def _servers(facts: ClusterFacts) -> list[str]:
    """API servers that renewed their lease within the hour; leases of removed servers remain for some time."""
    return [
        lease.metadata.name
        for lease in facts.objects("leases")
        if (lease.metadata.labels.get(IDENTITY) == "kube-apiserver" or lease.metadata.name.startswith("apiserver-"))
        and lease.spec.renew_time is not None
        and facts.as_of - lease.spec.renew_time < LEASE_AGE
    ]


def _self_managed(facts: ClusterFacts, masters: list[Node]) -> list[Check]:
    number = len(masters)
    message = f"The control plane runs on {count(number, 'node')}; three are needed to survive the loss of one."
    outcome = Outcome.NOT_MET if number == 1 else PARTLY
    ok = number >= 3 and number % 2 == 1
    on = Subject(CLUSTER, "nodes")
    field, expected, fix = "control-plane nodes", "3 or more, odd", "control_plane.three"
    nodes = on.check(field, number, expected, ok, message=message, on_failure=outcome, fix=fix)
    return [nodes, _ready(masters), _zones(masters), *([_members(facts)] if number > 1 else [])]


def _ready(masters: list[Node]) -> Check:
    absent = [node.metadata.name for node in masters if not is_ready(node)]
    on, field, expected = Subject(CLUSTER, "nodes"), "control-plane nodes that are ready", str(len(masters))
    rest = len(masters) - len(absent)
    quorum = "" if 2 * rest > len(masters) else ", and the control plane has no majority"
    message = f"{names(absent)} of the control plane {agree(len(absent), 'is', 'are')} not ready{quorum}."
    fix = "control_plane.restore"
    return on.check(field, rest, expected, not absent, message=message, on_failure=PARTLY, fix=fix)


def _zones(masters: list[Node]) -> Check:
    zones = {zone for node in masters if (zone := zone_of_node(node))}
    on, field, expected = Subject(CLUSTER, "nodes"), "zones of the control-plane nodes", "2 or more"
    if not zones:
        message = "The zones of the control-plane nodes are not known."
        return on.unread(field, expected, Reason.NOT_OBSERVABLE, message=message)
    message = f"All control-plane nodes are in one zone, {names(zones)}."
    ok, fix = len(zones) >= 2, "control_plane.three"
    return on.check(field, names(zones), expected, ok, message=message, on_failure=PARTLY, fix=fix)


def _members(facts: ClusterFacts) -> Check:
    """Members of etcd: its ready pods where they were read, otherwise the nodes with its role (k3s, RKE)."""
    pods = sum(
        pod.metadata.namespace == "kube-system"
        and pod.metadata.labels.get("component") == "etcd"
        and any((each.type, each.status) == ("Ready", "True") for each in pod.status.conditions)
        for pod in facts.objects("pods")
    )
    number = pods or sum(ETCD in node.metadata.labels for node in facts.objects("nodes"))
    field, expected = "etcd members", "3 or more"
    if not number:
        message = "The number of etcd members is not visible."
        return Subject(CLUSTER, "pods").unread(field, expected, Reason.NOT_OBSERVABLE, message=message)
    message = f"etcd has {count(number, 'member')}; three are needed to survive the loss of one."
    on, ok, fix = Subject(CLUSTER, "pods" if pods else "nodes"), number >= 3, "control_plane.three"
    return on.check(field, number, expected, ok, message=message, on_failure=PARTLY, fix=fix)


# --- what needs the control plane -----------------------------------------------------------------


def dependencies(facts: ClusterFacts) -> list[Check]:
    """Q4: what Weaviate's pods need from the API server, or from services next to it."""
    return [*_bindings(facts), *_webhooks(facts), *_scalers(facts), *_start_up(facts), *_name_servers(facts)]


def _bindings(facts: ClusterFacts) -> Iterator[Check]:
    """Bindings that name Weaviate's account: a sign that something in its pods calls the Kubernetes API."""
    for grant in grants(facts):
        if grant.direct:
            on, role = Subject.of(grant.key, grant.binding), grant.binding.role_ref
            message = f"{on.ref.kind} {on.ref.name} grants Weaviate's ServiceAccount rights in the Kubernetes API."
            seen = f"{role.kind} {role.name}"
            expected, fix = "not Weaviate", "identity.bindings"
            yield on.check("subjects", seen, expected, False, message=message, on_failure=PARTLY, fix=fix)


def _webhooks(facts: ClusterFacts) -> Iterator[Check]:
    for key in ("mutatingwebhookconfigurations", "validatingwebhookconfigurations"):
        for configuration in facts.objects(key):
            if any(_blocks(facts, hook) for hook in configuration.webhooks):
                message = f"No Weaviate pod can start while the webhook {configuration.metadata.name} does not answer."
                on, expected = Subject.of(key, configuration), "Ignore, or not for these pods"
                fix = "webhooks.available"
                yield on.check("failurePolicy", "Fail", expected, False, message=message, on_failure=PARTLY, fix=fix)


def _blocks(facts: ClusterFacts, hook: Webhook) -> bool:
    weaviate = facts.weaviate
    labels = {"kubernetes.io/metadata.name": weaviate.namespace}
    for namespace in facts.objects("namespaces"):
        if namespace.metadata.name == weaviate.namespace:
            labels |= namespace.metadata.labels
    on_pods = any(
        {"pods", "*", "*/*"} & set(rule.resources)
        and {"CREATE", "*"} & set(rule.operations)
        and {"", "*"} & set(rule.api_groups)
        for rule in hook.rules
    )
    selected = hook.namespace_selector is None or matches(hook.namespace_selector, labels)
    pods, chosen = weaviate.desired_pods, hook.object_selector
    selected = selected and (chosen is None or any(matches(chosen, pod.metadata.labels) for pod in pods))
    return hook.failure_policy == "Fail" and on_pods and selected


def _scalers(facts: ClusterFacts) -> Iterator[Check]:
    """An autoscaler of a StatefulSet does not move its data, so it is a warning and never counts in favour."""
    weaviate = facts.weaviate
    for key in ("horizontalpodautoscalers", "scaledobjects"):
        for scaler in facts.objects(key):
            target = scaler.spec.scale_target_ref
            same_name = (target.name, scaler.metadata.namespace) == (weaviate.name, weaviate.namespace)
            if same_name and (target.kind or weaviate.kind) == weaviate.kind:
                on = Subject.of(key, scaler)
                message = f"{on.ref.kind} {on.ref.name} scales Weaviate, which does not move data by itself."
                field, expected, fix = "scaleTargetRef", "not Weaviate", "autoscaler.remove"
                yield on.check(field, weaviate.name, expected, False, message=message, on_failure=PARTLY, fix=fix)


def _start_up(facts: ClusterFacts) -> list[Check]:
    """Services that have to answer before a pod can start."""
    weaviate = facts.weaviate
    drivers = {volume.csi.driver for volume in weaviate.spec.volumes if volume.csi is not None}
    found = ["a secrets store (CSI volume)"] if "secrets-store.csi.k8s.io" in drivers else []
    if weaviate.pod_annotations.get("vault.hashicorp.com/agent-inject") == "true":
        found.append("Vault (agent-inject)")
    if not found:
        return []
    message, on = f"A restarting pod waits for {names(found)}.", weaviate_subject(facts)
    field, fix = "needed to start", "startup.secrets"
    return [on.check(field, names(found), "nothing", False, message=message, on_failure=PARTLY, fix=fix)]


def _name_servers(facts: ClusterFacts) -> list[Check]:
    for deployment in () if facts.from_manifests else facts.objects("deployments"):
        metadata, ready = deployment.metadata, deployment.status.ready_replicas
        if metadata.namespace == "kube-system" and metadata.labels.get("k8s-app") == "kube-dns":
            on = Subject.of("deployments", deployment)
            message = f"Cluster DNS ({metadata.name}) has {ready} ready replicas; pods find their peers through it."
            field, expected, ok = "ready replicas", "2 or more", ready >= 2
            return [on.check(field, ready, expected, ok, message=message, on_failure=PARTLY, fix="dns.replicas")]
    return []


def api_token(facts: ClusterFacts) -> Check:
    """Weaviate finds its peers by DNS and gossip, so its pods need no token of the Kubernetes API."""
    token = facts.weaviate.mounts_token
    seen = {True: "mounted", False: "not mounted", None: "not known"}[token]
    return weaviate_subject(facts).info("token of the Kubernetes API", f"{seen}; Weaviate does not need it")
