"""A session: an assessment folder with its newest snapshot, and the `Assessment` that follows from both.

Notebook, report and command line all use it, so their verdicts agree.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from readiness_kit import evidence, snapshot
from readiness_kit.advisories import match
from readiness_kit.assessment import assess
from readiness_kit.checklist import Checklist, load_checklist
from readiness_kit.errors import ReadinessError, WorkloadError
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.consistency import MAX_SKEW
from readiness_kit.fixes.model import Plan
from readiness_kit.fixes.plan import plan
from readiness_kit.locate import WORKLOAD_READS
from readiness_kit.model import (
    AdvisoryMatch,
    Assessment,
    Finding,
    Outcome,
    Profile,
    Reason,
    RunningState,
    Settings,
)
from readiness_kit.workspace.folder import Folder

SNAPSHOT_VARIABLE = "READINESS_SNAPSHOT"
WEAVIATE_VARIABLE = "READINESS_WEAVIATE"
"""Variables of the environment that choose a snapshot file and the workload for a notebook."""

DEMONSTRATION = "the bundled demonstration"
"""The source in the manifest of the demonstration, which is as old as it is meant to be."""


class Session:
    """The assessment in `folder`, of its newest snapshot or of the one at `snapshot_path`.

    `weaviate` (`namespace/name`) chooses the workload in place of the setting. Settings, snapshot and findings are read
    once; answers and waivers at each judgement.
    """

    @classmethod
    def of_environment(cls, folder: Folder) -> Session:
        """The session of a notebook: of the snapshot and the workload that the environment names, if it does."""
        chosen = os.environ.get(SNAPSHOT_VARIABLE, "")
        return cls(folder, Path(chosen) if chosen else None, os.environ.get(WEAVIATE_VARIABLE, ""))

    def __init__(self, folder: Folder, snapshot_path: Path | None = None, weaviate: str = "") -> None:
        self.folder = folder
        self._chosen = snapshot_path
        self._weaviate = weaviate

    @property
    def snapshot_path(self) -> Path | None:
        """The snapshot that is judged, None before the first collection."""
        return self._chosen or self.folder.latest_snapshot()

    @cached_property
    def settings(self) -> Settings:
        """The settings of the folder."""
        return self.folder.settings

    @cached_property
    def checklist(self) -> Checklist:
        """The questions of the chosen profile, including those of the customer's own checklist files."""
        extra = [(self.folder.path / name).resolve() for name in self.settings.extra_checklists]
        return load_checklist(extra, Profile.EXTENDED).profile(self.settings.profile)

    @cached_property
    def snapshot(self) -> snapshot.Snapshot | None:
        """The snapshot of the session, loaded; None without one."""
        path = self.snapshot_path
        return snapshot.load(path) if path else None

    @cached_property
    def _facts(self) -> tuple[ClusterFacts | None, WorkloadError | None]:
        if self.snapshot is None:
            return None, None
        try:
            return ClusterFacts(self.snapshot, self._weaviate or self.settings.cluster.weaviate), None
        except WorkloadError as problem:
            return None, problem

    @property
    def facts(self) -> ClusterFacts | None:
        """The facts of the snapshot, None without a snapshot or if the Weaviate workload is not clear (`problem`)."""
        return self._facts[0]

    @property
    def problem(self) -> ReadinessError | None:
        """Why the snapshot has no facts, None if it has or if there is no snapshot."""
        return self._facts[1]

    @cached_property
    def findings(self) -> dict[str, Finding]:
        """The findings by question id; all are unknown, with the reason, without facts."""
        questions = self.checklist.questions
        if self.facts is not None:
            return evidence.evaluate(self.facts, self.settings, questions)
        why = self.problem.what if self.problem else "nothing has been collected yet"
        return {
            question.id: Finding(question.id, Outcome.UNKNOWN, f"Not judged: {why}.", reason=self._unjudged)
            for question in questions
        }

    @cached_property
    def advisories(self) -> tuple[AdvisoryMatch, ...]:
        """What is known of the running versions, in every profile; empty without facts."""
        return match(self.facts) if self.facts is not None else ()

    @property
    def _unjudged(self) -> Reason:
        """Forbidden if a refused permission may hide Weaviate: an answer must not earn credit for that."""
        taken = self.snapshot
        refused = taken is not None and any(taken.missing(key) is Reason.FORBIDDEN for key in WORKLOAD_READS)
        return Reason.FORBIDDEN if refused else Reason.NOT_COLLECTED

    def warnings(self, now: datetime | None = None) -> tuple[str, ...]:
        """What to know before the verdicts: evidence that is old or ahead of its time, answers of another cluster.

        now: the time by which the age is judged; the present by default
        """
        found = list(self.facts.warnings) if self.facts is not None else []
        now = now or datetime.now(UTC)
        if self.snapshot is not None:
            taken = self.snapshot.manifest.taken_at
            age, days = now - taken, self.settings.thresholds.evidence_days
            if age > timedelta(days=days) and self.snapshot.manifest.source != DEMONSTRATION:
                found.insert(0, f"The evidence is old: it was collected {age.days} days ago. Collect again.")
            elif -age > MAX_SKEW:
                found.insert(
                    0, f"The evidence has a date in the future ({taken:%Y-%m-%d %H:%M} UTC): check the clocks."
                )
        if self._chosen is None and (future := self.folder.future_snapshots()):
            names = ", ".join(path.name for path in future[:3])
            found.append(f"Not used, because of a date in the future: {names}. Name the file to use it.")
        return tuple(found)

    @property
    def last_change(self) -> datetime | None:
        """When the newest answer was given or the snapshot was taken, None without either.

        Reports judge the age of the evidence by it, so that the same folder always gives the same report.
        """
        times = [answer.at for answer in self.folder.answers.all().values() if answer.at is not None]
        times += [self.snapshot.manifest.taken_at] if self.snapshot else []
        return max(times, default=None)

    def assessment(self) -> Assessment:
        """The verdicts with the current answers and waivers."""
        as_of = self.snapshot.manifest.taken_at if self.snapshot else None
        answers = self.folder.answers.all()
        return assess(
            self.checklist.questions,
            self.findings,
            answers,
            self.folder.waivers,
            self.settings,
            as_of,
            self.advisories,
            self.running,
        )

    def plan(self, *, project: bool = True) -> Plan:
        """The fixes of the assessment in waves, with owner, due date and state; without facts an error says why.

        Without `project` it has no projections, which judge the snapshot again for each wave.
        """
        facts = self.require_facts()
        return plan(self.assessment(), facts, self.settings, self.folder.plan.all(), project=project)

    @property
    def running(self) -> RunningState | None:
        """Whether Weaviate was running in the snapshot, None without facts."""
        return self.facts.running if self.facts is not None else None

    def require_choice(self) -> None:
        """Raises WorkloadError if the workload that was chosen is not in the snapshot."""
        if self._weaviate and self.problem is not None:
            raise self.problem

    def require_facts(self) -> ClusterFacts:
        """The facts. Raises the error that explains why there are none."""
        if self.facts is not None:
            return self.facts
        if self.problem is not None:
            raise self.problem
        if future := self.folder.future_snapshots():
            raise WorkloadError(
                f"every snapshot of {self.folder.path} has a date in the future",
                f"check the clock of this machine; to use one, name it: `readiness assess {future[-1]}`",
            )
        raise WorkloadError(
            f"nothing has been collected for the assessment in {self.folder.path}",
            "run `readiness collect`, or give a snapshot file",
        )
