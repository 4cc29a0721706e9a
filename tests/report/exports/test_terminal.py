"""The assessment as lines for a terminal."""

from __future__ import annotations

import msgspec
import pytest

from readiness_kit.cli.styled import rendered
from readiness_kit.labels import score_range
from readiness_kit.report.content import Content
from readiness_kit.report.exports.terminal import BAR, Line, as_lines, first_step, line, verdict_text


def shown(whole: Content, columns: int, *, verbose: bool = False, coloured: bool = False) -> list[str]:
    lines = as_lines(whole.assessment, whole.subject.line, verbose=verbose)
    return rendered(lines, columns, coloured).splitlines()


@pytest.mark.parametrize("columns", [40, 80, 120])
@pytest.mark.parametrize("verbose", [False, True])
def test_no_row_is_wider_than_the_terminal(whole: Content, columns: int, verbose: bool) -> None:
    rows = shown(whole, columns, verbose=verbose)
    too_wide = [row for row in rows if len(row) > columns]
    assert [row for row in too_wide if "▒" not in row and "·" not in row] == []  # bars need 70 columns
    assert not [row for row in rows if row != row.rstrip()]


def test_verdict_score_coverage_and_weaviate_are_on_the_first_two_lines(whole: Content) -> None:
    first, second, *_ = [row for row in shown(whole, 120) if row]
    assert score_range(whole.assessment.total) in first and "questions judged" in first
    assert second.startswith("  Weaviate ")


def test_blockers_have_a_reason_and_a_first_step_and_the_rest_needs_verbose(whole: Content) -> None:
    short, long = "\n".join(shown(whole, 120)), "\n".join(shown(whole, 120, verbose=True))
    for verdict in whole.assessment.blockers:
        assert f"{verdict.question.number:<4} {verdict.question.short}" in short
        assert first_step(verdict).split(" ")[0] in short
    assert short.count("First: ") == len(whole.assessment.blockers)
    assert "readiness assess -v" in short and len(long) > len(short)


def test_wrapped_rows_hang_below_the_text() -> None:
    rows = rendered([Line((("✗ ", "bad"), ("Q15  " + "word " * 30, "")), 0, 7)], 40, coloured=False).splitlines()
    assert rows[0].startswith("✗ Q15  word") and all(row.startswith(" " * 7 + "word") for row in rows[1:])
    assert len(rows) > 3 and " ".join(" ".join(rows).split()).count("word") == 30


def test_colour_is_only_added_to_the_same_text(whole: Content) -> None:
    import re

    plain, coloured = shown(whole, 80), shown(whole, 80, coloured=True)
    assert "\x1b[" not in "\n".join(plain) and "\x1b[1m" in "\n".join(coloured)
    assert [re.sub(r"\x1b\[[0-9;]*m", "", row).rstrip() for row in coloured] == plain


def test_values_cannot_colour_or_move(whole: Content) -> None:
    hostile = [line("a\x1b[31mb\nForged line")]
    assert rendered(hostile, 80, coloured=True) == "a\\u001b[31mb Forged line\n"


def test_bars_show_proven_and_possible(whole: Content) -> None:
    score = whole.assessment.total
    half = msgspec.structs.replace(score, proven=0.5, possible=0.75)
    judged = msgspec.structs.replace(whole.assessment, sections=dict.fromkeys(whole.assessment.sections, half))
    (row, *_) = [each.plain for each in as_lines(judged) if "▒" in each.plain]
    assert "█" * (BAR // 2) + "▒" * (BAR // 4) + "·" * (BAR // 4) in row and "50 %" in row and "75 %" in row


def test_quiet_is_the_verdict_with_its_figures_explained(whole: Content) -> None:
    text = "\n".join(each.plain for each in verdict_text(whole.assessment))
    assert score_range(whole.assessment.total) in text and "Proven counts what the cluster shows" in text
