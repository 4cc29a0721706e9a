"""Whether an object of a tool has to do with this Weaviate: with its namespace, its pods, claims or nodes.

One short function a kind; a kind without one counts where it stands in Weaviate's namespace. Each gives what was
seen (the words of a fact), or "" where the object has nothing to do with Weaviate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from readiness_kit.facts.kubernetes.selectors import matches
from readiness_kit.facts.kubernetes.topology import selects_node, tolerates
from readiness_kit.kinds.cluster import Node
from readiness_kit.kinds.meta import LabelSelector
from readiness_kit.kinds.workloads import DaemonSet

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

Rule = Callable[["ClusterFacts", Any], str]
ISTIO_ROOT = "istio-system"
SELF_TOLERATED = "node.kubernetes.io/"
"""Taints of states of a node, which the DaemonSet controller has every one of its pods tolerate."""
KASTEN_NAMESPACE = "k10.kasten.io/appNamespace"
LONGHORN_DEFAULT = "default"


def relevance_to_weaviate(facts: ClusterFacts, key: str, one: Any) -> str:
    """What of this object (of the kind `key`) concerns Weaviate, in a few words; "" for nothing."""
    return RULES.get(key, _in_namespace)(facts, one)


def nodes_of_weaviate(facts: ClusterFacts) -> tuple[Node, ...]:
    """The nodes on which pods of Weaviate run, as far as nodes and pods were read."""
    names = {pod.spec.node_name for pod in facts.weaviate.pods}
    return tuple(node for node in facts.objects("nodes") if node.metadata.name in names)


def schedules_on(daemonset: DaemonSet, node: Node) -> bool:
    """Whether the DaemonSet controller makes a pod for this node. On Fargate no DaemonSet runs."""
    labels = node.metadata.labels
    if labels.get("eks.amazonaws.com/compute-type") == "fargate":
        return False
    spec = daemonset.spec.template.spec
    taints = [taint for taint in node.spec.taints if not taint.key.startswith(SELF_TOLERATED)]
    affinity = spec.affinity.node_affinity if spec.affinity else None
    required = affinity.required_during_scheduling_ignored_during_execution if affinity else None
    return (
        tolerates(taints, spec.tolerations)
        and all(labels.get(key) == value for key, value in spec.node_selector.items())
        and (required is None or selects_node(required, node))
    )


def _in_namespace(facts: ClusterFacts, one: Any) -> str:
    namespace = facts.weaviate.namespace
    return f"in the namespace {namespace}" if one.metadata.namespace == namespace else ""


def _selects_nodes(facts: ClusterFacts, one: Any) -> str:
    """A NodeHealthCheck: the nodes that its selector covers."""
    ours = nodes_of_weaviate(facts)
    covered = [node for node in ours if matches(one.spec.selector, node.metadata.labels)]
    return f"selects {len(covered)} of {len(ours)} nodes with Weaviate" if covered else ""


def _not_attributable(facts: ClusterFacts, one: Any) -> str:
    """Objects that cannot be tied to Weaviate by what is kept of them."""
    return ""


def _included(facts: ClusterFacts, included: Iterable[str] | None, excluded: Iterable[str] | None) -> bool:
    """Velero's lists: none included, or `*`, is every namespace."""
    namespace = facts.weaviate.namespace
    listed = tuple(included or ())
    return (not listed or "*" in listed or namespace in listed) and namespace not in (excluded or ())


def _velero_schedule(facts: ClusterFacts, one: Any) -> str:
    scope = one.spec.template
    if not _included(facts, scope.included_namespaces, scope.excluded_namespaces):
        return ""
    state = "paused" if one.spec.paused else one.status.phase or "no phase"
    last = f", last backup {one.status.last_backup:%Y-%m-%d %H:%M} UTC" if one.status.last_backup else ""
    return f"schedule {one.spec.schedule}, {state}{last}{_narrowed(scope.label_selector)}"


def _velero_run(facts: ClusterFacts, one: Any) -> str:
    scope = one.spec
    if not _included(facts, scope.included_namespaces, scope.excluded_namespaces):
        return ""
    done = one.status.completion_timestamp
    return f"{one.status.phase or 'no phase'}{f', {done:%Y-%m-%d}' if done else ''}"


def _narrowed(selector: LabelSelector | None) -> str:
    return ", only objects of a label selector" if selector is not None and selector != LabelSelector() else ""


def _kasten(facts: ClusterFacts, one: Any) -> str:
    """The selector is over applications, which are namespaces; none at all selects them all."""
    backs_up = any(action.action == "backup" for action in one.spec.actions)
    labels = {KASTEN_NAMESPACE: facts.weaviate.namespace}
    selected = one.spec.selector is None or matches(one.spec.selector, labels)
    state = " (paused)" if one.spec.paused else ""
    return f"backs up the namespace {one.spec.frequency}{state}" if backs_up and selected else ""


def _claims(facts: ClusterFacts) -> tuple[Any, ...]:
    namespace = facts.weaviate.namespace
    return tuple(one for one in facts.weaviate.claims if one.metadata.namespace == namespace)


def _recurring_job(facts: ClusterFacts, one: Any) -> str:
    """Longhorn binds jobs to volumes by groups; the group `default` is all volumes without another."""
    backs_up = one.spec.task.startswith(("backup", "snapshot"))
    drivers = {
        volume.spec.csi.driver
        for volume in facts.objects("persistentvolumes")
        if volume.spec.csi is not None and volume.metadata.name in {claim.spec.volume_name for claim in _claims(facts)}
    }
    if not backs_up or "driver.longhorn.io" not in drivers or LONGHORN_DEFAULT not in (one.spec.groups or ()):
        return ""
    return f"{one.spec.task} by {one.spec.cron}, for volumes without jobs of their own"


def _replication_source(facts: ClusterFacts, one: Any) -> str:
    if not _in_namespace(facts, one) or one.spec.source_pvc not in {claim.metadata.name for claim in _claims(facts)}:
        return ""
    synced = one.status.last_sync_time if one.status else None
    return f"claim {one.spec.source_pvc}, {f'last sync {synced:%Y-%m-%d %H:%M} UTC' if synced else 'never synced'}"


def _snapshot_schedule(facts: ClusterFacts, one: Any) -> str:
    if not _in_namespace(facts, one):
        return ""
    selector = one.spec.claim_selector or LabelSelector()
    ours = _claims(facts)
    covered = [claim for claim in ours if matches(selector, claim.metadata.labels)]
    state = "disabled" if one.spec.disabled else f"schedule {one.spec.schedule}"
    return f"{state}, {len(covered)} of {len(ours)} claims" if covered else ""


def _chaos(facts: ClusterFacts, one: Any) -> str:
    aimed = one.spec.selector.namespaces or (one.metadata.namespace,)
    return f"{one.spec.action} aimed at the namespace" if facts.weaviate.namespace in aimed else ""


def _chaos_schedule(facts: ClusterFacts, one: Any) -> str:
    for spec in (one.spec.pod_chaos, one.spec.network_chaos):
        if spec is not None and facts.weaviate.namespace in (spec.selector.namespaces or (one.metadata.namespace,)):
            ran = f"last run {one.status.time:%Y-%m-%d}" if one.status.time else "not run yet"
            return f"{one.spec.type} by {one.spec.schedule}, {ran}"
    return ""


def _litmus_engine(facts: ClusterFacts, one: Any) -> str:
    return "aimed at the namespace" if one.spec.target.namespace == facts.weaviate.namespace else ""


def _litmus_result(facts: ClusterFacts, one: Any) -> str:
    """A result stands beside its engine; where that is known, its target decides."""
    engines = {engine.metadata.name: engine for engine in facts.objects("chaosengines")}
    engine = engines.get(one.spec.engine)
    ours = _litmus_engine(facts, engine) if engine is not None else _in_namespace(facts, one)
    status = one.status.experiment_status
    return f"{one.spec.experiment}: {status.verdict or 'no verdict'}" if ours else ""


def _destination(facts: ClusterFacts, one: Any) -> str:
    """Argo CD; whether its resources are Weaviate's own is not known from the destination."""
    if one.spec.destination.namespace != facts.weaviate.namespace:
        return ""
    return f"deploys into the namespace, {one.status.sync.status or 'state unknown'}"


def _target_namespace(facts: ClusterFacts, one: Any) -> str:
    into = one.spec.target_namespace or one.metadata.namespace
    return "deploys into the namespace" if into == facts.weaviate.namespace else ""


def _peer_authentication(facts: ClusterFacts, one: Any) -> str:
    mode = one.spec.mtls.mode if one.spec.mtls else "no mode"
    if one.metadata.namespace == facts.weaviate.namespace:
        chosen = one.spec.selector is None or matches(one.spec.selector, facts.weaviate.pod_labels)
        return f"mtls.mode {mode}" if chosen else ""
    # In the root namespace only a policy without selector holds for the mesh.
    whole = one.metadata.namespace == ISTIO_ROOT and one.spec.selector is None
    return f"mtls.mode {mode}, for the whole mesh" if whole else ""


def _selector_policy(facts: ClusterFacts, one: Any) -> str:
    inside = one.metadata.namespace in (facts.weaviate.namespace, ISTIO_ROOT)
    selected = one.spec.selector is None or matches(one.spec.selector, facts.weaviate.pod_labels)
    return f"action {one.spec.action or 'ALLOW'}" if inside and selected else ""


def _cilium(facts: ClusterFacts, one: Any) -> str:
    """A rule's selector is over the pods of the namespace; labels may carry their source (`k8s:app`)."""
    if one.metadata.namespace and not _in_namespace(facts, one):
        return ""
    rules = [rule for rule in (one.spec, *one.specs) if rule is not None]
    ours = {**facts.weaviate.pod_labels, "io.kubernetes.pod.namespace": facts.weaviate.namespace}
    labels = {f"{source}{name}": value for name, value in ours.items() for source in ("", "k8s:", "any:")}
    chosen = [rule for rule in rules if rule.endpoint_selector and matches(rule.endpoint_selector, labels)]
    closed = [way for way in ("ingress", "egress") if any(getattr(rule, way) is not None for rule in chosen)]
    return f"selects the pods, {' and '.join(closed) or 'no direction'}" if chosen else ""


def may_select_pods(facts: ClusterFacts, key: str, one: Any) -> bool:
    """Whether a policy of a network plug-in could be about the pods of Weaviate: also where it cannot be told.

    Cilium's selectors may speak of labels that Kubernetes does not show on a pod (`io.cilium.…`: of its namespace, its
    account), Calico's expressions are not understood.
    """
    if relevance_to_weaviate(facts, key, one):
        return True
    if one.metadata.namespace and not _in_namespace(facts, one):
        return False
    if key in ("caliconetworkpolicies", "globalnetworkpolicies"):
        return True
    rules = [rule for rule in (one.spec, *one.specs) if rule is not None and rule.endpoint_selector is not None]
    asked = [
        name
        for rule in rules
        for name in (
            *rule.endpoint_selector.match_labels,
            *(expression.key for expression in rule.endpoint_selector.match_expressions),
        )
    ]
    return any("io.cilium." in name or name.startswith("reserved") for name in asked)


def _calico(facts: ClusterFacts, one: Any) -> str:
    """Calico's expression is only understood where it is empty or all(): the rest counts as unclear."""
    if one.metadata.namespace and not _in_namespace(facts, one):
        return ""
    everything = {"", "all()"}
    if one.spec.selector.strip() in everything and one.spec.namespace_selector.strip() in everything:
        return f"selects every pod, {', '.join(one.spec.types) or 'types by its rules'}"
    return ""


def _admin_policy(facts: ClusterFacts, one: Any) -> str:
    subject = one.spec.subject
    namespaces = {one.metadata.name: one.metadata.labels for one in facts.objects("namespaces")}
    labels = namespaces.get(facts.weaviate.namespace, {})
    if subject.namespaces is not None:
        return "selects the namespace" if matches(subject.namespaces, labels) else ""
    if subject.pods is None or not matches(subject.pods.namespace_selector, labels):
        return ""
    return "selects the pods" if matches(subject.pods.pod_selector, facts.weaviate.pod_labels) else ""


def _about_weaviate(facts: ClusterFacts, one: Any) -> str:
    """A rule of Prometheus and its like: an expression over metrics of Weaviate."""
    rules = [rule for group in one.spec.groups for rule in group.rules if "weaviate" in str(rule.expr).lower()]
    return f"{len(rules)} of its rules name weaviate" if rules else ""


def _monitor(facts: ClusterFacts, one: Any) -> str:
    return "its query names weaviate" if "weaviate" in one.spec.query.lower() else ""


def _wireguard(facts: ClusterFacts, one: Any) -> str:
    on = bool(one.spec.wireguard_enabled or one.spec.wireguard_enabled_v6)
    return "wireguardEnabled true" if on and one.metadata.name == "default" else ""


def _file_logs(facts: ClusterFacts, one: Any) -> str:
    """An OpenTelemetryCollector reads logs only with the receiver filelog, and everywhere only as a DaemonSet."""
    receivers = [name for name in one.spec.config.receivers if name.partition("/")[0] == "filelog"]
    return f"receiver {receivers[0]}, mode daemonset" if receivers and one.spec.mode == "daemonset" else ""


def _scales_weaviate(facts: ClusterFacts, one: Any) -> str:
    target = one.spec.target_ref if hasattr(one.spec, "target_ref") else one.spec.scale_target_ref
    kind = target.kind or "Deployment"
    ours = (kind, target.name) == (facts.weaviate.kind, facts.weaviate.name)
    return "its target is Weaviate" if ours and _in_namespace(facts, one) else ""


RULES: dict[str, Rule] = {
    "nodehealthchecks": _selects_nodes,
    "machinehealthchecks": _not_attributable,
    "openshiftmachinehealthchecks": _not_attributable,
    "nodepools": _not_attributable,
    "veleroschedules": _velero_schedule,
    "velerobackups": _velero_run,
    "velerorestores": _velero_run,
    "backupstoragelocations": _not_attributable,
    "kastenpolicies": _kasten,
    "recurringjobs": _recurring_job,
    "replicationsources": _replication_source,
    "snapshotschedules": _snapshot_schedule,
    "podchaos": _chaos,
    "networkchaos": _chaos,
    "chaosschedules": _chaos_schedule,
    "chaosengines": _litmus_engine,
    "chaosresults": _litmus_result,
    "applications": _destination,
    "helmreleases": _target_namespace,
    "kustomizations": _target_namespace,
    "peerauthentications": _peer_authentication,
    "authorizationpolicies": _selector_policy,
    "ciliumnetworkpolicies": _cilium,
    "ciliumclusterwidenetworkpolicies": _cilium,
    "caliconetworkpolicies": _calico,
    "globalnetworkpolicies": _calico,
    "adminnetworkpolicies": _admin_policy,
    "baselineadminnetworkpolicies": _admin_policy,
    "prometheusrules": _about_weaviate,
    "vmrules": _about_weaviate,
    "gmprules": _about_weaviate,
    "datadogmonitors": _monitor,
    "felixconfigurations": _wireguard,
    "opentelemetrycollectors": _file_logs,
    "prometheuses": _not_attributable,
    "alertmanagers": _not_attributable,
    "grafanas": _not_attributable,
    "testruns": _in_namespace,
    "verticalpodautoscalers": _scales_weaviate,
    "scaledobjects": _scales_weaviate,
}
