"""The report as Markdown, rendered by mistune."""

from __future__ import annotations

import re

import pytest
from mistune import create_markdown

from readiness_kit.report.exports.markdown_report import safe
from tests.report import sample
from tests.report.sample import written


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
