"""The effective security context of a container, from its own and the pod's fields."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from readiness_kit.kinds.cluster import ServiceAccount
from readiness_kit.kinds.pods import Capabilities, Container, PodSecurityContext, PodSpec, SecurityContext

T = TypeVar("T")


class EffectiveSecurity(msgspec.Struct, frozen=True):
    """None means that neither level sets the field: the image decides about the user, the node about seccomp.

    `allow_privilege_escalation` is resolved as the kubelet does: allowed unless false, always for privileged containers
    and those with SYS_ADMIN. A user that OpenShift assigns by SCC (annotation `openshift.io/scc` of the pod) is not
    considered here.
    """

    run_as_non_root: bool | None
    run_as_user: int | None
    privileged: bool
    allow_privilege_escalation: bool
    read_only_root: bool
    drops_all: bool
    added: tuple[str, ...]
    seccomp: str | None
    run_as_group: int | None = None

    @property
    def non_root(self) -> bool:
        """Whether the container certainly does not run as root: by its user number, or by the kubelet's check."""
        return bool(self.run_as_user) or (self.run_as_user is None and self.run_as_non_root is True)


def effective(container: Container, pod_security: PodSecurityContext | None) -> EffectiveSecurity:
    """The effective values: the container's where set, otherwise the pod's."""
    context = container.security_context or SecurityContext()
    pod = pod_security or PodSecurityContext()
    capabilities = context.capabilities or Capabilities()
    profile = context.seccomp_profile or pod.seccomp_profile
    added = tuple(_capability(name) for name in capabilities.add)
    privileged = bool(context.privileged)
    return EffectiveSecurity(
        run_as_non_root=_first(context.run_as_non_root, pod.run_as_non_root),
        run_as_user=_first(context.run_as_user, pod.run_as_user),
        privileged=privileged,
        allow_privilege_escalation=context.allow_privilege_escalation is not False
        or privileged
        or "SYS_ADMIN" in added,
        read_only_root=bool(context.read_only_root_filesystem),
        drops_all="ALL" in {_capability(name) for name in capabilities.drop},
        added=added,
        seccomp=profile.type if profile else None,
        run_as_group=_first(context.run_as_group, pod.run_as_group),
    )


def mounts_token(spec: PodSpec, account: ServiceAccount | None) -> bool:
    """Whether a pod mounts an API token: by the pod's field, then the ServiceAccount's; true by default."""
    if spec.automount_service_account_token is not None:
        return spec.automount_service_account_token
    return account is None or account.automount_service_account_token is not False


def _first(container: T | None, pod: T | None) -> T | None:
    return pod if container is None else container


def _capability(name: str) -> str:
    return name.upper().removeprefix("CAP_")
