"""Storage and CPU of the pods: requests, usage, and when a volume becomes full."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.conditions.resources.storage import CHART_DEFAULT_SIZE
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate.resources import server_resources
from readiness_kit.labels import percent
from readiness_kit.model import Check, Outcome, Reason, Ref, Settings

if TYPE_CHECKING:
    import pandas as pd

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
USAGE, VOLUMES = "prometheus/usage", "prometheus/volumes"
VERBOSE, SCALARS = "weaviate/nodes_verbose", "prometheus/weaviate"
HALF = 0.5
DISK_GUARD, FULL = "DISK_USE_READONLY_PERCENTAGE", 100


def requests(facts: ClusterFacts) -> list[Check]:
    """Requests of CPU and memory, of the container or of its pod. A missing CPU limit is fine: it avoids throttling."""
    found, on = server_resources(facts).running, weaviate_subject(facts)
    missing = [name for name, amount in found.requests.items() if math.isnan(amount)]
    outcome = NOT_MET if len(missing) == 2 else PARTLY
    seen = ", ".join(f"{name} {_shown(name, amount)}" for name, amount in found.requests.items() if amount == amount)
    limit, expected = found.limits["cpu"], "cpu and memory"
    message = f"Neither the container nor its pod requests {names(missing)}: the scheduler reserves none for it."
    checks = []
    for name in missing:
        fix = "cpu.request" if name == "cpu" else "memory.size"
        lacking = on.check("requests", seen or "none", expected, False, message=message, on_failure=outcome, fix=fix)
        checks.append(lacking)
    if not missing:
        checks.append(on.check("requests", seen, expected, True))
    return [*checks, on.info("limits.cpu", "none" if math.isnan(limit) else _shown("cpu", limit))]


def _shown(name: str, amount: float) -> str:
    return f"{amount:g}" if name == "cpu" else f"{amount / 2**30:.1f} GiB"


def read_only(facts: ClusterFacts) -> Check:
    """Shards that the server made read-only, as it does when disk or memory run out."""
    on, field = weaviate_subject(facts, VERBOSE), "READONLY shards"
    on_scalars = weaviate_subject(facts, SCALARS).queried("readonly_shards")
    closed = {
        f"{shard.collection} on {shard.place.weaviate_node}" for shard in facts.replicas if shard.status == "READONLY"
    }
    if closed:
        message = f"Shards are read-only: {names(closed)}."
        return on.check(field, names(closed), "none", False, message=message, fix="shards.reopen")
    counted, reason = facts.history.scalar("readonly_shards"), facts.missing(VERBOSE)
    if counted:
        message = f"{counted:.0f} shards are read-only."
        return on_scalars.check(field, f"{counted:.0f}", "none", False, message=message, fix="shards.reopen")
    if reason is None:
        return on.check(field, "none", "none", True)
    if counted is not None:
        return on_scalars.check(field, "0", "none", True)
    return on.unread(field, "none", reason, message="Whether shards are read-only was not read from Weaviate.")


def disk_guard(facts: ClusterFacts) -> list[Check]:
    """Whether the server stops writes before a volume is full; it does so at 90 % by default."""
    guard = facts.weaviate.env(DISK_GUARD)
    off = guard.known and guard.value.isdigit() and not 0 < int(guard.value) < FULL
    if not off:
        return []
    message = f"The server does not stop writes before a volume is full ({DISK_GUARD} is {guard.value})."
    on, expected = weaviate_subject(facts), f"1 to {FULL - 1}, by default 90"
    return [on.check(f"env {DISK_GUARD}", guard.value, expected, False, message=message, on_failure=PARTLY)]


def disks(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """How full the volumes are, and how soon they reach the percentage at which Weaviate turns read-only."""
    on, field, expected = weaviate_subject(facts, VOLUMES), "used share of the volumes", "below the warning level"
    if unread := on.missing(facts, field, expected, "How full the volumes are was not read from Prometheus."):
        return unread
    frame = facts.history.volumes
    own = frame[frame["weaviate"] & frame["used_share"].notna()]
    if own.empty:
        message = "Prometheus has no figures on these volumes."
        return [on.unread(field, expected, Reason.NOT_OBSERVABLE, message=message)]
    return [check for row in own.itertuples() for check in _disk(facts, settings, row)]


def _disk(facts: ClusterFacts, settings: Settings, row: Any) -> list[Check]:
    warning, closed = facts.history.marks
    limits, claim, share, days = settings.thresholds, str(row.claim), float(row.used_share), float(row.readonly)
    on = Subject(Ref("PersistentVolumeClaim", claim, facts.weaviate.namespace), VOLUMES)
    seen, levels = percent(share), f"warns at {percent(warning)} and turns read-only at {percent(closed)}"
    message = f"{claim} is {seen} full; Weaviate {levels}."
    expected, ok, outcome = f"{percent(warning)} or less", share <= warning, NOT_MET if share > closed else PARTLY
    checks = [
        on.queried("used / capacity").check(
            "used share", seen, expected, ok, message=message, on_failure=outcome, fix="storage.expand"
        )
    ]
    if share <= closed and not math.isnan(days):
        outcome = NOT_MET if days <= limits.disk_full_days else PARTLY
        message = f"At the current growth {claim} turns read-only in {days:.0f} days."
        seen = "not within ten years" if math.isinf(days) else f"{days:.0f} days"
        expected, ok = f"more than {limits.disk_full_soon_days} days", days > limits.disk_full_soon_days
        growing, field, fix = on.queried("daily"), "read-only reached in", "storage.expand"
        checks.append(growing.check(field, seen, expected, ok, message=message, on_failure=outcome, fix=fix))
    sizes = [
        item.spec.resources.requests.get("storage") for item in facts.weaviate.claims if item.metadata.name == claim
    ]
    if CHART_DEFAULT_SIZE in sizes and share > HALF:
        message = f"{claim} has the chart's default size, {CHART_DEFAULT_SIZE}, and is more than half full."
        on, expected = Subject(on.ref, "persistentvolumeclaims"), f"not the chart's {CHART_DEFAULT_SIZE}"
        field, seen, fix = "requests.storage", CHART_DEFAULT_SIZE, "storage.expand"
        checks.append(on.check(field, seen, expected, False, message=message, on_failure=PARTLY, fix=fix))
    return checks


def processors(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """CPU usage against request and limit, and throttling."""
    on, field, expected = weaviate_subject(facts, USAGE), "CPU, 95th percentile", "within the request"
    if unread := on.missing(facts, field, expected, "The CPU usage of the pods was not read from Prometheus."):
        return unread
    frame = facts.history.containers
    own = frame[frame["weaviate"] & frame["current"] & frame["enough"] & frame["cpu_p95"].notna()]
    if own.empty:
        message, reason = "Prometheus has too little history of the pods' CPU usage.", facts.missing("pods")
        if reason is not None:
            message, on = "The pods that the CPU usage belongs to were not read.", weaviate_subject(facts, "pods")
        return [on.unread(field, expected, reason or Reason.NOT_OBSERVABLE, message=message)]
    used = on.queried("cpu")
    return [_busy(used, own, settings), *_idle(used, own, settings), _throttled(on.queried("throttled"), own, settings)]


def _busy(on: Subject, own: pd.DataFrame, settings: Settings) -> Check:
    most, field = settings.thresholds.cpu_high_share, "CPU, 95th percentile"
    shares = (own["cpu_p95"] / own["cpu_limit"].fillna(own["cpu_request"])).dropna()
    if shares.empty:
        return on.info(field, f"{float(own['cpu_p95'].max()):.2f} cores")
    share = float(shares.max())
    message = f"The pods use {percent(share)} of their CPU limit or request for hours (95th percentile)."
    field, expected, ok = f"{field} / limit or request", f"{most:.2f} or less", share <= most
    fix = "cpu.unlimited" if own["cpu_limit"].notna().any() else "cpu.request"
    return on.check(field, f"{share:.2f}", expected, ok, message=message, on_failure=PARTLY, fix=fix)


def _idle(on: Subject, own: pd.DataFrame, settings: Settings) -> list[Check]:
    least = settings.thresholds.cpu_low_share
    shares = (own["cpu_p95"] / own["cpu_request"]).dropna()
    if shares.empty:
        return []
    share = float(shares.max())
    message = f"The pods use at most {percent(share)} of the CPU they request (95th percentile)."
    field, expected, ok = "CPU, 95th percentile / request", f"{least:.2f} or more", share >= least
    return [on.check(field, f"{share:.2f}", expected, ok, message=message, on_failure=PARTLY, fix="cpu.request")]


def _throttled(on: Subject, own: pd.DataFrame, settings: Settings) -> Check:
    """Without a CPU limit there is no series, which is right; with one a missing series is not known."""
    most = settings.thresholds.cpu_throttled_share
    field, expected = "throttled CPU periods", f"{most:.2f} or less"
    known = own["throttled"].dropna()
    if known.empty:
        return on.info(field, "no series", expected)
    share = float(known.max())
    message = f"The pods are throttled in {percent(share)} of their CPU periods."
    ok, fix = share <= most, "cpu.unlimited"
    return on.check(field, f"{share:.2f}", expected, ok, message=message, on_failure=PARTLY, fix=fix)


def now(facts: ClusterFacts) -> list[Check]:
    """Usage at one moment, from the metrics API: for information."""
    if facts.missing("podmetrics") is not None:
        return []
    frame = facts.usage
    own = frame[frame["weaviate"] & frame["memory"].notna()]
    if own.empty:
        return []
    seen = f"{float(own['cpu'].max()):.2f} cores, {float(own['memory'].max()) / 2**30:.1f} GiB"
    return [weaviate_subject(facts, "podmetrics").info("busiest pod at the moment of reading", seen)]
