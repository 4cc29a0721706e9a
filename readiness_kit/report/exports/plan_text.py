"""The plan and its proof as plain text for a terminal of 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from readiness_kit.fixes.model import FixState, Plan, PlannedAction, PlannedFix, PreparedFix, Wave
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
    """The chosen actions by wave with what each wave leads to, then decisions, practices and gaps without a fix."""
    ids = {fix.id for fix in chosen}
    lines = [_state("Today", LEVEL_WORDS[plan.level], plan.proven, plan.possible), ""]
    projections = {projection.wave: projection for projection in plan.projections}
    for wave in Wave:
        actions = [action for action in plan.actions if action.wave is wave and _steps_of(action, ids)]
        if not any(item.prepared.id in ids for item in plan.wave(wave)):
            continue
        lines.append(f"{WAVE_WORDS[wave]} ({count(len(actions), 'action')})")
        for action in actions:
            for position, item in enumerate(_steps_of(action, ids)):
                lines += _fix(item, f"{action.number:>3}. " if not position else "     + ")
        if wave in projections and _is_whole(plan, wave, ids):
            found = projections[wave]
            lines.append(_state("  After it", LEVEL_WORDS[found.level], found.proven, found.possible))
        lines.append("")
    for title, items in (("Open decisions", plan.decisions), ("Practices", plan.practices)):
        chosen_items = [item for item in items if item.prepared.id in ids]
        if chosen_items:
            lines.append(f"{title} ({len(chosen_items)})")
            lines += [row for item in chosen_items for row in _fix(item, "   - ")]
            lines.append("")
    if plan.unplanned:
        lines += _wrapped(f"Without a fix in the catalogue: {', '.join(plan.unplanned)}")
    return "\n".join(lines).rstrip()


def _state(when: str, level: str, proven: float, possible: float) -> str:
    return f"{when}: {level}, {percent(proven)} proven, up to {percent(possible)} possible."


def _is_whole(plan: Plan, last: Wave, ids: set[str]) -> bool:
    """Whether all that leads to the projection after a wave is chosen: what is left of it and of the waves before."""
    finished = (FixState.DECLINED, FixState.DONE)
    waves = list(Wave)[: list(Wave).index(last) + 1]
    due = (item for wave in waves for item in plan.wave(wave) if item.assignment.state not in finished)
    return all(item.prepared.id in ids for item in due)


def _steps_of(action: PlannedAction, ids: set[str]) -> list[PlannedFix]:
    return [item for item in action.steps if item.prepared.id in ids]


def _fix(item: PlannedFix, mark: str) -> Iterator[str]:
    inside = " " * len(mark)
    fix = item.prepared
    numbers = ", ".join(question.number for question in fix.questions)
    yield from _wrapped(f"{fix.title} [{fix.id}]", mark, inside)
    about = [f"closes {numbers}", FIX_KIND_WORDS[fix.fix.kind], fix.fix.effort.value, RESTART_WORDS[fix.fix.restarts]]
    about += ["quick win"] if item.quick_win else []
    about += [f"owner {item.assignment.owner}"] if item.assignment.owner else []
    about += [f"due {item.assignment.due}"] if item.assignment.due else []
    yield from _wrapped("; ".join(about), inside, inside)
    for decision in fix.decisions:
        yield from _wrapped(f"Decide first: {decision.what}", inside, inside)


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
