"""The `readiness` command, run inside the test's own process."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from readiness_kit.cli import main


def run(*words: str | Path) -> Result:
    """Exit code and output of a command line; an exception other than its exit is raised."""
    result = CliRunner().invoke(main, [str(word) for word in words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result
