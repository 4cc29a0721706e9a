"""Storage and processors of the pods: what is asked for, what is used, and when a disk fills up."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from readiness_kit.evidence.checks import Check, note, unread, want
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.locate import workload_key
from readiness_kit.model import Outcome, Reason, Ref, Settings

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
    resources, key = weaviate.container.resources, workload_key(weaviate.kind)
    given = {name: resources.requests.get(name) or resources.limits.get(name, "") for name in ("cpu", "memory")}
    lacking = [name for name, text in given.items() if not text]
    say = f"The container asks for no {names(lacking)}: the scheduler takes it for small."
    outcome = NOT_MET if len(lacking) == 2 else PARTLY
    seen = ", ".join(f"{name} {text}" for name, text in given.items() if text) or "none"
    return [
        want(weaviate.ref, "requests", seen, "cpu and memory", not lacking, key, otherwise=outcome, say=say),
        note(weaviate.ref, "limits.cpu", resources.limits.get("cpu", "none"), key),
    ]


def read_only(facts: ClusterFacts) -> list[Check]:
    """Shards that the server itself closed to writes, as it does when disk or memory run out."""
    ref, field = facts.weaviate.ref, "READONLY shards"
    closed = sorted(
        {f"{one.collection} on {one.place.weaviate_node}" for one in facts.replicas if one.status == "READONLY"}
    )
    if closed:
        say = f"Shards are closed to writes: {names(closed)}."
        return [want(ref, field, names(closed), "none", False, VERBOSE, say=say)]
    counted = facts.history.scalar("readonly_shards")
    if counted:
        say = f"{counted:.0f} shards are closed to writes."
        return [want(ref, field, f"{counted:.0f}", "none", False, SCALARS, say=say)]
    why = facts.missing(VERBOSE)
    if why is None:
        return [want(ref, field, "none", "none", True, VERBOSE)]
    if counted is not None:
        return [want(ref, field, "0", "none", True, SCALARS)]
    say = "Whether shards are closed to writes was not read from Weaviate."
    return [unread(ref, field, "none", why, VERBOSE, say=say)]


def disks(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """How full the volumes are, and how soon they reach the mark at which Weaviate turns read-only."""
    ref, history = facts.weaviate.ref, facts.history
    why = history.missing(VOLUMES)
    if why is not None:
        say = "How full the volumes are was not read from Prometheus."
        return [unread(ref, "used share of the volumes", "below the marks", why, VOLUMES, say=say)]
    frame = history.volumes
    mine = frame[frame["weaviate"] & frame["used_share"].notna()]
    if mine.empty:
        say = "Prometheus has no figures of these volumes."
        return [unread(ref, "used share of the volumes", "below the marks", Reason.NOT_OBSERVABLE, VOLUMES, say=say)]
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
    say = f"{claim} is {share:.0%} full; Weaviate warns at {warning:.0%} and turns read-only at {closed:.0%}."
    expected = f"{warning:.0%} or less"
    lines = [want(ref, "used share", f"{share:.0%}", expected, share <= warning, VOLUMES, otherwise=outcome, say=say)]
    if share <= closed and not math.isnan(days):
        outcome = NOT_MET if days <= limits.disk_full_days else PARTLY
        say = f"At its present growth {claim} reaches the read-only mark in {days:.0f} days."
        seen = "not within ten years" if math.isinf(days) else f"{days:.0f} days"
        expected, ok = f"more than {limits.disk_full_soon_days} days", days > limits.disk_full_soon_days
        lines.append(want(ref, "read-only mark reached in", seen, expected, ok, VOLUMES, otherwise=outcome, say=say))
    lines += _default_size(facts, ref, share)
    return lines


def _default_size(facts: ClusterFacts, ref: Ref, share: float) -> list[Check]:
    sizes = [
        one.spec.resources.requests.get("storage") for one in facts.weaviate.claims if one.metadata.name == ref.name
    ]
    if CHART_DEFAULT_SIZE not in sizes or share <= HALF:
        return []
    say = f"{ref.name} still has the chart's default size, {CHART_DEFAULT_SIZE}, and is more than half full."
    expected = f"not the chart's {CHART_DEFAULT_SIZE}"
    field = "requests.storage"
    return [want(ref, field, CHART_DEFAULT_SIZE, expected, False, "persistentvolumeclaims", otherwise=PARTLY, say=say)]


def processors(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """Use of the processor against what was asked for, and throttling."""
    ref, why = facts.weaviate.ref, facts.history.missing(USAGE)
    field = "CPU, 95th percentile"
    if why is not None:
        say = "How much CPU the pods use was not read from Prometheus."
        return [unread(ref, field, "within what was asked for", why, USAGE, say=say)]
    frame = facts.history.containers
    mine = frame[frame["weaviate"] & frame["current"] & frame["enough"] & frame["cpu_p95"].notna()]
    if mine.empty:
        say = "Prometheus has too little history of the pods' CPU to judge by."
        return [unread(ref, field, "within what was asked for", Reason.NOT_OBSERVABLE, USAGE, say=say)]
    return [*_busy(ref, mine, settings), *_idle(ref, mine, settings), *_throttled(ref, mine, settings)]


def _busy(ref: Ref, mine: pd.DataFrame, settings: Settings) -> list[Check]:
    most = settings.thresholds.cpu_high_share
    shares = (mine["cpu_p95"] / mine["cpu_limit"].fillna(mine["cpu_request"])).dropna()
    if shares.empty:
        return [note(ref, "CPU, 95th percentile", f"{float(mine['cpu_p95'].max()):.2f} cores", USAGE)]
    share = float(shares.max())
    say = f"The pods use {share:.0%} of their CPU limit or request for hours (95th percentile)."
    field, expected = "CPU, 95th percentile / limit or request", f"{most:.2f} or less"
    return [want(ref, field, f"{share:.2f}", expected, share <= most, USAGE, otherwise=PARTLY, say=say)]


def _idle(ref: Ref, mine: pd.DataFrame, settings: Settings) -> list[Check]:
    least = settings.thresholds.cpu_low_share
    shares = (mine["cpu_p95"] / mine["cpu_request"]).dropna()
    if shares.empty:
        return []
    share = float(shares.max())
    say = f"The pods use no more than {share:.0%} of the CPU they ask for (95th percentile)."
    field, expected = "CPU, 95th percentile / request", f"{least:.2f} or more"
    return [want(ref, field, f"{share:.2f}", expected, share >= least, USAGE, otherwise=PARTLY, say=say)]


def _throttled(ref: Ref, mine: pd.DataFrame, settings: Settings) -> list[Check]:
    """No series without a CPU limit is right, and no series with one is not known."""
    most = settings.thresholds.cpu_throttled_share
    known = mine["throttled"].dropna()
    if known.empty:
        return [note(ref, "throttled CPU periods", "no series", USAGE, f"{most:.2f} or less")]
    share = float(known.max())
    say = f"The pods are throttled in {share:.0%} of their CPU periods."
    field, expected = "throttled CPU periods", f"{most:.2f} or less"
    return [want(ref, field, f"{share:.2f}", expected, share <= most, USAGE, otherwise=PARTLY, say=say)]


def now(facts: ClusterFacts) -> list[Check]:
    """What the metrics API saw at one moment: it shows, and decides nothing."""
    if facts.missing("podmetrics") is not None:
        return []
    frame = facts.usage
    mine = frame[frame["weaviate"] & frame["memory"].notna()]
    if mine.empty:
        return []
    seen = f"{float(mine['cpu'].max()):.2f} cores, {float(mine['memory'].max()) / 2**30:.1f} GiB"
    return [note(facts.weaviate.ref, "busiest pod at the moment of reading", seen, "podmetrics")]
