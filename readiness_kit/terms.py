"""The enumerations that all packages share. They compare and serialise as their text."""

from __future__ import annotations

from enum import Enum


class Section(str, Enum):
    """A chapter of the checklist; the same name in checklist/, evidence/, notebooks/ and tests/."""

    HIGH_AVAILABILITY = "high_availability"
    RESOURCE_MANAGEMENT = "resource_management"
    SECURITY = "security"
    MONITORING = "monitoring"
    PERFORMANCE = "performance"
    TENANTS = "tenants"
    VERSIONS = "versions"


class Profile(str, Enum):
    """The set of questions: core, or core and the additional ones."""

    CORE = "core"
    EXTENDED = "extended"


class Severity(str, Enum):
    """How serious a gap is, the most serious first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class QuestionKind(str, Enum):
    """The form of the answer; a cadence also has an interval and the date when it was last done."""

    YES_NO = "yes_no"
    CADENCE = "cadence"
    MEASURE = "measure"


class Automation(str, Enum):
    """How far evidence alone can decide a question."""

    FULL = "full"
    PARTLY = "partly"
    NONE = "none"


class Choice(str, Enum):
    """The answers that a person can give."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    NOT_APPLICABLE = "not_applicable"
    DONT_KNOW = "dont_know"


class Outcome(str, Enum):
    """The result of the evidence on a question."""

    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


class Reason(str, Enum):
    """Why a finding is unknown, or why nothing was read."""

    FORBIDDEN = "forbidden"
    UNREACHABLE = "unreachable"
    ABSENT = "absent"
    NOT_COLLECTED = "not_collected"
    NOT_OBSERVABLE = "not_observable"
    ERROR = "error"


class State(str, Enum):
    """The verdict on one question, from answer and evidence together."""

    CONTRADICTED = "contradicted"
    GAP = "gap"
    PARTLY = "partly"
    ACCEPTED = "accepted"
    ATTESTED = "attested"
    VERIFIED = "verified"
    OPEN = "open"
    NOT_APPLICABLE = "not_applicable"


class Level(str, Enum):
    """The result of the whole assessment, the worst first."""

    NOT_READY = "not_ready"
    NOT_ENOUGH_KNOWN = "not_enough_known"
    READY_WITH_RISKS = "ready_with_risks"
    READY = "ready"


class Applicability(str, Enum):
    """Whether an advisory concerns this cluster."""

    APPLIES = "applies"
    MAY_APPLY = "may_apply"


class FixKind(str, Enum):
    """What carries a fix out. A decision or a practice changes nothing that the snapshot could show."""

    VALUES = "values"
    MANIFEST = "manifest"
    WEAVIATE_CALL = "weaviate_call"
    COMMAND = "command"
    DECISION = "decision"
    PRACTICE = "practice"


class Restarts(str, Enum):
    """Whether the pods restart: not at all, one after the other, or all at once."""

    NO = "no"
    ROLLING = "rolling"
    ALL = "all"


class Effort(str, Enum):
    """The order of magnitude of the work."""

    HOURS = "hours"
    DAYS = "days"


class Wave(str, Enum):
    """When a fix is due."""

    NOW = "now"
    WEEK = "this_week"
    QUARTER = "this_quarter"


class FixRole(str, Enum):
    """The place of a fix in the plan: an action, or next to the actions a decision or a practice."""

    ACTION = "action"
    DECISION = "decision"
    PRACTICE = "practice"


class FixState(str, Enum):
    """How far the work on a fix is; a person sets it."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    DECLINED = "declined"
