"""The default thresholds of the kit; `readiness.yaml` can change each of them."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

Fraction = Annotated[float, Meta(ge=0, le=1)]


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Thresholds that no upstream document defines; the report marks each as "kit default" until it is changed."""

    coverage_minimum: Fraction = 0.70
    backup_rpo_hours: float = 24
    restore_test_days: int = 90
    failover_test_days: int = 90
    failover_test_stale_days: int = 365
    recovery_test_days: int = 365
    rotation_days: int = 365
    grace_period_minimum_seconds: int = 300
    zone_skew_maximum: int = 1
    many_shards: int = 1000
    certificate_days: int = 21
    administrators_maximum: int = 2
    tombstone_share: Fraction = 0.10
    collections_alike: int = 20
    active_tenants: int = 1000
    backup_intervals_maximum: float = 2
    snapshot_days: int = 7
    evidence_days: int = 7
    backups_listed_maximum: int = 50
    backup_oldest_days: int = 400
    memory_rss_share: Fraction = 0.90
    memory_idle_share: Fraction = 0.30
    cpu_high_share: Fraction = 0.80
    cpu_low_share: Fraction = 0.20
    cpu_throttled_share: Fraction = 0.25
    disk_full_days: int = 7
    disk_full_soon_days: int = 30
    read_skew_maximum: float = 2
    shard_skew_maximum: float = 2
    shard_objects_maximum: int = 10_000_000
    collections_maximum: int = 20
    quantisation_objects: int = 1_000_000
    model_memory_share: Fraction = 0.80
