"""The Pod Security Standards `baseline` and `restricted`, version 1.37, control by control.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/ The ids of the controls are those of
`k8s.io/pod-security-admission`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from msgspec import structs

from readiness_kit.kinds.allowed import APPARMOR_ANNOTATION
from readiness_kit.kinds.meta import ObjectMeta
from readiness_kit.kinds.pods import (
    Capabilities,
    Container,
    Lifecycle,
    LifecycleHandler,
    PodSecurityContext,
    PodSpec,
    Probe,
    SecurityContext,
    SELinuxOptions,
    Volume,
)

BASELINE_CAPABILITIES = frozenset(
    (
        "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE "
        "SETFCAP SETGID SETPCAP SETUID SYS_CHROOT"
    ).split()
)
SELINUX_TYPES = frozenset(("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"))
SAFE_SYSCTLS = frozenset(
    (
        "kernel.shm_rmid_forced net.ipv4.ip_local_port_range net.ipv4.ip_local_reserved_ports "
        "net.ipv4.ip_unprivileged_port_start net.ipv4.ping_group_range net.ipv4.tcp_fin_timeout "
        "net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes net.ipv4.tcp_keepalive_time net.ipv4.tcp_rmem "
        "net.ipv4.tcp_syncookies net.ipv4.tcp_wmem"
    ).split()
)
RESTRICTED_VOLUMES = (
    "config_map",
    "csi",
    "downward_api",
    "empty_dir",
    "ephemeral",
    "image",
    "persistent_volume_claim",
    "projected",
    "secret",
)
CONTAINER_FIELDS = {
    "init container": "init_containers",
    "container": "containers",
    "ephemeral container": "ephemeral_containers",
}
CONFINED = ("RuntimeDefault", "Localhost")

Control = Callable[[PodSpec, ObjectMeta], bool]
"""Whether a pod violates the control."""


def failing(spec: PodSpec, metadata: ObjectMeta | None = None, *, level: str = "restricted") -> tuple[str, ...]:
    """The ids of the controls that forbid the pod, in alphabetical order; empty where the level admits it.

    level: `baseline` or `restricted`. AppArmor annotations of `metadata` count like the fields.
    Raises KeyError for another level.
    """
    annotations = metadata or ObjectMeta()
    return tuple(sorted(id for id, violates in CONTROLS[level].items() if violates(spec, annotations)))


def violators(spec: PodSpec, metadata: ObjectMeta, id: str, *, level: str = "restricted") -> tuple[str, ...]:
    """What violates a control of the level: `pod`, or containers such as `init container sysctl`; empty for nothing.

    Raises KeyError for another level, and for a control that the level does not have.
    """
    violates = CONTROLS[level][id]
    bare = structs.replace(spec, containers=(), init_containers=(), ephemeral_containers=())
    if violates(bare, _annotated(metadata, "")):
        return ("pod",)
    found = tuple(
        f"{kind} {container.name}"
        for kind, field in CONTAINER_FIELDS.items()
        for container in getattr(spec, field)
        if violates(structs.replace(bare, **{field: (container,)}), _annotated(metadata, container.name))
    )
    return found or (("pod",) if violates(spec, metadata) else ())


def _annotated(metadata: ObjectMeta, container: str) -> ObjectMeta:
    """The metadata without the AppArmor annotations of other containers."""
    kept = {
        key: value
        for key, value in metadata.annotations.items()
        if not key.startswith(APPARMOR_ANNOTATION) or key == f"{APPARMOR_ANNOTATION}{container}"
    }
    return structs.replace(metadata, annotations=kept)


def containers_of(spec: PodSpec) -> tuple[Container, ...]:
    """Init, main and ephemeral containers: the standards apply to all of them alike."""
    return (*spec.init_containers, *spec.containers, *spec.ephemeral_containers)


def _security(spec: PodSpec) -> Iterator[SecurityContext]:
    for container in containers_of(spec):
        yield container.security_context or SecurityContext()


def _pod(spec: PodSpec) -> PodSecurityContext:
    return spec.security_context or PodSecurityContext()


def _is_windows(spec: PodSpec) -> bool:
    return spec.os is not None and spec.os.name == "windows"


def _has_user_namespace(spec: PodSpec) -> bool:
    """With `hostUsers: false` root inside the pod is not root on the node."""
    return spec.host_users is False


# --- baseline -------------------------------------------------------------------------------------


def _host_namespaces(spec: PodSpec, _: ObjectMeta) -> bool:
    return spec.host_network or spec.host_pid or spec.host_ipc


def _privileged(spec: PodSpec, _: ObjectMeta) -> bool:
    return any(own.privileged for own in _security(spec))


def _capabilities_baseline(spec: PodSpec, _: ObjectMeta) -> bool:
    return any(set((own.capabilities or Capabilities()).add) - BASELINE_CAPABILITIES for own in _security(spec))


def _host_path_volumes(spec: PodSpec, _: ObjectMeta) -> bool:
    return any(volume.host_path is not None for volume in spec.volumes)


def _host_ports(spec: PodSpec, _: ObjectMeta) -> bool:
    return any(port.host_port for container in containers_of(spec) for port in container.ports)


def _host_probes(spec: PodSpec, _: ObjectMeta) -> bool:
    return any(_hosts(container) for container in containers_of(spec))


def _hosts(container: Container) -> set[str]:
    """The hosts that probes and lifecycle hooks of a container name; "" (the pod itself) is left out."""
    lifecycle = container.lifecycle or Lifecycle()
    handlers: tuple[Probe | LifecycleHandler, ...] = (
        *(probe for probe in (container.liveness_probe, container.readiness_probe, container.startup_probe) if probe),
        *(handler for handler in (lifecycle.post_start, lifecycle.pre_stop) if handler),
    )
    named: set[str] = set()
    for handler in handlers:
        named |= {target.host for target in (handler.http_get, handler.tcp_socket) if target is not None}
    return named - {""}


def _app_armor(spec: PodSpec, metadata: ObjectMeta) -> bool:
    profiles = [_pod(spec).app_armor_profile, *(own.app_armor_profile for own in _security(spec))]
    if any(profile is not None and profile.type not in CONFINED for profile in profiles):
        return True
    annotated = (value for key, value in metadata.annotations.items() if key.startswith(APPARMOR_ANNOTATION))
    return any(value not in ("", "runtime/default") and not value.startswith("localhost/") for value in annotated)


def _se_linux(spec: PodSpec, _: ObjectMeta) -> bool:
    options = [_pod(spec).se_linux_options, *(own.se_linux_options for own in _security(spec))]
    return any(_is_foreign(one) for one in options if one is not None)


def _is_foreign(options: SELinuxOptions) -> bool:
    return options.type not in SELINUX_TYPES or bool(options.user or options.role)


def _seccomp_baseline(spec: PodSpec, _: ObjectMeta) -> bool:
    profiles = [_pod(spec).seccomp_profile, *(own.seccomp_profile for own in _security(spec))]
    return any(profile is not None and profile.type not in CONFINED for profile in profiles)


def _sysctls(spec: PodSpec, _: ObjectMeta) -> bool:
    return any(sysctl.name not in SAFE_SYSCTLS for sysctl in _pod(spec).sysctls)


def _windows_host_process(spec: PodSpec, _: ObjectMeta) -> bool:
    options = [_pod(spec).windows_options, *(own.windows_options for own in _security(spec))]
    return any(option is not None and option.host_process for option in options)


def _proc_mount(spec: PodSpec, _: ObjectMeta) -> bool:
    return any(own.proc_mount not in ("", "Default") for own in _security(spec))


def _proc_mount_baseline(spec: PodSpec, metadata: ObjectMeta) -> bool:
    return not _has_user_namespace(spec) and _proc_mount(spec, metadata)


# --- restricted -----------------------------------------------------------------------------------


def _restricted_volumes(spec: PodSpec, _: ObjectMeta) -> bool:
    return any(not _is_allowed(volume) for volume in spec.volumes)


def _is_allowed(volume: Volume) -> bool:
    """A volume without a source becomes an emptyDir when the API server stores the pod."""
    sources = [name for name in volume.__struct_fields__ if name != "name" and getattr(volume, name) is not None]
    return all(name in RESTRICTED_VOLUMES for name in sources)


def _allow_privilege_escalation(spec: PodSpec, _: ObjectMeta) -> bool:
    return not _is_windows(spec) and any(own.allow_privilege_escalation is not False for own in _security(spec))


def _capabilities_restricted(spec: PodSpec, _: ObjectMeta) -> bool:
    if _is_windows(spec):
        return False
    capabilities = [own.capabilities or Capabilities() for own in _security(spec)]
    return any("ALL" not in one.drop or set(one.add) - {"NET_BIND_SERVICE"} for one in capabilities)


def _run_as_non_root(spec: PodSpec, _: ObjectMeta) -> bool:
    if _has_user_namespace(spec):
        return False
    default = _pod(spec).run_as_non_root
    if default is False:  # Forbidden at the level of the pod, even where every container overrides it.
        return True
    values = [default if own.run_as_non_root is None else own.run_as_non_root for own in _security(spec)]
    return not all(values)


def _run_as_user(spec: PodSpec, _: ObjectMeta) -> bool:
    if _has_user_namespace(spec):
        return False
    return 0 in (_pod(spec).run_as_user, *(own.run_as_user for own in _security(spec)))


def _seccomp_restricted(spec: PodSpec, metadata: ObjectMeta) -> bool:
    if _is_windows(spec):
        return False
    default = _pod(spec).seccomp_profile
    missing = any((own.seccomp_profile or default) is None for own in _security(spec))
    return missing or _seccomp_baseline(spec, metadata)


_BASELINE: dict[str, Control] = {
    "appArmorProfile": _app_armor,
    "capabilities_baseline": _capabilities_baseline,
    "hostNamespaces": _host_namespaces,
    "hostPathVolumes": _host_path_volumes,
    "hostPorts": _host_ports,
    "hostProbesAndHostLifecycle": _host_probes,
    "privileged": _privileged,
    "procMount": _proc_mount_baseline,
    "seLinuxOptions": _se_linux,
    "seccompProfile_baseline": _seccomp_baseline,
    "sysctls": _sysctls,
    "windowsHostProcess": _windows_host_process,
}
_REPLACED = ("capabilities_baseline", "hostPathVolumes", "procMount", "seccompProfile_baseline")

CONTROLS: dict[str, dict[str, Control]] = {
    "baseline": _BASELINE,
    "restricted": {
        **{id: control for id, control in _BASELINE.items() if id not in _REPLACED},
        "allowPrivilegeEscalation": _allow_privilege_escalation,
        "capabilities_restricted": _capabilities_restricted,
        "procMount_restricted": _proc_mount,
        "restrictedVolumes": _restricted_volumes,
        "runAsNonRoot": _run_as_non_root,
        "runAsUser": _run_as_user,
        "seccompProfile_restricted": _seccomp_restricted,
    },
}
"""Level -> id of the control -> whether a pod violates it. `restricted` replaces some baseline controls by its own."""

TITLES = {
    "allowPrivilegeEscalation": "Privilege Escalation",
    "appArmorProfile": "AppArmor",
    "capabilities_baseline": "Capabilities",
    "capabilities_restricted": "Capabilities",
    "hostNamespaces": "Host Namespaces",
    "hostPathVolumes": "HostPath Volumes",
    "hostPorts": "Host Ports",
    "hostProbesAndHostLifecycle": "Host Probes / Lifecycle Hooks",
    "privileged": "Privileged Containers",
    "procMount": "/proc Mount Type",
    "procMount_restricted": "/proc Mount Type",
    "restrictedVolumes": "Volume Types",
    "runAsNonRoot": "Running as Non-root",
    "runAsUser": "Running as Non-root user",
    "seLinuxOptions": "SELinux",
    "seccompProfile_baseline": "Seccomp",
    "seccompProfile_restricted": "Seccomp",
    "sysctls": "Sysctls",
    "windowsHostProcess": "HostProcess",
}
"""Id of a control -> its title in the documentation of Kubernetes."""


def admits(specs: Iterable[PodSpec], level: str) -> bool:
    """Whether a namespace that enforces the level would admit all of these pods."""
    return not any(failing(spec, level=level) for spec in specs)
