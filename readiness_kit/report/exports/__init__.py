"""The report in other formats, each a pure function from `Content` to text.

json: the kit's own record, by the published JSON Schema. csv: the action plan (RFC 4180). markdown: CommonMark with
GFM tables. junit: JUnit XML for the test view of a CI. sarif: SARIF 2.1.0 for code-scanning views.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from readiness_kit.report.content import Content
from readiness_kit.report.exports.action_plan_csv import action_plan
from readiness_kit.report.exports.json_report import to_json
from readiness_kit.report.exports.junit import junit
from readiness_kit.report.exports.markdown_report import markdown
from readiness_kit.report.exports.sarif import sarif


class Form(NamedTuple):
    """A format: the suffix of its files, and the function that writes it."""

    suffix: str
    write: Callable[[Content], str]


FORMS: dict[str, Form] = {
    "json": Form(".json", to_json),
    "csv": Form(".csv", action_plan),
    "markdown": Form(".md", markdown),
    "junit": Form(".junit.xml", junit),
    "sarif": Form(".sarif", sarif),
}
