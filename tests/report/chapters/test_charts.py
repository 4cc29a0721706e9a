"""The chapter of charts."""

from __future__ import annotations

from tests.report import sample


def test_no_charts_without_a_cluster() -> None:
    assert sample.empty_page().charts().html == ""
