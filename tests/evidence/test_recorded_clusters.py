"""Findings on recorded clusters, and on a cluster with nothing but Weaviate."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from readiness_kit.checklist import load_checklist
from readiness_kit.evidence.registry import evaluate
from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds import KINDS
from readiness_kit.model import Outcome, Read, Reason, Settings
from readiness_kit.snapshot import Manifest, Snapshot

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN


def recorded(folder: Path) -> ClusterFacts:
    """The facts of a recording, straight from its files."""
    kept: dict[str, Any] = {}
    for key, kind in KINDS.items():
        path = folder / f"{kind.path().lstrip('/')}.json"
        if path.exists():
            found = msgspec.convert(json.loads(path.read_text())["items"], tuple[kind.struct, ...], strict=False)  # type: ignore[name-defined]
            kept[key] = tuple(item for item in found if kind.selects(item.metadata))
    reads = tuple(Read(key, len(kept[key])) if key in kept else Read(key, reason=Reason.ABSENT) for key in KINDS)
    return ClusterFacts(Snapshot(Manifest(1, "test", datetime(2026, 11, 23, 6, tzinfo=UTC), reads=reads), kept))


MINE = (
    "ha.multi_az",
    "ha.replicas_across_nodes",
    "ha.workers_across_zones",
    "ha.node_repair",
    "ha.weaviate_backups",
    "ha.rolling_updates",
    "res.read_replicas",
    "res.storage_class",
    "res.volume_expansion",
)

RECORDED = {
    "default": (NOT_MET, NOT_MET, PARTLY, PARTLY, NOT_MET, NOT_MET, NOT_MET, PARTLY, NOT_MET),
    "good": (UNKNOWN, UNKNOWN, PARTLY, PARTLY, UNKNOWN, UNKNOWN, UNKNOWN, MET, MET),
}


@pytest.mark.parametrize("name", RECORDED)
def test_findings_on_recorded_clusters(recordings: Path, name: str) -> None:
    found = evaluate(recorded(recordings / name), Settings(), load_checklist().questions)
    assert {id: found[id].outcome for id in MINE} == dict(zip(MINE, RECORDED[name], strict=True))


def test_the_default_chart_has_known_gaps_and_the_hardened_one_none(recordings: Path) -> None:
    default = evaluate(recorded(recordings / "default"), Settings(), load_checklist().questions)
    for id, words in {
        "ha.replicas_across_nodes": ("one replica", "only preferred, not required (preferred, weight 1)"),
        "ha.rolling_updates": ("one replica", "No PodDisruptionBudget selects the Weaviate pods"),
        "ha.weaviate_backups": ("No backup module",),
        "ha.multi_az": ("one replica",),
    }.items():
        assert default[id].outcome is NOT_MET
        assert all(word in default[id].sentence for word in words), default[id].sentence
    good = evaluate(recorded(recordings / "good"), Settings(), load_checklist().questions)
    assert [id for id in MINE if good[id].outcome is NOT_MET] == []
    for id in ("ha.multi_az", "ha.replicas_across_nodes", "ha.weaviate_backups", "ha.rolling_updates"):
        assert [fact for fact in good[id].facts if fact.ok is False] == []
