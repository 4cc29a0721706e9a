"""The permission pre-flight: which lists the API server would refuse, checked before anything is read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from readiness_kit.collect.kubernetes.client import Connection
from readiness_kit.collect.kubernetes.collector import THREADS
from readiness_kit.collect.kubernetes.discovery import Groups
from readiness_kit.collect.kubernetes.scope import Scope, kinds_for
from readiness_kit.decoding import UNDECODABLE, decoder
from readiness_kit.errors import ReadinessError
from readiness_kit.kinds import Kind
from readiness_kit.model import Read, Reason

_REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


class _Status(msgspec.Struct):
    allowed: bool = False
    reason: str = ""


class _Review(msgspec.Struct):
    status: _Status


def permissions(
    connection: Connection,
    reads: Iterable[str],
    namespaces: Sequence[str] = (),
    weaviate: Sequence[str] = ("",),
) -> list[Read]:
    """A record for each kind that may not be listed, in the order of `KINDS`; allowed kinds have none.

    Without `namespaces` the whole cluster is checked, with them each of these; `weaviate` are the namespaces in which
    a collection lists the kinds that are read next to Weaviate only (unknown: the whole cluster). Kinds that `collect`
    would not request are left out: cluster-scoped kinds with `namespaces`, and kinds whose API group is not installed.
    A review that fails leaves the permission unknown: its record has the reason `error`.

    Raises UsageError for an unknown kind.
    """
    groups = Groups.read(connection.get)
    scope = Scope(tuple(namespaces), weaviate=tuple(weaviate))
    kinds = [kind for kind in kinds_for(reads) if scope.places(kind) and not groups.unavailable_reason(kind)]
    with ThreadPoolExecutor(THREADS, thread_name_prefix="review") as pool:
        found = pool.map(lambda kind: _review(connection, kind, scope.places(kind)), kinds)
        return [record for record in found if record is not None]


def _review(connection: Connection, kind: Kind, places: tuple[str, ...]) -> Read | None:
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
            message = f"the permission could not be checked: {str(problem).splitlines()[0]}"
            return Read(kind.key, namespaces=named, reason=Reason.ERROR, message=message)
        if not answer.status.allowed:
            refused.append(place)
    if not refused:
        return None
    where = ", ".join(filter(None, refused))
    message = f"may not list {kind.plural} in {kind.api}" + (f" in {where}" if where else " in the whole cluster")
    return Read(kind.key, 0, named, Reason.FORBIDDEN, message, partial=len(refused) < len(places))
