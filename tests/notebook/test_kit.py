"""The kit in a notebook: cards, details and views, without a browser."""

from __future__ import annotations

import json
from pathlib import Path

import ipywidgets
import pytest
from ipywidgets.widgets.widget import _instances

from readiness_kit import open_assessment
from readiness_kit.checklist import load_checklist
from readiness_kit.demo import install
from readiness_kit.errors import UsageError
from readiness_kit.model import Choice, Profile, Section, State
from readiness_kit.notebook import Kit
from readiness_kit.notebook.views.view import told
from readiness_kit.notebook.widgets.question_card import PARK
from readiness_kit.workspace.folder import Folder


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
    assert "leases" in kit.show.scope()._repr_html_()
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


def test_an_error_is_told_as_a_sentence_and_a_next_step() -> None:
    error = UsageError("the file <x> is missing", "run `readiness collect`")
    assert told(error) == "The file &lt;x&gt; is missing. Next: run <code>readiness collect</code>."
    assert told(UsageError("http://127.0.0.1:9 does not answer.")) == "http://127.0.0.1:9 does not answer."


def test_a_nested_question_and_its_dropdown_stand_to_the_right_of_their_parent(kit: Kit) -> None:
    child, parent = kit.ask("ha.backup_test_frequency"), kit.ask("ha.weaviate_backups")
    assert 'class="rk card child"' in child._face.value and child._choice.layout.margin.endswith("2em")
    assert 'class="rk card"' in parent._face.value and parent._choice.layout.margin is None


def test_open_assessment_begins_one_where_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    assert open_assessment().folder.path.resolve() == tmp_path.resolve()
    assert (tmp_path / "readiness.yaml").exists()


def test_thirty_four_questions_cost_little_in_the_kernel(kit: Kit) -> None:
    before = set(_instances)
    for section in (Section.HIGH_AVAILABILITY, Section.RESOURCE_MANAGEMENT, Section.SECURITY, Section.MONITORING):
        for question in section_ids(section):
            kit.ask(question)
    models = [_instances[key] for key in set(_instances) - before]
    sent = [len(json.dumps(model.get_state(), default=str, ensure_ascii=False).encode()) for model in models]
    assert len(sent) <= 120
    assert sum(sent) <= 90 * 1024


def test_a_section_of_thirteen_is_shown_with_few_models(kit: Kit) -> None:
    before = set(_instances)
    for question in section_ids(Section.HIGH_AVAILABILITY):
        kit.ask(question)
    assert len(section_ids(Section.HIGH_AVAILABILITY)) == 13 and len(set(_instances) - before) <= 45


def test_a_view_that_follows_is_an_output_without_a_widget(kit: Kit) -> None:
    before = len(_instances)
    views = (kit.welcome(), kit.agenda(), kit.progress(), kit.parked(), kit.summary(), kit.show.scope())
    assert len(_instances) == before, "JupyterLab opens links to notebooks from outputs, not from widgets"
    kit.answer("sec.rbac", None)
    assert "30 of 34 answered" in repr(views[2]) and "7 of 8 answered" in views[1]._repr_html_()


def test_a_notebook_run_again_leaves_no_more_models_than_the_first_time(tmp_path: Path) -> None:
    folder = install(tmp_path / "demo").path

    def run() -> int:
        kit = open_assessment(folder)
        kit.about()
        kit.connect()
        kit.welcome()
        kit.agenda()
        kit.parked()
        kit.show.scope()
        kit.progress()
        kit.summary()
        kit.progress("security")
        kit.ask("sec.tls")
        kit.details("security")
        kit.summary("security")
        kit.what_if()
        kit.next_actions()
        kit.write_report()
        return len(_instances)

    first = run()
    assert run() == first


def test_a_parked_question_keeps_its_answer_and_stands_in_the_list_until_it_is_answered(kit: Kit) -> None:
    card = kit.ask("ha.canary")
    before = kit.folder.answers.get("ha.canary")
    card._choice.value = PARK
    assert kit.folder.answers.get("ha.canary") == before
    assert kit.folder.state == {"parked": ["ha.canary"], "position": "ha.canary"}
    assert "parked for later" in card._face.value
    assert "1 question parked" in repr(kit.parked()) and "ask-ha-canary" in kit.parked()._repr_html_()
    assert Kit(Folder(kit.folder.path)).ask("ha.canary")._choice.value == PARK
    card._choice.value = Choice.YES
    assert kit.folder.state["parked"] == []
    assert repr(kit.parked()).startswith("No question is parked")


def test_the_answer_given_last_is_where_one_goes_on(kit: Kit) -> None:
    assert "High availability" in kit.welcome()._repr_html_()
    kit.answer("sec.rbac", "no")
    text = Kit(Folder(kit.folder.path)).welcome()._repr_html_()
    assert "03_security.ipynb#cell-id=ask-sec-rbac" in text and "first open question" in text


def test_progress_and_summary_follow_the_answers(kit: Kit) -> None:
    progress, summary = kit.progress("security"), kit.summary("security")
    kit.answer("sec.rbac", None)
    assert "7 of 8 answered" in repr(progress) and "7 of 8 answered" in progress._widget.value  # type: ignore[union-attr]
    assert '<a href="#rk-sec-rbac">' in repr(summary._repr_html_())


def test_the_agenda_runs_by_the_clock(kit: Kit) -> None:
    html = kit.agenda("09:30")._repr_html_()
    assert "09:30 – 09:40" in html and "01_high_availability.ipynb" in html and "12 of 13 answered" in html
    assert "05_performance" not in html
    with pytest.raises(UsageError, match="no time of day"):
        kit.agenda("half past nine")


def test_cadence_fields_are_asked_only_where_a_question_asks_how_often(kit: Kit) -> None:
    details = kit.details("high_availability")
    details.load("ha.multi_az")
    assert details._boxes["every"] not in details._box.children
    details.load("ha.failover_tested")
    assert details._boxes["every"] in details._box.children
    details._boxes["every"].value = "90"
    details._boxes["last_done"].value = "2026-09-01"
    assert "every 90 days, last done on 2026-09-01" in kit.ask("ha.failover_tested")._face.value


def test_the_owners_of_the_next_actions_are_stored_with_the_questions(kit: Kit) -> None:
    actions = kit.next_actions()
    first = kit.assessment.actions[0].question
    assert len(actions._fields) == 10 and actions._fields[0].description == f"{first.number} owner"
    actions._fields[0].value = "platform team"
    actions._fields[1].value = "2027-02-01"
    stored = kit.folder.answers.get(first.id)
    assert stored is not None and stored.owner == "platform team" and str(stored.due) == "2027-02-01"
    actions._fields[1].value = "soon"
    assert "not saved yet" in actions._status.value


def test_the_presenter_layout_is_a_style_that_a_check_box_switches(kit: Kit) -> None:
    assert '"rk-presenter" checked' in kit.presenter()._repr_html_()
    assert '"rk-presenter" >' in kit.presenter(False)._repr_html_()
