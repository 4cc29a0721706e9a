"""Parameters of the cluster around Weaviate and of its members: DNS, autoscalers, names, raft voters."""

from __future__ import annotations

from readiness_kit.evidence.conditions.data import identity
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate.running import is_ready
from readiness_kit.fixes.chart_values import is_from_chart
from readiness_kit.fixes.model import OpenDecision, Value
from readiness_kit.fixes.parameters.names import pod_selector
from readiness_kit.fixes.parameters.registry import Context, parameter
from readiness_kit.kinds.meta import KubeObject
from readiness_kit.kinds.network import Service
from readiness_kit.kinds.workloads import Deployment
from readiness_kit.labels import count

DNS_REPLICAS = 2
SCALERS = {"horizontalpodautoscalers": "HorizontalPodAutoscaler", "scaledobjects": "ScaledObject"}


# --- around Weaviate ------------------------------------------------------------------------------


def name_server(facts: ClusterFacts) -> Deployment | None:
    """The Deployment of cluster DNS."""
    found: tuple[Deployment, ...] = facts.objects("deployments")
    of_system = (item for item in found if item.metadata.namespace == "kube-system")
    return next((item for item in of_system if item.metadata.labels.get("k8s-app") == "kube-dns"), None)


@parameter("name_server")
def dns(context: Context) -> Value | OpenDecision:
    """The name of the Deployment of cluster DNS; open where it has enough replicas that are not ready."""
    found = name_server(context.facts)
    if found is None:
        return OpenDecision("deployment", "the Deployment of cluster DNS", "kubectl -n kube-system get deployments")
    name, wanted = found.metadata.name, found.spec.replicas
    if wanted >= DNS_REPLICAS:
        what = f"why only {found.status.ready_replicas} of {wanted} replicas of {name} are ready"
        return OpenDecision("deployment", what, f"kubectl -n kube-system describe deployment {name}")
    return Value(name, "the Deployments in kube-system")


def autoscalers(facts: ClusterFacts) -> tuple[tuple[str, KubeObject], ...]:
    """The autoscalers of Weaviate, each with the key of its kind."""
    weaviate = facts.weaviate
    return tuple(
        (key, item)
        for key in SCALERS
        for item in facts.objects(key)
        if (item.spec.scale_target_ref.name, item.metadata.namespace) == (weaviate.name, weaviate.namespace)
        and (item.spec.scale_target_ref.kind or weaviate.kind) == weaviate.kind
    )


@parameter("autoscalers")
def scalers(context: Context) -> Value | OpenDecision:
    """The autoscalers as kubectl takes them: `horizontalpodautoscaler/weaviate`."""
    found = [f"{SCALERS[key].lower()}/{item.metadata.name}" for key, item in autoscalers(context.facts)]
    if not found:
        return OpenDecision("autoscalers", "the autoscalers of Weaviate", "kubectl get hpa,scaledobjects -A")
    return Value(found, "the autoscalers that were read")


@parameter("webhooks")
def webhooks(context: Context) -> Value | OpenDecision:
    """The webhooks without which no pod of Weaviate can start."""
    found = [*context.subjects("MutatingWebhookConfiguration"), *context.subjects("ValidatingWebhookConfiguration")]
    if not found:
        how = "kubectl get mutatingwebhookconfigurations,validatingwebhookconfigurations"
        return OpenDecision("webhooks", "the webhooks that are called for the pods", how)
    return Value(names(found), "the webhook configurations that were read")


@parameter("service_account")
def service_account(context: Context) -> Value:
    """The ServiceAccount of the pods."""
    return Value(context.facts.weaviate.service_account, "the pod template")


# --- members --------------------------------------------------------------------------------------


@parameter("absent_members")
def absent_members(context: Context) -> Value:
    """The pods that are not ready, or that Weaviate does not report as healthy; otherwise the nodes of Weaviate."""
    facts = context.facts
    answer = facts.answer("weaviate/nodes")
    absent = {pod.metadata.name for pod in facts.weaviate.pods if not is_ready(pod)}
    if answer is not None:
        healthy = {node.name.partition(".")[0] for node in answer.nodes if node.status == "HEALTHY"}
        absent |= {pod.metadata.name for pod in facts.weaviate.desired_pods} - healthy
    if facts.raft is not None:
        absent |= {member.place.weaviate_node for member in facts.raft.members if not member.live}
    return Value(names(absent) if absent else "the nodes of Weaviate", "the state of pods, nodes and raft members")


@parameter("join_address")
def join_address(context: Context) -> Value | OpenDecision:
    """The headless Service of the pods, with the port if the present address has one."""
    facts, weaviate = context.facts, context.facts.weaviate
    name = _headless(facts)
    if is_from_chart(weaviate.object):
        what = f"why {identity.JOIN} differs from what the chart sets by itself"
        how = f"helm get values -n {weaviate.namespace} RELEASE: remove env.{identity.JOIN}, then upgrade"
        return OpenDecision("address", what, how)
    if not name:
        return OpenDecision("address", "the headless Service of the pods: there is none", "create one for the pods")
    present, gossip = weaviate.env(identity.JOIN).value, weaviate.env(identity.GOSSIP)
    port = gossip.value if gossip.known and gossip.value else identity.DEFAULT_GOSSIP_PORT
    address = f"{name}.{weaviate.namespace}.svc.cluster.local."
    last = present.rpartition(":")[2]
    return Value(f"{address}:{port}" if last.isdigit() else address, "the headless Service of the pods")


def _headless(facts: ClusterFacts) -> str:
    labels = facts.weaviate.pod_labels.items()
    for item in facts.objects("services"):
        own = item.metadata.namespace == facts.weaviate.namespace and item.spec.selector
        if own and item.spec.cluster_ip == "None" and item.spec.selector.items() <= labels:
            return str(item.metadata.name)
    return ""


@parameter("service_name")
def service_name(context: Context) -> Value | OpenDecision:
    """The name of the Service that is missing; open where Helm creates it again."""
    weaviate = context.facts.weaviate
    workload = weaviate.stateful_set
    name = workload.spec.service_name if workload is not None else ""
    if not name or is_from_chart(weaviate.object):
        what = f"why the Service {name or 'of the StatefulSet'}, which the chart creates, is missing"
        return OpenDecision("service", what, "run `helm upgrade` again with the values in use: it creates the Service")
    return Value(name, "serviceName of the StatefulSet")


@parameter("service_selector")
def service_selector(context: Context) -> Value:
    """The labels of a selector for exactly the pods; a Service has no expressions."""
    found = pod_selector(context)
    labels = found.value.get("matchLabels") if isinstance(found, Value) else None
    return Value(labels or dict(context.facts.weaviate.pod_labels), "the selector of the workload")


@parameter("gossip_port")
def gossip_port(context: Context) -> Value:
    """The port on which the pods listen for members."""
    value = context.facts.weaviate.env(identity.GOSSIP)
    known = value.known and value.value.isdigit()
    return Value(int(value.value if known else identity.DEFAULT_GOSSIP_PORT), f"env {identity.GOSSIP}, or the default")


@parameter("raft_join")
def raft_join(context: Context) -> Value | OpenDecision:
    """The first pods as voters, three up to nine pods and five from ten on, as the chart counts them."""
    workload, replicas = context.facts.weaviate.stateful_set, context.facts.weaviate.replicas
    if workload is None or replicas < 1:
        return OpenDecision("voters", "the names of the members, which only a StatefulSet keeps", "use a StatefulSet")
    pods = context.facts.weaviate.pod_names[: raft_voters(replicas)]
    return Value(",".join(pods), count(replicas, "replica"))


def raft_voters(replicas: int) -> int:
    """The voters for a number of pods, as the chart counts them."""
    return 1 if replicas < 3 else 3 if replicas < 10 else 5


@parameter("raft_expect")
def raft_expect(context: Context) -> Value:
    """The number of voters to wait for at the first start."""
    replicas = context.facts.weaviate.replicas
    return Value(raft_voters(replicas), count(replicas, "replica"))


@parameter("leftover_claims")
def leftover_claims(context: Context) -> Value:
    """The claims of pods that no longer exist."""
    found = [check.seen for check in context.checks]
    return Value(found[0] if found else "the claims of removed pods", "the claims in the namespace of Weaviate")


def services(facts: ClusterFacts) -> tuple[Service, ...]:
    """The Services of the pods that have an address."""
    labels = facts.weaviate.pod_labels.items()
    return tuple(
        item
        for item in facts.objects("services")
        if item.metadata.namespace == facts.weaviate.namespace
        and item.spec.selector
        and item.spec.selector.items() <= labels
        and item.spec.cluster_ip != "None"
    )
