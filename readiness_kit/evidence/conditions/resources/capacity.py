"""Storage and processors of the pods: what is asked for, what is used, and when a disk fills up."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Check, Outcome, Reason, Ref, Settings

if TYPE_CHECKING:
    import pandas as pd

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
USAGE, VOLUMES, VERBOSE, SCALARS = (
    "prometheus/usage",
    "prometheus/volumes",
    "weaviate/nodes_verbose",
    "prometheus/weaviate",
)
CHART_DEFAULT_SIZE, HALF = "32Gi", 0.5


def requests(facts: ClusterFacts) -> list[Check]:
    """Requests of processor and memory; a missing CPU limit is fine, it avoids throttling."""
    weaviate = facts.weaviate
    resources = weaviate.container.resources
    given = {name: resources.requests.get(name) or resources.limits.get(name, "") for name in ("cpu", "memory")}
    lacking = [name for name, text in given.items() if not text]
    message = f"The container asks for no {names(lacking)}: the scheduler takes it for small."
    outcome = NOT_MET if len(lacking) == 2 else PARTLY
    seen = ", ".join(f"{name} {text}" for name, text in given.items() if text) or "none"
    on = weaviate_subject(facts)
    return [
        on.check("requests", seen, "cpu and memory", not lacking, message=message, on_failure=outcome),
        on.info("limits.cpu", resources.limits.get("cpu", "none")),
    ]


def read_only(facts: ClusterFacts) -> list[Check]:
    """Shards that the server itself closed to writes, as it does when disk or memory run out."""
    field = "READONLY shards"
    closed = sorted(
        {f"{one.collection} on {one.place.weaviate_node}" for one in facts.replicas if one.status == "READONLY"}
    )
    on = weaviate_subject(facts, VERBOSE)
    if closed:
        message = f"Shards are closed to writes: {names(closed)}."
        return [on.check(field, names(closed), "none", False, message=message)]
    counted = facts.history.scalar("readonly_shards")
    on_scalars = weaviate_subject(facts, SCALARS)
    if counted:
        message = f"{counted:.0f} shards are closed to writes."
        return [on_scalars.check(field, f"{counted:.0f}", "none", False, message=message)]
    why = facts.missing(VERBOSE)
    if why is None:
        return [on.check(field, "none", "none", True)]
    if counted is not None:
        return [on_scalars.check(field, "0", "none", True)]
    message = "Whether shards are closed to writes was not read from Weaviate."
    return [on.unread(field, "none", why, message=message)]


def disks(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """How full the volumes are, and how soon they reach the mark at which Weaviate turns read-only."""
    history = facts.history
    why = history.missing(VOLUMES)
    on = weaviate_subject(facts, VOLUMES)
    if why is not None:
        message = "How full the volumes are was not read from Prometheus."
        return [on.unread("used share of the volumes", "below the marks", why, message=message)]
    frame = history.volumes
    mine = frame[frame["weaviate"] & frame["used_share"].notna()]
    if mine.empty:
        message = "Prometheus has no figures of these volumes."
        return [on.unread("used share of the volumes", "below the marks", Reason.NOT_OBSERVABLE, message=message)]
    lines = []
    for row in mine.itertuples():
        lines += _disk(facts, settings, row)
    return lines


def _disk(facts: ClusterFacts, settings: Settings, row: object) -> list[Check]:
    warning, closed = facts.history.marks
    limits = settings.thresholds
    claim, share, days = str(row.claim), float(row.used_share), float(row.readonly)  # type: ignore[attr-defined]
    ref = Ref("PersistentVolumeClaim", claim, facts.weaviate.namespace)
    outcome = NOT_MET if share > closed else PARTLY
    message = f"{claim} is {share:.0%} full; Weaviate warns at {warning:.0%} and turns read-only at {closed:.0%}."
    expected = f"{warning:.0%} or less"
    on = Subject(ref, VOLUMES)
    lines = [on.check("used share", f"{share:.0%}", expected, share <= warning, message=message, on_failure=outcome)]
    if share <= closed and not math.isnan(days):
        outcome = NOT_MET if days <= limits.disk_full_days else PARTLY
        message = f"At its present growth {claim} reaches the read-only mark in {days:.0f} days."
        seen = "not within ten years" if math.isinf(days) else f"{days:.0f} days"
        expected, ok = f"more than {limits.disk_full_soon_days} days", days > limits.disk_full_soon_days
        lines.append(on.check("read-only mark reached in", seen, expected, ok, message=message, on_failure=outcome))
    lines += _default_size(facts, ref, share)
    return lines


def _default_size(facts: ClusterFacts, ref: Ref, share: float) -> list[Check]:
    sizes = [
        one.spec.resources.requests.get("storage") for one in facts.weaviate.claims if one.metadata.name == ref.name
    ]
    if CHART_DEFAULT_SIZE not in sizes or share <= HALF:
        return []
    message = f"{ref.name} still has the chart's default size, {CHART_DEFAULT_SIZE}, and is more than half full."
    expected = f"not the chart's {CHART_DEFAULT_SIZE}"
    field = "requests.storage"
    return [
        Subject(ref, "persistentvolumeclaims").check(
            field, CHART_DEFAULT_SIZE, expected, False, message=message, on_failure=PARTLY
        )
    ]


def processors(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """Use of the processor against what was asked for, and throttling."""
    ref, why = facts.weaviate.ref, facts.history.missing(USAGE)
    field = "CPU, 95th percentile"
    on = weaviate_subject(facts, USAGE)
    if why is not None:
        message = "How much CPU the pods use was not read from Prometheus."
        return [on.unread(field, "within what was asked for", why, message=message)]
    frame = facts.history.containers
    mine = frame[frame["weaviate"] & frame["current"] & frame["enough"] & frame["cpu_p95"].notna()]
    if mine.empty:
        message = "Prometheus has too little history of the pods' CPU to judge by."
        return [on.unread(field, "within what was asked for", Reason.NOT_OBSERVABLE, message=message)]
    return [*_busy(ref, mine, settings), *_idle(ref, mine, settings), *_throttled(ref, mine, settings)]


def _busy(ref: Ref, mine: pd.DataFrame, settings: Settings) -> list[Check]:
    most = settings.thresholds.cpu_high_share
    shares = (mine["cpu_p95"] / mine["cpu_limit"].fillna(mine["cpu_request"])).dropna()
    on = Subject(ref, USAGE)
    if shares.empty:
        return [on.info("CPU, 95th percentile", f"{float(mine['cpu_p95'].max()):.2f} cores")]
    share = float(shares.max())
    message = f"The pods use {share:.0%} of their CPU limit or request for hours (95th percentile)."
    field, expected = "CPU, 95th percentile / limit or request", f"{most:.2f} or less"
    return [on.check(field, f"{share:.2f}", expected, share <= most, message=message, on_failure=PARTLY)]


def _idle(ref: Ref, mine: pd.DataFrame, settings: Settings) -> list[Check]:
    least = settings.thresholds.cpu_low_share
    shares = (mine["cpu_p95"] / mine["cpu_request"]).dropna()
    if shares.empty:
        return []
    share = float(shares.max())
    message = f"The pods use no more than {share:.0%} of the CPU they ask for (95th percentile)."
    field, expected = "CPU, 95th percentile / request", f"{least:.2f} or more"
    return [
        Subject(ref, USAGE).check(field, f"{share:.2f}", expected, share >= least, message=message, on_failure=PARTLY)
    ]


def _throttled(ref: Ref, mine: pd.DataFrame, settings: Settings) -> list[Check]:
    """No series without a CPU limit is right, and no series with one is not known."""
    most = settings.thresholds.cpu_throttled_share
    known = mine["throttled"].dropna()
    on = Subject(ref, USAGE)
    if known.empty:
        return [on.info("throttled CPU periods", "no series", f"{most:.2f} or less")]
    share = float(known.max())
    message = f"The pods are throttled in {share:.0%} of their CPU periods."
    field, expected = "throttled CPU periods", f"{most:.2f} or less"
    return [on.check(field, f"{share:.2f}", expected, share <= most, message=message, on_failure=PARTLY)]


def now(facts: ClusterFacts) -> list[Check]:
    """What the metrics API saw at one moment: it shows, and decides nothing."""
    if facts.missing("podmetrics") is not None:
        return []
    frame = facts.usage
    mine = frame[frame["weaviate"] & frame["memory"].notna()]
    if mine.empty:
        return []
    seen = f"{float(mine['cpu'].max()):.2f} cores, {float(mine['memory'].max()) / 2**30:.1f} GiB"
    return [weaviate_subject(facts, "podmetrics").info("busiest pod at the moment of reading", seen)]
