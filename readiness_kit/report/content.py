"""Everything that a report is made from: the HTML document and every export read this one value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from readiness_kit._version import __version__
from readiness_kit.assessment import assess
from readiness_kit.assessment.comparison import Comparison, Milestone, compare
from readiness_kit.errors import WorkloadError
from readiness_kit.facts.consistency import same_cluster
from readiness_kit.fixes.model import Assignment
from readiness_kit.model import SCHEMA_VERSION, Assessment, Detection, Engineer, Level, Settings
from readiness_kit.report.privacy import notes, reverse_list
from readiness_kit.report.privacy.pseudonyms import Pseudonyms
from readiness_kit.report.what_to_do import with_fixes
from readiness_kit.snapshot import Snapshot
from readiness_kit.workspace.folder import Folder
from readiness_kit.workspace.milestones import milestones
from readiness_kit.workspace.session import Session

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts


class Subject(msgspec.Struct, frozen=True):
    """What the report is about: plain texts, unescaped, empty where not known. `on` is the date of the report."""

    customer: str
    cluster: str
    workload: str
    weaviate: str
    kubernetes: str
    context: str
    on: date | None

    @property
    def title(self) -> str:
        """`Production readiness: Example, cluster prod-eu`."""
        names = ", ".join(part for part in (self.customer, self.cluster and f"cluster {self.cluster}") if part)
        return f"Production readiness: {names}" if names else "Production readiness of a Weaviate cluster"

    @property
    def line(self) -> str:
        """`Weaviate 1.38.2 (StatefulSet db/weaviate), Kubernetes v1.35.1, cluster prod-eu, 20 November 2026`."""
        workload = f" ({self.workload})" if self.workload else ""
        parts = [f"Weaviate {self.weaviate or 'of an unknown version'}{workload}"]
        parts += [f"Kubernetes {self.kubernetes}"] if self.kubernetes else []
        parts += [f"cluster {self.cluster}"] if self.cluster else []
        parts += [f"{self.on.day} {self.on:%B %Y}"] if self.on else []
        return ", ".join(parts)

    @property
    def file_name(self) -> str:
        """`example-2026-11-24`, safe in every file system."""
        word = re.sub(r"[^A-Za-z0-9]+", "-", self.customer or self.cluster).strip("-").lower()[:60] or "readiness"
        return f"{word}-{self.on.isoformat()}" if self.on else word


class Since(msgspec.Struct, frozen=True):
    """A comparison with an earlier assessment; `name` is that of the milestone or `the snapshot before this one`."""

    name: str
    previous: Milestone
    comparison: Comparison


class Point(msgspec.Struct, frozen=True):
    """The score at a milestone, or now; `as_of` is None where nothing was read."""

    name: str
    as_of: datetime | None
    level: Level
    proven: float
    possible: float
    coverage: float


class Content(msgspec.Struct, frozen=True):
    """`folder` is the base of a relative logo path; `since` is None where there is no earlier assessment.

    `source` is the values or manifest file that was judged, as a path within its repository; empty for a cluster.
    `assignments` are what people entered in the plan, by the id of the fix. `trend` are the milestones, oldest first,
    with the present at the end; empty without a milestone.
    """

    assessment: Assessment
    settings: Settings
    subject: Subject
    snapshot: Snapshot | None = None
    facts: ClusterFacts | None = None
    detections: tuple[Detection, ...] = ()
    since: Since | None = None
    assignments: Mapping[str, Assignment] = {}
    trend: tuple[Point, ...] = ()
    folder: Path | None = None
    kit: str = __version__
    warnings: tuple[str, ...] = ()
    source: str = ""


def subject(
    assessment: Assessment, settings: Settings, snapshot: Snapshot | None = None, facts: ClusterFacts | None = None
) -> Subject:
    """The subject of a report. The cluster is named by the settings, otherwise by its kubeconfig context."""
    manifest = snapshot.manifest if snapshot else None
    context = manifest.context if manifest else settings.cluster.context
    workload, version = _weaviate(facts)
    taken = assessment.as_of.date() if assessment.as_of else None
    return Subject(
        customer=settings.customer.strip(),
        cluster=settings.cluster_name.strip() or context,
        workload=workload or settings.cluster.weaviate,
        weaviate=version,
        kubernetes=manifest.server_version if manifest else "",
        context=context,
        on=settings.date or taken,
    )


def _weaviate(facts: ClusterFacts | None) -> tuple[str, str]:
    """Workload and version as Weaviate reports it, otherwise the image tag, which is named as one.

    Both are empty where no Weaviate was found or chosen.
    """
    if facts is None:
        return "", ""
    try:
        found = facts.weaviate
    except WorkloadError:
        return "", ""
    return f"{found.kind} {found.namespace}/{found.name}", reported_version(facts) or tagged_version(facts)


def reported_version(facts: ClusterFacts) -> str:
    """The version that the API of Weaviate reports, each where the nodes differ; empty where it was not read."""
    nodes, meta = facts.answer("weaviate/nodes"), facts.answer("weaviate/meta")
    found = {node.version for node in nodes.nodes} if nodes else {meta.version} if meta else set()
    return " and ".join(sorted(found - {""}))


def tagged_version(facts: ClusterFacts) -> str:
    """`1.38.2 (image tag)`: a tag can be moved, so it is not the version."""
    tag = facts.weaviate.image.tag
    return f"{tag} (image tag)" if tag else ""


def content(
    assessment: Assessment,
    settings: Settings,
    snapshot: Snapshot | None = None,
    facts: ClusterFacts | None = None,
    *,
    folder: Path | None = None,
    since: Since | None = None,
    names: bool = True,
) -> Content:
    """The content of a report. `names`: whether what to do names this cluster's objects."""
    return Content(
        with_fixes(assessment, facts, settings) if names else assessment,
        settings,
        subject(assessment, settings, snapshot, facts),
        snapshot,
        facts,
        detections=facts.detections if facts is not None else (),
        since=since,
        folder=folder,
        warnings=facts.warnings if facts is not None else (),
    )


def with_folder(whole: Content, folder: Folder) -> Content:
    """The content with what the assessment folder keeps over time: the entries of the plan, and the milestones."""
    return replace(whole, assignments=folder.plan.all(), trend=trend(folder, whole.assessment))


def of_session(session: Session, *, pseudonymised: bool = False, keep_notes: bool = False) -> Content:
    """The content of an open assessment, compared with the one before it."""
    if pseudonymised:
        return pseudonymised_of(session, keep_notes=keep_notes)[0]
    return _of_session(session, names=True)


def pseudonymised_of(session: Session, *, keep_notes: bool = False) -> tuple[Content, Pseudonyms]:
    """The content of an open assessment with pseudonyms, and the real names."""
    return pseudonymise(_of_session(session, names=False), session.folder, keep_notes=keep_notes)


def _of_session(session: Session, *, names: bool) -> Content:
    judged = session.assessment()
    whole = content(
        judged,
        session.settings,
        session.snapshot,
        session.facts,
        folder=session.folder.path,
        since=since(session.folder, judged, session.snapshot),
        names=names,
    )
    return replace(with_folder(whole, session.folder), warnings=session.warnings(session.last_change))


# --- pseudonyms -----------------------------------------------------------------------------------


def pseudonymise(whole: Content, folder: Folder, *, keep_notes: bool = False) -> tuple[Content, Pseudonyms]:
    """The same report with pseudonyms in place of names, and without free text unless `keep_notes`.

    The verdicts are those of the real names.
    """
    before = [whole.since.previous.assessment] if whole.since else []
    parts = [part for part in (whole.snapshot, whole.assessment, *before) if part is not None]
    assessment = whole.assessment if keep_notes else notes.without_notes(whole.assessment)
    with reverse_list.learned(folder.private, parts, whole.settings) as names:
        snapshot = names.snapshot(whole.snapshot) if whole.snapshot else None
        renamed = replace(
            whole,
            assessment=names.apply(assessment, Assessment),
            settings=_without_owners(names.apply(whole.settings, Settings)),
            subject=names.apply(whole.subject, Subject),
            snapshot=snapshot,
            facts=_facts(snapshot, whole.facts, names),
            detections=names.apply(whole.detections, tuple[Detection, ...]),
            warnings=names.apply(whole.warnings, tuple[str, ...]),
            since=replace(whole.since, name=names.text(whole.since.name)) if whole.since else None,
            assignments={
                id: replace(entry, owner=names.named(entry.owner) if entry.owner else "", note="")
                for id, entry in whole.assignments.items()
            },
            trend=tuple(replace(point, name=names.text(point.name)) for point in whole.trend),
        )
    return renamed, names


def _without_owners(settings: Settings) -> Settings:
    """Logos identify their owners as well, and so do the engineer to contact and the path of a kubeconfig."""
    branding = replace(settings.branding, logo="", partner="", partner_logo="")
    engineer = Engineer(next_review=settings.engineer.next_review)
    cluster = replace(settings.cluster, kubeconfig="")
    return replace(settings, branding=branding, engineer=engineer, cluster=cluster)


def _facts(snapshot: Snapshot | None, facts: ClusterFacts | None, names: Pseudonyms) -> ClusterFacts | None:
    """Facts again from the renamed snapshot, so that charts show pseudonyms."""
    if snapshot is None or facts is None:
        return None
    target = facts.weaviate
    return type(facts)(snapshot, f"{names.named(target.namespace)}/{names.named(target.name)}")


# --- the assessment before ------------------------------------------------------------------------


def scope_of(snapshot: Snapshot | None) -> tuple[str, ...]:
    """The namespaces that the snapshot is limited to; empty for the whole cluster."""
    return snapshot.manifest.namespaces if snapshot is not None else ()


def since(folder: Folder, judged: Assessment, snapshot: Snapshot | None) -> Since | None:
    """The comparison with the newest milestone that differs, otherwise with this cluster's snapshot before this one.

    An older snapshot is judged with today's answers, so that the comparison shows what changed in the cluster.
    """
    now = Milestone(SCHEMA_VERSION, "now", judged, scope_of(snapshot))
    for milestone in reversed(milestones(folder.milestones)):
        if _is_earlier(milestone.assessment, judged):
            return Since(f"the milestone “{milestone.name}”", milestone, compare(milestone, now))
    if snapshot is None:
        return None
    for path in folder.snapshots_before(snapshot.manifest.taken_at):
        session = Session(folder, path)
        if session.snapshot is not None and same_cluster(session.snapshot, snapshot):
            before = _judged_then(session, judged)
            return Since("the snapshot before this one", before, compare(before, now))
    return None


def trend(folder: Folder, judged: Assessment) -> tuple[Point, ...]:
    """The score of each milestone that is not newer than this assessment, and of this assessment at the end."""
    before = [item for item in milestones(folder.milestones) if _is_earlier(item.assessment, judged)]
    return (*(_point(item.name, item.assessment) for item in before), _point("Now", judged)) if before else ()


def _point(name: str, judged: Assessment) -> Point:
    total = judged.total
    return Point(name, judged.as_of, judged.level, total.proven, total.possible, total.coverage)


def _is_earlier(old: Assessment, new: Assessment) -> bool:
    """Not from a later snapshot, and not the same assessment frozen a moment ago."""
    if old.as_of is not None and new.as_of is not None and old.as_of > new.as_of:
        return False
    return old != new


def _judged_then(session: Session, today: Assessment) -> Milestone:
    answers = {verdict.question.id: verdict.answer for verdict in today.verdicts if verdict.answer is not None}
    as_of = session.snapshot.manifest.taken_at if session.snapshot else None
    judged = assess(
        session.checklist.questions,
        session.findings,
        answers,
        session.folder.waivers,
        session.settings,
        as_of,
        session.advisories,
        session.running,
    )
    return Milestone(SCHEMA_VERSION, "the snapshot before this one", judged, scope_of(session.snapshot))
