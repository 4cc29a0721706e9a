"""What the API server's discovery says: kinds whose API group is not there need no request."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from readiness_kit.errors import ReadinessError
from readiness_kit.kinds import Kind
from readiness_kit.model import Reason


class _Version(msgspec.Struct):
    version: str


class _Group(msgspec.Struct):
    name: str
    versions: list[_Version] = []


class _GroupList(msgspec.Struct):
    groups: list[_Group]


class Groups(msgspec.Struct, frozen=True):
    """`served` maps an API group to its versions; None where discovery could not be read, and all is asked for."""

    served: dict[str, frozenset[str]] | None = None

    @classmethod
    def read(cls, get: Callable[[str, Mapping[str, str]], bytes]) -> Groups:
        """One request; where it fails each list says for itself that it is not there."""
        try:
            found = msgspec.json.decode(get("/apis", {}), type=_GroupList)
        except (ReadinessError, msgspec.DecodeError, UnicodeDecodeError):
            return cls()
        return cls({group.name: frozenset(one.version for one in group.versions) for group in found.groups})

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
        if kind.version not in versions:
            known = ", ".join(sorted(versions))
            return Reason.NOT_COLLECTED, f"the server has {kind.group} as {known}; this kit reads {kind.version}"
        return None
