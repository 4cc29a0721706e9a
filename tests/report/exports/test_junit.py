"""JUnit XML, read back by junitparser."""

from __future__ import annotations

from xml.etree import ElementTree

from junitparser import Error, Failure, JUnitXml, Skipped

from readiness_kit.model import State
from readiness_kit.report.content import Content
from tests.report.exports.test_sarif import ADVISORY, POSSIBLE, judged
from tests.report.sample import CONTENTS, written


def test_junit_is_read_by_a_ci(whole: Content) -> None:
    suites = JUnitXml.fromstring(written("junit", whole).encode("utf-8"))
    cases = {case.name.split()[-1]: case for suite in suites for case in suite}
    assert len(cases) == len(whole.assessment.verdicts) + len(whole.assessment.advisories) == suites.tests
    for verdict in whole.assessment.verdicts:
        kinds = {type(result) for result in cases[verdict.question.id].result}
        expected = {
            State.GAP: {Failure},
            State.CONTRADICTED: {Failure},
            State.VERIFIED: set(),
            State.ATTESTED: set(),
        }.get(verdict.state, {Skipped})
        assert kinds == expected, verdict.question.id
    assert suites.failures == sum(isinstance(r, Failure) for case in cases.values() for r in case.result)
    assert not [r for case in cases.values() for r in case.result if isinstance(r, Error)]


def test_unknown_never_passes() -> None:
    root = ElementTree.fromstring(written("junit", CONTENTS["empty"]()))
    assert [case.get("name") for case in root.iter("testcase") if case.find("skipped") is None] == []


def test_a_failure_names_object_and_remedy() -> None:
    root = ElementTree.fromstring(written("junit"))
    case = next(case for case in root.iter("testcase") if case.get("name") == "Q1 ha.multi_az")
    failure = case.find("failure")
    assert failure is not None and failure.get("type") == "contradicted"
    assert "- Pod vectors/weaviate-1: zone of spec.nodeName" in str(failure.text) and "What to do: " in str(
        failure.text
    )


def test_an_advisory_that_applies_fails_and_one_that_may_is_skipped() -> None:
    root = ElementTree.fromstring(written("junit", judged(advisories=(ADVISORY, POSSIBLE))))
    cases = {
        case.get("name"): case for case in root.iter("testcase") if case.get("classname") == "readiness.advisories"
    }
    failure = cases["X-1"].find("failure")
    assert failure is not None and failure.get("message") == "Applies (critical): Data are lost"
    assert "Nearest release with the fix: 1.38.9." in str(failure.text)
    assert cases["X-2"].find("skipped") is not None and cases["X-2"].find("failure") is None
