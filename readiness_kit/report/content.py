"""All that a report is made from: every form of the report (HTML, JSON, CSV …) reads this one value."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from readiness_kit._version import __version__
from readiness_kit.assessment import assess
from readiness_kit.assessment.comparison import Comparison, Milestone, compare
from readiness_kit.errors import WorkloadError
from readiness_kit.model import SCHEMA_VERSION, Assessment, Detection, Settings
from readiness_kit.report.privacy import pseudonyms
from readiness_kit.report.privacy.pseudonyms import Pseudonyms
from readiness_kit.report.remedies import fitted
from readiness_kit.snapshot import Snapshot
from readiness_kit.workspace.folder import Folder
from readiness_kit.workspace.milestones import milestones
from readiness_kit.workspace.session import Session

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts
if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts


class Since(msgspec.Struct, frozen=True):
    """What the comparison is with: a milestone's name, or `the snapshot of …`, and the comparison itself."""

    name: str
    previous: Milestone
    comparison: Comparison


class Content(msgspec.Struct, frozen=True):
    """`folder` is where relative logo paths count from; `since` None where there is nothing to compare with."""

    assessment: Assessment
    settings: Settings
    subject: Subject
    snapshot: Snapshot | None = None
    facts: ClusterFacts | None = None
    detections: tuple[Detection, ...] = ()
    since: Since | None = None
    folder: Path | None = None
    kit: str = __version__


class Subject(msgspec.Struct, frozen=True):
    """Plain texts, unescaped; empty where not known. `on` is the day the report speaks for."""

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
    def file_name(self) -> str:
        """`example-2026-11-24`, safe in every file system."""
        word = re.sub(r"[^A-Za-z0-9]+", "-", self.customer or self.cluster).strip("-").lower()[:60] or "readiness"
        return f"{word}-{self.on.isoformat()}" if self.on else word


def subject(
    assessment: Assessment, settings: Settings, snapshot: Snapshot | None = None, facts: ClusterFacts | None = None
) -> Subject:
    """The settings name the cluster, else the kubeconfig context it was read through does."""
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
    """Workload and version; both empty where no Weaviate was found or chosen, which the findings then say."""
    if facts is None:
        return "", ""
    try:
        found = facts.weaviate
    except WorkloadError:
        return "", ""
    version = str(found.version) if found.version is not None else found.image.tag
    return f"{found.kind} {found.namespace}/{found.name}", version or ""


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
    """The parts put together; detections come from the facts. `names`: remedies speak of this cluster's objects."""
    return Content(
        with_names(assessment, facts) if names else assessment,
        settings,
        subject(assessment, settings, snapshot, facts),
        snapshot,
        facts,
        detections=facts.detections if facts is not None else (),
        since=since,
        folder=folder,
    )


def with_names(assessment: Assessment, facts: ClusterFacts | None) -> Assessment:
    """The assessment with the remedies of this cluster: its namespaces, workloads and classes filled in."""
    verdicts = tuple(
        replace(one, question=replace(one.question, remedy=fitted(one.question, one.finding, facts)))
        for one in assessment.verdicts
    )
    return replace(assessment, verdicts=verdicts)


def of_session(session: Session, *, pseudonymised: bool = False) -> Content:
    """The content of an open assessment, compared with what came before it."""
    judged = session.assessment()
    whole = content(
        judged,
        session.settings,
        session.snapshot,
        session.facts,
        folder=session.folder.path,
        since=since(session.folder, judged, session.snapshot),
        names=not pseudonymised,
    )
    return pseudonymise(whole, session.folder)[0] if pseudonymised else whole


def pseudonymise(whole: Content, folder: Folder) -> tuple[Content, Pseudonyms]:
    """The same report without the names in it. Verdicts are those of the real names; charts are drawn anew."""
    before = [whole.since.previous.assessment] if whole.since else []
    parts = [part for part in (whole.snapshot, whole.assessment, *before) if part is not None]
    names = pseudonyms.learned(folder.private, parts, whole.settings)
    settings = _settings(names.apply(whole.settings, Settings))
    snapshot = names.snapshot(whole.snapshot) if whole.snapshot else None
    assessment = names.apply(whole.assessment, Assessment)
    renamed = replace(
        whole,
        assessment=assessment,
        settings=settings,
        subject=names.apply(whole.subject, Subject),
        snapshot=snapshot,
        facts=_facts(snapshot, whole.facts, names),
        detections=names.apply(whole.detections, tuple[Detection, ...]),
        since=_since(whole.since, names),
    )
    pseudonyms.remember(folder.private, names.names)
    return renamed, names


def _settings(settings: Settings) -> Settings:
    """A logo is a name as well, in a picture."""
    branding = replace(settings.branding, logo="")
    cluster = replace(settings.cluster, kubeconfig="")
    return replace(settings, branding=branding, cluster=cluster)


def _facts(snapshot: Snapshot | None, facts: ClusterFacts | None, names: Pseudonyms) -> ClusterFacts | None:
    if snapshot is None or facts is None:
        return None
    from readiness_kit.facts import ClusterFacts as FactsOf

    target = facts.weaviate
    return FactsOf(snapshot, f"{names.named(target.namespace)}/{names.named(target.name)}")


def _since(whole: Since | None, names: Pseudonyms) -> Since | None:
    """The name of a milestone is a person's text; the comparison holds no names but why."""
    if whole is None:
        return None
    return replace(whole, name=names.text(whole.name))


def scope_of(snapshot: Snapshot | None) -> tuple[str, ...]:
    return snapshot.manifest.namespaces if snapshot is not None else ()


def since(folder: Folder, judged: Assessment, snapshot: Snapshot | None) -> Since | None:
    """What changed: since the newest milestone that differs, else since the snapshot before this one.

    An older snapshot is judged with the answers of today, so that it shows what changed in the cluster.
    """
    now = Milestone(SCHEMA_VERSION, "now", judged, scope_of(snapshot))
    for one in reversed(milestones(folder.milestones)):
        if _is_earlier(one.assessment, judged):
            return Since(f"the milestone “{one.name}”", one, compare(one, now))
    if snapshot is None:
        return None
    earlier = [path for path in folder.snapshots() if _taken(path) < snapshot.manifest.taken_at.strftime(_STAMP)]
    if not earlier:
        return None
    before = _judged_then(folder, earlier[-1], judged)
    return Since("the snapshot before this one", before, compare(before, now))


_STAMP = "%Y-%m-%dT%H%M%SZ"


def _taken(path: Path) -> str:
    return path.stem[: len("2026-11-20T093000Z")]


def _is_earlier(old: Assessment, new: Assessment) -> bool:
    """Not from a later snapshot, and not the same assessment frozen a moment ago."""
    if old.as_of is not None and new.as_of is not None and old.as_of > new.as_of:
        return False
    return old != new


def _judged_then(folder: Folder, path: Path, today: Assessment) -> Milestone:
    session = Session(folder, path)
    answers = {verdict.question.id: verdict.answer for verdict in today.verdicts if verdict.answer is not None}
    as_of = session.snapshot.manifest.taken_at if session.snapshot else None
    judged = assess(
        session.checklist.questions,
        session.findings,
        answers,
        folder.waivers,
        session.settings,
        as_of,
        session.advisories,
    )
    return Milestone(SCHEMA_VERSION, path.stem, judged, scope_of(session.snapshot))
