"""HTML for notebook and report: everything from a cluster or a person passes `esc` on its way in."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

from readiness_kit.model import Fact, Ref

_DROPPED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but tab and newline
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction marks
    "\ud800-\udfff\ufdd0-\ufdef"  # surrogates, noncharacters
    + "".join(chr(plane * 0x10000 + end) for plane in range(17) for end in (0xFFFE, 0xFFFF))
    + "]"
)


def clean(text: object) -> str:
    """The text without control characters, without direction marks, which could reorder what stands around it,
    and without the code points that no HTML parser takes."""
    return _DROPPED.sub("", str(text))


def esc(text: object, limit: int = 0) -> str:
    """Escaped text; with a limit, longer text is cut and ends in an ellipsis."""
    plain = clean(text)
    if limit and len(plain) > limit:
        plain = plain[: limit - 1] + "…"
    return html.escape(plain, quote=True)


def ref_text(ref: Ref) -> str:
    """`StatefulSet weaviate/weaviate`, `Node n1`."""
    return f"{ref.kind} {ref.namespace}/{ref.name}" if ref.namespace else f"{ref.kind} {ref.name}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], css: str = "") -> str:
    """A table from escaped cells; the head is plain text."""
    top = "".join(f'<th scope="col">{esc(cell)}</th>' for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<table class="{esc(css)}"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'


def fact_rows(facts: Sequence[Fact], limit: int = 0) -> list[list[str]]:
    """Object, field, seen, expected and a mark of each fact, those that failed first, cells escaped."""
    order = sorted(facts, key=lambda fact: (fact.ok is not False, fact.ok is None))
    shown = order[:limit] if limit else order
    marks = {True: "✓ as expected", False: "✗ differs", None: ""}
    return [
        [
            esc(ref_text(fact.ref), 120),
            f"<code>{esc(fact.field, 120)}</code>",
            esc(fact.seen, 300),
            esc(fact.expected, 300),
            marks[fact.ok],
        ]
        for fact in shown
    ]


FACT_HEAD = ("Object", "Field", "Seen", "Expected", "")
