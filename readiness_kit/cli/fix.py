"""`fix`: the plan as text, the files to apply, and the proof."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from readiness_kit import documents
from readiness_kit.bundles import as_snapshot
from readiness_kit.cli.folder import assessment_folder
from readiness_kit.cli.options import FILE, FOLDER
from readiness_kit.cli.output import write_line, write_text
from readiness_kit.errors import UnreadableFileError, UsageError
from readiness_kit.files import replace
from readiness_kit.fixes.loading import catalogue
from readiness_kit.fixes.model import Plan, Wave
from readiness_kit.fixes.proof import prove
from readiness_kit.fixes.writing.bundle import chosen_fixes, files
from readiness_kit.report.exports.plan_text import plan_text, proof_text
from readiness_kit.workspace.session import Session


@click.command()
@click.argument("snapshot", type=click.Path(path_type=Path), required=False)
@FOLDER
@click.option("--weaviate", default="", metavar="NAMESPACE/[KIND/]NAME",
              help="The workload, if there are several; readiness.yaml keeps the choice.")  # fmt: skip
@click.option("-o", "--out", type=click.Path(path_type=Path, file_okay=False), help="Write the files to this folder.")
@click.option("--only", multiple=True, metavar="ID", help="Only this fix. May be repeated.")
@click.option("--without", multiple=True, metavar="ID", help="All but this fix. May be repeated.")
@click.option("--wave", "waves", multiple=True, type=click.Choice([wave.value for wave in Wave]),
              help="Only the fixes of this wave. May be repeated.")  # fmt: skip
@click.option("-f", "--values", type=FILE, help="Your current values.yaml: the patch is merged onto it.")
@click.option("--prove", "proved", is_flag=True, help="Judge the snapshot again with the fixes applied to it.")
def fix(
    snapshot: Path | None,
    folder: Path | None,
    weaviate: str,
    out: Path | None,
    only: tuple[str, ...],
    without: tuple[str, ...],
    waves: tuple[str, ...],
    values: Path | None,
    proved: bool,
) -> None:
    """Write the fixes for this cluster, and prove them by judging again.

    Prints the plan of the newest snapshot of the assessment folder, or of SNAPSHOT. With --out it also writes
    values-patch.yaml (or patches, where Weaviate is not from the official chart), manifests/, commands.md and
    plan.json. Nothing is applied: you run the commands.
    """
    current = _values(values) if values is not None else None
    with assessment_folder(folder, optional=bool(snapshot)) as workspace, as_snapshot(snapshot) as read:
        session = Session(workspace, read, weaviate)
        facts = session.require_facts()
        plan = session.plan()
        _require_known(plan, (*only, *without))
        chosen = chosen_fixes(plan, only, without, waves)
        proof = prove(session.assessment(), facts, chosen, session.settings) if proved else None
        written = files(plan, chosen, facts, current) if out is not None or current is not None else {}
    for warning in session.warnings():
        write_line(f"Warning: {warning}", err=True)
    write_text(plan_text(plan, chosen))
    if proof is not None:
        write_text(f"\n{proof_text(proof)}")
    if out is not None:
        for path, body in written.items():
            replace(out / path, body, 0o644)
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


def _require_known(plan: Plan, named: tuple[str, ...]) -> None:
    due = {item.prepared.id for item in plan.fixes}
    for id in named:
        if id not in catalogue():
            raise UsageError(f"there is no fix {id}", f"the fixes of this cluster are {', '.join(sorted(due))}")
        if id not in due:
            raise UsageError(f"no check of this cluster needs the fix {id}", "leave it out")
