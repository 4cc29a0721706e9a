"""The other forms: each read back by a program of its own kind, on ordinary, empty and hostile content."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import tarfile
import xml.etree.ElementTree as xml
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pandas as pd
import pytest
from junitparser import Error, Failure, JUnitXml, Skipped
from mistune import create_markdown

from readiness_kit.fleet.page import Fleet
from readiness_kit.model import Finding, Observation, Outcome, Profile, Ref, State
from readiness_kit.report.content import Content, content
from readiness_kit.report.exports import FORMS
from readiness_kit.report.exports import action_plan_csv as csv_form
from readiness_kit.report.exports.markdown_report import safe
from readiness_kit.report.exports.schema import SCHEMAS, Record, schema
from tests.report import sample

CONTENTS = {
    "plain": sample.whole,
    "hostile": sample.hostile_whole,
    "empty": lambda: content(sample.assessment(empty=True), sample.Settings()),
    "extended": lambda: sample.whole(assessment=sample.assessment(Profile.EXTENDED), previous=None),
}


@pytest.fixture(params=CONTENTS, ids=list(CONTENTS))
def whole(request: pytest.FixtureRequest) -> Content:
    return CONTENTS[request.param]()


def written(form: str, of: Content | None = None) -> str:
    return FORMS[form].write(of or sample.whole())


# --- all forms ---


@pytest.mark.parametrize("form", FORMS)
def test_the_same_content_gives_the_same_text(form: str) -> None:
    assert written(form) == written(form)


@pytest.mark.parametrize("form", FORMS)
def test_no_form_has_a_control_character_or_a_direction_mark(form: str) -> None:
    text = written(form, sample.hostile_whole())
    assert not re.findall("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\ud800]", text)
    assert "\U0001f600" in text
    text.encode("utf-8")


# --- JSON ---


@pytest.mark.parametrize(("kind", "name"), [(Record, "report-1"), (Fleet, "fleet-1")])
def test_the_published_schema_is_that_of_the_code(kind: type, name: str) -> None:
    held = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    assert held == json.loads(json.dumps(schema(kind, name)))
    jsonschema.Draft202012Validator.check_schema(held)


def test_json_validates(whole: Content) -> None:
    validator = jsonschema.Draft202012Validator(
        json.loads((SCHEMAS / "report-1.schema.json").read_text(encoding="utf-8")),
        format_checker=jsonschema.FormatChecker(),
    )
    assert list(validator.iter_errors(json.loads(written("json", whole)))) == []


def test_the_schema_refuses_what_is_no_report() -> None:
    body = json.loads(written("json"))
    body["questions"][0]["state"] = "green"
    with pytest.raises(jsonschema.ValidationError, match="green"):
        jsonschema.validate(body, schema())


def test_json_holds_the_whole_report() -> None:
    body = json.loads(written("json"))
    assert body["level"] == "not_ready" and body["date"] == "2026-11-20" and body["customer"] == "Nordlicht Handel"
    assert len(body["questions"]) == 34
    rolling = next(one for one in body["questions"] if one["id"] == "ha.rolling_updates")
    assert len(rolling["finding"]["facts"]) == 61 and rolling["state"] == "partly"
    assert body["total"]["counts"]["verified"] == sum(one["state"] == "verified" for one in body["questions"])
    assert {move["kind"] for move in body["changes"]["moves"]} == {"new", "resolved", "better", "incomparable"}
    assert body["changes"]["incomparable"] == 2 and body["scope"]["changed"] == ["backup_rpo_hours"]
    assert [one["tool"] for one in body["detections"]] == ["Velero", "Karpenter"]
    assert {"source": "networkpolicies", "reason": "forbidden"}.items() <= {
        **next(one for one in body["scope"]["unread"] if one["source"] == "networkpolicies")
    }.items()


def test_nothing_judged_is_no_score() -> None:
    body = json.loads(written("json", CONTENTS["empty"]()))
    assert body["total"]["score"] is None and body["total"]["coverage"] == 0 and body["changes"] is None


# --- CSV ---


def frame(of: Content) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(written("csv", of).encode("utf-8")), dtype=str, keep_default_na=False)


def test_pandas_reads_the_plan(whole: Content) -> None:
    read = frame(whole)
    assert tuple(read.columns) == csv_form.HEAD
    assert list(read["Question"]) == [verdict.question.id for verdict in whole.assessment.actions]


def test_the_plan_has_what_a_tracker_asks_for() -> None:
    row = frame(sample.whole()).iloc[0]
    assert row["Summary"] == "Q1 Multiple availability zones" and row["Priority"] == "Highest"
    assert row["Assignee"] == "Platform team" and row["Due date"] == "2026-12-15"
    assert "Two of three pods run in zone eu-central-1a" in row["Description"]


@pytest.mark.parametrize(
    "text",
    ["=cmd()", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "＝1", '=HYPERLINK("http://x")'],
)
def test_no_cell_is_a_formula(text: str) -> None:
    assert csv_form.cell(text).startswith("'")


def test_ordinary_cells_stay_as_they_are() -> None:
    assert [csv_form.cell(one) for one in ("Q1 a-b", "a=b", "", 12)] == ["Q1 a-b", "a=b", "", "12"]


def test_a_formula_in_an_owner_or_a_note_is_disarmed() -> None:
    of = sample.whole()
    first = of.assessment.actions[0]
    evil = msgspec.structs.replace(first, answer=msgspec.structs.replace(first.answer, owner='=cmd|" /C calc"!A1'))
    judged = msgspec.structs.replace(of.assessment, actions=(evil, *of.assessment.actions[1:]))
    assert frame(msgspec.structs.replace(of, assessment=judged)).iloc[0]["Assignee"] == '\'=cmd|" /C calc"!A1'


def test_spreadsheets_see_utf8_and_crlf() -> None:
    body = written("csv").encode("utf-8")
    assert body.startswith(b"\xef\xbb\xbfSummary,") and body.endswith(b"\r\n")


# --- Markdown ---


def test_markdown_makes_no_element_of_a_foreign_text() -> None:
    html = create_markdown(escape=False, plugins=["table", "strikethrough", "url"])(
        written("markdown", sample.hostile_whole())
    )
    assert set(re.findall(r"<([a-z0-9]+)", str(html))) <= set("h1 h2 p strong ul li table thead tbody tr th td".split())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1.38.2", "1\\.38.2"),
        ("- a", "\\- a"),
        ("a | b", "a \\| b"),
        ("<b>*x*", "\\<b\\>\\*x\\*"),
        ("[a](javascript:x)", "\\[a\\](javascript:x)"),
        ("two\n# lines", "two \\# lines"),
        ("@team", "@\u2060team"),
        ("https://x.example", "https\u2060://x.example"),
    ],
)
def test_markdown_text_stays_text(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_markdown_says_level_blockers_changes_and_plan() -> None:
    text = written("markdown")
    assert text.startswith("# Production readiness: Nordlicht Handel, cluster prod-eu-central\n\n**Not ready.**")
    assert "- ⚠ Contradicted · Critical · **Q1 Multiple availability zones**: Two of three pods" in text
    assert "- New: Q8 Weaviate backups, Attested → Gap" in text
    assert "| 1 | Q1 Multiple availability zones |" in text


# --- JUnit ---


def test_junit_is_read_by_a_ci(whole: Content) -> None:
    suites = JUnitXml.fromstring(written("junit", whole).encode("utf-8"))
    cases = {case.name.split()[1]: case for suite in suites for case in suite}
    assert len(cases) == len(whole.assessment.verdicts) == suites.tests
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


def test_what_is_unknown_never_passes() -> None:
    root = xml.fromstring(written("junit", CONTENTS["empty"]()))
    assert [case.get("name") for case in root.iter("testcase") if case.find("skipped") is None] == []


def test_a_failure_names_object_and_remedy() -> None:
    root = xml.fromstring(written("junit"))
    case = next(case for case in root.iter("testcase") if case.get("name") == "Q1 ha.multi_az")
    failure = case.find("failure")
    assert failure is not None and failure.get("type") == "contradicted"
    assert "- Pod vectors/weaviate-1: zone of spec.nodeName" in str(failure.text) and "What to do: " in str(
        failure.text
    )


# --- SARIF ---

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
        for location in result.get("locations", []):
            (logical,) = location["logicalLocations"]
            assert logical["fullyQualifiedName"]
    assert len(run["results"]) == len(whole.assessment.verdicts)


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
    result = next(one for one in log["runs"][0]["results"] if one["ruleId"] == "sec.container_defaults")
    assert result["kind"] == "fail" and result["suppressions"][0]["status"] == "accepted"
    assert "Approved by Security office until 2027-01-31" in result["suppressions"][0]["justification"]


def test_objects_are_located_once_each() -> None:
    of = sample.whole()
    facts = tuple(Observation(Ref("Pod", f"p{number % 3}", "n"), "f", "x", "y", False) for number in range(60))
    finding = Finding("ha.multi_az", Outcome.NOT_MET, "Bad.", facts)
    first = msgspec.structs.replace(of.assessment.verdicts[0], finding=finding)
    judged = msgspec.structs.replace(of.assessment, verdicts=(first, *of.assessment.verdicts[1:]))
    log = json.loads(written("sarif", msgspec.structs.replace(of, assessment=judged)))
    names = [one["logicalLocations"][0]["fullyQualifiedName"] for one in log["runs"][0]["results"][0]["locations"]]
    assert names == ["Pod n/p0", "Pod n/p1", "Pod n/p2"]
