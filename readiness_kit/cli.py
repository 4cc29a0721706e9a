"""The `readiness` command. Commands are thin: each says what it takes, calls one room, and prints."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from readiness_kit import __version__
from readiness_kit.errors import EXIT_GATE_FAILED, EXIT_NOT_ENOUGH_KNOWN, ConfigError, ReadinessError, UsageError

if TYPE_CHECKING:
    from readiness_kit.assessment.folder import Folder
    from readiness_kit.assessment.session import Session
    from readiness_kit.model import Assessment
    from readiness_kit.snapshot import Snapshot

EXIT_CODES = """
\b
Exit codes:
  0  done; the gate passed           4  a server cannot be reached
  1  the gate failed                 5  no Weaviate found, or several and none chosen
  2  wrong words on the command line 6  a file that cannot be read
  3  configuration or credentials    7  not enough known to pass the gate
"""


class Commands(click.Group):
    """Prints every ReadinessError as what happened and what to do next, with its own exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ReadinessError as problem:
            if os.environ.get("READINESS_DEBUG"):
                raise
            click.echo(f"Error: {problem}", err=True)
            ctx.exit(problem.exit_code)
        except BrokenPipeError:
            sys.stderr.close()
            ctx.exit(0)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


FOLDER = click.option(
    "-d", "--folder", type=click.Path(path_type=Path, file_okay=False),
    help="The assessment folder. Default: $READINESS_DIR, else the nearest parent with a readiness.yaml.",
)  # fmt: skip
CLUSTER = (
    click.option("--kubeconfig", default="", help="A kubeconfig file. Default: $KUBECONFIG, else ~/.kube/config."),
    click.option("--context", default="", help="The kubeconfig context. Default: the current one."),
    click.option("-n", "--namespace", "namespaces", multiple=True,
                 help="Namespace-only mode: read only this namespace (may be repeated), nothing cluster-wide."),
    click.option("--weaviate", default="", metavar="NAMESPACE/NAME",
                 help="The Weaviate workload, where a cluster has several."),
)  # fmt: skip


def cluster_options(function: Any) -> Any:
    for option in reversed(CLUSTER):
        function = option(function)
    return function


@click.group(cls=Commands, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "--version", prog_name="readiness")
def main() -> None:
    """Assess whether a self-managed Weaviate cluster on Kubernetes is ready for production.

    \b
    First look:     readiness demo
    Workshop:       readiness lab my-assessment
    Unattended:     readiness collect && readiness assess --fail-on critical && readiness report

    The cluster is only ever read, Secrets never.
    """


@main.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default="readiness-demo")
def demo(folder: Path) -> None:
    """Build the report of the bundled demonstration cluster, in FOLDER (default: readiness-demo)."""
    from readiness_kit.demo import install
    from readiness_kit.report.render import render

    click.echo("Reading the demonstration cluster …", err=True)
    assessment = install(folder)
    out = render(assessment, progress=_step)
    click.echo(f"The report: {out.resolve()}")
    click.echo(f"Next: open it in a browser, or look around in the notebooks with `readiness lab {folder}`")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".")
@click.option("--no-browser", is_flag=True, help="Do not open a browser; print the address.")
@click.option("--port", type=int, default=0, help="The port to listen on (127.0.0.1 only).")
@click.option("--prepare-only", is_flag=True, help="Only copy the notebooks; for an existing JupyterLab.")
def lab(folder: Path, no_browser: bool, port: int, prepare_only: bool) -> None:
    """Open the notebooks in JupyterLab, on the assessment in FOLDER (default: here)."""
    from readiness_kit.notebook.lab import copy_notebooks, launch

    assessment = _folder(folder, create=True)
    for note in copy_notebooks(assessment):
        click.echo(f"Note: {note}", err=True)
    click.echo(f"Assessment folder: {assessment.path}", err=True)
    if prepare_only:
        click.echo(f"Open {assessment.path / 'notebooks' / '00_start.ipynb'} in your JupyterLab.")
        return
    raise SystemExit(launch(assessment, browser=not no_browser, port=port))


@main.command()
@FOLDER
@cluster_options
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the snapshot to this file.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def collect(folder: Path | None, kubeconfig: str, context: str, namespaces: tuple[str, ...], weaviate: str,
            out: Path | None, quiet: bool) -> None:  # fmt: skip
    """Read the cluster once and keep what was read as a snapshot file.

    Only lists are read (GET), only the fields that the evidence needs are kept, Secrets are never asked for.
    """
    assessment = None if out else _folder(folder, create=True)
    snapshot = _collect(assessment, kubeconfig, context, namespaces, weaviate, quiet)
    if out:
        snapshot.save(out)
    path = out or assessment.add_snapshot(snapshot)  # type: ignore[union-attr]
    _say_reads(snapshot)
    click.echo(f"Snapshot: {path}")
    from readiness_kit.facts import Facts

    Facts(snapshot, weaviate)


@main.command()
@click.argument("snapshot", type=click.Path(path_type=Path), required=False)
@FOLDER
@cluster_options
@click.option("--live", is_flag=True, help="Collect first. Implied by --kubeconfig, --context and --namespace.")
@click.option(
    "--fail-on",
    type=click.Choice(["critical", "high", "medium", "low"]),
    help="Exit 1 where there is a gap of this severity or above, 7 where too little is known.",
)
@click.option("-q", "--quiet", is_flag=True, help="Only the verdict.")
def assess(snapshot: Path | None, folder: Path | None, kubeconfig: str, context: str, namespaces: tuple[str, ...],
           weaviate: str, live: bool, fail_on: str | None, quiet: bool) -> None:  # fmt: skip
    """Judge the newest snapshot (or SNAPSHOT, or with --live the cluster itself) and print the gaps.

    Answers of the assessment folder count where there is one.
    """
    from readiness_kit.report.terminal import as_text, verdict_text

    live = live or bool(kubeconfig or context or namespaces)
    if live and snapshot:
        raise UsageError("a snapshot file and --live were both given", "give one of them")
    with _assessment_folder(folder, throwaway=bool(snapshot) or live) as home:
        if live:
            home.add_snapshot(_collect(home, kubeconfig, context, namespaces, weaviate, quiet))
        session = _session(home, snapshot, weaviate)
        session.require_facts()
        judged = session.assessment()
    click.echo(verdict_text(judged) if quiet else as_text(judged))
    if fail_on:
        raise SystemExit(_gate(judged, fail_on))


@main.command()
@FOLDER
@click.option("--snapshot", type=click.Path(path_type=Path), help="Report on this snapshot instead of the newest.")
@click.option("--weaviate", default="", metavar="NAMESPACE/NAME", help="The workload, where there are several.")
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False), help="The HTML file to write.")
def report(folder: Path | None, snapshot: Path | None, weaviate: str, out: Path | None) -> None:
    """Write the HTML report: one self-contained file."""
    from readiness_kit.report.render import render

    with _assessment_folder(folder, throwaway=bool(snapshot)) as home:
        if snapshot:
            from readiness_kit.snapshot import load

            home.add_snapshot(load(snapshot))
            out = out or Path(snapshot.stem + ".html")
        if weaviate:
            home.write_settings(weaviate=weaviate)
        path = render(home, out, progress=_step)
        click.echo(f"The report: {path.resolve()}")


@main.command()
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
    from readiness_kit.model import Profile, Section
    from readiness_kit.words import SECTION_TITLES

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


@main.command()
@click.option(
    "-n", "--namespace", "namespaces", multiple=True, help="A Role for this namespace instead of a ClusterRole."
)
@click.option("--profile", type=click.Choice(["core", "extended"]), default="core", show_default=True)
@click.option("--serviceaccount", default="", metavar="NAMESPACE/NAME", help="Bind it to this ServiceAccount.")
@click.option("--user", default="", help="Bind it to this user.")
@click.option("--group", default="", help="Bind it to this group.")
def rbac(namespaces: tuple[str, ...], profile: str, serviceaccount: str, user: str, group: str) -> None:
    """Print the Kubernetes role that a collection needs: list only, no Secrets, no writes.

    Made from what the evidence functions of the profile read; apply it with `kubectl apply -f -`.
    """
    from readiness_kit import evidence
    from readiness_kit.checklist import load_checklist
    from readiness_kit.collect import cluster_role
    from readiness_kit.model import Profile

    questions = load_checklist(profile=Profile(profile)).questions
    click.echo(cluster_role(evidence.reads_for(questions), namespaces=namespaces, service_account=serviceaccount,
                            user=user, group=group), nl=False)  # fmt: skip


@main.command()
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


def _step(done: int, of: int, cell: str) -> None:
    """A line for each cell of the report that starts: `report 3/12 kit.report.actions()`."""
    if cell:
        click.echo(f"report {done + 1}/{of} {cell}", err=True)


def _folder(folder: Path | None, *, create: bool = False) -> Folder:
    from readiness_kit.assessment.folder import Folder

    if folder is not None:
        chosen = Folder(folder)
        return chosen if (folder / "readiness.yaml").exists() or not create else chosen.create()
    try:
        return Folder.find()
    except ConfigError:
        if not create:
            raise
        return Folder(Path.cwd()).create()


class _assessment_folder:
    """The folder given or found; for one-off runs without any, a temporary one."""

    def __init__(self, folder: Path | None, *, throwaway: bool) -> None:
        self._folder, self._throwaway = folder, throwaway
        self._temporary: Any = None

    def __enter__(self) -> Folder:
        from readiness_kit.assessment.folder import Folder

        if self._throwaway and self._folder is None:
            import tempfile

            self._temporary = tempfile.TemporaryDirectory(prefix="readiness-")
            return Folder(Path(self._temporary.name)).create()
        return _folder(self._folder)

    def __exit__(self, *_: object) -> None:
        if self._temporary is not None:
            self._temporary.cleanup()


def _session(home: Folder, snapshot: Path | None, weaviate: str) -> Session:
    from readiness_kit.assessment.session import Session

    return Session(home, snapshot, weaviate)


def _collect(home: Folder | None, kubeconfig: str, context: str, namespaces: tuple[str, ...], weaviate: str,
             quiet: bool) -> Snapshot:  # fmt: skip
    from readiness_kit import evidence
    from readiness_kit.checklist import load_checklist
    from readiness_kit.collect import collect, connect
    from readiness_kit.model import Settings

    settings = home.settings if home else Settings()
    questions = load_checklist(profile=settings.profile).questions
    cluster = settings.cluster
    with connect(kubeconfig or cluster.kubeconfig, context or cluster.context) as connection:
        return collect(
            connection,
            evidence.reads_for(questions),
            namespaces=namespaces or cluster.namespaces,
            weaviate=weaviate or cluster.weaviate,
            progress=None if quiet else _progress(),
        )


def _progress() -> Any:
    """One line that is rewritten on a terminal; elsewhere one line for each kind."""
    live = sys.stderr.isatty()

    def show(event: Any) -> None:
        text = f"{event.done_kinds:>3}/{event.all_kinds} {event.key} {event.state} {event.objects or ''}".rstrip()
        if live:
            click.echo(f"\r\033[K{text}", err=True, nl=event.done_kinds == event.all_kinds)
        elif event.state not in ("start", "page"):
            click.echo(text, err=True)

    return show


def _say_reads(snapshot: Snapshot) -> None:
    from readiness_kit.model import Reason
    from readiness_kit.words import REASON_WORDS, count

    reads = snapshot.manifest.reads
    missing = [read for read in reads if read.reason not in (None, Reason.ABSENT)]
    click.echo(f"Read {count(len(reads) - len(missing), 'kind')}; {len(missing)} could not be read")
    for read in missing:
        click.echo(f"  {read.key}: {REASON_WORDS[read.reason]}" + (f" ({read.message})" if read.message else ""))  # type: ignore[index]


def _gate(judged: Assessment, fail_on: str) -> int:
    """1 for a gap of the severity or above; else 7 where a critical question is open or too little is known."""
    from readiness_kit.model import Level, Severity, State

    order = list(Severity)
    severe = set(order[: order.index(Severity(fail_on)) + 1])
    gaps = [v for v in judged.verdicts if v.state in (State.GAP, State.CONTRADICTED) and v.severity in severe]
    if gaps:
        click.echo(f"Gate --fail-on {fail_on}: failed by {', '.join(v.question.number for v in gaps)}", err=True)
        return EXIT_GATE_FAILED
    open_critical = [v for v in judged.verdicts if v.state is State.OPEN and v.question.severity is Severity.CRITICAL]
    if open_critical or judged.level is Level.NOT_ENOUGH_KNOWN:
        click.echo(f"Gate --fail-on {fail_on}: not enough known. {judged.level_why}", err=True)
        return EXIT_NOT_ENOUGH_KNOWN
    click.echo(f"Gate --fail-on {fail_on}: passed", err=True)
    return 0


if __name__ == "__main__":
    main()
