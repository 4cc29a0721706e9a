"""JUnit XML: a suite a section, a case a question, for the test view of a CI.

Gaps and contradictions fail. Only what is verified or attested passes; partly met, accepted, open and not
applicable questions are `skipped` with their reason, because none of them is a pass. No times: the same
assessment gives the same bytes.
"""

from __future__ import annotations

from xml.etree import ElementTree as xml

from readiness_kit.labels import SECTION_TITLES, SEVERITY_WORDS, STATE_WORDS
from readiness_kit.markup import clean, ref_text
from readiness_kit.model import Section, State, Verdict
from readiness_kit.report.content import Content

FAILS = (State.GAP, State.CONTRADICTED)
PASSES = (State.VERIFIED, State.ATTESTED)
FACTS_A_CASE = 50


def junit(content: Content) -> str:
    root = xml.Element("testsuites", name=clean(content.subject.title))
    for section in Section:
        own = [verdict for verdict in content.assessment.verdicts if verdict.question.section is section]
        if own:
            root.append(_suite(section, own))
    _count(root, content.assessment.verdicts)
    xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + xml.tostring(root, encoding="unicode") + "\n"


def _suite(section: Section, verdicts: list[Verdict]) -> xml.Element:
    suite = xml.Element("testsuite", name=SECTION_TITLES[section])
    _count(suite, verdicts)
    suite.extend(_case(section, verdict) for verdict in verdicts)
    return suite


def _count(element: xml.Element, verdicts: list[Verdict] | tuple[Verdict, ...]) -> None:
    failed = sum(verdict.state in FAILS for verdict in verdicts)
    skipped = sum(verdict.state not in (*FAILS, *PASSES) for verdict in verdicts)
    for name, value in (("tests", len(verdicts)), ("failures", failed), ("errors", 0), ("skipped", skipped)):
        element.set(name, str(value))


def _case(section: Section, verdict: Verdict) -> xml.Element:
    question = verdict.question
    case = xml.Element(
        "testcase", classname=f"readiness.{section.value}", name=clean(f"{question.number} {question.id}")
    )
    word = f"{STATE_WORDS[verdict.state]} ({SEVERITY_WORDS[verdict.severity].lower()})"
    message = clean(f"{word}: {question.short}")
    if verdict.state in FAILS:
        xml.SubElement(case, "failure", message=message, type=verdict.state.value).text = _details(verdict)
    elif verdict.state not in PASSES:
        xml.SubElement(case, "skipped", message=message)
    if verdict.state not in FAILS:
        xml.SubElement(case, "system-out").text = _details(verdict)
    return case


def _details(verdict: Verdict) -> str:
    finding = verdict.finding
    lines = [verdict.question.text, f"Verdict: {STATE_WORDS[verdict.state]}"]
    lines += [f"Evidence: {finding.sentence}"] if finding else []
    failed = [fact for fact in finding.facts if fact.ok is False] if finding else []
    lines += [f"- {ref_text(fact.ref)}: {fact.field} = {fact.seen}" for fact in failed[:FACTS_A_CASE]]
    lines += [f"- and {len(failed) - FACTS_A_CASE} more"] if len(failed) > FACTS_A_CASE else []
    lines += [*verdict.lines, f"What to do: {verdict.question.remedy.text}"]
    return "\n".join(clean(line) for line in lines)
