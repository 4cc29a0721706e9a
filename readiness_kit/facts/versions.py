"""Weaviate versions; they live with the kinds, because collecting needs them as well."""

from __future__ import annotations

from readiness_kit.kinds.versions import Version

__all__ = ["Version"]
