"""How old is too old: judges what an answer says of a recurring test, by the time of the snapshot.

The numbers are `model.Thresholds`, which `readiness.yaml` may change; which of them belongs to which question
is `CADENCES`. A cadence question without an entry is measured by what the answer itself promises (`every`).
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from readiness_kit.model import Answer, State, Thresholds


class Cadence(NamedTuple):
    """Names of fields of Thresholds, in days.

    `good`: not older counts in full. `stale`: older counts as not done; "" means that an old test still counts
    partly. `regular`: the interval promised has to fit `good` as well.
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
    """The best state an answer can have by its dates (PARTLY, GAP, or None for no limit), and a sentence why.

    `on` is the day to count from; without it the age is not judged, and the sentence says so.
    """
    done = answer.last_done
    if done is None:
        return State.PARTLY, "No date says when it was last done: it counts partly."
    if on is None:
        return None, "Its age is not judged: there is no snapshot or date to count from."
    latest = max(on, answer.at.date()) if answer.at else on
    if done > latest:
        return State.PARTLY, f"The date {done} lies in the future: it counts partly."
    return _by_age(CADENCES.get(question), answer, max((on - done).days, 0), thresholds)


def _by_age(rule: Cadence | None, answer: Answer, age: int, thresholds: Thresholds) -> tuple[State | None, str]:
    if rule is None:
        if answer.every is not None and age > answer.every:
            return State.PARTLY, f"Last done {age} days ago, promised every {answer.every}: it counts partly."
        return None, ""
    good = int(getattr(thresholds, rule.good))
    stale = int(getattr(thresholds, rule.stale)) if rule.stale else None
    if stale is not None and age > max(stale, good):
        return State.GAP, f"Last done {age} days ago: after {max(stale, good)} days it counts as not done."
    if age > good:
        return State.PARTLY, f"Last done {age} days ago: after {good} days it counts partly."
    if rule.regular and (answer.every is None or answer.every > good):
        promised = f"every {answer.every} days" if answer.every else "no interval"
        return State.PARTLY, f"The answer promises {promised}; every {good} is asked for: it counts partly."
    return None, ""
