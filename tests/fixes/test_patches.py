"""Strategic merge patches lead from one state to the other, and name the changed paths only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from readiness_kit import paths
from readiness_kit.fixes.chart_values import apply_values
from readiness_kit.fixes.merging import Objects, entry_key, from_plain, plain
from readiness_kit.fixes.patches import DIRECTIVE, patches
from readiness_kit.kinds import KINDS
from readiness_kit.snapshot import load
from tests.support.chart import CURATED, rendered, values_of

DEMO = load(paths.demo() / "cluster.zip").kept
BY_KIND = {kind.kind: key for key, kind in reversed(KINDS.items())}


def patched(live: Any, patch: Any, field: str = "") -> Any:
    """A strategic merge patch applied to plain data, by the documented rules."""
    if isinstance(patch, dict):
        result = dict(live) if isinstance(live, dict) else {}
        for name, value in patch.items():
            if value is None:
                result.pop(name, None)
            else:
                result[name] = patched(result.get(name), value, name)
        return result
    if not isinstance(patch, list):
        return patch
    rows = [row for row in patch if not isinstance(row, dict) or row != {DIRECTIVE: "replace"}]
    key = entry_key(field, [*(live or []), *rows])
    if not key or len(rows) < len(patch):
        return rows
    result = {row[key]: row for row in live or []}
    for row in rows:
        if row.get(DIRECTIVE) == "delete":
            del result[row[key]]
        else:
            result[row[key]] = patched(result.get(row[key]), row)
    return list(result.values())


def in_any_order(value: Any) -> Any:
    """Data with named entries in order of their names: a patch does not set the order of a list."""
    if isinstance(value, dict):
        return {
            name: sorted(map(in_any_order, item), key=repr) if isinstance(item, list) else in_any_order(item)
            for name, item in value.items()
        }
    return value


def assert_patches_lead_to(before: Objects, after: Objects) -> None:
    found = {(patch.kind, patch.namespace, patch.name): patch.body for patch in patches(before, after)}
    for key, objects in before.items():
        new = {(obj.metadata.namespace, obj.metadata.name): obj for obj in after.get(key, ())}
        for obj in objects:
            name = (obj.metadata.namespace, obj.metadata.name)
            body = found.pop((KINDS[key].kind, *name), None)
            if name not in new or obj == new[name]:
                assert body is None
                continue
            assert body is not None and body["apiVersion"] == KINDS[key].api
            result = from_plain(patched(plain(obj), body), type(obj))
            expected, actual = plain(new[name]), plain(result)
            for part in (expected, actual):
                part.pop("status", None)
            assert in_any_order(actual) == in_any_order(expected)
    assert found == {}


@pytest.mark.parametrize(
    "folder", sorted(path for path in CURATED.iterdir() if path.is_dir()), ids=lambda path: path.name
)
def test_the_patches_lead_from_one_state_to_the_other_and_back(folder: Path) -> None:
    before, after = rendered(CURATED / "default"), rendered(folder)
    assert_patches_lead_to(before, after)
    assert_patches_lead_to(after, before)


@pytest.mark.parametrize("folder", ["hardened", "backup-s3", "probes", "services-clusterip", "affinity-both"])
def test_the_patches_of_a_running_cluster(folder: str) -> None:
    after = apply_values(DEMO, values_of(CURATED / folder), namespace="search")
    assert_patches_lead_to(DEMO, after)


def test_a_patch_names_the_changed_paths_only() -> None:
    fragment = {"replicas": 1, "resources": {"limits": {"memory": "64Gi"}}, "env": {"LOG_LEVEL": "info", "GOGC": None}}
    (patch,) = patches(DEMO, apply_values(DEMO, fragment, namespace="search"))
    env = [
        {"name": "LOG_LEVEL", "value": "info"},
        {"name": "RAFT_BOOTSTRAP_EXPECT", "value": "1"},
        {"name": "RAFT_JOIN", "value": "weaviate-0"},
        {"name": "GOGC", DIRECTIVE: "delete"},
    ]
    container = {"name": "weaviate", "env": env, "resources": {"limits": {"memory": "64Gi"}}}
    assert patch.body == {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "weaviate", "namespace": "search"},
        "spec": {"replicas": 1, "template": {"spec": {"containers": [container]}}},
    }


def test_a_field_with_a_default_is_written_and_an_emptied_one_removed() -> None:
    after = apply_values(DEMO, {"grpcService": {"type": "ClusterIP"}, "nodeSelector": None}, namespace="search")
    bodies = {patch.kind: patch.body for patch in patches(DEMO, after)}
    assert bodies["Service"]["spec"] == {"type": "ClusterIP"}
    assert bodies["StatefulSet"]["spec"] == {"template": {"spec": {"nodeSelector": None}}}


def test_equal_states_need_no_patch() -> None:
    assert patches(DEMO, DEMO) == ()
