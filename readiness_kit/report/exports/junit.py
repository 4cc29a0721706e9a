"""JUnit XML for the test view of a CI: a suite for each section, a case for each question.

Gaps and contradictions fail. Only verified and attested questions pass; partly met, accepted, open and not applicable
ones are `skipped` with their reason. Times are not given: the same assessment gives the same bytes.
"""

from __future__ import annotations

from junitparser import Failure, JUnitXml, Skipped, TestCase, TestSuite

from readiness_kit.labels import SECTION_TITLES, SEVERITY_WORDS, STATE_WORDS
from readiness_kit.markup import clean, ref_text
from readiness_kit.model import Section, State, Verdict
from readiness_kit.report.content import Content

FAILED = (State.GAP, State.CONTRADICTED)
PASSED = (State.VERIFIED, State.ATTESTED)
MAX_FACTS = 50


def junit(content: Content) -> str:
    """The document, with an XML declaration."""
    root = JUnitXml(clean(content.subject.title))
    for section in Section:
        own = [verdict for verdict in content.assessment.verdicts if verdict.question.section is section]
        if own:
            suite = TestSuite(SECTION_TITLES[section])
            suite.add_testcases([_case(verdict) for verdict in own])
            root.add_testsuite(suite)
    root.update_statistics()
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + root.tostring().decode("utf-8") + "\n"


def _case(verdict: Verdict) -> TestCase:
    question = verdict.question
    case = TestCase(clean(f"{question.number} {question.id}"), f"readiness.{question.section.value}")
    word = f"{STATE_WORDS[verdict.state]} ({SEVERITY_WORDS[verdict.severity].lower()})"
    message = clean(f"{word}: {question.short}")
    if verdict.state in FAILED:
        failure = Failure(message, verdict.state.value)
        failure.text = _details(verdict)
        case.result = [failure]
        return case
    if verdict.state not in PASSED:
        case.result = [Skipped(message)]
    case.system_out = _details(verdict)
    return case


def _details(verdict: Verdict) -> str:
    finding = verdict.finding
    lines = [verdict.question.text, f"Verdict: {STATE_WORDS[verdict.state]}"]
    lines += [f"Evidence: {finding.sentence}"] if finding else []
    failed = [fact for fact in finding.facts if fact.ok is False] if finding else []
    lines += [f"- {ref_text(fact.ref)}: {fact.field} = {fact.seen}" for fact in failed[:MAX_FACTS]]
    lines += [f"- and {len(failed) - MAX_FACTS} more"] if len(failed) > MAX_FACTS else []
    lines += [*verdict.lines, f"What to do: {verdict.question.remedy.text}"]
    return "\n".join(clean(line) for line in lines)
