"""The chapters of the checklist: each question with its verdict, both sides, the facts and the remedy."""

from __future__ import annotations

from readiness_kit.labels import SECTION_TITLES, STATE_WORDS, count
from readiness_kit.model import Assessment, QuestionId, Section, State, Verdict
from readiness_kit.report.chapters import badges, remedies, verdict_sides
from readiness_kit.report.chapters.html import anchor, chapter, coded, day, link, name, pairs, paragraph, text

_CALL_FOR_A_REMEDY = frozenset({State.CONTRADICTED, State.GAP, State.PARTLY, State.ACCEPTED})


def section_id(value: Section) -> str:
    return anchor("section", value.value)


def section(assessment: Assessment, value: Section, more: str = "") -> str:
    """One chapter, empty where the profile has no question there. Nested questions follow their parent; `more` is
    what stands at the end."""
    verdicts = [verdict for verdict in assessment.verdicts if verdict.question.section is value]
    if not verdicts:
        return ""
    score = assessment.sections.get(value)
    lead = ""
    if score is not None:
        figures = f"{badges.score_line(score)}; {score.judged} of {count(score.applicable, 'question')} judged."
        lead = f'<div class="rk-lead"><p>{text(figures[0].upper() + figures[1:])}</p>{badges.counts(score)}</div>'
    cards = "".join(_card(verdict, depth) for verdict, depth in nested(verdicts))
    return chapter(section_id(value), SECTION_TITLES[value], lead + cards + more, "rk-section")


def nested(verdicts: list[Verdict]) -> list[tuple[Verdict, int]]:
    """The verdicts with their depth, each child right behind its parent; an orphan stands on its own."""
    here = {verdict.question.id for verdict in verdicts}
    children: dict[QuestionId | None, list[Verdict]] = {}
    for verdict in verdicts:
        parent = verdict.question.parent
        children.setdefault(parent if parent in here else None, []).append(verdict)
    ordered: list[tuple[Verdict, int]] = []

    def walk(parent: QuestionId | None, depth: int) -> None:
        for verdict in children.get(parent, ()):
            ordered.append((verdict, depth))
            walk(verdict.question.id, depth + 1)

    walk(None, 0)
    return ordered


def _card(verdict: Verdict, depth: int) -> str:
    question = verdict.question
    heading = f"h{min(3 + depth, 6)}"
    child = f" rk-child rk-depth-{min(depth, 3)}" if depth else ""
    title = f'<span class="rk-num">{text(question.number)}</span> {text(question.short)}'
    tags = f"{badges.state(verdict.state)} {badges.severity(verdict.severity)}"
    return (
        f'<article class="rk-question rk-edge-{verdict.state.value}{child}" id="{anchor("q", question.id)}">'
        f'<div class="rk-core"><div class="rk-head"><{heading}>{title}</{heading}><p class="rk-tags">{tags}</p></div>'
        f'<p class="rk-asked">{coded(question.text)}</p>'
        + "".join(paragraph(coded(line), "rk-line") for line in verdict.lines)
        + verdict_sides.both(verdict)
        + "</div>"
        + verdict_sides.facts(verdict.finding)
        + _waiver(verdict)
        + (remedies.remedy(question.remedy) if verdict.state in _CALL_FOR_A_REMEDY else "")
        + _why(verdict)
        + "</article>"
    )


def _waiver(verdict: Verdict) -> str:
    waiver = verdict.waiver
    if waiver is None or verdict.state is not State.ACCEPTED:
        return ""
    beneath = STATE_WORDS[verdict.beneath] if verdict.beneath else "Gap"
    return (
        '<div class="rk-waiver"><p class="rk-label">Accepted risk</p>'
        + pairs(
            [
                ("Beneath", text(beneath)),
                ("Reason", text(waiver.reason)),
                ("Control", text(waiver.control)),
                ("Owner", name(waiver.owner)),
                ("Approved by", name(waiver.approver)),
                ("Until", day(waiver.expires)),
            ],
            "rk-small",
        )
        + "</div>"
    )


def _why(verdict: Verdict) -> str:
    question = verdict.question
    links = ", ".join(link(item.url, item.title) for item in question.links)
    reading = f" <span class='rk-note'>Further reading: {links}</span>" if links else ""
    return f'<p class="rk-why"><strong>Why it matters.</strong> {coded(question.why)}{reading}</p>'
