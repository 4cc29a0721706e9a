"""The files of `readiness fix`: one patch with comments, instructions in order, patches for other installations."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from readiness_kit.errors import UsageError
from readiness_kit.facts import ClusterFacts
from readiness_kit.fixes.advise import prepare
from readiness_kit.fixes.chart_values import is_from_chart
from readiness_kit.fixes.model import Effort, Fix, FixKind
from readiness_kit.fixes.plan import plan
from readiness_kit.fixes.writing.bundle import chosen_fixes, files
from readiness_kit.fixes.writing.values_patch import onto
from readiness_kit.model import Settings
from tests.support.answers import answered
from tests.support.asked import says
from tests.support.cluster import cluster, weaviate
from tests.support.fixes import assessed, other_origin


def written(facts: ClusterFacts, current: dict[str, Any] | None = None) -> dict[str, str]:
    found = plan(assessed(facts), facts, Settings())
    return {path: body.decode() for path, body in files(found, chosen_fixes(found), facts, current).items()}


def three(**how: Any) -> ClusterFacts:
    return answered(cluster(weaviate(**how)), says({"Products": 3, "Sessions": 1}))


def test_the_patch_has_changed_paths_only_and_names_the_questions() -> None:
    text = written(three())["values-patch.yaml"]
    found = yaml.safe_load(text)
    assert {"affinity", "podDisruptionBudgets"} <= found.keys() and "replicas" not in found
    assert "# Q11: Allow one Weaviate pod to be evicted at a time\n" in text
    assert found["podDisruptionBudgets"]["weaviate"]["spec"] == {"minAvailable": None, "maxUnavailable": 1}
    rule = found["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert [term["topologyKey"] for term in rule] == ["kubernetes.io/hostname", "topology.kubernetes.io/zone"]


def test_calls_come_before_the_restart_and_nothing_is_run() -> None:
    text = written(three())["commands.md"]
    assert text.index("replication/scale?collection=Sessions&") < text.index("helm upgrade")
    assert text.index("--dry-run=server") < text.rindex("helm upgrade")
    assert "Nothing here has been run" in text and "not set" in text


def test_other_installations_get_patches_of_their_own_objects() -> None:
    facts = other_origin()
    assert not is_from_chart(facts.weaviate.object)
    found = written(facts)
    assert "values-patch.yaml" not in found
    patch = yaml.safe_load(found["patches/statefulset-vectors.yaml"])
    assert patch["spec"]["replicas"] == 3
    env = {entry["name"]: entry["value"] for entry in patch["spec"]["template"]["spec"]["containers"][0]["env"]}
    assert env["RAFT_JOIN"] == "vectors-0,vectors-1,vectors-2"
    assert env["RAFT_BOOTSTRAP_EXPECT"] == "3"
    budget = yaml.safe_load(found["manifests/poddisruptionbudget-vectors.yaml"])
    assert budget["apiVersion"] == "policy/v1" and budget["spec"]["selector"]["matchLabels"] == {"app": "weaviate"}
    assert "kubectl -n weaviate patch statefulset vectors --type strategic" in found["commands.md"]


def test_plan_json_has_the_order_the_reasons_and_the_recorded_values() -> None:
    data = json.loads(written(three())["plan.json"])
    order = [row["id"] for row in data["fixes"]]
    assert order.index("versions.upgrade") < order.index("replication.three")
    copies = next(row for row in data["fixes"] if row["id"] == "replication.three")
    assert (copies["state"], copies["questions"][0]) == ("open", "ha.multi_az")
    nodes = next(row for row in data["fixes"] if row["id"] == "separation.nodes")
    assert nodes["recorded"][0]["path"].endswith("affinity") and nodes["recorded"][0]["before"] is None
    assert nodes["sources"]["node_terms"] == "3 nodes for 3 pods"


def test_an_open_decision_is_asked_for_and_not_in_the_patch() -> None:
    facts = answered(cluster(weaviate(1)), says({"Products": 1}, nodes=("weaviate-0",)))
    found = written(facts)
    assert "replicas" not in yaml.safe_load(found["values-patch.yaml"])
    assert "## Decide first" in found["commands.md"] and "1 node can take a Weaviate pod" in found["commands.md"]


def test_a_field_that_cannot_change_waits_for_a_decision() -> None:
    """The API server refuses to change the claim templates of a running StatefulSet."""
    row = Fix("storage.size", "t", "w", FixKind.VALUES, "d", Effort.DAYS, values={"storage": {"size": "512Gi"}})
    found = prepare(row, three(), Settings())
    assert [decision.name for decision in found.decisions] == ["recreation"]
    assert "--cascade=orphan" in found.decisions[0].how and not found.applicable


# --- onto the values of a customer ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("current", "values", "changed"),
    [
        ({"replicas": 3}, {"replicas": 3}, {}),
        ({"env": {"A": "true"}}, {"env": {"A": True, "B": "2"}}, {"env": {"B": "2"}}),
        (
            {"tolerations": [{"key": "a"}]},
            {"tolerations": [{"key": "b"}]},
            {"tolerations": [{"key": "a"}, {"key": "b"}]},
        ),
        ({"tolerations": [{"key": "b"}]}, {"tolerations": [{"key": "b"}]}, {}),
        ({"spec": {"minAvailable": 2}}, {"spec": {"minAvailable": None}}, {"spec": {"minAvailable": None}}),
        ({}, {"spec": {"minAvailable": None}}, {"spec": {"minAvailable": None}}),
    ],
)
def test_onto_customer_values(current: dict[str, Any], values: dict[str, Any], changed: dict[str, Any]) -> None:
    assert onto(current, values) == changed


@pytest.mark.parametrize(
    ("current", "values", "message"),
    [
        ({"env": [{"name": "A"}]}, {"env": {"A": "1"}}, "env is a list in the values file"),
        ({"affinity": "none"}, {"affinity": {"podAntiAffinity": {}}}, "affinity is a single value"),
        ({"tolerations": {"key": "a"}}, {"tolerations": [{"key": "b"}]}, "tolerations is a map"),
    ],
)
def test_another_form_in_customer_values_is_named(
    current: dict[str, Any], values: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        onto(current, values)
