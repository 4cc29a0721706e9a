"""HTML for notebook and report, rendered from the Jinja2 templates in `templates/readiness/`.

Autoescape is on: a template cleans and escapes each value that it prints, unless the value is Markup. The elements
that notebook and report share are macros in `templates/readiness/partials/`; the functions `table`, `badge`, `pairs`
and so on call them from Python. Line breaks and indentation of a template are not part of its output.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from readiness_kit import labels, paths
from readiness_kit.model import Level, Observation, Outcome, Ref, Severity, State

if TYPE_CHECKING:
    from jinja2 import Environment

NAME_LIMIT = 253
"""The longest name that Kubernetes allows."""
VALUE_LIMIT = 400
MAX_DECIDING = 6
"""Failed facts that a question shows open; the others fold out."""
FACT_HEAD = ("Object", "Field", "Seen", "Expected", "Result")

_DROPPED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but tab and newline
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction marks
    "\ud800-\udfff\ufdd0-\ufdef"  # surrogates, noncharacters
    + "".join(chr(plane * 0x10000 + end) for plane in range(17) for end in (0xFFFE, 0xFFFF))
    + "]"
)
# Written out, because strftime follows the locale of the machine.
_MONTHS = ("January February March April May June July August September October November December").split()
_BREAKS = re.compile(r"[\t\n]\s*|[\u2028\u2029]")
_CODE = re.compile(r"`([^`\n]+)`")
_SAFE_LINK = re.compile(r"^(https?://|mailto:)[^\s<>\"']+$", re.IGNORECASE)
_SPACES = re.compile(r"\s+")


# --- text -----------------------------------------------------------------------------------------


def clean(value: object) -> str:
    """The text without control characters, direction marks, and code points that no HTML parser accepts."""
    return _DROPPED.sub("", str(value))


def one_line(value: object) -> str:
    """The cleaned text with spaces for line ends and tabs: a value cannot imitate a further line of plain text."""
    return _BREAKS.sub(" ", clean(value))


def limited(value: object, limit: int) -> str:
    """The cleaned text, cut to `limit` characters with an ellipsis; 0 is not a limit."""
    plain = clean(value)
    return plain[: limit - 1] + "…" if limit and len(plain) > limit else plain


def first_sentences(value: str, length: int = 240) -> str:
    """Whole sentences up to about `length` characters, at least a part of the first one."""
    flat = " ".join(value.split())
    if len(flat) <= length:
        return flat
    end = flat.rfind(". ", 0, length)
    return flat[: end + 1] if end > length // 4 else flat[: length - 1].rsplit(" ", 1)[0] + " …"


def ref_text(ref: Ref) -> str:
    """`StatefulSet weaviate/weaviate`, `Node n1`."""
    return f"{ref.kind} {ref.namespace}/{ref.name}" if ref.namespace else f"{ref.kind} {ref.name}"


def day(value: date | datetime | None, missing: str = "—") -> str:
    """`24 November 2026`."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}" if value is not None else missing


def moment(value: datetime | None, missing: str = "—") -> str:
    """`24 November 2026, 09:30 UTC`."""
    return f"{day(value)}, {value:%H:%M} UTC" if value is not None else missing


def anchor(*parts: str) -> str:
    """An id for `href="#…"` from section names and question ids."""
    return re.sub(r"[^a-z0-9_-]+", "-", "-".join(parts).lower()).strip("-")


# --- escaped text ---------------------------------------------------------------------------------


def esc(value: object, limit: int = 0) -> Markup:
    """Escaped text, safe in an element and in a quoted attribute; cut to `limit` characters unless that is 0."""
    return escape(limited(value, limit))


def coded(value: str, limit: int = 0) -> Markup:
    """Escaped text in which `text in backticks` is set as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(esc(value, limit))))  # noqa: S704 - escaped before


def name(value: object, limit: int = NAME_LIMIT) -> Markup:
    """An escaped name; one with other than ASCII letters is isolated from the writing direction of its surroundings."""
    shown = esc(value, limit)
    return shown if shown.isascii() else Markup("<bdi>{}</bdi>").format(shown)


def prose(value: str) -> Markup:
    """A person's free text with its line breaks kept."""
    return Markup("<bdi>{}</bdi>").format(Markup("<br>").join(esc(line) for line in value.strip().splitlines()))


def link(url: str, title: str = "") -> Markup:
    """A link where the address is a web or mail address, plain text for any other (such as `javascript:`)."""
    shown = esc(title or url, VALUE_LIMIT)
    if not _SAFE_LINK.match(url):
        return Markup("<bdi>{}</bdi>").format(shown)
    return Markup('<a href="{}" rel="noreferrer">{}</a>').format(esc(url), shown)


def _joined(spaces: re.Match[str]) -> str:
    """Nothing for a line break next to a tag, a space for one between words; other white space stays."""
    if "\n" not in spaces[0]:
        return spaces[0]
    before = spaces.string[max(spaces.start() - 1, 0) : spaces.start()]
    after = spaces.string[spaces.end() : spaces.end() + 1]
    return "" if before in (">", "}") or after in ("<", "{", "") else " "


# --- templates ------------------------------------------------------------------------------------


@cache
def environment() -> Environment:
    """The templates with the filters and functions that they use; loaded once."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, ext

    class JoinLines(ext.Extension):
        """Drops line breaks with their indentation next to tags; between words they become a space."""

        def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
            return _SPACES.sub(_joined, source)

    made = Environment(
        loader=FileSystemLoader(paths.templates() / "readiness"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: value if isinstance(value, Markup) else clean(value),
        extensions=[JoinLines, "jinja2.ext.do"],
        auto_reload=False,
        optimized=False,  # each template is compiled once in a process and filled once or a few times
    )
    made.filters |= {
        "advisory_text": labels.advisory_text,
        "by_state": labels.by_state,
        "coded": coded,
        "day": day,
        "deciding": deciding,
        "fact_rows": fact_rows,
        "first_sentences": first_sentences,
        "label": labels.label,
        "limit": limited,
        "link": link,
        "moment": moment,
        "name": name,
        "percent": labels.percent,
        "prose": prose,
        "sign": labels.sign,
    }
    made.globals |= {
        "FACT_HEAD": FACT_HEAD,
        "VALUE_LIMIT": VALUE_LIMIT,
        "anchor": anchor,
        "count": labels.count,
        "outcome_words": labels.outcome_words,
        "score_explained": labels.SCORE_EXPLAINED,
        "score_range": labels.score_range,
        "score_text": labels.score_text,
    }
    return made


def render(template: str, **values: Any) -> Markup:
    """The template (a path below `templates/readiness/`) with its values filled in."""
    return Markup(environment().get_template(template).render(values))  # noqa: S704 - autoescape is on


def macro(file: str, name: str, *arguments: Any, **values: Any) -> Markup:
    """What the macro `name` of `partials/FILE.html.j2` makes of its arguments."""
    module = environment().get_template(f"partials/{file}.html.j2").module
    return Markup(getattr(module, name)(*arguments, **values))  # noqa: S704 - autoescape is on


def table(head: Sequence[str], rows: Iterable[Sequence[object]], css: str = "", caption: str = "") -> Markup:
    """A table. With a caption it scrolls inside its box on a small screen, and the first cell of a row is its header.

    In a table of class `rk-cards` each cell carries its column's name, from which the style sheet makes cards where
    the table would not fit.
    """
    return macro("elements", "table", head, rows, caption, css)


def plain_table(head: Sequence[str], rows: Iterable[Sequence[str]], css: str = "") -> Markup:
    """A table of cells that are escaped already."""
    return table(head, [[Markup(cell) for cell in row] for row in rows], css)  # noqa: S704 - escaped by the caller


def failed_first(facts: Iterable[Observation]) -> list[Observation]:
    """The facts in the order in which to show them: failed, passed, for information."""
    return sorted(facts, key=lambda fact: (fact.ok is not False, fact.ok is None))


def deciding(facts: Iterable[Observation]) -> tuple[list[Observation], list[Observation]]:
    """The first MAX_DECIDING facts that failed, and all others in the order in which to show them."""
    ordered = failed_first(facts)
    number = min(sum(fact.ok is False for fact in ordered), MAX_DECIDING)
    return ordered[:number], ordered[number:]


def fact_rows(facts: Iterable[Observation], limit: int = 0) -> list[list[Markup]]:
    """The cells of FACT_HEAD for each fact, failed ones first; at most `limit` rows unless that is 0."""
    shown = failed_first(facts)[: limit or None]
    return [[macro("evidence", f"fact_{cell}", fact) for cell in _FACT_CELLS] for fact in shown]


_FACT_CELLS = ("object", "field", "seen", "expected", "result")


def facts_table(facts: Iterable[Observation], limit: int = 0, caption: str = "", css: str = "") -> Markup:
    """What was seen and expected in each object, failed facts first."""
    return table(FACT_HEAD, fact_rows(facts, limit), css, caption)


def badge(value: State | Outcome | Level) -> Markup:
    """Sign and label of a state, an outcome or a level."""
    return macro("badges", "badge", value)


def severity_badge(value: Severity) -> Markup:
    """The label of a severity."""
    return macro("badges", "severity", value)


def pairs(items: Iterable[tuple[str, object]], css: str = "") -> Markup:
    """A description list of (term, value); pairs without a value are left out."""
    return macro("elements", "pairs", items, css)


def fold(summary: object, inner: Markup, css: str = "") -> Markup:
    """A fold-out: closed on the screen, open in print."""
    return macro("elements", "fold_of", summary, inner, css)
