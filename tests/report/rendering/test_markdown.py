"""What a writer adds in Markdown: shown, but never a way around the promises of the document."""

from __future__ import annotations

import html5lib
import pytest

from readiness_kit.report.rendering.markdown import SafeRenderer, to_html
from tests.report import sample


def _html(source: str) -> str:
    return to_html(source, SafeRenderer())


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "text <img src=x onerror=alert(1)> text",
        "<style>body{display:none}</style>",
        "<!-- -->\n<iframe src='https://example.com'></iframe>",
        "$<img src=x>$ and $$<script>$$",
        "```mermaid\n<script>\n```",
        "```\n<script>\n```",
        "`<script>`",
        "| <script> | b |\n|---|---|\n| <b>c</b> | d |",
    ],
)
def test_raw_html_is_text(source: str) -> None:
    made = _html(source)
    tags = {str(element.tag) for element in html5lib.parseFragment(made).iter()}
    assert not any(tag.endswith(("}script", "}img", "}style", "}iframe", "}b")) for tag in tags)
    assert "&lt;" in made


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "JAVASCRIPT:x"])
def test_links_lead_to_web_and_mail_only(url: str) -> None:
    assert "href" not in _html(f"[go]({url})")
    assert "go" in _html(f"[go]({url})")


def test_web_links_do_not_tell_where_they_come_from() -> None:
    assert _html("[docs](https://example.com/a)") == '<p><a rel="noreferrer" href="https://example.com/a">docs</a></p>'


def test_pictures_from_elsewhere_leave_their_text() -> None:
    assert _html("![the rack](https://example.com/x.png)") == "<p>the rack</p>"


def test_pictures_in_the_notebook_come_along() -> None:
    renderer = SafeRenderer()
    renderer.next_cell({"a.png": {"image/png": "iVBORw0KGgo="}})
    made = to_html('![a "rack"](attachment:a.png)', renderer)
    assert made == '<p><img src="data:image/png;base64,iVBORw0KGgo=" alt="a &quot;rack&quot;"></p>'


def test_headings_fit_under_those_of_the_report() -> None:
    made = _html("# Summary\n\n#### Deep\n\n# Summary")
    assert made.splitlines() == [
        '<h2 id="note-summary">Summary</h2>',
        '<h3 id="note-deep">Deep</h3>',
        '<h2 id="note-summary-2">Summary</h2>',
    ]


def test_commentary_stands_where_it_was_written_and_in_the_contents() -> None:
    document = sample.export(sample.notebook(sample.page(), "# In *short* & plain\n\nThree weeks of work."))
    assert '<a href="#note-in-short-amp-plain">In short &amp; plain</a>' in document or (
        '<a href="#note-in-short-plain">In short &amp; plain</a>' in document
    )
    assert document.index("Three weeks of work.") < document.index('id="contradictions"')
    html5lib.HTMLParser(strict=True).parse(document)
