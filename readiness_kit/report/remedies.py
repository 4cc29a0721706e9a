"""Remedies that fit what was found: the names and numbers of this cluster in place of the words in brackets.

Only the words are filled in. Keys of the chart, risk and rollback stay as the checklist has them; a word that this
cluster does not answer stays in its brackets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from readiness_kit.evidence.conditions.network import entry_points
from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Finding, Observation, Question, Remedy, Snippet

_WORD = re.compile(r"<[A-Za-z][A-Za-z _-]*>")
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:*-]*\Z")
"""What may stand in a snippet: names of Kubernetes, hosts and paths. Anything else could change its meaning."""
_NOT_TEXT = re.compile(r"[\d._:-]+\Z|(?:true|false|yes|no|on|off|null|[yn])\Z", re.IGNORECASE)
"""What YAML would take for a number, a date or a switch."""
CHART = "weaviate"
"""The name that the official chart gives to its StatefulSet, whatever the release."""
MENDED = {"Collection": "Collection", "node": "Node", "volume": "PersistentVolume", "class": "StorageClass"}
"""Word of the checklist -> kind of the object that it stands for."""
RELEASE = "meta.helm.sh/release-name"


def fitted(question: Question, finding: Finding | None, facts: ClusterFacts | None) -> Remedy:
    """The question's remedy with this cluster's own names; unchanged where nothing was read."""
    remedy = question.remedy
    if facts is None:
        return remedy
    words = {f"<{name}>": value for name, value in placeholders(finding, facts).items() if _fits(value)}
    snippets = tuple(_filled(one, words, facts) for one in remedy.snippets)
    return msgspec.structs.replace(remedy, snippets=snippets, rollback=_in_words(remedy.rollback, words))


def _fits(value: str) -> bool:
    return bool(_PLAIN.match(value)) and not _NOT_TEXT.match(value)


def placeholders(finding: Finding | None, facts: ClusterFacts) -> dict[str, str]:
    """Word of the checklist (without brackets) -> what it is here; only those that are known for sure."""
    weaviate = facts.weaviate
    known: dict[str, str] = {"namespace": weaviate.namespace, "statefulset": weaviate.name}
    for name, value in (*_cluster_wide(facts), *_data(facts), *_monitoring(facts), *_edge(facts)):
        if value:
            known.setdefault(name, value)
    known |= dict(_from_finding(finding)) if finding is not None else {}
    return known


def _filled(snippet: Snippet, words: dict[str, str], facts: ClusterFacts) -> Snippet:
    code = _in_words(snippet.code, words)
    if snippet.kind in ("kubectl", "shell"):
        code = _own_name(code, facts)
    return msgspec.structs.replace(snippet, code=code, note=_in_words(snippet.note, words))


def _in_words(text: str, words: dict[str, str]) -> str:
    return _WORD.sub(lambda found: words.get(found[0], found[0]), text)


def _own_name(code: str, facts: ClusterFacts) -> str:
    """`statefulset/weaviate` where this workload has another name; manifests keep the chart's names."""
    weaviate = facts.weaviate
    if weaviate.name == CHART or weaviate.kind != "StatefulSet":
        return code
    return re.sub(rf"\b(statefulsets?|sts)([/ ]){CHART}\b", rf"\g<1>\g<2>{weaviate.name}", code)


# --- what is known of the words -------------------------------------------------------------------


def _cluster_wide(facts: ClusterFacts) -> Iterator[tuple[str, str]]:
    yield "release", facts.weaviate.object.metadata.annotations.get(RELEASE, "")
    yield "region", _only({one for one in facts.nodes["region"] if one})
    zones = sorted({one for one in facts.nodes["zone"] if one})
    if len(zones) == 3:
        yield from zip(("zone-a", "zone-b", "zone-c"), zones, strict=True)


def _data(facts: ClusterFacts) -> Iterator[tuple[str, str]]:
    """Volumes, classes, the bucket, and a collection where there is only one."""
    claims = facts.weaviate.claims
    yield "storage-class", _only({one.spec.storage_class_name or "" for one in claims})
    classes = {one.metadata.name for one in facts.objects("volumesnapshotclasses")}
    yield "snapshot-class", _only(classes)
    for name in ("BACKUP_S3_BUCKET", "BACKUP_GCS_BUCKET"):
        value = facts.weaviate.env(name)
        yield "bucket", value.value if value.known else ""
    yield "Collection", _only({one.name for one in facts.collections})


def _monitoring(facts: ClusterFacts) -> Iterator[tuple[str, str]]:
    servers = facts.objects("prometheuses")
    yield "monitoring-namespace", _only({one.metadata.namespace for one in servers})
    selectors = [one.spec.rule_selector or one.spec.service_monitor_selector for one in servers]
    yield "prometheus-release", _only({one.match_labels.get("release", "") for one in selectors if one})
    logs = {fact.ref.namespace for one in facts.detected("logs") for fact in one.facts if fact.ref.namespace}
    yield "logging-namespace", _only(logs)


def _edge(facts: ClusterFacts) -> Iterator[tuple[str, str]]:
    """Host, class and issuer of the one way in that is there."""
    yield "host", _only({host for way in entry_points.ways(facts) for host in way.hosts})
    classes = {one.spec.ingress_class_name for one in facts.objects("ingresses")}
    yield "ingress-class", _only(classes)
    yield "issuer", _only({one.metadata.name for one in facts.objects("clusterissuers")})


def _from_finding(finding: Finding) -> Iterator[tuple[str, str]]:
    """The first object that a line of the finding marks as wrong is the one to mend."""
    wrong = [fact for fact in finding.facts if fact.ok is False]
    for word, kind in MENDED.items():
        first: Observation | None = next((fact for fact in wrong if fact.ref.kind == kind), None)
        if first is not None:
            yield word, first.ref.name


def _only(values: set[str]) -> str:
    """The value, where all agree on one."""
    return next(iter(values)) if len(values) == 1 else ""
