"""Calculations on measured usage: the trend of a volume, the days until a threshold, sufficient history.

The slope of a volume is the Theil-Sen estimate (median of all pairwise slopes) over daily 90th percentiles, which a day
of compaction does not distort. The range is Sen's interval from Kendall's rank statistic; after a large deletion its
upper end still reflects the daily growth. Projections start at the last day, not at the fitted line, because the free
space of today counts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

DAY = 86_400.0
ENOUGH_DAYS = 7.0
"""Kit default: days with samples that are needed to cover a weekly pattern."""
ENOUGH_SAMPLES = 300
"""Kit default: with fewer samples, a 95th percentile rests on fewer than fifteen values."""
CONFIDENCE = 1.645
"""Normal quantile of Sen's interval (90 %, two-sided)."""
PAGE_CACHE_RESERVE = 0.25
"""Kit default: reserve for the page cache, as a share of peak anonymous memory."""
MAX_DAYS = 3650.0
"""A threshold further away than this many days counts as never reached."""
NO_LIMIT = 9e18
"""Go reports 2^63-1 where no memory limit is set."""


class Range(NamedTuple):
    """`low` <= `mid` <= `high`; NaN where unknown, inf for never."""

    low: float
    mid: float
    high: float


UNKNOWN = Range(math.nan, math.nan, math.nan)


def enough(days: float | None, samples: float | None = None) -> bool:
    """Whether the days with samples, and the number of samples, suffice for a judgement."""
    if days is None or math.isnan(days) or days < ENOUGH_DAYS:
        return False
    return samples is None or (not math.isnan(samples) and samples >= ENOUGH_SAMPLES)


def slope(days: Sequence[float] | np.ndarray, values: Sequence[float] | np.ndarray) -> Range:
    """Growth a day with its 90 % interval; NaN values are ignored, fewer than three values give UNKNOWN."""
    x, y = np.asarray(days, float), np.asarray(values, float)
    valid = ~np.isnan(y)
    x, y = x[valid], y[valid]
    count = len(x)
    if count < 3:
        return UNKNOWN
    first, second = np.triu_indices(count, 1)
    slopes = np.sort((y[second] - y[first]) / (x[second] - x[first]))
    spread = CONFIDENCE * math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    low = max(0, math.floor((len(slopes) - spread) / 2))
    high = min(len(slopes) - 1, math.ceil((len(slopes) + spread) / 2))
    return Range(float(slopes[low]), float(np.median(slopes)), float(slopes[high]))


def days_to(threshold: float, now: float, growth: Range) -> Range:
    """Days until `now` grows to `threshold`, soonest first: 0 where it is reached, inf where it never is."""
    if any(math.isnan(value) for value in (threshold, now, *growth)):
        return UNKNOWN
    return Range(*(_days(threshold - now, rate) for rate in (growth.high, growth.mid, growth.low)))


def _days(free: float, rate: float) -> float:
    if free <= 0:
        return 0.0
    days = free / rate if rate > 0 else math.inf
    return days if days <= MAX_DAYS else math.inf


def memory_needed(rss_max: float, reserve: float = PAGE_CACHE_RESERVE) -> float:
    """Bytes to plan for: peak anonymous memory plus a reserve for the page cache.

    The peak of the working set is not used: it includes mapped pages and grows up to any limit.
    """
    return rss_max * (1 + reserve)
