"""Weaviate versions, read from image tags and compared as numbers."""

from __future__ import annotations

import re

import msgspec

_LEADING = re.compile(r"^v?(\d+)\.(\d+)(?:\.(\d+))?(?![\w.])")


class Version(msgspec.Struct, frozen=True, order=True):
    """(major, minor, patch). A pre-release or build suffix (`-rc.0`, `-dev`, `-<hash>.amd64`) is ignored."""

    major: int
    minor: int
    patch: int = 0

    @classmethod
    def parse(cls, text: str) -> Version | None:
        """The version in a tag; None for tags without one (`latest`, `preview-…`). `1.38` is read as 1.38.0."""
        found = _LEADING.match(text)
        return cls(*(int(part or 0) for part in found.groups())) if found else None

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    def since(self, *gates: str) -> bool:
        """Whether this version has a change that was released with `gates`: the first release and its back-ports.

        `since("1.36.18", "1.37.9", "1.38.1")`: in a listed minor version the patch decides; other minor versions have
        the change only above the last gate.
        """
        versions = sorted(_required(gate) for gate in gates)
        for gate in versions:
            if (gate.major, gate.minor) == (self.major, self.minor):
                return self >= gate
        return self >= versions[-1]


def _required(text: str) -> Version:
    version = Version.parse(text)
    if version is None:
        raise ValueError(f"{text!r} is not a version")
    return version
