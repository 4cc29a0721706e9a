"""Privileges of the containers of the Weaviate pods, against the `restricted` Pod Security Standard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.wording import agree, names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.kubernetes.images import Image
from readiness_kit.facts.kubernetes.pod_security import EffectiveSecurity, effective
from readiness_kit.kinds.pods import Container, Pod, PodSpec
from readiness_kit.model import Check, Outcome, Ref

PARTLY, NOT_MET, MET = Outcome.PARTLY, Outcome.NOT_MET, Outcome.MET
DANGEROUS = frozenset({"ALL", "SYS_ADMIN", "NET_ADMIN"})
NOT_DANGEROUS = "none of ALL, NET_ADMIN, SYS_ADMIN"
PINNED = "a version, not latest"
OFFICIAL = "semitechnologies/weaviate"
"""This image sets no user, so it runs as root unless the pod sets one."""
PSA = "pod-security.kubernetes.io/enforce"
NON_ROOT_SCC = frozenset({"restricted", "restricted-v2", "restricted-v3", "nonroot", "nonroot-v2"})
SCC = "openshift.io/scc"


@dataclass(frozen=True)
class ContainerSecurity:
    """A container of a pod with its effective security context. `title` begins sentences, `label` begins fields."""

    on: Subject
    spec: PodSpec
    container: Container
    title: str
    label: str

    @property
    def security(self) -> EffectiveSecurity:
        """The security context of the container, with the defaults of its pod."""
        return effective(self.container, self.spec.security_context)

    @property
    def dangerous(self) -> list[str]:
        """The dangerous capabilities that are added."""
        return sorted(DANGEROUS & set(self.security.added))

    @property
    def image(self) -> Image:
        """The image reference of the container."""
        return Image.parse(self.container.image)

    def check(
        self, field: str, seen: str, expected: str, ok: bool, message: str = "", on_failure: Outcome = PARTLY
    ) -> Check:
        """A check of a field of the container."""
        return self.on.check(f"{self.label}: {field}", seen, expected, ok, message=message, on_failure=on_failure)


def running(facts: ClusterFacts) -> list[tuple[Subject, PodSpec, dict[str, str]]]:
    """(subject, specification, annotations) of what is judged: the pods as admitted, or the template without pods.

    An admitted pod contains what admission plug-ins set, which the template does not show. Of pods that are equal in
    everything that is judged here, only the first is returned.
    """
    weaviate = facts.weaviate
    if not weaviate.pods:
        return [(weaviate_subject(facts), weaviate.spec, weaviate.pod_annotations)]
    distinct: dict[str, Pod] = {}
    for pod in weaviate.pods:
        spec = pod.spec
        containers = tuple((c.name, c.image, c.security_context, c.ports) for c in _containers(spec))
        host = (spec.host_network, spec.host_pid, spec.host_ipc, _host_paths(spec))
        judged = (containers, spec.security_context, host, spec.runtime_class_name, pod.metadata.annotations.get(SCC))
        distinct.setdefault(repr(judged), pod)
    return [(Subject.of("pods", pod), pod.spec, pod.metadata.annotations) for pod in distinct.values()]


def pod_checks(facts: ClusterFacts) -> list[Check]:
    """The pod and each of its containers, for every distinct pod."""
    checks: list[Check] = []
    for on, spec, pod_annotations in running(facts):
        checks += _pod(on, spec)
        for container in spec.containers:
            name = container.name
            if name == facts.weaviate.container.name:
                server = ContainerSecurity(on, spec, container, "The Weaviate container", f"container {name}")
                checks += _server(server, pod_annotations.get(SCC, ""))
            else:
                checks += _other(
                    ContainerSecurity(on, spec, container, f"Container {name}", f"container {name}"), ends=False
                )
        for container in spec.init_containers:
            name, ends = container.name, container.restart_policy != "Always"
            checks += _other(
                ContainerSecurity(on, spec, container, f"Init container {name}", f"init container {name}"), ends
            )
    on, message = (
        weaviate_subject(facts, "pods"),
        "The running pods, which can differ from the template, were not read.",
    )
    return [*checks, *on.missing(facts, "running pods", "as hardened as the template", message)]


def admission(facts: ClusterFacts) -> Check:
    """Whether the namespace enforces a Pod Security Standard on its pods."""
    namespace = facts.weaviate.namespace
    on = Subject(Ref("Namespace", namespace), "namespaces")
    field, expected = f"label {PSA}", "baseline or restricted"
    reason = facts.missing("namespaces")
    if reason is not None:
        message = f"Whether the namespace {namespace} enforces a Pod Security Standard is unknown: no labels were read."
        return on.unread(field, expected, reason, message=message)
    objects = facts.objects("namespaces")
    level = next((o.metadata.labels.get(PSA, "") for o in objects if o.metadata.name == namespace), "")
    message = f"The namespace {namespace} enforces no Pod Security Standard" + (f" but {level}." if level else ".")
    enforced = level in ("baseline", "restricted")
    return on.check(field, level or "not set", expected, enforced, message=message, on_failure=PARTLY)


def fs_group(facts: ClusterFacts) -> Check:
    """Informational: the group that owns the files of the volume decides whether a change of user needs a chown."""
    context = facts.weaviate.spec.security_context
    group = context.fs_group if context else None
    return weaviate_subject(facts).info("securityContext.fsGroup", "not set" if group is None else group)


def _containers(spec: PodSpec) -> Iterator[Container]:
    yield from spec.init_containers
    yield from spec.containers


def _host_paths(spec: PodSpec) -> list[str]:
    return [volume.host_path.path for volume in spec.volumes if volume.host_path is not None]


def _pod(on: Subject, spec: PodSpec) -> Iterator[Check]:
    """What the pod shares with its node."""
    shared = {"hostNetwork": spec.host_network, "hostPID": spec.host_pid, "hostIPC": spec.host_ipc}
    used = names(name for name, enabled in shared.items() if enabled)
    message = f"The pods share namespaces of the node ({used})."
    yield on.check("host namespaces", used or "none", "none", not used, message=message)
    paths = names(_host_paths(spec))
    message = f"The pods mount directories of the node: {paths}."
    yield on.check("hostPath volumes", paths or "none", "none", not paths, message=message)
    ports = names(str(port.host_port) for c in _containers(spec) for port in c.ports if port.host_port)
    if ports and not spec.host_network:  # with hostNetwork every port is a port of the node, which fails above
        message = f"The pods open ports of the node: {ports}."
        yield on.check("hostPort", ports, "none", False, message=message, on_failure=PARTLY)


def _server(server: ContainerSecurity, scc: str) -> Iterator[Check]:
    """The Weaviate container, one check a condition."""
    security, dangerous = server.security, server.dangerous
    message = "The Weaviate container is privileged: it has the rights of root on its node."
    yield server.check("privileged", _yes(security.privileged), "false", not security.privileged, message, NOT_MET)
    word = agree(len(dangerous), "capability", "capabilities")
    message = f"The Weaviate container adds the {word} {names(dangerous)}."
    seen = names(security.added) or "none"
    yield server.check("capabilities.add", seen, NOT_DANGEROUS, not dangerous, message, NOT_MET)
    yield _user(server, scc)
    yield from _restrictions(server)


def _user(server: ContainerSecurity, scc: str) -> Check:
    """Root is not met where nothing limits it, partly met without any capability or in a sandbox."""
    security, sandbox = server.security, server.spec.runtime_class_name
    field, expected = "user", "not root"
    if security.non_root or scc in NON_ROOT_SCC:
        by_scc = f"SCC {scc}" if scc in NON_ROOT_SCC else "runAsNonRoot"
        return server.check(
            field, f"uid {security.run_as_user}" if security.run_as_user else by_scc, expected, True, "", NOT_MET
        )
    if security.run_as_user != 0 and not server.image.repository.endswith(OFFICIAL):
        message = "Nothing prevents the Weaviate container from running as root: its image decides."
        return server.check(field, "set by the image", expected, False, message)
    seen = "root (uid 0)" if security.run_as_user == 0 else "root (the image sets no other user)"
    if sandbox or (security.drops_all and not security.added and not security.allow_privilege_escalation):
        limit = f"the runtime class {sandbox} isolates it" if sandbox else "without any capability"
        return server.check(field, seen, expected, False, f"The Weaviate container runs as root, though {limit}.")
    message = "The Weaviate container runs as root, and nothing limits what root can do in it."
    return server.check(field, seen, expected, False, message, NOT_MET)


def _restrictions(target: ContainerSecurity) -> list[Check]:
    """What `restricted` requires in addition to the user. All checks share one message, which names what is missing."""
    security, image = target.security, target.image
    escalates = security.allow_privilege_escalation
    rows = [
        ("allowPrivilegeEscalation", _yes(escalates), "false", not escalates),
        ("capabilities.drop", "ALL" if security.drops_all else "not ALL", "ALL", security.drops_all),
        (
            "seccompProfile",
            security.seccomp or "not set",
            "RuntimeDefault",
            security.seccomp in ("RuntimeDefault", "Localhost"),
        ),
        ("readOnlyRootFilesystem", _yes(security.read_only_root), "true", security.read_only_root),
        ("image", image.tag or image.digest if image.pinned else target.container.image, PINNED, image.pinned),
    ]
    proc_mount = target.container.security_context.proc_mount if target.container.security_context else ""
    if proc_mount not in ("", "Default"):
        rows.append(("procMount", proc_mount, "Default", False))
    lacks = [
        f"{field} {expected}" if field != "image" else "a pinned image" for field, _, expected, ok in rows if not ok
    ]
    message = f"{target.title} lacks {names(lacks, most=6)}."
    return [target.check(*row, message) for row in rows]


def _other(target: ContainerSecurity, ends: bool) -> list[Check]:
    """A container other than Weaviate: one check for each gap, or one in all where there is none.

    A privileged container that keeps running exposes its node (not met). One that ends before Weaviate starts, such as
    the sysctl container of the chart, does not, and is partly met.
    """
    security, dangerous = target.security, names(target.dangerous)
    root = security.run_as_user == 0
    rows = [
        ("privileged", "true", "false", "is privileged", security.privileged, PARTLY if ends else NOT_MET),
        ("capabilities.add", dangerous, NOT_DANGEROUS, f"adds {dangerous}", bool(dangerous), PARTLY),
        (
            "user",
            "root" if root else "set by the image",
            "not root",
            "runs as root" if root else "may run as root",
            not security.non_root,
            PARTLY,
        ),
        ("image", target.container.image, PINNED, "has no pinned image", not target.image.pinned, PARTLY),
    ]
    gaps = [row for row in rows if row[4]]
    words = [gap[3] for gap in gaps]
    message = f"{target.title} {' and '.join(filter(None, (', '.join(words[:-1]), *words[-1:])))}."
    checks = [
        target.check(field, seen, expected, False, message, outcome) for field, seen, expected, _, _, outcome in gaps
    ]
    if not security.privileged:  # a privileged container has all of these
        checks += [c for c in _restrictions(target) if c.outcome is not MET and not c.field.endswith(": image")]
    return checks or [target.check("security context", "restricted", "restricted", True, "", NOT_MET)]


def _yes(value: bool) -> str:
    return "true" if value else "false"
