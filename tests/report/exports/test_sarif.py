"""SARIF 2.1.0, validated by the schema of the standard."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tarfile
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from readiness_kit.labels import RUNNING_ID
from readiness_kit.model import (
    AdvisoryMatch,
    Applicability,
    Finding,
    Level,
    Link,
    Observation,
    Outcome,
    Ref,
    Severity,
    State,
)
from readiness_kit.report.content import Content
from readiness_kit.report.exports.sarif import sarif
from readiness_kit.report.reasons import reason
from tests.report import sample
from tests.report.sample import written

PROBLEMS = (State.GAP, State.CONTRADICTED, State.ACCEPTED, State.PARTLY)
ADVISORY = AdvisoryMatch(
    "X-1", "Data are lost", Severity.CRITICAL, Applicability.APPLIES, ("1.38.2",), "It happens.", "Upgrade.",
    Link("Release notes", "https://example.com"), date(2026, 11, 1), fixed_in="1.38.9",
)  # fmt: skip
POSSIBLE = msgspec.structs.replace(ADVISORY, id="X-2", applicability=Applicability.MAY_APPLY, settles="Read the nodes.")


LEVELS = {"note", "warning", "error"}


def results(of: Content) -> dict[str, dict[str, Any]]:
    (run,) = json.loads(sarif(of))["runs"]
    return {result["ruleId"]: result for result in run["results"]}


def judged(**fields: Any) -> Content:
    of = sample.whole()
    return msgspec.structs.replace(of, assessment=msgspec.structs.replace(of.assessment, **fields))


def test_sarif_keeps_to_the_standard(whole: Content) -> None:
    """What SARIF 2.1.0 requires (sections 3.13 to 3.54) of the objects that are used here."""
    log = json.loads(written("sarif", whole))
    assert log["version"] == "2.1.0" and set(log) == {"$schema", "version", "runs"}
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert all(rule["shortDescription"]["text"] and rule["help"]["text"] for rule in rules)
    assert all(re.match(r"https?://", rule.get("helpUri", "https://")) for rule in rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"] and result["kind"] == "fail" and result["level"] in LEVELS
        (location,) = result["locations"]
        assert location["physicalLocation"]["artifactLocation"]["uri"] == "readiness.yaml"
        assert all(logical["fullyQualifiedName"] for logical in location.get("logicalLocations", []))


def test_only_problems_are_results(whole: Content) -> None:
    """Code scanning makes an alert of every result, of a pass as well."""
    found = results(whole)
    problems = {row.question.id for row in whole.assessment.verdicts if row.state in PROBLEMS}
    assert problems == set(found) - {"readiness.open", RUNNING_ID}
    for row in whole.assessment.verdicts:
        if row.state is State.PARTLY:
            assert found[row.question.id]["level"] in ("warning", "note")


def test_what_is_not_known_is_one_result() -> None:
    verdicts = sample.whole().assessment.verdicts
    (open_row, *_) = [row for row in verdicts if row.state is State.OPEN]
    for severity, level, expected in (
        (Severity.LOW, Level.READY_WITH_RISKS, "note"),
        (Severity.CRITICAL, Level.READY_WITH_RISKS, "warning"),
        (Severity.LOW, Level.NOT_ENOUGH_KNOWN, "warning"),
    ):
        question = msgspec.structs.replace(open_row.question, severity=severity)
        row = msgspec.structs.replace(open_row, question=question)
        found = results(judged(verdicts=(row,), advisories=(), level=level))
        assert set(found) == {"readiness.open"}, found
        assert found["readiness.open"]["level"] == expected
        assert f"Open: {question.number} {question.short}: {reason(row)}" in found["readiness.open"]["message"]["text"]
    assert results(judged(verdicts=(), advisories=())) == {}


def test_an_advisory_that_may_apply_is_not_an_alert() -> None:
    found = results(judged(verdicts=(), advisories=(ADVISORY, POSSIBLE)))
    assert set(found) == {"X-1", "readiness.open"} and found["X-1"]["level"] == "error"
    assert "Known faults that may apply: X-2 Data are lost." in found["readiness.open"]["message"]["text"]


def test_sarif_keeps_to_the_rules_of_the_upload_for_code_scanning(whole: Content) -> None:
    """What GitHub documents under "SARIF support for code scanning": required properties and limits of an upload."""
    text = written("sarif", whole)
    (run,) = json.loads(text)["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] and driver["informationUri"].startswith("https://") and driver["semanticVersion"]
    assert len(text.encode()) < 10_000_000 and len(run["results"]) <= 25_000 and len(driver["rules"]) <= 25_000
    for rule in driver["rules"]:
        assert len(rule["id"]) <= 255 and len(rule.get("name", "")) <= 255 and len(rule["properties"]["tags"]) <= 20
        assert len(rule["shortDescription"]["text"]) <= 1024 and len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"] and 0 < float(rule["properties"]["security-severity"]) <= 10
    prints = []
    for result in run["results"]:
        assert result["message"]["text"] and result["ruleId"]
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        assert not re.match(r"/|[a-z]+:|\.\./", physical["artifactLocation"]["uri"]), "relative to the repository"
        assert physical["region"]["startLine"] >= 1
        prints.append(result["partialFingerprints"]["primaryLocationLineHash"])
    assert len(set(prints)) == len(prints) and all(re.fullmatch(r"[0-9a-f]+:\d+", each) for each in prints)


def test_sarif_points_to_the_values_file_where_it_is_known(whole: Content) -> None:
    (run,) = json.loads(sarif(msgspec.structs.replace(whole, source="deploy/values.yaml")))["runs"]
    uris = {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]}
    assert uris == {"deploy/values.yaml"}


@pytest.fixture(scope="session")
def sarif_schema(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The standard's JSON Schema, from the npm package that ships it."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not there to fetch @microsoft/jest-sarif, which ships the SARIF schema")
    home = tmp_path_factory.mktemp("sarif")
    try:
        got = subprocess.run(
            ["npm", "pack", "--silent", "@microsoft/jest-sarif@1.0.0-beta.0"],
            cwd=home, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        pytest.skip("the npm registry does not answer")
    if got.returncode:
        pytest.skip(f"npm cannot fetch the SARIF schema: {got.stderr.strip()[:200]}")
    with tarfile.open(next(Path(home).glob("*.tgz"))) as archive:
        member = archive.extractfile("package/lib/schemas/sarif-2.1.0-rtm.5.json")
        assert member is not None
        return dict(json.load(member))


def test_sarif_validates_by_the_standards_schema(sarif_schema: dict[str, Any], whole: Content) -> None:
    log = json.loads(written("sarif", whole))
    assert [
        error.message for error in jsonschema.validators.validator_for(sarif_schema)(sarif_schema).iter_errors(log)
    ] == []
    log["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(jsonschema.ValidationError, match="fatal"):
        jsonschema.validate(log, sarif_schema)


def test_an_accepted_risk_is_a_suppressed_failure() -> None:
    log = json.loads(written("sarif"))
    result = next(item for item in log["runs"][0]["results"] if item["ruleId"] == "sec.container_defaults")
    assert result["kind"] == "fail" and result["suppressions"][0]["status"] == "accepted"
    assert "Approved by Security office until 2027-01-31" in result["suppressions"][0]["justification"]


def test_objects_are_located_once_each() -> None:
    of = sample.whole()
    facts = tuple(Observation(Ref("Pod", f"p{number % 3}", "n"), "f", "x", "y", False) for number in range(60))
    finding = Finding("ha.multi_az", Outcome.NOT_MET, "Bad.", facts)
    first = msgspec.structs.replace(of.assessment.verdicts[0], finding=finding)
    (location,) = results(judged(verdicts=(first,)))["ha.multi_az"]["locations"]
    names = [logical["fullyQualifiedName"] for logical in location["logicalLocations"]]
    assert names == ["Pod n/p0", "Pod n/p1", "Pod n/p2"]
