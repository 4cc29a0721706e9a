"""The published JSON Schemas."""

from __future__ import annotations

import json

import jsonschema
import pytest

from readiness_kit.fleet.page import Fleet
from readiness_kit.report.exports.schema import SCHEMAS, Record, schema
from tests.report.sample import written


@pytest.mark.parametrize(("kind", "name"), [(Record, "report-1"), (Fleet, "fleet-1")])
def test_the_published_schema_is_that_of_the_code(kind: type, name: str) -> None:
    held = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    assert held == json.loads(json.dumps(schema(kind, name)))
    jsonschema.Draft202012Validator.check_schema(held)


def test_the_schema_refuses_what_is_no_report() -> None:
    body = json.loads(written("json"))
    body["questions"][0]["state"] = "green"
    with pytest.raises(jsonschema.ValidationError, match="green"):
        jsonschema.validate(body, schema())
