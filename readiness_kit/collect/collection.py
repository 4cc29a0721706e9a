"""All sources in one run: the cluster, and Weaviate and Prometheus where they have an address.

Credentials come from the environment or a prompt and are kept in `Sources` only, which shows them nowhere.
"""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from readiness_kit.collect.http.certificates import authorities, require_tls
from readiness_kit.collect.kubernetes.client import Connection
from readiness_kit.collect.kubernetes.collector import collect
from readiness_kit.collect.progress import Progress
from readiness_kit.collect.weaviate.client import address
from readiness_kit.collect.weaviate.collector import with_weaviate
from readiness_kit.errors import UnreachableError, WorkloadError
from readiness_kit.model import Cluster, Settings
from readiness_kit.snapshot import Snapshot

WEAVIATE_KEY = "WEAVIATE_API_KEY"
WEAVIATE_TOKEN = "WEAVIATE_OIDC_TOKEN"  # noqa: S105 - the name of a variable
PROMETHEUS_TOKEN = "PROMETHEUS_TOKEN"  # noqa: S105 - the name of a variable
PROMETHEUS_TENANT = "PROMETHEUS_TENANT"


@dataclass(frozen=True)
class Sources:
    """Servers besides Kubernetes; one with an empty address is not read."""

    weaviate_url: str = ""
    prometheus_url: str = ""
    weaviate_key: str = field(default="", repr=False)
    weaviate_token: str = field(default="", repr=False)
    prometheus_token: str = field(default="", repr=False)
    prometheus_tenant: str = ""
    prometheus_selector: str = ""
    weaviate_ca: str = ""
    prometheus_ca: str = ""

    @classmethod
    def of(
        cls,
        cluster: Cluster,
        *,
        weaviate_url: str = "",
        prometheus_url: str = "",
        prometheus_selector: str = "",
        weaviate_ca: str = "",
        prometheus_ca: str = "",
    ) -> Sources:
        """Addresses and certificate authorities as given, otherwise of the settings; credentials of the environment."""
        return cls(
            weaviate_url=weaviate_url or cluster.weaviate_url,
            prometheus_url=prometheus_url or cluster.prometheus_url,
            weaviate_key=os.environ.get(WEAVIATE_KEY, ""),
            weaviate_token=os.environ.get(WEAVIATE_TOKEN, ""),
            prometheus_token=os.environ.get(PROMETHEUS_TOKEN, ""),
            prometheus_tenant=os.environ.get(PROMETHEUS_TENANT, ""),
            prometheus_selector=prometheus_selector,
            weaviate_ca=weaviate_ca or cluster.weaviate_ca,
            prometheus_ca=prometheus_ca or cluster.prometheus_ca,
        )


def collect_all(
    connection: Connection,
    reads: Iterable[str],
    sources: Sources,
    settings: Settings,
    *,
    namespaces: Sequence[str] = (),
    weaviate: str = "",
    progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> Snapshot:
    """One snapshot of the cluster and of the servers that have an address.

    Where a server does not answer, or the cluster has no workload to read metrics of, the records of that source have
    the reason. Raises as `collect` does, and UsageError or ConfigError for an address, credentials or certificate
    authorities that cannot be used.
    """
    sources = _checked(sources)
    snapshot = collect(connection, reads, namespaces=namespaces, weaviate=weaviate, progress=progress, stop=stop)
    if sources.prometheus_url:
        # Before Weaviate: Prometheus has the number of shards, which Weaviate gives only by listing them.
        cluster = msgspec.structs.replace(settings.cluster, weaviate=weaviate or settings.cluster.weaviate)
        settings = msgspec.structs.replace(settings, cluster=cluster)
        snapshot = _with_prometheus(snapshot, sources, settings, progress, stop)
    if sources.weaviate_url:
        snapshot = with_weaviate(
            snapshot,
            sources.weaviate_url,
            api_key=sources.weaviate_key,
            oidc_token=sources.weaviate_token,
            ca_file=sources.weaviate_ca,
            shards=_shards(snapshot),
            progress=progress,
            stop=stop,
        )
    return snapshot


def _checked(sources: Sources) -> Sources:
    """Check everything before the cluster is read, so that an error costs no time."""
    if sources.weaviate_url:
        url = address(sources.weaviate_url)
        if sources.weaviate_key or sources.weaviate_token:
            require_tls(url, "Weaviate")
        sources = replace(sources, weaviate_ca=authorities(sources.weaviate_ca, "Weaviate"))
    if sources.prometheus_url:
        from readiness_kit.collect.prometheus.client import log_in

        log_in(sources.prometheus_url, sources.prometheus_token, tenant=sources.prometheus_tenant)
        sources = replace(sources, prometheus_ca=authorities(sources.prometheus_ca, "Prometheus"))
    return sources


def _shards(snapshot: Snapshot) -> int | None:
    """The number of shards that Prometheus counted, tenants of every state included; None without such series."""
    samples = (snapshot.answer("prometheus/weaviate") or {}).get("schema_shards", ())
    total = sum(sample.value for sample in samples)
    return round(total) if math.isfinite(total) and total >= 1 else None


def _with_prometheus(
    snapshot: Snapshot,
    sources: Sources,
    settings: Settings,
    progress: Progress | None,
    stop: threading.Event | None,
) -> Snapshot:
    from readiness_kit.collect.prometheus.collector import with_prometheus, without_prometheus

    try:
        return with_prometheus(
            snapshot,
            sources.prometheus_url,
            bearer=sources.prometheus_token,
            tenant=sources.prometheus_tenant,
            selector=sources.prometheus_selector,
            ca=sources.prometheus_ca,
            progress=progress,
            stop=stop,
            settings=settings,
        )
    except (UnreachableError, WorkloadError) as problem:
        return without_prometheus(snapshot, problem)
