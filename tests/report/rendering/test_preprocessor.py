"""What the export lets into the document, and the errors it raises."""

from __future__ import annotations

from typing import Any

import html5lib
import pytest
from nbformat import v4

from readiness_kit.errors import ReadinessError
from tests.report import sample


@pytest.fixture
def document(which: str, request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue(which)


def _tree(document: str) -> Any:
    return html5lib.HTMLParser(strict=True).parse(document)


def test_only_fragments_and_markdown_reach_the_document(plain: str) -> None:
    nb = sample.notebook(sample.page())
    nb.cells.append(
        v4.new_code_cell(
            "print('SOURCE')",
            id="other",
            outputs=[
                v4.new_output("stream", name="stdout", text="PRINTED"),
                v4.new_output("stream", name="stderr", text="WARNED"),
                v4.new_output("display_data", {"text/html": "<b onclick='x()'>FOREIGN</b>"}),
                v4.new_output("display_data", {"application/javascript": "alert('FOREIGN')"}),
            ],
        )
    )
    nb.cells.append(v4.new_raw_cell("<b>RAW</b>", id="raw"))
    note = v4.new_markdown_cell("NOTE", id="note", metadata={"tags": ["not-in-report"]})
    nb.cells.append(note)
    assert sample.export(nb) == plain


def test_a_failed_cell_ends_the_export_with_its_name() -> None:
    nb = sample.notebook(sample.page())
    nb.cells[2].outputs = [v4.new_output("error", ename="KeyError", evalue="'x'", traceback=["\x1b[31mKeyError"])]
    with pytest.raises(ReadinessError, match=r"cell 3 .*kit\.report\.contradictions\(\).* failed: KeyError: 'x'"):
        sample.export(nb)


def test_notebook_that_was_not_run_is_refused() -> None:
    nb = v4.new_notebook(cells=[v4.new_code_cell("kit.report.cover()", id="a")])
    with pytest.raises(ReadinessError, match="has not been run"):
        sample.export(nb)


def test_a_report_without_its_cover_keeps_a_title() -> None:
    nb = sample.notebook(sample.page())
    del nb.cells[0]
    document = sample.export(nb)
    assert "<h1>Production readiness of a Weaviate cluster</h1>" in document
    _tree(document)
