"""Answers in JupyterLab: by keyboard alone, with shortcut keys, across a restart, in two tabs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from readiness_kit.checklist import load_checklist
from readiness_kit.model import Choice, Profile, Section
from readiness_kit.workspace.folder import Folder
from tests.browser.lab import LabServer, Notebook

QUESTIONS = load_checklist(profile=Profile.CORE)
SECTIONS = {
    "01_high_availability": Section.HIGH_AVAILABILITY,
    "02_resource_management": Section.RESOURCE_MANAGEMENT,
    "03_security": Section.SECURITY,
    "04_monitoring": Section.MONITORING,
}
MAX_TABS = 14
FOCUSED = """() => {
  const active = document.activeElement;
  return active.tagName === 'SELECT' ? (active.labels[0]?.textContent ?? '') : '';
}"""


def tab_to(notebook: Notebook, label: str) -> None:
    """Presses Tab until the control with this label has the focus."""
    for _ in range(MAX_TABS):
        notebook.page.keyboard.press("Tab")
        if notebook.page.evaluate(FOCUSED) == label:
            return
    raise AssertionError(f"{label} is more than {MAX_TABS} tabs away")


@pytest.fixture(scope="module")
def page(browser: object, new_lab: LabServer):  # type: ignore[no-untyped-def]
    notebook = Notebook(browser, new_lab, "01_high_availability")
    yield notebook
    notebook.close()


@pytest.mark.parametrize(("name", "section"), SECTIONS.items())
def test_every_core_question_is_answered_by_keyboard_alone(
    name: str, section: Section, new_lab: LabServer, page: Notebook
) -> None:
    notebook = page.turn_to(name).run_all()
    questions = QUESTIONS.section(section)
    cells = notebook.cells
    notebook.answer(questions[0].number).focus()
    for index, question in enumerate(questions):
        if index:
            tab_to(notebook, f"{question.number} answer")
        # Alternately by arrow key and by first letter, both of which are shortcuts of JupyterLab.
        notebook.page.keyboard.press("ArrowDown" if index % 2 else "y")
        notebook.card(f"rk-{question.id.replace('.', '-').replace('_', '-')}").get_by_text("saved").wait_for()
    stored = Folder(new_lab.folder.path).answers.all()
    assert {question.id: stored[question.id].value for question in questions} == dict.fromkeys(
        (question.id for question in questions), Choice.YES
    )
    assert notebook.cells == cells and notebook.errors == []
    summary = notebook.page.get_by_role("status").filter(has_text=f"{len(questions)} of {len(questions)} answered")
    assert summary.count() == 2, "progress is shown at the top and at the bottom"


def test_a_restarted_kernel_finds_the_answers(new_lab: LabServer, page: Notebook) -> None:
    notebook = page.turn_to("04_monitoring").run_all()
    notebook.answer("Q30").select_option(label="Partly")
    notebook.card("rk-mon-logging").get_by_text("saved").wait_for()
    notebook.restart_and_run_all()
    assert notebook.answer("Q30").input_value() == "Partly"
    assert "Partly" in notebook.page.locator("#rk-mon-logging").text_content()
    assert notebook.errors == []


def test_shortcuts_have_no_effect_in_any_kind_of_control(new_lab: LabServer, page: Notebook) -> None:
    notebook = page.turn_to("03_security").run_all()
    cells, answers = notebook.cells, new_lab.folder.answers.all()
    keys = ("b", "x", "d", "d", "m", "r", "z")
    card = notebook.card("rk-sec-least-privilege")
    controls = {
        "dropdown": notebook.answer("Q23"),
        "link": card.get_by_role("link", name="details"),
        "fold-out": card.locator("summary"),
        "text": notebook.page.get_by_label("Owner"),
        "text area": notebook.page.get_by_label("Note", exact=True),
    }
    for what, control in controls.items():
        control.focus()
        for key in keys:
            notebook.page.keyboard.press(key)
        assert notebook.cells == cells, what
        assert notebook.page.locator("dialog, .jp-Dialog").count() == 0, what
    owner = controls["text"]
    assert owner.input_value() == "bxddmrz"
    owner.fill("")
    controls["text area"].fill("")
    owner.focus()
    notebook.page.keyboard.press("Tab")
    for question, answer in answers.items():
        assert new_lab.folder.answers.get(question).value is answer.value  # type: ignore[union-attr]


def test_shortcuts_have_no_effect_on_the_start_page(new_lab: LabServer, page: Notebook) -> None:
    notebook = page.turn_to("00_start").run_all()
    cells = notebook.cells
    for label in ("Evidence from", "Namespaces", "Weaviate API key", "Profile", "Date of the report"):
        notebook.page.get_by_label(label, exact=True).focus()
        for key in ("b", "x", "d", "d", "m"):
            notebook.page.keyboard.press(key)
        assert notebook.cells == cells, label
    notebook.page.get_by_label("Namespaces").fill("")
    notebook.page.get_by_label("Weaviate API key").fill("")


def test_contradiction_is_flagged_immediately(new_lab: LabServer, page: Notebook) -> None:
    notebook = page.turn_to("03_security").run_all()
    card = notebook.card("rk-sec-tls")
    notebook.answer("Q22").select_option(label="No")
    card.get_by_text("saved").wait_for()
    assert card.get_by_role("alert").count() == 0
    notebook.answer("Q22").select_option(label="Yes")
    alert = card.get_by_role("alert")
    alert.wait_for()
    assert "The answer is “Yes”, but the evidence contradicts it" in alert.text_content()
    assert card.get_by_role("cell").first.is_visible(), "the facts are unfolded"


def test_not_applicable_is_stored_with_its_reason(new_lab: LabServer, page: Notebook) -> None:
    notebook = page.turn_to("02_resource_management").run_all()
    notebook.answer("Q18").select_option(label="Not applicable")
    card = notebook.card("rk-res-read-replicas")
    card.get_by_text("not saved yet").wait_for()
    reason = notebook.page.get_by_label("Reason (does not apply)")
    reason.fill("reads are rare")
    reason.press("Tab")
    card.get_by_text("because reads are rare").wait_for()
    stored = new_lab.folder.answers.get("res.read_replicas")
    assert stored is not None and stored.value is Choice.NOT_APPLICABLE


def test_answers_from_two_tabs_are_both_stored(
    new_lab: LabServer, page: Notebook, open_notebook: Callable[..., Notebook]
) -> None:
    original = new_lab.folder.notebooks / "04_monitoring.ipynb"
    (new_lab.folder.notebooks / "copy.ipynb").write_bytes(original.read_bytes())
    first = page.turn_to("04_monitoring").run_all()
    second = open_notebook(new_lab, "copy").run_all()
    first.answer("Q30").select_option(label="No")
    first.card("rk-mon-logging").get_by_text("saved").wait_for()
    second.answer("Q31").select_option(label="Partly")
    second.card("rk-mon-logs-central").get_by_text("saved").wait_for()
    stored = Folder(new_lab.folder.path).answers.all()
    assert stored["mon.logging"].value is Choice.NO and stored["mon.logs_central"].value is Choice.PARTLY
    second.run_all()
    second.page.wait_for_function("document.querySelector('#rk-mon-logging').textContent.includes('answered No')")
    assert second.answer("Q30").input_value() == "No"
