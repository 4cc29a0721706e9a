"""Weaviate versions, read from image tags and compared as numbers."""

from __future__ import annotations

import re

import msgspec

_LEADING = re.compile(r"^v?(\d+)\.(\d+)(?:\.(\d+))?(?![\w.])")


class Version(msgspec.Struct, frozen=True, order=True):
    """(major, minor, patch). A pre-release or build suffix (`-rc.0`, `-dev`, `-<hash>.amd64`) is left out."""

    major: int
    minor: int
    patch: int = 0

    @classmethod
    def parse(cls, text: str) -> Version | None:
        """None for what names no version (`latest`, `preview-…`, a digest). `1.38` is read as 1.38.0, its least."""
        found = _LEADING.match(text)
        return cls(*(int(part or 0) for part in found.groups())) if found else None

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    def since(self, *gates: str) -> bool:
        """Whether a change is in this version that came with `gates`, the back-ports and the first release.

        `since("1.36.18", "1.37.9", "1.38.1")`: within a minor that is named its own patch decides; a minor
        between or below those named does not have it; above the last one everything has.
        """
        named = sorted(_required(gate) for gate in gates)
        for gate in named:
            if (gate.major, gate.minor) == (self.major, self.minor):
                return self >= gate
        return self >= named[-1]


def _required(text: str) -> Version:
    version = Version.parse(text)
    if version is None:
        raise ValueError(f"{text!r} is not a version")
    return version
