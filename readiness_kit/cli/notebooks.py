"""First looks: the demonstration, the notebooks, the questions, the installation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from readiness_kit.cli.common import open_folder, step
from readiness_kit.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from readiness_kit.workspace.folder import Folder


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default="readiness-demo")
def demo(folder: Path) -> None:
    """Build the report of the bundled demonstration cluster, in FOLDER (default: readiness-demo)."""
    from readiness_kit.demo import install
    from readiness_kit.report.rendering.render import render

    click.echo("Reading the demonstration cluster …", err=True)
    assessment = install(folder)
    out = render(assessment, progress=step)
    click.echo(f"The report: {out.resolve()}")
    click.echo(f"Next: open it in a browser, or look around in the notebooks with `readiness lab {folder}`")


NOTEBOOK_FOLDER = click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".")
NO_BROWSER = click.option("--no-browser", is_flag=True, help="Do not open a browser; print the address.")
PORT = click.option("--port", type=int, default=0, help="The port to listen on (127.0.0.1 only).")


@click.command()
@NOTEBOOK_FOLDER
@NO_BROWSER
@PORT
@click.option("--presenter", is_flag=True, help="Larger type and no code, for a shared screen.")
@click.option("--prepare-only", is_flag=True, help="Only copy the notebooks; for an existing JupyterLab.")
def lab(folder: Path, no_browser: bool, port: int, presenter: bool, prepare_only: bool) -> None:
    """Open the notebooks in JupyterLab, on the assessment in FOLDER (default: here)."""
    from readiness_kit.notebook.launcher import launch

    assessment = _with_notebooks(folder)
    if prepare_only:
        click.echo(f"Open {assessment.path / 'notebooks' / '00_start.ipynb'} in your JupyterLab.")
        return
    raise SystemExit(launch(assessment, browser=not no_browser, port=port, presenter=presenter))


@click.command()
@NOTEBOOK_FOLDER
@NO_BROWSER
@PORT
def app(folder: Path, no_browser: bool, port: int) -> None:
    """Show the notebooks as an app without code (Voilà, extra `app`), on the assessment in FOLDER (default: here)."""
    from readiness_kit.notebook.launcher import launch_app

    raise SystemExit(launch_app(_with_notebooks(folder), browser=not no_browser, port=port))


def _with_notebooks(folder: Path) -> Folder:
    from readiness_kit.notebook.launcher import copy_notebooks

    assessment = open_folder(folder, create=True)
    for note in copy_notebooks(assessment):
        click.echo(f"Note: {note}", err=True)
    click.echo(f"Assessment folder: {assessment.path}", err=True)
    return assessment


@click.command()
@click.option("--profile", type=click.Choice(["core", "extended"]), default="core", show_default=True)
@click.option("--section", default="", help="Only this section.")
@click.option(
    "--evidence", "show_evidence", is_flag=True, help="How far evidence decides each question, and what it reads."
)
@click.option("--schema", is_flag=True, help="The JSON Schema of a checklist file, for your own questions.")
def checklist(profile: str, section: str, show_evidence: bool, schema: bool) -> None:
    """Print the questions."""
    from readiness_kit.checklist import load_checklist
    from readiness_kit.checklist import schema as json_schema
    from readiness_kit.labels import SECTION_TITLES
    from readiness_kit.model import Profile, Section

    if schema:
        import json

        click.echo(json.dumps(json_schema(), indent=2))
        return
    if section and section not in [chapter.value for chapter in Section]:
        raise UsageError(f"there is no section {section!r}", f"take one of: {', '.join(s.value for s in Section)}")
    questions = load_checklist().profile(Profile.EXTENDED if show_evidence else Profile(profile)).questions
    for chapter in Section:
        of_chapter = [question for question in questions if question.section is chapter]
        if not of_chapter or (section and section != chapter.value):
            continue
        click.echo(f"\n{SECTION_TITLES[chapter]}")
        for question in of_chapter:
            indent = "    " if question.parent else "  "
            click.echo(f"{indent}{question.number:<4}{question.id:<30}{question.text}")
            if show_evidence:
                from readiness_kit import evidence

                reads = ", ".join(evidence.reads_of(question.id)) or "nothing that this kit can see"
                click.echo(f"{indent}    {question.automation.value.upper():<7} reads {reads}")


@click.command()
@click.option("--kubeconfig", default="", help="A kubeconfig file.")
@click.option("--context", default="", help="The kubeconfig context.")
@click.option("--reach", is_flag=True, help="Also connect to the cluster and check the permissions.")
def doctor(kubeconfig: str, context: str, reach: bool) -> None:
    """Check the installation, the assessment folder and the way to the cluster."""
    from readiness_kit.doctor import examine

    lines = []
    for line in examine(kubeconfig, context, reach=reach):
        click.echo(str(line))
        lines.append(line)
    if any(line.ok is False for line in lines):
        raise SystemExit(ConfigError.exit_code)


@click.command()
@click.argument("snapshot", type=click.Path(path_type=Path))
@click.option("--port", type=int, default=0, help="The port on 127.0.0.1. Default: a free one.")
def serve(snapshot: Path, port: int) -> None:
    """Let kubectl look at SNAPSHOT (or a bundle): a read-only API on this machine, until Ctrl-C."""
    import tempfile
    import threading

    from readiness_kit.bundles import load
    from readiness_kit.serve import ServedSnapshot

    with tempfile.TemporaryDirectory(prefix="readiness-") as folder, ServedSnapshot(load(snapshot), port) as served:
        config = served.kubeconfig(Path(folder))
        click.echo(f"export KUBECONFIG={config}")
        click.echo("Read-only, on this machine alone. Try: kubectl get pods -A. Ctrl-C ends it.", err=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            click.echo("Ended.", err=True)
