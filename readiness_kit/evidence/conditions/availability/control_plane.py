"""The control plane: how many instances show, who runs it, and what of Weaviate needs it to be there.

Managed control planes are invisible: no node of theirs is in the list, and that says nothing. What providers do by
themselves is their documentation's word; it can warn, and never fails a question.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.kubernetes.selectors import matches
from readiness_kit.facts.kubernetes.topology import zone_of_node
from readiness_kit.kinds.access import Webhook
from readiness_kit.kinds.cluster import Node
from readiness_kit.labels import count
from readiness_kit.model import Check, Outcome, Reason, Ref

PARTLY = Outcome.PARTLY
ROLES = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
ETCD = "node-role.kubernetes.io/etcd"
IDENTITY = "apiserver.kubernetes.io/identity"
FRESH = timedelta(hours=1)
CLUSTER = Ref("Cluster", "control plane")
_PROVIDERS = {
    "EKS": ("aws://", ("eks.amazonaws.com/",), "-eks-"),
    "GKE": ("gce://", ("cloud.google.com/gke-",), "-gke."),
    "AKS": ("azure://", ("kubernetes.azure.com/",), ""),
}
ASK = {
    "EKS": "EKS runs it in several zones.",
    "GKE": "Is it a regional cluster? A zonal one has one control plane.",
    "AKS": "Is it of the Standard or Premium tier? The free one promises nothing.",
    "": "Who runs the control plane, and on how many machines?",
}


def provider(facts: ClusterFacts) -> str:
    """EKS, GKE or AKS by the labels of the nodes or the version's suffix; "" for none of them."""
    version = facts.snapshot.manifest.server_version
    for name, (scheme, labels, suffix) in _PROVIDERS.items():
        nodes = [one for one in facts.objects("nodes") if one.spec.provider_id.startswith(scheme)]
        marked = any(key.startswith(labels) for one in facts.objects("nodes") for key in one.metadata.labels)
        if (suffix and suffix in version) or (nodes and marked) or marked:
            return name
    return ""


def instances(facts: ClusterFacts) -> list[Check]:
    """Q3. Visible control-plane nodes decide; where there are none, the leases of the API servers."""
    masters = [one for one in facts.objects("nodes") if any(role in one.metadata.labels for role in ROLES)]
    if masters:
        return _self_managed(facts, masters)
    name = provider(facts)
    lines = [Subject(CLUSTER, "nodes").info("run by", name or "not told")]
    why = facts.missing("leases")
    on = Subject(CLUSTER, "leases")
    if why is not None:
        message = f"The leases of the API servers could not be read, and no control-plane node is visible. {ASK[name]}"
        return [*lines, on.unread("API servers", "2 or more", why, message=message)]
    servers = _servers(facts)
    if len(servers) >= 2:
        seen = f"{len(servers)} hold a lease{', provider-run' if name else ''}"
        return [*lines, on.check("API servers", seen, "2 or more", True)]
    if not servers:
        message = f"Nothing shows how many API servers there are. {ASK[name]}"
        return [*lines, on.unread("API servers", "2 or more", Reason.NOT_OBSERVABLE, message=message)]
    message = f"One API server holds a lease; there may be more behind one address. {ASK[name]}"
    return [*lines, on.check("API servers", 1, "2 or more", False, message=message, on_failure=PARTLY)]


def _servers(facts: ClusterFacts) -> list[str]:
    """Leases of API servers that were renewed within the hour: those of servers that are gone stay for a while."""
    return [
        one.metadata.name
        for one in facts.objects("leases")
        if (one.metadata.labels.get(IDENTITY) == "kube-apiserver" or one.metadata.name.startswith("apiserver-"))
        and one.spec.renew_time is not None
        and facts.as_of - one.spec.renew_time < FRESH
    ]


def _self_managed(facts: ClusterFacts, masters: list[Node]) -> list[Check]:
    number = len(masters)
    message = f"The control plane runs on {count(number, 'node')}; three survive the loss of one."
    outcome = Outcome.NOT_MET if number == 1 else PARTLY
    ok = number >= 3 and number % 2 == 1
    lines = [
        Subject(CLUSTER, "nodes").check(
            "control-plane nodes", number, "3 or more, odd", ok, message=message, on_failure=outcome
        ),
        *_zones(masters),
    ]
    return [*lines, *_members(facts)] if number > 1 else lines


def _zones(masters: list[Node]) -> list[Check]:
    zones = Counter(zone for one in masters if (zone := zone_of_node(one)))
    field, expected = "zones of the control-plane nodes", "2 or more"
    on = Subject(CLUSTER, "nodes")
    if not zones:
        message = "In which zones the control-plane nodes stand is not known."
        return [on.unread(field, expected, Reason.NOT_OBSERVABLE, message=message)]
    message = f"All control-plane nodes stand in one zone, {names(zones)}."
    return [on.check(field, names(zones), expected, len(zones) >= 2, message=message, on_failure=PARTLY)]


def _members(facts: ClusterFacts) -> list[Check]:
    """Members of etcd: its pods where they were read, else the nodes that carry its role (k3s, RKE)."""
    pods = [
        one
        for one in facts.objects("pods")
        if one.metadata.namespace == "kube-system" and one.metadata.labels.get("component") == "etcd"
    ]
    number = len(pods) or sum(1 for one in facts.objects("nodes") if ETCD in one.metadata.labels)
    field, expected = "etcd members", "3 or more"
    if not number:
        message = "How many members etcd has is not visible."
        return [Subject(CLUSTER, "pods").unread(field, expected, Reason.NOT_OBSERVABLE, message=message)]
    message = f"etcd has {count(number, 'member')}."
    source = "pods" if pods else "nodes"
    return [Subject(CLUSTER, source).check(field, number, expected, number >= 3, message=message, on_failure=PARTLY)]


# --- what needs it --------------------------------------------------------------------------------


def dependencies(facts: ClusterFacts) -> list[Check]:
    """Q4: what of Weaviate's pods, or of what happens to them, needs the API server or a service beside it."""
    return [*_bindings(facts), *_webhooks(facts), *_scalers(facts), *_starters(facts), *_name_servers(facts)]


def _bindings(facts: ClusterFacts) -> list[Check]:
    weaviate = facts.weaviate
    lines = []
    for key, kind in (("rolebindings", "RoleBinding"), ("clusterrolebindings", "ClusterRoleBinding")):
        for one in facts.objects(key):
            for subject in one.subjects:
                home = subject.namespace or one.metadata.namespace
                mine = (subject.kind, subject.name, home)
                if mine != ("ServiceAccount", weaviate.service_account, weaviate.namespace):
                    continue
                ref = Ref(kind, one.metadata.name, one.metadata.namespace)
                message = f"{kind} {ref.name} gives Weaviate's ServiceAccount rights in the Kubernetes API."
                seen = f"{one.role_ref.kind} {one.role_ref.name}"
                lines.append(
                    Subject(ref, key).check(
                        "subjects", seen, "none of Weaviate", False, message=message, on_failure=PARTLY
                    )
                )
    return lines


def _webhooks(facts: ClusterFacts) -> list[Check]:
    lines = []
    for key, kind in (
        ("mutatingwebhookconfigurations", "MutatingWebhookConfiguration"),
        ("validatingwebhookconfigurations", "ValidatingWebhookConfiguration"),
    ):
        for one in facts.objects(key):
            blocking = [hook.name for hook in one.webhooks if _blocks(facts, hook)]
            if blocking:
                message = f"While the webhook {one.metadata.name} does not answer, no pod of Weaviate can start again."
                ref, expected = Ref(kind, one.metadata.name), "Ignore, or not for these pods"
                lines.append(
                    Subject(ref, key).check(
                        "failurePolicy", "Fail", expected, False, message=message, on_failure=PARTLY
                    )
                )
    return lines


def _blocks(facts: ClusterFacts, hook: Webhook) -> bool:
    weaviate = facts.weaviate
    labels = {"kubernetes.io/metadata.name": weaviate.namespace}
    for one in facts.objects("namespaces"):
        if one.metadata.name == weaviate.namespace:
            labels |= one.metadata.labels
    on_pods = any(
        {"pods", "*", "*/*"} & set(rule.resources)
        and {"CREATE", "*"} & set(rule.operations)
        and {"", "*"} & set(rule.api_groups)
        for rule in hook.rules
    )
    chosen = hook.namespace_selector is None or matches(hook.namespace_selector, labels)
    chosen = chosen and (hook.object_selector is None or matches(hook.object_selector, weaviate.pod_labels))
    return hook.failure_policy == "Fail" and on_pods and chosen


def _scalers(facts: ClusterFacts) -> list[Check]:
    """An autoscaler over a StatefulSet with data moves none of it: a warning, never a merit."""
    weaviate = facts.weaviate
    lines = []
    for key, kind in (("horizontalpodautoscalers", "HorizontalPodAutoscaler"), ("scaledobjects", "ScaledObject")):
        for one in facts.objects(key):
            target = one.spec.scale_target_ref
            named = (target.name, one.metadata.namespace) == (weaviate.name, weaviate.namespace)
            if named and (target.kind or weaviate.kind) == weaviate.kind:
                message = f"{kind} {one.metadata.name} scales Weaviate, which moves no data by itself."
                ref = Ref(kind, one.metadata.name, one.metadata.namespace)
                lines.append(
                    Subject(ref, key).check(
                        "scaleTargetRef", weaviate.name, "not Weaviate", False, message=message, on_failure=PARTLY
                    )
                )
    return lines


def _starters(facts: ClusterFacts) -> list[Check]:
    """Services that have to answer before a pod can start again."""
    weaviate = facts.weaviate
    found = []
    if weaviate.pod_annotations.get("vault.hashicorp.com/agent-inject") == "true":
        found.append("Vault (agent-inject)")
    for one in weaviate.spec.volumes:
        if one.csi is not None and one.csi.driver == "secrets-store.csi.k8s.io":
            found.append("a secret store (CSI volume)")
    if not found:
        return []
    message = f"A pod that starts again waits for {names(found)}."
    return [
        weaviate_subject(facts).check(
            "needed to start", names(found), "nothing", False, message=message, on_failure=PARTLY
        )
    ]


def _name_servers(facts: ClusterFacts) -> list[Check]:
    for one in facts.objects("deployments"):
        if one.metadata.namespace == "kube-system" and one.metadata.labels.get("k8s-app") == "kube-dns":
            ref = Ref("Deployment", one.metadata.name, "kube-system")
            ready = one.status.ready_replicas
            return [Subject(ref, "deployments").info("ready replicas", ready, "2 or more", ready >= 2)]
    return []


def not_needed(facts: ClusterFacts) -> Check:
    """Weaviate finds its peers by DNS and gossip; a pod of one needs names of pods that are not ready yet."""
    weaviate = facts.weaviate
    token = weaviate.mounts_token
    seen = {True: "mounted", False: "not mounted", None: "not known"}[token]
    return weaviate_subject(facts).info("token of the Kubernetes API", seen, "not mounted", token is False)
