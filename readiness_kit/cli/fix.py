"""`fix`: the plan as text, the files to apply, and the proof."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from readiness_kit import documents
from readiness_kit.bundles import as_snapshot
from readiness_kit.cli.folder import assessment_folder
from readiness_kit.cli.forms import Output, output_option, write_output
from readiness_kit.cli.inputs import piped
from readiness_kit.cli.options import FILE, FOLDER, SNAPSHOT, WEAVIATE
from readiness_kit.cli.output import write_line
from readiness_kit.errors import UnreadableFileError
from readiness_kit.fixes.model import Wave
from readiness_kit.fixes.proof import prove
from readiness_kit.fixes.writing.bundle import chosen_fixes, files, write_files
from readiness_kit.report.exports.plan_text import plan_text, proof_text
from readiness_kit.workspace.session import Session


@click.command()
@FOLDER
@SNAPSHOT
@WEAVIATE
@output_option("text", "files", several=True, folders=("files",),
               note="files=DIR is a folder; without one, fixes/ of the assessment folder.")  # fmt: skip
@click.option("--only", multiple=True, metavar="ID", help="Only this fix. May be repeated.")
@click.option("--without", multiple=True, metavar="ID", help="All but this fix. May be repeated.")
@click.option("--wave", "waves", multiple=True, type=click.Choice([wave.value for wave in Wave]),
              help="Only the fixes of this wave. May be repeated.")  # fmt: skip
@click.option(
    "--values",
    type=FILE,
    metavar="FILE",
    help="Your current values.yaml: the patch is merged onto it.",
)
@click.option("--prove", "proved", is_flag=True, help="Judge the snapshot again with the fixes applied to it.")
def fix(
    folder: Path | None,
    snapshot: Path | None,
    weaviate: str,
    outputs: tuple[Output, ...],
    only: tuple[str, ...],
    without: tuple[str, ...],
    waves: tuple[str, ...],
    values: Path | None,
    proved: bool,
) -> None:
    """Write the fixes for this cluster, and prove them by judging again.

    Prints the plan of the newest snapshot of the assessment folder, or of -f. With -o files it writes
    values-patch.yaml (or patches, where Weaviate is not from the official chart), manifests/, commands.md and
    plan.json. Nothing is applied: you run the commands.
    """
    current = _values(values) if values is not None else None
    forms = {output.form: output.file for output in outputs}
    with (
        assessment_folder(folder, optional=bool(snapshot)) as workspace,
        piped(snapshot) as file,
        as_snapshot(file) as read,
    ):
        out = (forms["files"] or workspace.path / "fixes") if "files" in forms else None
        session = Session(workspace, read, weaviate)
        facts = session.require_facts()
        plan = session.plan()
        chosen = chosen_fixes(plan, only, without, waves)
        proof = prove(session.assessment(), facts, chosen, session.settings) if proved else None
        written = files(plan, chosen, facts, current) if out is not None or current is not None else {}
    for warning in session.warnings():
        write_line(f"Warning: {warning}", err=True)
    text = plan_text(plan, chosen) + (f"\n\n{proof_text(proof)}" if proof is not None else "")
    write_output(Output("text", forms.get("text")), text)
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
