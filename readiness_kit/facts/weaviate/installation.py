"""How Weaviate was installed: by the official Helm chart, or by other means."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

CHART_LABEL, MANAGED_BY = "helm.sh/chart", "app.kubernetes.io/managed-by"
CHART = "weaviate"
"""The name of the official chart, and of the StatefulSet that it makes in every release."""


def from_chart(facts: ClusterFacts) -> bool:
    """Whether the official chart made the workload, so that its values change it.

    The chart sets `managed-by: Helm` and names the StatefulSet `weaviate`; a chart of another name shows in the label
    `helm.sh/chart`, which the official one does not set.
    """
    weaviate = facts.weaviate
    labels = weaviate.object.metadata.labels
    other = labels.get(CHART_LABEL, "")
    named = not other or other.rpartition("-")[0] == CHART
    return (
        weaviate.kind == "StatefulSet"
        and weaviate.name == CHART
        and labels.get(MANAGED_BY) == "Helm"
        and labels.get("app") == CHART
        and named
    )
