"""Checks, and the finding that follows from them."""

from __future__ import annotations

import pytest

from readiness_kit.evidence.checks import Subject, any_of, bounds, first_missing, informing, to_finding
from readiness_kit.model import Check, Finding, Outcome, Reason, Ref, Severity
from tests.support.cluster import cluster, weaviate

REF = Ref("StatefulSet", "weaviate", "weaviate")

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN


def held(message: str = "") -> Check:
    return Subject(REF, "statefulsets").check("spec.replicas", 3, "3", True, message=message)


def failed(message: str = "") -> Check:
    return Subject(REF, "statefulsets").check("spec.replicas", 1, "3", False, message=message)


def halfway(message: str = "") -> Check:
    return Subject(REF, "statefulsets").check("spec.replicas", 2, "3", False, message=message, on_failure=PARTLY)


def lost(reason: Reason = Reason.FORBIDDEN, source: str = "nodes") -> Check:
    return Subject(REF, source).unread("zones", "3", reason, message="Zones were not read.")


INFO = Subject(REF, "pods").info("restarts", 0)


@pytest.mark.parametrize(
    ("checks", "outcome", "reason"),
    [
        ([held()], MET, None),
        ([held(), INFO], MET, None),
        ([held(), halfway()], PARTLY, None),
        ([held(), halfway(), failed()], NOT_MET, None),
        ([held(), lost()], UNKNOWN, Reason.FORBIDDEN),
        ([halfway(), lost()], PARTLY, Reason.FORBIDDEN),
        ([failed(), lost()], NOT_MET, None),
        ([lost(Reason.NOT_COLLECTED), lost(Reason.FORBIDDEN)], UNKNOWN, Reason.FORBIDDEN),
        ([INFO], UNKNOWN, Reason.NOT_OBSERVABLE),
        ([], UNKNOWN, Reason.NOT_OBSERVABLE),
    ],
)
def test_the_bounds_of_the_checks_decide(checks: list[Check], outcome: Outcome, reason: Reason | None) -> None:
    finding = to_finding("ha.multi_az", checks, met="Fine.")
    assert (finding.outcome, finding.reason) == (outcome, reason)
    assert finding.facts == tuple(checks)


def maybe() -> Check:
    return Subject(REF, "pods").unread("mesh", "strict", Reason.ERROR, message="Not read.", on_failure=PARTLY)


@pytest.mark.parametrize(
    ("checks", "best", "worst"),
    [
        ([], MET, MET),
        ([held(), INFO], MET, MET),
        ([held(), maybe()], MET, PARTLY),
        ([halfway(), maybe()], PARTLY, PARTLY),
        ([halfway(), lost()], PARTLY, NOT_MET),
        ([failed(), lost(), maybe()], NOT_MET, NOT_MET),
    ],
)
def test_bounds_are_those_of_all_unread_checks_met_and_failed(
    checks: list[Check], best: Outcome, worst: Outcome
) -> None:
    assert bounds(checks) == (best, worst)
    finding = to_finding("ha.multi_az", checks, met="Fine.")
    assert finding.at_best is (best is PARTLY and worst is NOT_MET)


@pytest.mark.parametrize(
    ("parts", "best", "worst"),
    [
        ([failed(), held()], MET, MET),
        ([lost(), held()], MET, MET),
        ([failed(), halfway()], PARTLY, PARTLY),
        ([failed(), failed()], NOT_MET, NOT_MET),
        ([lost(), failed()], MET, NOT_MET),
        ([lost(), halfway()], MET, PARTLY),
        ([lost(), maybe()], MET, PARTLY),
    ],
)
def test_alternatives_have_the_best_of_both_bounds(parts: list[Check], best: Outcome, worst: Outcome) -> None:
    for given in (parts, parts[::-1]):
        assert bounds([any_of([*given, INFO])]) == (best, worst)


def test_a_line_marked_as_failed_bounds_the_outcome() -> None:
    marked = Subject(REF, "endpointslices").info("ready endpoints", 1, "2 or more", False)
    assert to_finding("ha.multi_az", [held(), marked], met="Fine.").outcome is PARTLY
    assert informing(failed()).ok is None
    assert to_finding("ha.multi_az", [held(), informing(failed())], met="Fine.").outcome is MET


def test_only_partly_met_is_at_best() -> None:
    with pytest.raises(ValueError, match="only partly met"):
        Finding("ha.one", MET, "Seen.", at_best=True)
    with pytest.raises(ValueError, match="a reason goes with"):
        Finding("ha.one", PARTLY, "Seen.", at_best=True)


def test_a_partly_met_check_is_not_ok_and_an_informative_one_has_no_mark() -> None:
    assert [check.ok for check in (held(), halfway(), failed(), lost(), INFO)] == [True, False, False, None, None]


@pytest.mark.parametrize(
    ("checks", "sentence"),
    [
        ([held(), held("unused")], "Fine."),
        ([halfway("Two only."), failed("One only.")], "One only. Two only."),
        ([failed("Same."), failed("Same.")], "Same."),
        ([failed()], "StatefulSet weaviate: spec.replicas is 1, expected 3."),
        ([held(), lost()], "No problem found so far. Zones were not read."),
        ([lost(), halfway("Two only.")], "At best partly met. Two only. Zones were not read."),
        ([lost()], "Nothing was read. Zones were not read."),
        ([INFO], "The cluster does not show this. Your answer is needed."),
    ],
)
def test_the_sentence_joins_the_messages_of_failed_and_unread_checks(checks: list[Check], sentence: str) -> None:
    assert to_finding("ha.multi_az", checks, met="Fine.").sentence == sentence


def test_a_given_sentence_replaces_the_joined_messages() -> None:
    assert to_finding("ha.multi_az", [failed("Made.")], met="", failed="Given.").sentence == "Given."
    by_outcome = {UNKNOWN: "Not known."}
    assert to_finding("ha.multi_az", [failed("Made.")], met="", failed=by_outcome).sentence == "Made."
    assert to_finding("ha.multi_az", [lost()], met="", failed=by_outcome).sentence == "Not known."


def test_a_severity_is_set_only_with_a_failure() -> None:
    low = Severity.LOW
    assert to_finding("ha.multi_az", [failed()], met="", severity=low).severity is low
    assert to_finding("ha.multi_az", [halfway()], met="", severity=low).severity is None


def test_message_is_kept_only_where_the_check_fails() -> None:
    assert (held("Too few.").message, failed("Too few.").message, halfway("Too few.").message) == (
        "",
        "Too few.",
        "Too few.",
    )


def test_first_missing_source_and_its_reason() -> None:
    facts = cluster(weaviate(), forbidden=("roles",), absent=("clusterroles",))
    assert first_missing(facts, ("pods", "clusterroles", "roles")) == ("clusterroles", Reason.ABSENT)
    assert first_missing(facts, ("pods", "nodes")) is None
