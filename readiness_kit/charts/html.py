"""A chart as HTML: one `<figure>` that needs nothing from outside, with its numbers folded in below."""

from __future__ import annotations

import base64
import io
import itertools
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from readiness_kit.charts.chart import Chart, NoChart
from readiness_kit.markup import esc, plain_table

if TYPE_CHECKING:
    import pandas as pd

MAX_TABLE_ROWS = 200
MANY_POINTS = 20
_FONTS = "font-family: 'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif"


def figure_html(chart: Chart | NoChart, table: bool = True) -> str:
    """The finding, the picture as an SVG inside a data URL, what it is based on, and (`table`) the numbers.

    The same chart gives the same bytes. For a NoChart: what is not assessed, and why.
    """
    if isinstance(chart, NoChart):
        return f'<figure class="rk-chart"><figcaption><p>{esc(chart.sentence)}</p></figcaption></figure>'
    data = base64.b64encode(svg(chart)).decode("ascii")
    picture = f'<img alt="{esc(chart.alt)}" style="background:#ffffff" src="data:image/svg+xml;base64,{data}">'
    # A line may not end between a number and its sign.
    title = esc(chart.title).replace(" %", "\u00a0%")
    words = f"<p><strong>{title}</strong></p><p><small>{esc(chart.note)}</small></p>"
    inner = table_html(chart.table, chart.title) if table else ""
    numbers = f"<details><summary>The numbers</summary>{inner}</details>" if table else ""
    return f'<figure class="rk-chart"><figcaption>{words}</figcaption>{picture}{numbers}</figure>'


def svg(chart: Chart) -> bytes:
    """The picture as UTF-8 SVG: no date, no document type, no metadata, so nothing that names another place."""
    from readiness_kit.charts.style import drawing

    out = io.StringIO()
    with drawing():
        chart.figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return _lean(out.getvalue()).encode("utf-8")


def _lean(text: str) -> str:
    """The same picture in half the bytes; fonts that every system has stand in for the one that was measured."""
    for pattern in (r"<\?xml[^>]*>\s*", r"<!DOCTYPE[^>]*>\s*", r"<metadata>.*?</metadata>\s*"):
        text = re.sub(pattern, "", text, count=1, flags=re.DOTALL)
    text = text.replace("font-family: 'DejaVu Sans'; ", "").replace("</style>", f"text{{{_FONTS}}}</style>", 1)
    # A tenth of a point is finer than any screen.
    text = re.sub(r"(?<=[ \d])(-?\d+\.\d)\d+(?=[ \"])", r"\1", text)
    text = re.sub(r' transform="rotate\(-0 [^)]*\)"', "", text)
    text = _with_classes(_without_groups(re.sub(r"\s*\n\s*", " ", text)))
    return re.sub(r' d="M ([^"]*?) ?"', _relative, text)


def _without_groups(text: str) -> str:
    """Without the names that nothing refers to, the groups that only held a name, and the space between elements."""
    used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', text))
    text = re.sub(r' id="([^"]*)"', lambda found: found[0] if found[1] in used else "", text)
    depth: list[bool] = []

    def plain(tag: re.Match[str]) -> str:
        if tag[0].startswith("</"):
            return "" if depth.pop() else tag[0]
        if not tag[0].endswith("/>"):
            depth.append(tag[0] == "<g>")
        return "" if tag[0] in ("<g>", "<g/>") else tag[0]

    text = re.sub(r"</g>|<g\b[^>]*>", plain, text)
    text = re.sub(r"> +<", "><", text)
    for number, name in enumerate(sorted(used)):
        text = (
            text.replace(f'"{name}"', f'"i{number}"')
            .replace(f"#{name})", f"#i{number})")
            .replace(f'"#{name}"', f'"#i{number}"')
        )
    return text


def _tight(style: str) -> str:
    return re.sub(r"([:;]) ", r"\1", style)


def _with_classes(text: str) -> str:
    """Each style that stands more than once is written once, as a class."""
    styles = Counter(re.findall(r' style="([^"]*)"', text))
    often = {style: f"c{number}" for number, (style, times) in enumerate(styles.items()) if times > 1}
    rules = "".join(f".{name}{{{_tight(style)}}}" for style, name in often.items())
    text = re.sub(
        r' style="([^"]*)"', lambda found: f' class="{often[found[1]]}"' if found[1] in often else found[0], text
    )
    return text.replace("</style>", f"{rules}</style>", 1)


def _relative(path: re.Match[str]) -> str:
    """A long line of straight pieces as steps from point to point, which are shorter to write; others as they are."""
    points = path.group(1).split(" L ")
    if len(points) < MANY_POINTS or re.search("[A-Zz]", "".join(points)):
        return path.group()
    tenths = [tuple(round(float(number) * 10) for number in point.split()) for point in points]
    steps = [(x - a, y - b) for (a, b), (x, y) in itertools.pairwise(tenths)]
    written = " ".join(f"{_tenths(x)} {_tenths(y)}" for x, y in steps)
    return f' d="M{points[0]}l{written}"'


def _tenths(number: int) -> str:
    text = f"{number / 10:.1f}".removesuffix(".0")
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def table_html(frame: pd.DataFrame, title: str = "the chart") -> str:
    """The numbers as a table, escaped; a dash where there is none."""
    rows = [[esc(_cell(value), 253) for value in row] for row in frame.head(MAX_TABLE_ROWS).itertuples(index=False)]
    left = len(frame) - len(rows)
    more = f"<p><small>{left:,} more rows are not listed here.</small></p>" if left > 0 else ""
    numbers = plain_table(list(frame.columns), rows, "rk-numbers")
    # A region that scrolls sideways must be reachable by keyboard, and then needs a name of its own.
    region = f'class="rk-scroll" tabindex="0" role="region" aria-label="The numbers: {esc(title)}"'
    return f"<div {region}>{numbers}</div>{more}"


def _cell(value: Any) -> str:
    if value is None or value != value:
        return "–"
    return f"{value:,g}" if isinstance(value, float) else str(value)
