"""What else runs in this cluster and has to do with Weaviate: each tool with what it proves and what it does not."""

from __future__ import annotations

from readiness_kit.labels import count
from readiness_kit.model import Detection
from readiness_kit.report.chapters.html import chapter, coded, paragraph, table, text
from readiness_kit.report.content import Content

ID = "ecosystem"
TITLE = "Found in this cluster"
HEAD = ("Tool", "What for", "How sure", "Sign", "What it proves", "What it leaves open")
LEVELS = {1: "Its API is there", 2: "It runs", 3: "It runs and has to do with this Weaviate"}


def ecosystem(content: Content) -> str:
    """The chapter; nothing without a cluster, and a sentence where nothing was recognised."""
    found = content.detections
    if content.facts is None and not found:
        return ""
    if not found:
        return chapter(ID, TITLE, paragraph("No tool that the kit knows was recognised among what could be read."))
    lead = (
        f"{count(len(found), 'tool')} recognised by signs in what was read. Being there does not make a tool right: "
        "what each one proves, and what it leaves open, stands beside it."
    )
    groups = list(dict.fromkeys(one.group for one in found))
    rows = [_row(one) for one in sorted(found, key=lambda one: (groups.index(one.group), -one.level))]
    return chapter(ID, TITLE, paragraph(lead, "rk-lead") + table(TITLE, HEAD, rows, "rk-cards rk-found"))


def _row(one: Detection) -> list[str]:
    return [
        text(one.tool),
        text(one.group.replace("_", " ").replace("-", " ").capitalize()),
        text(LEVELS[one.level]),
        coded(one.sign, 400),
        coded(one.proves) or "—",
        coded(one.does_not) or "—",
    ]
