"""Two assessments compared on the command line: each a milestone, a snapshot file or an assessment folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

from readiness_kit.assessment.comparison import Change, Comparison, Milestone
from readiness_kit.errors import UsageError
from readiness_kit.labels import LEVEL_WORDS, STATE_SIGNS, STATE_WORDS, count, percent
from readiness_kit.markup import clean, one_line
from readiness_kit.model import SCHEMA_VERSION
from readiness_kit.report.content import scope_of
from readiness_kit.report.exports.schema import KINDS_OF_CHANGE
from readiness_kit.workspace import milestones
from readiness_kit.workspace.folder import Folder
from readiness_kit.workspace.milestones import NOW
from readiness_kit.workspace.session import Session


def named(what: str, folder: Folder | None) -> Milestone:
    """The assessment that `what` names: `now`, a milestone of the folder or its file, a snapshot, another folder.

    A snapshot is judged with the settings, answers and waivers of `folder`. Raises UsageError that lists the
    milestones where nothing has the name, and UnreadableFileError for a file that cannot be read.
    """
    path = Path(what)
    if folder is not None and what == NOW:
        return of_session(Session(folder), NOW)
    if folder is not None and (file := milestones.find(what, folder.milestones)):
        return milestones.load(file)
    if path.suffix == ".json" and os.path.lexists(path):
        return milestones.load(path)
    if path.suffix == ".zip" and os.path.lexists(path):
        if folder is None:
            raise UsageError(f"{path} is a snapshot, and there is no assessment to judge it with", "give --folder DIR")
        return of_session(Session(folder, path), path.stem)
    if os.path.lexists(path / "readiness.yaml"):
        return of_session(Session(Folder(path)), path.name)
    known = [milestone.name for milestone in milestones.milestones(folder.milestones)] if folder is not None else []
    raise UsageError(
        f"{what!r} is not a milestone, milestone file, snapshot or assessment folder",
        f"milestones here: {', '.join(known) or 'none'}; `{NOW}` is the current assessment",
    )


def of_session(session: Session, name: str) -> Milestone:
    """The assessment of a session under a name."""
    return Milestone(SCHEMA_VERSION, name, session.assessment(), scope_of(session.snapshot))


def as_text(found: Comparison, old: str, new: str) -> str:
    """Plain text: figures, then each question that changed, new gaps last, nearest the reader."""
    waivers = [change for change in found.unchanged if change.why]
    lines = [
        f"{one_line(old)} → {one_line(new)}",
        f"  Level    {LEVEL_WORDS[found.levels[0]]} → {LEVEL_WORDS[found.levels[1]]}",
        f"  Proven   {percent(found.scores[0])} → {percent(found.scores[1])}"
        + ("   (not comparable: see below)" if found.incomparable else ""),
        f"  Possible {percent(found.possible[0])} → {percent(found.possible[1])}",
        f"  Coverage {percent(found.coverages[0])} → {percent(found.coverages[1])}",
        f"  {count(len(found.unchanged), 'question')} unchanged",
        *(_line(change) for change in waivers),
    ]
    for kind in ("incomparable", "better", "resolved", "worse", "new"):
        changes: tuple[Change, ...] = getattr(found, kind)
        if changes:
            lines += ["", f"{kind.capitalize()} ({len(changes)})", *(_line(change) for change in changes)]
    return "\n".join(lines)


def _line(change: Change) -> str:
    states = (
        f"{STATE_SIGNS[state]} {STATE_WORDS[state].lower()}" if state is not None else "not asked"
        for state in (change.before, change.after)
    )
    reason = f"  ({one_line(change.why)})" if change.why else ""
    return f"  {change.question.number:<4}{one_line(change.question.short)}: {' → '.join(states)}{reason}"


def as_json(found: Comparison, old: str, new: str) -> str:
    """A list for each kind of change; each entry has question, number, states, outcomes and reason."""
    body = {
        "schema": 1,
        "from": clean(old),
        "to": clean(new),
        "levels": [level.value for level in found.levels],
        "proven": list(found.scores),
        "possible": list(found.possible),
        "coverages": list(found.coverages),
        **{kind: [_entry(change) for change in getattr(found, kind)] for kind in (*KINDS_OF_CHANGE, "unchanged")},
    }
    return json.dumps(body, indent=2, ensure_ascii=False)


def _entry(change: Change) -> dict[str, str | None]:
    return {
        "question": change.question.id,
        "number": change.question.number,
        "before": change.before.value if change.before else None,
        "after": change.after.value if change.after else None,
        "outcome_before": change.outcomes[0].value if change.outcomes[0] else None,
        "outcome_after": change.outcomes[1].value if change.outcomes[1] else None,
        "reason": clean(change.why),
    }
