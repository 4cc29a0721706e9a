"""What 90_report.ipynb calls: one method a chapter, each returning something that notebook and file both show.

A fragment travels under a media type of its own, which only the kit makes; the export lets nothing else in.
Beside it stands text/html with the style sheet scoped to it, for the notebook.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from readiness_kit import __version__, paths
from readiness_kit.markup import clean
from readiness_kit.model import Assessment, Section, Settings
from readiness_kit.report import branding
from readiness_kit.report.fragments import actions as actions_chapter
from readiness_kit.report.fragments import charts as charts_chapter
from readiness_kit.report.fragments import contradictions as contradictions_chapter
from readiness_kit.report.fragments import cover as cover_page
from readiness_kit.report.fragments import questions
from readiness_kit.report.fragments import scope as scope_chapter
from readiness_kit.report.fragments import sign_off as sign_off_chapter
from readiness_kit.report.fragments import waivers as waivers_chapter
from readiness_kit.report.subject import subject
from readiness_kit.snapshot import Snapshot
from readiness_kit.words import SECTION_TITLES

if TYPE_CHECKING:
    from readiness_kit.facts import Facts

MEDIA_TYPE = "application/vnd.readiness.fragment.v1+json"


class Fragment:
    """A piece of the report. `toc` holds (id, title) of its chapters; `head` is what the cover says to the page."""

    def __init__(self, html: str, toc: tuple[tuple[str, str], ...] = (), head: dict[str, Any] | None = None) -> None:
        self.html = html
        self.toc = toc if html else ()
        self.head = head or {}

    def __add__(self, other: Fragment) -> Fragment:
        return Fragment(self.html + other.html, self.toc + other.toc, {**self.head, **other.head})

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        content = {"html": self.html, "toc": [list(entry) for entry in self.toc], "head": self.head}
        return {MEDIA_TYPE: content, "text/html": self._repr_html_(), "text/plain": repr(self)}

    def _repr_html_(self) -> str:
        """The fragment as a notebook shows it, styled without touching what stands around it."""
        if not self.html:
            return ""
        variables = "".join(f"{key}:{value};" for key, value in self.head.get("variables", {}).items())
        own = f".rk-report{{{variables}}}" if variables else ""
        style = f"<style>.rk-notebook{{{stylesheet()}{own}}}</style>"
        return f'<div class="rk-notebook">{style}<div class="rk-report">{self.html}</div></div>'

    def __repr__(self) -> str:
        titles = ", ".join(title for _, title in self.toc)
        return f"<readiness report: {titles or 'cover'}>" if self.html else "<readiness report: nothing to show>"


def stylesheet() -> str:
    """The report's style sheet without its rules for printed pages, which cannot be nested."""
    whole = (paths.templates() / "readiness" / "static" / "readiness.css").read_text(encoding="utf-8")
    return whole.split("/* === pages", 1)[0]


class ReportPage:
    """The chapters of one assessment. `folder` is where relative logo paths count from."""

    def __init__(
        self,
        assessment: Assessment,
        settings: Settings,
        snapshot: Snapshot | None = None,
        facts: Facts | None = None,
        *,
        folder: Path | None = None,
    ) -> None:
        self._assessment = assessment
        self._settings = settings
        self._snapshot = snapshot
        self._facts = facts
        self._folder = folder
        self._subject = subject(assessment, settings, snapshot, facts)

    def cover(self) -> Fragment:
        """The first screen, and title, colours and file name of the document."""
        mark = self._settings.branding
        head = {
            "title": clean(self._subject.title),
            "running": branding.css_string(self._subject.title),
            "file_name": self._subject.file_name,
            "variables": branding.css_variables(mark),
        }
        html = cover_page.cover(self._assessment, self._settings, self._subject, branding.logo(mark, self._folder))
        return Fragment(html, head=head)

    def contradictions(self) -> Fragment:
        """Answers that the cluster refutes, side by side."""
        html = contradictions_chapter.contradictions(self._assessment)
        return Fragment(html, ((contradictions_chapter.ID, contradictions_chapter.TITLE),))

    def actions(self) -> Fragment:
        """The action plan."""
        return Fragment(actions_chapter.actions(self._assessment), ((actions_chapter.ID, actions_chapter.TITLE),))

    def section(self, value: Section | str) -> Fragment:
        """One chapter of the checklist."""
        which = Section(value)
        html = questions.section(self._assessment, which)
        return Fragment(html, ((questions.section_id(which), SECTION_TITLES[which]),))

    def sections(self) -> Fragment:
        """All chapters of the checklist."""
        whole = Fragment("")
        for value in Section:
            whole += self.section(value)
        return whole

    def charts(self) -> Fragment:
        """The charts; nothing where no cluster was read."""
        html = charts_chapter.charts(self._assessment, self._facts)
        return Fragment(html, ((charts_chapter.ID, charts_chapter.TITLE),))

    def scope(self) -> Fragment:
        """What was read, what was not, by which numbers it was judged."""
        html = scope_chapter.scope(self._assessment, self._settings, self._subject, self._snapshot, __version__)
        return Fragment(html, ((scope_chapter.ID, scope_chapter.TITLE),))

    def waivers(self) -> Fragment:
        """Accepted risks and the audit of the waivers."""
        return Fragment(waivers_chapter.waivers(self._assessment), ((waivers_chapter.ID, waivers_chapter.TITLE),))

    def sign_off(self) -> Fragment:
        """Signatures and contact."""
        html = sign_off_chapter.sign_off(self._assessment, self._settings, self._subject)
        return Fragment(html, ((sign_off_chapter.ID, sign_off_chapter.TITLE),))
