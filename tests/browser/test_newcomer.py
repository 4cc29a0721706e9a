"""From an empty folder to a report, with nothing but the links and buttons of the notebooks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from readiness_kit import paths
from readiness_kit.workspace.folder import Folder
from tests.browser.lab import LabServer, Notebook

NAMES = [path.name for path in sorted(paths.notebooks().glob("*.ipynb"))]
SHOWN = """name => {
  const shown = window.jupyterapp.shell.currentWidget;
  return shown?.title.label === name && shown.content?.widgets?.length > 3;
}"""


def go(notebook: Notebook, link: Any, name: str) -> Any:
    """Follows a link to another notebook and returns the panel that shows it."""
    link.click()
    notebook.page.wait_for_function(SHOWN, arg=name)
    return notebook.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")


def next_of(panel: Any) -> Any:
    """The link to the next notebook, at the end; JupyterLab renders only the visible cells."""
    panel.locator(".jp-WindowedPanel-outer").evaluate("outer => { outer.scrollTop = outer.scrollHeight }")
    return panel.locator(".next", has_text="Next:").last.get_by_role("link").first


def test_links_and_buttons_lead_from_an_empty_folder_to_a_report(
    browser: Any, tmp_path: Path, screenshots: Path
) -> None:
    folder = Folder(tmp_path / "assessment").create()
    with LabServer(folder, tmp_path, KUBECONFIG=str(tmp_path / "none")) as server:
        notebook = Notebook(browser, server, "00_start", width=1440, height=900)
        page = notebook.page
        page.get_by_text("choose “Demonstration” above").wait_for()
        page.get_by_role("radio", name="Demonstration").check()
        page.get_by_role("button", name="Load the demonstration").click()
        done = page.get_by_role("status").filter(has_text="✓ Done")
        done.wait_for()
        # The whole page is updated without being run again.
        assert page.get_by_role("textbox", name="Customer").input_value() == "Fjord Outfitters"
        assert page.get_by_text("31 of 34 questions answered").is_visible()
        assert page.get_by_text("12 of 13 answered").is_visible()
        notebook.shot(screenshots / "walk-demo.png")

        panel = go(notebook, page.locator(".next").get_by_role("link").first, NAMES[1])
        notebook.ran_on_open()
        card = panel.locator("[data-rk-number=Q13]")
        card.get_by_role("button", name="Park for later").click()
        card.locator(".rk-parked").wait_for()
        assert panel.get_by_role("alert").count() == 2, "two contradictions are flagged"
        for name in (*NAMES[2:5], NAMES[-1]):
            panel = go(notebook, next_of(panel), name)
            notebook.ran_on_open()
        panel.get_by_role("button", name="Write the report").click()
        with notebook.context.expect_page() as opened:
            panel.get_by_role("link", name=".html").last.click()
        opened.value.get_by_role("heading").first.wait_for()
        assert "Fjord Outfitters" in opened.value.title()
        assert notebook.errors == [] and folder.state["parked"] == ["ha.dev_test_env"]
        notebook.close()
