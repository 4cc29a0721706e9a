"""What the system says: one module a section, named as the section is; one function a question.

Importing this package registers the functions of all sections that have a module here.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from readiness_kit.evidence.checks import Subject, to_finding, weaviate_subject
from readiness_kit.evidence.registry import (
    REGISTRY,
    Evidence,
    evaluate,
    evidence,
    questions_losing,
    reads_for,
    reads_of,
)
from readiness_kit.model import Check, Section

for _name in (f"{__name__}.{section.value}" for section in Section):
    if find_spec(_name):
        import_module(_name)

__all__ = [
    "REGISTRY",
    "Check",
    "Evidence",
    "Subject",
    "evaluate",
    "evidence",
    "questions_losing",
    "reads_for",
    "reads_of",
    "to_finding",
    "weaviate_subject",
]
