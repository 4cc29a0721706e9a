"""Pod interning: what pods of one template have in common is decoded, scrubbed and kept once.

Fifty thousand pods come from a few hundred templates. The spec of a pod is looked up by its JSON without the name of
its node, and is decoded only when it is new; labels, owners and container states are looked up by a digest. The
values are the same as without interning, except for the random ending that the API server gives to the volume of a
service account's token.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from readiness_kit.decoding import decoder
from readiness_kit.kinds import Kind
from readiness_kit.kinds.meta import KubeObject, KubeStruct, PodMeta
from readiness_kit.kinds.pods import Pod, PodCondition, PodSpec, PodStatus
from readiness_kit.redact import LabelHasher, scrub

_NODE_NAME = re.compile(rb'"nodeName":\s*"[^"\\]*"')
_TOKEN_VOLUME = re.compile(rb'"kube-api-access-[a-z0-9]{5}"')
_replace = msgspec.structs.replace
MAX_SPECS = 4096
"""Specs that are remembered by their JSON, a few kB each; a cluster with more is read a little slower."""


class PodInterner(NamedTuple):
    """How the objects of a kind are decoded, and what is kept of each.

    `keep` takes a `shape` and raises msgspec.ValidationError where a part that it decodes later does not fit;
    `scrub` takes the kind's own Struct.
    """

    shape: Any
    keep: Callable[[Any], KubeObject]
    scrub: Callable[[Any], KubeObject]


def interner(kind: Kind, hasher: LabelHasher) -> PodInterner:
    """Interning for pods; for other kinds each object is scrubbed by itself."""

    def scrubbed(item: Any) -> KubeObject:
        found: KubeObject = scrub(kind.key, item, hasher)
        return found

    if kind.struct is Pod:
        return PodInterner(PodOnTheWire, _Pods(kind.key, hasher).keep, scrubbed)
    return PodInterner(kind.struct, scrubbed, scrubbed)


class PodOnTheWire(KubeStruct, frozen=True, gc=False):
    """A pod whose spec has not been decoded yet."""

    metadata: PodMeta = PodMeta()
    spec: msgspec.Raw = msgspec.Raw(b"{}")
    status: PodStatus = PodStatus()


class _Place(KubeStruct, frozen=True, gc=False):
    node_name: str = ""


class _Pods:
    def __init__(self, key: str, hasher: LabelHasher) -> None:
        self._key = key
        self._hasher = hasher
        self._encode = msgspec.json.Encoder().encode
        self._specs: dict[bytes, PodSpec] = {}
        self._seen: dict[bytes, Pod] = {}
        self._words: dict[str, str] = {}
        self._conditions_seen: dict[tuple[str, ...], PodCondition] = {}
        self._place_of = decoder(_Place).decode
        self._spec_of = decoder(PodSpec).decode

    def keep(self, pod: PodOnTheWire) -> Pod:
        meta, status = pod.metadata, pod.status
        spec = self._spec(bytes(pod.spec))
        common = self._common(
            Pod(
                PodMeta(labels=meta.labels, annotations=meta.annotations, owner_references=meta.owner_references),
                status=PodStatus(
                    status.phase,
                    status.reason,
                    status.qos_class,
                    container_statuses=status.container_statuses,
                    init_container_statuses=status.init_container_statuses,
                ),
            )
        )
        metadata = _replace(
            meta,
            namespace=sys.intern(meta.namespace),
            labels=common.metadata.labels,
            annotations=common.metadata.annotations,
            owner_references=common.metadata.owner_references,
        )
        own = _replace(common.status, pod_ip=status.pod_ip, conditions=self._conditions(status))
        return Pod(metadata, spec, own)

    def _spec(self, body: bytes) -> PodSpec:
        """The scrubbed spec, shared with the pods that have the same one."""
        node = self._place_of(body).node_name
        alike = _without_tokens(_NODE_NAME.sub(b"", body))
        found = self._specs.get(alike)
        if found is None:
            found = self._common(Pod(spec=_replace(self._spec_of(body), node_name=""))).spec
            if len(self._specs) < MAX_SPECS:
                self._specs[alike] = found
        return _replace(found, node_name=self._words.setdefault(node, node))

    def _common(self, part: Pod) -> Pod:
        body = _without_tokens(self._encode(part))
        digest = hashlib.blake2b(body, digest_size=16).digest()
        found = self._seen.get(digest)
        if found is None:
            found = self._seen[digest] = scrub(self._key, decoder(Pod).decode(body), self._hasher)
        return found

    def _conditions(self, status: PodStatus) -> Any:
        """Conditions differ in their times; the rest is scrubbed like everything else, once, and shared."""
        return tuple([self._condition(condition) for condition in status.conditions])

    def _condition(self, condition: PodCondition) -> PodCondition:
        words = (condition.type, condition.status, condition.reason, condition.message)
        found = self._conditions_seen.get(words)
        if found is None:
            bare = _replace(condition, last_transition_time=None)
            found = scrub(self._key, Pod(status=PodStatus(conditions=(bare,))), self._hasher).status.conditions[0]
            if len(self._conditions_seen) < MAX_SPECS:
                self._conditions_seen[words] = found
        return _replace(found, last_transition_time=condition.last_transition_time)


def _without_tokens(body: bytes) -> bytes:
    """The JSON with one name for the volume of the service account's token, which is different in each pod."""
    return _TOKEN_VOLUME.sub(b'"kube-api-access"', body)
