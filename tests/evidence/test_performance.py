"""Performance, as truth tables: what Prometheus measured and Weaviate lists, and what follows."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Finding, Outcome, Reason
from tests.evidence.test_security import judged
from tests.support.answers import answered
from tests.support.cluster import cluster, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
HEAVY, SPLIT, DEDUP, RATE = "perf.heavy_ingestion", "perf.index_query_split", "perf.dedup", "perf.change_rate"
APPEND, CLEANUP, SCHEDULE, LOAD = (
    "perf.inplace_or_append",
    "perf.gc_deletes",
    "perf.ingestion_schedule",
    "perf.load_tested",
)
WATCHED, COPIES = "perf.query_monitored", "perf.replica_shards"
HOUR = 3600


def samples(**values: Any) -> dict[str, Any]:
    """name=3 -> one sample; name=[] -> the server has no such series."""
    return {name: value if isinstance(value, list) else [{"value": value}] for name, value in values.items()}


def measured(question: str, facts: ClusterFacts | None = None, **values: Any) -> Finding:
    return judged(question, answered(facts or cluster(weaviate()), {"prometheus/weaviate": samples(**values)}))


def said(finding: Finding) -> str:
    return f"{finding.outcome.value} {finding.reason}: {finding.sentence}"


def listed(*placed: tuple[str, str, str], status: str = "READY", **more: Any) -> dict[str, Any]:
    """(collection, shard, nodes as "012") -> the verbose node list."""
    nodes: dict[str, list[dict[str, Any]]] = {"0": [], "1": [], "2": []}
    for collection, shard, where in placed:
        for place in where:
            one = {"name": shard, "class": collection, "loaded": True, "vectorIndexingStatus": status, **more}
            nodes[place].append(one)
    return {"nodes": [{"name": f"weaviate-{n}", "status": "HEALTHY", "shards": rows} for n, rows in nodes.items()]}


# --- E5 -------------------------------------------------------------------------------------------

QUIET = {"queue_size": 0, "queue_slope_6h": 0, "readonly_shards": 0}


@pytest.mark.parametrize(
    ("values", "outcome", "reason", "word"),
    [
        pytest.param(QUIET, UNKNOWN, Reason.NOT_OBSERVABLE, "What is the plan", id="quiet: the plan is missing"),
        pytest.param(
            {**QUIET, "queue_size": 9000, "queue_slope_6h": 2}, PARTLY, None, "growing for six hours", id="grows"
        ),
        pytest.param(
            {**QUIET, "queue_size": 9000, "queue_slope_6h": -2}, UNKNOWN, Reason.NOT_OBSERVABLE, "", id="drains"
        ),
        pytest.param({**QUIET, "readonly_shards": 2}, NOT_MET, None, "2 shards refuse writes", id="read-only"),
        pytest.param(
            {}, UNKNOWN, Reason.NOT_OBSERVABLE, "was not read from Prometheus", id="a missing series is unknown"
        ),
    ],
)
def test_heavy_ingestion(values: dict[str, Any], outcome: Outcome, reason: Reason | None, word: str) -> None:
    finding = measured(HEAVY, **values)
    assert (finding.outcome, finding.reason) == (outcome, reason) and word in finding.sentence, said(finding)


def test_readonly_shards_are_seen_in_the_node_list_too() -> None:
    facts = answered(cluster(weaviate()), {"weaviate/nodes_verbose": listed(("Books", "a", "012"), status="READONLY")})
    finding = measured(HEAVY, facts, **QUIET)
    assert finding.outcome is NOT_MET and "(READONLY): Books (weaviate-0)" in finding.sentence


def test_kills_beside_an_import_are_a_reason_to_look() -> None:
    killed = {"prometheus/history": samples(oom_events_7d=2)}
    finding = measured(HEAVY, answered(cluster(weaviate()), killed), **QUIET, processed_7d=5000)
    assert (
        finding.outcome is PARTLY and "(OOM-killed) 2 times within a week, while 5,000 objects were" in finding.sentence
    )


@pytest.mark.parametrize("reason", [Reason.UNREACHABLE, Reason.FORBIDDEN])
def test_without_prometheus_ingestion_is_unknown(reason: Reason) -> None:
    finding = judged(HEAVY, answered(cluster(weaviate()), {"prometheus/weaviate": reason}))
    assert (finding.outcome, finding.reason) == (UNKNOWN, reason)


# --- questions that only people can answer --------------------------------------------------------


@pytest.mark.parametrize("question", [SPLIT, DEDUP, SCHEDULE, LOAD, RATE, APPEND])
def test_measurements_and_plans_are_never_met_by_evidence(question: str) -> None:
    finding = measured(question, processed_1d=9000, processed_7d=60000, object_growth_7d=60000, object_growth_1d=8000)
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_OBSERVABLE), said(finding)


def test_limits_in_force_are_shown() -> None:
    finding = judged(SPLIT, cluster(weaviate(env={"MAXIMUM_CONCURRENT_GET_REQUESTS": "500"})))
    seen = {fact.field: fact.seen for fact in finding.facts}
    assert seen["env MAXIMUM_CONCURRENT_GET_REQUESTS"] == "500"
    assert seen["env MAX_IMPORT_GOROUTINES_FACTOR"] == "not set: 1.5"


def test_a_day_of_changes_in_one_sentence() -> None:
    finding = measured(RATE, processed_1d=9000, puts_1d=12, object_growth_1d=-300, index_deletes_1d=800)
    assert finding.sentence == (
        "Within a day 9,000 objects in batches and 12 individually were written; "
        "the number of stored objects changed by "
        "-300 (all replicas counted); 800 deletions were counted."
    )


@pytest.mark.parametrize(("growth", "word"), [(950, "mostly appended"), (20, "in place"), (500, "partly appended")])
def test_in_place_or_appended(growth: int, word: str) -> None:
    assert word in measured(APPEND, processed_7d=1000, object_growth_7d=growth).sentence


@pytest.mark.parametrize("question", [RATE, APPEND])
@pytest.mark.parametrize("reason", [Reason.NOT_COLLECTED, Reason.FORBIDDEN])
def test_measurements_without_prometheus_have_its_reason(question: str, reason: Reason) -> None:
    finding = judged(question, answered(cluster(weaviate()), {"prometheus/weaviate": reason}))
    assert (finding.outcome, finding.reason) == (UNKNOWN, reason)


def test_busiest_hours_and_the_peak_of_queries() -> None:
    values = [1.0] * 48
    values[3] = values[27] = 50.0  # the value at 04:00 speaks for 03:00 to 04:00
    grid = {"start": HOUR, "step": HOUR, "count": 48}
    tracks = {name: [{"pod": "weaviate-0", "values": values}] for name in ("processed", "queries")}
    facts = answered(cluster(weaviate()), {"prometheus/traffic": {"grid": grid, "tracks": tracks}})
    hours = next(fact for fact in judged(SCHEDULE, facts).facts if fact.field.startswith("processed"))
    assert hours.seen.startswith("03:00 (50 objects per second)")
    peak = next(fact for fact in judged(LOAD, facts).facts if fact.field.startswith("queries"))
    assert peak.seen == "50 queries a second at most, 1 usually (hourly averages)"


def test_jobs_and_load_tests_of_the_namespace_are_hints() -> None:
    job = "{kind: CronJob, metadata: {name: import}, spec: {schedule: '0 3 * * *', suspend: true}}"
    finding = judged(SCHEDULE, cluster(weaviate(), job))
    assert [(fact.ref.name, fact.seen) for fact in finding.facts] == [("import", "0 3 * * *, suspended")]
    run = "{apiVersion: k6.io/v1alpha1, kind: TestRun, metadata: {name: peak}, status: {stage: finished}}"
    assert [fact.ref.name for fact in judged(LOAD, cluster(weaviate(), run)).facts] == ["peak"]


# --- E10 ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "outcome", "word"),
    [
        pytest.param({"tombstones": 50, "objects": 1000}, MET, "50 tombstones for 1,000 objects", id="few"),
        pytest.param({"tombstones": 100, "objects": 1000}, MET, "", id="a tenth"),
        pytest.param({"tombstones": 101, "objects": 1000}, PARTLY, "falls behind", id="more than a tenth"),
        pytest.param(
            {"tombstones": 5, "objects": 1000, "tombstones_unexpected_1d": 7},
            PARTLY,
            "7 unexpected tombstones",
            id="odd",
        ),
        pytest.param(
            {"objects": 1000, "tombstones": []}, UNKNOWN, "was not read from Prometheus", id="no series is not zero"
        ),
    ],
)
def test_cleanup(values: dict[str, Any], outcome: Outcome, word: str) -> None:
    finding = measured(CLEANUP, **values)
    assert finding.outcome is outcome and word in finding.sentence, said(finding)


# --- E13 ------------------------------------------------------------------------------------------

ALERT = [{"name": "Slow", "query": "histogram_quantile(0.95, rate(weaviate_http_request_duration_seconds_bucket[5m]))"}]


@pytest.mark.parametrize(
    ("values", "rules", "outcome", "word"),
    [
        pytest.param({"query_p95_ms": 40}, ALERT, MET, "looks at them", id="series and an alert"),
        pytest.param({"query_p95_ms": 40}, [], PARTLY, "no alert and no dashboard", id="series only"),
        pytest.param({"query_p95_ms": []}, ALERT, NOT_MET, "records no query times", id="no series"),
        pytest.param({"http_p95_s": 0.1}, Reason.ABSENT, UNKNOWN, "was not read", id="rules not told"),
    ],
)
def test_query_times(values: dict[str, Any], rules: Any, outcome: Outcome, word: str) -> None:
    facts = answered(cluster(weaviate()), {"prometheus/rules": rules})
    finding = measured(WATCHED, facts, **values)
    assert finding.outcome is outcome and word in finding.sentence, said(finding)


def test_metrics_that_are_off_record_nothing_whoever_is_asked() -> None:
    off = judged(WATCHED, cluster(weaviate()))
    assert off.outcome is NOT_MET and "metrics are off" in off.sentence
    on = judged(WATCHED, cluster(weaviate(env={"PROMETHEUS_MONITORING_ENABLED": "true"})))
    assert (on.outcome, on.reason) == (UNKNOWN, Reason.NOT_COLLECTED)


def test_below_ten_milliseconds_the_coarse_buckets_mean_nothing() -> None:
    facts = answered(cluster(weaviate()), {"prometheus/rules": ALERT})
    seen = {fact.field: fact.seen for fact in measured(WATCHED, facts, query_p95_ms=4, http_p95_s=0.004).facts}
    assert seen["query_p95_ms"] == "95 % of requests take less than 10 milliseconds"
    assert seen["http_p95_s"] == "95 % of requests take up to 0.004 seconds"


# --- E14 ------------------------------------------------------------------------------------------


def copies(nodes: dict[str, Any] | Reason, objects: Any = None, **more: Any) -> Finding:
    return judged(COPIES, answered(cluster(objects or weaviate()), {"weaviate/nodes_verbose": nodes, **more}))


@pytest.mark.parametrize(
    ("placed", "outcome", "word"),
    [
        pytest.param([("Books", "a", "012"), ("Books", "b", "012")], MET, "three copies or more", id="three"),
        pytest.param(
            [("Books", "a", "012"), ("Books", "b", "01")], PARTLY, "1 shard of Books has two replicas", id="two"
        ),
        pytest.param([("Books", "a", "012"), ("Notes", "b", "2")], NOT_MET, "1 shard of Notes has a single", id="one"),
        pytest.param([], UNKNOWN, "lists no shard", id="an empty list is no proof"),
    ],
)
def test_copies(placed: list[tuple[str, str, str]], outcome: Outcome, word: str) -> None:
    finding = copies(listed(*placed))
    assert finding.outcome is outcome and word in finding.sentence, said(finding)


@pytest.mark.parametrize(
    ("nodes", "outcome", "word"),
    [
        (("n0", "n1", "n2"), MET, ""),
        (("n0", "n0", "n2"), PARTLY, "has replicas on the same node"),
        (("n0", "n0", "n0"), NOT_MET, "has all replicas on the same node (n0)"),
    ],
)
def test_copies_on_one_machine_are_no_failover(nodes: tuple[str, ...], outcome: Outcome, word: str) -> None:
    finding = copies(listed(("Books", "a", "012")), weaviate(nodes=nodes))
    assert finding.outcome is outcome and word in finding.sentence, said(finding)


def test_spread_pods_are_not_spread_data() -> None:
    """Three pods in three zones, and each shard on one of them."""
    assert copies(listed(("Books", "a", "0"), ("Books", "b", "1"), ("Books", "c", "2"))).outcome is NOT_MET


def test_a_dead_node_is_missing_from_the_list_and_its_copies_with_it() -> None:
    answer = listed(("Books", "a", "01"), replicationFactor=3, numberOfReplicas=3)
    answer["nodes"].pop()
    finding = copies(answer)
    assert finding.outcome is PARTLY and "weaviate-2 is not in Weaviate's node list" in finding.sentence
    answer = listed(("Books", "a", "0"), replicationFactor=3)
    answer["nodes"].pop()
    assert copies(answer).outcome is PARTLY


def test_one_pod_holds_one_copy_without_asking_weaviate() -> None:
    finding = copies(Reason.NOT_COLLECTED, weaviate(replicas=1))
    assert finding.outcome is NOT_MET and finding.sentence == "The only pod has the only replica of every shard."


def test_copies_that_were_not_read_are_unknown() -> None:
    for reason in (Reason.FORBIDDEN, Reason.UNREACHABLE):
        assert (copies(reason).outcome, copies(reason).reason) == (UNKNOWN, reason)


def test_a_sample_of_the_shards_is_never_met() -> None:
    finding = copies({**listed(("Books", "a", "012")), "sampled": ["Books"]})
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_COLLECTED)


def test_shards_that_load_when_first_asked_for_count_as_copies() -> None:
    finding = copies(listed(("Books", "a", "012"), status="LAZY_LOADING", loaded=False))
    assert finding.outcome is MET, said(finding)
    assert [fact.seen for fact in finding.facts if fact.field == "replicas that are not loaded"] == ["3"]


def test_pods_that_were_not_read_leave_the_machines_open() -> None:
    facts = answered(
        cluster(weaviate(), forbidden=("pods",)), {"weaviate/nodes_verbose": listed(("Books", "a", "012"))}
    )
    finding = judged(COPIES, facts)
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.FORBIDDEN), said(finding)
