"""The manual page comes from the commands."""

from __future__ import annotations

from readiness_kit.cli import SECTIONS
from scripts.man import escaped, manual


def test_every_command_is_in_the_manual() -> None:
    text = manual()
    for entries in SECTIONS.values():
        for name in entries:
            assert f'.SS "readiness {escaped(name)}"' in text
    assert ".SH EXIT STATUS" in text and "kubectl readiness" in text and "\x08" not in text


def test_no_line_of_text_is_taken_for_a_request() -> None:
    assert escaped(".a\n'b\n-c\\d") == "\\&.a\n\\&'b\n\\-c\\ed"
    macros = {"TH", "SH", "SS", "B", "I", "br", "nf", "fi"}
    requests = {row[1:].split(" ")[0] for row in manual().splitlines() if row[:1] == "."}
    assert requests <= macros
