"""The state of an open assessment: session, answers and settings, and the objects on screen that follow them."""

from __future__ import annotations

import threading
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

import msgspec

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
    PARKED = "a question was parked"
    REASON_MISSING = "not applicable was chosen without a reason; nothing was stored"


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


class Controller:
    """One assessment folder, shared by all widgets and views of a notebook. All lasting state is in `folder`."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self._lock = threading.RLock()
        self._session = Session.of_environment(folder)
        self._judged: Assessment | None = None
        self._reason_missing: set[str] = set()
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
        """All verdicts, computed from the answers that are stored now."""
        with self._lock:
            self._judged = self._session.assessment()
            return self._judged

    def verdict(self, question_id: str) -> Verdict:
        """The verdict on one question in the latest judgement. Raises UsageError for an unknown id."""
        self._session.checklist.get(question_id)
        judged = self._judged or self.assessment
        return next(verdict for verdict in judged.verdicts if verdict.question.id == question_id)

    def forget_verdicts(self) -> None:
        """Judges again when a verdict is next needed, because another kernel can have stored answers."""
        self._judged = None

    def reload(self) -> None:
        """Reads the folder again: after a new snapshot, or after settings were edited by hand."""
        with self._lock:
            self._session = Session.of_environment(self.folder)
            self._judged = None
            self._announce(Change(Event.RELOADED))

    def write_settings(self, **changes: Any) -> None:
        """Sets fields of `readiness.yaml` (`kit.write_settings(customer="…")`) and applies them."""
        self.folder.write_settings(**changes)
        self.reload()

    # --- answers ---------------------------------------------------------------------------------

    def answer(self, question_id: str, value: Choice | str | None, **details: Any) -> None:
        """Stores an answer: `kit.answer("ha.multi_az", "yes", note="…")`.

        Not applicable is stored together with its `reason`; without a reason it is not stored until one is given.
        """
        with self._lock:
            choice = Choice(value) if value is not None else None
            changed = msgspec.structs.replace(self._stored(question_id), value=choice, **details)
            if choice is Choice.NOT_APPLICABLE and not changed.reason:
                self._reason_missing.add(question_id)
                self._announce(Change(Event.REASON_MISSING, question_id))
                return
            self._reason_missing.discard(question_id)
            self._store(changed)
            parked = [parked_id for parked_id in self.parked_ids if parked_id != question_id]
            self.folder.write_state(parked=parked, position=question_id)
            self._announce(Change(Event.ANSWERED, question_id))

    def detail(self, question_id: str, name: str, value: Any) -> None:
        """Stores one detail of an answer; a reason also stores the pending "not applicable"."""
        with self._lock:
            changes: dict[str, Any] = {name: value}
            if name == "reason" and value and question_id in self._reason_missing:
                changes["value"] = Choice.NOT_APPLICABLE
                self._reason_missing.discard(question_id)
            self._store(msgspec.structs.replace(self._stored(question_id), **changes))
            self._announce(Change(Event.DETAIL_SAVED, question_id))

    def confirm(self, question_id: str, by: str = "") -> None:
        """Records that the proof of an answer was checked, by default by the assessor of the settings."""
        with self._lock:
            self._session.checklist.get(question_id)
            self.folder.answers.confirm(question_id, by or self.settings.assessor)
            self._judged = None
            self._announce(Change(Event.DETAIL_SAVED, question_id))

    def park(self, question_id: str) -> None:
        """Postpones a question: its answer is not changed, and `kit.parked()` lists it until it is answered."""
        with self._lock:
            self._session.checklist.get(question_id)
            self.folder.write_state(parked=[*self.parked_ids, question_id], position=question_id)
            self._announce(Change(Event.PARKED, question_id))

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
        self.folder.answers.put(msgspec.structs.replace(answer, revision=revision))
        self._judged = None

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
