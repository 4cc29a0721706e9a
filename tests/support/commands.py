"""The `readiness` command, run inside the test's own process."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from readiness_kit.cli import main
from readiness_kit.errors import DefectError


def run(*words: str | Path, input: str | None = None) -> Result:
    """Exit code and output of a command line; a defect, or an exception other than its exit, fails the test."""
    result = CliRunner().invoke(main, [str(word) for word in words], input=input)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code != DefectError.exit_code, result.output
    return result
