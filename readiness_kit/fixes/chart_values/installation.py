"""The objects of one installation by the official chart, found among all objects of a snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from readiness_kit.errors import WorkloadError
from readiness_kit.fixes.merging import Objects, Plain, plain
from readiness_kit.kinds.meta import KubeObject
from readiness_kit.kinds.workloads import StatefulSet

MANAGED_BY = "app.kubernetes.io/managed-by"
LABELS = {"app.kubernetes.io/name": "weaviate", MANAGED_BY: "Helm"}
_RELEASE = ("meta.helm.sh/release-name", "meta.helm.sh/release-namespace")


def is_from_chart(workload: KubeObject) -> bool:
    """Whether an object is a StatefulSet of the official chart: labelled by Helm, selecting its pods by `app` alone."""
    if not isinstance(workload, StatefulSet) or not managed_by_helm(workload):
        return False
    selector = workload.spec.selector
    named = workload.metadata.labels.get("app.kubernetes.io/name") == "weaviate"
    return named and selector is not None and selector.match_labels == {"app": "weaviate"}


def managed_by_helm(obj: KubeObject) -> bool:
    """Whether the object has the label of Helm; older charts write it in lower case."""
    return obj.metadata.labels.get(MANAGED_BY, "").lower() == "helm"


class Installation(msgspec.Struct, frozen=True):
    """The objects, and the StatefulSet of the chart among them. `namespace` may be empty, in rendered manifests."""

    objects: Objects
    stateful_set: StatefulSet

    @classmethod
    def find(cls, objects: Objects, namespace: str, name: str) -> Installation:
        """The installation of a StatefulSet. Raises WorkloadError where it is none by the official chart."""
        for found in objects.get("statefulsets", ()):
            if (found.metadata.namespace, found.metadata.name) == (namespace, name) and isinstance(found, StatefulSet):
                if is_from_chart(found):
                    return cls(objects, found)
                break
        place = f"{namespace}/{name}" if namespace else name
        raise WorkloadError(
            f"StatefulSet {place} is not known to be an installation by the official chart",
            "change its objects with manifests or patches instead of Helm values",
        )

    @property
    def namespace(self) -> str:
        """The namespace of the objects; empty in rendered manifests."""
        return self.stateful_set.metadata.namespace

    @property
    def name(self) -> str:
        """The name of the StatefulSet."""
        return self.stateful_set.metadata.name

    @property
    def workload(self) -> Plain:
        """The StatefulSet as plain data."""
        return plain(self.stateful_set)

    def get(self, key: str, name: str) -> KubeObject | None:
        """The object of this kind and name in the namespace; None where it is not there, or was not read."""
        for found in self.objects.get(key, ()):
            if (found.metadata.namespace, found.metadata.name) == (self.namespace, name):
                return found
        return None

    def rendered(self, key: str, name: str) -> Plain | None:
        """The object as plain data, where Helm manages it."""
        found = self.get(key, name)
        return plain(found) if found is not None and managed_by_helm(found) else None

    def metadata(self, name: str, labels: Mapping[str, str] | None = None) -> Plain:
        """The metadata of a further object of the release."""
        own = self.stateful_set.metadata.annotations
        annotations = {key: own[key] for key in _RELEASE if key in own}
        found: dict[str, Any] = {"name": name, "labels": {**(labels or {}), **LABELS}}
        return (
            found
            | ({"namespace": self.namespace} if self.namespace else {})
            | ({"annotations": annotations} if annotations else {})
        )
