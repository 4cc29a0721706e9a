"""A piece of the report, shown by notebook and file alike.

A fragment travels under its own media type, which only the kit writes; the export accepts nothing else. Its text/html,
for the notebook, carries the style sheet scoped to the fragment.
"""

from __future__ import annotations

from typing import Any

from readiness_kit import paths
from readiness_kit.markup import render

MEDIA_TYPE = "application/vnd.readiness.fragment.v1+json"

# Resets a notebook's rules for tables and definition lists before the report's are applied.
# The class three times: JupyterLab's rules for outputs weigh as much as two classes and a cell's element.
SCOPE = ".rk-notebook.rk-notebook.rk-notebook"
RESET = "td,th{text-align:left;line-height:inherit}dl dt,dl dd{float:none;clear:none;width:auto;margin:0;padding:0}"


class Fragment:
    """A piece of the report. `toc` holds (id, title) of its chapters; `head` what the cover sets for the document."""

    def __init__(self, html: str, toc: tuple[tuple[str, str], ...] = (), head: dict[str, Any] | None = None) -> None:
        self.html = str(html)
        self.toc = toc if html else ()
        self.head = head or {}

    def __add__(self, other: Fragment) -> Fragment:
        return Fragment(self.html + other.html, self.toc + other.toc, {**self.head, **other.head})

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        content = {"html": self.html, "toc": [list(entry) for entry in self.toc], "head": self.head}
        return {MEDIA_TYPE: content, "text/html": self._repr_html_(), "text/plain": repr(self)}

    def _repr_html_(self) -> str:
        """The fragment for a notebook; its style sheet applies to nothing else."""
        if not self.html:
            return ""
        variables = "".join(f"{key}:{value};" for key, value in self.head.get("variables", {}).items())
        own = f".rk-report{{{variables}}}" if variables else ""
        style = f"<style>{SCOPE}{{{RESET}{nested_stylesheet()}{own}}}</style>"
        return f'<div class="rk-notebook">{style}<div class="rk-report">{symbols()}{self.html}</div></div>'

    def __repr__(self) -> str:
        titles = ", ".join(title for _, title in self.toc)
        return f"<readiness report: {titles or 'cover'}>" if self.html else "<readiness report: nothing to show>"


def stylesheet() -> str:
    """The report's style sheet."""
    return (paths.templates() / "readiness" / "static" / "readiness.css").read_text(encoding="utf-8")


def nested_stylesheet() -> str:
    """The style sheet without its rules for printed pages, which cannot be nested."""
    return stylesheet().split("/* === pages", 1)[0]


def symbols() -> str:
    """The icons of states, to which badges refer."""
    return str(render("partials/icons.html.j2"))
