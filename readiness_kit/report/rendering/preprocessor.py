"""The nbconvert preprocessor, named in the template's conf.json, that admits only known output to the document.

Known are the fragments of the kit and Markdown cells. Code, printed text, warnings, other output and widget state
stay in the notebook. A failed cell, or a notebook that has not been run, ends the export.
"""

from __future__ import annotations

import re
from typing import Any

from nbconvert.preprocessors import Preprocessor

from readiness_kit.errors import ReadinessError
from readiness_kit.report.rendering import branding
from readiness_kit.report.rendering.cells import NOT_IN_REPORT, failure, first_line
from readiness_kit.report.rendering.fragment import MEDIA_TYPE, stylesheet, symbols
from readiness_kit.report.rendering.markdown import SafeRenderer, to_html

LEAD = "actions"
"""The chapter that comes before the contents where it is the first one."""


class ReportPreprocessor(Preprocessor):
    """Sets `resources["readiness"]`: title, running title, author, edition, variables, cover, lead, toc and body."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Add the parts of the report and its style sheet to the resources of the template."""
        resources["readiness"] = {**document(nb), "style": minified(stylesheet())}
        return nb, resources


def minified(css: str) -> str:
    """The style sheet without comments, indentation and optional spaces.

    Its strings must hold no comment, brace, colon or semicolon.
    """
    bare = re.sub(r"\s+", " ", re.sub(r"/\*.*?(?:\*/|\Z)", "", css, flags=re.DOTALL))
    return re.sub(r"(?<=[:;]) ", "", re.sub(r" ?([{}]) ?", r"\1", bare)).strip()


def document(nb: Any) -> dict[str, Any]:
    """The parts of the document from an executed notebook. Raises ReadinessError that names a failed cell."""
    head: dict[str, Any] = {}
    covers: list[str] = []
    lead: list[str] = []
    body: list[str] = []
    toc: list[tuple[str, str]] = []
    renderer = SafeRenderer()
    for number, cell in enumerate(nb.cells, start=1):
        if cell.cell_type == "markdown" and NOT_IN_REPORT not in cell.metadata.get("tags", ()):
            renderer.next_cell(cell.get("attachments", {}))
            before = len(renderer.toc)
            html = to_html(cell.source, renderer)
            if html:
                body.append(f'<section class="rk-commentary">{html}</section>')
                toc += renderer.toc[before:]
        elif cell.cell_type == "code":
            for fragment in _fragments(cell, number):
                entries = [(str(id), str(title)) for id, title in fragment["toc"]]
                leads = not body and entries and entries[0][0] == LEAD
                (lead if leads else body if entries else covers).append(fragment["html"])
                toc += entries
                head.update(fragment["head"])
    if not covers and not lead and not body:
        raise ReadinessError(
            "the notebook has no part of a report: it has not been run, or no cell shows `kit.report`",
            "run it first (`jupyter nbconvert --execute …`), or use `readiness report`",
        )
    return {
        "title": head.get("title", "Production readiness of a Weaviate cluster"),
        "running": head.get("running") or branding.css_string("Production readiness"),
        "file_name": head.get("file_name", "readiness"),
        "variables": head.get("variables", {}),
        "author": head.get("author", "Weaviate readiness kit"),
        "edition": head.get("edition", "full"),
        "cover": "".join(covers),
        "lead": "".join(lead),
        "symbols": symbols(),
        "toc": [{"id": id, "title": title} for id, title in toc],
        "body": "\n".join(part for part in body if part),
    }


def _fragments(cell: Any, number: int) -> list[dict[str, Any]]:
    found = []
    for output in cell.get("outputs", ()):
        if output.output_type == "error":
            raise ReadinessError(
                f"cell {number} of the report notebook (`{first_line(cell.source)}`) failed: {failure(output)}",
                "correct the cell, or start from the kit's notebooks/90_report.ipynb",
            )
        content = output.get("data", {}).get(MEDIA_TYPE)
        if content is not None and content["html"]:
            found.append(content)
    return found
