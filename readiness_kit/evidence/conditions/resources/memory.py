"""Memory of the server: limits, Go's own limit, usage, and the estimated need of the vectors."""

from __future__ import annotations

import math
from datetime import timedelta

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.analysis import sizing
from readiness_kit.facts.kubernetes.quantities import quantity_of
from readiness_kit.facts.weaviate import startup
from readiness_kit.facts.weaviate.env import EnvValue
from readiness_kit.facts.weaviate.resources import ServerResources, server_resources
from readiness_kit.labels import percent
from readiness_kit.locate import workload_key
from readiness_kit.model import Check, Outcome, Reason, Settings

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
GOMEMLIMIT, LIMIT_RESOURCES = "GOMEMLIMIT", "LIMIT_RESOURCES"
UNITS = {"": 1, "B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
AUTOMATIC = 0.8
"""The share of the container's limit that LIMIT_RESOURCES sets."""
NO_LIMIT = 9e18
HEAP_REFUSES, HEAP_WARNS = 0.97, 0.80
"""Shares of Go's limit: above the first the server refuses writes, above the second it logs a warning."""
RATIO_GOOD, RATIO_TOO_LOW, RATIO_TOO_HIGH = (0.80, 0.90), 0.50, 0.95
USAGE, SCALARS, HISTORY = "prometheus/usage", "prometheus/weaviate", "prometheus/history"
GIB = 2**30


def limit(facts: ClusterFacts) -> float:
    """The memory limit of the server in bytes, the lowest of its running pods; NaN where it has none."""
    return server_resources(facts).running.limits["memory"]


def go_limit(value: EnvValue) -> float | None:
    """GOMEMLIMIT in bytes; None where it is not set, not readable, off or invalid."""
    found = startup.GO_LIMIT.match(value.value) if value.known and value.set else None
    return int(found[1]) * UNITS[found[2] or ""] if found else None


def unusable(value: EnvValue) -> str:
    """Why a value of GOMEMLIMIT is no limit, as a sentence; empty where it is one, is not set or is not known."""
    if not value.known or not value.value:
        return ""
    if value.value == "off":
        return f"{GOMEMLIMIT} is off, which switches the limit off."
    if startup.valid_go_limit(value.value):
        zero = not value.value.rstrip("BKMGTi").strip("0")
        return f"{GOMEMLIMIT} is {value.value}: Go collects garbage all the time." if zero else ""
    return f"{GOMEMLIMIT} is {value.value}: Go cannot parse this value and ends the process at its start."


def too_small(facts: ClusterFacts) -> bool:
    """Whether there is no memory limit, or by usage and estimate a lower one than is needed."""
    most = limit(facts)
    return math.isnan(most) or sizing.recommended(facts) * GIB > most


def amount(number: float) -> str:
    """Bytes as GiB with one decimal."""
    return f"{number / GIB:.1f} GiB"


def _not_readable(facts: ClusterFacts, value: EnvValue, expected: str) -> Check:
    message, reason = f"The value of {value.name} could not be read ({value.origin}).", value.reason
    key = workload_key(facts.weaviate.kind) if reason in (None, Reason.NOT_OBSERVABLE) else "configmaps"
    on = weaviate_subject(facts, key)
    return on.unread(f"env {value.name}", expected, reason or Reason.NOT_OBSERVABLE, message=message)


# --- Go's own limit -------------------------------------------------------------------------------


def guarded(facts: ClusterFacts) -> list[Check]:
    """E16: a valid GOMEMLIMIT, or the automatic one, which needs a limit of the container."""
    automatic = facts.weaviate.is_enabled(LIMIT_RESOURCES)
    on = weaviate_subject(facts)
    notes = [on.info(f"env {LIMIT_RESOURCES}", "not known" if automatic is None else str(automatic).lower())]
    values = [sample.value for sample in facts.history.samples("gomemlimit")]
    if values:
        lowest, on_scalars = min(values), weaviate_subject(facts, SCALARS).queried("gomemlimit")
        seen = "no limit" if lowest >= NO_LIMIT else amount(lowest)
        message, ok = "A running Weaviate process has no memory limit of Go.", lowest < NO_LIMIT
        fix = "memory.size" if too_small(facts) else "memory.go_limit"
        check = on_scalars.check(
            "go_gc_gomemlimit_bytes", seen, "a limit", ok, message=message, on_failure=PARTLY, fix=fix
        )
        notes.append(check)
    check = _guard(facts, automatic)
    return [*notes, check] if check.reason is not None else [check, *notes]


def _guard(facts: ClusterFacts, automatic: bool | None) -> Check:
    on, field, expected = weaviate_subject(facts), f"env {GOMEMLIMIT}", "a number with B, KiB, MiB, GiB or TiB"
    value = facts.weaviate.env(GOMEMLIMIT)
    fix = "memory.size" if too_small(facts) else "memory.go_limit"
    if value.state == "field":  # a field is a plain number, which Go reads as bytes
        return _from_field(facts, field, value, _divisor(facts))
    if not value.known:
        return _not_readable(facts, value, expected)
    if value.set:
        message = unusable(value)
        return on.check(field, value.value, expected, not message, message=message, fix=fix)
    if automatic is None:
        return _not_readable(facts, facts.weaviate.env(LIMIT_RESOURCES), "true")
    if not automatic:
        message = f"Neither {GOMEMLIMIT} nor {LIMIT_RESOURCES} is set: the server's memory guards never act."
        return on.check(field, "not set", expected, False, message=message, fix=fix)
    if math.isnan(limit(facts)):
        message = f"{LIMIT_RESOURCES} has no effect: the container has no memory limit."
        return on.check("limits.memory", "none", "a limit", False, message=message, fix=fix)
    message = f"Only {LIMIT_RESOURCES} is set, which uses {percent(AUTOMATIC)} of the container's limit."
    return on.check(field, "not set", expected, False, message=message, on_failure=PARTLY, fix=fix)


def _from_field(facts: ClusterFacts, field: str, value: EnvValue, divisor: float) -> Check:
    on, fix = weaviate_subject(facts), "memory.size" if too_small(facts) else "memory.go_limit"
    seen, expected = f"from {value.origin}", "the memory of the container in bytes"
    if not value.origin.endswith(".memory"):
        message = f"{GOMEMLIMIT} is filled from {value.origin}, which is not an amount of memory."
        return on.check(field, seen, expected, False, message=message, fix=fix)
    message = f"{GOMEMLIMIT} is filled in units of {divisor:.0f} bytes, which Go reads as bytes: the limit is too low."
    return on.check(field, seen, expected, divisor == 1, message=message, fix=fix)


def _divisor(facts: ClusterFacts) -> float:
    """The divisor of the field that fills GOMEMLIMIT; 1 by default."""
    for variable in facts.weaviate.container.env:
        source = variable.value_from.resource_field_ref if variable.value_from else None
        if variable.name == GOMEMLIMIT and source is not None:
            divisor = quantity_of({"divisor": source.divisor}, "divisor") if source.divisor else 1.0
            return divisor if divisor > 0 else 1.0
    return 1.0


def ratio(facts: ClusterFacts) -> Check:
    """E17: Go's limit as a share of the container's limit."""
    on, field, expected = weaviate_subject(facts), f"{GOMEMLIMIT} / limits.memory", "0.80 to 0.90"
    value, most = facts.weaviate.env(GOMEMLIMIT), limit(facts)
    fix = "memory.size" if too_small(facts) else "memory.go_limit"
    if value.state == "field" and not value.origin.endswith(".memory"):
        return _from_field(facts, field, value, 1)
    if value.state == "field" and (divisor := _divisor(facts)) > 1:
        message = f"{GOMEMLIMIT} is the memory limit divided by {divisor:.0f}, which Go reads as bytes."
        return on.check(field, f"1 / {divisor:.0f}", expected, False, message=message, fix=fix)
    if value.state == "field" and value.origin == "limits.memory":
        message = f"{GOMEMLIMIT} is the whole memory limit of the container: nothing is left next to Go's heap."
        return on.check(field, "1.00", expected, False, message=message, fix=fix)
    if not value.known:
        return _not_readable(facts, value, expected)
    own = go_limit(value)
    if own is None and not value.set and facts.weaviate.is_enabled(LIMIT_RESOURCES) and not math.isnan(most):
        return on.check(field, f"{AUTOMATIC:.2f} by {LIMIT_RESOURCES}", expected, True)
    if own is None:
        message = unusable(value) or f"There is no {GOMEMLIMIT} to compare with the available memory."
        return on.check(field, value.value or "not set", expected, False, message=message, fix=fix)
    if math.isnan(most):
        return _share_of_node(facts, own)
    share = own / most
    outcome = PARTLY if RATIO_TOO_LOW <= share <= RATIO_TOO_HIGH else NOT_MET
    effect = "which is too close to it" if share > RATIO_GOOD[1] else "which leaves memory unused"
    message = f"{GOMEMLIMIT} is {percent(share)} of the container's memory limit, {effect}."
    seen, ok = f"{share:.2f} ({amount(own)} of {amount(most)})", RATIO_GOOD[0] <= round(share, 4) <= RATIO_GOOD[1]
    return on.check(field, seen, expected, ok, message=message, on_failure=outcome, fix=fix)


def _share_of_node(facts: ClusterFacts, own: float) -> Check:
    """Without a limit, the memory of the node is available, shared with its other pods."""
    on, field, expected = weaviate_subject(facts, "nodes"), f"{GOMEMLIMIT} / memory of the node", "0.90 or less"
    used = {pod.spec.node_name for pod in facts.weaviate.pods}
    sizes = [
        size
        for node in facts.objects("nodes")
        if node.metadata.name in used and not math.isnan(size := quantity_of(node.status.allocatable, "memory"))
    ]
    if not sizes:
        reason = facts.missing("nodes") or facts.missing("pods") or Reason.NOT_OBSERVABLE
        message = "The container has no memory limit, and the memory of its nodes could not be read."
        return on.unread(field, expected, reason, message=message)
    share = own / min(sizes)
    message = f"The container has no memory limit; {GOMEMLIMIT} is {percent(share)} of the smallest, shared node."
    outcome = NOT_MET if share > RATIO_TOO_HIGH else PARTLY
    return on.check(field, f"{share:.2f}", expected, False, message=message, on_failure=outcome, fix="memory.size")


# --- limits and usage -----------------------------------------------------------------------------


def configured(facts: ClusterFacts) -> list[Check]:
    """Q15: a memory limit of some kind, requests equal to it, and the read-only guard."""
    weaviate, on, most = facts.weaviate, weaviate_subject(facts), limit(facts)
    resources = server_resources(facts)
    requested = resources.running.requests["memory"]
    value, checks = weaviate.env(GOMEMLIMIT), _differing(facts, resources)
    if not math.isnan(most):
        checks.append(on.check("limits.memory", amount(most), "a limit", True))
        if not math.isnan(requested):  # where only a limit is set, the request equals it
            message = f"The pod requests {amount(requested)} of the {amount(most)} it may use: it is evicted early."
            field, seen, ok = "requests.memory", amount(requested), requested >= most
            fix = "memory.size" if too_small(facts) else "memory.request"
            checks.append(on.check(field, seen, "the limit", ok, message=message, on_failure=PARTLY, fix=fix))
    elif not value.known and value.state != "field":
        checks.append(_not_readable(facts, value, "set"))
    elif not value.set and not weaviate.is_enabled(LIMIT_RESOURCES):
        message = f"Memory is not limited: no container limit, no {GOMEMLIMIT}, no {LIMIT_RESOURCES}."
        checks.append(on.check("limits.memory", "none", "a limit", False, message=message, fix="memory.size"))
    if message := unusable(value):
        fix = "memory.size" if too_small(facts) else "memory.go_limit"
        checks.append(on.check(f"env {GOMEMLIMIT}", value.value, "a limit of Go", False, message=message, fix=fix))
    guard = weaviate.env("MEMORY_READONLY_PERCENTAGE")
    if guard.known:
        message = "The server has no memory read-only guard (MEMORY_READONLY_PERCENTAGE is off)."
        field, seen, ok = f"env {guard.name}", guard.value or "not set (off)", guard.value not in ("", "0")
        fix = "memory.size" if too_small(facts) else "memory.read_only_guard"
        checks.append(on.check(field, seen, "set", ok, message=message, on_failure=PARTLY, fix=fix))
    return checks


def _differing(facts: ClusterFacts, resources: ServerResources) -> list[Check]:
    """Informational: running pods whose resources admission, a LimitRange or an autoscaler has changed."""
    if not resources.differing:
        return []
    asked, field = resources.template, "resources of the running pods"
    limits = resources.running.limits["memory"], asked.limits["memory"]
    requests = resources.running.requests["memory"], asked.requests["memory"]
    texts = [
        f"{name} {_shown(running)}, by the template {_shown(template)}"
        for name, (running, template) in (("limit", limits), ("request", requests))
    ]
    seen = f"{names(resources.differing)}: memory {'; '.join(texts)}"
    return [weaviate_subject(facts, "pods").info(field, seen)]


def _shown(number: float) -> str:
    return "none" if math.isnan(number) else amount(number)


def out_of_memory(facts: ClusterFacts) -> list[Check]:
    """Containers that were OOM-killed within a week."""
    checks, field, expected = [], "lastState.terminated", "no OOM kill"
    for pod in facts.weaviate.pods:
        on = Subject.of("pods", pod)
        for status in pod.status.container_statuses:
            last = status.last_state.terminated
            if status.name != facts.weaviate.container.name or last is None:
                continue
            day = f" {last.finished_at:%Y-%m-%d}" if last.finished_at else ""
            if last.reason != "OOMKilled":
                if last.exit_code == 137:  # also how a failed liveness probe ends a container
                    checks.append(on.info(field, f"exit 137, {last.reason}"))
            elif last.finished_at is None or last.finished_at >= facts.as_of - timedelta(days=7):
                message = f"{pod.metadata.name} ran out of memory (OOM-killed{day})."
                checks.append(on.check(field, f"OOMKilled{day}", expected, False, message=message, fix="memory.size"))
            else:
                checks.append(on.info(field, f"OOMKilled{day}, more than seven days ago"))
    if facts.history.scalar("oom_events_7d") is not None:
        number = oom_kills(facts)
        message = "Pods ran out of memory (OOM-killed) in the last seven days."
        on = weaviate_subject(facts, HISTORY).queried("oom_events_7d")
        checks.append(on.check("OOM kills, 7 days", f"{number}", "0", number == 0, message=message, fix="memory.size"))
    message = "Whether pods ran out of memory could not be read."
    return [*checks, *weaviate_subject(facts, "pods").missing(facts, field, expected, message)]


def oom_kills(facts: ClusterFacts) -> int:
    """OOM kills of the server within a week: the count of Prometheus, and at least those that the pods report."""
    name, since = facts.weaviate.container.name, facts.as_of - timedelta(days=7)
    reported = sum(
        status.name == name
        and status.last_state.terminated is not None
        and status.last_state.terminated.reason == "OOMKilled"
        and (status.last_state.terminated.finished_at or facts.as_of) >= since
        for pod in facts.weaviate.pods
        for status in pod.status.container_statuses
    )
    return max(reported, round(facts.history.scalar("oom_events_7d") or 0))


def heap(facts: ClusterFacts) -> list[Check]:
    """Peaks of Go's heap against Go's limit, and allocations that were refused."""
    history, on = facts.history, weaviate_subject(facts, SCALARS).queried("heap_peak_7d / gomemlimit")
    field, expected = "peak of Go's heap / Go's limit, 7 days", f"{HEAP_WARNS:.2f} or less"
    if unread := on.missing(facts, field, expected, "The memory that Weaviate used was not read from Prometheus."):
        return unread
    limits = {sample.pod: sample.value for sample in history.samples("gomemlimit") if sample.value < NO_LIMIT}
    shares = {
        sample.pod: sample.value / limits[sample.pod]
        for sample in history.samples("heap_peak_7d")
        if limits.get(sample.pod)
    }
    check = on.info(field, "no series", expected)
    if shares:
        pod, most = max(shares.items(), key=lambda item: item[1])
        peak, refused = percent(most), percent(HEAP_REFUSES)
        message = f"Go's heap on {pod or 'a pod'} reached {peak} of its limit; writes fail at {refused}."
        seen, ok, outcome = f"{most:.2f} ({pod})", most <= HEAP_WARNS, NOT_MET if most > HEAP_REFUSES else PARTLY
        check = on.check(field, seen, expected, ok, message=message, on_failure=outcome, fix="memory.size")
    rejected = history.scalar("allocation_rejected_7d")
    if rejected is None:
        return [check]
    message = f"{rejected:.0f} allocations were refused within seven days because memory ran low."
    field, ok = "allocations refused, 7 days", rejected < 0.5
    on = on.queried("allocation_rejected_7d")
    return [check, on.check(field, f"{rejected:.0f}", "0", ok, message=message, fix="memory.size")]


def resident(facts: ClusterFacts, settings: Settings) -> Check:
    """Peaks of resident memory against the limit. The working set includes mapped files and is not a measure."""
    on, limits = weaviate_subject(facts, USAGE).queried("rss_max"), settings.thresholds
    low, high = limits.memory_idle_share, limits.memory_rss_share
    field, expected = "peak of resident memory / limits.memory", f"{percent(low)} to {percent(high)}"
    if unread := on.missing(facts, field, expected, "The memory usage of the pods was not read from Prometheus."):
        return unread[0]
    frame = facts.history.containers
    own = frame[frame["weaviate"] & frame["current"] & frame["enough"] & frame["rss_max"].notna()]
    if own.empty:
        message = "Prometheus has too little history of the pods' memory usage."
        return on.unread(field, expected, Reason.NOT_OBSERVABLE, message=message)
    shares = (own["rss_max"] / own["memory_limit"]).dropna()
    if shares.empty:
        return on.info("peak of resident memory", amount(float(own["rss_max"].max())))
    most = float(shares.max())
    message = f"At their peak the pods used {'only ' if most < low else ''}{percent(most)} of their memory limit."
    ok, fix = low <= most <= high, "memory.spare" if most < low else "memory.size"
    return on.check(field, percent(most), expected, ok, message=message, on_failure=PARTLY, fix=fix)


def model(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """The estimated need of the vectors by the documented formula, against the available memory."""
    found = needed(facts)
    if found is None:
        return []
    need, most = found
    share, on = settings.thresholds.model_memory_share, weaviate_subject(facts, "weaviate/nodes_verbose")
    field, expected = "estimated memory for vectors, each pod", f"{percent(share)} of {amount(most)} or less"
    seen = f"{amount(need.low)} to {amount(need.high)}"
    message = f"The estimated need of the vectors is {seen} per pod; available are {amount(most)}."
    ok, outcome = need.high <= share * most, NOT_MET if need.low > most else PARTLY
    checks = [on.check(field, seen, expected, ok, message=message, on_failure=outcome, fix="memory.size")]
    if need.unknown:
        seen = f"without {names(need.unknown)}, whose dimensions are not known"
        checks.append(weaviate_subject(facts, SCALARS).queried("dimensions_by_class").info("estimated memory", seen))
    return checks


def needed(facts: ClusterFacts) -> tuple[sizing.Need, float] | None:
    """(estimated need of each pod, available bytes); None where dimensions or limits are not known.

    The memory limit is available where GOMEMLIMIT is at least the recommended share of it: the estimate contains what
    the garbage collector needs. A lower GOMEMLIMIT counts as the limit for which it would be that share.
    """
    loads, own, most = sizing.loads(facts), go_limit(facts.weaviate.env(GOMEMLIMIT)), limit(facts)
    known = [amount for amount in (most, own / RATIO_GOOD[0] if own else math.nan) if not math.isnan(amount)]
    if all(load.dimensions <= 0 for load in loads) or not known or facts.weaviate.replicas < 1:
        return None
    return sizing.need(loads, facts.weaviate.replicas), own if own and math.isnan(most) else min(known)
