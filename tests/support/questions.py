"""Questions of the bundled checklist."""

from __future__ import annotations

from readiness_kit.checklist import load_checklist
from readiness_kit.model import Profile, Section


def section_ids(section: Section) -> list[str]:
    """The ids of the core questions of a section, in checklist order."""
    return [question.id for question in load_checklist(profile=Profile.CORE).section(section)]
