"""SARIF 2.1.0, validated by the schema of the standard."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from readiness_kit.model import Finding, Observation, Outcome, Ref
from readiness_kit.report.content import Content
from readiness_kit.report.exports.sarif import sarif
from tests.report import sample
from tests.report.sample import written

LEVELS = {"none", "note", "warning", "error"}


KINDS = {"notApplicable", "pass", "fail", "review", "open", "informational"}


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
        assert result["message"]["text"] and result["kind"] in KINDS and result["level"] in LEVELS
        assert (result["level"] == "none") == (result["kind"] != "fail")
        (location,) = result["locations"]
        assert location["physicalLocation"]["artifactLocation"]["uri"] == "readiness.yaml"
        assert all(logical["fullyQualifiedName"] for logical in location.get("logicalLocations", []))
    assert len(run["results"]) == len(whole.assessment.verdicts)


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
    (run,) = json.loads(sarif(whole, "deploy/values.yaml"))["runs"]
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
    judged = msgspec.structs.replace(of.assessment, verdicts=(first, *of.assessment.verdicts[1:]))
    log = json.loads(written("sarif", msgspec.structs.replace(of, assessment=judged)))
    (location,) = log["runs"][0]["results"][0]["locations"]
    names = [logical["fullyQualifiedName"] for logical in location["logicalLocations"]]
    assert names == ["Pod n/p0", "Pod n/p1", "Pod n/p2"]
