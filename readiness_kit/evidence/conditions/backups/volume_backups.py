"""Backups of the volumes: snapshots of each claim, and tools that take the whole namespace."""

from __future__ import annotations

from datetime import timedelta

from readiness_kit.evidence.checks import Subject
from readiness_kit.evidence.conditions.resources.storage import disks
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.detectors.scan import DETECTOR_READS, unseen
from readiness_kit.model import Check, Outcome, Reason, Ref, Settings

READS = tuple(sorted({*DETECTOR_READS["volume_backup"], "volumesnapshots", "persistentvolumeclaims"}))
GROUP = "volume_backup"


def snapshots(facts: ClusterFacts, settings: Settings) -> tuple[bool | None, list[Check]]:
    """(whether each claim of the data has a fresh snapshot or a tool's recent backup, the lines that show it).

    None: nothing was found, and not everything could be read. What the cloud does by itself is not visible here.
    """
    lines = [*_csi(facts, settings), *_tools(facts)]
    fresh = _fresh(facts, settings)
    claims = {one.claim.metadata.name for one in disks(facts)}
    whole = bool(claims) and claims <= fresh
    recent = _velero(facts, settings)
    lines += recent
    if whole or any(one.outcome is Outcome.MET for one in recent):
        return True, lines
    lost = {key for key in READS if facts.missing(key) is not None} if not lines else set()
    return (None if lost or unseen(facts, GROUP) else False), lines


def why(facts: ClusterFacts) -> dict[str, Reason]:
    """The reads that are missing, with the reason."""
    return {key: reason for key in ("volumesnapshots", "persistentvolumeclaims") if (reason := facts.missing(key))} | (
        unseen(facts, GROUP)
    )


def _fresh(facts: ClusterFacts, settings: Settings) -> set[str]:
    limit = timedelta(days=settings.thresholds.snapshot_days)
    return {
        one.spec.source.persistent_volume_claim_name
        for one in facts.objects("volumesnapshots")
        if one.metadata.namespace == facts.weaviate.namespace
        and one.status.ready_to_use
        and one.status.creation_time is not None
        and facts.as_of - one.status.creation_time <= limit
    }


def _csi(facts: ClusterFacts, settings: Settings) -> list[Check]:
    claims = {one.claim.metadata.name for one in disks(facts)}
    mine = [
        one
        for one in facts.objects("volumesnapshots")
        if one.metadata.namespace == facts.weaviate.namespace and one.spec.source.persistent_volume_claim_name in claims
    ]
    if not mine:
        return []
    fresh = _fresh(facts, settings) & claims
    days = settings.thresholds.snapshot_days
    seen = f"{len(fresh)} of {len(claims)} claims within {days} days"
    ref = Ref("VolumeSnapshot", max(one.metadata.name for one in mine), facts.weaviate.namespace)
    return [Subject(ref, "volumesnapshots").info("fresh snapshots", seen, "every claim", fresh == claims)]


def _velero(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """Completed runs that take the namespace and its volumes."""
    limit = timedelta(days=settings.thresholds.snapshot_days)
    lines = []
    for one in facts.objects("velerobackups"):
        done, scope = one.status.completion_timestamp, one.spec
        listed = scope.included_namespaces or ("*",)
        covered = facts.weaviate.namespace in listed or "*" in listed
        covered = covered and facts.weaviate.namespace not in (scope.excluded_namespaces or ())
        volumes = scope.snapshot_volumes is True or scope.default_volumes_to_fs_backup is True
        if not covered or scope.label_selector is not None or done is None or one.status.phase != "Completed":
            continue
        if facts.as_of - done <= limit and volumes:
            ref = Ref("Backup", one.metadata.name, one.metadata.namespace)
            seen, expected = f"Completed {done:%Y-%m-%d}", f"within {settings.thresholds.snapshot_days} days"
            lines.append(Subject(ref, "velerobackups").check("status.phase", seen, expected, True))
    return lines[:1]


def _tools(facts: ClusterFacts) -> list[Check]:
    """Tools that have to do with this Weaviate; that they ran is another matter."""
    found = facts.detected(GROUP, level=3)
    return [
        Subject(fact.ref, fact.source).info(fact.field, f"{fact.seen} ({one.tool}; it does not prove {one.does_not})")
        for one in found
        for fact in one.facts[:1]
    ]


def said(facts: ClusterFacts) -> str:
    return names(one.tool for one in facts.detected(GROUP, level=3))
