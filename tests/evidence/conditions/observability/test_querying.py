"""Query latency metrics, their dashboards and alerts, and load tests."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.model import Outcome, Reason
from tests.support.answers import answered
from tests.support.asked import ask
from tests.support.cluster import cluster, weaviate
from tests.support.findings import described, measured

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
WATCHED = "perf.query_monitored"
ALERT = [{"name": "Slow", "query": "histogram_quantile(0.95, rate(weaviate_http_request_duration_seconds_bucket[5m]))"}]


@pytest.mark.parametrize(
    ("values", "rules", "outcome", "text"),
    [
        pytest.param({"query_p95_ms": 40}, ALERT, MET, "an alert uses it", id="series and an alert"),
        pytest.param({"query_p95_ms": 40}, [], PARTLY, "no alert and no visible dashboard", id="series only"),
        pytest.param({"query_p95_ms": []}, ALERT, NOT_MET, "records no query latency", id="no series"),
        pytest.param({"http_p95_s": 0.1}, Reason.ABSENT, UNKNOWN, "was not read", id="rules not read"),
    ],
)
def test_query_latency(values: dict[str, Any], rules: Any, outcome: Outcome, text: str) -> None:
    facts = answered(cluster(weaviate()), {"prometheus/rules": rules})
    finding = measured(WATCHED, facts, **values)
    assert finding.outcome is outcome and text in finding.sentence, described(finding)


def test_disabled_metrics_are_not_met_without_prometheus() -> None:
    off = ask(WATCHED, cluster(weaviate()))
    assert off.outcome is NOT_MET and "metrics of Weaviate are off" in off.sentence
    on = ask(WATCHED, cluster(weaviate(env={"PROMETHEUS_MONITORING_ENABLED": "true"})))
    assert (on.outcome, on.reason) == (UNKNOWN, Reason.NOT_COLLECTED)


def test_latency_below_ten_milliseconds_is_not_shown_exactly() -> None:
    facts = answered(cluster(weaviate()), {"prometheus/rules": ALERT})
    seen = {fact.field: fact.seen for fact in measured(WATCHED, facts, query_p95_ms=4, http_p95_s=0.004).facts}
    assert seen["query_p95_ms"] == "95 % of requests take less than 10 milliseconds"
    assert seen["http_p95_s"] == "95 % of requests take up to 0.004 seconds"
