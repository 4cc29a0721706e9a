"""Performance: ingestion, change rate, deletions and replicas of shards."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.model import Finding, Outcome, Reason, Section
from tests.support.answers import answered
from tests.support.asked import ask
from tests.support.cluster import cluster, weaviate
from tests.support.findings import (
    assert_evidence_for_all,
    assert_never_better_without,
    described,
    measured,
    reads,
)

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
COPIES = "perf.replica_shards"
HEAVY, SPLIT, DEDUP, RATE = "perf.heavy_ingestion", "perf.index_query_split", "perf.dedup", "perf.change_rate"
APPEND, CLEANUP, SCHEDULE, LOAD = (
    "perf.inplace_or_append",
    "perf.gc_deletes",
    "perf.ingestion_schedule",
    "perf.load_tested",
)
HOUR = 3600


def listed(*placed: tuple[str, str, str], status: str = "READY", **more: Any) -> dict[str, Any]:
    """(collection, shard, nodes as "012") -> the verbose node list."""
    nodes: dict[str, list[dict[str, Any]]] = {"0": [], "1": [], "2": []}
    for collection, shard, where in placed:
        for place in where:
            shard_row = {"name": shard, "class": collection, "loaded": True, "vectorIndexingStatus": status, **more}
            nodes[place].append(shard_row)
    return {"nodes": [{"name": f"weaviate-{n}", "status": "HEALTHY", "shards": rows} for n, rows in nodes.items()]}


QUIET = {"queue_size": 0, "queue_slope_6h": 0, "readonly_shards": 0}


@pytest.mark.parametrize(
    ("values", "outcome", "reason", "text"),
    [
        pytest.param(QUIET, UNKNOWN, Reason.NOT_OBSERVABLE, "What is the plan", id="quiet: the plan is missing"),
        pytest.param(
            {**QUIET, "queue_size": 9000, "queue_slope_6h": 2}, PARTLY, Reason.NOT_OBSERVABLE, "growing for", id="grows"
        ),
        pytest.param(
            {**QUIET, "queue_size": 9000, "queue_slope_6h": -2}, UNKNOWN, Reason.NOT_OBSERVABLE, "", id="drains"
        ),
        pytest.param({**QUIET, "readonly_shards": 2}, NOT_MET, None, "2 shards refuse writes", id="read-only"),
        pytest.param({}, UNKNOWN, Reason.NOT_OBSERVABLE, "was not read", id="a missing series is unknown"),
    ],
)
def test_heavy_ingestion(values: dict[str, Any], outcome: Outcome, reason: Reason | None, text: str) -> None:
    finding = measured(HEAVY, **values)
    assert (finding.outcome, finding.reason) == (outcome, reason) and text in finding.sentence, described(finding)


def test_readonly_shards_of_the_node_list_are_not_met() -> None:
    facts = answered(cluster(weaviate()), {"weaviate/nodes_verbose": listed(("Books", "a", "012"), status="READONLY")})
    finding = measured(HEAVY, facts, **QUIET)
    assert finding.outcome is NOT_MET and "(READONLY): Books (weaviate-0)" in finding.sentence


def test_oom_kills_during_ingestion_are_partly() -> None:
    killed = {"prometheus/history": {"oom_events_7d": [{"value": 2}]}}
    finding = measured(HEAVY, answered(cluster(weaviate()), killed), **QUIET, processed_7d=5000)
    assert finding.outcome is PARTLY and "(OOM-killed) 2 times within a week, while 5,000 objects" in finding.sentence


@pytest.mark.parametrize("reason", [Reason.UNREACHABLE, Reason.FORBIDDEN])
def test_ingestion_without_prometheus_is_unknown(reason: Reason) -> None:
    finding = ask(HEAVY, answered(cluster(weaviate()), {"prometheus/weaviate": reason}))
    assert (finding.outcome, finding.reason) == (UNKNOWN, reason)


@pytest.mark.parametrize("question", [SPLIT, DEDUP, SCHEDULE, LOAD, RATE, APPEND])
def test_measurements_and_plans_are_never_met_by_evidence(question: str) -> None:
    finding = measured(question, processed_1d=9000, processed_7d=60000, object_growth_7d=60000, object_growth_1d=8000)
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_OBSERVABLE), described(finding)


def test_limits_in_force_are_shown() -> None:
    finding = ask(SPLIT, cluster(weaviate(env={"MAXIMUM_CONCURRENT_GET_REQUESTS": "500"})))
    seen = {fact.field: fact.seen for fact in finding.facts}
    assert seen["env MAXIMUM_CONCURRENT_GET_REQUESTS"] == "500"
    assert seen["env MAX_IMPORT_GOROUTINES_FACTOR"] == "not set: 1.5"


def test_change_rate_is_summarised_in_one_sentence() -> None:
    finding = measured(RATE, processed_1d=9000, puts_1d=12, object_growth_1d=-300, index_deletes_1d=800)
    assert finding.sentence == (
        "Within a day 9,000 objects in batches and 12 individually were written; the number of stored objects changed "
        "by -300 (all replicas counted); 800 deletions were counted."
    )


@pytest.mark.parametrize(("growth", "text"), [(950, "mostly appended"), (20, "in place"), (500, "partly appended")])
def test_growth_shows_in_place_or_append(growth: int, text: str) -> None:
    assert text in measured(APPEND, processed_7d=1000, object_growth_7d=growth).sentence


@pytest.mark.parametrize("question", [RATE, APPEND])
@pytest.mark.parametrize("reason", [Reason.NOT_COLLECTED, Reason.FORBIDDEN])
def test_measurements_without_prometheus_keep_the_reason(question: str, reason: Reason) -> None:
    finding = ask(question, answered(cluster(weaviate()), {"prometheus/weaviate": reason}))
    assert (finding.outcome, finding.reason) == (UNKNOWN, reason)


def test_busiest_hours_are_shown() -> None:
    values = [1.0] * 48
    values[3] = values[27] = 50.0  # the value at 04:00 speaks for 03:00 to 04:00
    grid = {"start": HOUR, "step": HOUR, "count": 48}
    tracks = {name: [{"pod": "weaviate-0", "values": values}] for name in ("processed", "queries")}
    facts = answered(cluster(weaviate()), {"prometheus/traffic": {"grid": grid, "tracks": tracks}})
    hours = next(fact for fact in ask(SCHEDULE, facts).facts if fact.field.startswith("processed"))
    assert hours.seen.startswith("03:00 (50 objects per second)")
    peak = next(fact for fact in ask(LOAD, facts).facts if fact.field.startswith("queries"))
    assert peak.seen == "up to 50 queries per second, 1 usually (hourly averages)"


def test_jobs_and_load_tests_are_shown() -> None:
    job = "{kind: CronJob, metadata: {name: import}, spec: {schedule: '0 3 * * *', suspend: true}}"
    finding = ask(SCHEDULE, cluster(weaviate(), job))
    shown = [(fact.ref.name, fact.seen) for fact in finding.facts if fact.reason is None]
    assert shown == [("import", "0 3 * * *, suspended")]
    run = "{apiVersion: k6.io/v1alpha1, kind: TestRun, metadata: {name: peak}, status: {stage: finished}}"
    shown = [fact.ref.name for fact in ask(LOAD, cluster(weaviate(), run)).facts if fact.reason is None]
    assert shown == ["peak"]


@pytest.mark.parametrize(
    ("values", "outcome", "text"),
    [
        pytest.param({"tombstones": 50, "objects": 1000}, MET, "50 tombstones for 1,000 objects", id="few"),
        pytest.param({"tombstones": 100, "objects": 1000}, MET, "", id="a tenth"),
        pytest.param({"tombstones": 101, "objects": 1000}, PARTLY, "falls behind", id="more than a tenth"),
        pytest.param(
            {"tombstones": 5, "objects": 1000, "tombstones_unexpected_1d": 7}, PARTLY, "7 unexpected", id="odd"
        ),
        pytest.param({"objects": 1000, "tombstones": []}, UNKNOWN, "was not read", id="no series is not zero"),
    ],
)
def test_cleanup(values: dict[str, Any], outcome: Outcome, text: str) -> None:
    finding = measured(CLEANUP, **values)
    assert finding.outcome is outcome and text in finding.sentence, described(finding)


def copies(nodes: dict[str, Any] | Reason, objects: Any = None, **more: Any) -> Finding:
    return ask(COPIES, answered(cluster(objects or weaviate()), {"weaviate/nodes_verbose": nodes, **more}))


@pytest.mark.parametrize(
    ("placed", "outcome", "text"),
    [
        pytest.param([("Books", "a", "012"), ("Books", "b", "012")], MET, "three or more replicas", id="three"),
        pytest.param(
            [("Books", "a", "012"), ("Books", "b", "01")], PARTLY, "1 shard of Books has two replicas", id="two"
        ),
        pytest.param([("Books", "a", "012"), ("Notes", "b", "2")], NOT_MET, "1 shard of Notes has a single", id="one"),
        pytest.param([], UNKNOWN, "lists no shard", id="an empty list is no proof"),
    ],
)
def test_replicas(placed: list[tuple[str, str, str]], outcome: Outcome, text: str) -> None:
    finding = copies(listed(*placed))
    assert finding.outcome is outcome and text in finding.sentence, described(finding)


@pytest.mark.parametrize(
    ("nodes", "outcome", "text"),
    [
        (("n0", "n1", "n2"), MET, ""),
        (("n0", "n0", "n2"), PARTLY, "has replicas on the same node"),
        (("n0", "n0", "n0"), NOT_MET, "has all replicas on the same node (n0)"),
    ],
)
def test_replicas_on_one_node_are_not_met(nodes: tuple[str, ...], outcome: Outcome, text: str) -> None:
    finding = copies(listed(("Books", "a", "012")), weaviate(nodes=nodes))
    assert finding.outcome is outcome and text in finding.sentence, described(finding)


def test_spread_pods_with_single_replicas_are_not_met() -> None:
    """Three pods in three zones, and each shard on one of them."""
    assert copies(listed(("Books", "a", "0"), ("Books", "b", "1"), ("Books", "c", "2"))).outcome is NOT_MET


def test_node_missing_from_the_list_is_partly() -> None:
    answer = listed(("Books", "a", "01"), replicationFactor=3, numberOfReplicas=3)
    answer["nodes"].pop()
    finding = copies(answer)
    assert finding.outcome is PARTLY and "weaviate-2 is not in Weaviate's node list" in finding.sentence
    answer = listed(("Books", "a", "0"), replicationFactor=3)
    answer["nodes"].pop()
    assert copies(answer).outcome is PARTLY


def test_single_pod_is_not_met_without_weaviate() -> None:
    finding = copies(Reason.NOT_COLLECTED, weaviate(replicas=1))
    assert finding.outcome is NOT_MET and finding.sentence == "The only pod has the only replica of every shard."


def test_unread_replicas_are_unknown() -> None:
    for reason in (Reason.FORBIDDEN, Reason.UNREACHABLE):
        assert (copies(reason).outcome, copies(reason).reason) == (UNKNOWN, reason)


def test_sampled_shards_are_unknown() -> None:
    finding = copies({**listed(("Books", "a", "012")), "sampled": ["Books"]})
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_COLLECTED)


def test_lazily_loaded_shards_count_as_replicas() -> None:
    finding = copies(listed(("Books", "a", "012"), status="LAZY_LOADING", loaded=False))
    assert finding.outcome is MET, described(finding)
    assert [fact.seen for fact in finding.facts if fact.field == "replicas that are not loaded"] == ["3"]


def test_replicas_without_pods_are_unknown() -> None:
    facts = answered(
        cluster(weaviate(), forbidden=("pods",)), {"weaviate/nodes_verbose": listed(("Books", "a", "012"))}
    )
    finding = ask(COPIES, facts)
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.FORBIDDEN), described(finding)


# --- one read refused -----------------------------------------------------------------------------


def test_every_question_has_evidence() -> None:
    assert_evidence_for_all(Section.PERFORMANCE)


@pytest.mark.parametrize("key", reads(Section.PERFORMANCE))
def test_refused_read_is_never_better(key: str) -> None:
    assert_never_better_without(Section.PERFORMANCE, key)
