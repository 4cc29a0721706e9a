"""Names of this cluster: namespace, workload, Helm release, labels."""

from __future__ import annotations

import msgspec

from readiness_kit.fixes.model import OpenDecision, Value
from readiness_kit.fixes.parameters.registry import Context, parameter
from readiness_kit.kinds.workloads import Deployment, StatefulSet

RELEASE = "meta.helm.sh/release-name"


@parameter("namespace")
def namespace(context: Context) -> Value:
    """The namespace of Weaviate."""
    return Value(context.facts.weaviate.namespace, "the Weaviate workload")


@parameter("workload")
def workload(context: Context) -> Value:
    """Kind and name of the workload as kubectl takes them: `statefulset/weaviate`."""
    weaviate = context.facts.weaviate
    return Value(f"{weaviate.kind.lower()}/{weaviate.name}", "the Weaviate workload")


@parameter("workload_name")
def workload_name(context: Context) -> Value:
    """The name of the workload."""
    return Value(context.facts.weaviate.name, "the Weaviate workload")


@parameter("release")
def release(context: Context) -> Value | OpenDecision:
    """The Helm release, from the annotation that Helm sets."""
    name = context.facts.weaviate.object.metadata.annotations.get(RELEASE, "")
    if name:
        return Value(name, f"annotation {RELEASE} of the workload")
    how = f"helm list -n {context.facts.weaviate.namespace}"
    return OpenDecision("release", "the name of the Helm release", how)


@parameter("pod_selector")
def pod_selector(context: Context) -> Value:
    """A label selector for exactly the pods of the workload: its own selector, or the labels of its pods."""
    weaviate = context.facts.weaviate
    own = weaviate.object.spec.selector if isinstance(weaviate.object, StatefulSet | Deployment) else None
    if own is not None and (own.match_labels or own.match_expressions):
        return Value(msgspec.to_builtins(own), "the selector of the workload")
    return Value({"matchLabels": dict(weaviate.pod_labels)}, "the labels of the pods")
