"""PromQL on Weaviate's own metrics, as data: one term for each figure.

`{W}` stands for Weaviate's selector, `POD` for the label that names its pod.
"""

from __future__ import annotations

import re

_FAILED = 'sum(increase({__name__=~"(weaviate_)?replication_coordinator_%ss_failed",W}[1d]))'

TERMS_OF: dict[str, str] = {
    "build": "max by (POD, version) (weaviate_build_info{W})",
    "gomemlimit": "max by (POD) (go_gc_gomemlimit_bytes{W})",
    "gomaxprocs": "max by (POD) (go_sched_gomaxprocs_threads{W})",
    "heap_peak_7d": "max by (POD) (max_over_time(go_memstats_heap_inuse_bytes{W}[7d]))",
    "readonly_shards": 'sum(weaviate_index_shards_total{W,status="READONLY"})',
    "index_shards": "sum by (status) (weaviate_index_shards_total{W})",
    "raft_lag": "max(weaviate_cluster_store_raft_last_applied_index{W})"
    " - min(weaviate_cluster_store_raft_last_applied_index{W})",
    "replication_failed_1d": f'label_replace({_FAILED % "write"}, "kind", "writes", "", "")'
    f' or label_replace({_FAILED % "read"}, "kind", "reads", "", "")',
    "queue_size": "sum(queue_size{W})",
    "queue_slope_6h": "sum(deriv(queue_size{W}[6h]))",
    "query_p95_ms": "histogram_quantile(0.95, sum by (le, query_type) (rate(queries_durations_ms_bucket{W}[5m])))",
    "http_p95_s": "histogram_quantile(0.95, sum by (le) (rate(weaviate_http_request_duration_seconds_bucket{W}[5m])))",
    "grpc_p95_s": "histogram_quantile(0.95,"
    " sum by (le) (rate(weaviate_grpc_server_request_duration_seconds_bucket{W}[5m])))",
    # Without a series of errors the ratio is 0 where there are requests; without any series it is unknown.
    "error_ratio": '(sum(rate(requests_total{W,status="server_error"}[5m])) or sum(rate(requests_total{W}[5m])) * 0)'
    " / sum(rate(requests_total{W}[5m]))",
    "runtime_config_ok": "min(weaviate_runtime_config_last_load_success{W})",
    "allocation_rejected_1d": "sum(increase(weaviate_vector_index_memory_allocation_rejected_total{W}[1d]))",
    "allocation_rejected_7d": "sum(increase(weaviate_vector_index_memory_allocation_rejected_total{W}[7d]))",
    "background_failures_7d": "sum by (process) (increase(weaviate_background_process_failures_total{W}[7d]))",
    "module_errors_1d": "sum by (module, status_code) (increase(weaviate_module_call_error_total{W}[1d]))",
    "schema_shards": "max by (status) (sum by (POD, status) (weaviate_schema_shards{W}))",
    "schema_collections": "max(weaviate_schema_collections{W})",
    "startup_loaded": "min(weaviate_startup_shards_loaded{W} / (weaviate_startup_shards_to_load{W} > 0))",
    "tombstones": "sum(vector_index_tombstones{W})",
    "tombstones_unexpected_1d": "sum(increase(vector_index_tombstone_unexpected_total{W}[1d]))",
    "tombstones_cleaned_1d": "sum(increase(vector_index_tombstone_cleaned{W}[1d]))",
    "objects": "sum(object_count{W})",
    "objects_by_class": 'sum by (class_name) (object_count{W,class_name!="",class_name!="n/a"})',
    "dimensions_by_class": 'sum by (class_name) (vector_dimensions_sum{W,class_name!="",class_name!="n/a"})',
    "segments_by_class": 'sum by (class_name) (vector_segments_sum{W,class_name!="",class_name!="n/a"})',
    "object_growth_1d": "sum(object_count{W}) - sum(object_count{W} offset 1d)",
    "object_growth_7d": "sum(object_count{W}) - sum(object_count{W} offset 7d)",
    "processed_1d": "sum(increase(batch_objects_processed_total{W}[1d]))",
    "processed_7d": "sum(increase(batch_objects_processed_total{W}[7d]))",
    "puts_1d": 'sum(increase(objects_durations_ms_count{W,operation="put"}[1d]))',
    "index_deletes_1d": "sum(increase(vector_index_queue_delete_count{W}[1d]))",
    "batch_deletes_1d": "sum(increase(batch_delete_durations_ms_count{W}[1d]))",
    "index_operations_1d": "sum by (operation) (increase(vector_index_operations{W}[1d]))",
    "queries_1h": "sum by (query_type) (rate(queries_durations_ms_count{W}[1h]))",
    "queries_by_pod": "sum by (POD) (rate(queries_durations_ms_count{W}[30m]))",
    "ttl_runs_7d": "sum(increase(weaviate_objects_ttl_deletion_db_count{W}[7d]))",
    "ttl_failures_7d": "sum(increase(weaviate_objects_ttl_deletion_db_failure_count{W}[7d]))",
    "ttl_deleted_7d": "sum(increase(weaviate_objects_ttl_deletion_db_objects_deleted{W}[7d]))",
    "memory_maps": "max by (POD) (mmap_proc_maps{W})",
}
TRACK_TERMS: dict[str, str] = {
    "queries": "sum by (POD) (rate(queries_durations_ms_count{W}[1h]))",
    "processed": "sum by (POD) (rate(batch_objects_processed_total{W}[1h]))",
    "objects": "sum by (POD) (object_count{W})",
    "queue": "sum(queue_size{W})",
    "query_p95": "histogram_quantile(0.95, sum by (le) (rate(queries_durations_ms_bucket{W}[1h])))",
    "http_p95": "histogram_quantile(0.95, sum by (le) (rate(weaviate_http_request_duration_seconds_bucket{W}[1h])))",
}
METRIC_NAME = re.compile(r"\b([a-z_]\w*)\{")
_ALL_TERMS = (*TERMS_OF.values(), *TRACK_TERMS.values())

METRICS = tuple(sorted({name for term in _ALL_TERMS for name in METRIC_NAME.findall(term)}))
"""The names of all of Weaviate's series that a term reads."""
