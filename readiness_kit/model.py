"""The vocabulary of the kit: questions, answers, findings, verdicts and what surrounds them.

Everything here is a frozen msgspec Struct without behaviour beyond validation, so that every room
speaks of the same things and any of them can be saved as JSON and read back. Times are timezone-aware
UTC datetimes; percentages are given as fractions from 0 to 1.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from typing import Annotated

import msgspec
from msgspec import Meta

from readiness_kit.thresholds import Thresholds as Thresholds

SCHEMA_VERSION = 1
"""Version of every file the kit writes; a reader refuses a newer one by name."""


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
    CORE = "core"
    EXTENDED = "extended"


class Severity(str, Enum):
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class QuestionKind(str, Enum):
    YES_NO = "yes_no"
    CADENCE = "cadence"
    MEASURE = "measure"


class Automation(str, Enum):
    """How far evidence alone can decide a question (the classes of the evidence map)."""

    FULL = "full"
    PARTLY = "partly"
    NONE = "none"


class Choice(str, Enum):
    """What a person can answer."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    NOT_APPLICABLE = "not_applicable"
    DONT_KNOW = "dont_know"


class Outcome(str, Enum):
    """What the evidence says."""

    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


class Reason(str, Enum):
    """Why a finding is unknown, or why a read gave nothing."""

    FORBIDDEN = "forbidden"
    UNREACHABLE = "unreachable"
    ABSENT = "absent"
    NOT_COLLECTED = "not_collected"
    NOT_OBSERVABLE = "not_observable"
    ERROR = "error"


class State(str, Enum):
    """The verdict on one question, answer and evidence taken together."""

    CONTRADICTED = "contradicted"
    GAP = "gap"
    PARTLY = "partly"
    ACCEPTED = "accepted"
    ATTESTED = "attested"
    VERIFIED = "verified"
    OPEN = "open"
    NOT_APPLICABLE = "not_applicable"


class Level(str, Enum):
    NOT_READY = "not_ready"
    NOT_ENOUGH_KNOWN = "not_enough_known"
    READY_WITH_RISKS = "ready_with_risks"
    READY = "ready"


Text = Annotated[str, Meta(min_length=1)]
QuestionId = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$")]
Fraction = Annotated[float, Meta(ge=0, le=1)]


# --- the checklist --------------------------------------------------------------------------------


class Link(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: Text
    url: Annotated[str, Meta(pattern=r"^https?://")]


class Snippet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something to paste: Helm values for the official chart, a kubectl line, a manifest, a curl call."""

    kind: Annotated[str, Meta(pattern=r"^(helm|kubectl|manifest|shell)$")]
    code: Text
    note: str = ""


class Remedy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to do about a gap. `risk` says what the change can break, `rollback` how to take it back."""

    text: Text
    snippets: tuple[Snippet, ...] = ()
    risk: str = ""
    rollback: str = ""
    effort: Annotated[str, Meta(pattern=r"^(hours|days|weeks)$")] = "hours"


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One item of the checklist. `id` never changes once released; a changed text gets a new `revision`."""

    id: QuestionId
    number: Text
    section: Section
    text: Text
    short: Annotated[str, Meta(min_length=1, max_length=60)]
    why: Text
    severity: Severity
    automation: Automation
    remedy: Remedy
    parent: QuestionId | None = None
    kind: QuestionKind = QuestionKind.YES_NO
    profile: Profile = Profile.CORE
    links: tuple[Link, ...] = ()
    revision: int = 1


# --- what a person says ---------------------------------------------------------------------------


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person's answer to one question. `value` None means: only notes so far.

    `reason` is required for not applicable. `every` and `last_done` belong to cadence questions:
    `every` is a number of days. `revision` is that of the question text that was answered.
    """

    question: QuestionId
    value: Choice | None = None
    reason: str = ""
    note: str = ""
    link: str = ""
    owner: str = ""
    due: date | None = None
    every: Annotated[int, Meta(ge=1, le=3660)] | None = None
    last_done: date | None = None
    by: str = ""
    at: datetime | None = None
    revision: int = 1


# --- what the system says -------------------------------------------------------------------------


class Ref(msgspec.Struct, frozen=True, omit_defaults=True):
    """The object that a fact is about, as `kubectl get KIND NAME -n NAMESPACE` names it."""

    kind: str
    name: str
    namespace: str = ""


class Observation(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a finding: what was seen in which field of which object, and what was expected.

    `ok` is None where the line informs without deciding. `source` is the key of the read it came from
    (a key of `kinds.KINDS`, or `weaviate/…`, `prometheus/…`); `expected` is empty on informing lines.
    """

    ref: Ref
    field: str
    seen: str
    expected: str = ""
    ok: bool | None = None
    source: str = ""


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the evidence says about one question.

    `reason` is set exactly when the outcome is unknown; `severity` only when it is lower than the
    question's own; `missing` names the reads that a fuller judgement would have needed.
    """

    question: QuestionId
    outcome: Outcome
    sentence: Text
    facts: tuple[Observation, ...] = ()
    reads: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    reason: Reason | None = None
    severity: Severity | None = None

    def __post_init__(self) -> None:
        if (self.outcome is Outcome.UNKNOWN) != (self.reason is not None):
            raise ValueError(f"{self.question}: a reason goes with the outcome unknown, and only with it")


# --- what is known of versions --------------------------------------------------------------------


class Applicability(str, Enum):
    """Whether an advisory concerns this cluster."""

    APPLIES = "applies"
    MAY_APPLY = "may_apply"


class AdvisoryMatch(msgspec.Struct, frozen=True, omit_defaults=True):
    """A known fault of a running version, or the end of its support, that concerns this cluster.

    `versions` are the running versions that are affected, `because` the conditions that were read. `fixed_in` is the
    nearest release with the fix, "" where none is known. `settles` is set with MAY_APPLY only: what would decide it,
    and `unread` are the keys of the reads that failed. `as_of` is the date of the table behind it, `old` whether that
    is too long ago to prove anything.
    """

    id: str
    title: Text
    severity: Severity
    applicability: Applicability
    versions: tuple[str, ...]
    happens: Text
    action: Text
    source: Link
    as_of: date
    fixed_in: str = ""
    because: str = ""
    settles: str = ""
    unread: tuple[str, ...] = ()
    old: bool = False

    def __post_init__(self) -> None:
        if (self.applicability is Applicability.MAY_APPLY) != bool(self.settles):
            raise ValueError(f"{self.id}: what would settle it goes with MAY_APPLY, and only with it")


# --- both together --------------------------------------------------------------------------------


class Waiver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A gap that somebody with the authority to do so accepted until a date."""

    question: QuestionId
    reason: Text
    owner: Text
    approver: Text
    expires: date
    control: str = ""
    """The compensating control."""


class Verdict(msgspec.Struct, frozen=True):
    """The judgement on one question. `state` is shown; `beneath` is what a waiver covers.

    `credit` (0 to 1) goes into the score; `judged` into the coverage. `lines` are sentences for the
    reader that follow from the combination (evidence says better, answered to an earlier wording …).
    """

    question: Question
    state: State
    credit: Fraction
    applicable: bool
    judged: bool
    blocker: bool
    severity: Severity
    answer: Answer | None = None
    finding: Finding | None = None
    waiver: Waiver | None = None
    beneath: State | None = None
    lines: tuple[str, ...] = ()


class Score(msgspec.Struct, frozen=True):
    """Score and coverage of a set of questions. `score` is None where nothing was judged."""

    score: Fraction | None
    coverage: Fraction
    applicable: int
    judged: int
    open: int
    counts: dict[State, int]


class Detection(msgspec.Struct, frozen=True):
    """A tool found in the cluster. `level`: 1 its API is there, 2 it runs, 3 it has to do with this Weaviate."""

    tool: str
    group: str
    sign: str
    proves: str = ""
    does_not: str = ""
    level: Annotated[int, Meta(ge=1, le=3)] = 1
    grade: str = "K"
    facts: tuple[Observation, ...] = ()


class Assessment(msgspec.Struct, frozen=True):
    """The result of judging: the one value that notebook views, report and exports are made from.

    `verdicts` are in checklist order; `blockers` in order of display (contradictions first, then by
    severity); `actions` are the verdicts that call for something to be done, in the order to do it.
    """

    profile: Profile
    level: Level
    level_why: str
    total: Score
    sections: dict[Section, Score]
    verdicts: tuple[Verdict, ...]
    blockers: tuple[Verdict, ...]
    contradictions: tuple[Verdict, ...]
    actions: tuple[Verdict, ...]
    as_of: datetime | None
    waiver_audit: tuple[str, ...] = ()


# --- reading the world ----------------------------------------------------------------------------


class Read(msgspec.Struct, frozen=True, omit_defaults=True):
    """The record of one read: which source, whether it was had, and why not.

    `reason` None means that it was read; `count` is then the number of objects kept. `namespaces` is
    empty for a cluster-wide read. `partial` is set when some of several namespaces failed.
    """

    key: str
    count: int = 0
    namespaces: tuple[str, ...] = ()
    reason: Reason | None = None
    message: str = ""
    partial: bool = False


class Call(msgspec.Struct, frozen=True, omit_defaults=True):
    """One request as it went out, for the call log; never with credentials or a query's secrets."""

    source: str
    method: str
    path: str
    status: int | None = None
    seconds: float = 0.0
    size: int = 0
    error: str = ""


class Target(msgspec.Struct, frozen=True):
    """Which Weaviate workload an assessment is about, as `KIND namespace/name`."""

    namespace: str
    name: str
    kind: str = "StatefulSet"


# --- settings -------------------------------------------------------------------------------------


class Cluster(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to look: a kubeconfig context, and the Weaviate workload where several are there."""

    context: str = ""
    kubeconfig: str = ""
    namespaces: tuple[str, ...] = ()
    weaviate: str = ""
    """`namespace/name` of the workload; empty where there is only one."""
    weaviate_url: str = ""
    weaviate_ca: str = ""
    """A file of certificate authorities; so is `prometheus_ca`. Empty: those of the system."""
    prometheus_url: str = ""
    prometheus_ca: str = ""


class Branding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    logo: str = ""
    primary: Annotated[str, Meta(pattern=r"^(#[0-9a-fA-F]{6})?$")] = ""
    accent: Annotated[str, Meta(pattern=r"^(#[0-9a-fA-F]{6})?$")] = ""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of `readiness.yaml`: written once with comments, then the user's own file."""

    customer: str = ""
    cluster_name: str = ""
    assessor: str = ""
    participants: tuple[str, ...] = ()
    contact: str = "Talk to your Weaviate solutions engineer."
    date: date | None = None
    profile: Profile = Profile.CORE
    read_heavy: bool | None = None
    """What the engineer says of the workload; None while nobody has."""
    cluster: Cluster = Cluster()
    branding: Branding = Branding()
    thresholds: Thresholds = Thresholds()
    extra_checklists: tuple[str, ...] = ()
