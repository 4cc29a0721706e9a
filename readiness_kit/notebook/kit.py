"""The facade: each cell of a notebook calls one method of `Kit`."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from readiness_kit.checklist import load_checklist
from readiness_kit.collect import Sources
from readiness_kit.errors import ConfigError
from readiness_kit.fixes.proof import prove
from readiness_kit.fixes.writing.bundle import chosen_fixes, files, write_files
from readiness_kit.model import Profile, Section
from readiness_kit.notebook import cards, views, widgets
from readiness_kit.notebook.collection import CollectionRequest, collect_now
from readiness_kit.notebook.controller import Controller
from readiness_kit.notebook.hub import Hub
from readiness_kit.notebook.views import agenda, overview, summaries, view
from readiness_kit.notebook.views.links import report_written, section_named
from readiness_kit.notebook.views.redrawn import Redrawn
from readiness_kit.notebook.views.tables import Tables
from readiness_kit.notebook.views.view import NOTHING_COLLECTED, View, sentence
from readiness_kit.report.rendering.page import ReportPage
from readiness_kit.report.rendering.render import render
from readiness_kit.workspace.folder import Folder

PRESENTER_VARIABLE = "READINESS_PRESENTER"


class Kit(Controller):
    """An open assessment. All lasting state is in `folder`; a kit can be discarded at any time."""

    def __repr__(self) -> str:
        return f"<the assessment in {self.folder.path}>"

    # --- start -----------------------------------------------------------------------------------

    def welcome(self) -> Redrawn:
        """What this assessment contains, and the next step."""
        return self._redrawn("welcome", lambda: overview.welcome(self))

    def about(self) -> widgets.AssessmentForm:
        """The form for customer, assessor, date, participants, profile and the look of the report."""
        return self.show_as("about", widgets.AssessmentForm(self))

    def workshop(self) -> widgets.WorkshopForm:
        """The form for the beginning and the length of the workshop; the panel shows the time left."""
        return self.show_as("workshop", widgets.WorkshopForm(self))

    def agenda(self, start: str = "") -> Redrawn:
        """The agenda of the workshop, beginning at `start` (HH:MM) instead of the time that was planned."""
        return self._redrawn("agenda", lambda: agenda.agenda(self, start))

    def presenter(self, on: bool = True) -> View:
        """Larger text and hidden code, with a check box to switch it off; `readiness lab --presenter` sets it."""
        return view.presenter(on)

    # --- evidence --------------------------------------------------------------------------------

    def connect(self, context: str = "", kubeconfig: str = "", namespaces: Sequence[str] = ()) -> widgets.StartPanel:
        """The start panel: the source of evidence, connection tests, and a button that collects."""
        return self.show_as("connect", widgets.StartPanel(self, context, kubeconfig, tuple(namespaces)))

    def collect(
        self, context: str = "", kubeconfig: str = "", namespaces: Sequence[str] = (), weaviate: str = ""
    ) -> View:
        """Reads the cluster now, with progress, and returns what was read and what was not."""
        cluster = self.settings.cluster
        request = CollectionRequest(
            kubeconfig or cluster.kubeconfig,
            context or cluster.context,
            tuple(namespaces) or cluster.namespaces,
            weaviate or cluster.weaviate,
            Sources.of(cluster),
        )
        return collect_now(self, request)

    @cached_property
    def show(self) -> Tables:
        """Evidence as tables, for example `kit.show.zones()`."""
        return Tables(self)

    @cached_property
    def chart(self) -> views.Charts:
        """Evidence as charts, for example `kit.chart.usage()`."""
        return views.Charts(self)

    def advice(self) -> View:
        """Sizing advice from the history of usage: ratio, reason, and Helm values to paste."""
        return views.advice_view(self.session.facts)

    def what_if(self) -> widgets.WhatIf | View:
        """The effect of data growth, quantisation or more pods: a chart that follows the controls."""
        if self.session.facts is None:
            return sentence(f"What if: {NOTHING_COLLECTED}.")
        return self.show_as("what_if", widgets.WhatIf(self))

    # --- fixes -----------------------------------------------------------------------------------

    def plan(self) -> Redrawn:
        """The fixes for this cluster in waves, and what each wave leads to."""
        return self._redrawn("plan", self._plan)

    def _plan(self) -> View:
        if self.session.facts is None:
            return sentence(f"Plan: {NOTHING_COLLECTED}.")
        return views.plan_view(self.session.plan())

    def fix(self, *ids: str, out: str | Path | None = None) -> View:
        """Proves the fixes with these ids, or all, on the snapshot, and writes their files to `out` if it is given.

        Nothing is applied to the cluster. Raises UsageError for a fix that this cluster does not need.
        """
        if self.session.facts is None:
            return sentence(f"Fixes: {NOTHING_COLLECTED}.")
        plan = self.session.plan(project=False)
        chosen = chosen_fixes(plan, ids)
        proof = prove(self.assessment, self.session.facts, chosen, self.settings)
        written = write_files(Path(out), files(plan, chosen, self.session.facts)) if out is not None else ()
        return views.proof_view(proof, chosen, written)

    # --- questions -------------------------------------------------------------------------------

    @cached_property
    def _hub(self) -> Hub:
        return self.show_as("hub", Hub(self))

    def ask(self, question_id: str) -> cards.Card:
        """The card of one question, with the answer that is stored now. Raises UsageError for an unknown id."""
        return self._hub.card(self.session.checklist.get(question_id))

    def extended(self, section: str) -> cards.CardStack | View:
        """The extended questions of a section, or in the core profile a list of them and how to enable them."""
        chapter = section_named(section)
        questions = [q for q in load_checklist().section(chapter) if q.profile is Profile.EXTENDED]
        if self.settings.profile is Profile.EXTENDED:
            return cards.CardStack(self.ask(question.id) for question in questions)
        return overview.extended_questions(chapter, questions)

    def next(self, section: str) -> Redrawn:
        """Links to the next section with questions, or to the report, and back to the start page."""
        chapter = section_named(section)
        return self._redrawn("next", lambda: overview.next_section(self.assessment, chapter))

    def parked(self) -> Redrawn:
        """The parked questions, with links to them."""
        return self._redrawn("parked", lambda: overview.parked(self))

    def progress(self, section: str = "") -> Redrawn:
        """Answered and open questions, contradictions and gaps, of a section or of the whole assessment."""
        if not section:
            return self._redrawn("progress", lambda: overview.whole_progress(self))
        return self._live("progress", section, lambda chapter: overview.section_progress(self, chapter))

    def summary(self, section: str = "") -> Redrawn:
        """Score and verdicts of a section or of the whole assessment, the most urgent first."""
        if not section:
            return self._redrawn("summary", lambda: summaries.whole_summary(self.assessment))
        return self._live("summary", section, lambda chapter: summaries.section_summary(self, chapter))

    def _redrawn(self, name: str, draw: Callable[[], View]) -> Redrawn:
        return self.show_as(name, Redrawn(draw))

    def _live(self, name: str, section: str, draw: Callable[[Section], View]) -> Redrawn:
        chapter = section_named(section)

        def draw_section() -> View:
            asked = self.session.checklist.section(chapter)
            return draw(chapter) if asked else overview.no_questions(chapter)

        return self.show_as(f"{name} {section}", widgets.LiveView(self, draw_section))

    # --- report ----------------------------------------------------------------------------------

    @property
    def report(self) -> ReportPage:
        """The chapters of the report, one for each cell of 90_report."""
        session = self.session
        return ReportPage(self.assessment, session.settings, session.snapshot, session.facts, folder=self.folder.path)

    def plan_form(self) -> widgets.PlanForm | View:
        """The fixes of the plan, each with fields for its owner, due date and state."""
        if self.session.facts is None:
            return sentence(f"Plan: {NOTHING_COLLECTED}.")
        return self.show_as("plan form", widgets.PlanForm(self))

    def write_report(self) -> widgets.ReportButton:
        """A button that writes the HTML report into the folder `reports/` and links to it."""
        return self.show_as("report", widgets.ReportButton(self))

    def export(self, out: str | Path | None = None) -> View:
        """Writes the HTML report now and returns a link to it."""
        return report_written(render(self.folder, Path(out) if out else None))


_open: dict[Path, Kit] = {}
"""By folder: opening an assessment again closes the widgets of the previous run, which would otherwise pile up."""


def open_assessment(folder: str | Path | None = None) -> Kit:
    """Opens an assessment: that in `folder`, in `$READINESS_DIR`, or in the nearest parent with a readiness.yaml.

    If there is none, one is created in the current folder, or in its parent if the current folder is `notebooks`.
    """
    kit = Kit(_folder(folder))
    if (previous := _open.pop(kit.folder.path, None)) is not None:
        previous.close()
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
