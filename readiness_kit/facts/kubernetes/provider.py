"""Who runs the Kubernetes control plane, from the labels of the nodes and the suffix of the version."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

_MARKS = {
    "EKS": (("eks.amazonaws.com/",), "-eks-"),
    "GKE": (("cloud.google.com/gke-",), "-gke."),
    "AKS": (("kubernetes.azure.com/",), ""),
}
"""Name -> (prefixes of node labels, part of gitVersion). A providerID names the cloud only, not the service."""


def provider(facts: ClusterFacts) -> str:
    """EKS, GKE or AKS; "" for none of them."""
    version = facts.snapshot.manifest.server_version
    labels = [key for node in facts.objects("nodes") for key in node.metadata.labels]
    for name, (prefixes, suffix) in _MARKS.items():
        if (suffix and suffix in version) or any(key.startswith(prefixes) for key in labels):
            return name
    return ""
