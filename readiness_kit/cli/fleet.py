"""`fleet`: several assessments on one page."""

from __future__ import annotations

from pathlib import Path

import click

from readiness_kit.cli.output import write_line
from readiness_kit.errors import ConfigError
from readiness_kit.fleet import page


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("-o", "--out", type=click.Path(path_type=Path), default="fleet.html", show_default=True,
              help="The file to write; each form has its own suffix.")  # fmt: skip
@click.option("-f", "--format", "forms", type=click.Choice(["html", "json"]), multiple=True, help="Default: both.")
def fleet(folders: tuple[Path, ...], out: Path, forms: tuple[str, ...]) -> None:
    """Show several assessments side by side.

    For each of the assessment FOLDERS: level, score, coverage, blockers, and the verdict on every question.
    """
    assessments = page.fleet(folders)
    for path in page.write_forms(assessments, out, forms or ("html", "json")):
        write_line(f"The fleet: {path.resolve()}")
    for name, why in assessments.failed.items():
        write_line(f"Not judged: {name}: {why}", err=True)
    if assessments.failed:
        raise SystemExit(ConfigError.exit_code)
