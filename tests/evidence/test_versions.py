"""Versions and settings, as truth tables."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.model import Finding, Outcome, Reason
from tests.support.answers import answered
from tests.support.asked import ask
from tests.support.cluster import cluster, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
WEAVIATE, KUBERNETES, PATH, SETTINGS = "ver.weaviate", "ver.kubernetes", "ver.upgrade_path", "ver.settings"
NOW = "2026-11-28T00:00:00Z"
ONE = {"classes": [{"class": "Books", "vectorIndexType": "flat", "vectorIndexConfig": {"distance": "cosine"}}]}
THREE = {"classes": [{**ONE["classes"][0], "replicationConfig": {"factor": 3}}]}
LISTED = {"nodes": [{"name": "weaviate-0"}]}


def image(release: str) -> str:
    return f"cr.weaviate.io/semitechnologies/weaviate:{release}"


def asked(
    question: str,
    release: str = "1.40.2",
    answers: dict[str, Any] | None = None,
    *sources: str,
    as_of: str = NOW,
    kubernetes: str = "v1.36.2",
    forbidden: tuple[str, ...] = (),
    **changes: Any,
) -> Finding:
    facts = cluster(
        weaviate(image=image(release), **changes),
        *sources,
        as_of=as_of,
        server_version=kubernetes,
        forbidden=forbidden,
    )
    known = {"weaviate/schema": ONE, "weaviate/nodes_verbose": LISTED, **(answers or {})}
    return ask(question, answered(facts, known))


def failing(finding: Finding) -> list[str]:
    return [check.field for check in finding.facts if check.outcome in (PARTLY, NOT_MET)]


# --- the Weaviate release -------------------------------------------------------------------------


def test_a_supported_release_without_known_faults() -> None:
    finding = asked(WEAVIATE)
    assert finding.outcome is MET
    assert finding.sentence == "Weaviate 1.40.2 is supported, and no known fault of it applies."


def test_known_faults_are_named_with_the_release_that_fixes_them() -> None:
    finding = asked(WEAVIATE, "1.38.2", {"weaviate/schema": THREE})
    assert finding.outcome is NOT_MET
    assert "KI-1 applies to 1.38.2: Read repair writes partial objects. Fixed in 1.38.7." in finding.sentence


def test_a_release_out_of_support_fails_without_faults() -> None:
    finding = asked(WEAVIATE, "1.37.14", {}, conf=None, env={"GO_PROFILING_DISABLE": "true"})
    assert finding.outcome is NOT_MET and "support of 1.37.14" in failing(finding)
    assert "1.40, 1.39, 1.38" in finding.sentence


def test_information_does_not_fail_the_question() -> None:
    finding = asked(WEAVIATE, "1.29.11", conf=None)
    assert "known fault KI-8" in [check.field for check in finding.facts]
    assert "known fault KI-8" not in failing(finding)


@pytest.mark.parametrize("reason", [Reason.FORBIDDEN, Reason.NOT_COLLECTED])
def test_a_fault_whose_condition_was_not_read_may_apply(reason: Reason) -> None:
    finding = asked(WEAVIATE, "1.39.0", {"weaviate/schema": reason}, conf=None, env={"REPLICA_MOVEMENT_ENABLED": "x"})
    assert finding.outcome is NOT_MET  # G-13 needs no condition
    finding = asked(WEAVIATE, "1.40.2", {"weaviate/schema": reason}, conf=None)
    assert (finding.outcome, finding.reason) == (UNKNOWN, reason)
    assert "KI-7" in finding.sentence and "may apply" in finding.sentence


def test_every_release_of_a_rollout_is_judged() -> None:
    nodes = {"nodes": [{"version": "1.40.2"}, {"version": "1.36.1"}]}
    finding = asked(WEAVIATE, "1.40.2", {"weaviate/nodes": nodes})
    assert finding.outcome is NOT_MET and "support of 1.36.1" in failing(finding)


@pytest.mark.parametrize("tag", ["latest", "2026.11", "sha256-abc"])
def test_an_unknown_release_is_unknown(tag: str) -> None:
    finding = asked(WEAVIATE, tag)
    assert finding.outcome is UNKNOWN and "not known" in finding.sentence
    assert asked(WEAVIATE, tag, {"weaviate/meta": {"version": "1.40.2"}}).outcome is MET


def test_an_old_table_proves_no_support() -> None:
    finding = asked(WEAVIATE, as_of="2027-04-01T00:00:00Z")
    assert finding.outcome is UNKNOWN and "2026-11-28" in finding.sentence


# --- Kubernetes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "outcome", "words"),
    [
        pytest.param("v1.36.2", MET, "28 June 2027", id="upstream"),
        pytest.param("v1.34.2-eks-113cf36", PARTLY, "EKS 1.34 ends on 2 December 2026, in 4 days", id="EKS ends soon"),
        pytest.param("v1.33.5-eks-113cf36", PARTLY, "extended support", id="EKS extended"),
        pytest.param("v1.34.2-gke.1640000", NOT_MET, "ended on 1 October 2026", id="GKE ended"),
        pytest.param("v1.34.2", NOT_MET, "ended on 27 October 2026", id="upstream ended"),
        pytest.param("v1.29.0", NOT_MET, "ended", id="long ago"),
        pytest.param("v1.37.0", UNKNOWN, "not in the kit's table", id="newer than the table"),
        pytest.param("", UNKNOWN, "not collected", id="not collected"),
    ],
)
def test_support_of_kubernetes(version: str, outcome: Outcome, words: str) -> None:
    minor = version.split(".")[1] if version else "36"
    nodes = "\n---\n".join(kubelet(f"node-{place}", f"v1.{minor}.2") for place in range(3))
    finding = asked(KUBERNETES, "1.40.2", {}, nodes, kubernetes=version)
    assert finding.outcome is outcome and words in finding.sentence, finding.sentence


def test_aks_by_the_labels_of_its_nodes() -> None:
    labels = "{kubernetes.azure.com/cluster: mc}"
    nodes = "\n---\n".join(kubelet(f"node-{place}", "v1.34.2", labels) for place in range(3))
    finding = asked(KUBERNETES, "1.40.2", {}, nodes, kubernetes="v1.34.2")
    assert finding.outcome is PARTLY and "AKS 1.34 ends on 30 November 2026" in finding.sentence


@pytest.mark.parametrize(
    ("version", "outcome"),
    [("v1.36.9", MET), ("v1.33.0", MET), ("v1.32.0", NOT_MET), ("v1.37.0", NOT_MET)],
)
def test_kubelets_are_at_most_three_minors_older_and_never_newer(version: str, outcome: Outcome) -> None:
    assert asked(KUBERNETES, "1.40.2", {}, kubelet("node-0", version)).outcome is outcome


def test_without_nodes_the_provider_is_not_known() -> None:
    finding = asked(KUBERNETES, forbidden=("nodes",))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.FORBIDDEN)


def kubelet(name: str, version: str, labels: str = "{}") -> str:
    return f"""
kind: Node
metadata: {{name: {name}, labels: {labels}}}
status: {{nodeInfo: {{kubeletVersion: {version}}}}}
"""


# --- the upgrade path -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("release", "outcome", "words"),
    [
        ("1.40.2", MET, "is the newest release known"),
        ("1.38.2", MET, "1.38.11, then 1.39.7, then 1.40.2"),
        ("1.37.14", PARTLY, "3 minor releases behind 1.40.2"),
        ("1.34.20", PARTLY, "6 minor releases behind"),
        ("1.33.18", NOT_MET, "7 minor releases behind"),
        ("latest", UNKNOWN, "not known"),
    ],
)
def test_steps_to_the_newest_release(release: str, outcome: Outcome, words: str) -> None:
    finding = asked(PATH, release)
    assert finding.outcome is outcome and words in finding.sentence, finding.sentence


def test_the_steps_their_traps_and_the_floor_are_shown() -> None:
    shown = {check.field: check.seen for check in asked(PATH, "1.38.2").facts}
    assert "synchronized" in shown["step to 1.39.7"] and shown["step to 1.38.11"] == "no trap known"
    assert "1.37.3" in shown["rollback"] and "image.tag" in shown["chart"]


@pytest.mark.parametrize(
    ("answers", "release", "field"),
    [
        ({"weaviate/nodes": {"nodes": [{"version": "1.40.2"}, {"version": "1.39.7"}]}}, "1.40.2", "running releases"),
        ({"weaviate/statistics": {"synchronized": False}}, "1.40.2", "synchronized"),
        ({"weaviate/meta": {"version": "1.40.2"}}, "latest", "image"),
        ({"weaviate/meta": {"version": "1.40.2"}}, "1.40", "image"),
    ],
)
def test_what_makes_the_next_step_unsafe(answers: dict[str, Any], release: str, field: str) -> None:
    finding = asked(PATH, release, answers)
    assert finding.outcome is PARTLY and failing(finding) == [field]


def test_an_old_table_knows_no_path() -> None:
    assert asked(PATH, "1.38.2", as_of="2027-04-01T00:00:00Z").outcome is UNKNOWN


# --- settings -------------------------------------------------------------------------------------


def test_all_settings_known() -> None:
    finding = asked(SETTINGS, "1.38.2")
    assert finding.outcome is MET and "none is misspelt" in finding.sentence


@pytest.mark.parametrize(
    ("release", "name", "outcome", "right"),
    [
        ("1.38.2", "PERSISTANCE_DATA_PATH", NOT_MET, "PERSISTENCE_DATA_PATH"),
        ("1.38.0", "DEBUG_ENDPOINTS_ENABLED", NOT_MET, "1.38.1"),
        ("1.39.0", "PERSISTENCE_HNSW_DISABLE_SNAPSHOTS", PARTLY, "ignores"),
        ("1.38.2", "REPLICA_MOVEMENT_DISABLED", PARTLY, "REPLICA_MOVEMENT_ENABLED"),
        ("1.38.2", "DISABLE_LAZY_LOAD_SHARDS", PARTLY, "LAZY_LOAD_SHARD_COUNT_THRESHOLD"),
        ("1.38.2", "PERSISTENCE_COMPACT_NOW", PARTLY, "PERSISTENCE_COMPACT_NOW"),
        ("1.41.0", "PERSISTANCE_DATA_PATH", PARTLY, "PERSISTENCE_DATA_PATH"),
        ("1.38.2", "OUR_TEAM", MET, "none is misspelt"),
    ],
)
def test_a_setting_without_effect(release: str, name: str, outcome: Outcome, right: str) -> None:
    finding = asked(SETTINGS, release, env={name: "true"})
    assert finding.outcome is outcome and right in finding.sentence, finding.sentence


def test_an_ignored_key_of_the_configuration_file() -> None:
    conf = {"authentication": {}, "authorization": {"admin_list": {"readonly_users": ["ann"]}}}
    finding = asked(SETTINGS, "1.38.2", conf=conf)
    assert finding.outcome is NOT_MET and "read_only_users" in finding.sentence


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"container": {"envFrom": [{"secretRef": {"name": "settings"}}]}}, Reason.NOT_OBSERVABLE),
        ({"container": {"envFrom": [{"configMapRef": {"name": "settings"}}]}}, Reason.NOT_OBSERVABLE),
        ({"container": {"command": ["/bin/sh", "-c", "source /env; weaviate"]}}, Reason.NOT_OBSERVABLE),
        ({"forbidden": ("configmaps",)}, Reason.FORBIDDEN),
    ],
)
def test_names_that_cannot_be_read_leave_it_unknown(changes: dict[str, Any], reason: Reason) -> None:
    finding = asked(SETTINGS, "1.38.2", **changes)
    assert (finding.outcome, finding.reason) == (UNKNOWN, reason)


def test_a_misspelt_setting_is_certain_although_others_cannot_be_read() -> None:
    hidden = {"envFrom": [{"secretRef": {"name": "settings"}}]}
    assert asked(SETTINGS, "1.38.2", env={"ENABLE_MODULE": "x"}, container=hidden).outcome is NOT_MET
