"""An invented assessment with something of everything, and the same with hostile text in every field.

`assess` here only sums up; the real judging has tests of its own. Run as a module, it writes the report of the
sample for looking at: `python -m tests.report.sample OUT.html [plain|hostile|empty]`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import html5lib
import msgspec

from readiness_kit import paths
from readiness_kit.assessment.comparison import Milestone, compare
from readiness_kit.checklist import load_checklist
from readiness_kit.model import (
    Answer,
    Assessment,
    Call,
    Choice,
    Detection,
    Finding,
    Level,
    Observation,
    Outcome,
    Profile,
    Question,
    Read,
    Reason,
    Ref,
    Score,
    Section,
    Settings,
    Severity,
    State,
    Thresholds,
    Verdict,
    Waiver,
)
from readiness_kit.report.content import Content, Since, content
from readiness_kit.report.exports import FORMS
from readiness_kit.report.rendering.fragment import Fragment
from readiness_kit.report.rendering.page import ReportPage
from readiness_kit.snapshot import Manifest, Snapshot

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
STS = Ref("StatefulSet", "weaviate", "vectors")

HOSTILE = (
    "<img src=x onerror=alert(1)></script><script>alert(2)</script>' onmouseover='x \" {{ 7*7 }} "
    "\u202egnp.exe\u2066 \U0001f600 \x00\x07\ufffe \ud800 ]]> <!-- </style> =cmd()"
)

SETTINGS = Settings(
    customer="Nordlicht Handel",
    cluster_name="prod-eu-central",
    assessor="Solutions engineer, region north",
    participants=("Platform team", "Search team", "Security office"),
    contact="Talk to your Weaviate solutions engineer.",
    thresholds=Thresholds(backup_rpo_hours=12),
)


def _zone_facts(pods: int) -> tuple[Observation, ...]:
    spread = Observation(
        STS,
        "spec.template.spec.affinity",
        "preferred, weight 1",
        "required on topology.kubernetes.io/zone",
        False,
        "statefulsets",
    )
    rows = [
        Observation(
            Ref("Pod", f"weaviate-{number}", "vectors"),
            "zone of spec.nodeName",
            f"eu-central-1{'aab'[number % 3]} (node ip-10-0-{number}-17)",
            "no zone with a majority",
            None if number % 3 == 2 else number % 3 != 1,
            "pods",
        )
        for number in range(pods)
    ]
    return (spread, *rows)


def _finding(
    question: str,
    outcome: Outcome,
    sentence: str,
    facts: tuple[Observation, ...] = (),
    reason: Reason | None = None,
    missing: tuple[str, ...] = (),
) -> Finding:
    return Finding(question, outcome, sentence, facts, ("pods", "statefulsets"), missing, reason)


FINDINGS = {
    finding.question: finding
    for finding in (
        _finding(
            "ha.multi_az",
            Outcome.NOT_MET,
            "Two of three pods run in zone eu-central-1a: the loss of that zone takes the majority with it.",
            _zone_facts(3),
        ),
        _finding(
            "ha.replicas_across_nodes",
            Outcome.MET,
            "Three pods run on three nodes, and a required anti-affinity keeps it so.",
            (
                Observation(
                    STS, "podAntiAffinity", "required, kubernetes.io/hostname", "required", True, "statefulsets"
                ),
            ),
        ),
        _finding("ha.workers_across_zones", Outcome.MET, "Nine nodes stand in three zones, three in each."),
        _finding(
            "ha.node_repair",
            Outcome.UNKNOWN,
            "No repair tool is visible; the provider may do it.",
            reason=Reason.NOT_OBSERVABLE,
        ),
        _finding(
            "ha.weaviate_backups",
            Outcome.NOT_MET,
            "No backup module is enabled: ENABLE_MODULES names text2vec-openai and nothing else.",
            (
                Observation(
                    STS,
                    "env ENABLE_MODULES",
                    "text2vec-openai",
                    "backup-s3, backup-gcs or backup-azure",
                    False,
                    "statefulsets",
                ),
            ),
        ),
        _finding(
            "ha.rolling_updates",
            Outcome.PARTLY,
            "The update strategy is RollingUpdate, but no PodDisruptionBudget selects the pods.",
            _zone_facts(60),
        ),
        _finding("res.storage_class", Outcome.MET, "All claims use gp3 volumes on solid-state disks."),
        _finding("res.volume_expansion", Outcome.MET, "Storage class gp3 allows expansion."),
        _finding(
            "sec.container_defaults",
            Outcome.NOT_MET,
            "The server runs as root with a writable root file system.",
            (
                Observation(STS, "securityContext.runAsNonRoot", "not set", "true", False, "statefulsets"),
                Observation(STS, "securityContext.allowPrivilegeEscalation", "not set", "false", False, "statefulsets"),
                Observation(STS, "securityContext.privileged", "not set", "not true", True, "statefulsets"),
            ),
        ),
        _finding(
            "sec.network_policies",
            Outcome.UNKNOWN,
            "Network policies may not be listed with these permissions.",
            reason=Reason.FORBIDDEN,
            missing=("networkpolicies",),
        ),
        _finding(
            "sec.access_limited", Outcome.NOT_MET, "Anonymous access is on and the service is a public load balancer."
        ),
        _finding("sec.secrets", Outcome.MET, "No container takes a key as a literal environment value."),
        _finding(
            "mon.metrics",
            Outcome.MET,
            "PROMETHEUS_MONITORING_ENABLED is true and a ServiceMonitor selects the service.",
        ),
        _finding("mon.logging", Outcome.UNKNOWN, "The evidence function stopped with an error.", reason=Reason.ERROR),
    )
}

ANSWERS = {
    answer.question: answer
    for answer in (
        Answer(
            "ha.multi_az",
            Choice.YES,
            note="Spread over three zones since the move in spring.",
            owner="Platform team",
            due=date(2026, 12, 15),
            by="Search team",
            at=AT,
        ),
        Answer("ha.replicas_across_nodes", Choice.YES, by="Platform team", at=AT),
        Answer(
            "ha.control_plane",
            Choice.YES,
            note="EKS.",
            link="https://example.com/runbooks/eks",
            by="Platform team",
            at=AT,
        ),
        Answer("ha.node_repair", Choice.YES, note="Managed node groups.", by="Platform team", at=AT),
        Answer("ha.failover_tested", Choice.NO, owner="Search team", due=date(2027, 1, 31), by="Search team", at=AT),
        Answer("ha.weaviate_backups", Choice.NO, note="Planned.", owner="Search team", by="Search team", at=AT),
        Answer("ha.canary", Choice.PARTLY, note="By hand, for major versions only.", by="Search team", at=AT),
        Answer("ha.backup_test_frequency", Choice.YES, every=90, last_done=date(2026, 9, 1), by="Search team", at=AT),
        Answer(
            "res.delete_process",
            Choice.NOT_APPLICABLE,
            reason="Data is append-only by contract.",
            by="Search team",
            at=AT,
        ),
        Answer("sec.access_limited", Choice.YES, note="Only through the company network.", by="Security office", at=AT),
        Answer("sec.network_policies", Choice.YES, by="Platform team", at=AT),
        Answer("sec.container_defaults", Choice.NO, by="Platform team", at=AT),
        Answer("sec.tls", Choice.DONT_KNOW, by="Platform team", at=AT),
        Answer("mon.grafana", Choice.YES, link="javascript:alert(1)", by="Platform team", at=AT),
    )
}

WAIVERS = {
    "sec.container_defaults": Waiver(
        "sec.container_defaults",
        "The image in use needs root until the upgrade in January.",
        "Platform team",
        "Security office",
        date(2027, 1, 31),
        "The namespace runs on nodes of its own.",
    )
}

STATES = {
    "ha.multi_az": State.CONTRADICTED,
    "ha.replicas_across_nodes": State.VERIFIED,
    "ha.control_plane": State.ATTESTED,
    "ha.workers_across_zones": State.VERIFIED,
    "ha.node_repair": State.ATTESTED,
    "ha.failover_tested": State.GAP,
    "ha.weaviate_backups": State.GAP,
    "ha.canary": State.PARTLY,
    "ha.backup_test_frequency": State.ATTESTED,
    "ha.rolling_updates": State.PARTLY,
    "res.storage_class": State.VERIFIED,
    "res.volume_expansion": State.VERIFIED,
    "res.delete_process": State.NOT_APPLICABLE,
    "sec.access_limited": State.CONTRADICTED,
    "sec.container_defaults": State.ACCEPTED,
    "sec.network_policies": State.ATTESTED,
    "sec.secrets": State.VERIFIED,
    "mon.metrics": State.VERIFIED,
    "mon.grafana": State.ATTESTED,
}
LINES = {
    "ha.canary": ("Answered to an earlier wording of this question.",),
    "sec.network_policies": ("The evidence was refused, so the answer counts half at most.",),
}
RANK = {Severity.CRITICAL: 0, Severity.HIGH: 1, Severity.MEDIUM: 2, Severity.LOW: 3}
CREDIT = {State.VERIFIED: 1.0, State.ATTESTED: 0.5, State.PARTLY: 0.5}
BAD = (State.CONTRADICTED, State.GAP)

SNAPSHOT = Snapshot(
    Manifest(
        schema=1,
        kit="0.1.0",
        taken_at=AT,
        context="eks-prod-eu-central",
        server_version="v1.33.4-eks-1a2b3c4",
        weaviate_namespaces=("vectors",),
        reads=(
            Read("pods", 31, ("vectors",)),
            Read("nodes", 9),
            Read("statefulsets", 4),
            Read("services", 6, ("vectors",)),
            Read(
                "networkpolicies", reason=Reason.FORBIDDEN, message="networkpolicies is forbidden in namespace vectors"
            ),
            Read("servicemonitors", reason=Reason.ABSENT, message="the API does not know this kind"),
            Read("persistentvolumeclaims", 3, ("vectors",), partial=True, message="1 of 2 namespaces failed"),
        ),
        redactions=("JWT in pods",),
    ),
    {},
    (
        Call("kubernetes", "GET", "/api/v1/nodes", 200, 0.21, 81_000),
        Call("kubernetes", "GET", "/apis/networking.k8s.io/v1/networkpolicies", 403, 0.02, 400, "forbidden"),
        Call("prometheus", "POST", "/api/v1/query", 200, 0.4, 12_000),
    ),
)


POSSIBLE = (State.VERIFIED, State.ATTESTED, State.OPEN)


def summed(verdicts: Sequence[Verdict]) -> Score:
    counts: dict[State, int] = {}
    for verdict in verdicts:
        counts[verdict.state] = counts.get(verdict.state, 0) + 1
    asked = [verdict for verdict in verdicts if verdict.applicable]
    judged = [verdict for verdict in asked if verdict.judged]
    return Score(
        sum(verdict.credit for verdict in asked) / max(len(asked), 1),
        sum(verdict.state in POSSIBLE for verdict in asked) / max(len(asked), 1),
        len(judged) / len(asked) if asked else 0.0,
        len(asked),
        len(judged),
        counts.get(State.OPEN, 0),
        counts,
    )


def assessment(profile: Profile = Profile.CORE, *, empty: bool = False) -> Assessment:
    """The sample; `empty` has neither answers nor evidence."""
    verdicts = tuple(_verdict(question, empty) for question in load_checklist(profile=profile))
    bad = sorted(
        (verdict for verdict in verdicts if verdict.state in BAD),
        key=lambda verdict: (verdict.state is not State.CONTRADICTED, RANK[verdict.severity]),
    )
    blockers = tuple(verdict for verdict in bad if verdict.blocker)
    partly = tuple(verdict for verdict in verdicts if verdict.state is State.PARTLY)
    return Assessment(
        profile=profile,
        level=Level.NOT_ENOUGH_KNOWN if empty else Level.NOT_READY,
        level_why="Nothing has been judged yet." if empty else f"{len(blockers)} blockers stand in the way.",
        total=summed(verdicts),
        sections={
            section: summed([verdict for verdict in verdicts if verdict.question.section is section])
            for section in Section
        },
        verdicts=verdicts,
        blockers=blockers,
        contradictions=tuple(verdict for verdict in bad if verdict.state is State.CONTRADICTED),
        actions=(*bad, *partly),
        as_of=None if empty else AT,
        waiver_audit=() if empty else ("The waiver for ha.canary expired on 1 October 2026.",),
    )


def _verdict(question: Question, empty: bool) -> Verdict:
    id = question.id
    state = State.OPEN if empty else STATES.get(id, State.OPEN)
    return Verdict(
        question,
        state,
        CREDIT.get(state, 0.0),
        state is not State.NOT_APPLICABLE,
        state not in (State.OPEN, State.NOT_APPLICABLE),
        state in BAD and question.severity in (Severity.CRITICAL, Severity.HIGH),
        question.severity,
        None if empty else ANSWERS.get(id),
        None if empty else FINDINGS.get(id),
        None if empty else WAIVERS.get(id),
        State.GAP if state is State.ACCEPTED else None,
        () if empty else LINES.get(id, ()),
    )


DETECTIONS = (
    Detection(
        "Velero",
        "volume_backup",
        "Deployment velero/velero: image velero/velero, 1 ready",
        "volumes can be backed up",
        "that a backup ran, or that it can be restored",
        2,
        facts=(
            Observation(Ref("Deployment", "velero", "velero"), "image", "velero/velero:v1.17", "", None, "deployments"),
        ),
    ),
    Detection("Karpenter", "node_scaling", "APIGroup karpenter.sh: served", "nodes can be added", "", 1),
)


def previous() -> Assessment:
    """The sample a month before: one gap less, one more, one question of another revision, one not there yet."""
    now = assessment()
    changed = {
        "ha.weaviate_backups": {"state": State.ATTESTED},
        "res.storage_class": {"state": State.GAP},
        "sec.secrets": {"question": msgspec.structs.replace(_asked(now, "sec.secrets"), revision=7)},
        "mon.metrics": {"state": State.OPEN, "finding": None},
        "sec.container_defaults": {"state": State.GAP, "without_waiver": None, "waiver": None},
    }
    verdicts = [
        msgspec.structs.replace(verdict, **changed.get(verdict.question.id, {}))
        for verdict in now.verdicts
        if verdict.question.id != "mon.grafana"
    ]
    return msgspec.structs.replace(now, verdicts=tuple(verdicts), as_of=datetime(2026, 10, 20, 9, 30, tzinfo=UTC))


def _asked(whole: Assessment, id: str) -> Question:
    return next(verdict.question for verdict in whole.verdicts if verdict.question.id == id)


def whole(**changes: Any) -> Content:
    """The sample's content; `previous` None is a first assessment."""
    given: dict[str, Any] = {"assessment": assessment(), "settings": SETTINGS, "snapshot": SNAPSHOT, **changes}
    before = given.pop("previous", previous())
    now = given["assessment"]
    since = Since("the milestone “October”", Milestone(1, "October", before), compare(before, now)) if before else None
    made = content(given.pop("assessment"), given.pop("settings"), given.pop("snapshot"), since=since, **given)
    return msgspec.structs.replace(made, detections=DETECTIONS)


def page(**changes: Any) -> ReportPage:
    """The sample behind the methods that the notebook calls."""
    return ReportPage.of(whole(**changes))


def empty_page() -> ReportPage:
    return ReportPage(assessment(empty=True), Settings())


def hostile_whole() -> Content:
    """Every text that a cluster or a person can set, made as bad as it gets; one name has 10,000 characters."""
    settings = msgspec.structs.replace(
        SETTINGS, customer=HOSTILE, cluster_name=HOSTILE, assessor=HOSTILE, participants=(HOSTILE,), contact=HOSTILE
    )
    soiled = whole(
        assessment=_soiled(assessment()), settings=settings, snapshot=_soiled(SNAPSHOT), previous=_soiled(previous())
    )
    since = soiled.since and msgspec.structs.replace(soiled.since, name=HOSTILE)
    return msgspec.structs.replace(soiled, detections=_soiled(DETECTIONS), since=since)


def hostile_page() -> ReportPage:
    return ReportPage.of(hostile_whole())


def _soiled(value: Any) -> Any:
    """`value` with its free texts replaced; questions are the kit's own and stay."""
    if isinstance(value, str) and type(value) is str:
        return HOSTILE
    if isinstance(value, tuple):
        return tuple(_soiled(item) for item in value)
    if isinstance(value, Ref):
        return Ref(HOSTILE, "n" * 10_000, HOSTILE)
    if isinstance(value, msgspec.Struct) and not isinstance(value, Question):
        kept = ("question", "key", "reads", "missing", "kept", "sections", "total", "waiver_audit")
        changes = {
            field: _soiled(getattr(value, field))
            for field in value.__struct_fields__
            if field not in kept or (field == "question" and not isinstance(value.question, (str, Question)))
        }
        return msgspec.structs.replace(value, **changes)
    return value


CHAPTERS: tuple[tuple[str, Callable[[ReportPage], Fragment]], ...] = (
    ("cover", ReportPage.cover),
    ("actions", ReportPage.actions),
    ("contradictions", ReportPage.contradictions),
    ("changes", ReportPage.changes),
    ("sections", ReportPage.sections),
    ("ecosystem", ReportPage.ecosystem),
    ("waivers", ReportPage.waivers),
    ("scope", ReportPage.scope),
    ("sign_off", ReportPage.sign_off),
)


CONTENTS: dict[str, Callable[[], Content]] = {
    "plain": lambda: whole(),
    "hostile": lambda: hostile_whole(),
    "empty": lambda: content(assessment(empty=True), Settings()),
    "extended": lambda: whole(assessment=assessment(Profile.EXTENDED), previous=None),
}


def written(form: str, of: Content | None = None) -> str:
    """An export as text, of the ordinary content unless given."""
    return FORMS[form].write(of or whole())


def words(fragment: Fragment | str) -> str:
    """The text of a fragment as a reader sees it."""
    html = fragment if isinstance(fragment, str) else fragment.html
    return " ".join(" ".join(html5lib.parseFragment(html).itertext()).split())


def chapters(page: ReportPage) -> list[Fragment]:
    """Every chapter that a report can have, charts included."""
    return [chapter(page) for _, chapter in CHAPTERS] + [page.charts()]


def notebook(page: ReportPage, commentary: str = "") -> Any:
    """The notebook as it is after a run, without the time that a kernel takes."""
    from nbformat import v4

    cells = [
        v4.new_code_cell(
            f"kit.report.{name}()",
            id=name,
            outputs=[v4.new_output("execute_result", chapter(page)._repr_mimebundle_(), execution_count=1)],
        )
        for name, chapter in CHAPTERS
    ]
    if commentary:
        cells.insert(1, v4.new_markdown_cell(commentary, id="commentary"))
    return v4.new_notebook(cells=cells)


def export(nb: Any) -> str:
    """The notebook through the template, as `readiness report` does it."""
    from nbconvert.exporters import HTMLExporter

    exporter = HTMLExporter(template_name="readiness", extra_template_basedirs=[str(paths.templates())])
    return str(exporter.from_notebook_node(nb)[0])


if __name__ == "__main__":
    pages = {"plain": page, "hostile": hostile_page, "empty": empty_page}
    made = pages[sys.argv[2] if len(sys.argv) > 2 else "plain"]()
    Path(sys.argv[1]).write_text(export(notebook(made)), encoding="utf-8")
