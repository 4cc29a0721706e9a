"""One line of `readiness doctor`."""

from __future__ import annotations

import msgspec

from readiness_kit.errors import ConfigError


class Line(msgspec.Struct, frozen=True):
    """The result of one check; `ok` None is information only."""

    ok: bool | None
    text: str
    hint: str = ""
    exit_code: int = ConfigError.exit_code
    """The exit code of the command if the line is not `ok`."""

    @property
    def sign(self) -> str:
        """The sign before the text."""
        return {True: "✓", False: "✗", None: "·"}[self.ok]

    def __str__(self) -> str:
        return f"{self.sign} {self.text}" + (f"\n    Next: {self.hint}" if self.hint else "")
