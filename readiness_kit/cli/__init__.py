"""The `readiness` command. Commands are thin: each says what it takes, calls one room, and prints.

Here stand the group, its errors and exit codes; the commands are in modules by theme. None of them loads anything
heavy before it runs.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from readiness_kit._version import __version__
from readiness_kit.cli import answers, assess, collect, notebooks, report
from readiness_kit.errors import ReadinessError

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


for command in (
    notebooks.demo,
    notebooks.lab,
    notebooks.app,
    collect.collect,
    assess.assess,
    report.report,
    report.milestone,
    report.compare,
    report.fleet,
    answers.answers,
    answers.waive,
    notebooks.checklist,
    collect.rbac,
    notebooks.doctor,
    answers.clean,
    notebooks.serve,
):
    main.add_command(command)
