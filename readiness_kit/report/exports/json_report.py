"""The whole report as JSON, in the shape of `schema.Record`."""

from __future__ import annotations

import msgspec

from readiness_kit.report.content import Content
from readiness_kit.report.exports.schema import record


def to_json(content: Content) -> str:
    """Indented, keys in the order of the schema, without ASCII escapes."""
    return msgspec.json.format(msgspec.json.encode(record(content)), indent=2).decode("utf-8") + "\n"
