"""The time of the workshop."""

from __future__ import annotations

from datetime import datetime, timedelta

from readiness_kit.notebook.kit import Kit
from readiness_kit.workspace.folder import Folder


def test_time_of_the_workshop_is_kept_and_the_agenda_follows(kit: Kit) -> None:
    agenda, form = kit.agenda(), kit.workshop()
    form._minutes.value = 90
    assert Folder(kit.folder.path).state.get("workshop") is None, "nothing is stored without a start"
    form._start.value = "09:30"
    stored = Folder(kit.folder.path).state["workshop"]
    assert stored["minutes"] == 90 and datetime.fromisoformat(stored["start"]).strftime("%H:%M") == "09:30"
    assert repr(agenda) == "09:30 to 11:00"
    form._start.value = "half past nine"
    assert "Not saved" in form._status.value and Folder(kit.folder.path).state["workshop"] == stored


def test_start_now_begins_the_workshop(kit: Kit) -> None:
    form = kit.workshop()
    form._begin.click()
    begin = datetime.fromisoformat(kit.folder.state["workshop"]["start"])
    assert timedelta() <= datetime.now().astimezone() - begin < timedelta(minutes=5)


def test_a_damaged_time_counts_as_none(kit: Kit) -> None:
    path = kit.folder.path / "state.json"
    for workshop in ('{"start": "soon", "minutes": 60}', '{"start": "2026-11-20T10:00", "minutes": 60}', "[]",
                     '{"start": "2026-11-20T10:00:00+00:00", "minutes": -5}'):  # fmt: skip
        path.write_text(f'{{"workshop": {workshop}}}', "utf-8")
        assert kit.folder.state == {"parked": [], "position": ""}
