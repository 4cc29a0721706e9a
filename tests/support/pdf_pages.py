"""What a PDF holds, page by page: text with its size in points and its place."""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

import pypdfium2
import pypdfium2.raw as raw


class Glyph(NamedTuple):
    """One printed character; `bottom` and `right` in points from the lower left corner."""

    text: str
    size: float
    bottom: float
    right: float
    font: str


class Page(NamedTuple):
    width: float
    height: float
    glyphs: tuple[Glyph, ...]

    def body(self, margin: float = 50) -> list[Glyph]:
        """The characters between running header and foot line."""
        return [glyph for glyph in self.glyphs if margin < glyph.bottom < self.height - margin]

    def empty(self, margin: float = 50) -> float:
        """The share of the page below its last line, 0 to 1."""
        lowest = min((glyph.bottom for glyph in self.body(margin)), default=self.height - margin)
        return (lowest - margin) / (self.height - 2 * margin)

    def last_line(self) -> list[Glyph]:
        body = self.body()
        lowest = min((glyph.bottom for glyph in body), default=0)
        return [glyph for glyph in body if glyph.bottom < lowest + 4]


def pages(path: Path) -> list[Page]:
    document = pypdfium2.PdfDocument(path)
    return [Page(page.get_width(), page.get_height(), tuple(_glyphs(page))) for page in document]


def _glyphs(page: pypdfium2.PdfPage) -> list[Glyph]:
    text = page.get_textpage()
    found = []
    for place in range(text.count_chars()):
        character = chr(raw.FPDFText_GetUnicode(text.raw, place))
        if character.isspace():
            continue
        matrix = raw.FS_MATRIX()
        raw.FPDFText_GetMatrix(text.raw, place, matrix)
        size = raw.FPDFText_GetFontSize(text.raw, place) * math.hypot(matrix.c, matrix.d)
        _, bottom, right, _ = text.get_charbox(place)
        found.append(Glyph(character, round(size, 1), bottom, right, _font(text, place)))
    return found


def _font(text: pypdfium2.PdfTextPage, place: int) -> str:
    import ctypes

    name, flags = ctypes.create_string_buffer(200), ctypes.c_int()
    raw.FPDFText_GetFontInfo(text.raw, place, name, len(name), flags)
    return name.value.decode("utf-8", "replace")
