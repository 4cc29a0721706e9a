"""Scope and method: what was read, what was not and what that costs, by which numbers it was judged."""

from __future__ import annotations

from readiness_kit.labels import REASON_WORDS, count
from readiness_kit.model import Assessment, Read, Reason, Thresholds, Verdict
from readiness_kit.report.chapters.html import (
    anchor,
    chapter,
    fold,
    listing,
    moment,
    name,
    pairs,
    paragraph,
    table,
    text,
)
from readiness_kit.report.content import Content
from readiness_kit.snapshot import Snapshot
from readiness_kit.workspace.settings import explained

ID = "scope"
TITLE = "Scope and method"

_METHOD = (
    "Each question is looked at from two sides: what the engineers answered, and what a read-only look at the cluster "
    "shows. The verdict follows from a fixed table. <strong>Verified</strong>: the evidence agrees. "
    "<strong>Attested</strong>: answered yes, and the evidence can neither confirm nor refute it. "
    "<strong>Contradicted</strong>: the answer and the evidence disagree. <strong>Open</strong>: neither side says "
    "anything. What is not known is never counted as good: it earns nothing and lowers the coverage."
)
_SCORING = (
    "The score weighs critical questions 8, high 4, medium 2 and low 1. Verified counts fully, attested fully with a "
    "link to proof and half without, partly counts half; gaps, contradictions, accepted risks and open questions count "
    "nothing. Coverage is the share of the applicable questions that could be judged. The level follows the blockers "
    "first, then the coverage."
)


def scope(content: Content) -> str:
    """The chapter, from method and reach to requests and thresholds."""
    snapshot = content.snapshot
    inner = paragraph(_METHOD) + paragraph(_SCORING) + _run(content)
    if snapshot is None:
        inner += paragraph("No cluster was read for this report: all verdicts rest on the answers alone.", "rk-line")
    else:
        inner += _reads(content.assessment, snapshot) + _calls(snapshot) + _redactions(snapshot)
    return chapter(ID, TITLE, inner + _thresholds(content.settings.thresholds))


def _run(content: Content) -> str:
    settings, subject, snapshot, kit = content.settings, content.subject, content.snapshot, content.kit
    manifest = snapshot.manifest if snapshot else None
    reach = ""
    if manifest is not None:
        spaces = ", ".join(name(space) for space in manifest.namespaces)
        reach = f"Only the namespaces {spaces}" if spaces else "The whole cluster"
    return '<h3 id="run">The run</h3>' + pairs(
        [
            ("Read at", moment(manifest.taken_at) if manifest else "not read"),
            ("Reach", reach),
            ("Context", name(subject.context) if subject.context else ""),
            ("Kubernetes", name(subject.kubernetes, 60) if subject.kubernetes else ""),
            ("Weaviate", name(subject.weaviate, 60) if subject.weaviate else ""),
            ("Workload", name(subject.workload) if subject.workload else ""),
            ("Read with kit version", text(manifest.kit) if manifest else ""),
            ("Judged with kit version", text(kit)),
            ("Checklist", f"{settings.profile.value.capitalize()} profile"),
            ("Access", "Read only; Secrets are never asked for"),
        ],
        "rk-particulars",
    )


def _reads(assessment: Assessment, snapshot: Snapshot) -> str:
    records = sorted(snapshot.manifest.reads, key=lambda read: read.key)
    lost = [read for read in records if read.partial or snapshot.missing(read.key) is not None]
    had = [read for read in records if read not in lost]
    missing = '<h3 id="not-read">What could not be read</h3>'
    if lost:
        rows = [[_key(read), _state(read), name(read.message), _cost(assessment, read)] for read in lost]
        head = ("Source", "State", "Message", "Questions affected")
        missing += table("What could not be read", head, rows, "rk-cards rk-sources")
    else:
        missing += paragraph("Everything that was asked for could be read.")
    return missing + '<h3 id="read">What was read</h3>' + (_had(had) if had else paragraph("Nothing."))


def _had(had: list[Read]) -> str:
    """A table of the sources that held something; the others, which are results as well, in a sentence each."""
    rows = [[_key(read), f"{read.count:,}", _where(read)] for read in had if read.count]
    objects = sum(read.count for read in had)
    absent = [read for read in had if read.reason is Reason.ABSENT]
    empty = [read for read in had if not read.count and read.reason is not Reason.ABSENT]
    inner = table("What was read", ("Source", "Objects", "Where"), rows, "rk-numbers rk-sources") if rows else ""
    for lead, reads in (("Read, and there are none", empty), ("Not installed in this cluster", absent)):
        if reads:
            inner += paragraph(f"{lead}: {', '.join(_key(read) for read in reads)}.", "rk-note")
    return fold(text(f"{count(len(had), 'source')}, {count(objects, 'object')}"), inner)


def _key(read: Read) -> str:
    return f"<code>{text(read.key, 120)}</code>"


def _state(read: Read) -> str:
    if read.reason is None:
        return "Read in part"
    words = REASON_WORDS[read.reason]
    return text(words[0].upper() + words[1:])


def _where(read: Read) -> str:
    if not read.namespaces:
        return "whole cluster"
    shown = ", ".join(name(space) for space in read.namespaces[:8])
    left = len(read.namespaces) - 8
    return shown + (f" and {left} more" if left > 0 else "")


def _cost(assessment: Assessment, read: Read) -> str:
    """The questions whose judgement is poorer for it, each a link."""
    losing = [verdict for verdict in assessment.verdicts if _loses(verdict, read)]
    links = ", ".join(f'<a href="#{anchor("q", v.question.id)}">{text(v.question.number)}</a>' for v in losing)
    return links or "none"


def _loses(verdict: Verdict, read: Read) -> bool:
    finding = verdict.finding
    return finding is not None and read.key in finding.missing


def _calls(snapshot: Snapshot) -> str:
    calls = snapshot.calls
    if not calls:
        return ""
    sources = sorted({call.source for call in calls})
    rows = []
    for source in sources:
        own = [call for call in calls if call.source == source]
        good = sum(call.status is not None and call.status < 400 for call in own)
        methods = ", ".join(sorted({call.method for call in own}))
        rows.append(
            [
                name(source, 60),
                text(methods),
                f"{len(own):,}",
                f"{good:,}",
                f"{len(own) - good:,}",
                f"{sum(call.size for call in own) / 1e6:.1f} MB",
                f"{sum(call.seconds for call in own):.1f} s",
            ]
        )
    head = ("Source", "Methods", "Requests", "Answered", "Refused or failed", "Data", "Time, added up")
    return '<h3 id="calls">Requests</h3>' + table("Requests", head, rows, "rk-numbers rk-cards")


def _redactions(snapshot: Snapshot) -> str:
    found = snapshot.manifest.redactions
    if not found:
        return ""
    lead = "These looked like secrets and were replaced before anything was stored:"
    return '<h3 id="redactions">Redacted</h3>' + paragraph(lead) + listing(text(line, 200) for line in found)


def _thresholds(values: Thresholds) -> str:
    """Those that somebody changed stand open; the kit's own fold out."""
    defaults = Thresholds()
    changed, own = [], []
    for field in values.__struct_fields__:
        value, default = getattr(values, field), getattr(defaults, field)
        label = text(explained(f"thresholds.{field}"))
        if value == default:
            own.append([label, f"{value:,.12g}", "Kit default"])
        else:
            changed.append([label, f"{value:,.12g}", f"<strong>Changed</strong> (kit default: {default:,.12g})"])
    lead = "No upstream document gives these numbers. They are the kit's own unless marked as changed."
    head = ("What", "Value", "Origin")
    inner = table("Thresholds that were changed", head, changed) if changed else paragraph("None was changed.")
    if own:
        inner += fold(text(count(len(own), "kit default")), table("Thresholds by the kit's default", head, own))
    return f'<h3 id="thresholds">Thresholds</h3>{paragraph(lead)}{inner}'
