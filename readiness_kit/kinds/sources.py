"""The sources besides Kubernetes lists: one row for each answer, with the Struct that lists the kept fields.

Keys have the form `weaviate/meta` or `prometheus/rules`; evidence functions name them in `reads` like keys of `KINDS`.
An answer of Weaviate or Prometheus is one value, not a list of objects. `kubernetes/apis` holds the API groups.
"""

from __future__ import annotations

from typing import Any

from readiness_kit.kinds import prometheus, weaviate

SOURCES: dict[str, Any] = {
    "kubernetes/apis": tuple[str, ...],
    "weaviate/probe": weaviate.Probe,
    "weaviate/live": weaviate.Health,
    "weaviate/ready": weaviate.Health,
    "weaviate/oidc": weaviate.OpenIdConfiguration,
    "weaviate/meta": weaviate.Meta,
    "weaviate/own_info": weaviate.OwnInfo,
    "weaviate/nodes": weaviate.Nodes,
    "weaviate/statistics": weaviate.Statistics,
    "weaviate/schema": weaviate.Schema,
    "weaviate/nodes_verbose": weaviate.Nodes,
    "weaviate/backups": dict[str, weaviate.Backend],
    "weaviate/roles": tuple[weaviate.Role, ...],
    "weaviate/users": tuple[weaviate.User, ...],
    "weaviate/tasks": dict[str, tuple[weaviate.Task, ...]],
    "prometheus/buildinfo": prometheus.Build,
    "prometheus/labels": prometheus.Labels,
    "prometheus/rules": tuple[prometheus.Rule, ...],
    "prometheus/alertmanagers": prometheus.Alertmanagers,
    "prometheus/targets": tuple[prometheus.ScrapeTarget, ...],
    "prometheus/up": tuple[prometheus.Sample, ...],
    "prometheus/weaviate": prometheus.Samples,
    "prometheus/history": prometheus.Samples,
    "prometheus/usage": prometheus.Usage,
    "prometheus/volumes": prometheus.VolumeUsage,
    "prometheus/nodes": prometheus.NodeUsage,
    "prometheus/traffic": prometheus.Traffic,
}
"""Key -> type to decode with (a Struct, or a tuple or dict of Structs)."""
