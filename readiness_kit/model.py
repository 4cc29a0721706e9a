"""The data types that all packages share: questions, answers, findings, verdicts, assessments and settings.

Enumerations are in `terms`. All others are frozen msgspec Structs without behaviour beyond validation, and can be
saved as JSON and read back. Times are timezone-aware UTC datetimes; percentages are fractions from 0 to 1.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from readiness_kit.presentation import Branding as Branding
from readiness_kit.presentation import Engineer as Engineer
from readiness_kit.terms import Applicability as Applicability
from readiness_kit.terms import Automation as Automation
from readiness_kit.terms import Choice as Choice
from readiness_kit.terms import Level as Level
from readiness_kit.terms import Outcome as Outcome
from readiness_kit.terms import Profile as Profile
from readiness_kit.terms import QuestionKind as QuestionKind
from readiness_kit.terms import Reason as Reason
from readiness_kit.terms import Section as Section
from readiness_kit.terms import Severity as Severity
from readiness_kit.terms import State as State
from readiness_kit.thresholds import Thresholds as Thresholds

SCHEMA_VERSION = 1
"""Version of every file the kit writes; files of a newer version are refused."""


Text = Annotated[str, Meta(min_length=1)]
QuestionId = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$")]
Fraction = Annotated[float, Meta(ge=0, le=1)]


# --- the checklist --------------------------------------------------------------------------------


class Link(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A page to read more."""

    title: Text
    url: Annotated[str, Meta(pattern=r"^https?://")]


class Snippet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Code to copy: Helm values for the official chart, a kubectl command, a manifest or a shell command.

    `since` is the first release of Weaviate in which it works, or is safe.
    """

    kind: Annotated[str, Meta(pattern=r"^(helm|kubectl|manifest|shell)$")]
    code: Text
    note: str = ""
    since: Annotated[str, Meta(pattern=r"^(\d+\.\d+\.\d+)?$")] = ""


class Remedy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to close a gap. `risk` is what the change can break, `rollback` how to undo it."""

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


# --- answers --------------------------------------------------------------------------------------


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person's answer to one question. `value` is None while there are only notes.

    `reason` is required for not applicable. `every` (days) and `last_done` belong to cadence questions. `link` leads to
    proof, `confirmed_by` and `confirmed_on` tell who checked it and when; `by` and `at` are author and time of the
    answer, `revision` is that of the question text that was answered.
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
    confirmed_by: str = ""
    confirmed_on: date | None = None


# --- findings -------------------------------------------------------------------------------------


class Ref(msgspec.Struct, frozen=True, omit_defaults=True):
    """The object that an observation is about, as in `kubectl get KIND NAME -n NAMESPACE`."""

    kind: str
    name: str
    namespace: str = ""


class Observation(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was seen in which field of which object, and what was expected there; `ok` None only informs.

    `source` is the key of the read it came from (of `kinds.KINDS`, or `weaviate/…`, `prometheus/…`).
    """

    ref: Ref
    field: str
    seen: str
    expected: str = ""
    ok: bool | None = None
    source: str = ""


class Check(Observation, frozen=True, omit_defaults=True):
    """One condition of a question: an `outcome` where it was read, a `reason` where not; with neither it only informs.

    `on_failure` (partly or not_met) is the outcome of a condition that does not hold, read or not, and `message` the
    sentence on that. `query` is what was asked of the source, `fix` the id of the fix that closes it, or empty.
    """

    outcome: Outcome | None = None
    reason: Reason | None = None
    on_failure: Outcome = Outcome.NOT_MET
    message: str = ""
    query: str = ""
    fix: str = ""


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """The result of the evidence for one question: its checks (`facts`), and what follows from them.

    `at_best`: partly met by what was read, and possibly not met by what was not. `reason` is set there and where the
    outcome is unknown, `severity` where it is lower than the question's own; `missing` are the reads that a fuller
    judgement would have needed.
    """

    question: QuestionId
    outcome: Outcome
    sentence: Text
    facts: tuple[Check, ...] = ()
    reads: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    reason: Reason | None = None
    severity: Severity | None = None
    at_best: bool = False

    def __post_init__(self) -> None:
        if self.at_best and self.outcome is not Outcome.PARTLY:
            raise ValueError(f"{self.question}: only partly met can be a best outcome")
        if (self.outcome is Outcome.UNKNOWN or self.at_best) != (self.reason is not None):
            raise ValueError(f"{self.question}: a reason goes with unknown and with partly at best, and only with them")


# --- what is known of versions --------------------------------------------------------------------


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


# --- verdicts -------------------------------------------------------------------------------------


class Waiver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The acceptance of a gap until a date. `control` is the compensating control."""

    question: QuestionId
    reason: Text
    owner: Text
    approver: Text
    expires: date
    control: str = ""


class Verdict(msgspec.Struct, frozen=True):
    """The verdict on one question. `state` is shown; `without_waiver` is the state that a live waiver covers.

    `credit` counts for the score, `judged` for the coverage. `lines` are sentences for the reader about the combination
    of answer and evidence. `withheld`: evidence that could change it was refused, unreachable or failed, here or for
    the question above. `proved`: by evidence, or by a proof that the assessor confirmed.
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
    without_waiver: State | None = None
    lines: tuple[str, ...] = ()
    withheld: bool = False
    proved: bool = False


class Score(msgspec.Struct, frozen=True):
    """Score, a range from `proven` to `possible`, and coverage of a set of questions."""

    proven: Fraction
    possible: Fraction
    coverage: Fraction
    applicable: int
    judged: int
    open: int
    counts: dict[State, int]


class Detection(msgspec.Struct, frozen=True):
    """A tool found in the cluster. `level`: 1 its API is there, 2 it runs, 3 it has to do with this Weaviate."""

    tool: str
    group: str
    indicator: str
    proves: str = ""
    not_proven: str = ""
    level: Annotated[int, Meta(ge=1, le=3)] = 1
    grade: str = "K"
    facts: tuple[Observation, ...] = ()


class RunningState(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether Weaviate was running when the snapshot was taken, in sentences and with the lines behind them.

    `blocking` makes the level `not_ready`, `shown` only informs. With a `reason` the pods or their status were not
    read: whether Weaviate runs is then not known, and the level at best `not_enough_known`.
    """

    blocking: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    facts: tuple[Observation, ...] = ()
    reason: Reason | None = None


class Assessment(msgspec.Struct, frozen=True):
    """All verdicts with score and level: the input of notebook views, report and exports.

    `verdicts` are in checklist order, `blockers` in order of display (contradictions first, then by severity),
    `actions` in the order in which to act. `waiver_audit` are sentences about waivers without effect, `advisories` the
    known faults and ends of support that concern the running versions, `disagreements` the gaps by answer alone: the
    cluster shows more than is claimed.
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
    advisories: tuple[AdvisoryMatch, ...] = ()
    disagreements: tuple[Verdict, ...] = ()
    running: RunningState | None = None


# --- collecting -----------------------------------------------------------------------------------


class Read(msgspec.Struct, frozen=True, omit_defaults=True):
    """The record of one read: the source, how much was read, and the reason where nothing or not everything was.

    `reason` None means that it was read; `count` is then the number of objects kept. `namespaces` is
    empty for a cluster-wide read. `partial` is set when a part of it failed. `queries` holds what was sent:
    PromQL by the name of the figure, request paths by their last part; empty for Kubernetes lists.
    """

    key: str
    count: int = 0
    namespaces: tuple[str, ...] = ()
    reason: Reason | None = None
    message: str = ""
    partial: bool = False
    queries: dict[str, str] = {}


class Call(msgspec.Struct, frozen=True, omit_defaults=True):
    """One request in the call log, without credentials and secrets of the query."""

    source: str
    method: str
    path: str
    status: int | None = None
    seconds: float = 0.0
    size: int = 0
    error: str = ""


class Target(msgspec.Struct, frozen=True):
    """The Weaviate workload of an assessment."""

    namespace: str
    name: str
    kind: str = "StatefulSet"


# --- settings -------------------------------------------------------------------------------------


class Cluster(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The cluster to read: kubeconfig, namespaces, and the addresses of Weaviate and Prometheus.

    `weaviate` is `namespace/name` of the workload, empty if there is only one. `weaviate_ca` and `prometheus_ca` are
    files of certificate authorities, empty for those of the system.
    """

    context: str = ""
    kubeconfig: str = ""
    namespaces: tuple[str, ...] = ()
    weaviate: str = ""
    weaviate_url: str = ""
    weaviate_ca: str = ""
    prometheus_url: str = ""
    prometheus_ca: str = ""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of `readiness.yaml`. `read_heavy` is None while it is not known."""

    customer: str = ""
    cluster_name: str = ""
    assessor: str = ""
    participants: tuple[str, ...] = ()
    contact: str = "Talk to your Weaviate solutions engineer."
    engineer: Engineer = Engineer()
    date: date | None = None
    profile: Profile = Profile.CORE
    read_heavy: bool | None = None
    cluster: Cluster = Cluster()
    branding: Branding = Branding()
    thresholds: Thresholds = Thresholds()
    extra_checklists: tuple[str, ...] = ()
