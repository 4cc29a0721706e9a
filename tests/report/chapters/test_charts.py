"""The chapter of charts."""

from __future__ import annotations

from tests.report import sample


def test_charts_are_nothing_where_no_cluster_was_read() -> None:
    assert sample.empty_page().charts().html == ""
