"""Both volumes of the PDF of the demonstration, page by page."""

from __future__ import annotations

import re
from pathlib import Path

import pypdf
import pytest

from readiness_kit import demo
from readiness_kit.report.exports.export import export
from readiness_kit.report.exports.pdf import EXECUTIVE, FULL, Print, to_pdf
from tests.support.pdf_pages import Page, pages

MOST_PAGES = {EXECUTIVE: 8, FULL: 40}
BOTH = pytest.mark.parametrize("volume", [EXECUTIVE, FULL])


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory, chromium: Path) -> dict[str, Path]:
    """The two volumes of the demonstration."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("READINESS_CHROMIUM", str(chromium))
        folder = demo.install(tmp_path_factory.mktemp("volumes") / "assessment")
        folder.write_settings(assessor='A. "Person" & Co')
        return {volume: export(folder, "pdf", style=Print("a4", volume)) for volume in MOST_PAGES}


def read(path: Path) -> list[Page]:
    return pages(path)


@BOTH
def test_volume_is_not_longer_than_promised(printed: dict[str, Path], volume: str) -> None:
    assert len(read(printed[volume])) <= MOST_PAGES[volume]
    assert printed[volume].name.endswith("-executive.pdf") is (volume == EXECUTIVE)


def test_no_page_of_the_executive_report_is_more_than_a_third_empty(printed: dict[str, Path]) -> None:
    """The cover and the last page may be."""
    found = read(printed[EXECUTIVE])
    assert [place for place, page in enumerate(found[1:-1], start=2) if page.empty() > 1 / 3] == []


def test_pages_of_the_full_report_are_filled(printed: dict[str, Path]) -> None:
    """A page may end early only before a chart, which is never divided, or a chapter that begins a page."""
    found = read(printed[FULL])
    sparse = [place for place, page in enumerate(found[1:-1], start=1) if page.empty() > 1 / 3]
    charts = [place for place, page in enumerate(found) if any(glyph.size < 8 for glyph in page.body())]
    assert set(sparse) <= {place - 1 for place in charts} | set(charts)


@BOTH
def test_headings_stay_with_what_they_introduce(printed: dict[str, Path], volume: str) -> None:
    ends = [(place, page.last_line()) for place, page in enumerate(read(printed[volume])[:-1], start=1)]
    assert [place for place, line in ends if any(glyph.size > 12 for glyph in line)] == []


@BOTH
def test_nothing_is_cut_at_the_right(printed: dict[str, Path], volume: str) -> None:
    margin = 16 / 25.4 * 72
    for page in read(printed[volume]):
        assert max(glyph.right for glyph in page.glyphs) <= page.width - margin + 2


def test_text_has_at_least_nine_points_and_code_eight(
    printed: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chromium: Path
) -> None:
    """Of the document without its pictures: the text of charts is theirs."""
    monkeypatch.setenv("READINESS_CHROMIUM", str(chromium))
    html = printed[FULL].with_suffix(".html").read_text("utf-8")
    (tmp_path / "text.html").write_text(re.sub(r"<img\b[^>]*>", "", html), "utf-8")
    glyphs = [glyph for page in pages(to_pdf(tmp_path / "text.html", tmp_path / "text.pdf")) for glyph in page.glyphs]
    sizes = {glyph.size for glyph in glyphs}
    assert len(sizes) <= 7 and min(sizes) >= 8
    assert {glyph.font for glyph in glyphs if glyph.size < 9 and "Mono" not in glyph.font} == set()


@BOTH
def test_metadata_outline_and_tags(printed: dict[str, Path], volume: str) -> None:
    document = pypdf.PdfReader(printed[volume])
    root = document.trailer["/Root"]
    assert document.metadata is not None
    assert document.metadata.title == "Production readiness: Fjord Outfitters, cluster fjord-outfitters-prod-eu"
    assert document.metadata.author == 'A. "Person" & Co'
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == "en" and root["/ViewerPreferences"]["/DisplayDocTitle"]
    titles = [item.title for level in document.outline if isinstance(level, list) for item in level
              if not isinstance(item, list)]  # fmt: skip
    assert {"Action plan", "Contents", "Sign-off"} <= set(titles)


@BOTH
def test_contents_and_references_lead_to_a_page(printed: dict[str, Path], volume: str) -> None:
    document = pypdf.PdfReader(printed[volume])
    names = set(document.named_destinations)
    goals = [
        annotation.get_object().get("/Dest") for page in document.pages for annotation in page.get("/Annots", ())
        if annotation.get_object().get("/Dest") is not None
    ]  # fmt: skip
    assert len(goals) > 6 and {str(goal) for goal in goals if isinstance(goal, str)} <= names


@BOTH
def test_first_page_states_verdict_risk_action_and_contact(printed: dict[str, Path], volume: str) -> None:
    first = "".join(glyph.text for glyph in read(printed[volume])[0].glyphs)
    for part in ("Notreadyforproduction:", "Whereyoustand", "Worstrisk", "Firstthreeactions", "Contact", "Bysection"):
        assert part in first
