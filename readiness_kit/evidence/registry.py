"""How a question gets its evidence: one small function, declared with `@evidence`.

    @evidence("res.volume_expansion", reads=("persistentvolumeclaims", "storageclasses"))
    def volume_expansion(facts: ClusterFacts, settings: Settings) -> Finding:
        on = Subject(ref, "storageclasses")
        checks = [on.check("allowVolumeExpansion", "false", "true", False, message="…")]
        return to_finding("res.volume_expansion", checks, met="All volumes can be expanded.")

Such a function is pure: facts and settings in, finding out; no clock, no network, no global. A refused read is
an unread check before the call and an exception is `unknown(error)`; no function can raise a severity, or decide a
question that evidence cannot decide.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from readiness_kit import advisories, redact
from readiness_kit.evidence.checks import Subject, primary_reason, to_finding
from readiness_kit.evidence.clock import independent_of_time
from readiness_kit.evidence.commands import with_queries
from readiness_kit.facts import FRAME_READS, ClusterFacts
from readiness_kit.kinds import KINDS
from readiness_kit.kinds.sources import SOURCES
from readiness_kit.labels import REASON_WORDS
from readiness_kit.locate import WORKLOAD_READS, workload_key
from readiness_kit.model import Automation, Check, Finding, Outcome, Question, Reason, Settings, Severity

log = logging.getLogger(__name__)

Function = Callable[[ClusterFacts, Settings], Finding]
Known = Callable[[ClusterFacts], Iterable[Check]]
MAX_MESSAGE_LENGTH = 200
NO_FUNCTION = "No evidence is collected for this question."


@dataclass(frozen=True)
class Evidence:
    """A registered function: the keys it reads (of `KINDS` or `SOURCES`), and those that it can do without.

    `known` gives the checks that are judged by the workload alone where a required read is missing.
    """

    question: str
    reads: tuple[str, ...]
    tolerates: tuple[str, ...]
    function: Function
    known: Known | None = None


REGISTRY: dict[str, Evidence] = {}


def evidence(
    question: str, reads: Sequence[str] = (), tolerates: Sequence[str] = (), known: Known | None = None
) -> Callable[[Function], Function]:
    """Register a function for one question.

    The Weaviate workload itself (StatefulSet or Deployment) is always read and need not be named; its pods must be.
    Raises ValueError for an unknown key, for a tolerated key that is not read, and for a second function.
    """
    readable = KINDS.keys() | SOURCES.keys()
    invalid = [key for key in reads if key not in readable] + [key for key in tolerates if key not in reads]
    if invalid:
        raise ValueError(f"{question}: {', '.join(invalid)} cannot be read or tolerated")

    def register(function: Function) -> Function:
        registered = REGISTRY.get(question)
        if registered is not None and registered.function.__qualname__ != function.__qualname__:
            raise ValueError(f"{question} already has evidence: {registered.function.__qualname__}")
        REGISTRY[question] = Evidence(question, tuple(reads), tuple(tolerates), function, known)
        return function

    return register


WITHHELD = (Reason.FORBIDDEN, Reason.UNREACHABLE, Reason.ERROR)
"""Reasons with which data exists that was not read."""

# --- evaluation -----------------------------------------------------------------------------------


def evaluate(facts: ClusterFacts, settings: Settings, questions: Iterable[Question]) -> dict[str, Finding]:
    """One finding for each question, in their order; an exception in a function never propagates.

    Where the clocks of the cluster and of the collecting machine disagree, no finding depends on either.
    """
    questions = tuple(questions)
    found = {question.id: _finding(facts, settings, question) for question in questions}
    if facts.clock_skew:
        other = facts.by_the_cluster_clock()
        for question in questions:
            by_cluster = _finding(other, settings, question)
            found[question.id] = _clamped(independent_of_time(found[question.id], by_cluster), question)
    return found


def _finding(facts: ClusterFacts, settings: Settings, question: Question) -> Finding:
    entry = REGISTRY.get(question.id)
    if entry is None:
        return Finding(question.id, Outcome.UNKNOWN, NO_FUNCTION, reason=Reason.NOT_COLLECTED)
    unread = {key: reason for key in entry.reads if (reason := facts.missing(key)) is not None}
    required = {key: reason for key, reason in unread.items() if key not in entry.tolerates}
    if required:
        finding = _not_judged(facts, entry, required)
    else:
        try:
            finding = entry.function(facts, settings)
        except Exception as error:  # noqa: BLE001 - a defect in one function must not hide the other questions
            finding = _failed(question.id, error)
    finding = _clamped(finding, question)
    withheld = [reason for reason in unread.values() if reason in WITHHELD]
    if withheld and finding.reason is Reason.NOT_OBSERVABLE:
        # The unread part may hide a known lack, so an answer earns nothing instead.
        finding = msgspec.structs.replace(finding, reason=primary_reason(withheld))
    return msgspec.structs.replace(
        finding,
        question=question.id,
        facts=with_queries(finding.facts, lambda source: facts.snapshot.read(source).queries),
        reads=tuple(dict.fromkeys((workload_key(facts.target.kind), *entry.reads))),
        missing=tuple(dict.fromkeys((*unread, *finding.missing))),
    )


def _not_judged(facts: ClusterFacts, entry: Evidence, unread: Mapping[str, Reason]) -> Finding:
    """What the workload alone shows, and the required reads as unread checks: a known failure is never hidden."""
    listed = ", ".join(f"{key} ({REASON_WORDS[reason]})" for key, reason in unread.items())
    message = f"Not judged: this needs {listed}."
    checks = list(entry.known(facts)) if entry.known else []
    known = any(check.outcome is not None for check in checks)
    for key, reason in unread.items():
        checks.append(Subject(facts.weaviate.ref, key).unread(key, "", reason, message=message))
    return to_finding(entry.question, checks, met="", failed="" if known else message)


def _failed(question: str, error: Exception) -> Finding:
    log.error("the evidence for %s raised\n%s", question, redact.redact_text(traceback.format_exc()))
    message = redact.redact_text(str(error))[:MAX_MESSAGE_LENGTH]
    details = f"{type(error).__name__}: {message}" if message else type(error).__name__
    sentence = f"Not judged: the check itself failed ({details}). This is a defect of the kit; please report it."
    return Finding(question, Outcome.UNKNOWN, sentence, reason=Reason.ERROR)


_WEIGHT = {Severity.LOW: 0, Severity.MEDIUM: 1, Severity.HIGH: 2, Severity.CRITICAL: 3}


def _clamped(finding: Finding, question: Question) -> Finding:
    """A finding may only lower the severity, and evidence never meets a question about a process."""
    if finding.severity is not None and _WEIGHT[finding.severity] >= _WEIGHT[question.severity]:
        finding = msgspec.structs.replace(finding, severity=None)
    if question.automation is Automation.NONE and finding.outcome is Outcome.MET:
        sentence = f"Your answer is needed: the cluster alone cannot show this. {finding.sentence}"
        finding = Finding(question.id, Outcome.UNKNOWN, sentence, finding.facts, reason=Reason.NOT_OBSERVABLE)
    return finding


# --- what has to be collected ---------------------------------------------------------------------


def reads_for(questions: Iterable[Question]) -> tuple[str, ...]:
    """The keys that these questions, the advisories, locating Weaviate and the frames need; sorted."""
    own = (key for question in questions for key in reads_of(question.id))
    return tuple(sorted({*WORKLOAD_READS, *FRAME_READS, *advisories.READS, *own}))


def reads_of(question_id: str) -> tuple[str, ...]:
    """The keys that the function of one question reads; empty where it has none."""
    entry = REGISTRY.get(question_id)
    return entry.reads if entry else ()


def questions_losing(key: str, questions: Iterable[Question]) -> tuple[str, ...]:
    """The ids of the questions, in their order, that lose evidence without `key`."""
    known = [question.id for question in questions if question.id in REGISTRY]
    if key == "statefulsets":  # without them there is no workload to judge
        return tuple(known)
    return tuple(id for id in known if key in REGISTRY[id].reads)
