"""`answers`, `waive` and `clean`: the files of an assessment that people fill in, and its end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from readiness_kit.cli import completion
from readiness_kit.cli.folder import open_folder
from readiness_kit.cli.forms import STANDARD, Output, output_option, write_output
from readiness_kit.cli.inputs import STANDARD_INPUT, piped
from readiness_kit.cli.options import FOLDER, input_file
from readiness_kit.cli.output import confirm, write_line
from readiness_kit.cli.styled import write_lines
from readiness_kit.documents import read_text
from readiness_kit.errors import EXIT_NOT_DONE, UnreadableFileError, UsageError
from readiness_kit.labels import count
from readiness_kit.model import Answer
from readiness_kit.report.exports.terminal import FAINT, POOR, STRONG, Line
from readiness_kit.workspace import exchange, waiving
from readiness_kit.workspace.session import Session


@click.group()
def answers() -> None:
    """Export, import, confirm or restore answers."""


@answers.command("export")
@FOLDER
@output_option("yaml")
def export_answers(folder: Path | None, outputs: Output) -> None:
    """Write every question and its answer as YAML, to be filled in by someone without this kit."""
    session = Session(open_folder(folder))
    text = exchange.export_answers(session.checklist.questions, session.folder.answers.all())
    write_output(outputs, text)


@answers.command("import")
@FOLDER
@input_file("file", "FILE as an option.", required=True)
@click.option("--prefer", type=click.Choice(["stored", "file"]), default="stored", show_default=True,
              help="The answer that is kept if both were changed.")  # fmt: skip
@click.option("--by", default="", help="Who filled in the file, if it does not name them.")
def import_answers(folder: Path | None, file: Path, prefer: exchange.Side, by: str) -> None:
    """Merge the answers of a file into the assessment and list the conflicts.

    FILE is the YAML file with the answers; - is standard input.
    Exit code 8 if a conflict is left: then the stored answer is kept.
    """
    session = Session(open_folder(folder))
    store, questions = session.folder.answers, session.checklist.questions
    source = STANDARD_INPUT if file == STANDARD else str(file)
    with piped(file) as read:
        text = read_text(read or file, exchange.WHAT, UnreadableFileError)
        imported = exchange.import_answers(text, store, questions, prefer=prefer, by=by, source=source)
    write_line(f"Taken: {count(len(imported.taken), 'answer')}")
    for note in imported.notes:
        write_line(f"Note: {note}", err=True)
    for conflict in imported.conflicts:
        kept = "the file" if conflict.taken else "the stored answer"
        write_line(
            f"Conflict: {conflict.question}: stored {_value(conflict.stored)}, in the file {_value(conflict.offered)}; "
            f"{kept} is kept",
            err=True,
        )
    if any(not conflict.taken for conflict in imported.conflicts):
        write_line("Next: resolve the conflicts, or import again with --prefer file", err=True)
        raise SystemExit(EXIT_NOT_DONE)


@answers.command("confirm")
@FOLDER
@click.argument("question", shell_complete=completion.questions)
@click.option("--by", default="", help="Who has checked the proof. Default: the assessor in readiness.yaml.")
def confirm_answer(folder: Path | None, question: str, by: str) -> None:
    """Record that the proof of the answer to QUESTION was checked: it then counts in full.

    A later change of the answer or its proof removes the record.
    """
    session = Session(open_folder(folder))
    asked = session.checklist.get(question)
    confirmed = session.folder.answers.confirm(asked.id, by or session.settings.assessor)
    write_line(f"Proof confirmed by {confirmed.confirmed_by} on {confirmed.confirmed_on}: {asked.number} {asked.short}")


@answers.command("restore")
@FOLDER
def restore_answers(folder: Path | None) -> None:
    """Rebuild a damaged answers file from the history of answers.

    Entries that can still be read take precedence. The damaged file is kept as a copy.
    """
    restored = open_folder(folder).answers.restore()
    write_line(f"Restored: {count(restored, 'answer')}")


def _value(answer: Answer | None) -> str:
    return answer.value.value if answer and answer.value else "nothing"


@click.command()
@FOLDER
@click.argument("question", required=False, shell_complete=completion.questions)
@click.option("--reason", default="", help="Why the risk is accepted.")
@click.option("--owner", default="", help="Who is responsible for the risk.")
@click.option("--approver", default="", help="Who has the authority to accept it; not the owner.")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="The last day that it counts.")
@click.option("--control", default="", help="The compensating control until then.")
@click.option("--remove", is_flag=True, help="Remove the waivers of QUESTION.")
def waive(folder: Path | None, question: str | None, reason: str, owner: str, approver: str, expires: datetime | None,
          control: str, remove: bool) -> None:  # fmt: skip
    """Accept the risk of a question until a date.

    Without QUESTION, list the waivers and what is wrong with them.
    """
    session = Session(open_folder(folder))
    workspace = session.folder
    if question is None:
        write_lines(_waiver_lines(session))
        return
    asked = session.checklist.get(question)
    if remove:
        workspace.remove_waivers(asked.id)
        write_line(f"Removed: all waivers for {asked.number} {asked.id}")
        return
    if expires is None:
        raise UsageError(f"the waiver for {asked.id} has no expiry", "add --expires YYYY-MM-DD")
    texts = {"reason": reason, "owner": owner, "approver": approver, "control": control}
    on = session.snapshot.manifest.taken_at.date() if session.snapshot else None
    made = waiving.waive(workspace, asked, **texts, expires=expires.date(), on=on)
    write_line(f"Accepted until {made.expires}: {asked.number} {asked.short}")


def _waiver_lines(session: Session) -> Iterator[Line]:
    """The waivers, and what is wrong with them."""
    for waiver in session.folder.waivers:
        people = f"owner {waiver.owner}, approved by {waiver.approver}. "
        parts = ((waiver.question, STRONG), (f": until {waiver.expires}, ", ""), (people, FAINT), (waiver.reason, ""))
        yield Line(parts, hang=2)
    for text in session.assessment().waiver_audit:
        yield Line((("Note: ", POOR), (text, "")), hang=2)


@click.command()
@FOLDER
@click.option("-y", "--yes", is_flag=True, help="Do not ask for confirmation.")
def clean(folder: Path | None, yes: bool) -> None:
    """Delete all snapshots at the end of an engagement.

    Quarantined and half-written snapshots are deleted as well. Answers, waivers, milestones and reports stay. Exit
    code 8 if you decline.
    """
    workspace = open_folder(folder)
    collected = workspace.collected_files()
    if not collected:
        write_line("There are no snapshots.")
        return
    if not yes:
        for path in collected:
            write_line(f"  {path.name}")
        if not confirm(f"Delete {count(len(collected), 'file')} in {workspace.path / 'snapshots'}?"):
            write_line("Nothing was deleted.")
            raise SystemExit(EXIT_NOT_DONE)
    for path in workspace.delete_snapshots():
        write_line(f"Deleted: {path.name}")
