"""The PDF, printed by a real Chromium."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.mark.parametrize(("paper", "points"), [("a4", (595, 842)), ("letter", (612, 792))])
def test_pdf_has_the_paper_and_page_numbers(paper: str, points: tuple[int, int], tmp_path: Path, plain: str,
                                            chromium: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    import re

    from readiness_kit.report.exports.pdf import to_pdf

    monkeypatch.setenv("READINESS_CHROMIUM", str(chromium))
    source = tmp_path / "r.html"
    source.write_text(plain, encoding="utf-8")
    body = to_pdf(source, tmp_path / "r.pdf", paper).read_bytes()
    assert body.startswith(b"%PDF-")
    boxes = {
        tuple(round(float(side)) for side in found.split()[2:])
        for found in re.findall(rb"/MediaBox \[([\d. ]+)\]", body)
    }
    assert all(abs(box[0] - points[0]) <= 2 and abs(box[1] - points[1]) <= 2 for box in boxes) and boxes
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.html", "r.pdf"]


def test_pdf_is_printed_where_an_event_loop_runs_as_in_a_notebook(
    tmp_path: Path, plain: str, chromium: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    from readiness_kit.report.exports.pdf import to_pdf

    async def cell() -> Path:
        return to_pdf(source, tmp_path / "r.pdf")

    monkeypatch.setenv("READINESS_CHROMIUM", str(chromium))
    source = tmp_path / "r.html"
    source.write_text(plain, encoding="utf-8")
    assert asyncio.run(cell()).read_bytes().startswith(b"%PDF-")


def test_missing_browser_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from readiness_kit.errors import ReadinessError
    from readiness_kit.report.exports.pdf import to_pdf

    monkeypatch.setenv("READINESS_CHROMIUM", str(tmp_path / "none"))
    (tmp_path / "r.html").write_text("<p>x", encoding="utf-8")
    with pytest.raises(ReadinessError):
        to_pdf(tmp_path / "r.html", tmp_path / "r.pdf")
    assert not (tmp_path / "r.pdf").exists()
