"""Logo and colours: embedded, legible, and unable to carry anything else along."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness_kit.errors import ConfigError
from readiness_kit.model import Branding
from readiness_kit.report.rendering.branding import MAX_LOGO_BYTES, css_string, css_variables, ink_on, logo
from tests.report import sample

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


@pytest.mark.parametrize(("colour", "ink"), [("#12344d", "#ffffff"), ("#ffdd00", "#000000"), ("#ffffff", "#000000")])
def test_the_ink_reads_on_the_brand_colour(colour: str, ink: str) -> None:
    assert ink_on(colour) == ink


def test_colours_of_the_settings_reach_the_document() -> None:
    variables = css_variables(Branding(primary="#FFDD00", accent="#AA0000"))
    assert variables == {"--rk-brand": "#ffdd00", "--rk-on-brand": "#000000", "--rk-accent": "#aa0000"}


def test_a_css_string_cannot_end_itself() -> None:
    assert css_string('a"b</style>') == '"a\\000022 b\\00003c \\00002f style\\00003e "'


def test_a_logo_is_embedded_and_counts_from_the_assessment_folder(tmp_path: Path) -> None:
    (tmp_path / "mark.png").write_bytes(PNG)
    assert logo(Branding(logo="mark.png"), tmp_path).startswith("data:image/png;base64,iVBORw0KGgo")


def test_a_logo_stands_on_the_cover(tmp_path: Path) -> None:
    (tmp_path / "mark.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    settings = sample.Settings(customer="Nordlicht", branding=Branding(logo="mark.svg"))
    document = sample.export(sample.notebook(sample.page(settings=settings, folder=tmp_path)))
    assert '<img alt="Nordlicht" class="rk-logo" src="data:image/svg+xml;base64,' in document or (
        '<img class="rk-logo" src="data:image/svg+xml;base64,' in document
    )
    assert "<script" not in document


@pytest.mark.parametrize(
    ("file", "body", "message"),
    [
        ("a.gif", b"GIF89a", "neither PNG, JPEG nor SVG"),
        ("a.png", b"<svg>", "as its name indicates"),
        ("a.jpg", PNG, "as its name indicates"),
        ("a.png", PNG + b"0" * MAX_LOGO_BYTES, "bytes"),
        ("a.png", None, "cannot be read"),
    ],
)
def test_unusable_logo_is_refused_by_name(tmp_path: Path, file: str, body: bytes | None, message: str) -> None:
    if body is not None:
        (tmp_path / file).write_bytes(body)
    with pytest.raises(ConfigError, match=message):
        logo(Branding(logo=file), tmp_path)
