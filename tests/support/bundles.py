"""Bundles of other tools, built from the small cluster of the collection tests."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.collect.conftest import listed, small

LISTS = small()
PODS = LISTS["/api/v1/pods"]["items"]
SETS = LISTS["/apis/apps/v1/statefulsets"]["items"]


def of_kubectl(*items: Mapping[str, Any], kind: str = "", api: str = "v1") -> dict[str, Any]:
    """What `kubectl get -o json` prints: a List whose items say what they are."""
    named = [{"kind": kind, "apiVersion": api, **item} if kind else dict(item) for item in items]
    return {"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": ""}, "items": named}


def write(folder: Path, **contents: Any) -> Path:
    """Files by path with `__` for `/` (and `_json` for `.json`)."""
    for name, content in contents.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return folder


def tarred(folder: Path, to: Path, top: str) -> Path:
    with tarfile.open(to, "w:gz") as archive:
        archive.add(folder, top)
    return to


def names(snapshot: Any, key: str) -> list[str]:
    return [item.metadata.name for item in snapshot.objects(key)]


def troubleshoot(folder: Path, *, bare: bool) -> Path:
    """A support bundle; old versions wrote bare arrays without kinds."""

    def content(path: str, namespace: str = "") -> Any:
        items = [item for item in LISTS[path]["items"] if not namespace or item["metadata"]["namespace"] == namespace]
        return items if bare else {**LISTS[path], "items": items}

    by_namespace = {
        f"cluster-resources__{name}__{namespace}.json": content(path, namespace)
        for name, path in (("pods", "/api/v1/pods"), ("statefulsets", "/apis/apps/v1/statefulsets"))
        for namespace in ("db", "web")
    }
    schedule = [
        {"apiVersion": "velero.io/v1", "kind": "Schedule", "metadata": {"name": "daily", "namespace": "velero"}}
    ]
    return write(
        folder,
        **by_namespace,
        **{
            "cluster-resources__nodes.json": content("/api/v1/nodes"),
            "cluster-resources__namespaces.json": content("/api/v1/namespaces"),
            "cluster-resources__pvcs__web.json": [] if bare else listed("PersistentVolumeClaim", "v1"),
            "cluster-resources__storage-classes-errors.json": ["storageclasses is forbidden: no"],
            "cluster-resources__services-errors.json": {},
            "cluster-resources__custom-resources__schedules.velero.io__velero.yaml": yaml.safe_dump(schedule).encode(),
            "cluster-resources__pods__logs__db__weaviate-0__weaviate.json": b"{}",
            "cluster-resources__groups.json": [{"kind": "APIGroup", "name": "apps", "versions": [{"version": "v1"}]}],
            "cluster-info__cluster_version.json": {"info": {"gitVersion": "v1.31.2"}, "string": "v1.31.2"},
        },
    )
