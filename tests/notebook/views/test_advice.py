"""Sizing advice as a table."""

from __future__ import annotations

from readiness_kit.notebook.views.advice import NO_HISTORY, advice_view
from tests.charts.history import with_history
from tests.support.cluster import cluster, weaviate


def test_advice_needs_history_and_includes_helm_values() -> None:
    html = advice_view(with_history(1))._repr_html_()
    assert "reaches the read-only threshold in about 15 days" in html
    assert repr(advice_view(cluster(weaviate()))) == NO_HISTORY
