"""Backups of the volumes: snapshots of each claim, and tools that back up the whole namespace."""

from __future__ import annotations

from datetime import datetime, timedelta

from readiness_kit.evidence.checks import Subject
from readiness_kit.evidence.conditions.backups import velero_scope
from readiness_kit.evidence.conditions.resources.storage import disks
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.detectors.scan import DETECTOR_READS, unseen
from readiness_kit.kinds.backups import VeleroBackup
from readiness_kit.kinds.storage import VolumeSnapshot
from readiness_kit.model import Check, Reason, Ref, Settings

READS = tuple(sorted({*DETECTOR_READS["volume_backup"], "volumesnapshots", "persistentvolumeclaims"}))
GROUP = "volume_backup"


def snapshots(facts: ClusterFacts, settings: Settings) -> tuple[bool | None, list[Check]]:
    """(whether each claim of the data has a recent snapshot or a tool's recent backup, the checks that show it).

    None: nothing was found, and not everything could be read. Snapshots made by the cloud itself are not visible.
    """
    days = settings.thresholds.snapshot_days
    claims = {disk.claim.metadata.name for disk in disks(facts)}
    velero = _velero(facts, days)
    checks = [*_csi(facts, claims, days), *_tools(facts), *velero]
    complete = any(check.outcome is not None for check in velero)
    if complete or (claims and claims <= _recent(facts, days)):
        return True, checks
    unread = unseen(facts, GROUP) or (not checks and unread_sources(facts))
    return (None if unread else False), checks


def unread_sources(facts: ClusterFacts) -> dict[str, Reason]:
    """The reads that are missing, with the reason."""
    own = ("volumesnapshots", "persistentvolumeclaims")
    return {key: reason for key in own if (reason := facts.missing(key))} | unseen(facts, GROUP)


def _is_recent(facts: ClusterFacts, time: datetime | None, days: int) -> bool:
    return time is not None and facts.as_of - time <= timedelta(days=days)


def _of_namespace(facts: ClusterFacts) -> list[VolumeSnapshot]:
    found = facts.objects("volumesnapshots")
    return [snapshot for snapshot in found if snapshot.metadata.namespace == facts.weaviate.namespace]


def _recent(facts: ClusterFacts, days: int) -> set[str]:
    """The names of the claims with a recent snapshot that is ready to use."""
    return {
        snapshot.spec.source.persistent_volume_claim_name
        for snapshot in _of_namespace(facts)
        if snapshot.status.ready_to_use and _is_recent(facts, snapshot.status.creation_time, days)
    }


def _csi(facts: ClusterFacts, claims: set[str], days: int) -> list[Check]:
    found = [
        snapshot.metadata.name
        for snapshot in _of_namespace(facts)
        if snapshot.spec.source.persistent_volume_claim_name in claims
    ]
    if not found:
        return []
    recent = _recent(facts, days) & claims
    seen = f"{len(recent)} of {len(claims)} claims within {days} days"
    on = Subject(Ref("VolumeSnapshot", max(found), facts.weaviate.namespace), "volumesnapshots")
    return [on.info("recent snapshots", seen)]


def _velero(facts: ClusterFacts, days: int) -> list[Check]:
    """The newest completed run that includes everything, otherwise what the newest run of the namespace leaves out."""
    runs = [backup for backup in facts.objects("velerobackups") if _recent_run(facts, backup, days)]
    runs.sort(key=lambda backup: backup.status.completion_timestamp or facts.as_of, reverse=True)
    left_out = {backup.metadata.name: velero_scope.left_out(facts, backup.spec) for backup in runs}
    expected = f"within {days} days, with the volumes"
    for backup in runs:
        if not left_out[backup.metadata.name]:
            seen = f"Completed {backup.status.completion_timestamp:%Y-%m-%d}"
            return [Subject.of("velerobackups", backup).check("status.phase", seen, expected, True)]
    return [
        Subject.of("velerobackups", backup).info("leaves out", left_out[backup.metadata.name], expected)
        for backup in runs[:1]
    ]


def _recent_run(facts: ClusterFacts, backup: VeleroBackup, days: int) -> bool:
    """Whether a run completed within the days and covers the namespace of Weaviate."""
    scope, namespace = backup.spec, facts.weaviate.namespace
    included, excluded = scope.included_namespaces or ("*",), scope.excluded_namespaces or ()
    covered = (namespace in included or "*" in included) and not {namespace, "*"} & set(excluded)
    completed = backup.status.phase == "Completed" and _is_recent(facts, backup.status.completion_timestamp, days)
    return covered and completed


def _tools(facts: ClusterFacts) -> list[Check]:
    """Tools that concern this Weaviate; installed does not mean that they ran."""
    found = facts.detected(GROUP, level=3)
    return [
        Subject(first.ref, first.source).info(
            first.field, f"{first.seen} ({tool.tool}; it does not prove {tool.not_proven})"
        )
        for tool in found
        for first in tool.facts[:1]
    ]
