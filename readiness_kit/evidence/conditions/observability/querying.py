"""How queries are asked and watched: series of their times, dashboards and alerts over them, load."""

from __future__ import annotations

import re

import msgspec

from readiness_kit.evidence.checks import weaviate_subject
from readiness_kit.evidence.conditions.observability import dashboards, scrape_targets
from readiness_kit.evidence.conditions.observability.metrics import SAMPLES, TRAFFIC, number, tool
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.detectors.scan import DETECTOR_READS, unseen
from readiness_kit.model import Check, Outcome

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
RULES, LABELS = "prometheus/rules", "prometheus/labels"
READS = tuple(sorted({"configmaps", SAMPLES, RULES, LABELS, *DETECTOR_READS["dashboards"]}))
TIMES = {"query_p95_ms": "milliseconds", "http_p95_s": "seconds", "grpc_p95_s": "seconds"}
"""Scalars of query times. No request in the last minutes makes them NaN, which is a series all the same."""
SERIES = (
    "queries_durations_ms_bucket",
    "weaviate_http_request_duration_seconds_bucket",
    "weaviate_grpc_server_request_duration_seconds_bucket",
)
_WATCHES = re.compile(r"queries_durations_ms|weaviate_http_request_duration|weaviate_grpc_server_request_duration")


def watched(facts: ClusterFacts) -> list[Check]:
    field, expected = "series of query times", "1 or more"
    reason = facts.missing(SAMPLES)
    on = weaviate_subject(facts, SAMPLES)
    if reason is not None:
        off = scrape_targets.enabled(facts)
        if off.outcome is NOT_MET:
            message = "Weaviate's metrics are off, so no query time is recorded."
            return [msgspec.structs.replace(off, message=message)]
        message = "Whether query times are recorded was not read from Prometheus."
        return [on.unread(field, expected, reason, message=message)]
    there = _series(facts)
    if not there:
        message = "Prometheus records no query times of Weaviate."
        return [on.check(field, "none", expected, False, message=message)]
    return [on.check(field, names(there), expected, True), *_times(facts), _looked_at(facts)]


def _series(facts: ClusterFacts) -> list[str]:
    told = [name for name in TIMES if facts.history.samples(name)]
    labels = facts.history.labels
    return told or ([name for name in SERIES if name in labels.metrics] if labels.listed else [])


def _times(facts: ClusterFacts) -> list[Check]:
    """For the reader. The buckets of the older series are coarse: below 10 milliseconds they mean nothing."""
    lines = []
    for name, unit in TIMES.items():
        values = [one.value for one in facts.history.samples(name) if one.value == one.value]
        if values:
            worst = max(values)
            coarse = name == "query_p95_ms" and worst < 10
            seen = "less than 10 milliseconds" if coarse else f"up to {number(worst)} {unit}"
            lines.append(weaviate_subject(facts, SAMPLES).info(name, f"95 % of requests take {seen}"))
    return lines


def _looked_at(facts: ClusterFacts) -> Check:
    field, expected = "dashboard or alert over query times", "1 or more"
    rules = sorted({rule.name for rule in facts.history.rules if _WATCHES.search(rule.query)})
    boards = [one.name for one, _ in dashboards.found(facts)] if facts.detected("dashboards") else []
    on = weaviate_subject(facts, RULES)
    if rules:
        return on.check(field, f"alert {names(rules)}", expected, True)
    if boards:
        return weaviate_subject(facts, "configmaps").check(field, f"dashboard {names(boards)}", expected, True)
    lost = {key: reason for key in (RULES, "configmaps") if (reason := facts.missing(key)) is not None}
    lost |= unseen(facts, "dashboards")
    if lost:
        key, reason = next(iter(lost.items()))
        message = f"Query times are recorded; whether a dashboard or alert looks at them was not read ({key})."
        return weaviate_subject(facts, key).unread(field, expected, reason, message=message)
    message = "Query times are recorded, but no alert and no dashboard that shows here looks at them."
    return on.check(field, "none", expected, False, message=message, on_failure=PARTLY)


def load_hints(facts: ClusterFacts) -> list[Check]:
    """The busiest hour and the usual one, and what runs here that makes load."""
    checks = [tool(one) for one in facts.detected("load_test", 1)]
    if facts.missing(TRAFFIC) is not None:
        return checks
    _, values = facts.history.traffic("queries")
    known = sorted(float(one) for one in values if one == one)
    if known:
        seen = f"{known[-1]:.3g} queries a second at most, {known[len(known) // 2]:.3g} usually (hourly averages)"
        checks.append(weaviate_subject(facts, TRAFFIC).info("queries, busiest hour", seen))
    return checks
