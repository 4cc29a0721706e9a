"""Arithmetic on measured use: the trend of a volume, when it reaches a mark, how much history is enough.

Plain functions on numbers. Volumes: the slope is Theil and Sen's median of all pairwise slopes over the daily 90th
percentile, so that a day of compaction does not bend it; the range is Sen's interval from Kendall's rank statistic,
whose steeper end still is the rate of the days after a great deletion has lowered the middle. It is anchored on the
last day, not on the fitted line: what counts is how much room is left now.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

DAY = 86_400.0
ENOUGH_DAYS = 7.0
"""Kit default: fewer days with samples say nothing of a week's rhythm."""
ENOUGH_SAMPLES = 300
"""Kit default: of fewer samples a 95th percentile rests on less than fifteen."""
CONFIDENCE = 1.645
"""Normal quantile of Sen's interval: 90 %, two-sided."""
PAGE_CACHE_RESERVE = 0.25
"""Kit default: share of peak anonymous memory to leave for pages of mapped files."""
FAR = 3650.0
"""Days; a mark that is further away than this is not reached as far as anyone can say."""
NO_LIMIT = 9e18
"""Go gives 2^63-1 where no memory limit is set."""


class Range(NamedTuple):
    """`low` <= `mid` <= `high`; NaN: not known, inf: never."""

    low: float
    mid: float
    high: float


UNKNOWN = Range(math.nan, math.nan, math.nan)


def enough(days: float | None, samples: float | None = None) -> bool:
    """Whether days with samples, and their number, are enough to judge by."""
    if days is None or math.isnan(days) or days < ENOUGH_DAYS:
        return False
    return samples is None or (not math.isnan(samples) and samples >= ENOUGH_SAMPLES)


def slope(days: Sequence[float] | np.ndarray, values: Sequence[float] | np.ndarray) -> Range:
    """Growth a day with its 90 % interval; NaN values are left out, UNKNOWN of fewer than three."""
    x, y = np.asarray(days, float), np.asarray(values, float)
    there = ~np.isnan(y)
    x, y = x[there], y[there]
    count = len(x)
    if count < 3:
        return UNKNOWN
    first, second = np.triu_indices(count, 1)
    slopes = np.sort((y[second] - y[first]) / (x[second] - x[first]))
    spread = CONFIDENCE * math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    low = max(0, math.floor((len(slopes) - spread) / 2))
    high = min(len(slopes) - 1, math.ceil((len(slopes) + spread) / 2))
    return Range(float(slopes[low]), float(np.median(slopes)), float(slopes[high]))


def days_to(mark: float, now: float, growth: Range) -> Range:
    """Days until `now` grows to `mark`: 0 where it is there, inf where it does not get there. Soonest first."""
    if any(math.isnan(one) for one in (mark, now, *growth)):
        return UNKNOWN
    return Range(*(_days(mark - now, a_day) for a_day in (growth.high, growth.mid, growth.low)))


def _days(room: float, a_day: float) -> float:
    if room <= 0:
        return 0.0
    days = room / a_day if a_day > 0 else math.inf
    return days if days <= FAR else math.inf


def memory_needed(rss_max: float, reserve: float = PAGE_CACHE_RESERVE) -> float:
    """Bytes to plan for: peak anonymous memory and room for the page cache.

    Not the peak of the working set: it holds mapped pages, and grows into whatever limit it is given.
    """
    return rss_max * (1 + reserve)
