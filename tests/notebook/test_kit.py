"""The kit in a notebook: cards, details and views, without a browser."""

from __future__ import annotations

from pathlib import Path

import ipywidgets
import pytest
from ipywidgets.widgets.widget import _instances

from readiness_kit import open_assessment
from readiness_kit.assessment.folder import Folder
from readiness_kit.checklist import load_checklist
from readiness_kit.demo import install
from readiness_kit.errors import UsageError
from readiness_kit.model import Choice, Profile, Section, State
from readiness_kit.notebook import Kit


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(install(tmp_path / "demo"))


@pytest.fixture
def empty(tmp_path: Path) -> Kit:
    return Kit(Folder(tmp_path / "new").create())


def section_ids(section: Section) -> list[str]:
    return [question.id for question in load_checklist(profile=Profile.CORE).section(section)]


def test_an_answer_given_on_a_card_is_in_the_folder_at_once(kit: Kit) -> None:
    card = kit.ask("ha.canary")
    card._choice.value = Choice.PARTLY
    assert Folder(kit.folder.path).answers.get("ha.canary").value is Choice.PARTLY  # type: ignore[union-attr]
    assert "saved" in card._face.value


def test_a_contradiction_is_flagged_on_the_card_the_moment_it_arises(kit: Kit) -> None:
    kit.answer("sec.network_policies", None)
    card = kit.ask("sec.network_policies")
    assert "otherwise" not in card._face.value
    card._choice.value = Choice.YES
    assert kit.verdict("sec.network_policies").state is State.CONTRADICTED
    assert 'class="flag"' in card._face.value
    assert "The answer is “Yes”, but the cluster says otherwise" in card._face.value


def test_not_applicable_waits_for_its_reason_and_is_saved_with_it(kit: Kit) -> None:
    card, details = kit.ask("ha.canary"), kit.details("high_availability")
    card._choice.value = Choice.NOT_APPLICABLE
    assert kit.folder.answers.get("ha.canary").value is Choice.NO  # type: ignore[union-attr]
    assert "not saved yet" in card._face.value and "needs its reason" in details._status.value
    assert details._which.value == "ha.canary"
    details._boxes["reason"].value = "one team, one release a quarter"
    stored = kit.folder.answers.get("ha.canary")
    assert stored is not None and stored.value is Choice.NOT_APPLICABLE
    assert stored.reason == "one team, one release a quarter"


def test_children_of_a_question_that_does_not_apply_are_greyed(kit: Kit) -> None:
    child = kit.ask("res.delete_process")
    assert 'class="rk card child"' in child._face.value
    kit.answer("res.consumption_patterns", "not_applicable", reason="nothing is stored yet")
    assert 'class="rk card child grey"' in child._face.value


def test_details_are_saved_field_by_field_and_what_cannot_be_read_is_kept_on_screen(kit: Kit) -> None:
    details = kit.details("security")
    details.load("sec.tls")
    details._boxes["due"].value = "next week"
    assert details._boxes["due"].value == "next week" and "not saved yet" in details._status.value
    assert kit.folder.answers.get("sec.tls").due is None  # type: ignore[union-attr]
    details._boxes["due"].value = "2027-01-15"
    assert str(kit.folder.answers.get("sec.tls").due) == "2027-01-15"  # type: ignore[union-attr]


def test_loading_another_question_into_the_editor_saves_nothing(kit: Kit) -> None:
    before = kit.folder.answers.all()
    details = kit.details("security")
    for question in section_ids(Section.SECURITY):
        details._which.value = question
    assert kit.folder.answers.all() == before


def test_two_kits_on_one_folder_see_each_others_answers_when_a_card_is_shown_again(kit: Kit) -> None:
    other = Kit(Folder(kit.folder.path))
    kit.ask("ha.canary")._choice.value = Choice.YES
    other.ask("ha.dev_test_env")._choice.value = Choice.NO
    assert other.ask("ha.canary")._choice.value is Choice.YES
    assert kit.ask("ha.dev_test_env")._choice.value is Choice.NO


def test_a_card_shown_again_leaves_no_more_models_than_before(kit: Kit) -> None:
    def run() -> int:
        for question in section_ids(Section.HIGH_AVAILABILITY):
            kit.ask(question)
        kit.details("high_availability")
        return len(_instances)

    first = run()
    assert run() == first


def test_a_form_of_thirteen_questions_costs_at_most_45_models(kit: Kit) -> None:
    ipywidgets.Widget.close_all()
    for question in section_ids(Section.HIGH_AVAILABILITY):
        kit.ask(question)
    kit.details("high_availability")
    kit.progress("high_availability")
    kit.summary("high_availability")
    assert len(_instances) <= 45


def test_every_control_has_a_label(kit: Kit) -> None:
    card, details = kit.ask("ha.multi_az"), kit.details("high_availability")
    controls = [card._choice, details._which, *details._boxes.values()]
    assert all(control.description.strip() for control in controls)
    assert len({control.description for control in controls}) == len(controls)


def test_an_unknown_question_is_named_with_its_neighbours(kit: Kit) -> None:
    with pytest.raises(UsageError, match=r"ha\.multi_az"):
        kit.ask("ha.multi_zone_az")


def test_an_unknown_section_is_named_with_the_known_ones(kit: Kit) -> None:
    with pytest.raises(UsageError, match="high_availability"):
        kit.summary("availability")


def test_without_a_snapshot_evidence_is_unknown_and_answers_work(empty: Kit) -> None:
    card = empty.ask("ha.multi_az")
    card._choice.value = Choice.YES
    assert "not collected" in card._face.value
    assert empty.verdict("ha.multi_az").state is State.ATTESTED
    assert "nothing has been collected yet" in empty.show.zones()._repr_html_()


def test_views_show_names_of_the_cluster(kit: Kit) -> None:
    zones = kit.show.zones()._repr_html_()
    assert all(name in zones for name in ("weaviate-0", "weaviate-1", "weaviate-2", "eu-west-1a"))
    assert "weaviate-grpc" in kit.show.services()._repr_html_()
    assert "poddisruptionbudgets" in kit.show.scope()._repr_html_()
    tools = kit.show.ecosystem()._repr_html_()
    assert "comes to 0 of 3 nodes with Weaviate" in tools and "Grafana Alloy" in tools
    assert "that broken nodes are repaired" in tools


def test_progress_counts_what_a_section_lacks(kit: Kit) -> None:
    text = repr(kit.progress("security"))
    assert text.startswith("Security: 8 of 8 answered, 0 open, ⚠ ")
    kit.answer("sec.rbac", None)
    assert "7 of 8 answered" in repr(kit.progress("security"))


def test_the_face_of_every_object_is_text_html(kit: Kit) -> None:
    for face in (kit.progress(), kit.summary(), kit.summary("security"), kit.show.nodes(), kit.extended("performance")):
        assert face._repr_html_().startswith("<style>")  # type: ignore[union-attr]


def test_open_assessment_begins_one_where_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    assert open_assessment().folder.path.resolve() == tmp_path.resolve()
    assert (tmp_path / "readiness.yaml").exists()
