"""Sufficient history and the trend of volumes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from readiness_kit.facts.analysis import trends


@pytest.mark.parametrize(
    ("days", "samples", "judged"),
    [(14, 20_000, True), (7, 300, True), (6.9, 20_000, False), (14, 299, False), (14, None, True)],
)
def test_enough_history(days: float, samples: float | None, judged: bool) -> None:
    assert trends.enough(days, samples) is judged


@pytest.mark.parametrize(("days", "samples"), [(None, None), (math.nan, 20_000), (14, math.nan)])
def test_what_is_not_known_is_not_enough(days: float | None, samples: float | None) -> None:
    assert trends.enough(days, samples) is False


def test_the_range_widens_with_noise_and_holds_the_truth() -> None:
    truth, noise = 2.0, np.random.default_rng(1).normal(0, 3, (200, 14))
    inside = [
        found.low <= truth <= found.high
        for found in (trends.slope(np.arange(14.0), 40 + truth * np.arange(14) + offset) for offset in noise)
    ]
    assert 0.85 <= np.mean(inside) <= 1
    calm, wild = (trends.slope(np.arange(14.0), 2 * np.arange(14) + noise[0] * part) for part in (0.1, 1))
    assert calm.high - calm.low < wild.high - wild.low
