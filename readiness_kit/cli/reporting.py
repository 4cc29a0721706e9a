"""What a customer keeps."""

from __future__ import annotations

from pathlib import Path

import click

from readiness_kit.cli.common import FOLDER, AssessmentFolder, step


@click.command()
@FOLDER
@click.option("--snapshot", type=click.Path(path_type=Path), help="Report on this snapshot instead of the newest.")
@click.option("--weaviate", default="", metavar="NAMESPACE/NAME", help="The workload, where there are several.")
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False), help="The HTML file to write.")
def report(folder: Path | None, snapshot: Path | None, weaviate: str, out: Path | None) -> None:
    """Write the HTML report: one self-contained file."""
    from readiness_kit.report.render import render

    with AssessmentFolder(folder, throwaway=bool(snapshot)) as home:
        if snapshot:
            from readiness_kit.snapshot import load

            home.add_snapshot(load(snapshot))
            out = out or Path(snapshot.stem + ".html")
        if weaviate:
            home.write_settings(weaviate=weaviate)
        path = render(home, out, progress=step)
        click.echo(f"The report: {path.resolve()}")
