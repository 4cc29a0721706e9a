"""What people say: answers as a file to fill in, accepted risks, and the end of an engagement."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from readiness_kit.cli.common import FOLDER, open_folder, open_session


@click.group()
def answers() -> None:
    """Take the answers out as a file to fill in offline, and read it in again."""


@answers.command("export")
@FOLDER
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False), help="The YAML file. Default: print it.")
def export_answers(folder: Path | None, out: Path | None) -> None:
    """Write every question with what has been answered as YAML, for somebody without the kit."""
    from readiness_kit.files import replace
    from readiness_kit.workspace.exchange import export_answers as text_of

    session = open_session(open_folder(folder), None, "")
    text = text_of(session.checklist.questions, session.folder.answers.all())
    if out is None:
        click.echo(text, nl=False)
        return
    replace(out, text.encode("utf-8"))
    click.echo(f"Answers: {out}")


@answers.command("import")
@FOLDER
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--prefer", type=click.Choice(["stored", "file"]), default="stored", show_default=True,
              help="Which side stands where both changed.")  # fmt: skip
@click.option("--by", default="", help="Who filled the file in, where it does not say so.")
def import_answers(folder: Path | None, file: Path, prefer: str, by: str) -> None:
    """Merge the answers of FILE into the assessment, and show where both sides differ."""
    from readiness_kit.documents import read_text
    from readiness_kit.errors import EXIT_GATE_FAILED, UnreadableFileError
    from readiness_kit.workspace.exchange import import_answers as merge

    session = open_session(open_folder(folder), None, "")
    text = read_text(file, "the answers file", UnreadableFileError)
    side = "file" if prefer == "file" else "stored"
    done = merge(text, session.folder.answers, session.checklist.questions, prefer=side, by=by, source=str(file))  # type: ignore[arg-type]
    click.echo(f"Taken: {len(done.taken)}")
    for note in done.notes:
        click.echo(f"Note: {note}", err=True)
    for clash in done.conflicts:
        here = clash.stored.value.value if clash.stored and clash.stored.value else "nothing"
        there = clash.offered.value.value if clash.offered.value else "nothing"
        stands = "the file's stands" if clash.taken else "the stored one stands"
        click.echo(f"Conflict: {clash.question}: stored {here}, in the file {there}; {stands}", err=True)
    if any(not clash.taken for clash in done.conflicts):
        click.echo("Next: settle them, or import again with --prefer file", err=True)
        raise SystemExit(EXIT_GATE_FAILED)


@click.command()
@FOLDER
@click.argument("question", required=False)
@click.option("--reason", default="", help="Why the risk is accepted.")
@click.option("--owner", default="", help="Who looks after it.")
@click.option("--approver", default="", help="Who has the authority to accept it; not the owner.")
@click.option(
    "--expires", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="Until when, that day included."
)
@click.option("--control", default="", help="What compensates for the risk meanwhile.")
@click.option("--remove", is_flag=True, help="Take the waivers of QUESTION away.")
def waive(folder: Path | None, question: str | None, reason: str, owner: str, approver: str, expires: datetime | None,
          control: str, remove: bool) -> None:  # fmt: skip
    """Accept the risk of QUESTION until a date; without QUESTION, list the waivers and what is wrong with them."""
    from readiness_kit.errors import UsageError
    from readiness_kit.workspace.waiving import waive as accept

    session = open_session(open_folder(folder), None, "")
    home = session.folder
    if question is None:
        for one in home.waivers:
            click.echo(
                f"{one.question}: until {one.expires}, owner {one.owner}, approved by {one.approver}. {one.reason}"
            )
        for line in session.assessment().waiver_audit:
            click.echo(f"Note: {line}")
        return
    asked = session.checklist.get(question)
    if remove:
        home.remove_waivers(asked.id)
        click.echo(f"No waiver for {asked.number} {asked.id} any more")
        return
    if expires is None:
        raise UsageError(f"the waiver for {asked.id} has no expiry", "give --expires YYYY-MM-DD")
    on = session.snapshot.manifest.taken_at.date() if session.snapshot else None
    made = accept(
        home, asked, reason=reason, owner=owner, approver=approver, expires=expires.date(), control=control, on=on
    )
    click.echo(f"Accepted until {made.expires}: {asked.number} {asked.short}")


@click.command()
@FOLDER
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
def clean(folder: Path | None, yes: bool) -> None:
    """Delete what was read from the cluster, at the end of an engagement: all snapshots.

    Answers, waivers, milestones and reports stay.
    """
    home = open_folder(folder)
    there = home.snapshots()
    if not there:
        click.echo("There are no snapshots.")
        return
    if not yes:
        click.confirm(f"Delete {len(there)} snapshots in {home.path / 'snapshots'}?", abort=True)
    for path in home.delete_snapshots():
        click.echo(f"Deleted: {path.name}")
