"""The question card."""

from __future__ import annotations

from ipywidgets.widgets.widget import _instances

from readiness_kit.model import Choice, Section, State
from readiness_kit.notebook.kit import Kit
from readiness_kit.notebook.widgets.question_card import PARK
from readiness_kit.workspace.folder import Folder
from tests.support.questions import section_ids


def test_answer_on_card_is_stored_immediately(kit: Kit) -> None:
    card = kit.ask("ha.canary")
    card._choice.value = Choice.PARTLY
    assert Folder(kit.folder.path).answers.get("ha.canary").value is Choice.PARTLY  # type: ignore[union-attr]
    assert "saved" in card._card.value


def test_contradiction_is_flagged_immediately(kit: Kit) -> None:
    kit.answer("sec.network_policies", None)
    card = kit.ask("sec.network_policies")
    assert "contradicts" not in card._card.value
    card._choice.value = Choice.YES
    assert kit.verdict("sec.network_policies").state is State.CONTRADICTED
    assert 'class="flag"' in card._card.value
    assert "The answer is “Yes”, but the evidence contradicts it" in card._card.value


def test_child_of_not_applicable_question_is_greyed(kit: Kit) -> None:
    child = kit.ask("res.delete_process")
    assert 'class="rk card child"' in child._card.value
    kit.answer("res.consumption_patterns", "not_applicable", reason="nothing is stored yet")
    assert 'class="rk card child grey"' in child._card.value


def test_showing_cards_again_adds_no_models(kit: Kit) -> None:
    def run() -> int:
        for question in section_ids(Section.HIGH_AVAILABILITY):
            kit.ask(question)
        kit.details("high_availability")
        return len(_instances)

    first = run()
    assert run() == first


def test_without_snapshot_evidence_is_unknown_and_answers_are_attested(empty: Kit) -> None:
    card = empty.ask("ha.multi_az")
    card._choice.value = Choice.YES
    assert "not collected" in card._card.value
    assert empty.verdict("ha.multi_az").state is State.ATTESTED
    assert "nothing has been collected yet" in empty.show.zones()._repr_html_()


def test_nested_question_and_its_dropdown_are_indented(kit: Kit) -> None:
    child, parent = kit.ask("ha.backup_test_frequency"), kit.ask("ha.weaviate_backups")
    assert 'class="rk card child"' in child._card.value and child._choice.layout.margin.endswith("2em")
    assert 'class="rk card"' in parent._card.value and parent._choice.layout.margin is None


def test_parked_question_keeps_its_answer_until_it_is_answered(kit: Kit) -> None:
    card = kit.ask("ha.canary")
    before = kit.folder.answers.get("ha.canary")
    card._choice.value = PARK
    assert kit.folder.answers.get("ha.canary") == before
    assert kit.folder.state == {"parked": ["ha.canary"], "position": "ha.canary"}
    assert "parked for later" in card._card.value
    assert "1 question parked" in repr(kit.parked()) and "ask-ha-canary" in kit.parked()._repr_html_()
    assert Kit(Folder(kit.folder.path)).ask("ha.canary")._choice.value == PARK
    card._choice.value = Choice.YES
    assert kit.folder.state["parked"] == []
    assert repr(kit.parked()).startswith("No question is parked")
