"""`fleet`: several assessments on one page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from readiness_kit.cli.forms import STANDARD, Output, output_option, write_output
from readiness_kit.cli.output import write_line
from readiness_kit.cli.styled import write_lines
from readiness_kit.errors import ConfigError
from readiness_kit.fleet import page
from readiness_kit.labels import LEVEL_SIGNS, LEVEL_WORDS, percent, score_range
from readiness_kit.report.exports.terminal import LEVEL_STYLES, STRONG, Line


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
    if not any(output.file == STANDARD for output in outputs):
        write_lines(_lines(assessments))
    for name, why in assessments.failed.items():
        write_line(f"Not judged: {name}: {why}", err=True)
    if assessments.failed:
        raise SystemExit(ConfigError.exit_code)


def _lines(assessments: page.Fleet) -> Iterator[Line]:
    """A line for each cluster, the worst first as on the page."""
    for member in assessments.clusters:
        name = ", ".join(part for part in (member.customer, member.cluster) if part) or member.folder
        figures = f"{score_range(member.total)}, {percent(member.total.coverage)} judged"
        blockers = f"; blockers: {', '.join(member.blockers)}" if member.blockers else ""
        level = f"{LEVEL_SIGNS[member.level]} {LEVEL_WORDS[member.level]}"
        yield Line(((level, LEVEL_STYLES[member.level]), (f"  {name}", STRONG), (f"  {figures}{blockers}", "")), hang=4)
