"""JUnit XML for the test view of a CI: a suite for each section, a case for each question; first Weaviate's state.

Gaps, contradictions and advisories that apply fail. Only verified and attested questions pass; partly met, accepted,
open and not applicable ones, and advisories that may apply, are `skipped` with their reason. Times are not given: the
same assessment gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from readiness_kit.assessment.score import running_bound
from readiness_kit.labels import (
    APPLICABILITY_WORDS,
    RUNNING_ID,
    SECTION_TITLES,
    SEVERITY_WORDS,
    STATE_WORDS,
    advisory_text,
    outcome_words,
    running_lines,
)
from readiness_kit.markup import clean, ref_text
from readiness_kit.model import AdvisoryMatch, Applicability, Level, RunningState, Section, State, Verdict
from readiness_kit.report.content import Content
from readiness_kit.report.reasons import reason

if TYPE_CHECKING:
    from junitparser import TestSuite

FAILED = (State.GAP, State.CONTRADICTED)
PASSED = (State.VERIFIED, State.ATTESTED)
MAX_FACTS = 50


def junit(content: Content) -> str:
    """The document, with an XML declaration."""
    from junitparser import Failure, JUnitXml, Skipped, TestCase, TestSuite

    root = JUnitXml(clean(content.subject.title))
    if content.assessment.running is not None:
        root.add_testsuite(_running_suite(content.assessment.running))
    for section in Section:
        suite = TestSuite(SECTION_TITLES[section])
        for verdict in content.assessment.verdicts:
            question, state = verdict.question, verdict.state
            if question.section is not section:
                continue
            case = TestCase(clean(f"{question.number} {question.id}"), f"readiness.{section.value}")
            word = f"{STATE_WORDS[state]} ({SEVERITY_WORDS[verdict.severity].lower()})"
            message = clean(f"{word}: {question.short}")
            if state in FAILED:
                case.result = [Failure(message, state.value)]
                case.result[0].text = _details(verdict)
            else:
                case.result = [] if state in PASSED else [Skipped(message)]
                case.system_out = _details(verdict)
            suite.add_testcase(case)
        if suite.tests:
            root.add_testsuite(suite)
    if content.assessment.advisories:
        root.add_testsuite(_advisory_suite(content.assessment.advisories))
    root.update_statistics()
    body: bytes = root.tostring()
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + body.decode("utf-8") + "\n"


def _running_suite(running: RunningState) -> TestSuite:
    """Weaviate's present state as a suite of one case: down fails, not known is skipped."""
    from junitparser import Failure, Skipped, TestCase, TestSuite

    title, sentences = running_lines(running)
    bound, text = running_bound(running), clean("\n".join(sentences))
    case = TestCase(RUNNING_ID, "readiness.now")
    if bound is Level.NOT_READY:
        case.result = [Failure(title, "not_running")]
        case.result[0].text = text
    else:
        case.result = [Skipped(title)] if bound else []
        case.system_out = text
    suite = TestSuite("Weaviate now")
    suite.add_testcase(case)
    return suite


def _advisory_suite(advisories: Iterable[AdvisoryMatch]) -> TestSuite:
    """A case for each known fault and end of support: what applies fails, what may apply is skipped."""
    from junitparser import Failure, Skipped, TestCase, TestSuite

    suite = TestSuite("Known faults and support")
    for row in advisories:
        case = TestCase(clean(row.id), "readiness.advisories")
        word = f"{APPLICABILITY_WORDS[row.applicability]} ({SEVERITY_WORDS[row.severity].lower()})"
        message, text = clean(f"{word}: {row.title}"), clean(advisory_text(row))
        if row.applicability is Applicability.APPLIES:
            case.result = [Failure(message, row.applicability.value)]
            case.result[0].text = text
        else:
            case.result = [Skipped(message)]
            case.system_out = text
        suite.add_testcase(case)
    return suite


def _details(verdict: Verdict) -> str:
    finding = verdict.finding
    lines = [verdict.question.text, f"Verdict: {STATE_WORDS[verdict.state]}"]
    lines += [f"Reason: {reason(verdict)}"]
    lines += [f"Evidence: {outcome_words(finding)}"] if finding else []
    failed = [fact for fact in finding.facts if fact.ok is False] if finding else []
    lines += [f"- {ref_text(fact.ref)}: {fact.field} = {fact.seen}" for fact in failed[:MAX_FACTS]]
    lines += [f"- and {len(failed) - MAX_FACTS} more"] if len(failed) > MAX_FACTS else []
    lines += [f"What to do: {verdict.question.remedy.text}"]
    return "\n".join(clean(line) for line in lines)
