"""Charts in a notebook cell: the picture, or the reason why there is none."""

from __future__ import annotations

from pathlib import Path

from readiness_kit import demo, open_assessment


def test_charts_of_the_demonstration_are_figures_with_their_finding(tmp_path: Path) -> None:
    kit = open_assessment(demo.install(tmp_path / "demo").path)
    views = [kit.chart.score(), kit.chart.pods_by_zone(), kit.chart.usage(), kit.chart.node_packing()]
    for view in views:
        html = view._repr_html_()
        assert html.count("<img alt=") == 1 and "data:image/svg+xml;base64," in html and "<details>" in html
    assert repr(views[2]).startswith("Memory is at 94 % of the limit on weaviate-1. Measured at one instant, ")


def test_without_a_snapshot_the_reason_is_stated(tmp_path: Path) -> None:
    kit = open_assessment(tmp_path)
    for view in (kit.chart.usage(), kit.chart.node_packing(), kit.chart.pods_by_zone()):
        assert "not assessed, nothing has been collected yet." in repr(view)
        assert "<img" not in view._repr_html_()
    assert "No score yet" in repr(kit.chart.score())
