"""The files of the cards' front end, without their comments and indentation: each notebook sends them once."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

FRONTEND = Path(__file__).resolve().parents[1] / "frontend"
_COMMENTS = re.compile(r"/\*.*?(?:\*/|\Z)|^[^\S\n]*//[^\n]*$", re.DOTALL | re.MULTILINE)


@cache
def frontend(name: str) -> str:
    """A file of `notebook/frontend/`; the lines stay lines, and a comment behind code stays too."""
    text = _COMMENTS.sub("", (FRONTEND / name).read_text("utf-8"))
    return "\n".join(filter(None, (line.strip() for line in text.splitlines())))


@cache
def style_html() -> str:
    """The style sheet of the cards as an element."""
    return f"<style data-rk-style>{frontend('card.css')}</style>"
