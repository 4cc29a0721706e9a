"""HTML for notebook and report: everything from a cluster or a person passes `esc` on its way in."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from readiness_kit.model import Observation, Ref

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


def plain_table(head: Sequence[str], rows: Iterable[Sequence[str]], css: str = "") -> str:
    """A table from escaped cells; the head is plain text."""
    top = "".join(f'<th scope="col">{esc(cell)}</th>' for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<table class="{esc(css)}"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'


def fact_rows(facts: Sequence[Observation], limit: int = 0) -> list[list[str]]:
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


NAME_LIMIT = 253
"""The longest name Kubernetes allows; anything longer is an accident or an attack."""

VALUE_LIMIT = 400

# Written out, because strftime follows the locale of the machine.
_MONTHS = ("January February March April May June July August September October November December").split()
_CODE = re.compile(r"`([^`\n]+)`")
_SAFE_LINK = re.compile(r"^(https?://|mailto:)[^\s<>\"']+$", re.IGNORECASE)


def text(value: object, limit: int = 0) -> str:
    """Escaped text, safe in an element and in a quoted attribute."""
    return esc(value, limit)


def coded(value: str, limit: int = 0) -> str:
    """Escaped text in which `this` is set as code: for texts of the checklist and sentences of the evidence."""
    return _CODE.sub(r"<code>\1</code>", text(value, limit))


def first_sentences(value: str, length: int = 240) -> str:
    """Whole sentences up to about `length` characters, at least a part of the first; for lists, not for the record."""
    flat = " ".join(value.split())
    if len(flat) <= length:
        return flat
    end = flat.rfind(". ", 0, length)
    return flat[: end + 1] if end > length // 4 else flat[: length - 1].rsplit(" ", 1)[0] + " …"


def name(value: object, limit: int = NAME_LIMIT) -> str:
    """A name whose writing direction cannot spill over into what stands beside it; Latin letters need no fence."""
    shown = text(value, limit)
    return shown if shown.isascii() else f"<bdi>{shown}</bdi>"


def prose(value: str) -> str:
    """A person's free text with its line breaks kept."""
    return f"<bdi>{'<br>'.join(text(line) for line in value.strip().splitlines())}</bdi>"


def link(url: str, title: str = "") -> str:
    """A link where the address is a web or mail address, plain text otherwise (no `javascript:` and the like)."""
    shown = text(title or url, VALUE_LIMIT)
    if not _SAFE_LINK.match(url):
        return f"<bdi>{shown}</bdi>"
    return f'<a href="{text(url)}" rel="noreferrer">{shown}</a>'


def day(value: date | datetime | None, otherwise: str = "—") -> str:
    """24 November 2026; unambiguous in every country."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}" if value is not None else otherwise


def moment(value: datetime | None, otherwise: str = "—") -> str:
    return f"{day(value)}, {value:%H:%M} UTC" if value is not None else otherwise


def anchor(*parts: str) -> str:
    """An id for `href="#…"` from trusted words and question ids."""
    return re.sub(r"[^a-z0-9_-]+", "-", "-".join(parts).lower()).strip("-")


def paragraph(inner: str, css: str = "") -> str:
    return f"<p{_css(css)}>{inner}</p>" if inner else ""


def listing(items: Iterable[str], css: str = "") -> str:
    """A bulleted list of escaped items; nothing where there are none."""
    body = "".join(f"<li>{item}</li>" for item in items)
    return f"<ul{_css(css)}>{body}</ul>" if body else ""


def pairs(items: Iterable[tuple[str, str]], css: str = "") -> str:
    """A description list of (plain term, escaped value); pairs without a value are left out."""
    body = "".join(f"<div><dt>{text(term)}</dt><dd>{value}</dd></div>" for term, value in items if value)
    return f"<dl{_css(css)}>{body}</dl>" if body else ""


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], css: str = "") -> str:
    """A table of escaped cells, the first of each row its header; it scrolls inside its box on a small screen.

    In a table of class `rk-cards` each cell carries its column's name, from which the style sheet makes cards where
    the table would not fit.
    """
    cards = "rk-cards" in css
    top = "".join(f'<th scope="col">{text(cell)}</th>' for cell in head)
    lines = []
    for row in rows:
        first, *rest = row
        cells = "".join(f"<td{_label(label, cards)}>{cell}</td>" for label, cell in zip(head[1:], rest, strict=True))
        lines.append(f'<tr><th scope="row"{_label(head[0], cards)}>{first}</th>{cells}</tr>')
    return (
        f'<div class="rk-scroll" role="region" aria-label="Table: {text(caption)}" tabindex="0"><table{_css(css)}>'
        f"<caption>{text(caption)}</caption><thead><tr>{top}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def _label(label: str, cards: bool) -> str:
    return f' data-label="{text(label)}"' if cards else ""


def fold(summary: str, inner: str, css: str = "") -> str:
    """A fold-out: closed on the screen, open in print."""
    return f"<details{_css(css)}><summary>{summary}</summary>{inner}</details>"


def chapter(id: str, title: str, inner: str, css: str = "") -> str:
    """A chapter under a heading of the second level."""
    return (
        f'<section class="rk-chapter{" " + css if css else ""}" id="{id}" aria-labelledby="{id}-title">'
        f'<h2 id="{id}-title">{text(title)}</h2>{inner}</section>'
    )


def _css(css: str) -> str:
    return f' class="{css}"' if css else ""
