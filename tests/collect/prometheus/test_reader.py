"""Answers of which some queries fail."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from readiness_kit.collect.prometheus.collector import with_prometheus
from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Reason
from tests.collect.prometheus.conftest import (
    FOUND,
    SNAPSHOT,
    Answering,
    MadeUp,
    Reply,
    record,
    usual,
    vector,
)


def test_failed_term_costs_no_other_term(serve: Callable[[Answering], MadeUp]) -> None:
    def picky(path: str, form: dict[str, str]) -> Reply:
        query = form.get("query", "")
        if "memory_maps" in query:
            return 422, {"status": "error", "errorType": "execution", "error": "many-to-many matching not allowed"}
        if query.count("label_replace") == 1 and '"ttl_deleted_7d"' in query:
            return 200, vector({"kit": "ttl_deleted_7d"}, "28")
        return usual(path, form)

    found = with_prometheus(SNAPSHOT, serve(picky).url)
    history = ClusterFacts(found).history
    assert history.scalar("ttl_deleted_7d") == 28
    assert "memory_maps" not in history.weaviate and history.samples("raft_lag") == ()
    read = record(found, "weaviate")
    assert (read.partial, read.reason) == (True, Reason.ERROR) and "memory_maps" in read.message


def test_usage_with_failed_figures_is_partial(serve: Callable[[Answering], MadeUp]) -> None:
    def some(path: str, form: dict[str, str]) -> Reply:
        query = form.get("query", "")
        if "container_memory_rss" in query and path == "/api/v1/query_range":
            end = int(form["end"])
            labels = {key: FOUND[key] for key in ("namespace", "pod", "container")}
            series = {"metric": labels, "values": [[end - 3600, "5"], [end, "7"]]}
            return 200, {"status": "success", "data": {"resultType": "matrix", "result": [series]}}
        if "cfs_periods" in query:
            return 422, {"status": "error", "error": "query processing would load too many samples into memory"}
        return usual(path, form)

    found = with_prometheus(SNAPSHOT, serve(some).url)
    read = record(found, "usage")
    assert read.partial and "throttled" in read.message and "too many samples" in read.message
    (row,) = ClusterFacts(found).history.containers.to_dict("records")
    assert (row["rss_max"], row["samples"], row["enough"]) == (7, pytest.approx(float("nan"), nan_ok=True), False)
