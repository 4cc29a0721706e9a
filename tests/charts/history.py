"""Cluster facts with a generated Prometheus history, whose numbers can be worked out by hand."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import msgspec

from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds.prometheus import Grid, Track, Traffic, Usage, VolumeUsage
from readiness_kit.model import Read
from tests.support.cluster import cluster, weaviate

GIB = 2.0**30
END = int(datetime(2026, 11, 20, 9, 0, tzinfo=UTC).timestamp())
HOURS, DAYS = 14 * 24, 14


def with_history(
    pods: int = 3, *, hours: int = HOURS, throttled: float | None = None, growth: float = 2.0
) -> ClusterFacts:
    """`pods` pods with a 40 GiB limit: RSS of pod n peaks at (30 + 8 n / pods) GiB; disks grow `growth` GiB a day."""
    resources = {"requests": {"memory": "40Gi", "cpu": "4"}, "limits": {"memory": "40Gi", "cpu": "4"}}
    facts = cluster(weaviate(replicas=pods, container={"resources": resources}), as_of="2026-11-20T09:00:00Z")
    names = tuple(f"weaviate-{n}" for n in range(pods))
    peaks = tuple((30 + 8 * n / pods) * GIB for n in range(pods))
    wave = [0.8 + 0.2 * math.sin(hour / 24 * 2 * math.pi) for hour in range(hours)]
    grid = Grid(start=END - hours * 3600, step=3600, count=hours)
    usage = Usage(
        end=END,
        namespace=("weaviate",) * pods,
        pod=names,
        container=("weaviate",) * pods,
        cpu_p50=(1.0,) * pods,
        cpu_p95=tuple(2.0 + n / pods for n in range(pods)),
        cpu_max=(3.5,) * pods,
        throttled=(throttled,) * pods,
        rss_p50=tuple(0.8 * peak for peak in peaks),
        rss_p95=tuple(0.95 * peak for peak in peaks),
        rss_max=peaks,
        working_set_max=tuple(peak * 1.05 for peak in peaks),
        heap_max=tuple(peak * 0.7 for peak in peaks),
        gomemlimit=(35 * GIB,) * pods,
        oom=(0.0,) * pods,
        restarts=(0.0,) * pods,
        samples=(hours * 12.0,) * pods,
        hours=(float(hours),) * pods,
        grid=grid,
        series={
            "rss": tuple(tuple(peak * value for value in wave) for peak in peaks),
            "working_set": tuple(tuple(1.05 * peak * value for value in wave) for peak in peaks),
            "cpu": tuple(tuple(3.5 * value for value in wave) for _ in peaks),
        },
    )
    days = max(hours // 24, 1)
    volumes = VolumeUsage(
        end=END,
        namespace=("weaviate",) * pods,
        claim=tuple(f"weaviate-data-weaviate-{n}" for n in range(pods)),
        used=tuple((60 + n / pods) * GIB for n in range(pods)),
        capacity=(100 * GIB,) * pods,
        inodes=(1e6,) * pods,
        inodes_used=(1e5,) * pods,
        grid=Grid(start=END - days * 86_400, step=86_400, count=days),
        daily=tuple(
            tuple((60 + n / pods - growth * (days - 1 - day)) * GIB for day in range(days)) for n in range(pods)
        ),
    )
    traffic = Traffic(
        grid=grid,
        tracks={
            "queries": tuple(Track(name, tuple(100 * value for value in wave)) for name in names),
            "processed": tuple(Track(name, tuple(10 * value for value in wave)) for name in names),
        },
    )
    answers = {"prometheus/usage": usage, "prometheus/volumes": volumes, "prometheus/traffic": traffic}
    manifest = facts.snapshot.manifest
    reads = tuple(read for read in manifest.reads if read.key not in answers) + tuple(Read(key, 1) for key in answers)
    snapshot = msgspec.structs.replace(
        facts.snapshot,
        manifest=msgspec.structs.replace(manifest, reads=reads),
        answers={**facts.snapshot.answers, **answers},
    )
    return ClusterFacts(snapshot)
