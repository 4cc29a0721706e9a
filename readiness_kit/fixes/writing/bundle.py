"""The files that `readiness fix` writes: what to apply, what to run, in which order, and the plan.

values-patch.yaml   for an installation by the official chart; others get patches/ for the objects that they have
manifests/*.yaml    new objects          commands.md  decisions and commands in order          plan.json  the plan
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import yaml

from readiness_kit.errors import UsageError
from readiness_kit.facts import ClusterFacts
from readiness_kit.files import pretty, replace
from readiness_kit.fixes.applying import with_values
from readiness_kit.fixes.changes import created
from readiness_kit.fixes.chart_values import is_from_chart
from readiness_kit.fixes.loading import catalogue
from readiness_kit.fixes.model import FixState, Fragment, Plan, PlannedFix, PreparedFix
from readiness_kit.fixes.patches import patches
from readiness_kit.fixes.writing.commands import commands_text
from readiness_kit.fixes.writing.values_patch import onto, patch_text, values_of

PATCH, COMMANDS, PLAN = "values-patch.yaml", "commands.md", "plan.json"


def files(
    plan: Plan, chosen: Sequence[PreparedFix], facts: ClusterFacts, current: Mapping[str, Any] | None = None
) -> dict[str, bytes]:
    """The files by path. `current` are the customer's values, onto which the patch is merged.

    Raises UsageError where the customer's values have another form than the chart expects.
    """
    found: dict[str, str] = {}
    values = values_of(chosen)
    if is_from_chart(facts.weaviate.object):
        found[PATCH] = patch_text(chosen, onto(current, values) if current is not None else values)
    else:
        before, after = facts.snapshot.kept, with_values(facts, values)
        found |= {_path("patches", patch.body): yaml_text(patch.body) for patch in patches(before, after)}
        found |= {_path("manifests", manifest): yaml_text(manifest) for manifest in created(before, after)}
    for manifest in (manifest for fix in chosen for manifest in fix.manifests):
        found[_path("manifests", manifest)] = yaml_text(manifest)
    found = {path: text for path, text in found.items() if text}
    found[COMMANDS] = commands_text(chosen, facts, tuple(found))
    return {**{path: text.encode("utf-8") for path, text in found.items()}, PLAN: pretty(plan_data(plan))}


def _path(folder: str, document: Fragment) -> str:
    name = document["metadata"]["name"].replace(":", "-")
    return f"{folder}/{document['kind'].lower()}-{name}.yaml"


def yaml_text(document: Fragment) -> str:
    """A manifest, or a fragment of values, as YAML that starts with what it is."""
    order = ("apiVersion", "kind", "metadata")
    ordered = {**{key: document[key] for key in order if key in document}, **document}
    text: str = yaml.safe_dump(msgspec.to_builtins(ordered), sort_keys=False, allow_unicode=True)
    return text


# --- plan.json ------------------------------------------------------------------------------------


def plan_data(plan: Plan) -> dict[str, Any]:
    """The plan as plain data: the fixes in order, the state now, and the projection after each wave."""
    return {
        "schema": 1,
        "now": {"level": plan.level.value, "proven": plan.proven, "possible": plan.possible},
        "actions": [
            {"number": action.number, "title": action.title, "fixes": [item.prepared.id for item in action.steps]}
            for action in plan.actions
        ],
        "fixes": [_row(item) for item in plan.fixes],
        "projections": msgspec.to_builtins(plan.projections),
        "unplanned": list(plan.unplanned),
    }


def _row(item: PlannedFix) -> dict[str, Any]:
    fix = item.prepared
    return {
        "id": fix.id,
        "title": fix.title,
        "why": fix.why,
        "because": list(fix.because),
        "kind": fix.fix.kind.value,
        "role": fix.role.value,
        "wave": item.wave.value,
        "quick_win": item.quick_win,
        "severity": fix.severity.value,
        "effort": fix.fix.effort.value,
        "restarts": fix.fix.restarts.value,
        "after": list(fix.fix.after),
        "questions": [question.id for question in fix.questions],
        "values": msgspec.to_builtins(fix.values),
        "sources": fix.sources,
        "decisions": msgspec.to_builtins(fix.decisions),
        "recorded": msgspec.to_builtins(fix.recorded),
        "risk": fix.risk,
        "rollback": fix.rollback,
        "done_when": fix.done_when,
        "owner": item.assignment.owner,
        "due": item.assignment.due.isoformat() if item.assignment.due else None,
        "state": item.assignment.state.value,
        "note": item.assignment.note,
    }


def write_files(folder: Path, found: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Writes the files of `files` into a folder, each atomically, and returns their paths."""
    for path, body in found.items():
        replace(folder / path, body, 0o644)
    return tuple(folder / path for path in found)


# --- choosing -------------------------------------------------------------------------------------


def chosen_fixes(
    plan: Plan, only: Iterable[str] = (), without: Iterable[str] = (), waves: Iterable[str] = ()
) -> tuple[PreparedFix, ...]:
    """The fixes of a plan in its order: of the named waves, only the named ones, without others.

    Those that are done or declined count only where they are named. Raises UsageError for an id that is not in the
    catalogue, and for a fix that no check of this cluster needs.
    """
    only, without, waves = set(only), set(without), set(waves)
    due = {item.prepared.id for item in plan.fixes}
    for id in sorted(only | without):
        if id not in catalogue():
            raise UsageError(f"there is no fix {id}", f"the fixes of this cluster are {', '.join(sorted(due))}")
        if id not in due:
            raise UsageError(f"no check of this cluster needs the fix {id}", "leave it out")
    return tuple(item.prepared for item in _chosen(plan, only, without, waves))


def _chosen(plan: Plan, only: set[str], without: set[str], waves: set[str]) -> Iterator[PlannedFix]:
    for item in plan.fixes:
        named = item.prepared.id in only
        if (only and not named) or item.prepared.id in without or (waves and item.wave.value not in waves):
            continue
        if named or item.assignment.state not in (FixState.DECLINED, FixState.DONE):
            yield item
