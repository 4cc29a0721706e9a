"""Where an assessment stands, question by question. Pure: Assessment in, Face out."""

from __future__ import annotations

from collections.abc import Callable

from readiness_kit.labels import (
    LEVEL_SIGNS,
    LEVEL_WORDS,
    SECTION_TITLES,
    SEVERITY_WORDS,
    STATE_SIGNS,
    STATE_WORDS,
    percent,
)
from readiness_kit.markup import esc, plain_table
from readiness_kit.model import Assessment, Level, Section, State, Verdict
from readiness_kit.notebook.views.links import in_page
from readiness_kit.notebook.views.overview import link
from readiness_kit.notebook.views.view import View, scrolled

ORDER = (
    State.CONTRADICTED,
    State.GAP,
    State.PARTLY,
    State.OPEN,
    State.ACCEPTED,
    State.ATTESTED,
    State.VERIFIED,
    State.NOT_APPLICABLE,
)


def no_questions(section: Section) -> View:
    """For a section that has questions in the extended profile only."""
    text = f"{SECTION_TITLES[section]}: no questions in this profile."
    return View(f"<p>{esc(text)}</p>", text)


def of_section(assessment: Assessment, section: Section) -> View:
    """Score of a section, then its questions, the urgent ones on top, each with a link to its card."""
    score = assessment.sections[section]
    verdicts = [verdict for verdict in assessment.verdicts if verdict.question.section is section]
    line = f"Score {percent(score.score)}, {percent(score.coverage)} of the questions judged"
    head = f'<p class="q">{esc(SECTION_TITLES[section])}</p><p>{esc(line)}.</p>'
    return View(head + _rows(verdicts, lambda verdict: in_page(verdict.question)), line)


def of_all(assessment: Assessment) -> View:
    """Level, score, and every question with its verdict, the urgent ones on top."""
    sign, word = LEVEL_SIGNS[assessment.level], LEVEL_WORDS[assessment.level]
    why = assessment.level_why if assessment.level is not Level.READY else ""
    total = assessment.total
    line = f"Score {percent(total.score)}, {percent(total.coverage)} of the questions judged"
    head = f'<p class="q">{sign} {esc(word)}</p><p>{esc(why)}</p><p>{esc(line)}.</p>'
    return View(head + _rows(list(assessment.verdicts), link), f"{word}. {line}")


def _rows(verdicts: list[Verdict], linked: Callable[[Verdict], str]) -> str:
    rows = [
        [
            f"{STATE_SIGNS[verdict.state]} {STATE_WORDS[verdict.state]}",
            linked(verdict),
            SEVERITY_WORDS[verdict.severity],
            esc(verdict.finding.sentence if verdict.finding else "", 220),
        ]
        for verdict in sorted(verdicts, key=lambda verdict: ORDER.index(verdict.state))
    ]
    return scrolled(plain_table(("Verdict", "Question", "Severity", "Evidence"), rows), "the verdicts")
