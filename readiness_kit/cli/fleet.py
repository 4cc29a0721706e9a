"""`fleet`: several assessments on one page."""

from __future__ import annotations

from pathlib import Path

import click

from readiness_kit.cli.forms import STANDARD, Output, output_option, write_output
from readiness_kit.cli.output import write_line
from readiness_kit.errors import ConfigError
from readiness_kit.fleet import page


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path, file_okay=False, exists=True))
@output_option("html", "json", several=True, note="Without a file: fleet.html, fleet.json.")
def fleet(folders: tuple[Path, ...], outputs: tuple[Output, ...]) -> None:
    """Show several assessments side by side.

    For each of the assessment FOLDERS: level, score, coverage, blockers, and the verdict on every question.
    """
    assessments = page.fleet(folders)
    for output in outputs:
        if output.file == STANDARD:
            write_output(output, page.text(assessments, output.form))
            continue
        path = page.write_form(assessments, output.form, output.file or Path(f"fleet.{output.form}"))
        write_line(f"The fleet: {path.resolve()}")
    for name, why in assessments.failed.items():
        write_line(f"Not judged: {name}: {why}", err=True)
    if assessments.failed:
        raise SystemExit(ConfigError.exit_code)
