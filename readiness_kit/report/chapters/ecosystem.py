"""The tools found in the cluster: how each was recognised, what that shows, and the verdicts that it bears on."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from readiness_kit.facts.detectors.table import detectors
from readiness_kit.markup import render
from readiness_kit.model import Detection, QuestionId, Verdict
from readiness_kit.report.content import Content

ID = "ecosystem"
TITLE = "Found in this cluster"
MAX_INDICATORS = 3
LEVELS = {1: "API installed", 2: "Running", 3: "Running and related to this Weaviate"}


def chapter(content: Content) -> Markup:
    """The tools by group, surest first; empty where no cluster was read."""
    found = content.detections
    if content.facts is None and not found:
        return Markup()
    groups = list(dict.fromkeys(item.group for item in found))
    ordered = sorted(found, key=lambda item: (groups.index(item.group), -item.level))
    verdicts = {row.question.id: row for row in content.assessment.verdicts}
    return render(
        "chapters/ecosystem.html.j2",
        title=TITLE,
        rows=[(item, indicators(item), bearing(item, verdicts)) for item in ordered],
        levels=LEVELS,
    )


def indicators(item: Detection) -> list[str]:
    """How the tool was recognised: the deciding indicator, then others, each once, at most MAX_INDICATORS."""
    others = [f"{fact.ref.kind} {fact.ref.name}: {fact.field} {fact.seen}".strip() for fact in item.facts[1:]]
    return list(dict.fromkeys([item.indicator, *others]))[:MAX_INDICATORS]


def bearing(item: Detection, verdicts: Mapping[QuestionId, Verdict]) -> list[Verdict]:
    """The verdicts on the questions for whose evidence the tool counts; they hold, whatever was detected."""
    asked = next((row.questions for row in detectors() if (row.tool, row.group) == (item.tool, item.group)), ())
    return [verdicts[id] for id in asked if id in verdicts]
