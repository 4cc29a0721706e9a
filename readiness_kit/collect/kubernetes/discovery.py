"""API discovery: which API groups the server has, so that kinds of missing ones need no request."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from readiness_kit.collect.http.reasons import FAILURES, failure
from readiness_kit.decoding import decoder
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

    It is None where discovery could not be read (`problem` has the reason); then every kind is requested.
    """

    served: dict[str, tuple[str, ...]] | None = None
    problem: tuple[Reason, str] | None = None

    @classmethod
    def read(cls, get: Callable[[str, Mapping[str, str]], bytes]) -> Groups:
        """One request; where it fails, the list of each kind shows whether the kind exists."""
        try:
            found = decoder(_GroupList).decode(get("/apis", {}))
        except FAILURES as problem:
            return cls(problem=failure(problem))
        return cls({group.name: _in_order(group) for group in found.groups})

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the groups, sorted; empty where they are unknown."""
        return tuple(sorted(self.served or ()))

    @property
    def record(self) -> Read:
        """The record of this read for the snapshot."""
        if self.problem is not None:
            return Read(APIS, reason=self.problem[0], message=self.problem[1])
        return Read(APIS, len(self.names))

    def unavailable_reason(self, kind: Kind) -> tuple[Reason, str] | None:
        """Why a kind cannot be read, None where it can or where that is not known.

        Only a missing group means that there are no such objects; in a version that the kit cannot read there may
        be some.
        """
        if self.served is None or not kind.group:
            return None
        versions = self.served.get(kind.group)
        if versions is None:
            return Reason.ABSENT, f"the API group {kind.group} is not installed"
        if not self._readable(kind, versions):
            served, readable = ", ".join(sorted(versions)), " and ".join((kind.version, *kind.versions))
            return Reason.NOT_COLLECTED, f"the server has {kind.group} as {served}; this kit reads {readable}"
        return None

    def as_served(self, kind: Kind) -> tuple[Kind, ...]:
        """The kind in each version that is served and readable, in the order in which to try them.

        A group can serve a version without this kind in it, so after a 404 the next version is tried.
        """
        versions = (self.served or {}).get(kind.group)
        if versions is None or not kind.group:
            return (kind,)
        return tuple(msgspec.structs.replace(kind, version=version) for version in self._readable(kind, versions))

    @staticmethod
    def _readable(kind: Kind, served: tuple[str, ...]) -> tuple[str, ...]:
        """The kit's own version, then the server's preferred one, then the rest."""
        allowed = (kind.version, *kind.versions)
        return tuple(
            sorted((version for version in served if version in allowed), key=lambda version: version != kind.version)
        )


def _in_order(group: _Group) -> tuple[str, ...]:
    preferred = group.preferred_version.version if group.preferred_version else ""
    return tuple(sorted((served.version for served in group.versions), key=lambda version: version != preferred))
