"""The report as JSON."""

from __future__ import annotations

import json

import jsonschema

from readiness_kit.report.content import Content
from readiness_kit.report.exports.schema import SCHEMAS
from tests.report.sample import CONTENTS, written


def test_json_validates(whole: Content) -> None:
    validator = jsonschema.Draft202012Validator(
        json.loads((SCHEMAS / "report-1.schema.json").read_text(encoding="utf-8")),
        format_checker=jsonschema.FormatChecker(),
    )
    assert list(validator.iter_errors(json.loads(written("json", whole)))) == []


def test_json_holds_the_whole_report() -> None:
    body = json.loads(written("json"))
    assert body["level"] == "not_ready" and body["date"] == "2026-11-20" and body["customer"] == "Nordlicht Handel"
    assert len(body["questions"]) == 34
    rolling = next(item for item in body["questions"] if item["id"] == "ha.rolling_updates")
    assert len(rolling["finding"]["facts"]) == 61 and rolling["state"] == "partly"
    assert body["total"]["counts"]["verified"] == sum(item["state"] == "verified" for item in body["questions"])
    assert {change["kind"] for change in body["changes"]["questions"]} == {"new", "resolved", "better", "incomparable"}
    assert body["changes"]["incomparable"] == 2 and body["scope"]["changed_thresholds"] == ["backup_rpo_hours"]
    assert [item["tool"] for item in body["detections"]] == ["Velero", "Karpenter"]
    assert {"source": "networkpolicies", "reason": "forbidden"}.items() <= {
        **next(item for item in body["scope"]["unread"] if item["source"] == "networkpolicies")
    }.items()


def test_nothing_judged_is_nothing_proven() -> None:
    body = json.loads(written("json", CONTENTS["empty"]()))
    assert (body["total"]["proven"], body["total"]["possible"], body["total"]["coverage"]) == (0, 1, 0)
    assert body["changes"] is None
