"""Where an assessment stands: progress, summaries, and where the report went. Pure: Assessment in, Face out."""

from __future__ import annotations

from pathlib import Path

from readiness_kit.markup import esc, table
from readiness_kit.model import Assessment, Level, Score, Section, State, Verdict
from readiness_kit.notebook.face import Face
from readiness_kit.words import (
    LEVEL_SIGNS,
    LEVEL_WORDS,
    SECTION_TITLES,
    SEVERITY_WORDS,
    STATE_SIGNS,
    STATE_WORDS,
    count,
    percent,
)

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


def _of(assessment: Assessment, section: Section | None) -> tuple[Score, list[Verdict]]:
    if section is None:
        return assessment.total, list(assessment.verdicts)
    verdicts = [verdict for verdict in assessment.verdicts if verdict.question.section is section]
    return assessment.sections[section], verdicts


def progress(assessment: Assessment, section: Section | None) -> Face:
    """One line and a bar: how many questions are answered, open, contradicted."""
    if section is not None and section not in assessment.sections:
        return no_questions(section)
    score, verdicts = _of(assessment, section)
    applicable = [verdict for verdict in verdicts if verdict.applicable]
    answered = sum(1 for verdict in applicable if verdict.answer and verdict.answer.value)
    share = answered / len(applicable) if applicable else 1.0
    flagged = score.counts.get(State.CONTRADICTED, 0)
    gaps = score.counts.get(State.GAP, 0)
    parts = [f"{answered} of {len(applicable)} answered", f"{score.open} open"]
    if flagged:
        parts.append(f"⚠ {count(flagged, 'contradiction')}")
    if gaps:
        parts.append(count(gaps, "gap"))
    unanswered = next((v for v in verdicts if v.applicable and not (v.answer and v.answer.value)), None)
    follow = f"First without an answer: {unanswered.question.number} {unanswered.question.short}." if unanswered else ""
    title = SECTION_TITLES[section] if section else "All sections"
    line = f"{title}: {', '.join(parts)}."
    bar = f'<span class="track"><span class="bar" style="width:{share * 100:.0f}%"></span></span>'
    return Face(f'<p>{bar}<b>{esc(line)}</b></p><p class="quiet">{esc(follow)}</p>', f"{line} {follow}".strip())


def no_questions(section: Section) -> Face:
    """For a section that has questions in the extended profile only."""
    text = f"{SECTION_TITLES[section]}: no questions in this profile."
    return Face(f"<p>{esc(text)}</p>", text)


def summary(assessment: Assessment, section: Section | None) -> Face:
    """Level and score first, then every question with its verdict, the urgent ones on top."""
    if section is not None and section not in assessment.sections:
        return no_questions(section)
    score, verdicts = _of(assessment, section)
    rows = [
        [
            f"{STATE_SIGNS[verdict.state]} {STATE_WORDS[verdict.state]}",
            f"{esc(verdict.question.number)} {esc(verdict.question.short)}",
            SEVERITY_WORDS[verdict.severity],
            esc(verdict.finding.sentence if verdict.finding else "", 220),
        ]
        for verdict in sorted(verdicts, key=lambda verdict: ORDER.index(verdict.state))
    ]
    line = f"Score {percent(score.score)}, {percent(score.coverage)} of the questions judged"
    if section is None:
        sign, word = LEVEL_SIGNS[assessment.level], LEVEL_WORDS[assessment.level]
        why = assessment.level_why if assessment.level is not Level.READY else ""
        head = f'<p class="q">{sign} {esc(word)}</p><p>{esc(why)}</p><p>{esc(line)}.</p>'
        line = f"{word}. {line}"
    else:
        head = f'<p class="q">{esc(SECTION_TITLES[section])}</p><p>{esc(line)}.</p>'
    return Face(head + table(("Verdict", "Question", "Severity", "Evidence"), rows), line)


def exported(path: Path) -> Face:
    """Where the report is, as a link that a browser can follow from the notebook."""
    size = path.stat().st_size / 1024
    return Face(
        f'<p>The report is <a href="{esc(path.resolve().as_uri())}">{esc(path)}</a> ({size:,.0f} KiB, one file).</p>',
        f"The report is {path}",
    )
