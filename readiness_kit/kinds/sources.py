"""What is read besides Kubernetes lists: one row for each answer, with the Struct that says what is kept of it.

Keys have the form `weaviate/meta` or `prometheus/rules`; they stand in `reads` of evidence functions as the keys
of `KINDS` do. A Weaviate or Prometheus answer is one value, not a list of objects.
"""

from __future__ import annotations

from typing import Any

SOURCES: dict[str, Any] = {}
"""Key -> type to decode with (a Struct, or a tuple or dict of Structs)."""
