"""The queries as data."""

from __future__ import annotations

import pytest

from readiness_kit.collect.prometheus import queries, terms
from readiness_kit.collect.prometheus.collector import plan, plan_text
from readiness_kit.kinds.prometheus import SCALARS, TRAFFIC, Labels, Names
from tests.collect.prometheus.conftest import (
    SNAPSHOT,
)
from tests.support.cluster import snapshot, weaviate


def test_every_scalar_and_track_has_its_query() -> None:
    labels = Labels(*([Names("namespace", "pod", "container")] * 4))
    scope = queries.Scope("weaviate", "weaviate", "weaviate-[0-9]+", labels)
    window = queries.Window(1_795_000_000, 14)
    assert set(queries.weaviate(scope, window)[0]) | set(queries.history(scope, window)[0]) == set(SCALARS)
    assert set(terms.TRACK_TERMS) == set(TRAFFIC)
    assert len(queries.usage(scope, window)) + 1 <= 12  # and one for restarted containers


def test_dry_run_shows_all_queries() -> None:
    planned = plan(SNAPSHOT, selector='cluster="prod"')
    text = plan_text(planned)
    assert len(planned) < queries.TERMS * 5 and f"{len(planned)} queries, 4 at a time" in text
    selectors = [query.promql for query in planned if "{" in query.promql]
    assert len(selectors) == len(planned) and all('cluster="prod"' in promql for promql in selectors)
    assert "max_over_time(container_memory_rss{" in text and "POD)" not in text and "{W" not in text


def test_large_namespaces_are_read_for_weaviate_only_and_at_a_coarser_resolution() -> None:
    crowd = [
        {
            "kind": "Pod",
            "metadata": {"name": f"p{number}", "namespace": "weaviate"},
            "spec": {"containers": [{"name": "a", "image": "a"}]},
        }
        for number in range(500)
    ]
    text = plan_text(plan(snapshot(weaviate(), crowd)))
    assert 'container_memory_rss{namespace="weaviate",pod=~"weaviate-[0-9]+"' in text
    assert queries.Window(0, 14, rows=400).resolution == 1020


@pytest.mark.parametrize(
    ("text", "value"),
    [("weaviate", "weaviate"), ("a.b", "a[.]b"), ("a|b", "a[|]b"), ("a^b", "a\\^b"), ("a/b-c", "a/b-c")],
)
def test_names_are_escaped_in_patterns(text: str, value: str) -> None:
    assert queries.literal(text) == value


def test_promql_by_figure_for_the_usual_labels() -> None:
    scope, window = queries.usual_scope("db"), queries.Window(0, 14)
    assert queries.promql_of("prometheus/up", scope, window) == {"up": 'up{namespace="db",pod=~".+"}'}
    assert set(queries.promql_of("prometheus/volumes", scope, window)) == {
        "used", "capacity", "inodes", "inodes_used", "daily"
    }  # fmt: skip
    for key in ("usage", "nodes", "weaviate", "history", "traffic"):
        found = queries.promql_of(f"prometheus/{key}", scope, window)
        assert found and not [promql for promql in found.values() if "{W" in promql or "POD)" in promql], key
    assert queries.promql_of("prometheus/rules", scope, window) == {}


def test_no_promql_for_a_family_that_does_not_exist() -> None:
    scope, window = queries.Scope("db", "weaviate", ".+", Labels(listed=True)), queries.Window(0, 14)
    for key in ("usage", "volumes", "weaviate", "history", "traffic"):
        assert queries.promql_of(f"prometheus/{key}", scope, window) == {}, key
