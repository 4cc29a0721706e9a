"""What changed since an earlier assessment; better only where as much was read as before."""

from __future__ import annotations

from markupsafe import Markup

from readiness_kit.assessment.comparison import ONLY_ANSWER, Comparison
from readiness_kit.markup import day, render
from readiness_kit.report.content import Content, Since

ID = "changes"
TITLE = "What changed"
GROUPS = {
    "new": ("New gaps", "These questions were met or open before and have gaps now."),
    "worse": ("Worse", "The verdicts on these questions are lower than before."),
    "resolved": ("Resolved", "These questions had gaps before and are met now."),
    "better": ("Better", "The verdicts on these questions are higher than before."),
    "incomparable": (
        "Incomparable",
        "Less was read, less was permitted, or the question itself changed. What looks better may only be less known.",
    ),
}


def chapter(content: Content) -> Markup:
    """The comparison; empty for a first assessment."""
    since = content.since
    if since is None:
        return Markup()
    found = since.comparison
    groups = [(kind, *texts, getattr(found, kind)) for kind, texts in GROUPS.items() if getattr(found, kind)]
    return render(
        "chapters/changes.html.j2",
        title=TITLE,
        since=since,
        since_date=since_date(since),
        numbers=in_numbers(found),
        found=found,
        groups=groups,
        waivers=[change for change in found.unchanged if change.why and change.why != ONLY_ANSWER],
        answered=[change for change in found.unchanged if change.why == ONLY_ANSWER],
        trend=content.trend,
    )


def since_date(since: Since) -> str:
    """` of 20 October 2026`; empty where the earlier assessment has no date."""
    as_of = since.previous.assessment.as_of
    return f" of {day(as_of)}" if as_of else ""


def in_numbers(found: Comparison) -> str:
    """`2 new, 1 resolved, 3 incomparable, 28 unchanged`; kinds that do not occur are left out."""
    numbers = [(len(getattr(found, kind)), kind) for kind in (*GROUPS, "unchanged")]
    return ", ".join(f"{number} {kind}" for number, kind in numbers if number)


def progress(found: Comparison) -> str:
    """`3 closed, 1 new, 2 changed only by an answer, 1 incomparable`; "nothing changed" where all is as before."""
    by_answer = sum(change.why == ONLY_ANSWER for change in found.unchanged)
    numbers = [
        (len(found.resolved), "closed"),
        (len(found.better), "better"),
        (len(found.new), "new"),
        (len(found.worse), "worse"),
        (by_answer, "changed only by an answer"),
        (len(found.incomparable), "incomparable"),
    ]
    return ", ".join(f"{number} {kind}" for number, kind in numbers if number) or "nothing changed"
