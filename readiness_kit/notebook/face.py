"""What a cell shows: HTML with theme variables only, so that light and dark themes both fit.

A `Face` is static; widgets are shown through `show_widget`, with the same HTML as their text/html side, so
that an export or a viewer without widgets shows the values as text.
"""

from __future__ import annotations

from typing import Any

STYLE = """<style>
.rk{font-size:var(--jp-content-font-size1,14px);color:var(--jp-content-font-color1,#1f2328);
line-height:1.5;max-width:60em}
.rk p{margin:.25em 0}
.rk .q{font-size:1.1em;font-weight:600}
.rk .why,.rk .quiet{color:var(--jp-content-font-color2,#57606a)}
.rk .num{font-variant-numeric:tabular-nums;margin-right:.5em}
.rk .sev{font-size:.85em;;border:1px solid;
border-radius:3px;padding:0 .4em}
.rk .flag{border-left:4px solid var(--jp-error-color1,#b3261e);padding:.3em .7em;margin:.4em 0;font-weight:600}
.rk .ev{border-left:4px solid var(--jp-border-color1,#bbb);padding:.1em .7em;margin:.4em 0}
.rk.child{margin-left:2em}
.rk.grey{opacity:.6}
.rk summary{cursor:pointer}
.rk table{border-collapse:collapse;font-size:.92em;margin:.4em 0}
.rk th,.rk td{text-align:left !important;padding:.15em .7em .15em 0;vertical-align:top;
border-bottom:1px solid var(--jp-border-color2,#ddd)}
.rk code{overflow-wrap:anywhere}
.rk .bar{display:inline-block;height:.6em;background:var(--jp-brand-color1,#0072b2);vertical-align:middle}
.rk .track{display:inline-block;width:14em;height:.6em;background:var(--jp-layout-color3,#ddd);
vertical-align:middle;margin:0 .6em 0 0}
</style>"""


class Face:
    """Something to look at: `text` for a console, `body` (already escaped) for a notebook."""

    def __init__(self, body: str, text: str = "") -> None:
        self.body = body
        self.text = text

    def _repr_html_(self) -> str:
        return STYLE + f'<div class="rk">{self.body}</div>'

    def __repr__(self) -> str:
        return self.text or "<a view of the assessment: shown as HTML>"


def show_widget(widget: Any, html: str, text: str) -> None:
    """Displays a widget together with its static sides."""
    from IPython.display import display

    bundle = dict(widget._repr_mimebundle_())
    bundle["text/html"] = html
    bundle["text/plain"] = text
    display(bundle, raw=True)
