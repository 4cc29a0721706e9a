"""What the containers of the Weaviate pods may do, against the `restricted` Pod Security Standard."""

from __future__ import annotations

from collections.abc import Iterator

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.kubernetes.images import Image
from readiness_kit.facts.kubernetes.pod_security import EffectiveSecurity, effective
from readiness_kit.kinds.pods import Container, Pod, PodSpec
from readiness_kit.locate import workload_key
from readiness_kit.model import Check, Outcome, Reason, Ref

PARTLY = Outcome.PARTLY
DANGEROUS = frozenset({"ALL", "SYS_ADMIN", "NET_ADMIN"})
OFFICIAL = "semitechnologies/weaviate"
"""This image names no user, so it runs as root unless the pod says otherwise."""
PSA = "pod-security.kubernetes.io/enforce"
NON_ROOT_SCC = frozenset({"restricted", "restricted-v2", "restricted-v3", "nonroot", "nonroot-v2"})
SCC = "openshift.io/scc"


def running(facts: ClusterFacts) -> list[tuple[Ref, str, PodSpec, dict[str, str]]]:
    """(object, source, spec, annotations) of what is judged: the pods as admitted, else the template.

    A pod as admitted holds what an admission plug-in set, of which the template knows nothing. Pods alike in
    all that is judged here are judged once, by the first of them.
    """
    weaviate = facts.weaviate
    if not weaviate.pods:
        return [(weaviate.ref, workload_key(weaviate.kind), weaviate.spec, weaviate.pod_annotations)]
    kinds: dict[object, Pod] = {}
    for pod in weaviate.pods:
        spec = pod.spec
        containers = tuple((one.name, one.image, one.security_context, one.ports) for one in _all(spec))
        hosts = (spec.host_network, spec.host_pid, spec.host_ipc, _host_paths(spec))
        seen = (containers, spec.security_context, hosts, spec.runtime_class_name, pod.metadata.annotations.get(SCC))
        kinds.setdefault(repr(seen), pod)
    return [
        (Ref("Pod", pod.metadata.name, pod.metadata.namespace), "pods", pod.spec, pod.metadata.annotations)
        for pod in kinds.values()
    ]


def pod_checks(facts: ClusterFacts) -> list[Check]:
    checks: list[Check] = []
    for ref, source, spec, marks in running(facts):
        checks += _pod_level(ref, source, spec)
        for container in spec.containers:
            if container.name == facts.weaviate.container.name:
                checks += _server(ref, source, container, spec, marks.get(SCC, ""))
            else:
                checks += _beside(ref, source, container, spec, "Container")
        for container in spec.init_containers:
            checks += _beside(ref, source, container, spec, "Init container")
    if facts.missing("pods") is not None:
        reason = facts.missing("pods") or Reason.NOT_COLLECTED
        message = "The running pods were not read, and they can differ from the template."
        checks.append(
            weaviate_subject(facts, "pods").unread(
                "running pods", "as hardened as the template", reason, message=message
            )
        )
    return checks


def admission(facts: ClusterFacts) -> Check:
    """Whether the namespace holds its pods to a standard by itself."""
    namespace = facts.weaviate.namespace
    ref = Ref("Namespace", namespace)
    field, expected = f"label {PSA}", "baseline or restricted"
    reason = facts.missing("namespaces")
    on = Subject(ref, "namespaces")
    if reason is not None:
        message = f"The labels of the namespace {namespace} were not read, so whether it enforces a standard is open."
        return on.unread(field, expected, reason, message=message)
    labels: dict[str, str] = next(
        (one.metadata.labels for one in facts.objects("namespaces") if one.metadata.name == namespace), {}
    )
    level = labels.get(PSA, "")
    message = f"The namespace {namespace} enforces no Pod Security Standard" + (f" but {level}." if level else ".")
    return on.check(
        field, level or "not set", expected, level in ("baseline", "restricted"), message=message, on_failure=PARTLY
    )


def _all(spec: PodSpec) -> Iterator[Container]:
    yield from spec.init_containers
    yield from spec.containers


def _host_paths(spec: PodSpec) -> list[str]:
    return [volume.host_path.path for volume in spec.volumes if volume.host_path is not None]


def _pod_level(ref: Ref, source: str, spec: PodSpec) -> list[Check]:
    shared = {"hostNetwork": spec.host_network, "hostPID": spec.host_pid, "hostIPC": spec.host_ipc}
    used = [name for name, on in shared.items() if on]
    paths = _host_paths(spec)
    message = f"The pods share namespaces of the node ({names(used)})."
    on_source = Subject(ref, source)
    checks = [on_source.check("host namespaces", names(used) or "none", "none", not used, message=message)]
    message = f"The pods mount directories of the node: {names(paths)}."
    checks.append(on_source.check("hostPath volumes", names(paths) or "none", "none", not paths, message=message))
    ports = sorted(port.host_port for one in _all(spec) for port in one.ports if port.host_port)
    # With hostNetwork every port is a host port by itself, and that line says it already.
    if ports and not spec.host_network:
        message = f"The pods open ports of the node: {names(map(str, ports))}."
        checks.append(
            on_source.check("hostPort", names(map(str, ports)), "none", False, message=message, on_failure=PARTLY)
        )
    return checks


def _server(ref: Ref, source: str, container: Container, spec: PodSpec, scc: str) -> list[Check]:
    """The Weaviate container, condition by condition."""
    has = effective(container, spec.security_context)
    label = f"container {container.name}"
    message = "The Weaviate container is privileged: it may do on its node what root may."
    on = Subject(ref, source)
    privileged = on.check(f"{label}: privileged", _yes(has.privileged), "false", not has.privileged, message=message)
    bad = sorted(DANGEROUS & set(has.added))
    message = f"The Weaviate container adds the {'capability' if len(bad) == 1 else 'capabilities'} {names(bad)}."
    added = on.check(
        f"{label}: capabilities.add",
        names(has.added) or "none",
        "none of ALL, NET_ADMIN, SYS_ADMIN",
        not bad,
        message=message,
    )
    return [
        privileged,
        added,
        _user(ref, source, container, spec, has, scc),
        *_limits(ref, source, container, has, "The Weaviate container"),
    ]


def _user(ref: Ref, source: str, container: Container, spec: PodSpec, has: EffectiveSecurity, scc: str) -> Check:
    """Root fails where nothing limits it, and is partly met where all capabilities are gone or a sandbox holds it."""
    field, expected = f"container {container.name}: user", "not root"
    on = Subject(ref, source)
    if has.non_root or scc in NON_ROOT_SCC:
        seen = f"uid {has.run_as_user}" if has.run_as_user else f"SCC {scc}" if scc in NON_ROOT_SCC else "runAsNonRoot"
        return on.check(field, seen, expected, True)
    sure = has.run_as_user == 0 or Image.parse(container.image).repository.endswith(OFFICIAL)
    if not sure:
        message = "Nothing keeps the Weaviate container from running as root: its image decides."
        return on.check(field, "as the image says", expected, False, message=message, on_failure=PARTLY)
    seen = "root (uid 0)" if has.run_as_user == 0 else "root (the image names no other user)"
    sandbox = spec.runtime_class_name
    if sandbox or (has.drops_all and not has.added and not has.allow_privilege_escalation):
        what = f"the runtime class {sandbox} contains it" if sandbox else "without any capability"
        message = f"The Weaviate container runs as root, though {what}."
        return on.check(field, seen, expected, False, message=message, on_failure=PARTLY)
    message = "The Weaviate container runs as root, and nothing limits what root may do in it."
    return on.check(field, seen, expected, False, message=message)


def _limits(ref: Ref, source: str, container: Container, has: EffectiveSecurity, who: str) -> list[Check]:
    """What `restricted` asks for beside the user. All lines share one sentence, which names what is missing."""
    label = f"container {container.name}"
    rows = [
        ("allowPrivilegeEscalation", _yes(has.allow_privilege_escalation), "false", not has.allow_privilege_escalation),
        ("capabilities.drop", "ALL" if has.drops_all else "not ALL", "ALL", has.drops_all),
        ("seccompProfile", has.seccomp or "not set", "RuntimeDefault", has.seccomp in ("RuntimeDefault", "Localhost")),
        ("readOnlyRootFilesystem", _yes(has.read_only_root), "true", has.read_only_root),
    ]
    image = Image.parse(container.image)
    tag = container.image if not image.pinned else image.tag or image.digest
    rows.append(("image", tag, "a version, not latest", image.pinned))
    procs = container.security_context.proc_mount if container.security_context else ""
    if procs not in ("", "Default"):
        rows.append(("procMount", procs, "Default", False))
    lacking = [
        f"{field} {expected}" if field != "image" else "a pinned image" for field, _, expected, ok in rows if not ok
    ]
    message = f"{who} lacks {names(lacking, most=6)}."
    return [
        Subject(ref, source).check(f"{label}: {field}", seen, expected, ok, message=message, on_failure=PARTLY)
        for field, seen, expected, ok in rows
    ]


def _beside(ref: Ref, source: str, container: Container, spec: PodSpec, word: str) -> list[Check]:
    """Any other container: one line for each thing it lacks, one in all where it lacks nothing.

    A privileged container that goes on running is an open door to its node; one that ends before Weaviate
    starts (the chart's sysctl container) is not, and keeps the question from being met all the same.
    """
    has = effective(container, spec.security_context)
    ends = word == "Init container" and container.restart_policy != "Always"
    label = f"{word[0].lower()}{word[1:]} {container.name}"
    bad = sorted(DANGEROUS & set(has.added))
    image = Image.parse(container.image)
    user = "root" if has.run_as_user == 0 else "as the image says"
    runs = "runs as root" if has.run_as_user == 0 else "may run as root"
    privileged = PARTLY if ends else Outcome.NOT_MET
    rows = [
        ("privileged", "true", "false", "is privileged", has.privileged, privileged),
        ("capabilities.add", names(bad), "none of ALL, NET_ADMIN, SYS_ADMIN", f"adds {names(bad)}", bool(bad), PARTLY),
        ("user", user, "not root", runs, not has.non_root, PARTLY),
        ("image", container.image, "a version, not latest", "has no pinned image", not image.pinned, PARTLY),
    ]
    what = [one[3] for one in rows if one[4]]
    message = f"{word} {container.name} {' and '.join([', '.join(what[:-1]), what[-1]] if len(what) > 1 else what)}."
    on = Subject(ref, source)
    checks = [
        on.check(f"{label}: {field}", seen, expected, False, message=message, on_failure=outcome)
        for field, seen, expected, _, lacking, outcome in rows
        if lacking
    ]
    if not has.privileged:  # which has all of these by itself
        limits = _limits(ref, source, container, has, f"{word} {container.name}")
        checks += [one for one in limits if _fails(one) and not one.field.endswith(": image")]
    return checks or [on.check(f"{label}: security context", "restricted", "restricted", True)]


def _fails(check: Check) -> bool:
    return check.outcome is not Outcome.MET


def _yes(value: bool) -> str:
    return "true" if value else "false"


def account(facts: ClusterFacts) -> Check:
    """For the reader: the group that owns the volume's files decides whether a change of user needs a chown."""
    weaviate = facts.weaviate
    group = weaviate.spec.security_context.fs_group if weaviate.spec.security_context else None
    return weaviate_subject(facts).info("securityContext.fsGroup", "not set" if group is None else group)
