"""The plan and its proof as plain text for a terminal of 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from readiness_kit.fixes.model import Plan, PlannedFix, PreparedFix, Wave
from readiness_kit.fixes.proof import Proof, Step
from readiness_kit.labels import (
    FIX_KIND_WORDS,
    LEVEL_WORDS,
    RESTART_WORDS,
    STATE_WORDS,
    WAVE_WORDS,
    count,
    percent,
)
from readiness_kit.markup import one_line

WIDTH = 79


def plan_text(plan: Plan, chosen: Sequence[PreparedFix]) -> str:
    """The chosen fixes by wave with what each wave leads to, then the gaps that no fix closes."""
    ids = {fix.id for fix in chosen}
    lines = [_state("Today", LEVEL_WORDS[plan.level], plan.proven, plan.possible), ""]
    projections = {projection.wave: projection for projection in plan.projections}
    for wave in Wave:
        items = [item for item in plan.wave(wave) if item.prepared.id in ids]
        if not items:
            continue
        lines.append(f"{WAVE_WORDS[wave]} ({count(len(items), 'fix', 'fixes')})")
        for item in items:
            lines += _fix(item)
        if wave in projections:
            found = projections[wave]
            lines.append(_state("  After it", LEVEL_WORDS[found.level], found.proven, found.possible))
        lines.append("")
    if plan.unplanned:
        lines += _wrapped(f"Without a fix in the catalogue: {', '.join(plan.unplanned)}")
    return "\n".join(lines).rstrip()


def _state(when: str, level: str, proven: float, possible: float) -> str:
    return f"{when}: {level}, {percent(proven)} proven, up to {percent(possible)} possible."


def _fix(item: PlannedFix) -> Iterator[str]:
    fix = item.prepared
    numbers = ", ".join(question.number for question in fix.questions)
    yield from _wrapped(f"{fix.title} [{fix.id}]", "  - ", "    ")
    about = [f"closes {numbers}", FIX_KIND_WORDS[fix.fix.kind], fix.fix.effort.value, RESTART_WORDS[fix.fix.restarts]]
    about += ["quick win"] if item.quick_win else []
    about += [f"owner {item.assignment.owner}"] if item.assignment.owner else []
    about += [f"due {item.assignment.due}"] if item.assignment.due else []
    yield from _wrapped("; ".join(about), "    ", "    ")
    for decision in fix.decisions:
        yield from _wrapped(f"Decide first: {decision.what}", "    ", "    ")


def proof_text(proof: Proof) -> str:
    """What the fixes close, what remains, what would get worse, and what the restart means."""
    lines = [f"Judged again with {count(len(proof.fixes), 'fix', 'fixes')} applied to the snapshot", ""]
    lines += _steps("Closed", [step for step in proof.closed if not step.to_confirm])
    lines += _steps("To confirm by collecting again after the change", proof.to_confirm)
    lines += _steps("Still to do", proof.remaining)
    lines += _steps("Would get worse", proof.worse)
    if not proof.worse:
        lines += ["Nothing would get worse.", ""]
    if proof.restart:
        lines += ["Restart", *(line for text in proof.restart for line in _wrapped(text, "  ", "  ")), ""]
    total = proof.after.total
    lines.append(_state("Projected", LEVEL_WORDS[proof.after.level], total.proven, total.possible))
    return "\n".join(lines)


def _steps(title: str, steps: Sequence[Step]) -> list[str]:
    if not steps:
        return []
    lines = [f"{title} ({len(steps)})"]
    for step in steps:
        question = step.before.question
        words = f"{STATE_WORDS[step.before.state]} → {STATE_WORDS[step.after.state]}"
        lines += _wrapped(f"{question.number} {question.short}: {words}", "  ", "    ")
        if step.withdrawn:
            lines += _wrapped(
                "Your answer was withdrawn in this projection: the gap it named is closed.", "    ", "    "
            )
        for text in step.left[:2]:
            lines += _wrapped(text, "    ", "    ")
    return [*lines, ""]


def _wrapped(text: str, first: str = "", rest: str = "") -> Iterable[str]:
    return textwrap.wrap(
        one_line(text), WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip
