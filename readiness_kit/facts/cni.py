"""Which network plug-in runs, and whether it enforces NetworkPolicies: told from DaemonSets.

The names follow the projects' own manifests; they are not verified on every provider.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from readiness_kit.facts.images import Image
from readiness_kit.kinds.workloads import DaemonSet

ENFORCING = {
    "calico-node": "Calico",
    "canal": "Canal",
    "cilium": "Cilium",
    "anetd": "Cilium (Dataplane V2)",
    "antrea-agent": "Antrea",
    "ovnkube-node": "OVN-Kubernetes",
    "kube-ovn-cni": "Kube-OVN",
    "kube-router": "kube-router",
    "weave-net": "Weave Net",
    "azure-npm": "Azure Network Policy Manager",
    "sdn": "OpenShift SDN",
}
"""DaemonSet -> plug-in that enforces NetworkPolicies as installed by default."""
NOT_ENFORCING = {"kube-flannel-ds": "flannel", "kube-flannel": "flannel"}
UNSURE = {"kindnet": "kindnet", "azure-cns": "Azure CNI"}
OWN_POLICIES = {
    "Calico": ("globalnetworkpolicies.crd.projectcalico.org", "networkpolicies.crd.projectcalico.org"),
    "Canal": ("globalnetworkpolicies.crd.projectcalico.org", "networkpolicies.crd.projectcalico.org"),
    "Cilium": ("ciliumnetworkpolicies.cilium.io", "ciliumclusterwidenetworkpolicies.cilium.io"),
    "Cilium (Dataplane V2)": ("ciliumnetworkpolicies.cilium.io", "ciliumclusterwidenetworkpolicies.cilium.io"),
    "Antrea": ("clusternetworkpolicies.crd.antrea.io", "networkpolicies.crd.antrea.io"),
    "OVN-Kubernetes": (
        "adminnetworkpolicies.policy.networking.k8s.io",
        "baselineadminnetworkpolicies.policy.networking.k8s.io",
    ),
}
"""Plug-in -> kinds of policy of its own that cover pods without any NetworkPolicy object."""
AWS_AGENT = "aws-eks-nodeagent"
_AWS_ON = "--enable-network-policy=true"


class Plugin(msgspec.Struct, frozen=True):
    """`enforces` None: cannot be told. `sign` says what was seen of which DaemonSet."""

    name: str
    enforces: bool | None
    daemonset: str = ""
    namespace: str = ""
    sign: str = ""


def plugin(daemonsets: Iterable[DaemonSet]) -> Plugin:
    """The plug-in that decides: an enforcing one wins over the rest, because it can stand beside any other."""
    found = [one for one in map(_recognised, daemonsets) if one is not None]
    order = {True: 0, False: 1, None: 2}
    found.sort(key=lambda one: (order[one.enforces], one.name))
    return found[0] if found else Plugin("", None, sign="no DaemonSet of a known network plug-in")


def _recognised(daemonset: DaemonSet) -> Plugin | None:
    name = daemonset.metadata.name
    ready = daemonset.status.number_ready

    def made(plug_in: str, enforces: bool | None, sign: str) -> Plugin:
        return Plugin(plug_in, enforces, name, daemonset.metadata.namespace, sign)

    if name in ENFORCING:
        # A DaemonSet without a ready pod does nothing: some providers leave it in place when the feature is off.
        return made(ENFORCING[name], True if ready else None, f"DaemonSet {name}, {ready} ready")
    if name in NOT_ENFORCING:
        return made(NOT_ENFORCING[name], False, f"DaemonSet {name}, which does not enforce NetworkPolicies")
    if name == "aws-node":
        return _aws(daemonset, made("Amazon VPC CNI", None, ""))
    if name in UNSURE:
        return made(
            UNSURE[name], None, f"DaemonSet {name}, which enforces NetworkPolicies in some versions and set-ups"
        )
    return None


def _aws(daemonset: DaemonSet, plug_in: Plugin) -> Plugin:
    """The agent beside the plug-in enforces, where its switch is on. No agent there to be seen settles nothing:
    it can also be switched on outside the DaemonSet (EKS Auto Mode), so that is not called a failure."""
    for container in daemonset.spec.template.spec.containers:
        if container.name == AWS_AGENT or Image.parse(container.image).name == "aws-network-policy-agent":
            on = _AWS_ON in (*container.command, *container.args)
            sign = f"container {container.name} of DaemonSet aws-node {'with' if on else 'without'} {_AWS_ON}"
            return msgspec.structs.replace(plug_in, enforces=on, sign=sign)
    return msgspec.structs.replace(plug_in, sign="DaemonSet aws-node without its network policy agent")
