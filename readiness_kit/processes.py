"""Run another program without a shell, without input and under a time limit."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Finished(NamedTuple):
    """What a program wrote to standard output and standard error, and its exit code."""

    out: bytes
    errors: str
    code: int


def run(
    words: Sequence[str], timeout: float, *, environment: Mapping[str, str] | None = None, folder: str | None = None
) -> Finished:
    """Run a program and wait for it; `timeout` in seconds.

    Raises OSError where it cannot be started, and TimeoutError after it and its children were ended.
    """
    process = subprocess.Popen(  # noqa: S603 - the caller decides on the program; no shell reads the words
        list(words),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=environment,
        start_new_session=True,
    )
    try:
        out, errors = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        _kill(process)
        raise TimeoutError from None
    return Finished(out, errors.decode("utf-8", "replace"), process.returncode)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the program and its children, which would keep the pipes open."""
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except ProcessLookupError:
        return
    finally:
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
        process.wait(timeout=5)
