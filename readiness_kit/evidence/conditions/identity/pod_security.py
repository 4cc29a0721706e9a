"""Privileges of the containers of the Weaviate pods, against the Pod Security Standards `baseline` and `restricted`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.kubernetes import pod_standards
from readiness_kit.facts.kubernetes.images import Image
from readiness_kit.facts.kubernetes.pod_security import effective
from readiness_kit.kinds.meta import ObjectMeta
from readiness_kit.kinds.pods import Capabilities, Container, Pod, PodSpec, SecurityContext
from readiness_kit.model import Check, Outcome, Ref

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
PINNED = "a version, not latest"
OFFICIAL = "semitechnologies/weaviate"
"""This image sets no user, so it runs as root unless the pod sets one."""
PSA = "pod-security.kubernetes.io/enforce"
NON_ROOT_SCC = frozenset({"restricted", "restricted-v2", "restricted-v3", "nonroot", "nonroot-v2"})
"""Security context constraints of OpenShift that admit no container that runs as root."""
SCC = "openshift.io/scc"
BY_SCC = frozenset({"runAsNonRoot", "runAsUser"})
MINOR = frozenset({"hostPorts", "hostProbesAndHostLifecycle"})
"""Controls of `baseline` that limit exposure and give no rights on the node."""
SYSCTL = "init container configure-sysctl"
"""The privileged init container that the chart adds by default."""
BY_SETTINGS = frozenset(
    """
    seccompProfile_restricted seccompProfile_baseline allowPrivilegeEscalation capabilities_restricted runAsNonRoot
    runAsUser privileged
    """.split()
)
"""Controls that security settings of the container and the pod fulfil."""
STRICTER = {
    "restrictedVolumes": "hostPathVolumes",
    "seccompProfile_restricted": "seccompProfile_baseline",
    "procMount_restricted": "procMount",
}
"""Control of `restricted` -> the one of `baseline` that it contains."""


@dataclass(frozen=True)
class Violation:
    """A control that a pod violates. `by`: what violates it; `ends`: only init containers that end do."""

    level: str
    control: str
    by: tuple[str, ...]
    ends: bool

    @property
    def outcome(self) -> Outcome:
        """What the violation means for the question."""
        return NOT_MET if self.level == "baseline" and not self.ends and self.control not in MINOR else PARTLY

    @property
    def title(self) -> str:
        """The name of the control in the Pod Security Standards."""
        return pod_standards.TITLES[self.control]


def running(facts: ClusterFacts) -> list[tuple[Subject, PodSpec, ObjectMeta]]:
    """(subject, specification, metadata) of what is judged: the pods as admitted, or the template without pods.

    An admitted pod contains what admission plug-ins set, which the template does not show.
    """
    weaviate = facts.weaviate
    if not weaviate.pods:
        return [(weaviate_subject(facts), weaviate.spec, ObjectMeta(annotations=weaviate.pod_annotations))]
    return [(Subject.of("pods", pod), pod.spec, pod.metadata) for pod in weaviate.pods]


def pod_checks(facts: ClusterFacts) -> list[Check]:
    """The controls that each pod violates, and each of its containers; pods that differ in nothing are listed once."""
    distinct: dict[object, list[Check]] = {}
    for on, spec, metadata in running(facts):
        found = [
            *_standards(facts, on, spec, metadata),
            *_user(facts, on, spec, metadata),
            *_hardening(facts, on, spec),
        ]
        distinct.setdefault(tuple((check.field, check.seen, check.outcome) for check in found), found)
    on, message = (
        weaviate_subject(facts, "pods"),
        "The running pods, which can differ from the template, were not read.",
    )
    unread = on.missing(facts, "running pods", "as hardened as the template", message)
    return [*(check for found in distinct.values() for check in found), *unread]


# --- Pod Security Standards -----------------------------------------------------------------------


def violations(spec: PodSpec, metadata: ObjectMeta) -> list[Violation]:
    """The controls of `baseline`, then those that only `restricted` has, which the pod violates."""
    ending = {f"init container {each.name}" for each in spec.init_containers if each.restart_policy != "Always"}
    baseline = pod_standards.failing(spec, metadata, level="baseline")
    restricted = [
        id
        for id in pod_standards.failing(spec, metadata)
        if id not in pod_standards.CONTROLS["baseline"] and STRICTER.get(id) not in baseline
    ]
    if metadata.annotations.get(SCC) in NON_ROOT_SCC:  # it checks the user, also where the pod does not name one
        restricted = [id for id in restricted if id not in BY_SCC]
    found = []
    for level, ids in (("baseline", baseline), ("restricted", restricted)):
        for id in ids:
            by = pod_standards.violators(spec, metadata, id, level=level)
            found.append(Violation(level, id, by, bool(by) and set(by) <= ending))
    return found


def _is_settings(facts: ClusterFacts, violation: Violation) -> bool:
    """Whether the security settings of the pod and of Weaviate's container close it, next to the chart's own one."""
    by = set(violation.by) - {SYSCTL}
    own = {f"container {facts.weaviate.container.name}"}
    return not by or (violation.control in BY_SETTINGS and by <= own)


def _standards(facts: ClusterFacts, on: Subject, spec: PodSpec, metadata: ObjectMeta) -> list[Check]:
    """One check for each violated control, with one message for those of the same weight; one where there is none."""
    found = violations(spec, metadata)
    if not found:
        field, expected = "Pod Security Standard", "restricted"
        return [on.check(field, "restricted", expected, True)]
    checks = []
    for violation in found:
        alike = [other for other in found if (other.level, other.ends) == (violation.level, violation.ends)]
        seen = names(violation.by, most=6) + _details(spec, violation.control)
        field, message = f"{violation.level}: {violation.title}", _message(spec, alike)
        outcome = violation.outcome
        fix = "containers.hardened" if _is_settings(facts, violation) else "containers.other"
        checks.append(on.check(field, seen, "no violation", False, message=message, on_failure=outcome, fix=fix))
    return checks


def _message(spec: PodSpec, alike: list[Violation]) -> str:
    """Name the controls: `… baseline forbids: Privileged Containers (container a); Sysctls (pod: net.x)`."""
    listed = {f"{each.title} ({names(each.by)}{_details(spec, each.control)})": None for each in alike}
    end = ", which ends before Weaviate starts" if alike[0].ends else ""
    return f"The Pod Security Standard {alike[0].level} forbids: {'; '.join(listed)}{end}."


def _details(spec: PodSpec, control: str) -> str:
    """`: hostNetwork`, the values that violate a control; "" where the control has no values to name."""
    containers = pod_standards.containers_of(spec)
    security = spec.security_context
    used = {"hostNetwork": spec.host_network, "hostPID": spec.host_pid, "hostIPC": spec.host_ipc}
    added = {name for container in containers for name in _capabilities(container)}
    values = {
        "hostNamespaces": [name for name, enabled in used.items() if enabled],
        "hostPathVolumes": [volume.host_path.path for volume in spec.volumes if volume.host_path is not None],
        "hostPorts": [str(port.host_port) for container in containers for port in container.ports if port.host_port],
        "capabilities_baseline": sorted(added - pod_standards.BASELINE_CAPABILITIES),
        "sysctls": [sysctl.name for sysctl in security.sysctls] if security else [],
    }
    listed = names(values.get(control, ()), most=6)
    return f": {listed}" if listed else ""


def _capabilities(container: Container) -> tuple[str, ...]:
    return ((container.security_context or SecurityContext()).capabilities or Capabilities()).add


# --- the user, the root file system and the image -------------------------------------------------


def _user(facts: ClusterFacts, on: Subject, spec: PodSpec, metadata: ObjectMeta) -> Iterator[Check]:
    """Weaviate as root is not met where nothing limits it, partly met without any capability or in a sandbox."""
    container = next((each for each in spec.containers if each.name == facts.weaviate.container.name), None)
    if container is None:
        return
    security, sandbox = effective(container, spec.security_context), spec.runtime_class_name
    scc = metadata.annotations.get(SCC, "")
    field, expected = f"container {container.name}: user", "not root"
    if security.non_root or spec.host_users is False or scc in NON_ROOT_SCC:
        seen = f"SCC {scc}" if scc in NON_ROOT_SCC else "runAsNonRoot"
        if spec.host_users is False:
            seen = "a user namespace (hostUsers: false)"
        if security.run_as_user:
            seen = f"uid {security.run_as_user}"
        yield on.check(field, seen, expected, True)
        return
    image = Image.parse(container.image)
    if security.run_as_user != 0 and not image.repository.endswith(OFFICIAL):
        message = "Nothing prevents the Weaviate container from running as root: its image decides."
        seen, fix = "set by the image", "containers.hardened"
        yield on.check(field, seen, expected, False, message=message, on_failure=PARTLY, fix=fix)
        return
    seen = "root (uid 0)" if security.run_as_user == 0 else "root (the image sets no other user)"
    limited = security.drops_all and not security.added and not security.allow_privilege_escalation
    if sandbox or limited:
        limit = f"the runtime class {sandbox} isolates it" if sandbox else "without any capability"
        message, outcome = f"The Weaviate container runs as root, though {limit}.", PARTLY
    else:
        message = "The Weaviate container runs as root, and nothing limits what root can do in it."
        outcome = NOT_MET
    yield on.check(field, seen, expected, False, message=message, on_failure=outcome, fix="containers.hardened")


def _hardening(facts: ClusterFacts, on: Subject, spec: PodSpec) -> Iterator[Check]:
    """What the standards leave open: a read-only root file system, and an image that cannot change."""
    for kind, field in pod_standards.CONTAINER_FIELDS.items():
        for container in getattr(spec, field):
            label, image = f"{kind} {container.name}", Image.parse(container.image)
            title = "The Weaviate container" if container.name == facts.weaviate.container.name else label.capitalize()
            read_only = effective(container, spec.security_context).read_only_root
            lacks = [] if read_only else ["a read-only root file system"]
            lacks += [] if image.pinned else ["a pinned image"]
            message = f"{title} lacks {names(lacks)}."
            rows = (
                ("readOnlyRootFilesystem", "true" if read_only else "false", "true", read_only),
                ("image", image.tag or image.digest if image.pinned else container.image, PINNED, image.pinned),
            )
            own = container.name == facts.weaviate.container.name
            for name, seen, expected, ok in rows:
                if label == SYSCTL:
                    fix = "containers.hardened"
                elif not own:
                    fix = "containers.other"
                else:
                    fix = "image.pin" if name == "image" else "containers.hardened"
                yield on.check(f"{label}: {name}", seen, expected, ok, message=message, on_failure=PARTLY, fix=fix)


# --- the namespace and the volumes ----------------------------------------------------------------


def admission(facts: ClusterFacts) -> Check:
    """Whether a Pod Security Standard of the namespace, or an OpenShift constraint, is enforced on the pods."""
    namespace, pods = facts.weaviate.namespace, facts.weaviate.pods
    assigned = {pod.metadata.annotations.get(SCC, "") for pod in pods}
    if assigned and assigned <= NON_ROOT_SCC:
        on, expected = Subject.of("pods", pods[0]), "one that forbids root"
        return on.check(f"annotation {SCC}", names(assigned), expected, True)
    on = Subject(Ref("Namespace", namespace), "namespaces")
    field, expected = f"label {PSA}", "baseline or restricted"
    reason = facts.missing("namespaces")
    if reason is not None:
        message = f"Whether the namespace {namespace} enforces a Pod Security Standard is unknown: no labels were read."
        return on.unread(field, expected, reason, message=message)
    objects = facts.objects("namespaces")
    level = next((o.metadata.labels.get(PSA, "") for o in objects if o.metadata.name == namespace), "")
    message = f"The namespace {namespace} enforces no Pod Security Standard" + (f" but {level}." if level else ".")
    if constraints := names(filter(None, assigned)):
        message += f" The security context constraint {constraints} lets containers run as root."
    enforced = level in ("baseline", "restricted")
    fix = "containers.standard"
    return on.check(field, level or "not set", expected, enforced, message=message, on_failure=PARTLY, fix=fix)


def fs_group(facts: ClusterFacts) -> Check:
    """The group of the volume. Without it a new volume belongs to root, and another user may not write to it."""
    pods: tuple[Pod, ...] = facts.weaviate.pods
    field, expected = "securityContext.fsGroup", "set where Weaviate is not root"
    specs = [pod.spec for pod in pods] or [facts.weaviate.spec]
    on = Subject.of("pods", pods[0]) if pods else weaviate_subject(facts)
    groups = {spec.security_context.fs_group if spec.security_context else None for spec in specs}
    if None not in groups or not all(_writes_as_another_user(facts, spec) for spec in specs):
        return on.info(field, names("not set" if group is None else str(group) for group in groups))
    effect = "a new volume belongs to root, and Weaviate may not write to it"
    ready = [any((c.type, c.status) == ("Ready", "True") for c in pod.status.conditions) for pod in pods]
    if pods and all(ready):
        return on.info(field, f"not set: {effect}; the present volumes are writable")
    message = f"Weaviate runs as another user than root, without fsGroup: {effect}."
    if (reason := facts.missing("pods")) is not None:
        # Ready pods would show that the present volumes are writable.
        return weaviate_subject(facts, "pods").unread(field, expected, reason, message=message)
    return on.check(field, "not set", expected, False, message=message, on_failure=PARTLY, fix="containers.hardened")


def _writes_as_another_user(facts: ClusterFacts, spec: PodSpec) -> bool:
    """Whether Weaviate has a claim and certainly is not root, and no init container as root can change the owner."""
    claims = {volume.name for volume in spec.volumes if volume.persistent_volume_claim or volume.ephemeral}
    if facts.weaviate.stateful_set is not None:
        claims |= {each.metadata.name for each in facts.weaviate.stateful_set.spec.volume_claim_templates}
    helpers = [
        each
        for each in spec.init_containers
        if not effective(each, spec.security_context).non_root and {m.name for m in each.volume_mounts} & claims
    ]
    server = next((each for each in spec.containers if each.name == facts.weaviate.container.name), Container())
    return bool(claims) and not helpers and effective(server, spec.security_context).non_root
