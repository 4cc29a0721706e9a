"""The questions as data, one YAML file for each section, and their loader.

`docs/how-to/add-a-question.md` explains how to add a question. A customer adds questions in a file that is listed in
`extra_checklists` of the settings.
"""

from __future__ import annotations

from readiness_kit.checklist.loader import Checklist, load_checklist, read_file, schema

__all__ = ["Checklist", "load_checklist", "read_file", "schema"]
