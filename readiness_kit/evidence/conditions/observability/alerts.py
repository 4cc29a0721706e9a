"""Alert rules about Weaviate, by what Prometheus has loaded; objects alone prove no loaded rule."""

from __future__ import annotations

import re
from collections.abc import Iterable

from readiness_kit.evidence.checks import Subject
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.detectors.scan import DETECTOR_READS
from readiness_kit.kinds.metrics import AlertmanagerConfig
from readiness_kit.kinds.prometheus import Rule
from readiness_kit.labels import count
from readiness_kit.model import Check, Outcome, Reason, Ref

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
RULES, MANAGERS = "prometheus/rules", "prometheus/alertmanagers"
READS = (RULES, MANAGERS, *DETECTOR_READS["alerts"])
OWN_METRICS = re.compile(
    r"weaviate|vector_index_|lsm_(?:active|bucket|segment)|queries_durations_ms|batch_durations_ms|object_count"
    r"|concurrent_queries_count|\brequests_total\{[^}]*server_error",
    re.IGNORECASE,
)
GENERIC = frozenset(
    """
    KubePodCrashLooping KubePodNotReady KubeStatefulSetReplicasMismatch KubeStatefulSetUpdateNotRolledOut
    KubePersistentVolumeFillingUp KubePersistentVolumeErrors KubeContainerWaiting TargetDown CPUThrottlingHigh
    KubePersistentVolumeInodesFillingUp KubeNodeNotReady
    """.split()
)
"""Rules of kube-prometheus-stack and its like that hold for every namespace, Weaviate's as well."""
AREAS: dict[str, re.Pattern[str]] = {
    "pods or targets that are down": re.compile(
        r"\bup\b|absent\(|replicas_ready|readyreplicas|crashloop|notready|targetdown|replicasmismatch|restarts_total",
        re.I,
    ),
    "errors": re.compile(r"server_error|5\.\.|5xx|error|_failed|failure", re.I),
    "resources that run out": re.compile(r"volume|disk|memory|heap|gomemlimit|oom|cpu|throttl|readonly|filling", re.I),
    "backups that fail": re.compile(r"backup", re.I),
}
"""The four areas that Weaviate's guide to hardening names, and by which words a rule belongs to one."""


def checks(facts: ClusterFacts) -> list[Check]:
    reason = facts.missing(RULES)
    if reason is not None:
        return [*_objects(facts), _unread_rules(facts, reason)]
    found = [*_rules(facts), *_managers(facts)]
    return [*found, *_receivers(facts, found), *_objects(facts)]


def relevant(facts: ClusterFacts) -> tuple[list[Rule], list[Rule]]:
    """(rules over Weaviate's own metrics or by name of its namespace or workload, generic ones that hold for it)."""
    weaviate = facts.weaviate
    mine = re.compile(rf"""["|(]{re.escape(weaviate.namespace)}["|)]|["|(]{re.escape(weaviate.name)}""")
    own, generic = [], []
    for rule in facts.history.rules:
        if OWN_METRICS.search(f"{rule.name} {rule.query}") or mine.search(rule.query):
            own.append(rule)
        elif rule.name in GENERIC:
            generic.append(rule)
    return own, generic


def _rules(facts: ClusterFacts) -> list[Check]:
    own, generic = relevant(facts)
    ref = Ref("Prometheus", "rules")
    field, expected = "alert rules about Weaviate", "1 or more"
    number = len(facts.history.rules)
    on = Subject(ref, RULES)
    if not own and not generic:
        message = f"None of {count(number, 'alert rule')} in Prometheus is about Weaviate."
        message = message if number else "Prometheus has no alert rule at all."
        return [on.check(field, f"none of {number}", expected, False, message=message)]
    if not own:
        message = f"Only generic rules watch the pods ({names(rule.name for rule in generic)}); none is about Weaviate."
        seen = f"none; {count(len(generic), 'generic rule')}"
        return [on.check(field, seen, expected, False, message=message, on_failure=PARTLY)]
    lines = [on.check(field, f"{len(own)}: {names(rule.name for rule in own)}", expected, True)]
    return [*lines, _areas([*own, *generic]), *_health(own)]


def _areas(rules: list[Rule]) -> Check:
    ref, field = Ref("Prometheus", "rules"), "areas that rules cover"
    covered = [name for name, words in AREAS.items() if any(words.search(f"{one.name} {one.query}") for one in rules)]
    lacking = [name for name in AREAS if name not in covered]
    message = f"No alert rule watches for {names(lacking, most=4)}."
    expected = names(AREAS, most=4)
    seen = names(covered, most=4) or "none"
    return Subject(ref, RULES).check(field, seen, expected, not lacking, message=message, on_failure=PARTLY)


def _health(rules: Iterable[Rule]) -> list[Check]:
    broken = sorted({rule.name for rule in rules if rule.health == "err"})
    if not broken:
        return []
    message = f"Prometheus cannot evaluate {names(broken)}."
    seen = f"err: {names(broken)}"
    return [
        Subject(Ref("Prometheus", "rules"), RULES).check(
            "health", seen, "ok", False, message=message, on_failure=PARTLY
        )
    ]


def _managers(facts: ClusterFacts) -> list[Check]:
    ref, field, expected = Ref("Prometheus", "alertmanagers"), "active Alertmanagers", "1 or more"
    reason = facts.missing(MANAGERS)
    on = Subject(ref, MANAGERS)
    if reason is not None:
        message = "Whether an Alertmanager takes the alerts was not read."
        return [on.unread(field, expected, reason, message=message)]
    active = facts.history.alertmanagers.active
    message = "Prometheus has no active Alertmanager: its alerts reach nobody."
    return [on.check(field, len(active), expected, bool(active), message=message)]


def _receivers(facts: ClusterFacts, found: list[Check]) -> list[Check]:
    """Who is told stands in the Alertmanager's own configuration, a Secret, except where an object says it."""
    ref, field, expected = Ref("Alertmanager", "receivers"), "a receiver that sends", "1 or more"
    configs: tuple[AlertmanagerConfig, ...] = facts.objects("alertmanagerconfigs")
    sending = [one for one in configs if any(_sends(receiver) for receiver in one.spec.receivers)]
    near = [one for one in sending if one.metadata.namespace == facts.weaviate.namespace]
    if near:
        one = near[0]
        ref = Ref("AlertmanagerConfig", one.metadata.name, one.metadata.namespace)
        return [Subject(ref, "alertmanagerconfigs").check(field, "with an integration", expected, True)]
    if any(check.outcome in (PARTLY, NOT_MET) or check.reason for check in found):
        return [Subject(ref, "").info(field, "in the Alertmanager's configuration, which is not read", expected)]
    message = "Whether the Alertmanager sends the alerts to anybody stands in its configuration, which is not read."
    return [Subject(ref, "").unread(field, expected, Reason.NOT_OBSERVABLE, message=message)]


def _sends(receiver: object) -> bool:
    fields: tuple[str, ...] = getattr(receiver, "__struct_fields__", ())
    return any(getattr(receiver, name) for name in fields if name.endswith("_configs"))


def _objects(facts: ClusterFacts) -> list[Check]:
    """For the reader: the objects that ask for rules and Alertmanagers."""
    lines = [(one.tool, fact) for one in facts.detected("alerts", 1) for fact in one.facts]
    return [Subject(fact.ref, fact.source).info(fact.field, f"{tool}: {fact.seen}") for tool, fact in lines]


def _unread_rules(facts: ClusterFacts, reason: Reason) -> Check:
    about = [one.tool for one in facts.detected("alerts", 3)]
    message = "Which alert rules are loaded, and whether an Alertmanager takes them, was not read from Prometheus."
    if about:
        message += f" Objects of the cluster ask for some ({names(about)})."
    ref, field, expected = Ref("Prometheus", "rules"), "alert rules about Weaviate", "1 or more, loaded"
    return Subject(ref, RULES).unread(field, expected, reason, message=message)
