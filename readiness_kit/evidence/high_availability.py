"""High availability and resilience: zones, nodes, repair, backups, updates, trials, copies of the data.

One function a question; the conditions stand in modules named for what they look at. Where a source was not had, its
condition stands as not read: it keeps a question from being met, and never fails it.
"""

from __future__ import annotations

from readiness_kit.evidence.checks import (
    Subject,
    informing,
    require_answer,
    to_finding,
    unread_sources,
    weaviate_subject,
)
from readiness_kit.evidence.conditions.availability import (
    control_plane,
    delivery,
    failure_domains,
    placement,
    repair,
    updates,
)
from readiness_kit.evidence.conditions.availability.placement import (
    HOSTNAME,
    ZONE,
    Rule,
    one_replica,
    pods_by_node,
    strongest,
    zones_of_pods,
)
from readiness_kit.evidence.conditions.availability.repair import self_healing
from readiness_kit.evidence.conditions.backups import weaviate_backups
from readiness_kit.evidence.conditions.data import membership, replication
from readiness_kit.evidence.registry import evidence
from readiness_kit.evidence.wording import names, spread_over
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.detectors.scan import DETECTOR_READS
from readiness_kit.facts.kubernetes.topology import candidate_nodes
from readiness_kit.labels import count
from readiness_kit.model import Check, Finding, Outcome, Reason, Settings

PARTLY = Outcome.PARTLY
SCHEMA, NODES, STATISTICS, VERBOSE = replication.SCHEMA, membership.NODES, membership.STATISTICS, replication.VERBOSE
_VOLUMES = ("persistentvolumeclaims", "persistentvolumes")


def _held_apart(facts: ClusterFacts, rule: Rule, what: str) -> Check:
    """A hard rule that keeps the pods in different zones or on different nodes."""
    message = f"Nothing holds the pods to different {what}: {rule.say}."
    expected = f"a hard rule over {what}"
    return weaviate_subject(facts).check(rule.field, rule.text, expected, rule.hard, message=message, on_failure=PARTLY)


# --- Q1, Q2, Q5: zones and nodes ------------------------------------------------------------------


@evidence(
    "ha.multi_az",
    reads=("pods", "nodes", *_VOLUMES, VERBOSE, SCHEMA, STATISTICS),
    tolerates=(*_VOLUMES, VERBOSE, SCHEMA, STATISTICS),
)
def zones(facts: ClusterFacts, settings: Settings) -> Finding:
    """Pods in three zones by a hard rule, and the loss of any one leaves shards and voters their majority."""
    weaviate = facts.weaviate
    checks = [one_replica(weaviate)]
    rule = strongest(weaviate, ZONE)
    if weaviate.replicas > 1:
        checks += [*zones_of_pods(facts), _held_apart(facts, rule, "zones"), *failure_domains.zones(facts)]
    else:
        checks.append(weaviate_subject(facts).info(rule.field, rule.text, "a hard rule over zones", rule.hard))
    met = "The pods run in three zones or more, and the loss of any one leaves every shard and the voters a majority."
    return to_finding("ha.multi_az", checks, met=met)


@evidence(
    "ha.replicas_across_nodes",
    reads=("pods", "nodes", *_VOLUMES, NODES, SCHEMA, VERBOSE),
    tolerates=("nodes", *_VOLUMES, NODES, SCHEMA, VERBOSE),
)
def nodes(facts: ClusterFacts, settings: Settings) -> Finding:
    """One pod a node, by a hard rule, all of them healthy; and no data of which there is one copy only."""
    weaviate = facts.weaviate
    rule = strongest(weaviate, HOSTNAME)
    checks = [one_replica(weaviate), *pods_by_node(weaviate), _held_apart(facts, rule, "nodes")]
    if weaviate.replicas > 1:
        message = (
            "Spread pods are not spread data: the replication factor of the collections was not read from Weaviate."
        )
        checks += [*replication.minimum(facts), *replication.single_copies(facts, message), *membership.healthy(facts)]
        checks += failure_domains.reschedulable(facts)
    met = f"{count(weaviate.replicas, 'pod')} run on as many nodes, held there by a hard rule, and all data has copies."
    return to_finding("ha.replicas_across_nodes", checks, met=met)


@evidence(
    "ha.workers_across_zones",
    reads=("pods", "nodes", *_VOLUMES),
    tolerates=("pods", *_VOLUMES),
)
def workers_across_zones(facts: ClusterFacts, settings: Settings) -> Finding:
    """Nodes that can take a Weaviate pod, by zone, and a second one wherever a volume cannot move."""
    by_zone = placement.by_zone(facts)
    number = f"{count(len(candidate_nodes(facts)), 'node')} in {count(len(by_zone), 'zone')}"
    met = f"{number} can take a Weaviate pod ({spread_over(by_zone)})."
    return to_finding("ha.workers_across_zones", placement.spread(facts, settings), met=met)


# --- Q3, Q4: the control plane --------------------------------------------------------------------


@evidence("ha.control_plane", reads=("nodes", "leases", "pods"), tolerates=("nodes", "leases", "pods"))
def control_plane_instances(facts: ClusterFacts, settings: Settings) -> Finding:
    """Three control-plane nodes in two zones, or two API servers of a managed one."""
    why = facts.missing("nodes")
    if why is not None:
        message = "Whether control-plane nodes are visible could not be read."
        line = Subject(control_plane.CLUSTER, "nodes").unread(
            "control-plane nodes", "3 or more, odd", why, message=message
        )
        return to_finding("ha.control_plane", [line], met="")
    met = "The control plane runs on several instances."
    return to_finding("ha.control_plane", control_plane.instances(facts), met=met)


_DEPENDS = (
    "rolebindings",
    "clusterrolebindings",
    "mutatingwebhookconfigurations",
    "validatingwebhookconfigurations",
    "horizontalpodautoscalers",
    "scaledobjects",
    "namespaces",
    "deployments",
    "serviceaccounts",
    SCHEMA,
    VERBOSE,
)


@evidence("ha.no_control_plane", reads=("pods", *_DEPENDS), tolerates=("pods", *_DEPENDS))
def without_control_plane(facts: ClusterFacts, settings: Settings) -> Finding:
    """Whether Weaviate would do without the control plane: that it was tried is for a person to say."""
    weaviate = facts.weaviate
    replicas = weaviate.replicas
    message = f"With {count(replicas, 'replica')} the loss of a node cannot be bridged while nothing is scheduled anew."
    checks = [
        weaviate_subject(facts).check("spec.replicas", replicas, "3 or more", replicas >= 3, message=message),
        *replication.single_copies(facts, "Whether all data has copies was not read from Weaviate."),
        *control_plane.dependencies(facts),
        control_plane.not_needed(facts),
    ]
    message = "Could not be read, and may hold what a restart depends on: {}."
    for key in _DEPENDS[:5]:
        checks += unread_sources(
            facts, weaviate.ref, [key], "what a restart depends on", "nothing", message.format(key)
        )
    message = "Nothing was found that needs the control plane. When was it last tried without, and what came of it?"
    checks = require_answer(checks, weaviate.ref, "tried without the control plane", message)
    return to_finding("ha.no_control_plane", checks, met="")


# --- Q6: repair -----------------------------------------------------------------------------------


@evidence("ha.node_repair", reads=("pods", "nodes", *repair.READS), tolerates=repair.READS)
def node_repair(facts: ClusterFacts, settings: Settings) -> Finding:
    """Probes that restart a hung pod, and something that repairs or replaces a broken node."""
    signs = repair.signs(facts)
    repairing = [sign for sign in signs if sign.power == repair.REPAIRS]
    checks = self_healing(facts.weaviate)
    for sign in signs:
        checks.append(Subject(sign.ref, sign.source).info(sign.field, f"{sign.seen}: {sign.tool}, {sign.power}"))
    field, expected = "node repair", "managed repair or a repair controller"
    lost = repair.lost(facts)
    dead = "Kubernetes itself does not move a StatefulSet pod off a dead node."
    if repairing:
        checks.append(weaviate_subject(facts, repairing[0].source).check(field, repairing[0].tool, expected, True))
    elif lost:
        message = f"Whether something repairs nodes could not be read: {names(lost)}."
        checks += [
            weaviate_subject(facts, key).unread(field, expected, reason, message=message)
            for key, reason in lost.items()
        ]
    elif signs:
        seen = names(sign.tool for sign in signs)
        message = f"Found {seen}: no proof that broken nodes are repaired. {dead}"
        checks.append(
            weaviate_subject(facts, signs[0].source).check(
                field, seen, expected, False, message=message, on_failure=PARTLY
            )
        )
    else:
        message = f"Nothing in the cluster shows that broken nodes are repaired; it may be done from outside. {dead}"
        checks.append(weaviate_subject(facts, "nodes").unread(field, expected, Reason.NOT_OBSERVABLE, message=message))
    met = f"Probes restart a hung pod, and broken nodes are repaired by {names(sign.tool for sign in repairing)}."
    return to_finding("ha.node_repair", checks, met=met)


# --- Q7, Q10, Q12, Q13: trials --------------------------------------------------------------------

_CHAOS = tuple(key for key in DETECTOR_READS["chaos"] if key != "pods")
_TRIALS = (*_CHAOS, "prometheus/history", "prometheus/weaviate")


@evidence("ha.failover_tested", reads=("pods", *_TRIALS), tolerates=("pods", *_TRIALS))
def failover(facts: ClusterFacts, settings: Settings) -> Finding:
    """Signs that failures were tried or survived. They raise confidence; only an answer decides."""
    days = settings.thresholds.failover_test_days
    message = f"Only an answer decides: which failures were tried, and was it within {days} days?"
    checks = require_answer(delivery.survived(facts), facts.weaviate.ref, "last failover test", message)
    return to_finding("ha.failover_tested", checks, met="")


@evidence(
    "ha.recovery_tested",
    reads=("pods", "persistentvolumeclaims", "weaviate/backups"),
    tolerates=("pods", "persistentvolumeclaims", "weaviate/backups"),
)
def recovery(facts: ClusterFacts, settings: Settings) -> Finding:
    """Restores and pods put back on their volumes support an answer; copies do not protect from a bad delete."""
    ref = facts.weaviate.ref
    days = settings.thresholds.recovery_test_days
    checks = [*_restores(facts, days), *delivery.replaced(facts)]
    message = f"When were the loss of a node and of the data last tried, each within {days} days?"
    return to_finding("ha.recovery_tested", require_answer(checks, ref, "last recovery test", message), met="")


def _restores(facts: ClusterFacts, days: int) -> list[Check]:
    """As lines that inform, where they were read: a failed restore counts in the question on restore tests."""
    found = weaviate_backups.restored(facts, days)
    without_weight = [informing(check) for check in found]
    return [one if one.reason else told for one, told in zip(found, without_weight, strict=True)]


_CANARY = tuple(
    sorted(({*DETECTOR_READS["progressive_delivery"], *DETECTOR_READS["gitops"]} - {"pods"}) | {"controllerrevisions"})
)


@evidence("ha.canary", reads=_CANARY, tolerates=_CANARY)
def canary(facts: ClusterFacts, settings: Settings) -> Finding:
    """What would carry a canary; the procedure is for a person to describe."""
    message = "Is there a written procedure by which one pod, or another cluster, gets a new version first?"
    checks = require_answer(delivery.canaries(facts), facts.weaviate.ref, "canary procedure", message)
    return to_finding("ha.canary", checks, met="")


@evidence("ha.dev_test_env", reads=("pods", "nodes"), tolerates=("pods", "nodes"))
def environments(facts: ClusterFacts, settings: Settings) -> Finding:
    """Another Weaviate for trials in this cluster, not older and on its own nodes; other clusters are not looked at."""
    checks = delivery.environments(facts)
    if not any(check.outcome is not None or check.reason is not None for check in checks):
        message = "No other Weaviate that is named as a trial environment runs in this cluster. Is there one elsewhere?"
        checks = require_answer(checks, facts.weaviate.ref, "trial environment", message)
    return to_finding(
        "ha.dev_test_env", checks, met="Another Weaviate of the same version or newer is there for trials."
    )


# --- Q8, Q9, E3, E4: backups ----------------------------------------------------------------------


@evidence(
    "ha.weaviate_backups",
    reads=("configmaps", "cronjobs", *weaviate_backups.READS),
    tolerates=("configmaps", "cronjobs", *weaviate_backups.READS),
)
def backups(facts: ClusterFacts, settings: Settings) -> Finding:
    """A backup module with a store outside the pods, and a recent backup there that holds every collection."""
    return weaviate_backups.finding(facts, settings)


@evidence("ha.backup_test_frequency", reads=("weaviate/backups",), tolerates=("weaviate/backups",))
def backup_tests(facts: ClusterFacts, settings: Settings) -> Finding:
    """The newest backup that was restored; how often that is done is for a person to say."""
    days = settings.thresholds.restore_test_days
    checks = weaviate_backups.restored(facts, days)
    message = f"How often is a restore tried? Expected: at least every {days} days."
    checks = require_answer(checks, facts.weaviate.ref, "how often restores are tried", message)
    return to_finding("ha.backup_test_frequency", checks, met="")


@evidence("ha.backup_retention", reads=("weaviate/backups",), tolerates=("weaviate/backups",))
def retention(facts: ClusterFacts, settings: Settings) -> Finding:
    """How many backups are kept and how old they get; for how long they should be is for a person to say."""
    checks = weaviate_backups.kept(facts, settings)
    message = "For how many days are backups kept, and by what? Rules of the bucket are not visible from here."
    checks = require_answer(checks, facts.weaviate.ref, "retention", message)
    return to_finding("ha.backup_retention", checks, met="")


_CLEANERS = ("aws s3 rm", "gsutil", "gcloud storage rm", "az storage", "mc rm", "rclone delete")


@evidence(
    "ha.backup_cleanup",
    reads=("cronjobs", "weaviate/backups"),
    tolerates=("cronjobs", "weaviate/backups"),
)
def cleanup(facts: ClusterFacts, settings: Settings) -> Finding:
    """What removes old backups: Weaviate itself cannot, so it is a rule of the bucket or a job."""
    jobs = [one for one in facts.objects("cronjobs") if weaviate_backups.says(one, *_CLEANERS)]
    checks = [weaviate_backups.job_line(one, "a job that removes objects of a store") for one in jobs]
    checks += [*weaviate_backups.kept(facts, settings), *weaviate_backups.leftovers(facts)]
    message = "What removes outdated backups? Weaviate cannot, and rules of the bucket are not visible from here."
    checks = require_answer(checks, facts.weaviate.ref, "what removes old backups", message)
    return to_finding("ha.backup_cleanup", checks, met="")


# --- Q11: updates ---------------------------------------------------------------------------------

_UPDATES = ("pods", "poddisruptionbudgets", NODES, STATISTICS, SCHEMA, VERBOSE)


@evidence("ha.rolling_updates", reads=_UPDATES, tolerates=_UPDATES)
def rolling_updates(facts: ClusterFacts, settings: Settings) -> Finding:
    """One pod at a time, each awaited, with a budget for drains, and copies of the data that bridge each restart."""
    weaviate = facts.weaviate
    checks = [
        one_replica(weaviate),
        *updates.strategy(weaviate),
        *updates.readiness(weaviate),
        *updates.grace(weaviate, settings.thresholds.grace_period_minimum_seconds),
        *updates.versions(facts),
        *updates.budget(facts),
    ]
    if weaviate.replicas > 1:
        checks += [*replication.least_factor(facts), *membership.one_version(facts), *membership.synchronized(facts)]
    return to_finding("ha.rolling_updates", checks, met="Updates replace one pod at a time, and each is awaited.")


# --- E1, E2: three of everything ------------------------------------------------------------------


@evidence("ha.three_nodes", reads=("pods", NODES, STATISTICS), tolerates=("pods", NODES, STATISTICS))
def three_nodes(facts: ClusterFacts, settings: Settings) -> Finding:
    """Three replicas or more, all ready and healthy, with an odd number of three voters or more."""
    weaviate = facts.weaviate
    replicas = weaviate.replicas
    outcome = PARTLY if replicas == 2 else Outcome.NOT_MET
    message = f"Weaviate has {count(replicas, 'replica')}; three are the least that survive the loss of one."
    on = weaviate_subject(facts)
    checks = [on.check("spec.replicas", replicas, "3 or more", replicas >= 3, message=message, on_failure=outcome)]
    if replicas > 1:
        status = getattr(weaviate.object, "status", None)
        ready = getattr(status, "ready_replicas", 0)
        if weaviate.kind in ("StatefulSet", "Deployment"):
            message, ok = f"{ready} of {replicas} replicas are ready.", ready >= replicas
            field = "status.readyReplicas"
            checks.append(on.check(field, ready, str(replicas), ok, message=message, on_failure=PARTLY))
        checks += [*membership.healthy(facts), *membership.voters(facts), *membership.synchronized(facts)]
    met = f"{count(replicas, 'replica')} are ready and healthy, with an odd number of voters."
    return to_finding("ha.three_nodes", checks, met=met)


@evidence(
    "ha.rf3",
    reads=("configmaps", "pods", "nodes", SCHEMA, VERBOSE),
    tolerates=("configmaps", "pods", "nodes", SCHEMA, VERBOSE),
)
def three_copies(facts: ClusterFacts, settings: Settings) -> Finding:
    """Three copies of every collection, all there, repaired in the background."""
    one_copy = replication.held_to_one_copy(facts)
    if one_copy:
        listed = names(check.field for check in one_copy)
        message = f"This server allows one copy only ({listed}): limits of use and namespaces exclude three copies."
        facts_shown = (*one_copy, *replication.factor_three(facts))
        return Finding("ha.rf3", Outcome.NOT_APPLICABLE, message, facts_shown)
    checks = [
        *replication.factor_three(facts),
        *replication.complete_shards(facts),
        *replication.repair(facts),
        *replication.minimum(facts),
    ]
    return to_finding("ha.rf3", checks, met="Every collection with data has three copies or more, and all are there.")
