"""`fix`: the plan as text, the files to apply, the proof, and who does what by when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import click
import msgspec

from readiness_kit import documents
from readiness_kit.bundles import as_snapshot
from readiness_kit.cli import completion
from readiness_kit.cli.folder import assessment_folder, open_folder
from readiness_kit.cli.inputs import piped
from readiness_kit.cli.options import DIRECTORY, FILE, FOLDER, WEAVIATE
from readiness_kit.cli.output import write_line, write_text
from readiness_kit.errors import UnreadableFileError, UsageError
from readiness_kit.fixes.loading import catalogue
from readiness_kit.fixes.model import Assignment, FixState, Wave
from readiness_kit.fixes.proof import prove
from readiness_kit.fixes.writing.bundle import chosen_fixes, files, write_files
from readiness_kit.report.exports.plan_text import plan_text, proof_text
from readiness_kit.workspace.plan import PlanStore
from readiness_kit.workspace.session import Session

ASSIGNED = ("owner", "due", "state", "note")
_SNAPSHOT = click.Path(path_type=Path, allow_dash=True)


@click.command()
@click.argument("snapshot", required=False, type=_SNAPSHOT)
@FOLDER
@WEAVIATE
@click.option("-o", "--output", "out", type=DIRECTORY, metavar="DIR", help="Write the files to this folder.")
@click.option("-f", "--values", type=FILE, metavar="FILE",
              help="Your current values.yaml: the patch is merged onto it.")  # fmt: skip
@click.option("--only", multiple=True, metavar="ID", shell_complete=completion.fixes,
              help="Only this fix. May be repeated.")  # fmt: skip
@click.option("--without", multiple=True, metavar="ID", shell_complete=completion.fixes,
              help="All but this fix. May be repeated.")  # fmt: skip
@click.option("--wave", "waves", multiple=True, type=click.Choice([wave.value for wave in Wave]),
              help="Only the fixes of this wave. May be repeated.")  # fmt: skip
@click.option("--prove", "proved", is_flag=True, help="Judge the snapshot again with the fixes applied to it.")
@click.option("--set", "assigned", nargs=2, multiple=True, metavar="ID FIELD=VALUE",
              help="Store owner, due (YYYY-MM-DD), state (open, in_progress, done, declined) or note of a fix; "
                   "an empty VALUE removes it. May be repeated.")  # fmt: skip
def fix(
    snapshot: Path | None,
    folder: Path | None,
    weaviate: str,
    out: Path | None,
    values: Path | None,
    only: tuple[str, ...],
    without: tuple[str, ...],
    waves: tuple[str, ...],
    proved: bool,
    assigned: tuple[tuple[str, str], ...],
) -> None:
    """Write the fixes for this cluster, and prove them by judging again.

    Prints the plan of SNAPSHOT, a snapshot or a bundle of another tool (-: standard input); without it, of the newest
    snapshot of the assessment folder. With -o it writes values-patch.yaml (or patches, where Weaviate is not from the
    official chart), manifests/, commands.md and plan.json. Nothing is applied: you run the commands.
    """
    current = _values(values) if values is not None else None
    if assigned:
        _assign(open_folder(folder).plan, assigned)
    with (
        assessment_folder(folder, optional=bool(snapshot)) as workspace,
        piped(snapshot) as file,
        as_snapshot(file) as read,
    ):
        session = Session(workspace, read, weaviate)
        facts = session.require_facts()
        plan = session.plan()
        chosen = chosen_fixes(plan, only, without, waves)
        proof = prove(session.assessment(), facts, chosen, session.settings) if proved else None
        written = files(plan, chosen, facts, current) if out is not None or current is not None else {}
    for warning in session.warnings():
        write_line(f"Warning: {warning}", err=True)
    write_text(plan_text(plan, chosen) + (f"\n\n{proof_text(proof)}" if proof is not None else ""))
    if out is not None:
        write_files(out, written)
        write_line(f"Written to {out}: {', '.join(written)}. Nothing was applied.", err=True)


def _values(path: Path) -> dict[str, Any]:
    """The customer's values. Raises UnreadableFileError for a file that is not a map."""
    what = f"the values file {path}"
    data = documents.parse_yaml(
        documents.read_text(path, "the values file", UnreadableFileError), what, UnreadableFileError
    )
    if data is not None and not isinstance(data, dict):
        raise UnreadableFileError(f"{what} is not a map", "give the output of `helm get values RELEASE`")
    return data or {}


# --- who does what by when ------------------------------------------------------------------------


def _assign(store: PlanStore, given: Iterable[tuple[str, str]]) -> None:
    """Stores what was given; nothing of it where one part is wrong. Raises UsageError with that part."""
    found = store.all()
    changed: dict[str, Assignment] = {}
    for id, text in given:
        if id not in catalogue():
            raise UsageError(f"there is no fix {id}", "`readiness fix` lists the fixes of this cluster with their ids")
        before = changed.get(id) or found.get(id) or Assignment(id)
        changed[id] = _changed(before, *text.partition("=")[::2])
    for assignment in changed.values():
        store.put(assignment)
        due = assignment.due or "none"
        owner = assignment.owner or "none"
        write_line(f"Stored: {assignment.fix}: owner {owner}, due {due}, {assignment.state.value}", err=True)


def _changed(assignment: Assignment, field: str, value: str) -> Assignment:
    value = value.strip()
    if field not in ASSIGNED:
        raise UsageError(f"{field!r} is not a field of a fix", f"write {', '.join(f'{name}=…' for name in ASSIGNED)}")
    if field == "due":
        return msgspec.structs.replace(assignment, due=_date(value) if value else None)
    if field == "state":
        return msgspec.structs.replace(assignment, state=_state(value) if value else FixState.OPEN)
    return msgspec.structs.replace(assignment, **{field: value})


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"due: {text!r} is not a date", "write it as 2026-12-31") from None


def _state(text: str) -> FixState:
    try:
        return FixState(text)
    except ValueError:
        raise UsageError(
            f"state: {text!r} is not a state", f"use {', '.join(state.value for state in FixState)}"
        ) from None
