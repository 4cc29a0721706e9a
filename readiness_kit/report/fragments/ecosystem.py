"""What else runs in this cluster and has to do with Weaviate: each tool with what it proves and what it does not."""

from __future__ import annotations

from readiness_kit.model import Detection
from readiness_kit.report.content import Content
from readiness_kit.report.fragments.html import chapter, coded, fold, paragraph, table, text
from readiness_kit.report.fragments.sides import facts_table
from readiness_kit.words import count

ID = "ecosystem"
TITLE = "Found in this cluster"
HEAD = ("Tool", "How sure", "Sign", "What it proves", "What it leaves open")
LEVELS = {1: "Its API is there", 2: "It runs", 3: "It runs and has to do with this Weaviate"}
FACTS_SHOWN = 60


def ecosystem(content: Content) -> str:
    """The chapter, a table a group; nothing without a cluster, and a sentence where nothing was recognised."""
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
    inner = "".join(_group(group, [one for one in found if one.group == group]) for group in groups)
    return chapter(ID, TITLE, paragraph(lead, "rk-lead") + inner)


def _group(group: str, found: list[Detection]) -> str:
    title = group.replace("_", " ").replace("-", " ").capitalize()
    rows = [
        [
            text(one.tool),
            text(LEVELS[one.level]),
            coded(one.sign, 400),
            coded(one.proves) or "—",
            coded(one.does_not) or "—",
        ]
        for one in sorted(found, key=lambda one: -one.level)
    ]
    signs = [fact for one in found for fact in one.facts]
    folded = ""
    if signs:
        whole = facts_table(f"Signs of {title.lower()}", signs[:FACTS_SHOWN])
        left = len(signs) - FACTS_SHOWN
        more = paragraph(f"{left:,} more in the snapshot.", "rk-note") if left > 0 else ""
        folded = fold(text(count(len(signs), "sign")), whole + more, "rk-facts")
    slug = "".join(letter if letter.isalnum() else "-" for letter in group.lower())
    return f'<h3 id="found-{slug}">{text(title)}</h3>' + table(title, HEAD, rows, "rk-cards rk-found") + folded
