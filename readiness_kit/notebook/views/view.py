"""What a cell shows: HTML that uses theme variables only, so that it fits light and dark themes.

The question cards have a separate style sheet, `frontend/card.css`.
"""

from __future__ import annotations

from IPython.core.getipython import get_ipython
from IPython.display import display
from markupsafe import Markup

from readiness_kit.errors import ReadinessError
from readiness_kit.markup import coded, esc

STYLE = """<style>
.rk{font-size:var(--jp-content-font-size1,14px);color:var(--jp-content-font-color1,#1f2328);
line-height:1.5;max-width:62em}
.rk p{margin:.25em 0}
.rk a{color:var(--jp-content-link-color,#0b5cad);text-decoration:underline}
.rk .q{font-size:1.1em;font-weight:600}
.rk .quiet,.rk.quiet{color:var(--jp-content-font-color2,#57606a)}
.rk .num{font-variant-numeric:tabular-nums;margin-right:.5em}
.rk .flag{border-left:4px solid var(--jp-error-color1,#b3261e);padding:.3em .7em;margin:.4em 0;font-weight:600;
background:var(--jp-layout-color2,#f3f3f3)}
.rk.card{border-top:1px solid var(--jp-border-color2,#ddd);padding-top:.5em;scroll-margin-top:3em}
.rk summary{cursor:pointer}
.widget-html-content:has(>.rk){min-width:0}
.rk .rk-scroll{overflow-x:auto}
.rk caption,.rk th{text-align:left !important}.rk caption{font-weight:600}.rk th[scope=row]{font-weight:inherit}
.rk .facts td{white-space:normal;overflow-wrap:anywhere;min-width:6.5em}
.rk table{border-collapse:collapse;font-size:.92em;margin:.4em 0}
.rk th,.rk td{text-align:left !important;padding:.2em .9em .2em 0;vertical-align:top;
border-bottom:1px solid var(--jp-border-color2,#ddd)}
.rk td:first-child,.rk th:first-child{white-space:nowrap}
.rk .whole{white-space:nowrap}
.rk code{overflow-wrap:anywhere}
.rk pre{white-space:pre;max-height:22em;overflow:auto;padding:.5em;user-select:all;
background:var(--jp-layout-color2,#f3f3f3)}
.rk td pre{margin:0;max-height:none;overflow:visible}
.rk .bar{display:inline-block;height:.6em;background:var(--jp-brand-color1,#0072b2);vertical-align:top}
.rk .track{display:inline-block;width:14em;max-width:40%;height:.6em;background:var(--jp-layout-color3,#ddd);
vertical-align:middle;margin:0 .6em 0 0}
body[data-voila] .rk-in-lab,[data-rk-run=done] .rk-in-lab{display:none}
.rk .next{border:1px solid var(--jp-border-color1,#bbb);border-radius:4px;padding:.4em .8em;margin:.5em 0}
.jupyter-widgets select:focus-visible,.jupyter-widgets input:focus-visible,.jupyter-widgets textarea:focus-visible,
.jupyter-button:focus-visible{outline:2px solid var(--jp-brand-color1,#0072b2);outline-offset:1px}
</style>"""

# A check box in plain HTML works without a kernel, so that hidden code can always be shown again.
PRESENTER = """<style>
body:has(.rk-presenter:checked){--jp-content-font-size1:19px;--jp-widgets-font-size:18px;
--jp-widgets-inline-height:38px;--jp-code-font-size:17px}
body:has(.rk-presenter:checked) .jp-Notebook .jp-CodeCell .jp-Cell-inputWrapper,
body:has(.rk-presenter:checked) .jp-Notebook :is(.jp-InputPrompt,.jp-OutputPrompt,
.jp-OutputArea-promptOverlay){display:none}
body:has(.rk-presenter:checked) .jp-Notebook .jp-CodeCell:not(:has(.jp-OutputArea-child)){padding:0;min-height:0}
</style><p><label><input type="checkbox" class="rk-presenter" CHECKED>
Presenter layout: larger type, code hidden</label></p>"""


NOTHING_COLLECTED = "nothing has been collected yet"


def error_html(problem: ReadinessError) -> Markup:
    """An error as a sentence and the next step, escaped; text in backticks is set as code."""
    what = problem.what.rstrip(".")
    # A name at the beginning (`kubectl`, an address, a file) is not capitalised.
    if what.split(" ", 1)[0] in ("the", "this", "there", "no", "a", "an", "some"):
        what = what[0].upper() + what[1:]
    hint = f" Next: {problem.hint.rstrip('.')}." if problem.hint else ""
    return coded(f"{what}.{hint}")


def flag_html(html: str) -> str:
    """A warning that stands out. `html` is escaped already."""
    return f'<div class="flag">⚠ {html}</div>'


def status_html(text: str) -> str:
    """A line of progress or result, announced by screen readers."""
    return f'<p role="status">{esc(text)}</p>'


class View:
    """A static output: `body` (escaped HTML) for a notebook, `text` for a console."""

    def __init__(self, body: str, text: str = "") -> None:
        self.body = body
        self.text = text

    def _repr_html_(self) -> str:
        return STYLE + styled(self.body)

    def __repr__(self) -> str:
        return self.text or "<a view of the assessment, shown as HTML>"


def styled(html: str) -> str:
    """Wraps HTML so that the style sheet applies to it."""
    return f'<div class="rk">{html}</div>'


def sentence(text: str) -> View:
    """A view of one sentence in plain text."""
    return View(f"<p>{esc(text)}</p>", text)


def presenter(on: bool) -> View:
    """The check box of the presenter layout, initially on or off."""
    return View(PRESENTER.replace("CHECKED", "checked" if on else ""), "presenter layout")


def show(view: View) -> None:
    """Displays a view from within a call; does nothing outside a notebook."""
    shell = get_ipython()
    if shell is not None and hasattr(shell, "kernel"):
        display(view)
