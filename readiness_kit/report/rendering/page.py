"""The methods that 90_report.ipynb calls: one for each chapter, for the notebook and the file alike."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from markupsafe import Markup

from readiness_kit.errors import UsageError
from readiness_kit.labels import SECTION_TITLES
from readiness_kit.markup import clean
from readiness_kit.model import Assessment, Section, Settings
from readiness_kit.report import content
from readiness_kit.report.chapters import (
    actions,
    changes,
    charts,
    contradictions,
    ecosystem,
    risks,
    scope,
    scope_summary,
    sign_off,
    waivers,
)
from readiness_kit.report.chapters.cover import cover
from readiness_kit.report.chapters.drain import drain
from readiness_kit.report.chapters.questions import section, section_id
from readiness_kit.report.chapters.remedy import Remedies
from readiness_kit.report.chapters.sizing import sizing
from readiness_kit.report.content import Content
from readiness_kit.report.privacy import pseudonyms
from readiness_kit.report.rendering import branding
from readiness_kit.report.rendering.fragment import Fragment
from readiness_kit.snapshot import Snapshot
from readiness_kit.workspace.folder import Folder

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts


_LAST_PARTS: dict[Section, Callable[[ClusterFacts | None], Markup]] = {
    Section.HIGH_AVAILABILITY: drain,
    Section.RESOURCE_MANAGEMENT: sizing,
}
"""What a section ends with, made from facts."""


class Chapter(Protocol):
    """A module of `report.chapters`."""

    ID: str
    TITLE: str

    def chapter(self, content: Content, /) -> Markup:
        """The HTML of the chapter; empty where the content has nothing for it."""


class ReportPage:
    """The chapters of one assessment. `folder` is the assessment folder: of its logo, milestones and snapshots."""

    def __init__(
        self,
        assessment: Assessment,
        settings: Settings,
        snapshot: Snapshot | None = None,
        facts: ClusterFacts | None = None,
        *,
        folder: Path | None = None,
    ) -> None:
        home = Folder(folder) if folder is not None else None
        since = content.since(home, assessment, snapshot) if home is not None else None
        # Names of the cluster are written into remedies only where they may be shown.
        named = not pseudonyms.requested()
        whole = content.content(assessment, settings, snapshot, facts, folder=folder, since=since, names=named)
        self._content = content.with_folder(whole, home) if home is not None else whole
        if pseudonyms.requested():
            if home is None:
                raise UsageError("pseudonyms need an assessment folder, which keeps their key", "open a folder")
            self._content, _ = content.pseudonymise(self._content, home, keep_notes=pseudonyms.keeps_notes())

    @classmethod
    def of(cls, whole: Content) -> ReportPage:
        """The page of existing content."""
        page = cls.__new__(cls)
        page._content = whole
        return page

    @cached_property
    def _remedies(self) -> Remedies:
        return Remedies(self._content)

    @cached_property
    def _figures(self) -> charts.Figures:
        return charts.Figures(self._content)

    def _fragment(self, module: Chapter) -> Fragment:
        return Fragment(module.chapter(self._content), ((module.ID, module.TITLE),))

    def cover(self) -> Fragment:
        """The first screen, with title, colours and file name of the document."""
        whole = self._content
        mark = whole.settings.branding
        head = {
            "title": clean(whole.subject.title),
            "running": branding.css_string(whole.subject.title),
            "file_name": whole.subject.file_name,
            "author": clean(whole.settings.assessor or "Weaviate readiness kit"),
            "variables": branding.css_variables(mark),
        }
        return Fragment(cover(whole, branding.marks(mark, whole.folder, whole.settings.customer)), head=head)

    def contradictions(self) -> Fragment:
        """Answers that the cluster contradicts."""
        return self._fragment(contradictions)

    def actions(self) -> Fragment:
        """The action plan."""
        return self._fragment(actions)

    def section(self, value: Section | str) -> Fragment:
        """One section of the checklist."""
        which = Section(value)
        last = _LAST_PARTS.get(which)
        part = last(self._content.facts) if last is not None else None
        html = section(self._content.assessment, which, self._remedies, self._figures, part)
        return Fragment(html, ((section_id(which), SECTION_TITLES[which]),))

    def sections(self) -> Fragment:
        """All sections of the checklist."""
        whole = Fragment("")
        for value in Section:
            whole += self.section(value)
        return whole

    def charts(self) -> Fragment:
        """The charts without a question; empty where no cluster was read."""
        return Fragment(charts.chapter(self._figures), ((charts.ID, charts.TITLE),))

    def changes(self) -> Fragment:
        """What changed since the last milestone, otherwise since the snapshot before; empty for a first assessment."""
        return self._fragment(changes)

    def ecosystem(self) -> Fragment:
        """The tools found in the cluster; empty where no cluster was read."""
        return self._fragment(ecosystem)

    def scope(self) -> Fragment:
        """What was read, what was not, and the thresholds."""
        return self._fragment(scope)

    def waivers(self) -> Fragment:
        """Accepted risks and the audit of the waivers."""
        return self._fragment(waivers)

    def sign_off(self) -> Fragment:
        """Signatures and contact."""
        return self._fragment(sign_off)

    # --- the executive report ----------------------------------------------------------------------

    def risks(self) -> Fragment:
        """The contradictions in short."""
        return self._fragment(risks)

    def key_charts(self) -> Fragment:
        """The four charts of the executive report; empty where no cluster was read."""
        return Fragment(charts.key_charts(self._content), ((charts.ID, charts.KEY_TITLE),))

    def scope_summary(self) -> Fragment:
        """What was read and how it was judged, in short."""
        return self._fragment(scope_summary)
