"""The sections of the checklist: each question with its verdict, both sides, the facts and the remedy."""

from __future__ import annotations

from markupsafe import Markup

from readiness_kit.evidence.commands import command
from readiness_kit.labels import SECTION_TITLES
from readiness_kit.markup import anchor, failed_first, render
from readiness_kit.model import Assessment, QuestionId, Section, Verdict
from readiness_kit.report.chapters.charts import Figures
from readiness_kit.report.chapters.remedy import Remedies
from readiness_kit.report.reasons import reason

MAX_FACTS = 200
"""Further facts are counted, not shown; the snapshot has them all."""
MAX_COMMANDS = 2


def section_id(value: Section) -> str:
    """The anchor of a section."""
    return anchor("section", value.value)


def section(
    assessment: Assessment, value: Section, todo: Remedies, figures: Figures, last_part: Markup | None = None
) -> Markup:
    """One section, nested questions behind their parent and `last_part` at the end.

    Empty where the profile has no question in the section.
    """
    verdicts = [verdict for verdict in assessment.verdicts if verdict.question.section is value]
    if not verdicts:
        return Markup()
    return render(
        "chapters/section.html.j2",
        id=section_id(value),
        title=SECTION_TITLES[value],
        score=assessment.sections.get(value),
        verdicts=[(verdict, depth, commands(verdict)) for verdict, depth in nested(verdicts)],
        max_facts=MAX_FACTS,
        reason=reason,
        todo=todo,
        figures=figures,
        last_part=last_part or Markup(),
    )


def nested(verdicts: list[Verdict]) -> list[tuple[Verdict, int]]:
    """The verdicts with their depth, each child right behind its parent; one without its parent has depth 0."""
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


def commands(verdict: Verdict) -> list[str]:
    """The commands that show the same as the first facts."""
    facts = failed_first(verdict.finding.facts) if verdict.finding else []
    return list(dict.fromkeys(filter(None, map(command, facts))))[:MAX_COMMANDS]
