"""What to do comes from the fixes of the failed checks, everywhere alike."""

from __future__ import annotations

import json

import pytest

from readiness_kit.demo import install
from readiness_kit.model import Settings, State
from readiness_kit.report.content import Content, of_session
from readiness_kit.report.exports.json_report import to_json
from readiness_kit.report.exports.junit import junit
from readiness_kit.report.exports.markdown_report import markdown
from readiness_kit.report.exports.sarif import sarif
from readiness_kit.report.what_to_do import MAX_CODE, what_to_do, with_fixes
from readiness_kit.workspace.session import Session
from tests.support.fixes import assessed, due, other_origin

FIX = "Give Sessions three replicas."


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    return Session(install(tmp_path_factory.mktemp("demonstration")))


@pytest.fixture(scope="module")
def whole(session: Session) -> Content:
    return of_session(session)


def test_it_is_the_fixes_of_the_question(whole: Content, session: Session) -> None:
    planned = session.plan(project=False).fixes
    for row in whole.assessment.verdicts:
        titles = [item.prepared.title for item in planned if row.question.id in {q.id for q in item.prepared.questions}]
        assert all(f"{title}." in row.question.remedy.text for title in titles)
        assert not titles or row.state in (State.GAP, State.CONTRADICTED, State.PARTLY)


@pytest.mark.parametrize("form", [junit, sarif, markdown, to_json], ids=lambda form: form.__name__)
def test_every_form_has_it(whole: Content, form: object) -> None:
    text = form(whole)  # type: ignore[operator]
    assert FIX in (text if isinstance(text, str) else json.dumps(text))


def test_code_is_for_this_cluster_and_short(whole: Content) -> None:
    memory = next(row.question.remedy for row in whole.assessment.verdicts if row.question.number == "Q15")
    assert any(snippet.kind == "helm" and "GOMEMLIMIT" in snippet.code for snippet in memory.snippets)
    codes = [snippet.code for row in whole.assessment.verdicts for snippet in row.question.remedy.snippets]
    assert codes and max(map(len, codes)) <= MAX_CODE


def test_values_of_the_chart_are_not_shown_to_another_installation() -> None:
    facts = other_origin()
    judged = with_fixes(assessed(facts), facts, Settings())
    kinds = {snippet.kind for row in judged.verdicts for snippet in row.question.remedy.snippets}
    assert due(facts) and "helm" not in kinds


def test_without_a_fix_the_general_guidance_stays(whole: Content) -> None:
    facts = whole.facts
    assert facts is not None
    question = whole.assessment.verdicts[0].question
    assert what_to_do(question, (), facts) is question.remedy
    assert with_fixes(whole.assessment, None, whole.settings) is whole.assessment
