"""Writes docs/reference/transcripts/: each command on a terminal of 80 and 120 columns, with and without colour.

Each command runs on a pseudo-terminal with the demonstration. Run it after a change of the output:
    python -m scripts.transcripts
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
from pathlib import Path

from rich.console import Console
from rich.text import Text

from readiness_kit import paths
from readiness_kit.demo import SNAPSHOT
from readiness_kit.serve import ServedSnapshot
from readiness_kit.snapshot import load

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs/reference/transcripts"
COLUMNS = (80, 120)
COMMANDS = (
    "--help",
    "demo -d other",
    "collect",
    "collect -v -n search",
    "collect --context gone",
    "assess",
    "assess -v",
    "assess -q --fail-on critical",
    "assess gone.yaml",
    "explain Q28",
    "fix",
    "report",
    "answers export -o yaml=answers.yaml",
    "answers import answers.yaml",
    "answers confirm Q3 --by Auditor",
    "waive",
    "milestone second",
    "compare first",
    "fleet demo other",
    "advisories --for 1.38.2 --to 1.38.9",
    "checklist --section monitoring",
    "lab --prepare-only",
    "app --help",
    "serve",
    "rbac -n search",
    "doctor --reach",
    "clean",
)
"""In this order, because some change the assessment. `lab` and `app` would start a server."""
STOPPED_AFTER = {"serve": 5.0}
"""Seconds until Ctrl-C of the commands that do not end."""
HEAD = """# On a terminal of {columns} columns

Made by `scripts/transcripts.py` with the demonstration, which is also the cluster that `collect` and `doctor` read.
Colour is left out with `$NO_COLOR` set and away from a terminal.
"""


def shown(command: str, columns: int, work: Path, *, coloured: bool) -> str:
    """What a command writes to a terminal, both streams together."""
    primary, secondary = pty.openpty()
    fcntl.ioctl(secondary, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(work),
        "KUBECONFIG": str(work / "kubeconfig"),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "PYTHONPATH": str(ROOT),
        "READINESS_DIR": str(work / "demo"),
        **({} if coloured else {"NO_COLOR": "1"}),
    }
    process = subprocess.Popen(  # noqa: S603 - the kit's own command
        [sys.executable, "-m", "readiness_kit.cli", *command.split()],
        stdin=subprocess.DEVNULL, stdout=secondary, stderr=secondary, cwd=work, env=environment,
    )  # fmt: skip
    os.close(secondary)
    stop = threading.Timer(STOPPED_AFTER.get(command, 300.0), process.send_signal, [signal.SIGINT])
    stop.start()
    parts = []
    while True:
        try:
            part = os.read(primary, 65536)
        except OSError:  # Linux reports the end of a pseudo-terminal as an error
            break
        if not part:
            break
        parts.append(part)
    os.close(primary)
    process.wait()
    stop.cancel()
    text = b"".join(parts).decode().replace("\r\n", "\n").replace("python -m readiness_kit.cli", "readiness")
    text = re.sub(r"/\S*/readiness-\w+/kubeconfig", "~/private/kubeconfig", text.replace(str(work), "~"))
    text = text.replace(f"{ROOT}/", "~/kit/").replace(sys.prefix, "~/venv")
    rows = [row.rsplit("\r\x1b[K", 1)[-1] for row in text.rstrip().split("\n")]
    return "\n".join([*rows, f"[exit code {process.returncode}]" if process.returncode else ""]).rstrip()


def as_html(text: str, columns: int) -> str:
    """The colours of a transcript as HTML."""
    console = Console(record=True, width=columns, file=open(os.devnull, "w"), force_terminal=True)  # noqa: SIM115
    console.print(Text.from_ansi(text), soft_wrap=True)
    return console.export_html(inline_styles=True, code_format='<pre class="rk-terminal">{code}</pre>')


def page(columns: int, work: Path) -> str:
    """The page of one width: all commands without colour, then again with it, each time on a new demonstration."""
    plain, coloured = (_all(columns, work, coloured=each) for each in (False, True))
    parts = [HEAD.format(columns=columns)]
    for command in COMMANDS:
        parts.append(f"## `readiness {command}`\n\n```text\n{plain[command]}\n```\n")
        if "\x1b[" in coloured[command]:
            parts.append(f"In colour:\n\n```{{raw}} html\n{as_html(coloured[command], columns)}\n```\n")
    return "\n".join(parts)


def _all(columns: int, work: Path, *, coloured: bool) -> dict[str, str]:
    for name in ("demo", "other"):
        shutil.rmtree(work / name, ignore_errors=True)
    for command in ("demo -d demo", "milestone first"):
        shown(command, columns, work, coloured=False)
    return {command: shown(command, columns, work, coloured=coloured) for command in COMMANDS}


def main() -> None:
    """Writes the pages."""
    FOLDER.mkdir(exist_ok=True)
    for columns in COLUMNS:
        with tempfile.TemporaryDirectory(prefix="readiness-") as private:
            work = Path(private)
            with ServedSnapshot(load(paths.demo() / SNAPSHOT)) as served:
                served.kubeconfig(work).rename(work / "kubeconfig")
                (FOLDER / f"columns-{columns}.md").write_text(page(columns, work), encoding="utf-8")


if __name__ == "__main__":
    main()
