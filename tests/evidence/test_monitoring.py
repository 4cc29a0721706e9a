"""Monitoring on recorded clusters, and with single reads refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness_kit.model import Outcome, Section
from tests.support.asked import ask
from tests.support.findings import assert_evidence_for_all, assert_never_better_without, reads, recorded

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
LOGGING, METRICS = "mon.logging", "mon.metrics"
OFF = "The metrics of Weaviate are off, so nothing can be scraped. Set PROMETHEUS_MONITORING_ENABLED to true."


def test_recorded_clusters(recordings: Path) -> None:
    good, default = recorded(recordings / "good"), recorded(recordings / "default")
    assert ask(LOGGING, good).outcome is MET and ask(LOGGING, default).outcome is MET
    off = ask(METRICS, default)
    assert (off.outcome, off.sentence) == (NOT_MET, OFF)
    on = ask(METRICS, good)
    assert on.outcome is UNKNOWN and "prometheus/up" in on.missing
    assert [fact.ref.name for fact in on.facts if fact.ref.kind == "ServiceMonitor"] == ["weaviate"]


# --- one read refused -----------------------------------------------------------------------------


def test_every_question_has_evidence() -> None:
    assert_evidence_for_all(Section.MONITORING)


@pytest.mark.parametrize("key", reads(Section.MONITORING))
def test_refused_read_is_never_better(key: str) -> None:
    assert_never_better_without(Section.MONITORING, key)
