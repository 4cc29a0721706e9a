"""One assessment folder, judged: from the newest snapshot and the answers to an `Assessment`.

Notebook, report and command line all come this way, so that they cannot disagree.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from readiness_kit import evidence, snapshot
from readiness_kit.checklist import Checklist, load_checklist
from readiness_kit.errors import ReadinessError, WorkloadError
from readiness_kit.facts import ClusterFacts
from readiness_kit.locate import WORKLOAD_READS
from readiness_kit.model import Assessment, Finding, Outcome, Profile, Reason, Settings
from readiness_kit.workspace.folder import Folder


class Session:
    """`folder` with its newest snapshot, or with the one given. Answers are read anew at each judgement."""

    def __init__(self, folder: Folder, snapshot_path: Path | None = None, weaviate: str = "") -> None:
        self.folder = folder
        self._chosen = snapshot_path
        self._weaviate = weaviate

    @property
    def snapshot_path(self) -> Path | None:
        return self._chosen or self.folder.latest_snapshot()

    @cached_property
    def settings(self) -> Settings:
        return self.folder.settings

    @cached_property
    def checklist(self) -> Checklist:
        """The questions of the chosen profile, the customer's own included."""
        extra = [(self.folder.path / name).resolve() for name in self.settings.extra_checklists]
        return load_checklist(extra, Profile.EXTENDED).profile(self.settings.profile)

    @cached_property
    def snapshot(self) -> snapshot.Snapshot | None:
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
        """None where there is no snapshot, or no single Weaviate workload in it: `problem` then says which."""
        return self._facts[0]

    @property
    def problem(self) -> ReadinessError | None:
        return self._facts[1]

    @cached_property
    def findings(self) -> dict[str, Finding]:
        questions = self.checklist.questions
        if self.facts is not None:
            return evidence.evaluate(self.facts, self.settings, questions)
        why = self.problem.what if self.problem else "nothing has been collected yet"
        return {
            question.id: Finding(question.id, Outcome.UNKNOWN, f"Not judged: {why}.", reason=self._unjudged)
            for question in questions
        }

    @property
    def _unjudged(self) -> Reason:
        """Forbidden where Weaviate may be hidden behind a refusal: an answer must not gain by it."""
        read = self.snapshot
        refused = read is not None and any(read.missing(key) is Reason.FORBIDDEN for key in WORKLOAD_READS)
        return Reason.FORBIDDEN if refused else Reason.NOT_COLLECTED

    def assessment(self) -> Assessment:
        """The verdicts of this moment's answers."""
        from readiness_kit.assessment import assess

        as_of = self.snapshot.manifest.taken_at if self.snapshot else None
        answers = self.folder.answers.all()
        return assess(self.checklist.questions, self.findings, answers, self.folder.waivers, self.settings, as_of)

    def require_facts(self) -> ClusterFacts:
        """The facts, or the error that says why there are none."""
        if self.facts is not None:
            return self.facts
        if self.problem is not None:
            raise self.problem
        raise WorkloadError(
            f"nothing has been collected for the assessment in {self.folder.path}",
            "run `readiness collect`, or give a snapshot file",
        )
