"""Alert rules on Weaviate that Prometheus has loaded; rule objects alone do not prove that a rule is loaded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from readiness_kit.evidence.checks import Subject
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.detectors.scan import DETECTOR_READS
from readiness_kit.facts.kubernetes.selectors import matches
from readiness_kit.kinds.metrics import Alertmanager, AlertmanagerConfig
from readiness_kit.kinds.prometheus import Rule
from readiness_kit.labels import count
from readiness_kit.model import Check, Outcome, Reason, Ref

PARTLY = Outcome.PARTLY
RULES, MANAGERS, CONFIGS = "prometheus/rules", "prometheus/alertmanagers", "alertmanagerconfigs"
READS = tuple(dict.fromkeys((RULES, MANAGERS, CONFIGS, "alertmanagers", "namespaces", *DETECTOR_READS["alerts"])))
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
"""Rules of kube-prometheus-stack and similar that apply to every namespace, including Weaviate's."""
AREAS: dict[str, re.Pattern[str]] = {
    "pods or targets that are down": re.compile(
        r"\bup\b|absent\(|replicas_ready|readyreplicas|crashloop|notready|targetdown|replicasmismatch|restarts_total",
        re.I,
    ),
    "errors": re.compile(r"server_error|5\.\.|5xx|error|_failed|failure", re.I),
    "resources that run out": re.compile(r"volume|disk|memory|heap|gomemlimit|oom|cpu|throttl|readonly|filling", re.I),
    "backups that fail": re.compile(r"backup", re.I),
}
"""The four areas of Weaviate's hardening guide, with the words by which a rule belongs to one."""
ON_RULES = Subject(Ref("Prometheus", "rules"), RULES)
FIELD = "alert rules about Weaviate"


def checks(facts: ClusterFacts) -> list[Check]:
    """Loaded rules, Alertmanagers and receivers, and the objects that define them."""
    reason = facts.missing(RULES)
    if reason is not None:
        return [*_objects(facts), _unread_rules(facts, reason)]
    found = [*_rules(facts), _managers(facts)]
    return [*found, _receivers(facts), *_objects(facts)]


def relevant(facts: ClusterFacts) -> tuple[list[Rule], list[Rule]]:
    """(rules on Weaviate's metrics, its namespace or workload; generic rules that also apply to it)."""
    weaviate = facts.weaviate
    by_name = re.compile(rf"""["|(]{re.escape(weaviate.namespace)}["|)]|["|(]{re.escape(weaviate.name)}""")
    own, generic = [], []
    for rule in facts.history.rules:
        if OWN_METRICS.search(f"{rule.name} {rule.query}") or by_name.search(rule.query):
            own.append(rule)
        elif rule.name in GENERIC:
            generic.append(rule)
    return own, generic


def _rules(facts: ClusterFacts) -> list[Check]:
    own, generic = relevant(facts)
    number, expected = len(facts.history.rules), "1 or more"
    if not own and not generic:
        message = f"None of {count(number, 'alert rule')} in Prometheus is about Weaviate."
        message = message if number else "Prometheus has no alert rule at all."
        return [ON_RULES.check(FIELD, f"none of {number}", expected, False, message=message, fix="alerts.rules")]
    if not own:
        message = f"Only generic rules cover the pods ({names(rule.name for rule in generic)}); none is about Weaviate."
        seen = f"none; {count(len(generic), 'generic rule')}"
        fix = "alerts.rules"
        return [ON_RULES.check(FIELD, seen, expected, False, message=message, on_failure=PARTLY, fix=fix)]
    found = ON_RULES.check(FIELD, f"{len(own)}: {names(rule.name for rule in own)}", expected, True)
    return [found, _areas([*own, *generic]), *_health(own)]


def _areas(rules: list[Rule]) -> Check:
    covered = [area for area, words in AREAS.items() if any(words.search(f"{r.name} {r.query}") for r in rules)]
    uncovered = names((area for area in AREAS if area not in covered), most=4)
    message = f"No alert rule covers {uncovered}."
    seen, expected = names(covered, most=4) or "none", names(AREAS, most=4)
    field, ok, fix = "areas that rules cover", not uncovered, "alerts.rules"
    return ON_RULES.check(field, seen, expected, ok, message=message, on_failure=PARTLY, fix=fix)


def _health(rules: Iterable[Rule]) -> Iterator[Check]:
    if broken := names(rule.name for rule in rules if rule.health == "err"):
        message = f"Prometheus cannot evaluate {broken}."
        seen, fix = f"err: {broken}", "alerts.broken"
        yield ON_RULES.check("health", seen, "ok", False, message=message, on_failure=PARTLY, fix=fix)


def _managers(facts: ClusterFacts) -> Check:
    on, reason = Subject(Ref("Prometheus", "alertmanagers"), MANAGERS), facts.missing(MANAGERS)
    field, expected = "active Alertmanagers", "1 or more"
    if reason is not None:
        return on.unread(field, expected, reason, message="Whether an Alertmanager receives the alerts was not read.")
    active = facts.history.alertmanagers.active
    message = "Prometheus has no active Alertmanager, so its alerts are not sent."
    return on.check(field, len(active), expected, bool(active), message=message, fix="alerts.manager")


def _receivers(facts: ClusterFacts) -> Check:
    """The receivers are in the configuration of the Alertmanager, a Secret, unless an object defines them."""
    on, field, expected = Subject(Ref("Alertmanager", "receivers"), ""), "a receiver that sends", "1 or more"
    for config in facts.objects(CONFIGS):
        if config.metadata.namespace == facts.weaviate.namespace and _receives(config) and _is_selected(facts, config):
            return Subject.of(CONFIGS, config).check(field, "with an integration", expected, True)
    message = "Whether the Alertmanager sends the alerts to anyone is set in its configuration, which is not read."
    return on.unread(field, expected, Reason.NOT_OBSERVABLE, message=message, fix="alerts.receiver")


def _receives(config: AlertmanagerConfig) -> bool:
    """Whether the receiver of the root route sends; one that only nested routes name may get no alert."""
    route = config.spec.route
    return route is not None and any(
        receiver.name == route.receiver and _sends(receiver) for receiver in config.spec.receivers
    )


def _is_selected(facts: ClusterFacts, config: AlertmanagerConfig) -> bool:
    """Whether an Alertmanager object selects this configuration; without a selector it selects none."""
    namespaces = {item.metadata.name: item.metadata.labels for item in facts.objects("namespaces")}
    own = config.metadata.namespace
    labels = {"kubernetes.io/metadata.name": own, **namespaces.get(own, {})}
    managers: tuple[Alertmanager, ...] = facts.objects("alertmanagers")
    for manager in managers:
        scope = manager.spec.alertmanager_config_namespace_selector
        in_scope = manager.metadata.namespace == own if scope is None else matches(scope, labels)
        if in_scope and matches(manager.spec.alertmanager_config_selector, config.metadata.labels):
            return True
    return False


def _sends(receiver: object) -> bool:
    fields: tuple[str, ...] = getattr(receiver, "__struct_fields__", ())
    return any(getattr(receiver, name) for name in fields if name.endswith("_configs"))


def _objects(facts: ClusterFacts) -> Iterator[Check]:
    """Informational: the objects that define rules and Alertmanagers."""
    for detection in facts.detected("alerts", 1):
        for fact in detection.facts:
            yield Subject(fact.ref, fact.source).info(fact.field, f"{detection.tool}: {fact.seen}")


def _unread_rules(facts: ClusterFacts, reason: Reason) -> Check:
    defined = names(detection.tool for detection in facts.detected("alerts", 3))
    message = "Which alert rules are loaded, and whether an Alertmanager receives them, was not read from Prometheus."
    if defined:
        message += f" Objects of the cluster define some ({defined})."
    return ON_RULES.unread(FIELD, "1 or more, loaded", reason, message=message)
