"""The protocol between the cards in the page and the kernel."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from readiness_kit.model import Choice
from readiness_kit.notebook.hub import Hub
from readiness_kit.notebook.kit import Kit
from readiness_kit.workspace.folder import Folder


class Page:
    """The cards of a notebook as the front end has them: what the kernel sends is kept in `sent`."""

    def __init__(self, kit: Kit, *questions: str) -> None:
        self.kit = kit
        for question in questions:
            kit.ask(question)._repr_html_()
        self.hub: Hub = kit._hub
        self.hub._ended.set()  # the tests look at the folder themselves
        self.sent: list[dict[str, Any]] = []
        self.hub._channel.send = self.sent.append

    def ask(self, op: str, card: str = "", **more: Any) -> list[dict[str, Any]]:
        """What the kernel sends in answer to one message."""
        self.sent.clear()
        self.hub.receive({"op": op, "card": card, **more})
        return list(self.sent)

    def save(self, card: str, **fields: str) -> dict[str, Any]:
        (reply,) = self.ask("save", card, n=7, fields=fields)
        return reply


@pytest.fixture
def page(kit: Kit) -> Page:
    return Page(kit, "ha.canary", "ha.failover_tested", "res.consumption_patterns", "res.delete_process")


def test_save_is_answered_after_the_file_is_written(page: Page) -> None:
    stored: list[Choice | None] = []
    page.hub._channel.send = lambda message: stored.append(
        Folder(page.kit.folder.path).answers.get("ha.canary").value  # type: ignore[union-attr]
    )
    page.hub.receive({"op": "save", "n": 1, "card": "ha.canary", "fields": {"value": "partly"}})
    assert stored == [Choice.PARTLY]


def test_reply_carries_number_and_card(page: Page) -> None:
    reply = page.save("ha.canary", value="yes")
    assert (reply["op"], reply["n"], reply["card"]) == ("saved", 7, "ha.canary")
    assert '<input type="radio" value="yes" checked>' in reply["html"]


def test_refused_save_says_why_and_stores_nothing(page: Page) -> None:
    before = page.kit.folder.answers.get("ha.canary")
    for fields, why in (
        ({"value": "not_applicable"}, "needs a reason"),
        ({"due": "next week"}, "is not a date"),
        ({"every": "often"}, "is not a whole number of days"),
        ({"value": "perhaps"}, "is not an answer"),
        ({"confirmed_by": "me"}, "has no field"),
    ):
        reply = page.save("ha.canary", **fields)
        assert reply["op"] == "refused" and reply["n"] == 7 and why in reply["why"], fields
    assert page.save("ha.nothing", value="yes")["op"] == "refused"
    assert page.kit.folder.answers.get("ha.canary") == before


def test_details_are_read_into_their_types(page: Page) -> None:
    page.save("ha.failover_tested", every="90", last_done="2026-09-01", due="2027-01-15", note=" twice ", owner="ops")
    stored = page.kit.folder.answers.get("ha.failover_tested")
    assert stored is not None and (stored.every, str(stored.last_done), str(stored.due)) == (
        90,
        "2026-09-01",
        "2027-01-15",
    )
    assert (stored.note, stored.owner) == ("twice", "ops")
    assert page.save("ha.failover_tested", due="")["op"] == "saved"
    assert page.kit.folder.answers.get("ha.failover_tested").due is None  # type: ignore[union-attr]


def test_not_applicable_is_stored_with_its_reason_in_one_save(page: Page) -> None:
    page.save("ha.canary", value="not_applicable", reason="one team, one release a quarter")
    stored = page.kit.folder.answers.get("ha.canary")
    assert stored is not None and stored.value is Choice.NOT_APPLICABLE
    assert stored.reason == "one team, one release a quarter"


def test_answer_can_be_taken_back_and_keeps_its_details(page: Page) -> None:
    page.save("ha.canary", value="yes", note="kept")
    page.save("ha.canary", value="")
    stored = page.kit.folder.answers.get("ha.canary")
    assert stored is not None and stored.value is None and stored.note == "kept"


def test_save_over_the_answer_of_another_window_wins_and_says_so(page: Page) -> None:
    other = Kit(Folder(page.kit.folder.path))
    other.write_settings(assessor="Erin")
    other.answer("ha.canary", "partly")
    (reply,) = [m for m in page.ask("save", "ha.canary", n=1, fields={"value": "yes"}, base="") if m["op"] == "saved"]
    assert reply["replaced"] == "It replaced “Partly” by Erin; both are in the history."
    (shown,) = page.ask("part", "ha.canary", part="history")
    assert "Yes, before: Partly" in shown["html"] and "Erin: Partly" in shown["html"]


def test_answer_of_another_window_updates_the_card_and_names_its_author(page: Page) -> None:
    other = Kit(Folder(page.kit.folder.path))
    other.answer("ha.canary", "dont_know")
    page.sent.clear()
    page.kit.refresh()
    (message,) = page.sent
    assert (message["op"], message["card"]) == ("card", "ha.canary")
    assert message["elsewhere"] == "Solutions engineering" and 'value="dont_know" checked' in message["html"]


def test_nested_question_follows_its_parent(page: Page) -> None:
    sent = page.ask("save", "res.consumption_patterns", n=1, fields={"value": "not_applicable", "reason": "empty"})
    assert [(m["op"], m["card"]) for m in sent] == [
        ("card", "res.delete_process"),
        ("saved", "res.consumption_patterns"),
    ]
    assert "rk-muted" in sent[0]["html"]


def test_sync_sends_only_cards_that_differ(page: Page) -> None:
    html = page.kit.ask("ha.canary")._repr_html_()
    mark = html.split('data-rk-mark="')[1].split('"')[0]
    assert page.ask("sync", cards={"ha.canary": mark}) == [{"op": "synced"}]
    page.kit.answer("ha.canary", "yes")
    assert [m["op"] for m in page.ask("sync", cards={"ha.canary": mark, "unknown": ""})] == ["card", "synced"]


def test_park_and_back(page: Page) -> None:
    (reply,) = [m for m in page.ask("park", "ha.canary", n=2, on=True) if m["op"] == "saved"]
    assert "rk-parked" in reply["html"] and page.kit.folder.state["parked"] == ["ha.canary"]
    page.ask("park", "ha.canary", n=3, on=False)
    assert page.kit.folder.state["parked"] == []


def test_the_assessor_confirms_a_proof(page: Page) -> None:
    page.save("ha.canary", value="yes", note="The runbook was shown.")
    (form,) = page.ask("part", "ha.canary", part="form")
    assert '<button type="button" class="rk-btn" data-do="confirm">Confirm proof</button>' in form["html"]
    page.kit.write_settings(assessor="")
    assert "is not named" in page.ask("confirm", "ha.canary", n=1)[-1]["why"]
    page.kit.write_settings(assessor="Erin")
    assert page.ask("confirm", "ha.canary", n=1)[-1]["op"] == "saved"
    stored = page.kit.folder.answers.get("ha.canary")
    assert stored is not None and stored.confirmed_by == "Erin"
    assert "data-do=" not in page.ask("part", "ha.canary", part="form")[0]["html"]


def test_cadence_fields_are_on_the_form_of_cadence_questions_only(page: Page) -> None:
    (form,) = page.ask("part", "ha.failover_tested", part="form")
    assert '<input type="number" data-f="every" value="180"' in form["html"]
    assert '<input type="date" data-f="last_done" value="2026-06-11">' in form["html"]
    assert 'data-f="every"' not in page.ask("part", "ha.canary", part="form")[0]["html"]


def test_next_open_question_comes_after_this_one_then_from_the_start_parked_last(page: Page) -> None:
    (first,) = page.ask("next", "ha.canary")
    assert (first["to"], first["text"]) == ("ha.dev_test_env", "Q13 Development and test environments")
    assert first["address"] == "01_high_availability.ipynb#cell-id=ask-ha-dev-test-env"
    page.kit.park("ha.dev_test_env")
    following = [page.ask("next", "ha.canary")[0]["to"]]
    for question in [verdict.question.id for verdict in page.kit.assessment.verdicts]:
        if question != "ha.dev_test_env":
            page.kit.answer(question, "yes")
    assert following != ["ha.dev_test_env"] and page.ask("next", "ha.canary")[0]["to"] == "ha.dev_test_env"
    page.kit.answer("ha.dev_test_env", "yes")
    assert page.ask("next", "ha.canary")[0]["text"] == "No question is open."


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("facts", "OOM kills, 7 days"),
        ("commands", "kubectl -n search get"),
        ("remedy", "Helm values for this cluster"),
        ("chart", '<figure class="rk-chart">'),
        ("history", "No changes are recorded."),
        ("form", 'data-f="owner" value="Search team"'),
    ],
)
def test_parts_are_drawn_when_they_are_opened(kit: Kit, part: str, words: str) -> None:
    (message,) = Page(kit, "res.memory_sized").ask("part", "res.memory_sized", part=part)
    assert (message["op"], message["part"]) == ("part", part) and words in message["html"]


def test_what_nobody_knows_is_logged_and_changes_nothing(page: Page, caplog: pytest.LogCaptureFixture) -> None:
    before = page.kit.folder.answers.all()
    assert page.ask("erase", "ha.canary") == [] and page.ask("part", "ha.canary", part="secrets") == []
    assert "unknown message" in caplog.text and "unknown part" in caplog.text
    assert page.kit.folder.answers.all() == before


def test_folder_is_followed_by_a_thread_until_the_hub_is_closed(kit: Kit) -> None:
    kit.ask("ha.canary")._repr_html_()
    changed = threading.Event()
    kit._hub._channel.send = lambda message: changed.set() if message.get("elsewhere") else None
    Kit(Folder(kit.folder.path)).answer("ha.canary", "yes")
    assert changed.wait(60)
    kit.close()
    assert kit._hub._ended.is_set()


def test_unreadable_answers_are_said_on_the_cards_and_end_with_the_problem(page: Page, tmp_path: Path) -> None:
    path = page.kit.folder.answers.path
    good = path.read_bytes()
    path.write_text("{", "utf-8")
    page.sent.clear()
    for _ in range(2):
        page.hub._look()
    assert [m["op"] for m in page.sent] == ["trouble"] and "answers.json" in page.sent[0]["html"]
    assert page.save("ha.canary", value="yes")["op"] == "refused"
    path.write_bytes(good)
    page.sent.clear()
    page.hub._look()
    assert page.sent[0] == {"op": "trouble", "html": ""}
