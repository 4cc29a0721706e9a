"""The demonstration's Weaviate is complete, consistent with its cluster, and has the intended gaps."""

from __future__ import annotations

import msgspec

from readiness_kit.collect.weaviate.collector import KEYS
from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds.sources import SOURCES
from scripts.demo import make, rest


def facts() -> ClusterFacts:
    base = make.build()
    reads = tuple(read for read in base.manifest.reads if read.key not in KEYS)
    manifest = msgspec.structs.replace(base.manifest, reads=(*reads, *rest.reads()))
    return ClusterFacts(msgspec.structs.replace(base, manifest=manifest, answers={**base.answers, **rest.answers()}))


def test_it_answers_everything_in_the_shapes_of_a_snapshot() -> None:
    answers = rest.answers()
    assert set(answers) == set(KEYS)
    for key, value in answers.items():
        assert msgspec.json.decode(msgspec.json.encode(value), type=SOURCES[key]) == value, key
    assert [read.reason for read in rest.reads()] == [None] * len(KEYS)
    assert len(rest.calls()) < 100


def test_it_is_about_the_pods_of_the_cluster() -> None:
    found = facts()
    places = {replica.place.weaviate_node: replica.place for replica in found.replicas}
    assert sorted(places) == [pod.metadata.name for pod in found.weaviate.pods]
    assert sorted(str(place.zone) for place in places.values()) == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    assert found.server_version == found.weaviate.version


def test_its_gaps_are_in_the_facts() -> None:
    found = facts()
    factors = {collection.name: collection.factor for collection in found.collections}
    assert factors == {"Products": 3, "Reviews": 3, "Sessions": 1, "Shops": 3}
    lost = {shard.collection for shard in found.shards if not shard.survives(zone="eu-west-1a")}
    assert lost == {"Sessions"}
    assert [collection.name for collection in found.collections if collection.ttl] == ["Sessions"]
    assert [collection.name for collection in found.collections if not collection.indexes[0].quantisation] == [
        "Products"
    ]
    raft = found.raft
    assert raft is not None and raft.survives(zone="eu-west-1b") and raft.leaders == ("weaviate-1",)
    entries = rest.answers()["weaviate/backups"]["s3"].entries
    assert [entry.status for entry in entries[:5]] == ["FAILED"] * 4 + ["SUCCESS"]
    newest = next(entry for entry in entries if entry.status == "SUCCESS")
    assert newest.completed_at is not None and (found.as_of - newest.completed_at).days == 4
    assert "Sessions" not in newest.classes
