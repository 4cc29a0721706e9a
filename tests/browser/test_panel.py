"""The side panel of JupyterLab, and what it does with the notebooks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from readiness_kit.demo import install
from readiness_kit.model import Choice
from tests.browser.lab import LabServer, Notebook

CLIPPED = """buttons => buttons.filter(button =>
  button.getBoundingClientRect().right > button.closest('.rkp').getBoundingClientRect().right + 1).length"""
Opener = Callable[..., Notebook]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """`readiness lab` on a demonstration whose answers the tests of this module change."""
    home = tmp_path_factory.mktemp("panel")
    with LabServer(install(home / "readiness-demo"), home) as server:
        yield server


def test_notebook_is_live_when_it_is_opened_and_has_not_scrolled(lab: LabServer, open_notebook: Opener) -> None:
    notebook = open_notebook(lab, "03_security")
    page = notebook.page
    page.wait_for_function("document.querySelectorAll('.rk-card.rk-live').length === 8")
    assert page.evaluate("document.querySelector('.jp-WindowedPanel-outer').scrollTop") == 0
    assert notebook.errors == []
    # The calls of the kit are hidden, cells for one's own queries are not, and were not run.
    assert page.get_by_text("kit.ask(").first.is_hidden()
    assert (
        page.evaluate("""() => [...document.querySelectorAll('.jp-CodeCell')].filter(cell =>
        cell.innerText.includes('kit.facts') && /\\[\\d+\\]/.test(cell.innerText)).length""")
        == 0
    )


def test_panel_shows_where_the_assessment_stands(lab: LabServer, open_notebook: Opener, screenshots: Path) -> None:
    notebook = open_notebook(lab, "02_resource_management", width=1440, height=900)
    panel = notebook.panel
    panel.get_by_role("heading", name="Fjord Outfitters").wait_for()
    assert panel.get_by_text("Not ready").is_visible()
    assert panel.get_by_role("img", name="proven, up to").count() == 1
    assert panel.get_by_text("31 of 34").is_visible() and panel.get_by_text("No time").is_visible()
    assert panel.locator(".rkp-q").count() == 34
    assert panel.get_by_role("button", name="Q15, ").is_visible(), "the section in front is open"
    notebook.page.screenshot(path=screenshots / "panel-1440x900.png")
    assert panel.locator("button:visible").evaluate_all(CLIPPED) == 0
    panel.get_by_role("button", name="Contradicted 5").click()
    shown = panel.locator(".rkp-q:visible")
    assert shown.count() == 5 and "contradicted" in shown.first.get_attribute("aria-label")
    panel.get_by_role("button", name="Contradicted 5").click()
    panel.get_by_label("Owned by").select_option(index=1)
    assert 0 < panel.locator(".rkp-q:visible").count() < 34
    panel.get_by_label("Owned by").select_option(index=0)


def test_question_leads_into_a_notebook_that_is_not_open(lab: LabServer, open_notebook: Opener) -> None:
    notebook = open_notebook(lab, "00_start")
    panel, page = notebook.panel, notebook.page
    panel.locator("summary", has_text="Security").click()
    panel.get_by_role("button", name="Q26, ").click()
    page.wait_for_function("document.activeElement?.closest('[data-rk-card]')?.dataset.rkCard === 'sec.rbac'")
    top = page.locator("[data-rk-card='sec.rbac']").bounding_box()
    assert 0 < top["y"] < 400
    page.keyboard.press("2")
    notebook.saved("Q26")
    assert lab.folder.answers.get("sec.rbac").value is Choice.PARTLY  # type: ignore[union-attr]
    page.keyboard.press("F8")
    following = page.evaluate("document.querySelector('.rkp-primary').textContent.split(' ').at(-1)")
    page.wait_for_function(
        "number => document.activeElement?.closest('[data-rk-card]')?.dataset.rkNumber === number", arg=following
    )
    assert notebook.errors == []


def test_panel_follows_the_command_line_within_a_second(lab: LabServer, open_notebook: Opener, tmp_path: Path) -> None:
    notebook = open_notebook(lab, "00_start")
    panel = notebook.panel
    panel.locator("summary", has_text="Security").click()
    panel.get_by_role("button", name="Q24, ").wait_for()
    source = tmp_path / "answers.json"
    source.write_text(
        json.dumps({"answers": {"sec.container_defaults": {"value": "not_applicable", "reason": "none of ours"}}})
    )
    call = [
        sys.executable,
        "-m",
        "readiness_kit.cli",
        "answers",
        "import",
        "--prefer",
        "file",
        "-d",
        str(lab.folder.path),
        str(source),
    ]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    began = time.monotonic()
    assert done.returncode == 0, done.stderr
    panel.locator(
        "[data-key='sec.container_defaults'][aria-label*='not applicable'], "
        "[data-key='sec.container_defaults'][aria-label*='contradicted']"
    ).wait_for()
    assert time.monotonic() - began < 30, "on a busy machine; a second where it is idle"


def test_foreign_code_is_not_run_on_open(lab: LabServer, open_notebook: Opener) -> None:
    path = lab.folder.notebooks / "03_security.ipynb"
    before = path.read_bytes()
    notebook = json.loads(before)
    marker = lab.folder.path / "ran"
    foreign = f"open({str(marker)!r}, 'w').close()"
    sources = [foreign, f'kit.ask("sec.tls"); {foreign}', "kit.collect()", "kit.export()",
               'kit.answer("sec.tls", "yes")',
               f'kit.ask("sec.tls")\n{foreign}', 'kit.connect(kubeconfig="other")']  # fmt: skip
    for number, source in enumerate(sources):
        notebook["cells"].insert(
            3, {"cell_type": "code", "id": f"foreign-{number}", "metadata": {}, "outputs": [], "execution_count": None,
                "source": source})  # fmt: skip
    path.write_text(json.dumps(notebook), "utf-8")
    reports = list(lab.folder.reports.glob("*"))
    try:
        shown = open_notebook(lab, "03_security")
        shown.page.wait_for_function("document.querySelectorAll('.rk-card.rk-live').length === 8")
        assert not marker.exists() and list(lab.folder.reports.glob("*")) == reports
        ran = shown.page.evaluate("""() => window.jupyterapp.shell.currentWidget.content.widgets
            .filter(cell => cell.model.id.startsWith('foreign') && cell.model.executionCount).length""")
        assert ran == 0
    finally:
        path.write_bytes(before)


def test_presenter_mode_there_and_back(lab: LabServer, open_notebook: Opener, screenshots: Path) -> None:
    notebook = open_notebook(lab, "02_resource_management", width=1920, height=1080)
    page, panel = notebook.page, notebook.panel
    look = "() => [window.jupyterapp.shell.mode, window.jupyterapp.shell.leftCollapsed]"
    before = page.evaluate(look)
    width = page.locator("[data-rk-number=Q14]").bounding_box()["width"]
    panel.get_by_role("button", name="Presenter").click()
    assert page.evaluate(look) == ["single-document", True]
    assert page.locator(".jp-InputPrompt:visible").count() == 0
    assert page.locator("[data-rk-number=Q14]").bounding_box()["width"] > width * 1.2
    page.screenshot(path=screenshots / "panel-presenter-1920x1080.png")
    page.keyboard.press("Shift+F8")
    assert page.evaluate(look) == before
    assert panel.get_by_role("button", name="Presenter").get_attribute("aria-pressed") == "false"


def test_killed_kernel_is_announced_and_run_again_brings_the_cards_back(lab: LabServer, open_notebook: Opener) -> None:
    notebook = open_notebook(lab, "04_monitoring")
    page = notebook.page
    page.wait_for_function("document.querySelectorAll('.rk-card.rk-live').length === 5")
    found = subprocess.run(["pgrep", "-P", str(lab._process.pid), "-f", "ipykernel"], capture_output=True, text=True)
    for pid in found.stdout.split():
        os.kill(int(pid), signal.SIGKILL)
    bar = page.get_by_role("alert").filter(has_text="The kernel of this notebook has stopped")
    bar.wait_for()
    page.wait_for_function("document.querySelectorAll('.rk-card.rk-live').length === 0")
    page.get_by_role("dialog").get_by_role("button", name="Ok").click()
    notebook.wait_idle()
    bar.get_by_role("button", name="Run again").click()
    page.wait_for_function("document.querySelectorAll('.rk-card.rk-live').length === 5")
    bar.wait_for(state="hidden")
    notebook.choose("Q31", "No")
    assert lab.folder.answers.get("mon.logs_central").value is Choice.NO  # type: ignore[union-attr]


def test_report_is_written_from_the_panel(lab: LabServer, open_notebook: Opener) -> None:
    notebook = open_notebook(lab, "00_start")
    notebook.panel.get_by_role("button", name="Write report").click()
    notebook.page.get_by_text("one self-contained file").first.wait_for()
    assert list(lab.folder.reports.glob("*.html"))


def test_without_the_extension_a_notebook_works_by_run_all(browser: Any, tmp_path: Path) -> None:
    with LabServer(install(tmp_path / "demo"), tmp_path, plain=True) as server:
        notebook = Notebook(browser, server, "03_security")
        assert notebook.page.locator(".rkp").count() == 0 and notebook.page.locator(".rk-card").count() == 0
        assert notebook.page.locator(".jp-RenderedMarkdown .rk-in-lab", has_text="Run All Cells").is_visible()
        notebook.run_all()
        notebook.choose("Q22", "No")
        assert notebook.errors == []
        notebook.close()
