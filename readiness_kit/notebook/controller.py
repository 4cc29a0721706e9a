"""The state of an open assessment: session, answers and settings, and the objects on screen that follow them."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

import msgspec

from readiness_kit import files
from readiness_kit.fixes.model import Assignment
from readiness_kit.model import Answer, Assessment, Choice, Settings, Verdict
from readiness_kit.workspace.folder import Folder
from readiness_kit.workspace.session import Session

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts


class Event(Enum):
    """What happened to the assessment."""

    RELOADED = "new evidence or settings"
    ANSWERED = "an answer was stored"
    DETAIL_SAVED = "a detail of an answer was stored"
    PARKED = "a question was parked, or is no longer parked"
    ASSIGNED = "a fix was given an owner, a due date or a state"
    WORKSHOP = "the time of the workshop was set"
    ELSEWHERE = "another window, another kernel or the command line stored an answer"


class Change(NamedTuple):
    """An event and the id of the question concerned; empty if it concerns the whole assessment."""

    event: Event
    question: str = ""


class Follower(Protocol):
    """An object on screen: it is informed of each change, and closed when something else takes its place."""

    def changed(self, change: Change) -> None:
        """Receive a change of the assessment."""

    def close(self) -> None:
        """Stop following, and release the widgets."""


Shown = TypeVar("Shown", bound=Follower)


@dataclass
class _Known:
    """The state of the folder that the followers have seen."""

    session: object
    waivers: object
    state: object
    stamp: object
    answers: dict[str, Answer]
    parked: list[str]

    @classmethod
    def of(cls, folder: Folder, before: _Known | None = None) -> _Known:
        """The folder now; files that have not changed since `before` are not read again."""
        stamp, state = files.mark(folder.answers.path), files.mark(folder.path / "state.json")
        same_answers = before is not None and before.stamp == stamp
        same_state = before is not None and before.state == state
        return cls(
            _session_marks(folder),
            files.mark(folder.path / "waivers.json"),
            state,
            stamp,
            dict(before.answers if before and same_answers else folder.answers.all()),
            list(before.parked if before and same_state else folder.state["parked"]),
        )


def _session_marks(folder: Folder) -> tuple[object, ...]:
    newest = folder.latest_snapshot()
    return files.mark(folder.path / "readiness.yaml"), newest, files.mark(newest) if newest else None


class Controller:
    """One assessment folder, shared by all widgets and views of a notebook. All lasting state is in `folder`."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self._lock = threading.RLock()
        self._session = Session.of_environment(folder)
        self._judged: tuple[object, Assessment] | None = None
        self._known = _Known.of(folder)
        self._followers: dict[str, Follower] = {}

    # --- state -----------------------------------------------------------------------------------

    @property
    def session(self) -> Session:
        """The newest snapshot, the checklist and the findings."""
        return self._session

    @property
    def settings(self) -> Settings:
        """The settings of the assessment folder."""
        return self._session.settings

    @property
    def facts(self) -> ClusterFacts:
        """The frames of the newest snapshot (`kit.facts.pods`, …). Raises ReadinessError if there are none."""
        return self._session.require_facts()

    @property
    def assessment(self) -> Assessment:
        """All verdicts, computed from the answers and waivers that are stored now; again only where those changed."""
        with self._lock:
            marks = (files.mark(self.folder.answers.path), self.folder.waivers)
            if self._judged is None or self._judged[0] != marks:
                self._judged = (marks, self._session.assessment())
            return self._judged[1]

    def verdict(self, question_id: str) -> Verdict:
        """The present verdict on one question. Raises UsageError for an unknown id."""
        self._session.checklist.get(question_id)
        return next(verdict for verdict in self.assessment.verdicts if verdict.question.id == question_id)

    def reload(self) -> None:
        """Reads the folder again: after a new snapshot, or after settings were edited by hand."""
        with self._lock:
            self._session = Session.of_environment(self.folder)
            self._judged = None
            self._known.session = _session_marks(self.folder)
            self._announce(Change(Event.RELOADED))

    def refresh(self) -> None:
        """Announces what others changed in the folder: settings, snapshots, answers, waivers and parked questions.

        Raises ReadinessError for a file that cannot be read.
        """
        with self._lock:
            before, now = self._known, _Known.of(self.folder, self._known)
            if now == before:
                return
            self._known = now
            if now.session != before.session or now.waivers != before.waivers:
                self.reload()
                return
            changed = {id for id in before.answers | now.answers if before.answers.get(id) != now.answers.get(id)}
            for question_id in sorted(changed):
                self._announce(Change(Event.ELSEWHERE, question_id))
            for question_id in sorted(set(before.parked) ^ set(now.parked) - changed):
                self._announce(Change(Event.PARKED, question_id))

    def write_settings(self, **changes: Any) -> None:
        """Sets fields of `readiness.yaml` (`kit.write_settings(customer="…")`) and applies them."""
        self.folder.write_settings(**changes)
        self.reload()

    # --- answers ---------------------------------------------------------------------------------

    def answer(self, question_id: str, value: Choice | str | None, **details: Any) -> None:
        """Stores an answer: `kit.answer("ha.multi_az", "yes", note="…")`; None withdraws it and keeps the details.

        Raises UsageError where nothing was stored, as for not applicable without its `reason`.
        """
        choice = Choice(value) if value is not None else None
        with self._lock:
            self._store(msgspec.structs.replace(self._stored(question_id), value=choice, **details))
            self._park([parked_id for parked_id in self.parked_ids if parked_id != question_id], question_id)
            self._announce(Change(Event.ANSWERED, question_id))

    def add_details(self, question_id: str, **details: Any) -> None:
        """Stores details of an answer: `kit.add_details("ha.multi_az", owner="…")`. Raises UsageError as `answer`."""
        with self._lock:
            self._store(msgspec.structs.replace(self._stored(question_id), **details))
            self._announce(Change(Event.DETAIL_SAVED, question_id))

    def confirm(self, question_id: str, by: str = "") -> None:
        """Records that the proof of an answer was checked, by default by the assessor of the settings."""
        with self._lock:
            self._session.checklist.get(question_id)
            self._note(self.folder.answers.confirm(question_id, by or self.settings.assessor))
            self._announce(Change(Event.DETAIL_SAVED, question_id))

    def park(self, question_id: str, parked: bool = True) -> None:
        """Postpones a question, or ends that: its answer is not changed; `kit.parked()` lists it until then."""
        with self._lock:
            self._session.checklist.get(question_id)
            others = [parked_id for parked_id in self.parked_ids if parked_id != question_id]
            self._park([*others, question_id] if parked else others, question_id)
            self._announce(Change(Event.PARKED, question_id))

    def assign(self, fix: str, **changes: Any) -> None:
        """Stores owner, due date or state of a fix: `kit.assign("replicas.three", owner="Platform team")`."""
        with self._lock:
            stored = self.folder.plan.all().get(fix) or Assignment(fix)
            self.folder.plan.put(msgspec.structs.replace(stored, **changes))
            self._announce(Change(Event.ASSIGNED))

    def plan_workshop(self, start: datetime, minutes: int) -> None:
        """Stores when the workshop begins, with its time zone, and how long it lasts; agenda and panel follow."""
        with self._lock:
            self.folder.write_state(workshop={"start": start.isoformat(timespec="minutes"), "minutes": minutes})
            self._announce(Change(Event.WORKSHOP))

    @property
    def parked_ids(self) -> list[str]:
        """The ids of the parked questions, in the order in which they were parked."""
        parked: list[str] = self.folder.state["parked"]
        return parked

    def _stored(self, question_id: str) -> Answer:
        self._session.checklist.get(question_id)
        return self.folder.answers.get(question_id) or Answer(question_id)

    def _store(self, answer: Answer) -> None:
        revision = self._session.checklist.get(answer.question).revision
        self._note(self.folder.answers.put(msgspec.structs.replace(answer, revision=revision)))

    def _note(self, answer: Answer) -> None:
        """Keeps what this kit stored itself: `refresh` announces only the changes of others."""
        self._known.answers[answer.question] = answer

    def _park(self, parked: list[str], position: str) -> None:
        self._known.parked = self.folder.write_state(parked=parked, position=position)["parked"]

    # --- followers -------------------------------------------------------------------------------

    def show_as(self, name: str, shown: Shown) -> Shown:
        """Registers an object on screen under a name; the object that had this name before is closed."""
        with self._lock:
            previous = self._followers.pop(name, None)
            self._followers[name] = shown
        if previous is not None:
            previous.close()
        return shown

    def shared(self, kind: type[Shown]) -> Shown:
        """The one object of a type that all widgets of this assessment share; created on first use."""
        with self._lock:
            found = self._followers.get(kind.__name__)
            if not isinstance(found, kind):
                found = self.show_as(kind.__name__, kind())
            return found

    def close(self) -> None:
        """Closes all widgets on screen. Answers are stored already."""
        with self._lock:
            followers = list(self._followers.values())
            self._followers.clear()
        for follower in followers:
            follower.close()

    def _announce(self, change: Change) -> None:
        for follower in list(self._followers.values()):
            follower.changed(change)
