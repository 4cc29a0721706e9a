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
from readiness_kit.report.exports.terminal import BAD, FAINT, GOOD, POOR, STRONG, Line, line
from readiness_kit.workspace import milestones
from readiness_kit.workspace.folder import Folder
from readiness_kit.workspace.milestones import NOW
from readiness_kit.workspace.session import Session

KIND_STYLES = {"incomparable": POOR, "better": GOOD, "resolved": GOOD, "worse": BAD, "new": BAD}
"""The kinds of change in the order of the text; `unchanged` is before them."""


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


def as_lines(found: Comparison, old: str, new: str, *, verbose: bool = False) -> list[Line]:
    """Figures, then each question that changed, new gaps last, nearest the reader; with `verbose` all questions."""
    note = "   (not comparable: see below)" if found.incomparable else ""
    figures = (
        ("Level", " → ".join(LEVEL_WORDS[level] for level in found.levels)),
        ("Proven", " → ".join(map(percent, found.scores)) + note),
        ("Possible", " → ".join(map(percent, found.possible))),
        ("Coverage", " → ".join(map(percent, found.coverages))),
    )
    lines = [
        line(f"{one_line(old)} → {one_line(new)}", STRONG),
        *(Line(((f"{name:<9}", FAINT), (text, "")), 2, 9) for name, text in figures),
        line(f"{count(len(found.unchanged), 'question')} unchanged", indent=2),
        *(_line(change, "") for change in found.unchanged if change.why or verbose),
    ]
    for kind, style in KIND_STYLES.items():
        changes: tuple[Change, ...] = getattr(found, kind)
        if changes:
            title = line(f"{kind.capitalize()} ({len(changes)})", STRONG)
            lines += [Line(), title, *(_line(change, style) for change in changes)]
    return lines


def _line(change: Change, style: str) -> Line:
    states = (
        f"{STATE_SIGNS[state]} {STATE_WORDS[state].lower()}" if state is not None else "not asked"
        for state in (change.before, change.after)
    )
    reason = f"  ({one_line(change.why)})" if change.why else ""
    name = f"{change.question.number:<4}{one_line(change.question.short)}: "
    return Line(((name, ""), (" → ".join(states), style), (reason, FAINT)), 2, 4)


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
