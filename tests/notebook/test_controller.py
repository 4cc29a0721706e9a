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
    kit.ask("ha.canary")._choice.value = Choice.YES
    second.ask("ha.dev_test_env")._choice.value = Choice.NO
    assert second.ask("ha.canary")._choice.value is Choice.YES
    assert kit.ask("ha.dev_test_env")._choice.value is Choice.NO


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
    kit.answer("ha.canary", "not_applicable")
    kit.detail("ha.canary", "reason", "one team")
    kit.park("ha.canary")
    kit.answer("ha.canary", "yes")
    kit.write_settings(customer="Example Ltd")
    events = [Event.REASON_MISSING, Event.DETAIL_SAVED, Event.PARKED, Event.ANSWERED]
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


def test_card_outside_the_new_profile_is_not_updated(kit: Kit) -> None:
    kit.write_settings(profile=Profile.EXTENDED)
    extended = next(q.id for q in kit.session.checklist.questions if q.profile is Profile.EXTENDED)
    kit.ask(extended)
    kit.write_settings(profile=Profile.CORE)
    assert kit.settings.profile is Profile.CORE
