"""The cards of the questions: verdict, answer, evidence, facts and remedy."""

from __future__ import annotations

import re

import msgspec
import pytest

from readiness_kit import demo
from readiness_kit.markup import MAX_DECIDING, macro
from readiness_kit.model import Finding, Observation, Outcome, Reason, Ref, Section
from readiness_kit.report.chapters.questions import MAX_FACTS, commands
from readiness_kit.report.chapters.remedy import Remedies
from readiness_kit.report.content import Content, of_session
from readiness_kit.report.rendering.page import ReportPage
from readiness_kit.workspace.session import Session
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


def test_failed_facts_are_open_and_all_others_fold_out() -> None:
    card = _card("ha.rolling_updates")
    assert f"<summary>{61 - MAX_DECIDING} further facts, {21 - MAX_DECIDING} failed</summary>" in card
    results = re.findall(r">(?:<svg.*?</svg>)?(Fail|Pass|Info)<", card)
    assert results == ["Fail"] * 21 + ["Pass"] * 20 + ["Info"] * 20
    assert len(re.findall(r">(?:<svg.*?</svg>)?Fail<", card.split("<details", 1)[0])) == MAX_DECIDING


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


# --- what to do, from the fixes of the demonstration -----------------------------------------------


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Content:
    return of_session(Session(demo.install(tmp_path_factory.mktemp("demonstration") / "folder").create()))


def test_what_to_do_names_the_fixes_and_their_action_in_the_plan(demonstration: Content) -> None:
    shown = words(ReportPage.of(demonstration).sections())
    todo = Remedies(demonstration)
    planned = 0
    for row in demonstration.assessment.verdicts:
        for step in todo.of(row.question.id):
            planned += 1
            assert step.fix.title.replace("`", "") in shown
            assert todo.number(row.question.id) <= len(todo.plan.actions)
    assert planned > 20


def test_the_steps_of_a_fix_stand_at_one_question_only(demonstration: Content) -> None:
    todo = Remedies(demonstration)
    places: dict[str, list[str]] = {}
    for row in demonstration.assessment.verdicts:
        for step in todo.of(row.question.id):
            places.setdefault(step.fix.id, []).extend([row.question.id] if step.at is None else [])
    assert places and all(len(found) == 1 for found in places.values())


def test_values_of_the_patch_are_not_repeated_on_the_cards(demonstration: Content) -> None:
    todo = Remedies(demonstration)
    steps = [step for row in demonstration.assessment.verdicts for step in todo.of(row.question.id)]
    assert any(step.in_patch for step in steps)
    assert not any(title.startswith("Helm values") for step in steps if step.in_patch for title, _ in step.code)


def test_a_contradiction_shows_both_sides_once(demonstration: Content) -> None:
    page = ReportPage.of(demonstration)
    (first, *_) = demonstration.assessment.contradictions
    anchor = first.question.id.replace(".", "-")
    card = re.search(rf'<article [^>]*id="q-{anchor}".*?</article>', page.sections().html, re.DOTALL)
    assert card and f'href="#clash-{anchor}"' in card[0] and "Your answer" not in card[0]
    assert f'id="clash-{anchor}"' in page.contradictions().html
