"""Judges the age of recurring tests by the time of the snapshot.

The limits are `model.Thresholds`, which `readiness.yaml` can change; `CADENCES` maps questions to them. A cadence
question without an entry is judged by the interval in its answer (`every`).
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from readiness_kit.labels import count
from readiness_kit.model import Answer, State, Thresholds


class Cadence(NamedTuple):
    """Limits of one question, as names of fields of Thresholds, in days.

    `good`: up to this age a test counts in full. `stale`: above this age it counts as not done; "" means that an old
    test still counts as partly met. `regular`: the interval in the answer must not exceed `good` either.
    """

    good: str
    stale: str = ""
    regular: bool = False


CADENCES: dict[str, Cadence] = {
    "ha.failover_tested": Cadence("failover_test_days", "failover_test_stale_days"),
    "ha.backup_test_frequency": Cadence("restore_test_days", regular=True),
    "ha.recovery_tested": Cadence("recovery_test_days"),
    "sec.secret_process": Cadence("rotation_days"),
}


def cadence_cap(question: str, answer: Answer, on: date | None, thresholds: Thresholds) -> tuple[State | None, str]:
    """The best state that the dates of an answer permit (PARTLY, GAP, or None for no limit), and the reason.

    `on` is the day of the assessment; without it the age is not judged, and the reason states that.
    """
    done = answer.last_done
    if done is None:
        return State.PARTLY, "The date when this was last done is missing: counts as partly met."
    if on is None:
        return None, "Its age is not judged: there is no snapshot or date to compare with."
    latest = max(on, answer.at.date()) if answer.at else on
    if done > latest:
        return State.PARTLY, f"The date {done} is in the future: counts as partly met."
    return _by_age(CADENCES.get(question), answer, max((on - done).days, 0), thresholds)


def _by_age(rule: Cadence | None, answer: Answer, age: int, thresholds: Thresholds) -> tuple[State | None, str]:
    if rule is None:
        if answer.every is not None and age > answer.every:
            interval = count(answer.every, "day")
            return State.PARTLY, f"Last done {age} days ago, at an interval of {interval}: counts as partly met."
        return None, ""
    good = int(getattr(thresholds, rule.good))
    stale = int(getattr(thresholds, rule.stale)) if rule.stale else None
    if stale is not None and age > max(stale, good):
        return State.GAP, f"Last done {age} days ago: after {max(stale, good)} days it counts as not done."
    if age > good:
        return State.PARTLY, f"Last done {age} days ago: after {good} days it counts as partly met."
    if rule.regular and (answer.every is None or answer.every > good):
        interval = f"an interval of {answer.every} days" if answer.every else "no interval"
        return State.PARTLY, f"The answer gives {interval}; at most {good} days are required: counts as partly met."
    return None, ""
