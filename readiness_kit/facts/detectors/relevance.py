"""Whether an object of a tool concerns this Weaviate: its namespace, pods, claims or nodes.

One function a kind; objects of any other kind count where they are in Weaviate's namespace. Each function returns
what was seen, as text for an observation, or "" where the object does not concern Weaviate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from readiness_kit.facts.kubernetes.selectors import matches
from readiness_kit.facts.kubernetes.topology import selected, tolerates
from readiness_kit.kinds.cluster import Node
from readiness_kit.kinds.meta import LabelSelector
from readiness_kit.kinds.workloads import DaemonSet

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

Rule = Callable[["ClusterFacts", Any], str]
ISTIO_ROOT = "istio-system"
SELF_TOLERATED = "node.kubernetes.io/"
"""Taints for node conditions, which the DaemonSet controller tolerates in all of its pods."""
KASTEN_NAMESPACE = "k10.kasten.io/appNamespace"
LONGHORN_DEFAULT = "default"


def relevance_to_weaviate(facts: ClusterFacts, key: str, obj: Any) -> str:
    """How an object of the kind `key` concerns Weaviate, in a few words; "" where it does not."""
    return RULES.get(key, _in_namespace)(facts, obj)


def nodes_of_weaviate(facts: ClusterFacts) -> tuple[Node, ...]:
    """The nodes that run pods of Weaviate, as far as nodes and pods were read."""
    names = {pod.spec.node_name for pod in facts.weaviate.pods}
    return tuple(node for node in facts.objects("nodes") if node.metadata.name in names)


def schedules_on(daemonset: DaemonSet, node: Node) -> bool:
    """Whether the DaemonSet controller creates a pod on this node. Fargate nodes run no DaemonSet."""
    if node.metadata.labels.get("eks.amazonaws.com/compute-type") == "fargate":
        return False
    spec = daemonset.spec.template.spec
    taints = [taint for taint in node.spec.taints if not taint.key.startswith(SELF_TOLERATED)]
    return tolerates(taints, spec.tolerations) and selected(node, spec)


def _in_namespace(facts: ClusterFacts, obj: Any) -> str:
    namespace = facts.weaviate.namespace
    return f"in the namespace {namespace}" if obj.metadata.namespace == namespace else ""


def _selects_nodes(facts: ClusterFacts, obj: Any) -> str:
    """A NodeHealthCheck concerns the nodes that its selector covers."""
    nodes = nodes_of_weaviate(facts)
    covered = [node for node in nodes if matches(obj.spec.selector, node.metadata.labels)]
    return f"selects {len(covered)} of {len(nodes)} nodes with Weaviate" if covered else ""


def _not_attributable(facts: ClusterFacts, obj: Any) -> str:
    """Objects whose kept fields do not relate them to Weaviate."""
    return ""


def _included(facts: ClusterFacts, included: Iterable[str] | None, excluded: Iterable[str] | None) -> bool:
    """Whether Velero's lists cover Weaviate's namespace; no included namespace, or `*`, means every namespace."""
    namespace = facts.weaviate.namespace
    listed = tuple(included or ())
    return (not listed or "*" in listed or namespace in listed) and namespace not in (excluded or ())


def _velero_schedule(facts: ClusterFacts, obj: Any) -> str:
    scope = obj.spec.template
    if not _included(facts, scope.included_namespaces, scope.excluded_namespaces):
        return ""
    state = "paused" if obj.spec.paused else obj.status.phase or "no phase"
    last = f", last backup {obj.status.last_backup:%Y-%m-%d %H:%M} UTC" if obj.status.last_backup else ""
    return f"schedule {obj.spec.schedule}, {state}{last}{_narrowed(scope.label_selector)}"


def _velero_run(facts: ClusterFacts, obj: Any) -> str:
    scope = obj.spec
    if not _included(facts, scope.included_namespaces, scope.excluded_namespaces):
        return ""
    done = obj.status.completion_timestamp
    return f"{obj.status.phase or 'no phase'}{f', {done:%Y-%m-%d}' if done else ''}"


def _narrowed(selector: LabelSelector | None) -> str:
    return ", limited to a label selector" if selector is not None and selector != LabelSelector() else ""


def _kasten(facts: ClusterFacts, obj: Any) -> str:
    """A Kasten policy selects applications, which are namespaces; without a selector it selects all."""
    backs_up = any(action.action == "backup" for action in obj.spec.actions)
    labels = {KASTEN_NAMESPACE: facts.weaviate.namespace}
    selected = obj.spec.selector is None or matches(obj.spec.selector, labels)
    state = " (paused)" if obj.spec.paused else ""
    return f"backs up the namespace {obj.spec.frequency}{state}" if backs_up and selected else ""


def _claims(facts: ClusterFacts) -> tuple[Any, ...]:
    namespace = facts.weaviate.namespace
    return tuple(claim for claim in facts.weaviate.claims if claim.metadata.namespace == namespace)


def _recurring_job(facts: ClusterFacts, obj: Any) -> str:
    """Longhorn relates jobs to volumes by groups; the group `default` holds the volumes without other jobs."""
    backs_up = obj.spec.task.startswith(("backup", "snapshot"))
    drivers = {
        volume.spec.csi.driver
        for volume in facts.objects("persistentvolumes")
        if volume.spec.csi is not None and volume.metadata.name in {claim.spec.volume_name for claim in _claims(facts)}
    }
    if not backs_up or "driver.longhorn.io" not in drivers or LONGHORN_DEFAULT not in (obj.spec.groups or ()):
        return ""
    return f"{obj.spec.task} on schedule {obj.spec.cron}, for volumes without other jobs"


def _replication_source(facts: ClusterFacts, obj: Any) -> str:
    if not _in_namespace(facts, obj) or obj.spec.source_pvc not in {claim.metadata.name for claim in _claims(facts)}:
        return ""
    synced = obj.status.last_sync_time if obj.status else None
    return f"claim {obj.spec.source_pvc}, {f'last sync {synced:%Y-%m-%d %H:%M} UTC' if synced else 'never synced'}"


def _snapshot_schedule(facts: ClusterFacts, obj: Any) -> str:
    if not _in_namespace(facts, obj):
        return ""
    selector = obj.spec.claim_selector or LabelSelector()
    claims = _claims(facts)
    covered = [claim for claim in claims if matches(selector, claim.metadata.labels)]
    state = "disabled" if obj.spec.disabled else f"schedule {obj.spec.schedule}"
    return f"{state}, {len(covered)} of {len(claims)} claims" if covered else ""


def _chaos(facts: ClusterFacts, obj: Any) -> str:
    targets = obj.spec.selector.namespaces or (obj.metadata.namespace,)
    return f"{obj.spec.action} targets the namespace" if facts.weaviate.namespace in targets else ""


def _chaos_schedule(facts: ClusterFacts, obj: Any) -> str:
    for spec in (obj.spec.pod_chaos, obj.spec.network_chaos):
        if spec is not None and facts.weaviate.namespace in (spec.selector.namespaces or (obj.metadata.namespace,)):
            last = f"last run {obj.status.time:%Y-%m-%d}" if obj.status.time else "not run yet"
            return f"{obj.spec.type} on schedule {obj.spec.schedule}, {last}"
    return ""


def _litmus_engine(facts: ClusterFacts, obj: Any) -> str:
    return "targets the namespace" if obj.spec.target.namespace == facts.weaviate.namespace else ""


def _litmus_result(facts: ClusterFacts, obj: Any) -> str:
    """A result concerns Weaviate where its engine does; where the engine is unknown, the namespace decides."""
    engines = {engine.metadata.name: engine for engine in facts.objects("chaosengines")}
    engine = engines.get(obj.spec.engine)
    relevant = _litmus_engine(facts, engine) if engine is not None else _in_namespace(facts, obj)
    status = obj.status.experiment_status
    return f"{obj.spec.experiment}: {status.verdict or 'no verdict'}" if relevant else ""


def _destination(facts: ClusterFacts, obj: Any) -> str:
    """Argo CD; the destination does not show whether the application deploys Weaviate itself."""
    if obj.spec.destination.namespace != facts.weaviate.namespace:
        return ""
    return f"deploys into the namespace, {obj.status.sync.status or 'state unknown'}"


def _target_namespace(facts: ClusterFacts, obj: Any) -> str:
    namespace = obj.spec.target_namespace or obj.metadata.namespace
    return "deploys into the namespace" if namespace == facts.weaviate.namespace else ""


def _peer_authentication(facts: ClusterFacts, obj: Any) -> str:
    mode = obj.spec.mtls.mode if obj.spec.mtls else "no mode"
    if obj.metadata.namespace == facts.weaviate.namespace:
        chosen = obj.spec.selector is None or matches(obj.spec.selector, facts.weaviate.pod_labels)
        return f"mtls.mode {mode}" if chosen else ""
    # In the root namespace only a policy without a selector applies to the mesh.
    mesh_wide = obj.metadata.namespace == ISTIO_ROOT and obj.spec.selector is None
    return f"mtls.mode {mode}, for the whole mesh" if mesh_wide else ""


def _selector_policy(facts: ClusterFacts, obj: Any) -> str:
    inside = obj.metadata.namespace in (facts.weaviate.namespace, ISTIO_ROOT)
    selected = obj.spec.selector is None or matches(obj.spec.selector, facts.weaviate.pod_labels)
    return f"action {obj.spec.action or 'ALLOW'}" if inside and selected else ""


def _cilium(facts: ClusterFacts, obj: Any) -> str:
    """A Cilium rule selects pods of its namespace; its labels may carry their source (`k8s:app`)."""
    if obj.metadata.namespace and not _in_namespace(facts, obj):
        return ""
    rules = [rule for rule in (obj.spec, *obj.specs) if rule is not None]
    plain = {**facts.weaviate.pod_labels, "io.kubernetes.pod.namespace": facts.weaviate.namespace}
    labels = {f"{source}{name}": value for name, value in plain.items() for source in ("", "k8s:", "any:")}
    selecting = [rule for rule in rules if rule.endpoint_selector and matches(rule.endpoint_selector, labels)]
    isolated = [name for name in ("ingress", "egress") if any(getattr(rule, name) is not None for rule in selecting)]
    return f"selects the pods, {' and '.join(isolated) or 'no direction'}" if selecting else ""


def may_select_pods(facts: ClusterFacts, key: str, obj: Any) -> bool:
    """Whether a policy of a network plug-in may select the pods of Weaviate; True also where this is unknown.

    Cilium's selectors may use labels that Kubernetes does not show on a pod (`io.cilium.…`: those of its namespace or
    service account); Calico's expressions are not evaluated.
    """
    if relevance_to_weaviate(facts, key, obj):
        return True
    if obj.metadata.namespace and not _in_namespace(facts, obj):
        return False
    if key in ("caliconetworkpolicies", "globalnetworkpolicies"):
        return True
    rules = [rule for rule in (obj.spec, *obj.specs) if rule is not None and rule.endpoint_selector is not None]
    names = [
        name
        for rule in rules
        for name in (
            *rule.endpoint_selector.match_labels,
            *(expression.key for expression in rule.endpoint_selector.match_expressions),
        )
    ]
    return any("io.cilium." in name or name.startswith("reserved") for name in names)


def _calico(facts: ClusterFacts, obj: Any) -> str:
    """A Calico expression is only evaluated where it is empty or `all()`."""
    if obj.metadata.namespace and not _in_namespace(facts, obj):
        return ""
    selectors = {obj.spec.selector.strip(), obj.spec.namespace_selector.strip()}
    if selectors <= {"", "all()"}:
        return f"selects every pod, {', '.join(obj.spec.types) or 'types from its rules'}"
    return ""


def _admin_policy(facts: ClusterFacts, obj: Any) -> str:
    subject = obj.spec.subject
    labels_by_name = {each.metadata.name: each.metadata.labels for each in facts.objects("namespaces")}
    labels = labels_by_name.get(facts.weaviate.namespace, {})
    if subject.namespaces is not None:
        return "selects the namespace" if matches(subject.namespaces, labels) else ""
    if subject.pods is None or not matches(subject.pods.namespace_selector, labels):
        return ""
    return "selects the pods" if matches(subject.pods.pod_selector, facts.weaviate.pod_labels) else ""


def _about_weaviate(facts: ClusterFacts, obj: Any) -> str:
    """Alerting rules concern Weaviate where an expression names its metrics."""
    rules = [rule for group in obj.spec.groups for rule in group.rules if "weaviate" in str(rule.expr).lower()]
    return f"{len(rules)} of its rules name weaviate" if rules else ""


def _monitor(facts: ClusterFacts, obj: Any) -> str:
    return "its query names weaviate" if "weaviate" in obj.spec.query.lower() else ""


def _wireguard(facts: ClusterFacts, obj: Any) -> str:
    enabled = bool(obj.spec.wireguard_enabled or obj.spec.wireguard_enabled_v6)
    return "wireguardEnabled true" if enabled and obj.metadata.name == "default" else ""


def _file_logs(facts: ClusterFacts, obj: Any) -> str:
    """A collector reads log files only with the receiver `filelog`, and on every node only as a DaemonSet."""
    receivers = [name for name in obj.spec.config.receivers if name.partition("/")[0] == "filelog"]
    return f"receiver {receivers[0]}, mode daemonset" if receivers and obj.spec.mode == "daemonset" else ""


def _scales_weaviate(facts: ClusterFacts, obj: Any) -> str:
    target = obj.spec.target_ref if hasattr(obj.spec, "target_ref") else obj.spec.scale_target_ref
    kind = target.kind or "Deployment"
    is_weaviate = (kind, target.name) == (facts.weaviate.kind, facts.weaviate.name)
    return "its target is Weaviate" if is_weaviate and _in_namespace(facts, obj) else ""


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
