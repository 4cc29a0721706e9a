"""High availability and resilience: zones, nodes, repair, backups, updates, rehearsals, replication.

One function for each question; the conditions are in `conditions/`. A source that could not be read leaves its
condition unread, which keeps a question from being met and never fails it.
"""

from __future__ import annotations

from readiness_kit.evidence.checks import Subject, answer_needed, any_of, informing, to_finding, weaviate_subject
from readiness_kit.evidence.conditions import start
from readiness_kit.evidence.conditions.availability import (
    control_plane,
    delivery,
    failure_domains,
    interruption,
    placement,
    probes,
    repair,
    updates,
)
from readiness_kit.evidence.conditions.backups import weaviate_backups
from readiness_kit.evidence.conditions.data import agreement, identity, membership, replication
from readiness_kit.evidence.registry import evidence
from readiness_kit.evidence.wording import names, spread_over
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.detectors.scan import DETECTOR_READS
from readiness_kit.labels import count
from readiness_kit.model import Check, Finding, Outcome, Reason, Settings

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
SCHEMA, NODES, STATISTICS, VERBOSE = replication.SCHEMA, membership.NODES, membership.STATISTICS, replication.VERBOSE
_VOLUMES = ("persistentvolumeclaims", "persistentvolumes")


# --- Q1, Q2, Q5: zones and nodes ------------------------------------------------------------------


def _zones_by_template(facts: ClusterFacts) -> list[Check]:
    return [placement.several_replicas(facts, 3), placement.separation(facts, placement.ZONES)]


@evidence(
    "ha.multi_az",
    reads=("pods", "nodes", *_VOLUMES, VERBOSE, SCHEMA, STATISTICS),
    tolerates=(*_VOLUMES, VERBOSE, SCHEMA, STATISTICS),
    known=_zones_by_template,
)
def zones(facts: ClusterFacts, settings: Settings) -> Finding:
    """Pods in three zones by a required rule; shards and voters keep their quorum without any one zone."""
    several, separation = _zones_by_template(facts)
    checks = [several, *identity.separate(facts)]
    if facts.weaviate.replicas > 1:
        checks += [*placement.zones_of_pods(facts), separation, *failure_domains.zones(facts)]
    else:
        checks.append(informing(separation))
    met = "The pods run in at least three zones; shards and raft voters keep their quorum when any one zone is lost."
    return to_finding("ha.multi_az", checks, met=met)


def _nodes_by_template(facts: ClusterFacts) -> list[Check]:
    return [placement.several_replicas(facts, 3), placement.separation(facts, placement.NODES)]


@evidence(
    "ha.replicas_across_nodes",
    reads=("pods", "nodes", *_VOLUMES, NODES, SCHEMA, VERBOSE),
    tolerates=("nodes", *_VOLUMES, NODES, SCHEMA, VERBOSE),
    known=_nodes_by_template,
)
def nodes(facts: ClusterFacts, settings: Settings) -> Finding:
    """One pod on each node by a required rule, all healthy, and more than one replica of all data."""
    several, separation = _nodes_by_template(facts)
    checks = [several, *identity.separate(facts), *placement.pods_by_node(facts), separation]
    if facts.weaviate.replicas > 1:
        message = "The replication factor was not read from Weaviate: separate pods do not mean replicated data."
        checks += [*replication.minimum(facts), *replication.single_copies(facts, message), *membership.healthy(facts)]
        checks += failure_domains.reschedulable(facts)
    checks += interruption.checks(facts)
    pods = count(facts.weaviate.replicas, "pod")
    met = f"{pods} run on as many nodes, as a rule requires, and all data has more than one replica."
    return to_finding("ha.replicas_across_nodes", checks, met=met)


@evidence("ha.workers_across_zones", reads=("pods", "nodes", *_VOLUMES), tolerates=("pods", *_VOLUMES))
def candidates_across_zones(facts: ClusterFacts, settings: Settings) -> Finding:
    """Nodes that can take a Weaviate pod in three zones, and a second one wherever a volume cannot move."""
    by_zone = placement.nodes_by_zone(facts)
    number = f"{count(len(facts.candidate_nodes), 'node')} in {count(len(by_zone), 'zone')}"
    met = f"{number} can take a Weaviate pod ({spread_over(by_zone)})."
    return to_finding("ha.workers_across_zones", placement.candidates(facts, settings), met=met)


# --- Q3, Q4: the control plane --------------------------------------------------------------------


@evidence("ha.control_plane", reads=("nodes", "leases", "pods"), tolerates=("nodes", "leases", "pods"))
def control_plane_instances(facts: ClusterFacts, settings: Settings) -> Finding:
    """Three control-plane nodes in two zones, or two API servers of a managed control plane."""
    on, message = Subject(control_plane.CLUSTER, "nodes"), "Whether control-plane nodes are visible could not be read."
    unread = on.missing(facts, "control-plane nodes", "3 or more, odd", message)
    met = "The control plane runs on several instances."
    return to_finding("ha.control_plane", unread or control_plane.instances(facts), met=met)


_START_DEPENDENCIES = (
    "rolebindings",
    "clusterrolebindings",
    "mutatingwebhookconfigurations",
    "validatingwebhookconfigurations",
    "horizontalpodautoscalers",
)
_DEPENDS = (*_START_DEPENDENCIES, "scaledobjects", "namespaces", "deployments", "serviceaccounts", SCHEMA, VERBOSE)


@evidence("ha.no_control_plane", reads=("pods", *_DEPENDS), tolerates=("pods", *_DEPENDS))
def without_control_plane(facts: ClusterFacts, settings: Settings) -> Finding:
    """Whether Weaviate keeps running without the control plane; only a person knows whether that was tested."""
    replicas = facts.weaviate.replicas
    message = f"With {count(replicas, 'replica')} Weaviate cannot bridge the loss of a node."
    checks = [
        weaviate_subject(facts).check(
            "spec.replicas", replicas, "3 or more", replicas >= 3, message=message, fix="replicas.three"
        ),
        *identity.separate(facts),
        *replication.single_copies(facts, "The replication factor was not read from Weaviate."),
        *control_plane.dependencies(facts),
        control_plane.api_token(facts),
    ]
    for key in _START_DEPENDENCIES:
        message = f"Could not be read, although a restart may depend on it: {key}."
        checks += weaviate_subject(facts, key).missing(facts, "dependencies of a restart", "none", message)
    message = "When was Weaviate last tested without the control plane, and with what result?"
    fix = "control_plane.rehearse"
    checks.append(answer_needed(facts, "tested without the control plane", message, fix=fix))
    return to_finding("ha.no_control_plane", checks, met="")


# --- Q6: repair -----------------------------------------------------------------------------------


@evidence("ha.node_repair", reads=("pods", "nodes", *repair.READS), tolerates=repair.READS, known=repair.self_healing)
def node_repair(facts: ClusterFacts, settings: Settings) -> Finding:
    """Probes that restart a hung pod, and a tool that repairs or replaces a failed node."""
    found = repair.indicators(facts)
    repairing = [indicator for indicator in found if indicator.power == repair.REPAIRS]
    checks = [*repair.self_healing(facts), *probes.windows(facts, settings), *probes.asked(facts)]
    for indicator in found:
        on = Subject(indicator.ref, indicator.source)
        checks.append(on.info(indicator.field, f"{indicator.seen}: {indicator.tool}, {indicator.power}"))
    field, expected, unread = "node repair", "managed repair or a repair controller", repair.unread(facts)
    stays = "Kubernetes itself does not move a StatefulSet pod off a failed node."
    if repairing:
        checks.append(weaviate_subject(facts, repairing[0].source).check(field, repairing[0].tool, expected, True))
    elif unread:
        message = f"Whether failed nodes are repaired could not be read: {names(unread)}."
        alternatives = [
            weaviate_subject(facts, key).unread(field, expected, reason, message=message)
            for key, reason in unread.items()
        ]
        checks.append(any_of(alternatives))
    elif found:
        seen, on = names(indicator.tool for indicator in found), weaviate_subject(facts, found[0].source)
        message = f"Found {seen}, which does not prove that failed nodes are repaired. {stays}"
        checks.append(on.check(field, seen, expected, False, message=message, on_failure=PARTLY, fix="node_repair.on"))
    else:
        message = f"No tool that repairs failed nodes was found; repair may be done from outside the cluster. {stays}"
        on, reason, fix = weaviate_subject(facts, "nodes"), Reason.NOT_OBSERVABLE, "node_repair.on"
        checks.append(on.unread(field, expected, reason, message=message, fix=fix))
    met = f"Probes restart a hung pod, and {names(indicator.tool for indicator in repairing)} repairs failed nodes."
    return to_finding("ha.node_repair", checks, met=met)


# --- Q7, Q10, Q12, Q13: rehearsals ----------------------------------------------------------------

_CHAOS = tuple(key for key in DETECTOR_READS["chaos"] if key != "pods")
_FAILOVER = ("pods", *_CHAOS, "prometheus/history", "prometheus/weaviate")


@evidence("ha.failover_tested", reads=_FAILOVER, tolerates=_FAILOVER)
def failover(facts: ClusterFacts, settings: Settings) -> Finding:
    """Signs that failures were rehearsed or survived; the answer of a person decides."""
    days = settings.thresholds.failover_test_days
    message = f"Your answer is needed: which failures were tested, and was that within {days} days?"
    checks = [
        *delivery.survived_failures(facts),
        answer_needed(facts, "last failover test", message, fix="failover.rehearse"),
    ]
    return to_finding("ha.failover_tested", checks, met="")


_RECOVERY = ("pods", "persistentvolumeclaims", "weaviate/backups")


@evidence("ha.recovery_tested", reads=_RECOVERY, tolerates=_RECOVERY)
def recovery(facts: ClusterFacts, settings: Settings) -> Finding:
    """Restores, and pods restarted on their volumes; replicas do not protect against an accidental deletion."""
    days = settings.thresholds.recovery_test_days
    checks = [*_restores(facts, days), *delivery.restarted_on_volumes(facts)]
    message = f"When was recovery from the loss of a node and of the data last tested? Expected: within {days} days."
    checks.append(answer_needed(facts, "last recovery test", message, fix="failover.rehearse"))
    return to_finding("ha.recovery_tested", checks, met="")


def _restores(facts: ClusterFacts, days: int) -> list[Check]:
    """For information: a failed restore counts in the question on restore tests."""
    return [check if check.reason else informing(check) for check in weaviate_backups.restored(facts, days)]


_CANARY = tuple(
    sorted(({*DETECTOR_READS["progressive_delivery"], *DETECTOR_READS["gitops"]} - {"pods"}) | {"controllerrevisions"})
)


@evidence("ha.canary", reads=_CANARY, tolerates=_CANARY)
def canary(facts: ClusterFacts, settings: Settings) -> Finding:
    """What could carry a canary; only a person can describe the procedure."""
    message = "Is there a written procedure in which one pod, or another cluster, runs a new version first?"
    checks = [*delivery.canaries(facts), answer_needed(facts, "canary procedure", message, fix="canary.procedure")]
    return to_finding("ha.canary", checks, met="")


@evidence("ha.dev_test_env", reads=("pods", "nodes"), tolerates=("pods", "nodes"))
def environments(facts: ClusterFacts, settings: Settings) -> Finding:
    """A test environment in this cluster, not older and on its own nodes; other clusters are not read."""
    checks = delivery.environments(facts)
    if all(check.outcome is None and check.reason is None for check in checks):
        message = "No other Weaviate in this cluster is named as a test environment. Is there one elsewhere?"
        checks.append(answer_needed(facts, "test environment", message, fix="environment.test"))
    met = "A test environment runs the same version of Weaviate or a newer one."
    return to_finding("ha.dev_test_env", checks, met=met)


# --- Q8, Q9, E3, E4: backups ----------------------------------------------------------------------

_BACKUPS = ("configmaps", "cronjobs", *weaviate_backups.READS)


@evidence("ha.weaviate_backups", reads=_BACKUPS, tolerates=_BACKUPS)
def backups(facts: ClusterFacts, settings: Settings) -> Finding:
    """A backup module with a store outside the pods, and a recent backup there of every collection."""
    return weaviate_backups.finding(facts, settings)


@evidence("ha.backup_test_frequency", reads=("weaviate/backups",), tolerates=("weaviate/backups",))
def backup_tests(facts: ClusterFacts, settings: Settings) -> Finding:
    """The newest backup that was restored; only a person knows how often restores are tested."""
    days = settings.thresholds.restore_test_days
    message = f"How often is a restore tested? Expected: at least every {days} days."
    checks = weaviate_backups.restored(facts, days)
    checks.append(answer_needed(facts, "frequency of restore tests", message, fix="failover.rehearse"))
    return to_finding("ha.backup_test_frequency", checks, met="")


@evidence("ha.backup_retention", reads=("weaviate/backups",), tolerates=("weaviate/backups",))
def retention(facts: ClusterFacts, settings: Settings) -> Finding:
    """How many backups are kept and how old they are; only a person knows for how long they should be kept."""
    message = "For how many days are backups kept, and by what? Lifecycle rules of the bucket are not visible here."
    checks = weaviate_backups.kept(facts, settings)
    checks.append(answer_needed(facts, "retention", message, fix="backups.retention"))
    return to_finding("ha.backup_retention", checks, met="")


_CLEANERS = ("aws s3 rm", "gsutil", "gcloud storage rm", "az storage", "mc rm", "rclone delete")


@evidence("ha.backup_cleanup", reads=("cronjobs", "weaviate/backups"), tolerates=("cronjobs", "weaviate/backups"))
def cleanup(facts: ClusterFacts, settings: Settings) -> Finding:
    """What removes old backups: Weaviate cannot, so it is a lifecycle rule of the bucket or a job."""
    jobs = [job for job in facts.objects("cronjobs") if weaviate_backups.mentions(job, *_CLEANERS)]
    checks = [weaviate_backups.job_status(facts, job, "a job that removes objects from a store") for job in jobs]
    checks += [*weaviate_backups.kept(facts, settings), *weaviate_backups.leftovers(facts)]
    message = "What removes old backups? Weaviate cannot, and lifecycle rules of the bucket are not visible here."
    checks.append(answer_needed(facts, "what removes old backups", message, fix="backups.cleanup"))
    return to_finding("ha.backup_cleanup", checks, met="")


# --- Q11: updates ---------------------------------------------------------------------------------

_UPDATES = ("pods", "poddisruptionbudgets", NODES, STATISTICS, SCHEMA, VERBOSE)


@evidence("ha.rolling_updates", reads=_UPDATES, tolerates=_UPDATES)
def rolling_updates(facts: ClusterFacts, settings: Settings) -> Finding:
    """One pod at a time, each awaited, with a budget for drains, and replicas that bridge each restart."""
    checks = [
        *start.refusals(facts),
        placement.several_replicas(facts),
        *updates.strategy(facts),
        *identity.separate(facts),
        *identity.lasting_names(facts),
        updates.readiness(facts),
        updates.grace(facts, settings.thresholds.grace_period_minimum_seconds),
        *updates.versions(facts),
        *updates.budget(facts),
    ]
    if facts.weaviate.replicas > 1:
        checks += [*replication.least_factor(facts), *membership.one_version(facts), *membership.synchronized(facts)]
    met = "Updates replace one pod at a time and wait until it is ready."
    return to_finding("ha.rolling_updates", checks, met=met)


# --- E1, E2: three of everything ------------------------------------------------------------------


_THREE = ("pods", *identity.READS, NODES, STATISTICS)


@evidence("ha.three_nodes", reads=_THREE, tolerates=_THREE)
def three_nodes(facts: ClusterFacts, settings: Settings) -> Finding:
    """At least three replicas, all ready and healthy, with an odd number of at least three voters."""
    weaviate, on = facts.weaviate, weaviate_subject(facts)
    replicas = weaviate.replicas
    message = f"Weaviate has {count(replicas, 'replica')}; at least three are needed to survive the loss of one."
    checks = [on.check("spec.replicas", replicas, "3 or more", replicas >= 3, message=message, fix="replicas.three")]
    checks += start.refusals(facts, "members")
    if replicas > 1:
        if weaviate.kind in ("StatefulSet", "Deployment"):
            checks.append(membership.ready_replicas(facts))
        checks += [*membership.healthy(facts), *membership.voters(facts), *membership.synchronized(facts)]
    checks += identity.connected(facts)
    met = f"{count(replicas, 'replica')} are ready and healthy, with an odd number of raft voters."
    return to_finding("ha.three_nodes", checks, met=met)


_FACTOR = ("configmaps", "pods", "nodes", SCHEMA, VERBOSE)


@evidence("ha.rf3", reads=_FACTOR, tolerates=_FACTOR)
def replication_factor(facts: ClusterFacts, settings: Settings) -> Finding:
    """At least three replicas of every collection, all of them present, repaired in the background."""
    limited = replication.limited_to_one(facts)
    if limited:
        variables = names(check.field for check in limited)
        message = f"This server is limited to a replication factor of 1 ({variables})."
        shown = (*limited, *replication.factor_three(facts))
        return Finding("ha.rf3", Outcome.NOT_APPLICABLE, message, shown)
    checks = [
        *replication.factor_three(facts),
        *replication.complete_shards(facts),
        *agreement.checks(facts, settings),
        *replication.repair(facts),
        *replication.minimum(facts),
    ]
    met = "Every collection with data has a replication factor of at least 3, and all replicas are present."
    return to_finding("ha.rf3", checks, met=met)
