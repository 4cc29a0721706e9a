"""Query latency: recorded series, dashboards and alerts on them, and load tests."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import msgspec

from readiness_kit.evidence.checks import any_of, weaviate_subject
from readiness_kit.evidence.conditions.observability import dashboards, scrape_targets
from readiness_kit.evidence.conditions.observability.metrics import SAMPLES, TRAFFIC, number, tool
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.detectors.scan import DETECTOR_READS, unseen
from readiness_kit.model import Check, Outcome

RULES, LABELS = "prometheus/rules", "prometheus/labels"
READS = tuple(sorted({"configmaps", SAMPLES, RULES, LABELS, *DETECTOR_READS["dashboards"], *dashboards.BOARDS}))
LATENCIES = {"query_p95_ms": "milliseconds", "http_p95_s": "seconds", "grpc_p95_s": "seconds"}
"""Scalars of query latency with their unit. Without a recent request they are NaN, but the series exists."""
SERIES = (
    "queries_durations_ms_bucket",
    "weaviate_http_request_duration_seconds_bucket",
    "weaviate_grpc_server_request_duration_seconds_bucket",
)
WATCHED, WATCHERS = "dashboard or alert on query latency", "1 or more"
NOT_WATCHED = "Query latency is recorded, but no alert and no visible dashboard uses it."
_WATCHES = re.compile(r"queries_durations_ms|weaviate_http_request_duration|weaviate_grpc_server_request_duration")


def checks(facts: ClusterFacts) -> list[Check]:
    """Recorded query latency, its values, and what watches it."""
    on, reason = weaviate_subject(facts, SAMPLES).queried(", ".join(LATENCIES)), facts.missing(SAMPLES)
    field, expected = "series of query latency", "1 or more"
    if reason is not None:
        metrics = scrape_targets.enabled(facts)
        if metrics.outcome is Outcome.NOT_MET:
            message = "The metrics of Weaviate are off, so no query latency is recorded."
            return [msgspec.structs.replace(metrics, message=message)]
        message = "Whether query latency is recorded was not read from Prometheus."
        unread = on.unread(field, expected, reason, message=message)
        return [unread] if metrics.reason is None else [unread, metrics]
    series = names(_series(facts))
    if not series:
        message, fix = "Prometheus records no query latency of Weaviate.", "metrics.targets"
        return [on.check(field, "none", expected, False, message=message, fix=fix)]
    return [on.check(field, series, expected, True), *_latencies(facts), _watched(facts)]


def _series(facts: ClusterFacts) -> list[str]:
    labels = facts.history.labels
    recorded = [name for name in LATENCIES if facts.history.samples(name)]
    return recorded or [name for name in SERIES if labels.listed and name in labels.metrics]


def _latencies(facts: ClusterFacts) -> Iterator[Check]:
    """Informational. The buckets of the older series are coarse: values below 10 milliseconds are not exact."""
    on = weaviate_subject(facts, SAMPLES)
    for name, unit in LATENCIES.items():
        values = [sample.value for sample in facts.history.samples(name) if not math.isnan(sample.value)]
        if values:
            coarse = name == "query_p95_ms" and max(values) < 10
            seen = "less than 10 milliseconds" if coarse else f"up to {number(max(values))} {unit}"
            yield on.info(name, f"95 % of requests take {seen}")


def _watched(facts: ClusterFacts) -> Check:
    """An alert or a dashboard on query latency: one of them is enough."""
    return any_of([_alert(facts), _dashboard(facts)])


def _alert(facts: ClusterFacts) -> Check:
    on, rules = (
        weaviate_subject(facts, RULES),
        [rule.name for rule in facts.history.rules if _WATCHES.search(rule.query)],
    )
    if (reason := facts.missing(RULES)) is not None:
        message = f"Query latency is recorded; whether an alert uses it was not read ({RULES})."
        return on.unread(WATCHED, WATCHERS, reason, message=message, on_failure=Outcome.PARTLY)
    seen = f"alert {names(rules)}" if rules else "none"
    return on.check(
        WATCHED, seen, WATCHERS, bool(rules), message=NOT_WATCHED, on_failure=Outcome.PARTLY, fix="alerts.rules"
    )


def _dashboard(facts: ClusterFacts) -> Check:
    on = weaviate_subject(facts, dashboards.SIDECAR)
    boards = [board.ref.name for board in dashboards.found(facts)] if facts.detected("dashboards") else []
    missing = {key: reason for key in dashboards.BOARDS if (reason := facts.missing(key)) is not None}
    missing |= unseen(facts, "dashboards")
    if missing and not boards:
        key, reason = next(iter(missing.items()))
        message = f"Query latency is recorded; whether a dashboard or alert uses it was not read ({key})."
        on = weaviate_subject(facts, key)
        return on.unread(WATCHED, WATCHERS, reason, message=message, on_failure=Outcome.PARTLY)
    seen = f"dashboard {names(boards)}" if boards else "none"
    return on.check(
        WATCHED, seen, WATCHERS, bool(boards), message=NOT_WATCHED, on_failure=Outcome.PARTLY, fix="alerts.rules"
    )


def load_hints(facts: ClusterFacts) -> list[Check]:
    """Informational: tools for load tests, and the busiest and the median hour of queries."""
    checks = [tool(detection) for detection in facts.detected("load_test", 1)]
    if facts.missing(TRAFFIC) is not None:
        return checks
    _, values = facts.history.traffic("queries")
    known = sorted(float(value) for value in values if not math.isnan(value))
    if known:
        seen = f"up to {known[-1]:.3g} queries per second, {known[len(known) // 2]:.3g} usually (hourly averages)"
        checks.append(weaviate_subject(facts, TRAFFIC).queried("queries").info("queries, busiest hour", seen))
    return checks
