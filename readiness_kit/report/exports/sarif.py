"""SARIF 2.1.0: a rule for each question and advisory, and a result for each problem; first Weaviate's state.

Code scanning ignores `kind` and makes an alert of every result, so what is in order has none: results are gaps,
contradictions, questions partly met (one level lower), accepted risks (suppressed, with their justification) and
advisories that apply. All that is not known is one result, so that a file without results means that all was judged.

The objects of the evidence are logical locations. The physical location that code scanning requires is the values or
manifest file where it is known, otherwise `readiness.yaml`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from readiness_kit.assessment.score import running_bound
from readiness_kit.labels import (
    APPLICABILITY_WORDS,
    RUNNING_ID,
    STATE_WORDS,
    advisory_text,
    count,
    percent,
    running_lines,
)
from readiness_kit.markup import clean, ref_text
from readiness_kit.model import (
    AdvisoryMatch,
    Applicability,
    Assessment,
    Level,
    Observation,
    Question,
    RunningState,
    Severity,
    State,
    Verdict,
)
from readiness_kit.report.content import Content
from readiness_kit.report.reasons import reason

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
SECURITY_SEVERITY = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.0"}
PARTLY_LEVELS = {"error": "warning", "warning": "note", "note": "note"}
PROBLEMS = (State.CONTRADICTED, State.GAP, State.ACCEPTED, State.PARTLY)
OPEN_ID = "readiness.open"
MAX_LOCATIONS = 100
SETTINGS_FILE = "readiness.yaml"
INFORMATION_URI = "https://docs.weaviate.io/deploy"
"""Where the settings that the rules are about are documented."""


def sarif(content: Content) -> str:
    """The log as indented JSON; keys in a fixed order."""
    assessment, file = content.assessment, content.source or SETTINGS_FILE
    rules = [
        _running_rule(),
        _open_rule(),
        *(_rule(verdict.question) for verdict in assessment.verdicts),
        *map(_advisory_rule, assessment.advisories),
    ]
    results = [
        *_running_result(assessment.running, file),
        *_open_result(assessment, file),
        *(_result(verdict, file) for verdict in assessment.verdicts if verdict.state in PROBLEMS),
        *(_advisory_result(found, file) for found in _in_doubt(assessment, applies=True)),
    ]
    positions = {rule["id"]: position for position, rule in enumerate(rules)}
    driver = {
        "name": "Weaviate readiness kit",
        "version": content.kit,
        "semanticVersion": content.kit,
        "informationUri": INFORMATION_URI,
        "rules": rules,
    }
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [{**result, "ruleIndex": positions[result["ruleId"]]} for result in results],
        "properties": {
            "level": assessment.level.value,
            "proven": assessment.total.proven,
            "possible": assessment.total.possible,
            "coverage": assessment.total.coverage,
        },
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _in_doubt(assessment: Assessment, *, applies: bool) -> list[AdvisoryMatch]:
    """The advisories that apply, or those that may."""
    return [row for row in assessment.advisories if (row.applicability is Applicability.APPLIES) == applies]


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


def _running_result(running: RunningState | None, file: str) -> Iterator[dict[str, Any]]:
    """Weaviate that is not running properly, or of which that is not known."""
    bound = running_bound(running)
    if running is None or bound is None:
        return
    title, sentences = running_lines(running)
    level = LEVELS[Severity.CRITICAL] if bound is Level.NOT_READY else PARTLY_LEVELS[LEVELS[Severity.CRITICAL]]
    message = clean(" ".join([f"{title}.", *sentences]))
    yield _failure(RUNNING_ID, level, message, _locations(running.facts, file))


def _open_rule() -> dict[str, Any]:
    return {
        "id": OPEN_ID,
        "name": "ReadinessOpen",
        "shortDescription": {"text": "Questions that are not judged"},
        "fullDescription": {"text": "Questions without a verdict, and known faults that may apply."},
        "help": {"text": "Answer them in the notebooks, or collect what is missing. Not known is never in order."},
        "defaultConfiguration": {"level": "warning"},
        "properties": {
            "tags": ["coverage", Severity.MEDIUM.value],
            "security-severity": SECURITY_SEVERITY[Severity.MEDIUM],
        },
    }


def _open_result(assessment: Assessment, file: str) -> Iterator[dict[str, Any]]:
    """All that is not known in one result: an alert for each would hide the gaps."""
    open_rows = [verdict for verdict in assessment.verdicts if verdict.state is State.OPEN]
    possible = _in_doubt(assessment, applies=False)
    if not open_rows and not possible:
        return
    serious = assessment.level is Level.NOT_ENOUGH_KNOWN or any(
        verdict.question.severity is Severity.CRITICAL for verdict in open_rows
    )
    total = assessment.total
    parts = [f"{percent(total.coverage)} of {count(total.applicable, 'question')} judged."]
    if open_rows:
        parts.append("Open:")
        parts += [f"{row.question.number} {row.question.short}: {reason(row)}" for row in open_rows]
    if possible:
        parts.append(f"Known faults that may apply: {'; '.join(f'{row.id} {row.title}' for row in possible)}.")
    yield _failure(OPEN_ID, "warning" if serious else "note", clean(" ".join(parts)), [_physical(file)])


def _failure(rule: str, level: str, message: str, locations: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "ruleId": rule,
        "kind": "fail",
        "level": level,
        "message": {"text": message},
        "partialFingerprints": _fingerprints(rule),
        "locations": locations,
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


def _advisory_result(found: AdvisoryMatch, file: str) -> dict[str, Any]:
    message = clean(f"{APPLICABILITY_WORDS[found.applicability]}: {found.title}. {advisory_text(found)}")
    details = {"versions": list(found.versions), "fixedIn": found.fixed_in, "asOf": found.as_of.isoformat()}
    return _failure(found.id, LEVELS[found.severity], message, [_physical(file)]) | {"properties": details}


def _result(verdict: Verdict, file: str) -> dict[str, Any]:
    level = LEVELS[verdict.severity]
    locations = _locations(verdict.finding.facts if verdict.finding else (), file)
    result = _failure(
        verdict.question.id,
        PARTLY_LEVELS[level] if verdict.state is State.PARTLY else level,
        _message(verdict),
        locations,
    )
    result["properties"] = {"state": verdict.state.value, "number": verdict.question.number}
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
    return clean(f"{STATE_WORDS[verdict.state]}: {verdict.question.short}. {reason(verdict)}")


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
