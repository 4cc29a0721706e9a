"""Impersonation: reading as another user, with the headers that kubectl sends for `--as` and `--as-group`."""

from __future__ import annotations

import re

import msgspec

from readiness_kit.errors import ConfigError

_VALUE = re.compile(r"[!-~](?:[ -~]*[!-~])?")
"""What a header can carry: printable ASCII, no space at the ends."""


class Impersonation(msgspec.Struct, frozen=True):
    """The user and groups to impersonate; without a user the requests are made as the configured one."""

    user: str = ""
    groups: tuple[str, ...] = ()

    def headers(self) -> dict[str, str | tuple[str, ...]]:
        """The headers of each request; empty without a user. Raises ConfigError for a name that no header can carry."""
        if not self.user:
            return {}
        for name in (self.user, *self.groups):
            if not _VALUE.fullmatch(name):
                raise ConfigError(
                    f"{name!r} cannot be impersonated: the name has characters that a request cannot carry",
                    "correct --as and --as-group, or `as` and `as-groups` in the kubeconfig",
                )
        return {"Impersonate-User": self.user, "Impersonate-Group": self.groups}
