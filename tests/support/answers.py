"""Facts with what other sources answered, for tests of facts and evidence.

    facts = answered(cluster(weaviate()), {
        "weaviate/schema": {"classes": [{"class": "Products", "replicationConfig": {"factor": 3}}]},
        "prometheus/rules": Reason.FORBIDDEN,            # could not be had
    })

Values are Structs or what JSON would give; keys that are not named count as not collected.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from unittest.mock import patch

import msgspec

from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.consistency import consistent
from readiness_kit.kinds.sources import SOURCES
from readiness_kit.model import Read, Reason


def answered(facts: ClusterFacts, answers: Mapping[str, Any], *, compared: bool = False) -> ClusterFacts:
    """New facts of the same cluster, with these answers beside those that it has.

    compared: whether answers that do not fit the cluster's pods count as not read, as in a real run
    """
    before = facts.snapshot
    kept = dict(before.answers)
    reads = {read.key: read for read in before.manifest.reads}
    for key, value in answers.items():
        if isinstance(value, Reason):
            kept.pop(key, None)
            reads[key] = Read(key, reason=value, message=f"{key}: {value.value}")
        else:
            kept[key] = msgspec.convert(msgspec.to_builtins(value), SOURCES[key])
            reads[key] = Read(key, count=1)
    manifest = msgspec.structs.replace(before.manifest, reads=tuple(reads.values()))
    target = facts.target
    whole = msgspec.structs.replace(before, manifest=manifest, answers=kept)
    compare = consistent if compared else lambda snapshot, target: (snapshot, ())
    with patch("readiness_kit.facts.consistent", compare):
        return ClusterFacts(whole, f"{target.namespace}/{target.name}")
