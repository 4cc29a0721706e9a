"""How a question gets its evidence: one small function, declared with `@evidence`.

    @evidence("res.volume_expansion", reads=("persistentvolumeclaims", "storageclasses"))
    def expandable(facts: ClusterFacts, settings: Settings) -> Finding:
        on = Subject(ref, "storageclasses")
        checks = [on.check("allowVolumeExpansion", "false", "true", False, message="…")]
        return to_finding("res.volume_expansion", checks, met="Every volume can grow.")

Such a function is pure (facts and settings in, finding out; no clock, no network, no global). The framework
keeps the promises around it: a refused read is `unknown` before the call, a raise is `unknown(error)`, and no
function can raise a severity or decide a question that evidence cannot decide.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from readiness_kit import redact
from readiness_kit.evidence.checks import primary_reason
from readiness_kit.facts import FRAME_READS
from readiness_kit.kinds import KINDS
from readiness_kit.kinds.sources import SOURCES
from readiness_kit.labels import REASON_WORDS
from readiness_kit.locate import WORKLOAD_READS, workload_key
from readiness_kit.model import Automation, Finding, Outcome, Question, Reason, Settings, Severity

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

log = logging.getLogger(__name__)

Function = Callable[["ClusterFacts", Settings], Finding]
MAX_MESSAGE_LENGTH = 200
NO_FUNCTION = "This kit does not yet read evidence for this question."


@dataclass(frozen=True)
class Evidence:
    """A registered function. `reads` is all it uses (keys of `KINDS`), `tolerates` what it can do without."""

    question: str
    reads: tuple[str, ...]
    tolerates: tuple[str, ...]
    function: Function

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(key for key in self.reads if key not in self.tolerates)


REGISTRY: dict[str, Evidence] = {}


def evidence(question: str, reads: Sequence[str] = (), tolerates: Sequence[str] = ()) -> Callable[[Function], Function]:
    """Registers a function for one question.

    The Weaviate workload itself (StatefulSet or Deployment) is always there and need not be named; its pods do.
    Raises ValueError for a kind that nobody reads, a tolerated one that is not read, and a second function.
    """
    known = KINDS.keys() | SOURCES.keys()
    unknown = [key for key in reads if key not in known] + [key for key in tolerates if key not in reads]
    if unknown:
        raise ValueError(f"{question}: {', '.join(unknown)} cannot be read or tolerated")

    def register(function: Function) -> Function:
        before = REGISTRY.get(question)
        if before is not None and before.function.__qualname__ != function.__qualname__:
            raise ValueError(f"{question} already has evidence: {before.function.__qualname__}")
        REGISTRY[question] = Evidence(question, tuple(reads), tuple(tolerates), function)
        return function

    return register


# --- running the functions ------------------------------------------------------------------------


def evaluate(facts: ClusterFacts, settings: Settings, questions: Iterable[Question]) -> dict[str, Finding]:
    """One finding for each question, in their order; never raises for what a function does."""
    return {question.id: _finding(facts, settings, question) for question in questions}


def _finding(facts: ClusterFacts, settings: Settings, question: Question) -> Finding:
    entry = REGISTRY.get(question.id)
    if entry is None:
        return Finding(question.id, Outcome.UNKNOWN, NO_FUNCTION, reason=Reason.NOT_COLLECTED)
    lost = {key: reason for key in entry.reads if (reason := facts.missing(key)) is not None}
    needed = {key: reason for key, reason in lost.items() if key not in entry.tolerates}
    if needed:
        finding = _without(question.id, needed)
    else:
        try:
            finding = entry.function(facts, settings)
        except Exception as problem:  # noqa: BLE001 - one function's defect must not hide the other questions
            finding = _raised(question.id, problem)
    return msgspec.structs.replace(
        _clamped(finding, question),
        question=question.id,
        reads=tuple(dict.fromkeys((_workload_key(facts), *entry.reads))),
        missing=tuple(dict.fromkeys((*lost, *finding.missing))),
    )


def _without(question: str, lost: Mapping[str, Reason]) -> Finding:
    named = ", ".join(f"{key} ({REASON_WORDS[reason]})" for key, reason in lost.items())
    sentence = f"Not judged: this needs {named}."
    return Finding(question, Outcome.UNKNOWN, sentence, reason=primary_reason(lost.values()))


def _raised(question: str, problem: Exception) -> Finding:
    log.error("the evidence for %s raised\n%s", question, redact.redact_text(traceback.format_exc()))
    message = redact.redact_text(str(problem))[:MAX_MESSAGE_LENGTH]
    said = f"{type(problem).__name__}: {message}" if message else type(problem).__name__
    sentence = f"Not judged: the check itself failed ({said}). This is a defect of the kit; please report it."
    return Finding(question, Outcome.UNKNOWN, sentence, reason=Reason.ERROR)


_WEIGHT = {Severity.LOW: 0, Severity.MEDIUM: 1, Severity.HIGH: 2, Severity.CRITICAL: 3}


def _clamped(finding: Finding, question: Question) -> Finding:
    """A severity is only ever lowered, and a question about a process is never met by evidence."""
    if finding.severity is not None and _WEIGHT[finding.severity] >= _WEIGHT[question.severity]:
        finding = msgspec.structs.replace(finding, severity=None)
    if question.automation is Automation.NONE and finding.outcome is Outcome.MET:
        sentence = f"Only an answer decides this. {finding.sentence}"
        finding = Finding(question.id, Outcome.UNKNOWN, sentence, finding.facts, reason=Reason.NOT_OBSERVABLE)
    return finding


def _workload_key(facts: ClusterFacts) -> str:
    return workload_key(facts.target.kind)


# --- what has to be collected ---------------------------------------------------------------------


def reads_for(questions: Iterable[Question]) -> tuple[str, ...]:
    """The keys of all that these questions read, and of what locating Weaviate and the frames need; sorted."""
    entries = (REGISTRY.get(question.id) for question in questions)
    return tuple(sorted({*WORKLOAD_READS, *FRAME_READS, *(key for entry in entries if entry for key in entry.reads)}))


def reads_of(question_id: str) -> tuple[str, ...]:
    """What the function of one question reads, empty where it has none."""
    entry = REGISTRY.get(question_id)
    return entry.reads if entry else ()


def questions_losing(key: str, questions: Iterable[Question]) -> tuple[str, ...]:
    """The ids of the questions whose evidence is poorer or gone without `key`, in their order."""
    known = [question.id for question in questions if question.id in REGISTRY]
    if key == "statefulsets":  # without them there is no workload to judge
        return tuple(known)
    return tuple(id for id in known if key in REGISTRY[id].reads)
