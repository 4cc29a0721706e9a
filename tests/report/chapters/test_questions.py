"""The cards of the questions: verdict, answer, evidence, facts and remedy."""

from __future__ import annotations

import re

import msgspec

from readiness_kit.markup import macro
from readiness_kit.model import Finding, Observation, Outcome, Reason, Ref, Section
from readiness_kit.report.chapters.questions import MAX_FACTS, commands
from readiness_kit.report.rendering.page import ReportPage
from tests.report import sample
from tests.report.sample import words


def test_every_question_appears_once_children_behind_their_parent() -> None:
    page = sample.page()
    html = page.sections().html
    shown = re.findall(r'<article class="rk-question[^"]*" id="([^"]+)"', html)
    assert len(shown) == len(set(shown)) == 34
    parents = {v.question.id: v.question.parent for v in sample.assessment().verdicts if v.question.parent}
    assert parents
    for child, parent in parents.items():
        between = shown[shown.index(f"q-{parent}".replace(".", "-")) + 1 : shown.index(f"q-{child}".replace(".", "-"))]
        assert all(parents.get(_id(page, anchor)) for anchor in between)


def _id(page: ReportPage, anchor: str) -> str:
    return next(v.question.id for v in sample.assessment().verdicts if "q-" + v.question.id.replace(".", "-") == anchor)


def _card(question: str) -> str:
    html = sample.page().sections().html
    anchor = "q-" + question.replace(".", "-")
    found = re.search(rf'<article [^>]*id="{anchor}".*?</article>', html, re.DOTALL)
    assert found
    return found.group(0)


def test_gap_has_a_remedy_and_verified_question_has_none() -> None:
    gap = words(_card("ha.weaviate_backups"))
    assert "Gap" in gap and "What to do" in gap and "Effort" in gap
    assert "What to do" not in words(_card("ha.replicas_across_nodes"))


def test_unknown_has_reason_and_missing_sources() -> None:
    shown = words(_card("sec.network_policies"))
    assert "Unknown (not permitted to read it)" in shown
    assert "Sources not read: networkpolicies" in shown
    assert "The evidence was refused, so the answer counts half at most." in shown


def test_an_answer_shows_cadence_proof_and_who_gave_it() -> None:
    shown = words(_card("ha.backup_test_frequency"))
    assert "Done every 90 days Last done 1 September 2026 Answered Search team, 20 November 2026" in shown
    assert '<a href="https://example.com/runbooks/eks" rel="noreferrer">' in _card("ha.control_plane")
    assert "javascript:alert(1)" in words(_card("mon.grafana")) and '<a href="javascript' not in _card("mon.grafana")


def test_not_applicable_shows_its_reason() -> None:
    assert "Not applicable Data is append-only by contract." in words(_card("res.delete_process"))


def test_accepted_risk_shows_waiver_and_verdict_without_it() -> None:
    shown = words(_card("sec.container_defaults"))
    assert "Accepted risk" in shown and "Without the waiver Gap" in shown and "Approved by Security office" in shown
    assert "Until 31 January 2027" in shown


def test_facts_fold_with_failures_first_and_all_sixty_there() -> None:
    card = _card("ha.rolling_updates")
    assert "<summary>61 facts, 21 failed</summary>" in card
    results = re.findall(r"Fail|Pass|Info", words(card).split("Result", 1)[1])
    assert results == ["Fail"] * 21 + ["Pass"] * 20 + ["Info"] * 20


def test_facts_beyond_the_limit_are_counted() -> None:
    facts = tuple(Observation(sample.STS, "f", str(number)) for number in range(MAX_FACTS + 5))
    finding = Finding("a.b", Outcome.UNKNOWN, "Seen.", facts, reason=Reason.NOT_OBSERVABLE)
    assert "5 more facts are in the snapshot." in words(macro("evidence", "facts", finding, MAX_FACTS, []))


def test_section_without_questions_has_no_chapter() -> None:
    fragment = sample.page().section(Section.TENANTS)
    assert fragment.html == "" and fragment.toc == ()


def test_facts_come_with_the_commands_that_show_them() -> None:
    fact = Observation(Ref("StatefulSet", "weaviate", "search"), "spec.replicas", "1", "3", False, "statefulsets")
    finding = Finding("ha.multi_az", Outcome.NOT_MET, "One replica.", (fact, fact))
    verdict = msgspec.structs.replace(sample.assessment().verdicts[0], finding=finding)
    shown = macro("evidence", "facts", finding, MAX_FACTS, commands(verdict))
    assert shown.count("kubectl -n search get statefulsets.apps weaviate") == 1
    assert "Check it yourself" in shown
