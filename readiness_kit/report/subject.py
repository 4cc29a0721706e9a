"""What the report is about, gathered from settings, snapshot and facts, each of which may be silent."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import msgspec

from readiness_kit.errors import WorkloadError
from readiness_kit.model import Assessment, Settings
from readiness_kit.snapshot import Snapshot

if TYPE_CHECKING:
    from readiness_kit.facts import Facts


class Subject(msgspec.Struct, frozen=True):
    """Plain texts, unescaped; empty where not known. `on` is the day the report speaks for."""

    customer: str
    cluster: str
    workload: str
    weaviate: str
    kubernetes: str
    context: str
    on: date | None

    @property
    def title(self) -> str:
        """`Production readiness: Example, cluster prod-eu`."""
        names = ", ".join(part for part in (self.customer, self.cluster and f"cluster {self.cluster}") if part)
        return f"Production readiness: {names}" if names else "Production readiness of a Weaviate cluster"

    @property
    def file_name(self) -> str:
        """`example-2026-11-24`, safe in every file system."""
        word = re.sub(r"[^A-Za-z0-9]+", "-", self.customer or self.cluster).strip("-").lower()[:60] or "readiness"
        return f"{word}-{self.on.isoformat()}" if self.on else word


def subject(
    assessment: Assessment, settings: Settings, snapshot: Snapshot | None = None, facts: Facts | None = None
) -> Subject:
    """The settings name the cluster, else the kubeconfig context it was read through does."""
    manifest = snapshot.manifest if snapshot else None
    context = manifest.context if manifest else settings.cluster.context
    workload, version = _weaviate(facts)
    taken = assessment.as_of.date() if assessment.as_of else None
    return Subject(
        customer=settings.customer.strip(),
        cluster=settings.cluster_name.strip() or context,
        workload=workload or settings.cluster.weaviate,
        weaviate=version,
        kubernetes=manifest.server_version if manifest else "",
        context=context,
        on=settings.date or taken,
    )


def _weaviate(facts: Facts | None) -> tuple[str, str]:
    """Workload and version; both empty where no Weaviate was found or chosen, which the findings then say."""
    if facts is None:
        return "", ""
    try:
        found = facts.weaviate
    except WorkloadError:
        return "", ""
    version = str(found.version) if found.version is not None else found.image.tag
    return f"{found.kind} {found.namespace}/{found.name}", version or ""
