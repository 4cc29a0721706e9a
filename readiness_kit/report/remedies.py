"""Remedies with the names of this cluster in place of their placeholders, such as `<namespace>`.

Only placeholders are replaced; one without a known value stays in its brackets. A step that the running release of
Weaviate lacks is left out, and the text says so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import msgspec

from readiness_kit.advisories.loading import support
from readiness_kit.advisories.matching import newest_known
from readiness_kit.advisories.settings import Kind, check_environment
from readiness_kit.evidence.conditions.network import entry_points
from readiness_kit.evidence.conditions.resources.memory import RATIO_GOOD
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.analysis import sizing
from readiness_kit.facts.kubernetes.quantities import quantity_of
from readiness_kit.kinds.versions import Version
from readiness_kit.model import Finding, Observation, Question, Remedy, Snippet

_PLACEHOLDER = re.compile(r"<[A-Za-z][A-Za-z _-]*>")
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:*-]*\Z")
"""Values allowed in a snippet: names of Kubernetes, hosts and paths. Anything else could change its meaning."""
_NOT_TEXT = re.compile(r"[\d._:-]+\Z|(?:true|false|yes|no|on|off|null|[yn])\Z", re.IGNORECASE)
"""Values that YAML reads as a number, a date or a boolean."""
CHART = "weaviate"
"""The name of the StatefulSet in the official chart, whatever the release."""
OBJECT_KINDS = {
    "Collection": "Collection",
    "node": "Node",
    "volume": "PersistentVolume",
    "class": "StorageClass",
}
"""Placeholder -> kind of the object that it stands for."""
RELEASE = "meta.helm.sh/release-name"
NEWEST = "<newest-patch>"
UNUSED = (Kind.NOT_YET, Kind.REMOVED, Kind.IGNORED)
_VARIABLE = re.compile(r"(?m)^\s+([A-Z][A-Z0-9_]{3,}):")
_RELEASE_NUMBER = re.compile(r"\d+\.\d+\.\d+\Z")
"""Three numbers, which YAML reads as text."""


def fitted(question: Question, finding: Finding | None, facts: ClusterFacts | None) -> Remedy:
    """The question's remedy with the names of this cluster; unchanged where nothing was read."""
    remedy = question.remedy
    if facts is None:
        return remedy
    values = {f"<{name}>": value for name, value in placeholders(finding, facts).items() if _is_safe(value)}
    snippets, text = [], [_replaced(remedy.text, values)]
    for snippet in remedy.snippets:
        lack = _lack(snippet, facts.server_version)
        if lack and lack not in text:
            text.append(lack)
        elif not lack:
            snippets.append(_dated(_filled(snippet, values, facts), snippet))
    rollback = _replaced(remedy.rollback, values)
    return msgspec.structs.replace(remedy, text=" ".join(text), snippets=tuple(snippets), rollback=rollback)


def _is_safe(value: str) -> bool:
    return bool(_RELEASE_NUMBER.match(value)) or (bool(_PLAIN.match(value)) and not _NOT_TEXT.match(value))


# --- what the running release lacks ---------------------------------------------------------------


def _lack(snippet: Snippet, release: Version | None) -> str:
    """Why a snippet does not work in the running release; "" where it works, and where the release is not known."""
    if release is None:
        return ""
    since = Version.parse(snippet.since) if snippet.since else None
    if since is not None and release < since:
        return f"A step is left out: it needs Weaviate {since} or newer, and {release} runs."
    names = _VARIABLE.findall(snippet.code) if snippet.kind == "helm" else ()
    unused = [problem.sentence for problem in check_environment(names, release) if problem.kind in UNUSED]
    return f"A step is left out: {unused[0]}" if unused else ""


def _dated(filled: Snippet, original: Snippet) -> Snippet:
    """With the date of the table from which the newest patch was taken."""
    if NEWEST not in original.code or NEWEST in filled.code:
        return filled
    dated = f"It is the newest patch of this minor release known on {support().as_of}."
    return msgspec.structs.replace(filled, note=f"{filled.note} {dated}".strip())


def placeholders(finding: Finding | None, facts: ClusterFacts) -> dict[str, str]:
    """Placeholder (without brackets) -> value in this cluster; only those that are unambiguous."""
    weaviate = facts.weaviate
    known: dict[str, str] = {"namespace": weaviate.namespace, "statefulset": weaviate.name}
    for name, value in (*_cluster_wide(facts), *_data(facts), *_memory(facts), *_monitoring(facts), *_edge(facts)):
        if value:
            known.setdefault(name, value)
    known |= dict(_from_finding(finding)) if finding is not None else {}
    return known


def _filled(snippet: Snippet, values: dict[str, str], facts: ClusterFacts) -> Snippet:
    code = _replaced(snippet.code, values)
    if snippet.kind in ("kubectl", "shell"):
        code = _own_name(code, facts)
    return msgspec.structs.replace(snippet, code=code, note=_replaced(snippet.note, values))


def _replaced(text: str, values: dict[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: values.get(match[0], match[0]), text)


def _own_name(code: str, facts: ClusterFacts) -> str:
    """`statefulset/weaviate` where this workload has another name; manifests keep the chart's names."""
    weaviate = facts.weaviate
    if weaviate.name == CHART or weaviate.kind != "StatefulSet":
        return code
    return re.sub(rf"\b(statefulsets?|sts)([/ ]){CHART}\b", rf"\g<1>\g<2>{weaviate.name}", code)


# --- values of the placeholders -------------------------------------------------------------------


def _cluster_wide(facts: ClusterFacts) -> Iterator[tuple[str, str]]:
    release = facts.server_version
    yield "running-version", str(release) if release is not None else ""
    yield "newest-patch", newest_known(release) if release is not None else ""
    yield "release", facts.weaviate.object.metadata.annotations.get(RELEASE, "")
    yield "region", _only({region for region in facts.nodes["region"] if region})
    zones = sorted({zone for zone in facts.nodes["zone"] if zone})
    if len(zones) == 3:
        yield from zip(("zone-a", "zone-b", "zone-c"), zones, strict=True)


def _data(facts: ClusterFacts) -> Iterator[tuple[str, str]]:
    """StorageClass, VolumeSnapshotClass and bucket, and a collection where there is only one."""
    claims = facts.weaviate.claims
    yield "storage-class", _only({claim.spec.storage_class_name or "" for claim in claims})
    classes = {found.metadata.name for found in facts.objects("volumesnapshotclasses")}
    yield "snapshot-class", _only(classes)
    for name in ("BACKUP_S3_BUCKET", "BACKUP_GCS_BUCKET"):
        value = facts.weaviate.env(name)
        yield "bucket", value.value if value.known else ""
    yield "Collection", _only({collection.name for collection in facts.collections})


def _memory(facts: ClusterFacts) -> Iterator[tuple[str, str]]:
    """The recommended memory limit, never less than the present one, and GOMEMLIMIT in its recommended range."""
    present = quantity_of(facts.weaviate.container.resources.limits, "memory")
    gib = max(sizing.recommended(facts), math.ceil(present / 2**30) if present == present else 0)
    if gib:
        yield "memory", f"{gib}Gi"
        yield "gomemlimit", f"{math.floor(gib * sum(RATIO_GOOD) / 2)}GiB"


def _monitoring(facts: ClusterFacts) -> Iterator[tuple[str, str]]:
    servers = facts.objects("prometheuses")
    yield "monitoring-namespace", _only({server.metadata.namespace for server in servers})
    selectors = [server.spec.rule_selector or server.spec.service_monitor_selector for server in servers]
    yield "prometheus-release", _only({selector.match_labels.get("release", "") for selector in selectors if selector})
    tools = facts.detected("logs")
    logs = {fact.ref.namespace for tool in tools for fact in tool.facts if fact.ref.namespace}
    yield "logging-namespace", _only(logs)


def _edge(facts: ClusterFacts) -> Iterator[tuple[str, str]]:
    """Host, IngressClass and ClusterIssuer where there is only one."""
    yield "host", _only({host for way in entry_points.ways(facts) for host in way.hosts})
    classes = {ingress.spec.ingress_class_name for ingress in facts.objects("ingresses")}
    yield "ingress-class", _only(classes)
    yield "issuer", _only({issuer.metadata.name for issuer in facts.objects("clusterissuers")})


def _from_finding(finding: Finding) -> Iterator[tuple[str, str]]:
    """For each kind the first object that failed."""
    failed = [fact for fact in finding.facts if fact.ok is False]
    for placeholder, kind in OBJECT_KINDS.items():
        first: Observation | None = next((fact for fact in failed if fact.ref.kind == kind), None)
        if first is not None:
            yield placeholder, first.ref.name


def _only(values: set[str]) -> str:
    """The value where there is only one, otherwise empty."""
    return next(iter(values)) if len(values) == 1 else ""
