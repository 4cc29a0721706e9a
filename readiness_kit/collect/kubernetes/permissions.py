"""Asks the API server which of the lists it would refuse, before anything is read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from readiness_kit.collect.kubernetes.client import Connection
from readiness_kit.collect.kubernetes.collector import THREADS
from readiness_kit.collect.kubernetes.discovery import Groups
from readiness_kit.collect.kubernetes.scope import KUBE_SYSTEM
from readiness_kit.decoding import UNDECODABLE, decoder
from readiness_kit.errors import ReadinessError, UsageError
from readiness_kit.kinds import KINDS, Kind
from readiness_kit.kinds.sources import SOURCES
from readiness_kit.locate import WORKLOAD_READS
from readiness_kit.model import Read, Reason

_REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


class _Status(msgspec.Struct):
    allowed: bool = False
    reason: str = ""


class _Review(msgspec.Struct):
    status: _Status


def permissions(connection: Connection, reads: Iterable[str], namespaces: Sequence[str] = ()) -> list[Read]:
    """A record for each kind that may not be listed, in the order of `kinds`; allowed kinds give none.

    Without `namespaces` the question is for the whole cluster; with them, for each of these. What `collect` would
    not ask for is left out: cluster-scoped kinds with `namespaces`, and kinds whose API group is not installed. A
    review that fails says nothing about its kind, and gives a record with the reason `error`.
    """
    wanted = {*WORKLOAD_READS, *reads} - SOURCES.keys()
    if unknown := sorted(wanted - set(KINDS)):
        raise UsageError(f"there is no kind named {', '.join(unknown)}", f"known are: {', '.join(KINDS)}")
    groups = Groups.read(connection.get)
    asked = [
        kind for key, kind in KINDS.items() if key in wanted and _places(kind, namespaces) and not groups.lack(kind)
    ]
    with ThreadPoolExecutor(THREADS, thread_name_prefix="review") as pool:
        found = pool.map(lambda kind: _one(connection, kind, _places(kind, namespaces)), asked)
        return [record for record in found if record is not None]


def _places(kind: Kind, namespaces: Sequence[str]) -> tuple[str, ...]:
    if kind.breadth == KUBE_SYSTEM:
        return (KUBE_SYSTEM,) if not namespaces or KUBE_SYSTEM in namespaces else ()
    if not namespaces:
        return ("",)
    return tuple(namespaces) if kind.namespaced else ()


def _one(connection: Connection, kind: Kind, places: tuple[str, ...]) -> Read | None:
    named = tuple(place for place in places if place)
    refused = []
    for place in places:
        attributes = {"group": kind.group, "version": kind.version, "resource": kind.plural, "verb": "list"}
        question = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes | ({"namespace": place} if place else {})},
        }
        try:
            answer = decoder(_Review).decode(connection.review(_REVIEW, question))
        except (ReadinessError, *UNDECODABLE) as problem:
            words = f"the own rights could not be asked for: {str(problem).splitlines()[0]}"
            return Read(kind.key, namespaces=named, reason=Reason.ERROR, message=words)
        if not answer.status.allowed:
            refused.append(place)
    if not refused:
        return None
    where = ", ".join(filter(None, refused))
    words = f"may not list {kind.plural} in {kind.api}" + (f" in {where}" if where else " in the whole cluster")
    return Read(kind.key, 0, named, Reason.FORBIDDEN, words, partial=len(refused) < len(places))
