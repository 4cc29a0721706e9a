"""Single values of the demonstration's Prometheus, by the names of `kinds.prometheus.SCALARS`."""

from __future__ import annotations

from collections.abc import Sequence

from readiness_kit.kinds.prometheus import Sample, Samples

GIB = 2.0**30
_OBJECTS = {"Products": 1_840_000.0, "Reviews": 6_320_000.0, "Sessions": 410_000.0, "Shops": 18_280.0}
_COPIES = {"Sessions": 1}
_DIMENSIONS = 1536
_NOT_THERE = (
    # Series of newer versions, or of features that are not used.
    "background_failures_7d runtime_config_ok startup_loaded segments_by_class ttl_runs_7d ttl_failures_7d"
    " ttl_deleted_7d"
).split()


def weaviate(pods: Sequence[str], version: str) -> Samples:
    held = {name: count * _COPIES.get(name, 3) for name, count in _OBJECTS.items()}
    single = {
        "readonly_shards": 0.0,
        "raft_lag": 0.0,
        "queue_size": 12.0,
        "queue_slope_6h": -0.1,
        "http_p95_s": 0.058,
        "grpc_p95_s": 0.047,
        "error_ratio": 0.0008,
        "allocation_rejected_1d": 0.0,
        "allocation_rejected_7d": 0.0,
        "schema_collections": 4.0,
        "tombstones": 212_400.0,
        "tombstones_unexpected_1d": 0.0,
        "tombstones_cleaned_1d": 96_300.0,
        "objects": sum(held.values()),
        "object_growth_1d": 93_000.0,
        "object_growth_7d": 651_000.0,
        "processed_1d": 1_590_000.0,
        "processed_7d": 11_120_000.0,
        "puts_1d": 4_120.0,
        "index_deletes_1d": 98_700.0,
        "batch_deletes_1d": 3.0,
    }
    return {
        **{name: (Sample(value),) for name, value in single.items()},
        **dict.fromkeys(_NOT_THERE, ()),
        "build": tuple(Sample(1.0, pod, {"version": version}) for pod in pods),
        "gomemlimit": tuple(Sample(42 * GIB, pod) for pod in pods),
        "gomaxprocs": tuple(Sample(8.0, pod) for pod in pods),
        "heap_peak_7d": _each(pods, (25.9 * GIB, 40.4 * GIB, 23.6 * GIB)),
        "index_shards": (Sample(52.0, "", {"status": "READY"}),),
        "replication_failed_1d": (Sample(0.0, "", {"kind": "reads"}), Sample(0.0, "", {"kind": "writes"})),
        "query_p95_ms": (Sample(71.0, "", {"query_type": "get_graphql"}), Sample(12.0, "", {"query_type": "objects"})),
        "module_errors_1d": (Sample(41.0, "", {"module": "text2vec-openai", "status_code": "429"}),),
        "schema_shards": (Sample(17.0, "", {"status": "HOT"}),),
        "objects_by_class": tuple(Sample(count, "", {"class_name": name}) for name, count in held.items()),
        "dimensions_by_class": tuple(
            Sample(count * _DIMENSIONS, "", {"class_name": name}) for name, count in held.items()
        ),
        "index_operations_1d": (
            Sample(1_640_000.0, "", {"operation": "create"}),
            Sample(98_700.0, "", {"operation": "delete"}),
        ),
        "queries_1h": (Sample(168.1, "", {"query_type": "get_graphql"}), Sample(12.6, "", {"query_type": "objects"})),
        "queries_by_pod": _each(pods, (48.7, 99.3, 32.5)),
        "memory_maps": _each(pods, (3_112.0, 3_140.0, 3_097.0)),
    }


def history(pods: Sequence[str]) -> Samples:
    return {
        "ready_least_90d": (Sample(2.0),),
        "ready_now": (Sample(3.0),),
        "pods_seen_90d": _each(pods, (4.0, 4.0, 4.0)),
        "restarts_7d": _each(pods, (0.0, 1.0, 0.0)),
        "oom_last": (Sample(1.0, pods[1]),),
        "oom_events_7d": _each(pods, (0.0, 0.0, 0.0)),
    }


def _each(pods: Sequence[str], values: Sequence[float]) -> tuple[Sample, ...]:
    return tuple(Sample(value, pod) for pod, value in zip(pods, values, strict=True))
