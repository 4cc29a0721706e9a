"""The document made from an executed notebook by nbconvert with the kit's template."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nbconvert.exporters import HTMLExporter
from nbformat import v4

from readiness_kit import paths
from readiness_kit.report.rendering.fragment import Fragment


def document(nb: Any) -> tuple[str, str]:
    """The document made from an executed notebook, and the file name for it (without suffix)."""
    exporter = HTMLExporter(template_name="readiness", extra_template_basedirs=[str(paths.templates())])
    html, resources = exporter.from_notebook_node(nb)
    return str(html), str(resources["readiness"]["file_name"])


def document_of(fragments: Iterable[Fragment]) -> str:
    """The document made from fragments, without a notebook: same template, same rules."""
    outputs = (
        v4.new_output("execute_result", fragment._repr_mimebundle_(), execution_count=1) for fragment in fragments
    )
    cells = [v4.new_code_cell("", id=f"part-{number}", outputs=[output]) for number, output in enumerate(outputs)]
    return document(v4.new_notebook(cells=cells))[0]
