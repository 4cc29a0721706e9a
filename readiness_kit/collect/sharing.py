"""Pods by the thousand in little memory: what pods of one template have in common is scrubbed and kept once.

Fifty thousand pods come from a few hundred templates. All but the names, places and times of a pod is looked up by
a digest of its JSON, and only what has not been seen yet is scrubbed. The values that come out are the same as
without it, but for the random ending that the API server gives to the volume of a service account's token.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Callable
from typing import Any

import msgspec

from readiness_kit.kinds import Kind
from readiness_kit.kinds.meta import KubeObject, ObjectMeta
from readiness_kit.kinds.pods import Pod, PodStatus
from readiness_kit.redact import LabelHasher, scrub
from readiness_kit.snapshot import decoder

Keep = Callable[[Any], KubeObject]

_TOKEN_VOLUME = re.compile(rb'"kube-api-access-[a-z0-9]{5}"')
_replace = msgspec.structs.replace


def keeper(kind: Kind, hasher: LabelHasher) -> Keep:
    """The function that makes of a decoded object what is kept of it."""
    if kind.struct is Pod:
        return _Pods(kind.key, hasher)
    return lambda item: scrub(kind.key, item, hasher)


class _Pods:
    def __init__(self, key: str, hasher: LabelHasher) -> None:
        self._key = key
        self._hasher = hasher
        self._encode = msgspec.json.Encoder().encode
        self._seen: dict[bytes, Pod] = {}
        self._words: dict[str, str] = {}

    def __call__(self, pod: Pod) -> Pod:
        meta, spec, status = pod.metadata, pod.spec, pod.status
        common = self._common(
            Pod(
                ObjectMeta(labels=meta.labels, annotations=meta.annotations, owner_references=meta.owner_references),
                _replace(spec, node_name=""),
                PodStatus(
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
        node = self._words.setdefault(spec.node_name, spec.node_name)
        conditions = self._conditions(status)
        return Pod(metadata, _replace(common.spec, node_name=node), _replace(common.status, conditions=conditions))

    def _common(self, part: Pod) -> Pod:
        body = _TOKEN_VOLUME.sub(b'"kube-api-access"', self._encode(part))
        digest = hashlib.blake2b(body, digest_size=16).digest()
        found = self._seen.get(digest)
        if found is None:
            found = scrub(self._key, decoder(Pod).decode(body), self._hasher)
            self._seen[digest] = found
        return found

    def _conditions(self, status: PodStatus) -> Any:
        """Each has a time of its own; of their words there are a dozen in all."""
        word = self._words.setdefault
        return tuple(
            [
                _replace(
                    one,
                    type=word(one.type, one.type),
                    status=word(one.status, one.status),
                    reason=word(one.reason, one.reason),
                )
                for one in status.conditions
            ]
        )
