"""Score and verdicts, question by question: of a section or of the whole assessment, the most urgent first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from markupsafe import Markup

from readiness_kit.labels import (
    LEVEL_SIGNS,
    LEVEL_WORDS,
    SCORE_EXPLAINED,
    SECTION_TITLES,
    SEVERITY_WORDS,
    STATE_ORDER,
    STATE_SIGNS,
    STATE_WORDS,
    score_text,
)
from readiness_kit.markup import esc, limited, table
from readiness_kit.model import Assessment, Level, Question, Section, Verdict
from readiness_kit.notebook.views.links import card_link, notebook_link
from readiness_kit.notebook.views.overview import section_progress
from readiness_kit.notebook.views.view import View

if TYPE_CHECKING:
    from readiness_kit.notebook.controller import Controller


def section_summary(controller: Controller, section: Section) -> View:
    """Score and verdicts of a section with links to its cards, then its progress."""
    assessment = controller.assessment
    line = score_text(assessment.sections[section])
    verdicts = [verdict for verdict in assessment.verdicts if verdict.question.section is section]
    head = f'<p class="q">{esc(SECTION_TITLES[section])}</p><p>{esc(line)}.</p>'
    progress = section_progress(controller, section)
    return View(f"{head}{_verdict_table(verdicts, card_link)}{progress.body}", f"{progress.text}\n{line}")


def whole_summary(assessment: Assessment) -> View:
    """Level, score and all verdicts, with links to the notebooks."""
    sign, word = LEVEL_SIGNS[assessment.level], LEVEL_WORDS[assessment.level]
    reason = assessment.level_why if assessment.level is not Level.READY else ""
    line = score_text(assessment.total)
    head = f'<p class="q">{sign} {esc(word)}</p><p>{esc(reason)}</p><p>{esc(line)}. {esc(SCORE_EXPLAINED)}</p>'
    return View(f"{head}{_verdict_table(assessment.verdicts, notebook_link)}", f"{word}. {line}")


def _verdict_table(verdicts: Iterable[Verdict], link: Callable[[Question], Markup]) -> Markup:
    rows = [
        (
            f"{STATE_SIGNS[verdict.state]} {STATE_WORDS[verdict.state]}",
            link(verdict.question),
            SEVERITY_WORDS[verdict.severity],
            limited(verdict.finding.sentence if verdict.finding else "", 220),
        )
        for verdict in sorted(verdicts, key=lambda verdict: STATE_ORDER.index(verdict.state))
    ]
    return table(("Verdict", "Question", "Severity", "Evidence"), rows, caption="Verdicts")
