"""Writes the manual page of the command, from the commands themselves, as docs/reference/command-line.md is.

python -m scripts.man [FILE]     default: build/readiness.1; read it with `man -l FILE`
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "docs" / "_ext"))

from readiness_generators import command_tree  # type: ignore[import-not-found]  # noqa: E402 - as in the docs

from readiness_kit._version import __version__  # noqa: E402
from readiness_kit.cli import EXIT_CODES  # noqa: E402

HEAD = r"""'\" t
.TH READINESS 1 "" "readiness-kit {version}" "Weaviate readiness kit"
.SH NAME
readiness \- assess whether a Weaviate cluster on Kubernetes is ready for production
.SH SYNOPSIS
.B readiness
.I COMMAND
[\fIOPTION\fR]...
.br
.B kubectl readiness
.I COMMAND
[\fIOPTION\fR]...
.SH DESCRIPTION
"""


def escaped(text: str) -> str:
    """The text as roff takes it literally."""
    rows = text.replace("\\", "\\e").replace("-", "\\-").split("\n")
    return "\n".join(f"\\&{row}" if row[:1] in (".", "'") else row for row in rows)


def literal(text: str) -> str:
    """A block that keeps its lines."""
    return f".nf\n{escaped(text.strip(chr(10)))}\n.fi\n"


def manual() -> str:
    """The page in the man macros."""
    whole, *commands = command_tree()
    parts = [HEAD.format(version=__version__), literal(whole.get_help().split("\n", 1)[1]), ".SH COMMANDS\n"]
    for context in commands:
        parts.append(f'.SS "{escaped(context.command_path)}"\n{literal(context.get_help())}')
    codes = EXIT_CODES.replace("\b", "").strip().removeprefix("Exit codes:")
    parts.append(f".SH EXIT STATUS\n{literal(codes)}")
    return "".join(parts)


def main() -> None:
    """Writes the page to the file of the command line."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "readiness.1"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(manual(), encoding="utf-8")
    print(target)


if __name__ == "__main__":
    main()
