"""The types of fixes: a row of the catalogue, a fix filled for this cluster, and the plan."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from readiness_kit.model import Check, Fraction, Level, Question, QuestionId, Reason, Severity, Text
from readiness_kit.terms import Effort as Effort
from readiness_kit.terms import FixKind as FixKind
from readiness_kit.terms import FixRole as FixRole
from readiness_kit.terms import FixState as FixState
from readiness_kit.terms import Restarts as Restarts
from readiness_kit.terms import Wave as Wave

FixId = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*\.[a-z0-9_]+$")]
Fragment = dict[str, Any]
"""Part of a values.yaml, or a manifest, as plain data."""
ITEM = "item"
"""The placeholder for one element of the parameter that `each` names."""
PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class Fix(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of the catalogue. Any text or value may hold `{parameter}`, the name of a function in `parameters/`.

    values:    a fragment of values.yaml of the official chart; other installations get a patch of their objects
    manifests: objects to create
    before, commands, verify: shell commands to prepare, to carry out and to check the change
    each:      a parameter whose value is a list: `commands` are repeated for each element, as `{item}`
    effect:    a function of `effects` that projects the change of calls and commands onto the snapshot
    after:     the fixes that have to come first where they are due as well
    part_of:   the fix of the same cause that it is carried out with, where both are due: one action of the plan
    rollback:  how to undo it; the values that the snapshot recorded are added to it
    """

    id: FixId
    title: Text
    why: Text
    kind: FixKind
    done_when: Text
    effort: Effort
    restarts: Restarts = Restarts.NO
    values: Fragment = {}
    manifests: tuple[Fragment, ...] = ()
    before: tuple[Text, ...] = ()
    commands: tuple[Text, ...] = ()
    verify: tuple[Text, ...] = ()
    each: str = ""
    effect: str = ""
    after: tuple[FixId, ...] = ()
    part_of: str = ""
    risk: str = ""
    rollback: str = ""

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of all parameters that the row uses, in the order of their first use."""
        found = [name for text in _texts(msgspec.to_builtins(self)) for name in PLACEHOLDER.findall(text)]
        return tuple(name for name in dict.fromkeys([*found, *filter(None, [self.each])]) if name != ITEM)


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _texts(key)
            yield from _texts(value)
    elif isinstance(data, (list, tuple)):
        for item in data:
            yield from _texts(item)


class Value(msgspec.Struct, frozen=True):
    """A parameter that is known, and where it comes from ("peak anonymous memory of weaviate-1")."""

    value: Any
    source: Text


class OpenDecision(msgspec.Struct, frozen=True):
    """A parameter that a person has to decide: `what`, and `how` to find out. Its placeholder stays as `<name>`."""

    name: Text
    what: Text
    how: str = ""


class FailedCheck(msgspec.Struct, frozen=True):
    """A check that names a fix, with the question it belongs to."""

    question: Question
    severity: Severity
    check: Check


class Change(msgspec.Struct, frozen=True):
    """One field of one object that a fix changes; `before` is what the snapshot recorded, None where it was not set."""

    kind: str
    name: str
    path: str
    before: Any
    after: Any


class PreparedFix(msgspec.Struct, frozen=True):
    """A fix filled for this cluster: no placeholder is left but those of `decisions`.

    causes: the checks that it closes; `sources` tell for each parameter where its value comes from. `values` has the
    entries of lists that the running objects have already. `recorded` are the fields that the values change, with what
    they were in the snapshot, for the rollback.
    """

    fix: Fix
    title: str
    why: str
    causes: tuple[FailedCheck, ...]
    values: Fragment = {}
    manifests: tuple[Fragment, ...] = ()
    before: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    verify: tuple[str, ...] = ()
    risk: str = ""
    rollback: str = ""
    done_when: str = ""
    sources: dict[str, str] = {}
    recorded: tuple[Change, ...] = ()
    decisions: tuple[OpenDecision, ...] = ()

    @property
    def id(self) -> str:
        """The id in the catalogue."""
        return self.fix.id

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions whose checks it closes, each once, in checklist order."""
        return tuple({cause.question.id: cause.question for cause in self.causes}.values())

    @property
    def because(self) -> tuple[str, ...]:
        """What was found: the sentences of the failed checks, each once."""
        return tuple(dict.fromkeys(cause.check.message for cause in self.causes if cause.check.message))

    @property
    def severity(self) -> Severity:
        """The most serious severity among its causes."""
        return min((cause.severity for cause in self.causes), key=list(Severity).index)

    @property
    def applicable(self) -> bool:
        """Whether it can be projected onto the snapshot: it changes something, and nothing is left to decide."""
        return self._changes and not self.decisions

    @property
    def role(self) -> FixRole:
        """Its place in the plan: a numbered action, or next to them what only a person can decide or practise.

        A command whose result no cluster shows, advised because of an answer alone, is a decision as well.
        """
        if self.fix.kind is FixKind.PRACTICE:
            return FixRole.PRACTICE
        by_answer = all(cause.check.reason is Reason.NOT_OBSERVABLE for cause in self.causes)
        open_ = self.fix.kind is FixKind.DECISION or self.decisions or (by_answer and not self._changes)
        return FixRole.DECISION if open_ else FixRole.ACTION

    @property
    def _changes(self) -> bool:
        return bool(self.values or self.manifests or self.fix.effect)


# --- the plan -------------------------------------------------------------------------------------


class Assignment(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a person enters for a fix in the plan; kept in `plan.json` of the assessment folder."""

    fix: FixId
    owner: str = ""
    due: date | None = None
    state: FixState = FixState.OPEN
    note: str = ""


class PlannedFix(msgspec.Struct, frozen=True):
    """A fix with its place in the plan."""

    prepared: PreparedFix
    wave: Wave
    quick_win: bool
    assignment: Assignment


class PlannedAction(msgspec.Struct, frozen=True):
    """One numbered line of the plan: a fix, and the fixes of the same cause that are carried out with it."""

    number: int
    steps: tuple[PlannedFix, ...]

    @property
    def title(self) -> str:
        """The titles of its steps, the most important first."""
        first, *others = (step.prepared.title for step in self.steps)
        return "; ".join([first, *(f"{title[:1].lower()}{title[1:]}" for title in others)])

    @property
    def wave(self) -> Wave:
        """The wave of all of its steps."""
        return self.steps[0].wave

    @property
    def quick_win(self) -> bool:
        """Whether each step is a quick win."""
        return all(step.quick_win for step in self.steps)

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions that its steps close checks of, each once."""
        return tuple({row.id: row for step in self.steps for row in step.prepared.questions}.values())

    @property
    def effort(self) -> Effort:
        """The greatest effort of a step."""
        return max((step.prepared.fix.effort for step in self.steps), key=list(Effort).index)

    @property
    def restarts(self) -> Restarts:
        """The greatest restart of a step."""
        return max((step.prepared.fix.restarts for step in self.steps), key=list(Restarts).index)


class Projection(msgspec.Struct, frozen=True):
    """What is reached when a wave, and those before it, are carried out: level and score range.

    `proven` never falls: what only a new collection can confirm counts as it did before.
    """

    wave: Wave
    level: Level
    proven: Fraction
    possible: Fraction
    closed: tuple[QuestionId, ...]


class Plan(msgspec.Struct, frozen=True):
    """The fixes in the order in which to act, the state now, the projection after each wave.

    `unplanned` are the questions with a gap that no fix of the catalogue closes.
    """

    fixes: tuple[PlannedFix, ...]
    level: Level
    proven: Fraction
    possible: Fraction
    projections: tuple[Projection, ...] = ()
    unplanned: tuple[QuestionId, ...] = ()

    def wave(self, wave: Wave) -> tuple[PlannedFix, ...]:
        """The fixes of one wave."""
        return tuple(item for item in self.fixes if item.wave is wave)

    @property
    def actions(self) -> tuple[PlannedAction, ...]:
        """What can be carried out, numbered in order; a fix that is part of another stands with it."""
        due = {item.prepared.id: item for item in self.fixes if item.prepared.role is FixRole.ACTION}
        steps: dict[str, list[PlannedFix]] = {}
        for id, item in due.items():
            lead = item.prepared.fix.part_of
            steps.setdefault(lead if lead in due else id, []).append(item)
        ordered = (sorted(group, key=lambda item: item.prepared.id != lead) for lead, group in steps.items())
        return tuple(PlannedAction(number, tuple(group)) for number, group in enumerate(ordered, 1))

    @property
    def decisions(self) -> tuple[PlannedFix, ...]:
        """What a person has to decide before anything can be carried out."""
        return self._with_role(FixRole.DECISION)

    @property
    def practices(self) -> tuple[PlannedFix, ...]:
        """What people rehearse or write down; no change of the cluster closes it."""
        return self._with_role(FixRole.PRACTICE)

    def _with_role(self, role: FixRole) -> tuple[PlannedFix, ...]:
        return tuple(item for item in self.fixes if item.prepared.role is role)
