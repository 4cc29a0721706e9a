"""SARIF 2.1.0: a rule for each question and advisory, a result for each verdict and advisory; first Weaviate's state.

The objects of the evidence are logical locations. The physical location that code scanning requires is the values or
manifest file where it is known, otherwise `readiness.yaml`.

`kind` is the result (fail, pass, open, review, notApplicable), `level` the severity of a failure. An accepted risk is
a suppressed failure with its justification, not a pass.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from readiness_kit.assessment.score import running_bound
from readiness_kit.labels import (
    APPLICABILITY_WORDS,
    CHOICE_WORDS,
    RUNNING_ID,
    STATE_WORDS,
    advisory_text,
    outcome_words,
    running_lines,
)
from readiness_kit.markup import clean, ref_text
from readiness_kit.model import (
    AdvisoryMatch,
    Applicability,
    Level,
    Observation,
    Question,
    RunningState,
    Severity,
    State,
    Verdict,
)
from readiness_kit.report.content import Content

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
SECURITY_SEVERITY = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.0"}
KINDS = {
    State.CONTRADICTED: "fail",
    State.GAP: "fail",
    State.ACCEPTED: "fail",
    State.PARTLY: "review",
    State.ATTESTED: "pass",
    State.VERIFIED: "pass",
    State.OPEN: "open",
    State.NOT_APPLICABLE: "notApplicable",
}
MAX_LOCATIONS = 100
SETTINGS_FILE = "readiness.yaml"
INFORMATION_URI = "https://docs.weaviate.io/deploy"
"""Where the settings that the rules are about are documented."""


def sarif(content: Content, file: str = SETTINGS_FILE) -> str:
    """The log as indented JSON; keys in a fixed order.

    file: the file of the repository that results point to, such as the values file of the chart; code scanning accepts
    no result without one
    """
    verdicts, advisories = content.assessment.verdicts, content.assessment.advisories
    now = [content.assessment.running] if content.assessment.running is not None else []
    driver = {
        "name": "Weaviate readiness kit",
        "version": content.kit,
        "semanticVersion": content.kit,
        "informationUri": INFORMATION_URI,
        "rules": [
            *(_running_rule() for _ in now),
            *(_rule(verdict.question) for verdict in verdicts),
            *map(_advisory_rule, advisories),
        ],
    }
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [
            *(_running_result(state, file) for state in now),
            *(_result(index, verdict, file) for index, verdict in enumerate(verdicts, len(now))),
            *(_advisory_result(index, found, file) for index, found in enumerate(advisories, len(now) + len(verdicts))),
        ],
        "properties": {
            "level": content.assessment.level.value,
            "proven": content.assessment.total.proven,
            "possible": content.assessment.total.possible,
            "coverage": content.assessment.total.coverage,
        },
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(question: Question) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "id": question.id,
        "name": "".join(word.capitalize() for word in question.id.replace(".", "_").split("_")),
        "shortDescription": {"text": clean(question.short)},
        "fullDescription": {"text": clean(question.text)},
        "help": {"text": clean(f"{question.why}\n\n{question.remedy.text}")},
        "defaultConfiguration": {"level": LEVELS[question.severity]},
        "properties": {
            "tags": [question.section.value, question.severity.value],
            "security-severity": SECURITY_SEVERITY[question.severity],
        },
    }
    if question.links:
        rule["helpUri"] = question.links[0].url
    return rule


def _running_rule() -> dict[str, Any]:
    return {
        "id": RUNNING_ID,
        "name": "WeaviateRunning",
        "shortDescription": {"text": "Weaviate is running"},
        "fullDescription": {"text": "Whether all pods of Weaviate were running and ready when the snapshot was taken."},
        "help": {"text": "While Weaviate is down, or that is not known, the other results have little weight."},
        "defaultConfiguration": {"level": LEVELS[Severity.CRITICAL]},
        "properties": {
            "tags": ["now", Severity.CRITICAL.value],
            "security-severity": SECURITY_SEVERITY[Severity.CRITICAL],
        },
    }


def _running_result(running: RunningState, file: str) -> dict[str, Any]:
    """Down is a failure, not known is open."""
    kind = {Level.NOT_READY: "fail", Level.NOT_ENOUGH_KNOWN: "open"}.get(running_bound(running) or Level.READY, "pass")
    title, sentences = running_lines(running)
    return {
        "ruleId": RUNNING_ID,
        "ruleIndex": 0,
        "kind": kind,
        "level": LEVELS[Severity.CRITICAL] if kind == "fail" else "none",
        "message": {"text": clean(" ".join([f"{title or 'Weaviate is running'}.", *sentences]))},
        "partialFingerprints": _fingerprints(RUNNING_ID),
        "locations": _locations(running.facts, file),
    }


def _advisory_rule(found: AdvisoryMatch) -> dict[str, Any]:
    return {
        "id": found.id,
        "name": "".join(word.capitalize() for word in found.id.split("-")),
        "shortDescription": {"text": clean(found.title)},
        "fullDescription": {"text": clean(found.happens)},
        "help": {"text": clean(found.action)},
        "helpUri": found.source.url,
        "defaultConfiguration": {"level": LEVELS[found.severity]},
        "properties": {
            "tags": ["advisory", found.severity.value],
            "security-severity": SECURITY_SEVERITY[found.severity],
        },
    }


def _advisory_result(index: int, found: AdvisoryMatch, file: str) -> dict[str, Any]:
    """An advisory that applies is a failure; one that may apply is open."""
    applies = found.applicability is Applicability.APPLIES
    text = f"{APPLICABILITY_WORDS[found.applicability]}: {found.title}. {advisory_text(found)}"
    return {
        "ruleId": found.id,
        "ruleIndex": index,
        "kind": "fail" if applies else "open",
        "level": LEVELS[found.severity] if applies else "none",
        "message": {"text": clean(text)},
        "locations": [_physical(file)],
        "partialFingerprints": _fingerprints(found.id),
        "properties": {"versions": list(found.versions), "fixedIn": found.fixed_in, "asOf": found.as_of.isoformat()},
    }


def _result(index: int, verdict: Verdict, file: str) -> dict[str, Any]:
    kind = KINDS[verdict.state]
    result: dict[str, Any] = {
        "ruleId": verdict.question.id,
        "ruleIndex": index,
        "kind": kind,
        "level": LEVELS[verdict.severity] if kind == "fail" else "none",
        "message": {"text": _message(verdict)},
        "partialFingerprints": _fingerprints(verdict.question.id),
        "properties": {"state": verdict.state.value, "number": verdict.question.number},
        "locations": _locations(verdict.finding.facts if verdict.finding else (), file),
    }
    if verdict.state is State.ACCEPTED and verdict.waiver is not None:
        waiver = verdict.waiver
        reason = clean(f"{waiver.reason} Approved by {waiver.approver} until {waiver.expires}.")
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": reason}]
    return result


def _fingerprints(rule: str) -> dict[str, str]:
    """By the rule alone, so that an alert lives on when its text changes.

    The upload computes `primaryLocationLineHash` from the line of the file where it is missing: all results of one
    file would then share it.
    """
    digest = hashlib.sha256(rule.encode()).hexdigest()[:32]
    return {"primaryLocationLineHash": f"{digest}:1", "readiness/v1": digest}


def _message(verdict: Verdict) -> str:
    parts = [f"{STATE_WORDS[verdict.state]}: {verdict.question.short}."]
    if verdict.answer is not None and verdict.answer.value is not None:
        parts.append(f"Answered: {CHOICE_WORDS[verdict.answer.value]}.")
    if verdict.finding is not None:
        parts.append(f"{outcome_words(verdict.finding)}. {verdict.finding.sentence}")
    return clean(" ".join([*parts, *verdict.lines]))


def _locations(facts: Sequence[Observation], file: str) -> list[dict[str, Any]]:
    """One location: the file that decides the setting, with the objects that failed, otherwise all of the evidence.

    One, because code scanning makes an alert of the first location of a result and ignores the others.
    """
    shown = [fact for fact in facts if fact.ok is False] or list(facts)
    objects = {clean(ref_text(fact.ref)): clean(fact.ref.name) for fact in shown}
    logical = [
        {"name": name, "fullyQualifiedName": full_name, "kind": "resource"}
        for full_name, name in list(objects.items())[:MAX_LOCATIONS]
    ]
    return [_physical(file) | ({"logicalLocations": logical} if logical else {})]


def _physical(file: str) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": {"uri": file}, "region": {"startLine": 1}}}
