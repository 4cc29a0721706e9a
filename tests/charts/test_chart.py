"""Alternative text from the first rows of a table."""

from __future__ import annotations

import pandas as pd

from readiness_kit.charts.chart import alt_text


def test_alt_text_states_the_first_rows_and_counts_all() -> None:
    table = pd.DataFrame(
        {"pod": ["a", "b", "c"], "limit (GiB)": [2.0, float("nan"), 1.0], "kills": [1, 0, 0], "note": ["", "x", ""]}
    )
    assert alt_text("Title", table, rows=2) == (
        "Title. a: limit (GiB) 2, kills 1. b: kills 0, note x. The table lists all 3 rows."
    )
    assert alt_text("Title", table, columns=2, rows=3) == "Title. a: limit (GiB) 2. b: no values. c: limit (GiB) 1."
    assert alt_text("Title", table.head(0)) == "Title."
