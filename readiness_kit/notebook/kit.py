"""The facade: everything a notebook cell calls hangs on one `Kit`."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from readiness_kit.errors import ConfigError
from readiness_kit.model import Answer, Assessment, Choice, Section, Settings, Verdict
from readiness_kit.notebook.views import overview, summaries, view
from readiness_kit.notebook.views.links import section_named
from readiness_kit.notebook.views.live import Live, Redrawn
from readiness_kit.notebook.views.view import View
from readiness_kit.notebook.widgets.answer_details import Details
from readiness_kit.notebook.widgets.question_card import PARK, Card
from readiness_kit.notebook.widgets.styles import Styles
from readiness_kit.workspace.folder import Folder
from readiness_kit.workspace.session import Session

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts
    from readiness_kit.notebook.views.charts import Charts
    from readiness_kit.notebook.views.tables import Views
    from readiness_kit.notebook.widgets.assessment_form import About
    from readiness_kit.notebook.widgets.extended import CardStack
    from readiness_kit.notebook.widgets.report_panel import NextActions, ReportButton
    from readiness_kit.notebook.widgets.start_panel import StartPanel
    from readiness_kit.notebook.widgets.what_if import WhatIf
    from readiness_kit.report.rendering.page import ReportPage

PRESENTER_VARIABLE = "READINESS_PRESENTER"
Closable = TypeVar("Closable", bound=Any)
Following = TypeVar("Following", Live, Redrawn)


class Kit:
    """An open assessment. `folder` holds all that is remembered; the kit itself can be thrown away."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self._lock = threading.RLock()
        self._session = Session(folder)
        self._cards: dict[str, Card] = {}
        self._editors: dict[Section, Details] = {}
        self._waiting_for_reason: set[str] = set()
        self._live: dict[str, Live | Redrawn] = {}
        self._boxes: dict[str, Any] = {}
        self._judged: Assessment | None = None

    def __repr__(self) -> str:
        return f"<the assessment in {self.folder.path}>"

    # --- what is known ---------------------------------------------------------------------------

    @property
    def session(self) -> Session:
        """What the folder holds, judged; the views and the panel read it."""
        return self._session

    @property
    def settings(self) -> Settings:
        return self._session.settings

    @property
    def facts(self) -> ClusterFacts:
        """The frames of the newest snapshot (`kit.facts.pods`, …), or an error that says why there are none."""
        return self._session.require_facts()

    @property
    def assessment(self) -> Assessment:
        """All verdicts, judged anew from the stored answers."""
        with self._lock:
            self._judged = self._session.assessment()
            return self._judged

    def verdict(self, question_id: str) -> Verdict:
        """The verdict on one question by the newest judgement."""
        self._session.checklist.get(question_id)
        judged = self._judged or self.assessment
        return next(verdict for verdict in judged.verdicts if verdict.question.id == question_id)

    def reload(self) -> None:
        """Forgets what was read from the folder: for a new snapshot, or settings edited by hand."""
        with self._lock:
            self._session = Session(self.folder)
            self._judged = None
            for card in self._cards.values():
                card.refresh()
            if (about := self._boxes.get("about")) is not None:
                about.refresh()
            for live in self._live.values():
                live.refresh()

    def write_settings(self, **changes: Any) -> None:
        """Sets fields of `readiness.yaml` (`kit.write_settings(customer="…")`) and judges by them from now on."""
        self.folder.write_settings(**changes)
        self.reload()

    # --- beginning -------------------------------------------------------------------------------

    def welcome(self) -> Redrawn:
        """What this assessment holds, and what to do next."""
        return self.following("welcome", lambda: overview.welcome(self))

    def about(self) -> About:
        """The form for customer, assessor, date, participants, profile and the look of the report."""
        from readiness_kit.notebook.widgets.assessment_form import About

        return self._replace("about", About(self))

    def agenda(self, start: str = "10:00") -> Redrawn:
        """The workshop by the clock, from `start` on."""
        return self.following("agenda", lambda: overview.agenda(self.assessment, start))

    def presenter(self, on: bool = True) -> View:
        """Larger type and no code, with a check box that takes it back. `readiness lab --presenter` begins with it."""
        return view.presenter(on)

    # --- connecting ------------------------------------------------------------------------------

    def connect(self, context: str = "", kubeconfig: str = "", namespaces: Sequence[str] = ()) -> StartPanel:
        """The start panel: which cluster, what is known of it, and a button that collects."""
        from readiness_kit.notebook.widgets.start_panel import StartPanel

        return self._replace("panel", StartPanel(self, context, kubeconfig, tuple(namespaces)))

    def collect(
        self, context: str = "", kubeconfig: str = "", namespaces: Sequence[str] = (), weaviate: str = ""
    ) -> View:
        """Reads the cluster now, with progress, and returns what was read and what was not."""
        from readiness_kit.collect import Sources
        from readiness_kit.notebook.collection import CollectionRequest, collect_now

        cluster = self.settings.cluster
        spaces = tuple(namespaces) or cluster.namespaces
        wanted = CollectionRequest(
            kubeconfig or cluster.kubeconfig, context or cluster.context, spaces, weaviate or cluster.weaviate,
            Sources.of(cluster),
        )  # fmt: skip
        return collect_now(self, wanted)

    def close(self) -> None:
        """Frees every widget that this kit shows; what was answered is stored."""
        with self._lock:
            shown = (self._cards, self._editors, self._live, self._boxes)
            for one in [box for group in shown for box in group.values()]:
                one.close()
            for group in shown:
                group.clear()
            if (looks := self.__dict__.pop("looks", None)) is not None:
                looks.close()

    def _replace(self, name: str, box: Closable) -> Closable:
        """What is shown again closes what it was before."""
        if (old := self._boxes.pop(name, None)) is not None:
            old.close()
        self._boxes[name] = box
        return box

    # --- asking ----------------------------------------------------------------------------------

    @cached_property
    def looks(self) -> Styles:
        return Styles()

    def ask(self, question_id: str) -> Card:
        """The card of one question; showing it again shows what is stored by now."""
        with self._lock:
            question = self._session.checklist.get(question_id)
            if (old := self._cards.pop(question_id, None)) is not None:
                old.close()
            self._judged = None
            card = self._cards[question_id] = Card(self, question)
            return card

    def extended(self, section: str) -> CardStack | View:
        """The questions of a section beyond the core, or what they would add and how to switch them on."""
        from readiness_kit.notebook.widgets.extended import extended

        return extended(self, section_named(section))

    def details(self, section: str) -> Details | View:
        """The editor for notes, links, owners, due dates and cadences of a section's questions."""
        with self._lock:
            chapter = section_named(section)
            if not self._session.checklist.section(chapter):
                return summaries.no_questions(chapter)
            if (old := self._editors.pop(chapter, None)) is not None:
                old.close()
            editor = self._editors[chapter] = Details(self, self._session.checklist.section(chapter))
            return editor

    def answer(self, question_id: str, value: Choice | str | None, **details: Any) -> None:
        """Stores an answer (`kit.answer("ha.multi_az", "yes", note="…")`) and shows it on the card.

        Not applicable is stored together with its `reason`; without one it waits for it.
        """
        with self._lock:
            choice = Choice(value) if value is not None else None
            stored = self.folder.answers.get(question_id) or Answer(question_id)
            changed = msgspec.structs.replace(stored, value=choice, **details)
            if choice is Choice.NOT_APPLICABLE and not changed.reason:
                self._wait_for_reason(question_id)
                return
            self._waiting_for_reason.discard(question_id)
            self._unpark(question_id)
            self._store(changed)
            self._in_hand(question_id)
            self.folder.write_state(position=question_id)

    def detail(self, question_id: str, name: str, value: Any) -> None:
        """Stores one detail of an answer; a reason also stores the not applicable that waited for it."""
        with self._lock:
            stored = self.folder.answers.get(question_id) or Answer(question_id)
            changes: dict[str, Any] = {name: value}
            if name == "reason" and value and question_id in self._waiting_for_reason:
                changes["value"] = Choice.NOT_APPLICABLE
                self._waiting_for_reason.discard(question_id)
            self._store(msgspec.structs.replace(stored, **changes))

    @property
    def parked_ids(self) -> list[str]:
        """The ids of the questions that were put off, in the order in which they were."""
        return self.folder.state["parked"]

    def park(self, question_id: str) -> None:
        """Puts a question off: it stays as it is and stands in the list of `kit.parked()` until it is answered."""
        with self._lock:
            self._session.checklist.get(question_id)
            self.folder.write_state(parked=[*self.parked_ids, question_id], position=question_id)
            self._refresh(question_id, PARK, "parked for later")

    def _unpark(self, question_id: str) -> None:
        if question_id in (parked := self.parked_ids):
            self.folder.write_state(parked=[one for one in parked if one != question_id])

    def parked(self) -> Redrawn:
        """The parked questions, with links to them."""
        return self.following("parked", lambda: overview.parked(self))

    def _store(self, answer: Answer) -> None:
        revision = self._session.checklist.get(answer.question).revision
        self.folder.answers.put(msgspec.structs.replace(answer, revision=revision))
        self._judged = None
        self._refresh(answer.question, answer.value, "saved")

    def _refresh(self, question_id: str, value: Choice | str | None, notice: str) -> None:
        """Shows what was stored on the card, on those below it, and in the views that follow the answers."""
        for card in self._cards.values():
            if card.question.id == question_id:
                card.show_value(PARK if question_id in self.parked_ids else value)
                card.refresh(notice)
            elif card.question.parent == question_id:
                card.refresh()
        for live in self._live.values():
            live.refresh()

    def _wait_for_reason(self, question_id: str) -> None:
        self._waiting_for_reason.add(question_id)
        if (card := self._cards.get(question_id)) is not None:
            card.refresh("not saved yet: not applicable needs its reason, in the details below")
        for editor in self._editors.values():
            if editor.owns(question_id):
                editor.ask_for_reason(question_id)

    def _in_hand(self, question_id: str) -> None:
        for editor in self._editors.values():
            if editor.owns(question_id):
                editor.load(question_id)

    # --- looking ---------------------------------------------------------------------------------

    @cached_property
    def show(self) -> Views:
        """Views of the evidence: `kit.show.zones()`, `kit.show.scope()`, …"""
        from readiness_kit.notebook.views.tables import Views

        return Views(self)

    @cached_property
    def chart(self) -> Charts:
        """Charts of the evidence: `kit.chart.usage()`, `kit.chart.pods_by_zone()`, …"""
        from readiness_kit.notebook.views.charts import Charts

        return Charts(self)

    def advice(self) -> View:
        """Sizing advice from the history of usage: a ratio, a reason, and Helm values to paste."""
        from readiness_kit.notebook.widgets.what_if import advice_face

        return advice_face(self._session.facts)

    def what_if(self) -> WhatIf | View:
        """What if the data grow, vectors are quantised, pods are added: a chart that follows the controls."""
        from readiness_kit.notebook.widgets.what_if import WhatIf

        if self._session.facts is None:
            return View("<p>What if: nothing has been collected yet.</p>", "What if: nothing has been collected yet.")
        return self._replace("what_if", WhatIf(self))

    def progress(self, section: str = "") -> Live | Redrawn | View:
        """How far a section is (answered, open, contradictions), following the answers; or the whole."""
        if not section:
            return self.following("progress", lambda: overview.whole_progress(self))
        return self._follow("progress", section, lambda chapter: overview.section_progress(self, chapter))

    def summary(self, section: str = "") -> Live | Redrawn | View:
        """The verdicts of a section, following the answers, or of all; score and coverage, the urgent ones first."""
        if not section:
            return self.following("summary", lambda: summaries.of_all(self.assessment))
        return self._follow("summary", section, lambda chapter: self._section_summary(chapter))

    def _section_summary(self, section: Section) -> View:
        progress, verdicts = overview.section_progress(self, section), summaries.of_section(self.assessment, section)
        return View(verdicts.body + progress.body, f"{progress.text}\n{verdicts.text}")

    def _follow(self, what: str, section: str, draw: Callable[[Section], View]) -> Live | View:
        with self._lock:
            chapter = section_named(section)
            if not self._session.checklist.section(chapter):
                return summaries.no_questions(chapter)
            return self._shown(f"{what} {section}", Live(self, lambda: draw(chapter)))

    def following(self, name: str, draw: Callable[[], View]) -> Redrawn:
        """A view that is drawn anew after each save and after new evidence."""
        return self._shown(name, Redrawn(draw))

    def _shown(self, name: str, view: Following) -> Following:
        with self._lock:
            if (old := self._live.pop(name, None)) is not None:
                old.close()
            self._live[name] = view
            return view

    # --- handing over ----------------------------------------------------------------------------

    @property
    def report(self) -> ReportPage:
        """The report's chapters, one a cell of 90_report."""
        from readiness_kit.report.rendering.page import ReportPage

        session = self._session
        return ReportPage(self.assessment, session.settings, session.snapshot, session.facts, folder=self.folder.path)

    def next_actions(self) -> NextActions:
        """The five actions to begin with, each with its owner and due date to fill in."""
        from readiness_kit.notebook.widgets.report_panel import NextActions

        return self._replace("actions", NextActions(self))

    def write_report(self) -> ReportButton:
        """A button that writes the HTML report into the folder's `reports/` and links to it."""
        from readiness_kit.notebook.widgets.report_panel import ReportButton

        return self._replace("report", ReportButton(self))

    def export(self, out: str | Path | None = None) -> View:
        """Writes the HTML report now and says where it is."""
        from readiness_kit.notebook.widgets.report_panel import exported
        from readiness_kit.report.rendering.render import render

        return exported(render(self.folder, Path(out) if out else None))


_open: dict[Path, Kit] = {}
"""By folder: running a notebook again closes what its last run showed, or the widgets would pile up."""


def open_assessment(folder: str | Path | None = None) -> Kit:
    """Opens the assessment of a folder: the one given, `$READINESS_DIR`, or the nearest parent with a readiness.yaml.

    Where there is none yet, one is begun in the current folder (the parent, when that is `notebooks`).
    """
    kit = Kit(_folder(folder))
    if (old := _open.pop(kit.folder.path, None)) is not None:
        old.close()
    _open[kit.folder.path] = kit
    if os.environ.get(PRESENTER_VARIABLE):
        view.show(kit.presenter())
    return kit


def _folder(folder: str | Path | None) -> Folder:
    if folder is not None:
        chosen = Folder(Path(folder).expanduser())
        return chosen if (chosen.path / "readiness.yaml").exists() else chosen.create()
    try:
        return Folder.find()
    except ConfigError:
        here = Path.cwd()
        return Folder(here.parent if here.name == "notebooks" else here).create()
