"""A chart as HTML: one self-contained `<figure>` with its data table in a fold."""

from __future__ import annotations

import base64
import io
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from readiness_kit.charts.chart import Chart, NoChart
from readiness_kit.charts.style import drawing
from readiness_kit.charts.svg_path import shortest
from readiness_kit.markup import esc, plain_table

if TYPE_CHECKING:
    import pandas as pd

MAX_TABLE_ROWS = 200
_FONTS = "text{font-family:'Helvetica Neue',Helvetica,Arial,'Liberation Sans',sans-serif}"


def figure_html(chart: Chart | NoChart) -> str:
    """The title, the note, the picture as an SVG in a data URL, and the numbers in a fold.

    The same chart gives the same bytes. For a NoChart: what is not assessed, and why.
    """
    if isinstance(chart, NoChart):
        return f'<figure class="rk-chart"><figcaption><p>{esc(chart.sentence)}</p></figcaption></figure>'
    data = base64.b64encode(svg(chart)).decode("ascii")
    picture = f'<img alt="{esc(chart.alt)}" style="background:#ffffff" src="data:image/svg+xml;base64,{data}">'
    # A line must not break between a number and its percent sign.
    title = esc(chart.title).replace(" %", "\u00a0%")
    caption = f"<p><strong>{title}</strong></p><p><small>{esc(chart.note)}</small></p>"
    fold = f"<details><summary>Data table</summary>{_table_html(chart.table, chart.title)}</details>"
    return f'<figure class="rk-chart"><figcaption>{caption}</figcaption>{picture}{fold}</figure>'


def svg(chart: Chart) -> bytes:
    """The figure as UTF-8 SVG, without dates, document type or metadata."""
    for artist in chart.figure.findobj():
        # Nothing is drawn outside its axes, and a clip path for each element would double the size.
        artist.set_clip_on(False)
    out = io.StringIO()
    with drawing():
        chart.figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return _compact(out.getvalue()).encode("utf-8")


def _compact(text: str) -> str:
    """The same picture in less than half of the bytes, with common fonts in place of the one of matplotlib."""
    for pattern, replacement in (
        (r"<\?xml.*?<svg", "<svg"),
        (r"<metadata>.*?</metadata>", ""),
        (r"</?g\b[^>]*>", ""),  # groups carry nothing but an id
        (r"(?<!\s)\s*?\n\s*", " "),
        (r' d="([^"]*)"', lambda found: f' d="{shortest(found[1])}"'),
        (r"> +<", "><"),
        ("<[^>]*>", _compact_tag),
    ):
        text = re.sub(pattern, replacement, text, flags=re.DOTALL)
    text = re.sub(r' id="([^"]*)"', lambda found: found[0] if f'"#{found[1]}"' in text else "", text)
    styles = Counter(re.findall(r' style="([^"]*)"', text))
    classes = {style: f"c{number}" for number, style in enumerate(styles) if styles[style] > 1}
    text = re.sub(
        r' style="([^"]*)"', lambda found: f' class="{classes[found[1]]}"' if found[1] in classes else found[0], text
    )
    rules = "".join(f".{name}{{{style}}}" for style, name in classes.items()).replace(": ", ":").replace("; ", ";")
    return text.replace("</style>", f"{_FONTS}{rules}</style>", 1)


def _compact_tag(tag: re.Match[str]) -> str:
    text = tag[0].replace("font-family: 'DejaVu Sans'; ", "")
    text = re.sub(r' transform="rotate\(-0 [^()]*\)"', "", text)
    # A tenth of a point is finer than any screen.
    return re.sub(r"((?:(?<= )-?|(?<=\d)-|(?<!\d)-?\d)\d++\.\d)\d++(?=[ \"])", r"\1", text)


def _table_html(frame: pd.DataFrame, title: str) -> str:
    """The numbers as a table, escaped, with a dash for each missing one."""
    rows = [[esc(_cell(value), 253) for value in row] for row in frame.head(MAX_TABLE_ROWS).itertuples(index=False)]
    left_out = len(frame) - len(rows)
    more = f"<p><small>{left_out:,} more rows are not listed here.</small></p>" if left_out > 0 else ""
    numbers = plain_table(list(frame.columns), rows, "rk-numbers")
    # A region that scrolls sideways must be reachable by keyboard, and therefore needs a name.
    region = f'class="rk-scroll" tabindex="0" role="region" aria-label="Data table: {esc(title)}"'
    return f"<div {region}>{numbers}</div>{more}"


def _cell(value: Any) -> str:
    if value is None or value != value:
        return "–"
    return f"{value:,g}" if isinstance(value, float) else str(value)
