"""The end of a workshop: owners of the next actions, and a report that opens offline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.browser.lab import LabServer, Notebook


def test_the_report_is_written_from_the_notebook_and_opens_offline(
    browser: Any, new_lab: LabServer, screenshots: Path
) -> None:
    new_lab.folder.write_settings(customer="Example Ltd")
    notebook = Notebook(browser, new_lab, "90_report").run_all()
    page = notebook.page
    owner = page.get_by_label("Owner of").first
    owner.fill("platform team")
    owner.press("Tab")
    page.get_by_role("status").filter(has_text="Saved").wait_for()
    assert [row.owner for row in new_lab.folder.plan.all().values()] == ["platform team"]

    page.get_by_role("button", name="Write the report").click()
    link = page.get_by_role("link", name=".html").last
    link.wait_for()
    notebook.shot(screenshots / "90_report-written.png")
    with notebook.context.expect_page() as opened:
        link.click()
    opened.value.get_by_role("heading").first.wait_for()
    assert "Example Ltd" in opened.value.title()
    assert notebook.errors == []
    notebook.close()

    written = list(new_lab.folder.reports.glob("*.html"))
    assert len(written) == 1
    context = browser.new_context(offline=True)
    document = context.new_page()
    document.goto(written[0].as_uri())
    assert "Example Ltd" in document.title()
    assert document.get_by_text("platform team").count() > 0
    document.screenshot(path=screenshots / "report-offline.png")
    context.close()
