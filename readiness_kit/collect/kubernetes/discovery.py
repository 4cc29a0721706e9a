"""What the API server's discovery says: kinds whose API group is not there need no request."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from readiness_kit.collect.http.transport import StatusError
from readiness_kit.decoding import UNDECODABLE, decoder
from readiness_kit.errors import ReadinessError, UnreachableError
from readiness_kit.kinds import Kind
from readiness_kit.model import Read, Reason

APIS = "kubernetes/apis"
"""The key in `kinds.sources.SOURCES` under which a snapshot keeps the names of the groups."""


class _Version(msgspec.Struct):
    version: str


class _Group(msgspec.Struct, rename="camel"):
    name: str
    versions: list[_Version] = []
    preferred_version: _Version | None = None


class _GroupList(msgspec.Struct):
    groups: list[_Group]


class Groups(msgspec.Struct, frozen=True):
    """`served` maps an API group to its versions, the server's preferred one first.

    It is None where discovery could not be read (`problem` says why), and then all is asked for.
    """

    served: dict[str, tuple[str, ...]] | None = None
    problem: tuple[Reason, str] | None = None

    @classmethod
    def read(cls, get: Callable[[str, Mapping[str, str]], bytes]) -> Groups:
        """One request; where it fails each list says for itself that it is not there."""
        try:
            found = decoder(_GroupList).decode(get("/apis", {}))
        except ReadinessError as problem:
            return cls(problem=(_reason(problem), problem.what))
        except UNDECODABLE:
            return cls(problem=(Reason.ERROR, "the list of API groups is not valid JSON"))
        return cls({group.name: _in_order(group) for group in found.groups})

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self.served or ()))

    @property
    def record(self) -> Read:
        """The record of this read for the snapshot."""
        if self.problem is not None:
            return Read(APIS, reason=self.problem[0], message=self.problem[1])
        return Read(APIS, len(self.names))

    def lack(self, kind: Kind) -> tuple[Reason, str] | None:
        """Why a kind is not there, None where it is or may be.

        Only a group that is missing altogether means that there are no such objects: of another version of it
        there may well be.
        """
        if self.served is None or not kind.group:
            return None
        versions = self.served.get(kind.group)
        if versions is None:
            return Reason.ABSENT, f"the API group {kind.group} is not installed"
        if not self._readable(kind, versions):
            known, ours = ", ".join(sorted(versions)), " and ".join((kind.version, *kind.versions))
            return Reason.NOT_COLLECTED, f"the server has {kind.group} as {known}; this kit reads {ours}"
        return None

    def as_served(self, kind: Kind) -> tuple[Kind, ...]:
        """The kind in each version that is both served and readable, the one to try first coming first.

        A group can serve a version without serving this kind in it, so one refused as unknown is not the end.
        """
        versions = (self.served or {}).get(kind.group)
        if versions is None or not kind.group:
            return (kind,)
        return tuple(msgspec.structs.replace(kind, version=version) for version in self._readable(kind, versions))

    @staticmethod
    def _readable(kind: Kind, served: tuple[str, ...]) -> tuple[str, ...]:
        """The kit's own version, then the server's preferred one, then the rest."""
        allowed = (kind.version, *kind.versions)
        return tuple(sorted((one for one in served if one in allowed), key=lambda one: one != kind.version))


def _in_order(group: _Group) -> tuple[str, ...]:
    preferred = group.preferred_version.version if group.preferred_version else ""
    return tuple(sorted((one.version for one in group.versions), key=lambda version: version != preferred))


def _reason(problem: ReadinessError) -> Reason:
    if isinstance(problem, StatusError) and problem.status in (401, 403):
        return Reason.FORBIDDEN
    return Reason.UNREACHABLE if isinstance(problem, UnreachableError) else Reason.ERROR
