"""Parameters of service accounts, bindings and container security."""

from __future__ import annotations

from typing import Any

from readiness_kit.evidence.conditions.identity import pod_security, service_account
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.kubernetes import grants, pod_standards
from readiness_kit.facts.kubernetes.grants import Grant
from readiness_kit.facts.kubernetes.pod_security import effective
from readiness_kit.facts.weaviate import secrets
from readiness_kit.fixes.chart_values import is_from_chart
from readiness_kit.fixes.chart_values.installation import Installation
from readiness_kit.fixes.chart_values.observed import observed_values
from readiness_kit.fixes.model import OpenDecision, Value
from readiness_kit.fixes.parameters.registry import Context, parameter
from readiness_kit.kinds.meta import ObjectMeta

USER = 1000
"""The user of the containers where the pod has none."""
MAP_COUNT = "sysctl -w vm.max_map_count=524288"
"""What the init container of the chart runs."""
TMP = "/tmp"  # noqa: S108 - the folder that Weaviate writes temporary files to


# --- service accounts -----------------------------------------------------------------------------


@parameter("account_name")
def account_name(context: Context) -> Value | OpenDecision:
    """A service account for Weaviate alone; open where the present one carries a cloud identity or serves a vault."""
    facts = context.facts
    if open_point := _bound(facts):
        return open_point
    return Value(facts.weaviate.name, "the name of the workload")


@parameter("token_account")
def token_account(context: Context) -> Value | OpenDecision:
    """The service account that no longer mounts a token."""
    facts = context.facts
    if facts.weaviate.spec.automount_service_account_token is not None:
        what = "where automountServiceAccountToken is set in the pod template, which overrides the account"
        return OpenDecision("place", what, "set it to false in your own manifests")
    if vault := _vault(facts):
        return vault
    return Value(facts.weaviate.service_account, "the pod template")


def _vault(facts: ClusterFacts) -> OpenDecision | None:
    if not any("vault" in found for found in secrets.vaults(facts)):
        return None
    return OpenDecision(
        "account", "how Vault recognises the pods: its agent logs in with the token", "see your Vault role"
    )


def _bound(facts: ClusterFacts) -> OpenDecision | None:
    if facts.missing("serviceaccounts") is not None:
        what = "whether the present service account carries a cloud identity (it was not read)"
        return OpenDecision("account", what, f"kubectl -n {facts.weaviate.namespace} get serviceaccounts -o yaml")
    key = (facts.weaviate.namespace, facts.weaviate.service_account)
    own = [each for each in facts.objects("serviceaccounts") if (each.metadata.namespace, each.metadata.name) == key]
    found = names(key for each in own for key in service_account.CLOUD_IDENTITY if each.metadata.annotations.get(key))
    if found:
        what = f"the cloud role of the new account: the present one has {found}, and the role trusts it by name"
        return OpenDecision("account", what, "extend the trust policy of the role first")
    return _vault(facts)


@parameter("surplus_bindings")
def surplus_bindings(context: Context) -> Value | OpenDecision:
    """The bindings to delete, as arguments of `kubectl delete`; open where one serves others as well."""
    found = surplus(context.facts)
    if not found:
        return OpenDecision("bindings", "which bindings the account has", "kubectl get rolebindings -A -o wide")
    if shared := names(grant.binding.metadata.name for grant in found if not _is_alone(grant)):
        what = f"how to take Weaviate's account out of {shared}, which serves others as well"
        return OpenDecision("bindings", what, f"kubectl edit the subjects of {shared}")
    return Value([_argument(grant) for grant in found], "the bindings of the snapshot")


def surplus(facts: ClusterFacts) -> list[Grant]:
    """The grants of the account that give it anything."""
    return [grant for grant in grants.grants(facts) if grant.everything or (grant.rules and not grant.harmless)]


def _is_alone(grant: Grant) -> bool:
    return grant.direct and len(grant.binding.subjects) == 1


def _argument(grant: Grant) -> str:
    metadata = grant.binding.metadata
    if grant.key == "clusterrolebindings":
        return f"clusterrolebinding {metadata.name}"
    return f"rolebinding {metadata.name} --namespace {metadata.namespace}"


# --- containers -----------------------------------------------------------------------------------


@parameter("container_security")
def container_security(context: Context) -> Value:
    """What the security context of Weaviate's container lacks of the restricted standard."""
    weaviate = context.facts.weaviate
    own = weaviate.container.security_context
    security = effective(weaviate.container, weaviate.spec.security_context)
    found: dict[str, Any] = {}
    if own is not None and own.privileged:
        found["privileged"] = False
    if security.allow_privilege_escalation:
        found["allowPrivilegeEscalation"] = False
    if not security.read_only_root:
        found["readOnlyRootFilesystem"] = True
    if not security.drops_all:
        found["capabilities"] = {"drop": ["ALL"]}
    if not security.non_root or own is None or not own.run_as_non_root:
        found["runAsNonRoot"] = True
    if not security.run_as_user:
        found |= {"runAsUser": USER, "runAsGroup": USER}
    return Value(found, "the security context of the container, and the restricted standard")


@parameter("pod_security")
def pod_security_context(context: Context) -> Value:
    """What the security context of the pod lacks: the seccomp profile, and the group of the volumes."""
    present = context.facts.weaviate.spec.security_context
    found: dict[str, Any] = {}
    if present is None or present.seccomp_profile is None:
        found["seccompProfile"] = {"type": "RuntimeDefault"}
    if present is None or present.fs_group is None:
        user = effective(context.facts.weaviate.container, present).run_as_user
        found |= {"fsGroup": user or USER, "fsGroupChangePolicy": "OnRootMismatch"}
    return Value(found, "the security context of the pod")


@parameter("temporary_volumes")
def temporary_volumes(context: Context) -> Value:
    """A writable volume for temporary files next to the extra volumes of the pods; no entry where there is one."""
    return _temporary(context, "extraVolumes", {"name": "tmp", "emptyDir": {}})


@parameter("temporary_mounts")
def temporary_mounts(context: Context) -> Value:
    """The mount of the volume for temporary files."""
    return _temporary(context, "extraVolumeMounts", {"name": "tmp", "mountPath": TMP})


def _temporary(context: Context, key: str, entry: dict[str, Any]) -> Value:
    facts = context.facts
    source = "the volumes of the pod template"
    container = facts.weaviate.container
    read_only = effective(container, facts.weaviate.spec.security_context).read_only_root
    if read_only or any(mount.mount_path == TMP for mount in container.volume_mounts):
        return Value({}, source)
    if not is_from_chart(facts.weaviate.object):
        return Value([entry], source)
    target = facts.target
    site = Installation.find(facts.snapshot.kept, target.namespace, target.name)
    return Value([*(observed_values(site).get(key) or []), entry], source)


def _has_sysctl(facts: ClusterFacts) -> bool:
    name = pod_security.SYSCTL.removeprefix("init container ")
    return any(container.name == name for container in facts.weaviate.spec.init_containers)


@parameter("init_containers")
def init_containers(context: Context) -> Value:
    """The chart's privileged init container disabled, where the pods have it."""
    found = {"sysctlInitContainer": {"enabled": False}} if _has_sysctl(context.facts) else {}
    return Value(found, "the init containers of the pods")


@parameter("map_count_steps")
def map_count_steps(context: Context) -> Value:
    """How to set on the nodes what the init container sets; the value that it sets is the chart's."""
    if not _has_sysctl(context.facts):
        return Value("# The nodes already have to provide vm.max_map_count: no init container sets it.", "the pods")
    running = {pod.spec.node_name for pod in context.facts.weaviate.pods if pod.spec.node_name}
    nodes = running | {node.metadata.name for node in context.facts.candidate_nodes}
    listed = names(sorted(nodes), most=6) or "all nodes"
    lines = [f"# In the node image or user data of {listed}, so that new nodes have it as well:", MAP_COUNT]
    return Value("\n".join(lines), "the nodes that can take a Weaviate pod")


@parameter("standard_level")
def standard_level(context: Context) -> Value | OpenDecision:
    """The Pod Security Standard that the pods of the namespace meet after the fixes; open where one does not."""
    facts = context.facts
    if facts.missing("pods") is not None:
        return OpenDecision("standard", "which standard the pods of the namespace meet (they were not read)", "")
    own = {pod.metadata.name for pod in facts.weaviate.pods}
    others = [
        pod.metadata.name
        for pod in facts.objects("pods")
        if pod.metadata.namespace == facts.weaviate.namespace
        and pod.metadata.name not in own
        and pod_standards.failing(pod.spec, pod.metadata, level="baseline")
    ]
    if others:
        what = f"what to do with {names(others)}, which the standard baseline forbids"
        return OpenDecision("standard", what, "correct these pods, or move them to another namespace")
    specs = [(spec, metadata) for _, spec, metadata in pod_security.running(facts)]
    by_values = is_from_chart(facts.weaviate.object)
    if blocked := sorted(
        {title for spec, metadata in specs for title in _blocking(spec, metadata, removable=by_values)}
    ):
        what = f"how Weaviate can do without {names(blocked)}, which the standard baseline forbids"
        return OpenDecision("standard", what, "see the findings of the question")
    return Value("baseline", "the pods of the namespace")


def _blocking(spec: Any, metadata: ObjectMeta, *, removable: bool) -> list[str]:
    """The controls of `baseline` that remain without the chart's init container, where its values remove it."""
    found = pod_security.violations(spec, metadata)
    allowed = {pod_security.SYSCTL} if removable else set()
    return [
        violation.title for violation in found if violation.level == "baseline" and not set(violation.by) <= allowed
    ]
