"""Charts in a cell: the picture, or the reason why there is none."""

from __future__ import annotations

from pathlib import Path

from readiness_kit import demo
from readiness_kit.notebook import open_assessment


def test_each_chart_of_the_demonstration_is_a_figure_with_its_finding(tmp_path: Path) -> None:
    kit = open_assessment(demo.install(tmp_path / "demo").path)
    faces = [kit.chart.score(), kit.chart.pods_by_zone(), kit.chart.usage(), kit.chart.node_packing()]
    for face in faces:
        html = face._repr_html_()
        assert html.count("<img alt=") == 1 and "data:image/svg+xml;base64," in html and "<details>" in html
    assert repr(faces[2]).startswith("Memory is at 94 % of the limit on weaviate-1. One instant, ")


def test_without_a_snapshot_each_says_so_and_the_score_is_open(tmp_path: Path) -> None:
    kit = open_assessment(tmp_path)
    for face in (kit.chart.usage(), kit.chart.node_packing(), kit.chart.pods_by_zone()):
        assert "not assessed, nothing has been collected yet." in repr(face)
        assert "<img" not in face._repr_html_()
    assert "There is no score yet" in repr(kit.chart.score())
