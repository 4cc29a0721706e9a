"""What redaction leaves in place of a value."""

from __future__ import annotations

REDACTED = "[redacted]"
"""Replaces the literal value of a variable whose name is not on the allow-list."""
REDACTED_CREDENTIAL = "[redacted-credential]"
"""Replaces a value, or a part of one, that had the form of a credential, whatever its name."""
REDACTED_SETTING = "[redacted-setting]"
"""Replaces a value that is certainly no credential: a switch, an address without credentials, a public key."""
MARKS = (REDACTED, REDACTED_CREDENTIAL, REDACTED_SETTING)


def is_redacted(value: str) -> bool:
    """Whether a value, or a part of it, was not kept."""
    return any(mark in value for mark in MARKS)
