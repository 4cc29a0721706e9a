"""Sizing advice from the measured history: ratios, reasons and values; none with a short history."""

from __future__ import annotations

import msgspec
import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.analysis.advice import advice
from tests.charts.history import GIB, with_history
from tests.support.cluster import cluster, weaviate


def changed(**columns: tuple[float, ...]) -> ClusterFacts:
    """One pod with 40 GiB limit and these columns of its usage."""
    facts = with_history(1)
    usage = msgspec.structs.replace(facts.answer("prometheus/usage"), **columns)
    snapshot = msgspec.structs.replace(facts.snapshot, answers={**facts.snapshot.answers, "prometheus/usage": usage})
    return ClusterFacts(snapshot)


def by_subject(facts: ClusterFacts) -> dict[str, str]:
    return {item.subject: item.reason for item in advice(facts)}


def test_a_peak_that_leaves_no_room_for_mapped_files_asks_for_a_higher_limit() -> None:
    found = next(item for item in advice(changed(rss_max=(36 * GIB,))) if item.subject == "Memory limit")
    assert found.ratio == pytest.approx(0.9)
    assert "peaked at 90 % of the limit on weaviate-0" in found.reason
    assert found.helm == "resources:\n  requests:\n    memory: 45Gi\n  limits:\n    memory: 45Gi\n"


def test_a_peak_far_below_the_limit_is_called_idle() -> None:
    assert "the remainder is unused" in by_subject(changed(rss_max=(8 * GIB,)))["Memory limit"]


def test_enough_room_gives_no_advice_on_memory() -> None:
    assert "Memory limit" not in by_subject(changed(rss_max=(28 * GIB,)))


def test_gomemlimit_is_judged_as_a_share_of_the_limit() -> None:
    assert "GOMEMLIMIT" not in by_subject(changed(gomemlimit=(34 * GIB,)))
    assert "96 % of the memory limit" in by_subject(changed(gomemlimit=(38.4 * GIB,)))["GOMEMLIMIT"]
    found = next(item for item in advice(changed(gomemlimit=(9.3e18,))) if item.subject == "GOMEMLIMIT")
    assert found.helm == "env:\n  GOMEMLIMIT: 34GiB\n" and "do not take effect" in found.reason


def test_throttling_asks_for_more_cpu() -> None:
    assert "throttled in 40 % of periods" in by_subject(changed(throttled=(0.4,)))["CPU limit"]


def test_cpu_that_is_mostly_idle_and_cpu_that_is_too_tight() -> None:
    assert "most of it is unused" in by_subject(changed(cpu_p95=(0.4,)))["CPU request"]
    assert "90 % of the reserved CPU" in by_subject(changed(cpu_p95=(3.6,)))["CPU request"]
    assert "CPU request" not in by_subject(changed(cpu_p95=(2.0,)))


def test_a_disk_that_is_full_within_a_month_is_said_with_its_claim() -> None:
    assert (
        "weaviate-data-weaviate-0 reaches the read-only threshold in about 15 days"
        in by_subject(with_history(1))["Volumes"]
    )


def test_short_history_and_no_history_are_silent() -> None:
    assert advice(with_history(1, hours=48)) == ()
    assert advice(cluster(weaviate())) == ()
