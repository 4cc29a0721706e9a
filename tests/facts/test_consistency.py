"""Answers of another cluster, and clocks that disagree."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from readiness_kit import evidence
from readiness_kit.checklist import load_checklist
from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Outcome, Profile, Reason, Settings
from tests.support.answers import answered
from tests.support.asked import backed_up, says
from tests.support.cluster import cluster, of, weaviate

OFFICIAL = "cr.weaviate.io/semitechnologies/weaviate"


def facts(answers: dict[str, Any], **how: Any) -> ClusterFacts:
    return answered(cluster(weaviate(**how)), answers, compared=True)


def nodes(*names: str, status: str = "HEALTHY") -> dict[str, Any]:
    return {"weaviate/nodes": {"nodes": [{"name": name, "status": status} for name in names]}}


@pytest.mark.parametrize(
    ("names", "strange"),
    [
        (("weaviate-0", "weaviate-1", "weaviate-2"), ""),
        (("weaviate-0",), ""),
        (("staging-vector-0", "staging-vector-1"), "staging-vector-0, staging-vector-1"),
        (tuple(f"weaviate-{number}" for number in range(5)), "weaviate-3, weaviate-4"),
    ],
)
def test_nodes_that_are_none_of_the_pods_are_of_another_cluster(names: tuple[str, ...], strange: str) -> None:
    found = facts(nodes(*names) | {"weaviate/meta": {"version": "1.38.2"}})
    assert len(found.warnings) == bool(strange)
    if strange:
        assert f"names the nodes {strange}, which are none of the 3 pods" in found.warnings[0]
    # All answers of that server count as not read.
    expected = Reason.ERROR if strange else None
    assert found.missing("weaviate/nodes") is found.missing("weaviate/meta") is expected
    assert (found.answer("weaviate/meta") is None) is bool(strange)


def test_nodes_that_are_gone_are_no_mismatch() -> None:
    assert facts(nodes("weaviate-3", status="UNAVAILABLE")).warnings == ()


@pytest.mark.parametrize("env", [{"CLUSTER_HOSTNAME": "node1"}])
def test_nodes_with_names_of_their_own_are_not_compared_with_pods(env: dict[str, str]) -> None:
    assert facts(nodes("node1"), env=env).warnings == ()


@pytest.mark.parametrize(
    ("image", "answered_version", "fits"),
    [
        (f"{OFFICIAL}:1.38.2", "1.38.2", True),
        (f"{OFFICIAL}:1.38.2", "1.30.1", False),
        ("mirror.example/semitechnologies/weaviate:1.38.2", "1.38.1", False),
        (f"{OFFICIAL}:1.38", "1.38.7", True),
        (f"{OFFICIAL}:1.38", "1.37.7", False),
        (f"{OFFICIAL}:latest", "1.30.1", True),
        ("mirror.example/weaviate:0.0.4", "1.38.2", True),
    ],
)
def test_version_of_the_server_is_compared_with_official_images(image: str, answered_version: str, fits: bool) -> None:
    found = facts({"weaviate/meta": {"version": answered_version}}, image=image)
    assert (found.warnings == ()) is fits
    assert found.missing("weaviate/meta") is (None if fits else Reason.ERROR)


def placed(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"prometheus/labels": {"placed": list(pairs)}, "prometheus/rules": []}


def test_prometheus_that_has_the_pods_elsewhere_is_of_another_cluster() -> None:
    real = {pod.metadata.name: pod.spec.node_name for pod in facts({}).weaviate.pods}
    assert facts(placed(*real.items())).warnings == ()
    # A pod that moved an hour ago has two nodes; series without a node prove nothing.
    assert facts(placed(("weaviate-0", "old-node"), *list(real.items())[:1])).warnings == ()
    assert facts(placed(("weaviate-0", ""))).warnings == ()
    for pairs, words in (
        ([("weaviate-0", "other-1"), ("weaviate-1", "other-2")], "have the pods on other-1, other-2"),
        ([("vector-0", "other-1")], "name the pods vector-0"),
    ):
        found = facts(placed(*pairs))
        assert words in found.warnings[0] and found.missing("prometheus/rules") is Reason.ERROR


UIDS = {f"weaviate-{number}": f"0b3a7c1e-0000-4000-8000-00000000000{number}" for number in range(3)}


def with_uids(placed_on: dict[str, str], uids: dict[str, str]) -> ClusterFacts:
    """Pods with uids, and what the series of a Prometheus know of them."""
    made = weaviate()
    for pod in of(made, "Pod"):
        pod["metadata"]["uid"] = UIDS[pod["metadata"]["name"]]
    answers = placed(*placed_on.items())
    answers["prometheus/labels"]["uids"] = list(uids.items())
    return answered(cluster(made), answers, compared=True)


@pytest.mark.parametrize(
    ("nodes", "uids", "words"),
    [
        pytest.param({}, UIDS, "", id="the same"),
        pytest.param({"weaviate-0": "a", "weaviate-1": "b", "weaviate-2": "c"}, UIDS, "", id="other nodes"),
        pytest.param({}, {"weaviate-0": "old", "weaviate-1": UIDS["weaviate-1"]}, "", id="one new"),
        pytest.param({}, dict.fromkeys(UIDS, "another"), "by other uids than the pods have", id="same names and nodes"),
        pytest.param(
            {"weaviate-0": "a", "weaviate-1": "b", "weaviate-2": "c"}, {}, "have the pods on", id="by node without uids"
        ),
    ],
)
def test_the_uid_of_a_pod_decides_where_the_series_carry_it(
    nodes: dict[str, str], uids: dict[str, str], words: str
) -> None:
    real = {pod.metadata.name: pod.spec.node_name for pod in cluster(weaviate()).weaviate.pods}
    found = with_uids({**real, **nodes}, uids)
    assert words in "".join(found.warnings) and bool(found.warnings) is bool(words)
    assert found.missing("prometheus/rules") is (Reason.ERROR if words else None)


# --- clocks ---------------------------------------------------------------------------------------


def skewed(found: ClusterFacts, seconds: float) -> ClusterFacts:
    manifest = msgspec.structs.replace(found.snapshot.manifest, clock_skew=seconds)
    return ClusterFacts(msgspec.structs.replace(found.snapshot, manifest=manifest))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, ""),
        (299, ""),
        (-299, ""),
        (301, "5 minutes behind the cluster's"),
        (-7200 * 3, "6 hours ahead of the cluster's"),
        (100 * 86_400, "100 days behind the cluster's"),
    ],
)
def test_clock_that_differs_by_more_than_five_minutes_is_named(seconds: float, words: str) -> None:
    found = skewed(facts({}), seconds)
    assert words in " ".join(found.warnings) and bool(found.warnings) is bool(words)
    assert found.clock_skew == timedelta(seconds=seconds if words else 0)


def test_objects_from_the_future_show_a_clock_that_is_behind() -> None:
    source = weaviate()
    late = {"kind": "Node", "apiVersion": "v1", "metadata": {"name": "n", "creationTimestamp": "2099-01-01T00:00:00Z"}}
    assert "behind the cluster's" in cluster(source, [late]).warnings[0]


def test_lines_that_depend_on_the_clock_are_not_read() -> None:
    """A backup that is too old by the cluster's clock must not become recent by a clock that is behind."""
    found = answered(
        cluster(weaviate(env={"ENABLE_MODULES": "backup-s3", "BACKUP_S3_BUCKET": "b"})), says() | backed_up(5)
    )
    questions = load_checklist(profile=Profile.EXTENDED).questions
    right = evidence.evaluate(found, Settings(), questions)
    assert right["ha.weaviate_backups"].outcome is Outcome.MET
    wrong = evidence.evaluate(skewed(found, 100 * 86_400), Settings(), questions)
    changed = [id for id in right if right[id] != wrong[id]]
    assert "ha.weaviate_backups" in changed and "sec.tls" not in changed
    for id in changed:
        assert wrong[id].outcome in (Outcome.UNKNOWN, Outcome.NOT_MET)
        assert any("the clocks disagree" in fact.seen for fact in wrong[id].facts)
    assert wrong["ha.weaviate_backups"].reason is Reason.ERROR
