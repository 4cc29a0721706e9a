"""The `readiness` command: the table of its commands, its errors and its exit codes.

Each command is defined in a module named for its family and imported only when it runs, so command modules import
what they need at the top.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from readiness_kit._version import __version__
from readiness_kit.cli.lazy import Entry, LazyGroup
from readiness_kit.errors import ReadinessError

EXIT_CODES = """
\b
Exit codes:
  0  success; the gate passed        4  a server cannot be reached
  1  the gate failed                 5  no Weaviate found, or none chosen
  2  incorrect command line          6  a file cannot be read or written
  3  configuration or credentials    7  not enough known to pass the gate
"""

SECTIONS = {
    "Start": {
        "demo": Entry("readiness_kit.cli.start:demo", "Build the report of the bundled demonstration cluster."),
        "lab": Entry("readiness_kit.cli.start:lab", "Open the notebooks in JupyterLab."),
        "app": Entry("readiness_kit.cli.start:app", "Open the notebooks as an app without code (Voilà)."),
        "doctor": Entry("readiness_kit.cli.start:doctor", "Check the installation, the folder and the connection."),
        "checklist": Entry("readiness_kit.cli.start:checklist", "Print the questions and what decides them."),
    },
    "Assess": {
        "collect": Entry("readiness_kit.cli.collect:collect", "Read the cluster once and save a snapshot."),
        "assess": Entry("readiness_kit.cli.assess:assess", "Judge a snapshot and print the gaps; a gate for CI."),
        "report": Entry("readiness_kit.cli.report:report", "Write the report as HTML, PDF, JSON, CSV and more."),
        "answers": Entry("readiness_kit.cli.answers:answers", "Export answers to a file and import them again."),
        "waive": Entry("readiness_kit.cli.answers:waive", "Accept the risk of a question until a date."),
    },
    "Over time": {
        "milestone": Entry("readiness_kit.cli.report:milestone", "Freeze the assessment to compare with later."),
        "compare": Entry("readiness_kit.cli.report:compare", "Show what changed between two assessments."),
        "fleet": Entry("readiness_kit.cli.fleet:fleet", "Show several assessments side by side."),
        "clean": Entry("readiness_kit.cli.answers:clean", "Delete all snapshots at the end of an engagement."),
    },
    "Cluster": {
        "advisories": Entry(
            "readiness_kit.cli.advisories:advisories", "Print known faults and upgrade paths of Weaviate."
        ),
        "rbac": Entry("readiness_kit.cli.collect:rbac", "Print the read-only Kubernetes role that collecting needs."),
        "serve": Entry("readiness_kit.cli.serve:serve", "Serve a snapshot to kubectl as a read-only API."),
    },
}
"""The commands under their headings, in the order of `readiness --help`."""


class ReadinessGroup(LazyGroup):
    """Prints a ReadinessError as what happened and what to do next, and exits with its code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; print a ReadinessError without its traceback, unless READINESS_DEBUG is set."""
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


@click.group(
    cls=ReadinessGroup,
    sections=SECTIONS,
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, "--version", prog_name="readiness")
def main() -> None:
    """Assess whether a self-managed Weaviate cluster on Kubernetes is ready for production.

    \b
    First look:     readiness demo
    Workshop:       readiness lab my-assessment
    Unattended:     readiness collect
                    readiness assess --fail-on critical && readiness report

    The cluster is never changed. Secrets are never read.
    """  # noqa: D301 - click reads the control character
