"""Score and verdicts of a section and of the whole assessment."""

from __future__ import annotations

import re

from readiness_kit.labels import STATE_ORDER, STATE_WORDS
from readiness_kit.model import Section
from readiness_kit.notebook.kit import Kit
from readiness_kit.notebook.views.summaries import section_summary, whole_summary


def states_in(html: str) -> list[str]:
    return re.findall(r'<th scope="row">\S+ ([A-Z][a-z ]+)</th>', html)


def test_verdicts_are_in_the_order_of_states(kit: Kit) -> None:
    assessment = kit.assessment
    states = states_in(whole_summary(assessment)._repr_html_())
    order = [STATE_WORDS[state] for state in STATE_ORDER]
    assert len(states) == len(assessment.verdicts) == 34
    assert states == sorted(states, key=order.index)


def test_section_summary_links_to_cards_and_counts_answers(kit: Kit) -> None:
    summary = section_summary(kit, Section.SECURITY)
    assert 'href="#rk-sec-tls"' in summary.body and "8 of 8 answered" in repr(summary)
    assert "% coverage" in summary.body


def test_without_evidence_and_answers_there_is_no_score_yet(empty: Kit) -> None:
    assert repr(whole_summary(empty.assessment)).endswith("No score yet: nothing judged")
