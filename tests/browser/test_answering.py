"""Answers in JupyterLab: by keyboard alone, with shortcut keys, across a restart, in two tabs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from readiness_kit.checklist import load_checklist
from readiness_kit.model import Answer, Choice, Profile, Section
from readiness_kit.notebook.widgets.start_panel import MORE
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
"""Stops of the Tab key from the choices of a card to those of the next: its buttons, folds and links."""
BETWEEN = {"Q16": 6}
"""Further stops before a card: the controls of the what-if calculator."""
FOCUSED = """() => document.activeElement.closest('.rk-choices')?.getAttribute('aria-label') ?? ''"""


def tab_to(notebook: Notebook, number: str) -> None:
    """Presses Tab until the choices of this question have the focus."""
    limit = MAX_TABS + BETWEEN.get(number, 0)
    for _ in range(limit):
        notebook.page.keyboard.press("Tab")
        if notebook.page.evaluate(FOCUSED) == f"Answer to {number}":
            return
    raise AssertionError(f"{number} is more than {limit} tabs away")


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
    notebook.radio(questions[0].number, "Yes").focus()
    for index, question in enumerate(questions):
        if index:
            tab_to(notebook, question.number)
        # Alternately by digit and by arrow keys, all of which are shortcuts of JupyterLab.
        if index % 2:
            notebook.page.keyboard.press("1")
        else:
            notebook.page.keyboard.press("ArrowDown")
            notebook.page.keyboard.press("ArrowUp")
        notebook.saved(question.number)
        notebook.page.wait_for_function(
            "number => document.querySelector(`[data-rk-number=${number}] "
            "[data-p=said]`).textContent.startsWith('Yes')",
            arg=question.number,
        )
    stored = Folder(new_lab.folder.path).answers.all()
    assert {question.id: stored[question.id].value for question in questions} == dict.fromkeys(
        (question.id for question in questions), Choice.YES
    )
    assert notebook.cells == cells and notebook.errors == []
    summary = notebook.page.get_by_role("status").filter(has_text=f"{len(questions)} of {len(questions)} answered")
    assert summary.count() == 2, "progress is shown at the top and at the bottom"


def test_a_restarted_kernel_finds_the_answers(new_lab: LabServer, page: Notebook) -> None:
    notebook = page.turn_to("04_monitoring").run_all()
    notebook.choose("Q30", "Partly")
    notebook.restart_and_run_all()
    assert notebook.chosen("Q30") == "partly"
    assert "Partly" in notebook.page.locator("#rk-mon-logging [data-p=said]").text_content()
    assert notebook.errors == []


def test_shortcuts_have_no_effect_in_any_kind_of_control(new_lab: LabServer, page: Notebook) -> None:
    notebook = page.turn_to("03_security").run_all()
    card = notebook.choose("Q23", "Yes")
    form = notebook.unfold(card, "form")
    cells, answers = notebook.cells, new_lab.folder.answers.all()
    controls = {
        "choice": notebook.radio("Q23", "Yes"),
        "button": card.get_by_role("button", name="Next open question"),
        "fold-out": card.locator("summary").last,
        "text": form.get_by_label("Owner"),
        "text area": form.get_by_label("Note", exact=True),
        "date": form.get_by_label("Due"),
    }
    for what, control in controls.items():
        control.focus()
        for key in ("b", "x", "d", "d", "m", "r", "z", "a", "y", "Shift+Enter"):
            if what != "button" or key != "Shift+Enter":
                notebook.page.keyboard.press(key)
        assert notebook.cells == cells, what
        assert notebook.page.locator("dialog, .jp-Dialog").count() == 0, what
    assert controls["text"].input_value() == "bxddmrzay"
    controls["text"].fill("")
    controls["text area"].fill("")
    controls["text"].focus()
    for question, answer in answers.items():
        assert new_lab.folder.answers.get(question).value is answer.value  # type: ignore[union-attr]


def test_a_click_on_the_card_gives_it_the_keys(new_lab: LabServer, page: Notebook) -> None:
    notebook = page.turn_to("02_resource_management").run_all()
    cells = notebook.cells
    notebook.page.locator("[data-rk-number=Q14] .rk-asked").click()
    notebook.page.keyboard.press("3")
    notebook.saved("Q14")
    assert notebook.chosen("Q14") == "no" and notebook.cells == cells
    notebook.page.keyboard.press("p")
    notebook.page.locator("[data-rk-number=Q14] .rk-parked").wait_for()
    assert new_lab.folder.state["parked"] == ["res.consumption_patterns"]
    notebook.page.keyboard.press("p")
    notebook.page.locator("[data-rk-number=Q14] .rk-parked").wait_for(state="detached")
    assert new_lab.folder.state["parked"] == []


def test_shortcuts_have_no_effect_on_the_start_page(new_lab: LabServer, page: Notebook) -> None:
    notebook = page.turn_to("00_start").run_all()
    notebook.page.get_by_text(MORE, exact=True).click()
    cells = notebook.cells
    labels = ("Namespaces", "Weaviate API key", "Profile", "Date of the report")
    controls = {label: notebook.page.get_by_label(label, exact=True) for label in labels}
    controls["Evidence from"] = notebook.page.get_by_role("radio", name="Demonstration")
    for label, control in controls.items():
        control.wait_for()
        control.focus()
        for key in ("b", "x", "d", "d", "m"):
            notebook.page.keyboard.press(key)
        assert notebook.cells == cells, label
    notebook.page.get_by_label("Namespaces").fill("")
    notebook.page.get_by_label("Weaviate API key").fill("")


def test_contradiction_is_flagged_immediately(new_lab: LabServer, page: Notebook) -> None:
    notebook = page.turn_to("03_security").run_all()
    card = notebook.choose("Q22", "No")
    card.get_by_role("alert").wait_for(state="detached")
    notebook.choose("Q22", "Yes")
    alert = card.get_by_role("alert")
    alert.wait_for()
    assert "You say yes, the cluster shows otherwise." in alert.text_content()
    assert card.get_by_role("cell").first.is_visible(), "the deciding facts are in view"


def test_not_applicable_is_stored_with_its_reason_on_the_card_itself(new_lab: LabServer, page: Notebook) -> None:
    notebook = page.turn_to("02_resource_management").run_all()
    card = notebook.choose("Q18", "No")
    notebook.radio("Q18", "Not applicable").check()
    card.get_by_text("Not saved yet: enter the reason").wait_for()
    assert new_lab.folder.answers.get("res.read_replicas").value is Choice.NO  # type: ignore[union-attr]
    reason = card.get_by_label("Why does it not apply?")
    assert reason.evaluate("area => area === document.activeElement")
    notebook.page.keyboard.type("reads are rare")
    notebook.page.keyboard.press("Tab")
    card.get_by_text("Because: reads are rare").wait_for()
    stored = new_lab.folder.answers.get("res.read_replicas")
    assert stored is not None and stored.value is Choice.NOT_APPLICABLE and stored.reason == "reads are rare"


def test_details_belong_to_the_card_on_which_they_are_entered(new_lab: LabServer, page: Notebook) -> None:
    notebook = page.turn_to("01_high_availability").run_all()
    notebook.choose("Q6", "Yes")
    card = notebook.choose("Q7", "Yes")
    form = notebook.unfold(card, "form")
    form.get_by_label("Note", exact=True).fill("game day")
    form.get_by_label("Every … days").fill("90")
    form.get_by_label("Last done on").fill("2026-10-05")
    form.get_by_label("Owner").fill("search team")
    form.get_by_label("Due").fill("2027-01-15")
    form.get_by_label("Note", exact=True).focus()
    card.get_by_text(
        "Every 90 days, last done on 2026-10-05. “game day”. Owner: search team. Due 2027-01-15."
    ).wait_for()
    stored = new_lab.folder.answers.get("ha.failover_tested")
    assert stored is not None and (stored.every, stored.owner, stored.note) == (90, "search team", "game day")
    assert new_lab.folder.answers.get("ha.node_repair").note == ""  # type: ignore[union-attr]


def test_answers_from_two_windows_reach_each_other(
    new_lab: LabServer, page: Notebook, open_notebook: Callable[..., Notebook]
) -> None:
    original = new_lab.folder.notebooks / "04_monitoring.ipynb"
    (new_lab.folder.notebooks / "copy.ipynb").write_bytes(original.read_bytes())
    first = page.turn_to("04_monitoring").run_all()
    second = open_notebook(new_lab, "copy").run_all()
    first.choose("Q30", "No")
    second.page.locator("[data-rk-number=Q30] .rk-save").get_by_text("Changed by").wait_for()
    assert second.chosen("Q30") == "no"
    second.choose("Q30", "Partly")
    first.page.locator("[data-rk-number=Q30] .rk-save").get_by_text("Changed by").wait_for()
    assert first.chosen("Q30") == "partly"
    stored = Folder(new_lab.folder.path).answers.all()
    assert stored["mon.logging"].value is Choice.PARTLY
    history = first.unfold(first.page.locator("[data-rk-number=Q30]"), "history")
    assert "Partly, before: No" in history.inner_text()


def test_answer_from_the_command_line_appears_on_the_card(new_lab: LabServer, page: Notebook) -> None:
    notebook = page.turn_to("04_monitoring").run_all()
    notebook.choose("Q31", "Yes")
    form = notebook.unfold(notebook.page.locator("[data-rk-number=Q31]"), "form")
    owner = form.get_by_label("Owner")
    owner.fill("typed and not yet left")
    other = Folder(new_lab.folder.path)
    other.answers.put(Answer("mon.logs_central", Choice.NO, note="from a file"))
    notebook.page.locator("[data-rk-number=Q31]").get_by_text("“from a file”").wait_for()
    assert owner.input_value() == "typed and not yet left"
    assert form.get_by_label("Note", exact=True).input_value() == "from a file"


def test_next_open_question_leads_on_in_this_notebook_and_into_another(
    demo_lab: LabServer, open_notebook: Callable[..., Notebook]
) -> None:
    notebook = open_notebook(demo_lab, "01_high_availability").run_all()
    page = notebook.page
    page.locator("[data-rk-number=Q2]").get_by_role("button", name="Next open question").click()
    page.wait_for_function(f"({FOCUSED})() === 'Answer to Q13'")
    assert page.locator("[data-rk-number=Q13]").bounding_box()["y"] < 300
    page.keyboard.press("n")
    page.wait_for_function("window.jupyterapp.shell.currentWidget?.title.label === '04_monitoring.ipynb'")
    assert notebook.errors == []
