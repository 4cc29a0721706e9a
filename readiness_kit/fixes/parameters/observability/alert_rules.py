"""Alert rules for one Weaviate: pods and targets that are down, errors, resources that run out, backups that fail."""

from __future__ import annotations

from typing import Any

from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds.workloads import CronJob

HOUR = 3600
BACKUP_HOURS = 36
"""A daily job that runs for some hours has succeeded within this time."""


def rules(facts: ClusterFacts) -> list[dict[str, Any]]:
    """The rules as a PrometheusRule holds them."""
    weaviate = facts.weaviate
    namespace, name, kind = weaviate.namespace, weaviate.name, weaviate.kind.lower()
    own = f'namespace="{namespace}",pod=~"{name}-.+"'
    claims = f'namespace="{namespace}",persistentvolumeclaim=~".+-{name}-[0-9]+"'
    ready, wanted = "status_replicas_ready", "replicas"
    if kind == "deployment":
        ready, wanted = "status_replicas_available", "spec_replicas"
    missing = f'kube_{kind}_{ready}{{namespace="{namespace}",{kind}="{name}"}}'
    missing += f' < kube_{kind}_{wanted}{{namespace="{namespace}",{kind}="{name}"}}'
    full = f"kubelet_volume_stats_used_bytes{{{claims}}} / kubelet_volume_stats_capacity_bytes{{{claims}}} > 0.8"
    heap = f"go_memstats_heap_inuse_bytes{{{own}}} / go_gc_gomemlimit_bytes{{{own}}} > 0.9"
    failed = f'sum(rate(requests_total{{namespace="{namespace}",status="server_error"}}[5m]))'
    failed += f' / sum(rate(requests_total{{namespace="{namespace}"}}[5m])) > 0.01'
    read_only = f'sum(weaviate_index_shards_total{{namespace="{namespace}",status="READONLY"}}) > 0'
    return [
        _rule("WeaviatePodsMissing", missing, "10m", "critical", "Fewer Weaviate pods are ready than desired"),
        _rule("WeaviateTargetDown", f"up{{{own}}} == 0", "10m", "warning", "The metrics of a pod cannot be read"),
        _rule("WeaviateServerErrors", failed, "10m", "critical", "More than 1 % of requests fail with server errors"),
        _rule("WeaviateShardsReadOnly", read_only, "5m", "critical", "Shards are read-only: check disk and memory"),
        _rule("WeaviateDiskFilling", full, "15m", "warning", "A Weaviate volume is more than 80 % full"),
        _rule("WeaviateHeapNearLimit", heap, "10m", "warning", "The heap is close to GOMEMLIMIT"),
        *_backups(facts),
    ]


def _backups(facts: ClusterFacts) -> list[dict[str, Any]]:
    """A rule for each job whose name is about backups; for jobs that are not there yet, one on failed jobs."""
    jobs: tuple[CronJob, ...] = facts.objects("cronjobs")
    namespace = facts.weaviate.namespace
    found = sorted(
        job.metadata.name
        for job in jobs
        if job.metadata.namespace == namespace and "backup" in job.metadata.name.lower()
    )
    if not found:
        failed = f'kube_job_status_failed{{namespace="{namespace}",job_name=~".*backup.*"}} > 0'
        return [_rule("WeaviateBackupFailed", failed, "5m", "critical", "A backup job failed")]
    selected = f'{{namespace="{namespace}",cronjob=~"{"|".join(found)}"}}'
    late = f"time() - kube_cronjob_status_last_successful_time{selected} > {BACKUP_HOURS * HOUR}"
    summary = f"No backup has succeeded for {BACKUP_HOURS} hours"
    return [_rule("WeaviateBackupMissing", late, "5m", "critical", summary)]


def _rule(alert: str, query: str, duration: str, severity: str, summary: str) -> dict[str, Any]:
    return {
        "alert": alert,
        "expr": query,
        "for": duration,
        "labels": {"severity": severity},
        "annotations": {"summary": summary},
    }
