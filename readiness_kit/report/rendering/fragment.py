"""A piece of the report, as notebook and file both show it.

A fragment travels under a media type of its own, which only the kit makes; the export lets nothing else in.
Beside it stands text/html with the style sheet scoped to it, for the notebook.
"""

from __future__ import annotations

from typing import Any

from readiness_kit import paths

MEDIA_TYPE = "application/vnd.readiness.fragment.v1+json"

# A notebook's own rules for tables and definition lists, taken back before the report's are applied.
# The class three times: JupyterLab's rules for outputs weigh as much as two classes and a cell's element.
SCOPE = ".rk-notebook.rk-notebook.rk-notebook"
PLAIN = "td,th{text-align:left;line-height:inherit}dl dt,dl dd{float:none;clear:none;width:auto;margin:0;padding:0}"


class Fragment:
    """A piece of the report. `toc` holds (id, title) of its chapters; `head` is what the cover says to the page."""

    def __init__(self, html: str, toc: tuple[tuple[str, str], ...] = (), head: dict[str, Any] | None = None) -> None:
        self.html = html
        self.toc = toc if html else ()
        self.head = head or {}

    def __add__(self, other: Fragment) -> Fragment:
        return Fragment(self.html + other.html, self.toc + other.toc, {**self.head, **other.head})

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        content = {"html": self.html, "toc": [list(entry) for entry in self.toc], "head": self.head}
        return {MEDIA_TYPE: content, "text/html": self._repr_html_(), "text/plain": repr(self)}

    def _repr_html_(self) -> str:
        """The fragment as a notebook shows it, styled without touching what stands around it."""
        if not self.html:
            return ""
        variables = "".join(f"{key}:{value};" for key, value in self.head.get("variables", {}).items())
        own = f".rk-report{{{variables}}}" if variables else ""
        style = f"<style>{SCOPE}{{{PLAIN}{nested_stylesheet()}{own}}}</style>"
        return f'<div class="rk-notebook">{style}<div class="rk-report">{self.html}</div></div>'

    def __repr__(self) -> str:
        titles = ", ".join(title for _, title in self.toc)
        return f"<readiness report: {titles or 'cover'}>" if self.html else "<readiness report: nothing to show>"


def stylesheet() -> str:
    """The report's style sheet."""
    return (paths.templates() / "readiness" / "static" / "readiness.css").read_text(encoding="utf-8")


def nested_stylesheet() -> str:
    """The style sheet without its rules for printed pages, which cannot be nested."""
    return stylesheet().split("/* === pages", 1)[0]
