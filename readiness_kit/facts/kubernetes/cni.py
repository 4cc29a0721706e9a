"""Which network plug-in runs, and whether it enforces NetworkPolicies: as the detectors tell it from DaemonSets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from readiness_kit.model import Detection

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

_GROUPS: dict[str, bool | None] = {"cni_enforcing": True, "cni_plain": False, "cni_unclear": None}
"""Group of detectors -> whether its plug-ins enforce NetworkPolicies; None: it depends on version or set-up."""
OWN_POLICIES = {
    "Calico": (
        "globalnetworkpolicies.crd.projectcalico.org",
        "networkpolicies.crd.projectcalico.org",
        # Where the API of version 3 is kept as it is, without a server of its own.
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
"""Plug-in -> kinds of policy of its own that cover pods without any NetworkPolicy object."""


class Plugin(msgspec.Struct, frozen=True):
    """`enforces` None: cannot be told. `sign` says what was seen of which DaemonSet."""

    name: str
    enforces: bool | None
    daemonset: str = ""
    namespace: str = ""
    sign: str = ""


def plugin(facts: ClusterFacts) -> Plugin:
    """The plug-in that decides: an enforcing one wins over the rest, because it can stand beside any other."""
    found = [_plugin(one) for one in facts.detections if one.group in _GROUPS and _daemonset(one)]
    order = {True: 0, False: 1, None: 2}
    found.sort(key=lambda one: (order[one.enforces], one.name))
    return found[0] if found else Plugin("", None, sign="no DaemonSet of a known network plug-in")


def _daemonset(one: Detection) -> bool:
    return any(fact.ref.kind == "DaemonSet" for fact in one.facts)


def _plugin(one: Detection) -> Plugin:
    fact = next(fact for fact in one.facts if fact.ref.kind == "DaemonSet")
    # A DaemonSet without a ready pod does nothing: some providers leave it in place when the feature is off.
    dead = "none ready" in fact.seen
    enforces = None if dead and _GROUPS[one.group] else _GROUPS[one.group]
    sign = f"DaemonSet {fact.ref.name}, {fact.seen.partition(', ')[2]}"
    return Plugin(one.tool, enforces, fact.ref.name, fact.ref.namespace, sign)
