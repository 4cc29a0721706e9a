"""The network plug-in of the cluster, and whether it enforces NetworkPolicies, from the detected DaemonSets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from readiness_kit.model import Detection, Reason

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

_GROUPS: dict[str, bool | None] = {"cni_enforcing": True, "cni_plain": False, "cni_unclear": None}
"""Group of detectors -> whether its plug-ins enforce NetworkPolicies; None: depends on version or configuration."""
OWN_POLICIES = {
    "Calico": (
        "globalnetworkpolicies.crd.projectcalico.org",
        "networkpolicies.crd.projectcalico.org",
        # Installations that store the v3 API directly, without an API server of Calico.
        "globalnetworkpolicies.projectcalico.org",
        "networkpolicies.projectcalico.org",
    ),
    "Canal": ("globalnetworkpolicies.crd.projectcalico.org", "networkpolicies.crd.projectcalico.org"),
    "Cilium": ("ciliumnetworkpolicies.cilium.io", "ciliumclusterwidenetworkpolicies.cilium.io"),
    "Cilium (Dataplane V2)": ("ciliumnetworkpolicies.cilium.io", "ciliumclusterwidenetworkpolicies.cilium.io"),
    "Antrea": ("clusternetworkpolicies.crd.antrea.io", "networkpolicies.crd.antrea.io"),
    "OVN-Kubernetes": (
        "adminnetworkpolicies.policy.networking.k8s.io",
        "baselineadminnetworkpolicies.policy.networking.k8s.io",
        "clusternetworkpolicies.policy.networking.k8s.io",
    ),
}
"""Plug-in -> its own kinds of policy, which apply to pods without any NetworkPolicy object."""


_SWITCHED_OFF = re.compile(
    r"(?:--)?(?:cilium_)?(?:enable-policy|enable_policy)=never|--enable-network-policy=false|--run-firewall=false", re.I
)
"""Arguments and variables by which Cilium, the agent of AWS and kube-router enforce nothing."""


class Plugin(msgspec.Struct, frozen=True):
    """`enforces` is None where unknown, with the reason where a list shows it; `indicator` describes the DaemonSet."""

    name: str
    enforces: bool | None
    daemonset: str = ""
    namespace: str = ""
    indicator: str = ""
    reason: Reason | None = None


def plugin(facts: ClusterFacts) -> Plugin:
    """The effective plug-in: an enforcing one takes precedence, because it can run next to any other."""
    found = [
        _plugin(facts, detection)
        for detection in facts.detections
        if detection.group in _GROUPS and _daemonset(detection)
    ]
    order = {True: 0, False: 2, None: 3}
    found.sort(key=lambda found: (1 if found.reason else order[found.enforces], found.name))
    return found[0] if found else Plugin("", None, indicator="no DaemonSet of a known network plug-in")


def _daemonset(detection: Detection) -> bool:
    return any(fact.ref.kind == "DaemonSet" for fact in detection.facts)


def _plugin(facts: ClusterFacts, detection: Detection) -> Plugin:
    fact = next(fact for fact in detection.facts if fact.ref.kind == "DaemonSet")
    # Some providers keep the DaemonSet, without a ready pod, when the feature is disabled.
    inactive = "none ready" in fact.seen
    enforces = None if inactive and _GROUPS[detection.group] else _GROUPS[detection.group]
    indicator = f"DaemonSet {fact.ref.name}, {fact.seen.partition(', ')[2]}"
    if switch := _switched_off(facts, fact.ref.namespace, fact.ref.name):
        enforces, indicator = False, f"DaemonSet {fact.ref.name}, {switch}"
    elif enforces and detection.tool.startswith("Cilium"):
        mode, reason = _cilium_mode(facts)
        if mode == "never":
            enforces, indicator = False, "ConfigMap cilium-config, enable-policy never"
        elif reason is not None or mode == "unknown":
            return Plugin(
                detection.tool, None, fact.ref.name, fact.ref.namespace, indicator, reason or Reason.NOT_OBSERVABLE
            )
    return Plugin(detection.tool, enforces, fact.ref.name, fact.ref.namespace, indicator)


def _cilium_mode(facts: ClusterFacts) -> tuple[str, Reason | None]:
    """`enable-policy` of Cilium's ConfigMap ("default" where it is not set), or why it is not known."""
    reason, configs = facts.missing("ciliumconfigs"), facts.objects("ciliumconfigs")
    if reason is not None or not configs:
        return "", reason or Reason.NOT_OBSERVABLE
    return configs[0].data.enable_policy or "default", None


def _switched_off(facts: ClusterFacts, namespace: str, name: str) -> str:
    """The argument or variable of a plug-in's DaemonSet that disables policies; "" where there is none."""
    for daemonset in facts.objects("daemonsets"):
        if (daemonset.metadata.namespace, daemonset.metadata.name) != (namespace, name):
            continue
        for container in daemonset.spec.template.spec.containers:
            for text in ("=".join((*container.command, *container.args)), *container.command, *container.args):
                if found := _SWITCHED_OFF.search(text):
                    return found[0]
    return ""
