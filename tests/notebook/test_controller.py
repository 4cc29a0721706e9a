"""Answers, settings and the followers of an open assessment."""

from __future__ import annotations

import pytest

from readiness_kit.errors import UsageError
from readiness_kit.model import Choice, Profile
from readiness_kit.notebook.controller import Change, Event
from readiness_kit.notebook.kit import Kit
from readiness_kit.workspace.folder import Folder


def test_card_shown_again_has_the_answer_stored_by_another_kit(kit: Kit) -> None:
    second = Kit(Folder(kit.folder.path))
    kit.answer("ha.canary", Choice.YES)
    second.answer("ha.dev_test_env", Choice.NO)
    assert "Yes, by" in second.ask("ha.canary")._repr_html_()
    assert "No, by" in kit.ask("ha.dev_test_env")._repr_html_()


def test_unknown_question_suggests_similar_ids(kit: Kit) -> None:
    with pytest.raises(UsageError, match=r"ha\.multi_az"):
        kit.ask("ha.multi_zone_az")


class Recorder:
    """A follower that records changes."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.closed = False

    def changed(self, change: Change) -> None:
        self.changes.append(change)

    def close(self) -> None:
        self.closed = True


def test_followers_are_informed_of_each_change(kit: Kit) -> None:
    recorder = kit.show_as("recorder", Recorder())
    kit.add_details("ha.canary", reason="one team")
    kit.park("ha.canary")
    kit.answer("ha.canary", "yes")
    kit.park("ha.canary", False)
    kit.write_settings(customer="Example Ltd")
    events = [Event.DETAIL_SAVED, Event.PARKED, Event.ANSWERED, Event.PARKED]
    assert recorder.changes == [*(Change(event, "ha.canary") for event in events), Change(Event.RELOADED)]


def test_follower_is_closed_when_replaced_or_with_the_kit(kit: Kit) -> None:
    first, second = Recorder(), Recorder()
    kit.show_as("view", first)
    kit.show_as("view", second)
    assert first.closed and not second.closed
    kit.answer("ha.canary", "yes")
    assert first.changes == [] and len(second.changes) == 1
    kit.close()
    assert second.closed


def test_unknown_question_stores_nothing(kit: Kit) -> None:
    state = kit.folder.state
    for value in ("yes", "not_applicable"):
        with pytest.raises(UsageError, match=r"ha\.multi_zone_az"):
            kit.answer("ha.multi_zone_az", value)
    assert kit.folder.state == state and kit.folder.answers.get("ha.multi_zone_az") is None


def test_not_applicable_without_a_reason_stores_nothing(kit: Kit) -> None:
    before = kit.folder.answers.get("ha.canary")
    with pytest.raises(UsageError, match="needs a reason"):
        kit.answer("ha.canary", "not_applicable")
    assert kit.folder.answers.get("ha.canary") == before
    kit.answer("ha.canary", "not_applicable", reason="one team")
    assert kit.folder.answers.get("ha.canary").reason == "one team"  # type: ignore[union-attr]


def test_refresh_announces_only_what_others_changed(kit: Kit) -> None:
    recorder, other = kit.show_as("recorder", Recorder()), Kit(Folder(kit.folder.path))
    kit.answer("ha.canary", "yes")
    recorder.changes.clear()
    kit.refresh()
    assert recorder.changes == []
    other.answer("ha.dev_test_env", "no")
    other.park("mon.grafana")
    kit.refresh()
    assert recorder.changes == [Change(Event.ELSEWHERE, "ha.dev_test_env"), Change(Event.PARKED, "mon.grafana")]
    recorder.changes.clear()
    other.write_settings(customer="Example Ltd")
    kit.refresh()
    kit.refresh()
    assert recorder.changes == [Change(Event.RELOADED)] and kit.settings.customer == "Example Ltd"


def test_own_answer_does_not_hide_that_of_another(kit: Kit) -> None:
    recorder, other = kit.show_as("recorder", Recorder()), Kit(Folder(kit.folder.path))
    other.answer("ha.canary", "yes")
    kit.answer("ha.dev_test_env", "no")
    recorder.changes.clear()
    kit.refresh()
    assert recorder.changes == [Change(Event.ELSEWHERE, "ha.canary")]


def test_card_outside_the_new_profile_is_not_updated(kit: Kit) -> None:
    kit.write_settings(profile=Profile.EXTENDED)
    extended = next(q.id for q in kit.session.checklist.questions if q.profile is Profile.EXTENDED)
    kit.ask(extended)
    kit.write_settings(profile=Profile.CORE)
    assert kit.settings.profile is Profile.CORE
