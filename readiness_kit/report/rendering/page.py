"""What 90_report.ipynb calls: one method a chapter, each returning something that notebook and file both show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from readiness_kit.errors import UsageError
from readiness_kit.labels import SECTION_TITLES
from readiness_kit.markup import clean
from readiness_kit.model import Assessment, Section, Settings
from readiness_kit.report.chapters import actions as actions_chapter
from readiness_kit.report.chapters import changes as changes_chapter
from readiness_kit.report.chapters import charts as charts_chapter
from readiness_kit.report.chapters import contradictions as contradictions_chapter
from readiness_kit.report.chapters import cover as cover_page
from readiness_kit.report.chapters import ecosystem as ecosystem_chapter
from readiness_kit.report.chapters import questions
from readiness_kit.report.chapters import scope as scope_chapter
from readiness_kit.report.chapters import sign_off as sign_off_chapter
from readiness_kit.report.chapters import sizing as sizing_table
from readiness_kit.report.chapters import waivers as waivers_chapter
from readiness_kit.report.content import Content
from readiness_kit.report.privacy import pseudonyms
from readiness_kit.report.rendering import branding
from readiness_kit.report.rendering.fragment import Fragment
from readiness_kit.snapshot import Snapshot
from readiness_kit.workspace.folder import Folder

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts


class ReportPage:
    """The chapters of one assessment. `folder` is the assessment folder, which logo, milestones and earlier
    snapshots come from."""

    def __init__(
        self,
        assessment: Assessment,
        settings: Settings,
        snapshot: Snapshot | None = None,
        facts: ClusterFacts | None = None,
        *,
        folder: Path | None = None,
    ) -> None:
        from readiness_kit.report import content

        home = Folder(folder) if folder is not None else None
        since = content.since(home, assessment, snapshot) if home is not None else None
        # Names of the cluster are written into remedies only where they may be shown.
        named = not pseudonyms.wanted()
        self._content = content.content(assessment, settings, snapshot, facts, folder=folder, since=since, names=named)
        if pseudonyms.wanted():
            if home is None:
                raise UsageError("pseudonyms need an assessment folder, which keeps their key", "open one")
            self._content, _ = content.pseudonymise(self._content, home)

    @classmethod
    def of(cls, whole: Content) -> ReportPage:
        """The page of a content that is put together already."""
        page = cls.__new__(cls)
        page._content = whole
        return page

    def cover(self) -> Fragment:
        """The first screen, and title, colours and file name of the document."""
        whole = self._content
        mark = whole.settings.branding
        head = {
            "title": clean(whole.subject.title),
            "running": branding.css_string(whole.subject.title),
            "file_name": whole.subject.file_name,
            "variables": branding.css_variables(mark),
        }
        return Fragment(cover_page.cover(whole, branding.logo(mark, whole.folder)), head=head)

    def contradictions(self) -> Fragment:
        """Answers that the cluster refutes, side by side."""
        html = contradictions_chapter.contradictions(self._content.assessment)
        return Fragment(html, ((contradictions_chapter.ID, contradictions_chapter.TITLE),))

    def actions(self) -> Fragment:
        """The action plan."""
        return Fragment(
            actions_chapter.actions(self._content.assessment), ((actions_chapter.ID, actions_chapter.TITLE),)
        )

    def section(self, value: Section | str) -> Fragment:
        """One chapter of the checklist."""
        which = Section(value)
        more = sizing_table.sizing(self._content.facts) if which is Section.RESOURCE_MANAGEMENT else ""
        html = questions.section(self._content.assessment, which, more)
        return Fragment(html, ((questions.section_id(which), SECTION_TITLES[which]),))

    def sections(self) -> Fragment:
        """All chapters of the checklist."""
        whole = Fragment("")
        for value in Section:
            whole += self.section(value)
        return whole

    def charts(self) -> Fragment:
        """The charts; nothing where no cluster was read."""
        html = charts_chapter.charts(self._content.assessment, self._content.facts)
        return Fragment(html, ((charts_chapter.ID, charts_chapter.TITLE),))

    def changes(self) -> Fragment:
        """What changed since the last milestone, else since the snapshot before; nothing where this is the first."""
        html = changes_chapter.changes(self._content.since)
        return Fragment(html, ((changes_chapter.ID, changes_chapter.TITLE),))

    def ecosystem(self) -> Fragment:
        """The tools that were found in the cluster; nothing where no cluster was read."""
        html = ecosystem_chapter.ecosystem(self._content)
        return Fragment(html, ((ecosystem_chapter.ID, ecosystem_chapter.TITLE),))

    def scope(self) -> Fragment:
        """What was read, what was not, by which numbers it was judged."""
        html = scope_chapter.scope(self._content)
        return Fragment(html, ((scope_chapter.ID, scope_chapter.TITLE),))

    def waivers(self) -> Fragment:
        """Accepted risks and the audit of the waivers."""
        return Fragment(
            waivers_chapter.waivers(self._content.assessment), ((waivers_chapter.ID, waivers_chapter.TITLE),)
        )

    def sign_off(self) -> Fragment:
        """Signatures and contact."""
        html = sign_off_chapter.sign_off(self._content)
        return Fragment(html, ((sign_off_chapter.ID, sign_off_chapter.TITLE),))
