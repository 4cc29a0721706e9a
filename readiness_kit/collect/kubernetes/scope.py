"""Which namespaces each kind is listed in."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from readiness_kit.kinds import Kind
from readiness_kit.locate import Candidate
from readiness_kit.model import Read, Reason

NAMESPACE_ONLY = "not asked for in namespace-only mode"
NO_WEAVIATE = "no Weaviate workload was found, so it is not known in which namespaces to look"
STOPPED = "stopped before it was read"
KUBE_SYSTEM = "kube-system"


class Scope(msgspec.Struct, frozen=True):
    """`namespaces` is what the user confined the run to (empty: nothing), `weaviate` where Weaviate runs."""

    namespaces: tuple[str, ...] = ()
    weaviate: tuple[str, ...] = ()

    def places(self, kind: Kind) -> tuple[str, ...]:
        """The namespaces to list a kind in, ("",) for one list of them all, () where it is not to be read."""
        if self.namespaces:
            if not kind.namespaced:
                return ()
            if kind.breadth == KUBE_SYSTEM:
                return (KUBE_SYSTEM,) if KUBE_SYSTEM in self.namespaces else ()
            return self.namespaces
        if not kind.namespaced or kind.breadth == "cluster":
            return ("",)
        return (KUBE_SYSTEM,) if kind.breadth == KUBE_SYSTEM else self.weaviate

    def left_out(self, kind: Kind) -> Read:
        """The record of a kind that `places` gives no place for."""
        why = f"{NAMESPACE_ONLY} ({', '.join(self.namespaces)})" if self.namespaces else NO_WEAVIATE
        return Read(kind.key, reason=Reason.NOT_COLLECTED, message=why)


def namespaces_of(candidates: Sequence[Candidate], wanted: str) -> tuple[str, ...]:
    """Where Weaviate runs: the wanted workload's namespace, else of all accepted ones, else of the likely ones."""
    if wanted:
        return (wanted.partition("/")[0],)
    accepted = {candidate.target.namespace for candidate in candidates if candidate.accepted}
    return tuple(sorted(accepted or {candidate.target.namespace for candidate in candidates}))
