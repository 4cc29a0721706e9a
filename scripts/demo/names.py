"""Names, dates and locations of the demonstration cluster."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]

REGION = "eu-west-1"
ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
NAMESPACE = "search"
BORN = "2026-03-02T08:15:00Z"
ROLLED = "2026-11-09T06:40:00Z"
READ_AT = "2026-11-20T09:30:00Z"
VERSION = "1.38.2"
WEAVIATE_LABELS = {"app": "weaviate", "app.kubernetes.io/name": "weaviate", "app.kubernetes.io/managed-by": "Helm"}
HELM = {"meta.helm.sh/release-name": "weaviate", "meta.helm.sh/release-namespace": NAMESPACE}


def named(name: str, namespace: str = "", *, born: str = BORN, **meta: Any) -> Object:
    return {"metadata": {"name": name, "namespace": namespace, "creationTimestamp": born, **meta}}


def node_name(zone: int, place: int) -> str:
    """Node `place` (0 to 2) of zone 0 to 2; place 0 is the dedicated Weaviate node of the zone."""
    return f"ip-10-{20 + zone}-{(11, 47, 98)[place]}-{(23, 180, 66)[place] + zone}.{REGION}.compute.internal"
