"""The questions as data: one YAML file a section, and the loader.

To add a question, add an entry to the file of its section (or to a file of one's own, named under
`extra_checklists` in the settings). Nothing else is needed; evidence for it is optional.
"""

from __future__ import annotations

from readiness_kit.checklist.loader import Checklist, load_checklist, read_file, schema

__all__ = ["Checklist", "load_checklist", "read_file", "schema"]
