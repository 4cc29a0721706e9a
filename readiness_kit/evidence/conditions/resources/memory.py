"""Memory of the server: limits, Go's own limit, what was used, and what the vectors need by the model."""

from __future__ import annotations

import math
import re
from datetime import timedelta

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.analysis import sizing
from readiness_kit.facts.kubernetes.quantities import quantity_of
from readiness_kit.facts.weaviate.env import EnvValue
from readiness_kit.locate import workload_key
from readiness_kit.model import Check, Outcome, Reason, Ref, Settings

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
GOMEMLIMIT, LIMIT_RESOURCES = "GOMEMLIMIT", "LIMIT_RESOURCES"
SYNTAX = re.compile(r"^(\d+)(B|KiB|MiB|GiB|TiB)?$")
"""What the Go runtime reads; it does not start with a Kubernetes quantity such as 6Gi [general knowledge]."""
UNITS = {"": 1, "B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
AUTOMATIC = 0.8
"""The share of the container's limit that LIMIT_RESOURCES takes."""
NO_LIMIT = 9e18
HEAP_REFUSES, HEAP_WARNS = 0.97, 0.80
"""Shares of Go's limit: above the first the server refuses writes, above the second it logs a warning."""
RATIO_GOOD, RATIO_FAIR, RATIO_TOO_LOW = (0.80, 0.90), (0.70, 0.95), 0.50
USAGE, SCALARS = "prometheus/usage", "prometheus/weaviate"
GIB = 2**30


def limit(facts: ClusterFacts) -> float:
    """The memory limit of the server's container in bytes; NaN where it has none."""
    return quantity_of(facts.weaviate.container.resources.limits, "memory")


def go_limit(value: EnvValue) -> float | None:
    """GOMEMLIMIT in bytes; None where it is not set, not readable, off or not valid."""
    found = SYNTAX.match(value.value) if value.known and value.set else None
    return int(found[1]) * UNITS[found[2] or ""] if found else None


def amount(number: float) -> str:
    return f"{number / GIB:.1f} GiB"


def _not_readable(facts: ClusterFacts, value: EnvValue, expected: str) -> Check:
    weaviate = facts.weaviate
    message = f"What {value.name} is set to could not be read ({value.origin})."
    key = "configmaps" if value.reason not in (None, Reason.NOT_OBSERVABLE) else workload_key(weaviate.kind)
    return weaviate_subject(facts, key).unread(
        f"env {value.name}", expected, value.reason or Reason.NOT_OBSERVABLE, message=message
    )


def guarded(facts: ClusterFacts) -> list[Check]:
    """E16: a valid GOMEMLIMIT, or the automatic one, which needs a limit of the container."""
    weaviate = facts.weaviate
    field, expected = f"env {GOMEMLIMIT}", "a number with B, KiB, MiB, GiB or TiB"
    value = weaviate.env(GOMEMLIMIT)
    automatic = weaviate.is_enabled(LIMIT_RESOURCES)
    on = weaviate_subject(facts)
    lines = [on.info(f"env {LIMIT_RESOURCES}", "not known" if automatic is None else str(automatic).lower())]
    lines += _effective(facts)
    if value.state == "field":  # a field is a plain number of bytes
        return [on.check(field, f"from {value.origin}", expected, True), *lines]
    if not value.known:
        return [*lines, _not_readable(facts, value, expected)]
    if value.set:
        ok = go_limit(value) is not None
        message = f"{GOMEMLIMIT} is {value.value}: " + (
            "that switches the limit off."
            if value.value == "off"
            else "Go does not read that and the server may not start."
        )
        outcome = NOT_MET if value.value == "off" else PARTLY
        return [on.check(field, value.value, expected, ok, message=message, on_failure=outcome), *lines]
    if automatic is None:
        return [*lines, _not_readable(facts, weaviate.env(LIMIT_RESOURCES), "true")]
    if not automatic:
        message = f"Neither {GOMEMLIMIT} nor {LIMIT_RESOURCES} is set: none of the server's memory guards can ever act."
        return [on.check(field, "not set", expected, False, message=message), *lines]
    if math.isnan(limit(facts)):
        message = f"{LIMIT_RESOURCES} has nothing to go by: the container has no memory limit."
        return [on.check("limits.memory", "none", "a limit", False, message=message), *lines]
    message = f"Only {LIMIT_RESOURCES} is set, which takes 80 % of the container's limit by itself."
    return [on.check(field, "not set", expected, False, message=message, on_failure=PARTLY), *lines]


def _effective(facts: ClusterFacts) -> list[Check]:
    values = [one.value for one in facts.history.samples("gomemlimit")]
    if not values:
        return []
    least = min(values)
    seen = "no limit" if least >= NO_LIMIT else amount(least)
    return [weaviate_subject(facts, SCALARS).info("go_gc_gomemlimit_bytes", seen, "a limit", least < NO_LIMIT)]


def ratio(facts: ClusterFacts) -> list[Check]:
    """E17: Go's limit as a share of the container's limit."""
    weaviate = facts.weaviate
    field, expected = f"{GOMEMLIMIT} / limits.memory", "0.80 to 0.90"
    value, most = weaviate.env(GOMEMLIMIT), limit(facts)
    on = weaviate_subject(facts)
    if value.state == "field":
        if value.origin != "limits.memory":
            return [_not_readable(facts, value, expected)]
        message = f"{GOMEMLIMIT} is all of the container's memory (limits.memory): nothing is left beside Go's heap."
        return [on.check(field, "1.00", expected, False, message=message)]
    if not value.known:
        return [_not_readable(facts, value, expected)]
    mine = go_limit(value)
    if mine is None and not value.set and weaviate.is_enabled(LIMIT_RESOURCES) and not math.isnan(most):
        return [on.check(field, f"{AUTOMATIC:.2f} by {LIMIT_RESOURCES}", expected, True)]
    if mine is None:
        message = f"There is no {GOMEMLIMIT} to compare with the memory that is there."
        return [on.check(field, value.value or "not set", expected, False, message=message)]
    if math.isnan(most):
        return [_of_nodes(facts, mine)]
    share = mine / most
    seen = f"{share:.2f} ({amount(mine)} of {amount(most)})"
    fair = RATIO_FAIR[0] <= share <= RATIO_FAIR[1] or RATIO_TOO_LOW <= share < RATIO_FAIR[0]
    outcome = PARTLY if fair else NOT_MET
    ok = RATIO_GOOD[0] <= round(share, 4) <= RATIO_GOOD[1]
    what = "too close to it" if share > RATIO_GOOD[1] else "which leaves memory unused"
    message = f"{GOMEMLIMIT} is {share:.0%} of the container's memory limit, {what}."
    return [on.check(field, seen, expected, ok, message=message, on_failure=outcome)]


def _of_nodes(facts: ClusterFacts, mine: float) -> Check:
    """Without a limit the node's memory is what there is, shared with whatever else runs there."""
    field, expected = f"{GOMEMLIMIT} / memory of the node", "0.90 or less"
    placed = {pod.spec.node_name for pod in facts.weaviate.pods}
    sizes = [
        quantity_of(one.status.allocatable, "memory") for one in facts.objects("nodes") if one.metadata.name in placed
    ]
    known = [one for one in sizes if not math.isnan(one)]
    on = weaviate_subject(facts, "nodes")
    if not known:
        why = facts.missing("nodes") or facts.missing("pods") or Reason.NOT_OBSERVABLE
        message = "The container has no memory limit, and the memory of its nodes could not be read."
        return on.unread(field, expected, why, message=message)
    share = mine / min(known)
    message = (
        f"The container has no memory limit; {GOMEMLIMIT} is {share:.0%} of the smallest node, which others share."
    )
    outcome = NOT_MET if share > RATIO_FAIR[1] else PARTLY
    return on.check(field, f"{share:.2f}", expected, False, message=message, on_failure=outcome)


# --- what is used ---------------------------------------------------------------------------------


def configured(facts: ClusterFacts) -> list[Check]:
    """Q15: a limit of some kind, and requests that keep what the limits promise."""
    weaviate = facts.weaviate
    most = limit(facts)
    asked = quantity_of(weaviate.container.resources.requests, "memory")
    value, automatic = weaviate.env(GOMEMLIMIT), weaviate.is_enabled(LIMIT_RESOURCES)
    lines = []
    on = weaviate_subject(facts)
    if math.isnan(most):
        if not value.known and value.state != "field":
            lines.append(_not_readable(facts, value, "set"))
        elif not value.set and not automatic:
            message = f"Nothing bounds the memory: no limit of the container, no {GOMEMLIMIT}, no {LIMIT_RESOURCES}."
            lines.append(on.check("limits.memory", "none", "a limit", False, message=message))
    else:
        lines.append(on.check("limits.memory", amount(most), "a limit", True))
        if not math.isnan(asked):  # a limit alone is the request as well
            message = f"The pod asks for {amount(asked)} of the {amount(most)} it may use: it is evicted early."
            ok = asked >= most
            lines.append(
                on.check("requests.memory", amount(asked), "the limit", ok, message=message, on_failure=PARTLY)
            )
    guard = weaviate.env("MEMORY_READONLY_PERCENTAGE")
    if guard.known:
        off = guard.value in ("", "0")
        message = "The server never turns read-only for want of memory (MEMORY_READONLY_PERCENTAGE is off)."
        seen = guard.value or "not set (off)"
        lines.append(on.check(f"env {guard.name}", seen, "set", not off, message=message, on_failure=PARTLY))
    return lines


def killed(facts: ClusterFacts) -> list[Check]:
    """Containers that were killed for want of memory within a week."""
    lines = []
    week = facts.as_of - timedelta(days=7)
    for pod in facts.weaviate.pods:
        for status in pod.status.container_statuses:
            last = status.last_state.terminated
            if status.name != facts.weaviate.container.name or last is None:
                continue
            ref = Ref("Pod", pod.metadata.name, pod.metadata.namespace)
            if last.reason != "OOMKilled":
                if last.exit_code == 137:  # also how a failing liveness probe ends a container
                    lines.append(Subject(ref, "pods").info("lastState.terminated", f"exit 137, {last.reason}"))
                continue
            recent = last.finished_at is None or last.finished_at >= week
            day = f" {last.finished_at:%Y-%m-%d}" if last.finished_at else ""
            message = f"{pod.metadata.name} was killed for want of memory{day}."
            if recent:
                lines.append(
                    Subject(ref, "pods").check(
                        "lastState.terminated", f"OOMKilled{day}", "no OOM kill", False, message=message
                    )
                )
            else:
                lines.append(Subject(ref, "pods").info("lastState.terminated", f"OOMKilled{day}", "no OOM kill", False))
    counted = facts.history.scalar("oom_events_7d")
    if counted is not None:
        message = "Pods were killed for want of memory in the last seven days."
        ref, ok = facts.weaviate.ref, counted < 0.5
        lines.append(
            Subject(ref, "prometheus/history").check("OOM kills, 7 days", f"{counted:.0f}", "0", ok, message=message)
        )
    return lines


def heap(facts: ClusterFacts) -> list[Check]:
    """Peaks of Go's heap against Go's limit, and writes that were refused for want of memory."""
    history = facts.history
    why = history.missing(SCALARS)
    field, expected = "peak of Go's heap / Go's limit, 7 days", f"{HEAP_WARNS:.2f} or less"
    on = weaviate_subject(facts, SCALARS)
    if why is not None:
        message = "How much of its memory Weaviate used was not read from Prometheus."
        return [on.unread(field, expected, why, message=message)]
    limits = {one.pod: one.value for one in history.samples("gomemlimit") if one.value < NO_LIMIT}
    shares = {one.pod: one.value / limits[one.pod] for one in history.samples("heap_peak_7d") if limits.get(one.pod)}
    lines = []
    if shares:
        pod, most = max(shares.items(), key=lambda item: item[1])
        outcome = NOT_MET if most > HEAP_REFUSES else PARTLY
        message = (
            f"Go's heap of {pod or 'a pod'} reached {most:.0%} of its limit; at {HEAP_REFUSES:.0%} writes are refused."
        )
        lines.append(
            on.check(field, f"{most:.2f} ({pod})", expected, most <= HEAP_WARNS, message=message, on_failure=outcome)
        )
    else:
        lines.append(on.info(field, "no series", expected))
    rejected = history.scalar("allocation_rejected_7d")
    if rejected is not None:
        message = f"{rejected:.0f} allocations were refused for want of memory in seven days."
        lines.append(on.check("allocations refused, 7 days", f"{rejected:.0f}", "0", rejected < 0.5, message=message))
    return lines


def resident(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """Peaks of resident memory against the limit. The working set counts mapped files and says nothing here."""
    limits = settings.thresholds
    why = facts.history.missing(USAGE)
    field = "peak of resident memory / limits.memory"
    expected = f"{limits.memory_idle_share:.2f} to {limits.memory_rss_share:.2f}"
    on = weaviate_subject(facts, USAGE)
    if why is not None:
        message = "How much memory the pods used over time was not read from Prometheus."
        return [on.unread(field, expected, why, message=message)]
    frame = facts.history.containers
    mine = frame[frame["weaviate"] & frame["current"] & frame["enough"] & frame["rss_max"].notna()]
    if mine.empty:
        message = "Prometheus has too little history of the pods' memory to judge by."
        return [on.unread(field, expected, Reason.NOT_OBSERVABLE, message=message)]
    shares = (mine["rss_max"] / mine["memory_limit"]).dropna()
    if shares.empty:
        return [on.info("peak of resident memory", amount(float(mine["rss_max"].max())))]
    most = float(shares.max())
    message = f"The pods used {most:.0%} of their memory limit at their peak."
    if most < limits.memory_idle_share:
        message = f"The pods never used more than {most:.0%} of their memory limit."
    ok = limits.memory_idle_share <= most <= limits.memory_rss_share
    return [on.check(field, f"{most:.2f}", expected, ok, message=message, on_failure=PARTLY)]


def model(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """What the vectors need by the documentation's model, against Go's limit (else the container's)."""
    found = needed(facts)
    if found is None:
        return []
    need, most = found
    share = settings.thresholds.model_memory_share
    field, expected = "memory for vectors by the model, each pod", f"{share:.0%} of {amount(most)} or less"
    seen = f"{amount(need.low)} to {amount(need.high)}"
    message = f"By the model the vectors need {seen} a pod; {amount(most)} are there."
    ok, outcome = need.high <= share * most, NOT_MET if need.low > most else PARTLY
    lines = [
        weaviate_subject(facts, "weaviate/nodes_verbose").check(
            field, seen, expected, ok, message=message, on_failure=outcome
        )
    ]
    if need.unknown:
        seen = f"without {names(need.unknown)}, whose dimensions are not known"
        lines.append(weaviate_subject(facts, SCALARS).info("memory model", seen))
    return lines


def needed(facts: ClusterFacts) -> tuple[sizing.Need, float] | None:
    """(what each pod needs, bytes that there are); None where dimensions or limits are not known."""
    loads = sizing.loads(facts)
    known = [one for one in loads if one.dimensions > 0]
    most = go_limit(facts.weaviate.env(GOMEMLIMIT)) or limit(facts)
    if not known or math.isnan(most) or facts.weaviate.replicas < 1:
        return None
    return sizing.need(loads, facts.weaviate.replicas), most
