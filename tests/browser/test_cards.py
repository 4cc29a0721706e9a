"""The cards when something goes wrong around them, and on small screens."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from readiness_kit.demo import install
from readiness_kit.model import Choice
from tests.browser.lab import IDLE, LabServer, Notebook

SECTIONS = ["01_high_availability", "02_resource_management", "03_security", "04_monitoring"]
HEIGHTS = """() => [...document.querySelectorAll('.rk-card')].map(card => [
  card.dataset.rkNumber,
  Math.round(card.querySelector('.rk-sides').getBoundingClientRect().bottom - card.getBoundingClientRect().top),
  Math.round(card.getBoundingClientRect().height),
])"""
ALL_GONE = "() => [...document.querySelectorAll('.rk-card fieldset')].every(fields => fields.disabled)"


@pytest.fixture(scope="module")
def own_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """`readiness lab` on a demonstration whose answers these tests change."""
    home = tmp_path_factory.mktemp("cards")
    with LabServer(install(home / "assessment"), home) as server:
        yield server


def test_all_34_cards_show_question_answer_and_evidence_without_scrolling_at_1280_by_720(
    demo_lab: LabServer, open_notebook: Callable[..., Notebook], screenshots: Path
) -> None:
    notebook = open_notebook(demo_lab, SECTIONS[0], width=1280, height=720)
    seen = 0
    for name in SECTIONS:
        if name != notebook.name:
            notebook.turn_to(name)
        notebook.run_all()
        room = notebook.page.evaluate("document.querySelector('.jp-WindowedPanel-outer').clientHeight")
        for number, sides, height in notebook.page.evaluate(HEIGHTS):
            assert sides <= room and height <= 600, (number, sides, height, room)
            seen += 1
        notebook.page.locator(".rk-card").first.evaluate("card => card.scrollIntoView()")
        notebook.page.screenshot(path=screenshots / f"{name}-1280x720.png")
    assert seen == 34


@pytest.mark.parametrize(("how", "before"), [("kill", "Partly"), ("restart", "Yes"), ("shutdown", "Don't know")])
def test_kernel_that_is_gone_disables_the_cards_and_nothing_is_lost(
    how: str, before: str, own_lab: LabServer, open_notebook: Callable[..., Notebook]
) -> None:
    notebook = open_notebook(own_lab, "04_monitoring").run_all()
    page = notebook.page
    card = notebook.choose("Q33", before)
    stored = own_lab.folder.answers.get("mon.grafana")
    (kernel,) = own_lab.ask("GET", "/api/kernels")
    if how == "restart":
        own_lab.ask("POST", f"/api/kernels/{kernel['id']}/restart")
    elif how == "shutdown":
        own_lab.ask("DELETE", f"/api/kernels/{kernel['id']}")
    else:
        os.kill(_kernel_process(kernel["id"]), signal.SIGKILL)
    # Not every loss is announced: a choice that is lost is found by the answer that does not come.
    if page.evaluate(f"!({ALL_GONE})()") and notebook.radio("Q33", "No").is_enabled():
        notebook.radio("Q33", "No").evaluate("radio => radio.click()")
    page.wait_for_function(ALL_GONE)
    assert card.get_by_text("answers cannot be saved").is_visible()
    assert own_lab.folder.answers.get("mon.grafana") == stored
    if card.locator(".rk-save[data-s=saved]").count() == 0:
        assert "Not saved" in card.locator(".rk-save").inner_text()
    assert notebook.errors == []


def _kernel_process(kernel: str) -> int:
    """The process that was started with the connection file of a kernel."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            call = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if kernel.encode() in call and b"ipykernel" in call:
            return int(process.name)
    raise AssertionError(f"no process of kernel {kernel}")


def test_busy_kernel_is_not_taken_for_a_lost_one(own_lab: LabServer, open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook(own_lab, "04_monitoring").run_all()
    notebook.page.evaluate(
        """() => { window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute(
             { code: 'import time; time.sleep(9)' }) }"""
    )
    notebook.page.wait_for_function("!(" + IDLE + ")()")
    # Longer than a card waits for the answer of an idle kernel.
    notebook.choose("Q34", "No")
    notebook.wait_idle()
    assert notebook.page.evaluate(f"({ALL_GONE})()") is False
    assert own_lab.folder.answers.get("mon.alerts").value is Choice.NO  # type: ignore[union-attr]


def test_reopened_next_week_the_cards_are_readable_and_take_no_input(
    browser: Any, tmp_path: Path, screenshots: Path
) -> None:
    folder = install(tmp_path / "assessment")
    with LabServer(folder, tmp_path) as server:
        notebook = Notebook(browser, server, "03_security").run_all()
        notebook.page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
        notebook.page.wait_for_function("!document.querySelector('.jp-mod-dirty')")
        notebook.close()
    with LabServer(folder, tmp_path, plain=True) as server:
        notebook = Notebook(browser, server, "03_security")
        page = notebook.page
        card = notebook.card("rk-sec-tls")
        card.wait_for()
        assert page.locator(".rk-card").count() == 8 and notebook.errors == []
        assert page.get_by_text("model not found").count() == 0
        assert card.get_by_text("Run this notebook to answer.").is_visible()
        assert notebook.radio("Q22", "Yes").is_disabled() and notebook.chosen("Q22") == "yes"
        assert card.evaluate("card => getComputedStyle(card).borderRadius") == "10px", "the style is in the notebook"
        notebook.shot(screenshots / "03_security-reopened.png")
        notebook.run_all()
        notebook.choose("Q22", "Partly")
        assert notebook.errors == []
        notebook.close()


def test_reloaded_page_shows_the_present_answers_and_is_live(
    own_lab: LabServer, open_notebook: Callable[..., Notebook]
) -> None:
    notebook = open_notebook(own_lab, "02_resource_management").run_all()
    page = notebook.page
    page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    page.wait_for_function("!document.querySelector('.jp-mod-dirty')")
    notebook.choose("Q17", "Don't know")
    page.reload()
    page.wait_for_function("document.querySelectorAll('.rk-card.rk-live').length === 8")
    page.wait_for_function("document.querySelector('[data-rk-number=Q17] [value=dont_know]').checked")
    notebook.choose("Q17", "No")
    assert own_lab.folder.answers.get("res.delete_process").value is Choice.NO  # type: ignore[union-attr]


def test_chart_of_the_question_is_drawn_on_the_card(
    own_lab: LabServer, open_notebook: Callable[..., Notebook], screenshots: Path
) -> None:
    notebook = open_notebook(own_lab, "02_resource_management", width=1440, height=900).run_all()
    card = notebook.page.locator("[data-rk-number=Q15]")
    fold = card.locator("details[data-load=chart]")
    fold.scroll_into_view_if_needed()  # which opens it
    body = fold.locator(":scope > [data-body]")
    picture = body.get_by_role("img")
    picture.wait_for()
    assert picture.bounding_box()["width"] >= 860, "no text is scaled below 12 px"
    body.scroll_into_view_if_needed()
    notebook.page.screenshot(path=screenshots / "card-chart.png")
