"""The effective security context of a container."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from readiness_kit.facts.kubernetes.pod_security import effective, mounts_token
from readiness_kit.kinds.cluster import ServiceAccount
from readiness_kit.kinds.pods import Container, PodSecurityContext, PodSpec


def _secured(own: dict[str, Any], pod: dict[str, Any] | None = None) -> Any:
    container = msgspec.convert({"name": "c", "securityContext": own}, Container)
    return effective(container, msgspec.convert(pod, PodSecurityContext | None))


def test_trap_35_the_pod_level_counts_and_the_container_level_overrides_it() -> None:
    assert _secured({}, {"runAsNonRoot": True, "runAsUser": 1000}).non_root
    overridden = _secured({"runAsUser": 0}, {"runAsNonRoot": True, "runAsUser": 1000})
    assert overridden.run_as_user == 0 and not overridden.non_root
    assert _secured({"runAsNonRoot": False}, {"runAsNonRoot": True}).run_as_non_root is False
    assert _secured(
        {"seccompProfile": {"type": "Unconfined"}}, {"seccompProfile": {"type": "RuntimeDefault"}}
    ).seccomp == ("Unconfined")
    assert _secured({}, {"seccompProfile": {"type": "RuntimeDefault"}}).seccomp == "RuntimeDefault"


def test_nothing_said_is_none_and_not_a_pass() -> None:
    bare = effective(Container(name="c"), None)
    assert bare.run_as_non_root is None and bare.run_as_user is None and bare.seccomp is None
    assert not bare.non_root and bare.allow_privilege_escalation and not bare.read_only_root and not bare.drops_all


def test_privileges_and_capabilities() -> None:
    assert not _secured({"allowPrivilegeEscalation": False}).allow_privilege_escalation
    assert _secured({"allowPrivilegeEscalation": False, "privileged": True}).allow_privilege_escalation
    capable = _secured({"allowPrivilegeEscalation": False, "capabilities": {"add": ["CAP_SYS_ADMIN"], "drop": ["all"]}})
    assert capable.allow_privilege_escalation and capable.drops_all and capable.added == ("SYS_ADMIN",)


@pytest.mark.parametrize(
    ("pod", "account", "mounted"),
    [(None, None, True), (None, True, True), (None, False, False), (True, False, True), (False, True, False)],
)
def test_trap_34_the_pod_decides_about_the_token_before_its_account(
    pod: bool | None, account: bool | None, mounted: bool
) -> None:
    spec = PodSpec(automount_service_account_token=pod)
    assert mounts_token(spec, ServiceAccount(automount_service_account_token=account)) is mounted
