"""Progress of a collection and checks of addresses."""

from __future__ import annotations

from readiness_kit.collect import Event
from readiness_kit.notebook.collection import ProgressEstimator


def test_remaining_time_is_shown_once_it_can_be_estimated() -> None:
    now = [0.0]
    pace = ProgressEstimator(lambda: now[0])
    assert pace.text(Event("pods", 2, 20, 40, "page")) == "2 of 20 kinds read, 40 objects; reading pods"
    now[0] = 4.0
    assert pace.text(Event("pods", 10, 20, 60, "page")).endswith("; reading pods, about 4 s left")
    assert pace.text(Event("nodes", 20, 20, 3, "done")) == "20 of 20 kinds read, 63 objects"
