"""One label, one sign and one order for each term."""

from __future__ import annotations

import pytest

from readiness_kit.labels import SEVERITY_ORDER, STATE_ORDER, by_state, label, outcome_words, percent, score_text, sign
from readiness_kit.model import Choice, Finding, Level, Outcome, Reason, Score, Section, Severity, State


@pytest.mark.parametrize("terms", [Section, State, Outcome, Reason, Level, Choice, Severity])
def test_every_term_has_a_label(terms: type) -> None:
    labels = [label(term) for term in terms]
    assert all(labels) and len(set(labels)) == len(labels)


@pytest.mark.parametrize("terms", [State, Outcome, Level])
def test_every_state_outcome_and_level_has_a_sign(terms: type) -> None:
    signs = [sign(term) for term in terms]
    assert all(signs) and len(set(signs)) == len(signs)


def test_terms_with_equal_values_keep_their_own_labels() -> None:
    assert (label(State.PARTLY), label(Outcome.PARTLY)) == ("Partly", "Partly met")


def test_orders_hold_every_member_worst_first() -> None:
    assert set(STATE_ORDER) == set(State) and STATE_ORDER[0] is State.CONTRADICTED
    assert STATE_ORDER.index(State.GAP) < STATE_ORDER.index(State.OPEN) < STATE_ORDER.index(State.VERIFIED)
    assert tuple(Severity) == SEVERITY_ORDER


def test_states_that_do_not_occur_are_left_out() -> None:
    counts = {State.VERIFIED: 3, State.OPEN: 0, State.GAP: 1}
    assert by_state(counts) == [(State.GAP, 1), (State.VERIFIED, 3)]


def test_percentages_are_never_rounded_up_to_100() -> None:
    assert (percent(0.834), percent(0.9999), percent(1.0)) == ("83 %", "99 %", "100 %")


def test_nothing_judged_has_no_number() -> None:
    assert score_text(Score(0.0, 1.0, 0.0, 8, 0, 8, {})) == "No score yet: nothing judged"
    text = "35 % proven, up to 61 % possible, at 88 % coverage"
    assert score_text(Score(0.35, 0.61, 0.88, 8, 7, 1, {})) == text


def test_partly_at_best_has_its_own_words() -> None:
    partly = Finding("ha.one", Outcome.PARTLY, "Seen.")
    at_best = Finding("ha.one", Outcome.PARTLY, "Seen.", reason=Reason.FORBIDDEN, at_best=True)
    assert (outcome_words(partly), outcome_words(at_best)) == ("Partly met", "Partly met at best")
