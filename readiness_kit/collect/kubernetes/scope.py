"""Which kinds are read, and in which namespaces each of them is listed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from readiness_kit.errors import UsageError
from readiness_kit.kinds import KINDS, Kind
from readiness_kit.kinds.sources import SOURCES
from readiness_kit.kinds.workloads import Deployment, StatefulSet
from readiness_kit.locate import WORKLOAD_READS, Candidate, split_image
from readiness_kit.model import Read, Reason

NAMESPACE_ONLY = "not read in namespace-only mode"
NO_WEAVIATE = "no Weaviate workload was found, so the namespaces to read are not known"
KUBE_SYSTEM = "kube-system"
_GRAFANA = frozenset({"grafana", "grafana-oss", "grafana-enterprise"})
_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


class Scope(msgspec.Struct, frozen=True):
    """`namespaces` are those that the user confined the run to (empty: no limit), `weaviate` where Weaviate runs.

    `grafana` is where Grafana runs, as far as its workloads were read.
    """

    namespaces: tuple[str, ...] = ()
    weaviate: tuple[str, ...] = ()
    grafana: tuple[str, ...] = ()

    def places(self, kind: Kind) -> tuple[str, ...]:
        """The namespaces to list a kind in, ("",) for one list of them all, () where it is not read."""
        if self.namespaces:
            if not kind.namespaced:
                return ()
            if kind.breadth == KUBE_SYSTEM:
                return (KUBE_SYSTEM,) if KUBE_SYSTEM in self.namespaces else ()
            return self.namespaces
        if not kind.namespaced or kind.breadth == "cluster":
            return ("",)
        return (KUBE_SYSTEM,) if kind.breadth == KUBE_SYSTEM else self.weaviate

    def near(self, kind: Kind) -> tuple[str, ...]:
        """Where to list a kind whose list of the whole cluster was refused; () where there is no other place.

        The namespaces of Weaviate, and for dashboards those of Grafana. The rest of the cluster stays unread.
        """
        if self.places(kind) != ("",) or not kind.namespaced:
            return ()
        return tuple(dict.fromkeys((*self.weaviate, *(self.grafana if kind.label else ()))))

    def left_out(self, kind: Kind) -> Read:
        """The record of a kind that `places` gives no place for."""
        cause = f"{NAMESPACE_ONLY} ({', '.join(self.namespaces)})" if self.namespaces else NO_WEAVIATE
        return Read(kind.key, reason=Reason.NOT_COLLECTED, message=cause)


def kinds_for(reads: Iterable[str]) -> list[Kind]:
    """The kinds that `reads` name, and those by which Weaviate is found, in the order of `KINDS`.

    Keys of other sources are left out. Raises UsageError for an unknown key.
    """
    wanted = {*WORKLOAD_READS, *reads} - SOURCES.keys()
    if unknown := sorted(wanted - KINDS.keys()):
        raise UsageError(f"there is no kind named {', '.join(unknown)}", f"known are: {', '.join(KINDS)}")
    return [kind for key, kind in KINDS.items() if key in wanted]


def check_namespaces(namespaces: Iterable[str]) -> None:
    """Raise UsageError for a text that cannot be the name of a namespace."""
    for namespace in namespaces:
        if not _NAMESPACE.fullmatch(namespace):
            raise UsageError(f"{namespace!r} cannot be the name of a namespace", "give its name as kubectl shows it")


def namespaces_of(candidates: Sequence[Candidate], workload: str) -> tuple[str, ...]:
    """Where Weaviate runs: the chosen workload's namespace, those of all accepted candidates, or all."""
    if workload:
        return (workload.partition("/")[0],)
    accepted = {candidate.target.namespace for candidate in candidates if candidate.accepted}
    return tuple(sorted(accepted or {candidate.target.namespace for candidate in candidates}))


def grafana_namespaces(workloads: Iterable[StatefulSet | Deployment]) -> tuple[str, ...]:
    """Where a workload runs an image of Grafana itself, by the last part of its repository."""
    found = {
        workload.metadata.namespace
        for workload in workloads
        for container in workload.spec.template.spec.containers
        if split_image(container.image)[1].rpartition("/")[2] in _GRAFANA
    }
    return tuple(sorted(found))
