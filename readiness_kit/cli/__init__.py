"""The `readiness` command: the table of its commands, its errors and its exit codes.

Each command is defined in a module named for its family and imported only when it runs, so command modules import
what they need at the top.
"""

from __future__ import annotations

import io
import os
import sys
import traceback
from pathlib import Path
from typing import Any

import click

from readiness_kit import paths
from readiness_kit._version import __version__
from readiness_kit.cli import common, output
from readiness_kit.cli.lazy import Entry, LazyGroup
from readiness_kit.errors import (
    EXIT_INTERRUPTED,
    DefectError,
    ReadinessError,
    UnreadableFileError,
    UsageError,
)

EXIT_CODES = """
\b
Exit codes:
  0  success; the gate passed        5  no Weaviate found, or none chosen
  1  the gate failed                 6  a file cannot be read or written
  2  incorrect command line          7  not enough known to pass the gate
  3  configuration or credentials    8  not done: declined, or in conflict
  4  a server cannot be reached     70  a defect of the kit; please report it
                                   130  interrupted with Ctrl-C
"""

COMMANDS = "readiness_kit.cli.commands"
SECTIONS = {
    "Start": {
        "demo": Entry(f"{COMMANDS}.start:demo", "Build the report of the bundled demonstration cluster."),
        "lab": Entry(f"{COMMANDS}.start:lab", "Open the notebooks in JupyterLab."),
        "app": Entry(f"{COMMANDS}.start:app", "Open the notebooks as an app without code (Voilà)."),
        "doctor": Entry(f"{COMMANDS}.doctor:doctor", "Check the installation, the folder and the connection."),
        "checklist": Entry(f"{COMMANDS}.start:checklist", "Print the questions and what decides them."),
    },
    "Assess": {
        "collect": Entry(f"{COMMANDS}.collect:collect", "Read the cluster once and save a snapshot."),
        "assess": Entry(f"{COMMANDS}.assess:assess", "Judge a snapshot and print the gaps; a gate for CI."),
        "explain": Entry(
            f"{COMMANDS}.explain:explain",
            "Explain one question: its verdict, evidence and remedy.",
        ),
        "fix": Entry(f"{COMMANDS}.fix:fix", "Write the fixes for this cluster, and prove them by judging again."),
        "report": Entry(f"{COMMANDS}.report:report", "Write the report as HTML, PDF, JSON, CSV and more."),
        "answers": Entry(f"{COMMANDS}.answers:answers", "Export, import, confirm or restore answers."),
        "waive": Entry(f"{COMMANDS}.answers:waive", "Accept the risk of a question until a date."),
    },
    "Over time": {
        "milestone": Entry(f"{COMMANDS}.report:milestone", "Freeze the assessment to compare with later."),
        "compare": Entry(f"{COMMANDS}.report:compare", "Show what changed between two assessments."),
        "fleet": Entry(f"{COMMANDS}.fleet:fleet", "Show several assessments side by side."),
        "clean": Entry(f"{COMMANDS}.answers:clean", "Delete all snapshots at the end of an engagement."),
    },
    "Cluster": {
        "advisories": Entry(f"{COMMANDS}.advisories:advisories", "Print known faults and upgrade paths of Weaviate."),
        "rbac": Entry(f"{COMMANDS}.collect:rbac", "Print the read-only Kubernetes role that collecting needs."),
        "serve": Entry(f"{COMMANDS}.serve:serve", "Serve a snapshot to kubectl as a read-only API."),
    },
}
"""The commands under their headings, in the order of `readiness --help`."""


class ReadinessGroup(LazyGroup):
    """Prints every error as what happened and what to do next, and exits with its code.

    With `READINESS_DEBUG` set, the traceback is printed as well.
    """

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Runs a command line and exits."""
        with output.logged_to_terminal():
            code = self._exit_code(*arguments, **options)
        sys.exit(code)

    def _exit_code(self, *arguments: Any, **options: Any) -> int:
        try:
            returned = super().main(*arguments, **{**options, "standalone_mode": False})
            return returned if isinstance(returned, int) else 0
        except click.ClickException as problem:
            shown = io.StringIO()
            problem.show(shown)
            output.write_text(shown.getvalue(), err=True, end="")
            return problem.exit_code
        except click.Abort as problem:
            if isinstance(problem.__context__, EOFError):
                return _print_error(UsageError("the question was not answered", "add --yes"))
            output.write_line("Interrupted.", err=True)
            return EXIT_INTERRUPTED
        except ReadinessError as problem:
            return _print_error(problem)
        except OSError as problem:
            if problem.filename is None:
                return _print_error(defect(problem))
            what = f"{os.fsdecode(problem.filename)} cannot be read or written: {problem.strerror}"
            return _print_error(UnreadableFileError(what, "check the path, its permissions and the free space"))
        except Exception as problem:  # noqa: BLE001  # the last resort: a defect is named as one and never exits with 1
            return _print_error(defect(problem))


def defect(problem: BaseException) -> DefectError:
    """A fault of the kit by its place; the message may quote data of the cluster and is left out."""
    frames = traceback.extract_tb(problem.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(paths.PACKAGE)]
    place = ""
    if own:
        place = f" in {Path(own[-1].filename).relative_to(paths.PACKAGE)}, line {own[-1].lineno}"
    return DefectError(
        f"readiness {__version__} failed unexpectedly{place}",
        "please report this defect with the command and the version; READINESS_DEBUG=1 shows the details",
    )


def _print_error(problem: ReadinessError) -> int:
    if os.environ.get("READINESS_DEBUG"):
        output.write_text(traceback.format_exc(), err=True, end="")
    output.write_line(f"Error: {problem.what}", err=True)
    if problem.hint:
        output.write_line(f"  Next: {problem.hint}", err=True)
    return problem.exit_code


@click.group(
    cls=ReadinessGroup,
    sections=SECTIONS,
    common=common.options,
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, "--version", prog_name="readiness")
def main() -> None:
    """Assess whether a self-managed Weaviate cluster on Kubernetes is ready for production.

    \b
    First look:     readiness demo
    Workshop:       readiness lab -d my-assessment
    Unattended:     readiness collect
                    readiness assess --fail-on critical && readiness report

    The cluster is never changed. Secrets are never read.
    """  # noqa: D301 - click reads the control character
