"""High availability and resilience: what the cluster shows of zones, nodes, repair, backups and updates.

Where a rule needs what only Weaviate itself tells (placement of shards, replication factors, the list of
backups), that condition stands as not read: it keeps a question from being met, and never fails it.
"""

from __future__ import annotations

from collections import Counter

from readiness_kit.evidence import repair, updates
from readiness_kit.evidence.framework import Check, conclude, evidence, note, unread, want, workload_key
from readiness_kit.evidence.placement import one_replica, pods_by_node, second_nodes, zones_of_pods
from readiness_kit.evidence.spread import HOSTNAME, ZONE, strongest
from readiness_kit.evidence.wording import duration, names, spread_over
from readiness_kit.facts import Facts
from readiness_kit.facts.topology import candidate_nodes, zone_of_node
from readiness_kit.facts.workload import Workload
from readiness_kit.kinds.pods import Pod
from readiness_kit.kinds.workloads import CronJob
from readiness_kit.model import Finding, Outcome, Reason, Ref, Settings
from readiness_kit.words import count

PARTLY = Outcome.PARTLY


# --- Q1 -------------------------------------------------------------------------------------------


@evidence(
    "ha.multi_az",
    reads=("pods", "nodes", "persistentvolumeclaims", "persistentvolumes"),
    tolerates=("persistentvolumeclaims", "persistentvolumes"),
)
def zones(facts: Facts, settings: Settings) -> Finding:
    """Pods in three zones, none with a majority, by a hard rule; the placement of shards is Weaviate's to tell."""
    weaviate = facts.weaviate
    checks = [one_replica(weaviate)]
    rule = strongest(weaviate, ZONE)
    source = workload_key(weaviate.kind)
    if weaviate.replicas > 1:
        checks += zones_of_pods(facts)
        say = f"Nothing holds the pods to different zones: {rule.say}."
        checks.append(
            want(
                weaviate.ref,
                rule.field,
                rule.text,
                "a hard rule over zones",
                rule.hard,
                source,
                otherwise=PARTLY,
                say=say,
            )
        )
        say = "Which shards and voters a zone holds was not read from Weaviate, and it does not place them by zone."
        checks.append(
            unread(
                weaviate.ref,
                "shards and voters by zone",
                "a quorum without any one zone",
                facts.missing("weaviate/nodes") or Reason.NOT_COLLECTED,
                "weaviate/nodes",
                say=say,
            )
        )
    else:
        checks.append(note(weaviate.ref, rule.field, rule.text, source, "a hard rule over zones", rule.hard))
    return conclude("ha.multi_az", checks, met="The pods run in three zones or more.")


# --- Q2 -------------------------------------------------------------------------------------------


@evidence("ha.replicas_across_nodes", reads=("pods",))
def nodes(facts: Facts, settings: Settings) -> Finding:
    """One pod a node, by a hard rule; and data that is replicated, which Weaviate has to tell."""
    weaviate = facts.weaviate
    source = workload_key(weaviate.kind)
    rule = strongest(weaviate, HOSTNAME)
    say = f"Nothing holds the pods to different nodes: {rule.say}."
    hard = want(
        weaviate.ref, rule.field, rule.text, "a hard rule over nodes", rule.hard, source, otherwise=PARTLY, say=say
    )
    checks = [one_replica(weaviate), *pods_by_node(weaviate), hard]
    if weaviate.replicas > 1:
        checks += _replicated_data(facts)
    met = f"{count(weaviate.replicas, 'pod')} run on as many nodes, held there by a hard rule."
    return conclude("ha.replicas_across_nodes", checks, met=met)


def _replicated_data(facts: Facts) -> list[Check]:
    weaviate = facts.weaviate
    minimum = weaviate.env("REPLICATION_MINIMUM_FACTOR")
    shown = minimum.value if minimum.state in ("literal", "config_map") else minimum.state
    why = facts.missing("weaviate/schema") or Reason.NOT_COLLECTED
    say = "Spread pods are not spread data: the replication factor of the collections was not read from Weaviate."
    return [
        note(weaviate.ref, "env REPLICATION_MINIMUM_FACTOR", shown, workload_key(weaviate.kind)),
        unread(weaviate.ref, "replication factor of each collection", "more than 1", why, "weaviate/schema", say=say),
    ]


# --- Q5 -------------------------------------------------------------------------------------------


@evidence(
    "ha.workers_across_zones",
    reads=("pods", "nodes", "persistentvolumeclaims", "persistentvolumes"),
    tolerates=("pods", "persistentvolumeclaims", "persistentvolumes"),
)
def workers(facts: Facts, settings: Settings) -> Finding:
    """Nodes that can take a Weaviate pod, by zone, and a second one wherever a volume cannot move."""
    weaviate = facts.weaviate
    candidates = candidate_nodes(facts)
    by_zone = Counter(zone for node in candidates if (zone := zone_of_node(node)))
    bare = [node.metadata.name for node in candidates if not zone_of_node(node)]
    field = "nodes that can take a pod, by zone"
    if not candidates:
        say = "No ready, schedulable node can take a Weaviate pod at this moment."
        none = want(weaviate.ref, field, "none", "3 zones or more", False, "nodes", say=say)
        return conclude("ha.workers_across_zones", [none], met="")
    checks: list[Check] = []
    if bare:
        say = f"No zone label on {names(bare)}: ask which racks or rooms the nodes stand in."
        checks.append(
            unread(Ref("Node", min(bare)), "zone label", "on each node", Reason.NOT_OBSERVABLE, "nodes", say=say)
        )
    number = len(by_zone)
    if number > 1 or not bare:
        say = f"Weaviate can run in {count(number, 'zone')} only: {names(by_zone)}."
        outcome = PARTLY if number == 2 else Outcome.NOT_MET
        seen = spread_over(by_zone)
        checks.append(
            want(weaviate.ref, field, seen, "3 zones or more", number >= 3, "nodes", otherwise=outcome, say=say)
        )
    if number > 1:
        skew = max(by_zone.values()) - min(by_zone.values())
        limit = settings.thresholds.zone_skew_maximum
        say = f"The zones are uneven: {spread_over(by_zone)}."
        checks.append(
            want(
                weaviate.ref,
                "most minus fewest nodes",
                skew,
                f"{limit} or less",
                skew <= limit,
                "nodes",
                otherwise=PARTLY,
                say=say,
            )
        )
    checks += second_nodes(facts, candidates, by_zone)
    met = (
        f"{count(len(candidates), 'node')} in {count(number, 'zone')} can take a Weaviate pod ({spread_over(by_zone)})."
    )
    return conclude("ha.workers_across_zones", checks, met=met)


# --- Q6 -------------------------------------------------------------------------------------------


@evidence("ha.node_repair", reads=("pods", "nodes", *repair.READS), tolerates=repair.READS)
def node_repair(facts: Facts, settings: Settings) -> Finding:
    """Probes that restart a hung pod, and something that repairs or replaces a broken node."""
    signs = repair.signs(facts)
    repairing = [sign for sign in signs if sign.power == repair.REPAIRS]
    checks = _self_healing(facts.weaviate)
    for sign in signs:
        checks.append(note(sign.ref, sign.field, f"{sign.seen}: {sign.tool}, {sign.power}", sign.source))
    weaviate = facts.weaviate
    field, expected = "node repair", "managed repair or a repair controller"
    lost = repair.lost(facts)
    dead = "Kubernetes itself does not move a StatefulSet pod off a dead node."
    if repairing:
        checks.append(want(weaviate.ref, field, repairing[0].tool, expected, True, repairing[0].source))
    elif lost:
        say = f"Whether something repairs nodes could not be read: {names(lost)}."
        checks += [unread(weaviate.ref, field, expected, reason, key, say=say) for key, reason in lost.items()]
    elif signs:
        seen = names(sign.tool for sign in signs)
        say = f"Found {seen}: no proof that broken nodes are repaired. {dead}"
        checks.append(want(weaviate.ref, field, seen, expected, False, signs[0].source, otherwise=PARTLY, say=say))
    else:
        say = f"Nothing in the cluster shows that broken nodes are repaired; it may be done from outside. {dead}"
        checks.append(unread(weaviate.ref, field, expected, Reason.NOT_OBSERVABLE, "nodes", say=say))
    met = f"Probes restart a hung pod, and broken nodes are repaired by {names(sign.tool for sign in repairing)}."
    return conclude("ha.node_repair", checks, met=met)


def _self_healing(weaviate: Workload) -> list[Check]:
    source = workload_key(weaviate.kind)
    container = weaviate.container
    checks = []
    for probe, field, effect in (
        (container.liveness_probe, "livenessProbe", "a hung Weaviate is never restarted"),
        (container.readiness_probe, "readinessProbe", "traffic reaches pods that cannot answer"),
    ):
        say = f"The container {container.name} has no {field}: {effect}."
        checks.append(want(weaviate.ref, field, _present(probe), "present", probe is not None, source, say=say))
    checks.append(note(weaviate.ref, "startupProbe", _present(container.startup_probe), source))
    if container.liveness_probe is not None:
        probe = container.liveness_probe
        wait = probe.initial_delay_seconds + probe.period_seconds * probe.failure_threshold
        checks.append(note(weaviate.ref, "livenessProbe, until a first restart", duration(wait), source))
    for pod in weaviate.pods:
        if not pod.metadata.owner_references:
            say = f"The pod {pod.metadata.name} belongs to no workload: nothing brings it back."
            ref = Ref("Pod", pod.metadata.name, pod.metadata.namespace)
            checks.append(want(ref, "ownerReferences", "none", "a workload", False, "pods", say=say))
        checks += _restarts(pod, container.name)
    return checks


def _present(probe: object) -> str:
    return "present" if probe is not None else "absent"


def _restarts(pod: Pod, container: str) -> list[Check]:
    for status in pod.status.container_statuses:
        if status.name == container and status.restart_count:
            last = status.last_state.terminated
            seen = f"{status.restart_count}{f', last {last.reason}' if last and last.reason else ''}"
            return [note(Ref("Pod", pod.metadata.name, pod.metadata.namespace), "restarts", seen, "pods")]
    return []


# --- Q8 -------------------------------------------------------------------------------------------

_BACKENDS = {
    "backup-s3": ("BACKUP_S3_BUCKET", "BACKUP_S3_PATH", "BACKUP_S3_ENDPOINT"),
    "backup-gcs": ("BACKUP_GCS_BUCKET", "BACKUP_GCS_PATH"),
    "backup-azure": ("BACKUP_AZURE_CONTAINER", "BACKUP_AZURE_PATH"),
    "backup-filesystem": ("BACKUP_FILESYSTEM_PATH",),
}


@evidence("ha.weaviate_backups", reads=("configmaps", "cronjobs"), tolerates=("configmaps", "cronjobs"))
def backups(facts: Facts, settings: Settings) -> Finding:
    """A backup module with a store outside the pods; the backups themselves are Weaviate's to list."""
    weaviate = facts.weaviate
    modules = weaviate.modules()
    if modules is None:
        found = weaviate.env("ENABLE_MODULES")
        origin = f" ({found.origin})" if found.origin else ""
        say = f"Which modules are on could not be read{origin}."
        why = found.reason or Reason.NOT_OBSERVABLE
        key = workload_key(weaviate.kind) if found.reason in (None, Reason.NOT_OBSERVABLE) else "configmaps"
        checks = [unread(weaviate.ref, "env ENABLE_MODULES", "a backup module", why, key, say=say)]
    else:
        checks = _backends(weaviate, [name for name in modules if name in _BACKENDS])
    checks += [_job(job) for job in facts.objects("cronjobs") if _backs_up(job)]
    why = facts.missing("weaviate/backups") or Reason.NOT_COLLECTED
    say = "Whether a recent backup succeeded, and of which collections, was not read from Weaviate."
    checks.append(
        unread(weaviate.ref, "newest successful backup", "not older than the RPO", why, "weaviate/backups", say=say)
    )
    return conclude("ha.weaviate_backups", checks, met="Backups go to a store outside the cluster.")


def _backends(weaviate: Workload, modules: list[str]) -> list[Check]:
    key = workload_key(weaviate.kind)
    field, expected = "backup modules (ENABLE_MODULES)", "backup-s3, backup-gcs or backup-azure"
    if not modules:
        say = "No backup module is switched on: Weaviate cannot make a backup at all."
        return [want(weaviate.ref, field, "none", expected, False, key, say=say)]
    outside = [name for name in modules if name != "backup-filesystem"]
    say = "The only backup module is backup-filesystem, which writes to the pod's own disk."
    outcome = PARTLY
    if weaviate.replicas > 1:
        say = f"The only backup module is backup-filesystem, which Weaviate refuses with {weaviate.replicas} replicas."
        outcome = Outcome.NOT_MET
    checks = [want(weaviate.ref, field, ", ".join(modules), expected, bool(outside), key, otherwise=outcome, say=say)]
    for name in (name for module in modules for name in _BACKENDS[module]):
        value = weaviate.env(name)
        if value.state != "unset":
            checks.append(note(weaviate.ref, f"env {name}", value.value or f"set ({value.origin})", key))
    if "backup-s3" in modules and weaviate.truthy("BACKUP_S3_USE_SSL") is False:
        say = "Backups go to S3 without TLS (BACKUP_S3_USE_SSL is false)."
        checks.append(
            want(weaviate.ref, "env BACKUP_S3_USE_SSL", "false", "true", False, key, otherwise=PARTLY, say=say)
        )
    return checks


def _backs_up(job: CronJob) -> bool:
    spec = job.spec.job_template.spec.template.spec
    texts = [text for container in spec.containers for text in (*container.command, *container.args)]
    texts += [env.value for container in spec.containers for env in container.env]
    return any("/v1/backups" in text for text in texts)


def _job(job: CronJob) -> Check:
    """A schedule alone proves nothing: it may be suspended, or never have succeeded."""
    last = job.status.last_successful_time
    when = f"last success {last:%Y-%m-%d %H:%M} UTC" if last else "never succeeded"
    seen = f"schedule {job.spec.schedule}, {'suspended' if job.spec.suspend else when}"
    ref = Ref("CronJob", job.metadata.name, job.metadata.namespace)
    fine = last is not None and not job.spec.suspend
    return note(ref, "a job that calls /v1/backups", seen, "cronjobs", "running and successful", fine)


# --- Q11 ------------------------------------------------------------------------------------------


@evidence("ha.rolling_updates", reads=("pods", "poddisruptionbudgets"), tolerates=("pods", "poddisruptionbudgets"))
def rolling_updates(facts: Facts, settings: Settings) -> Finding:
    """One pod at a time, each awaited, with a budget for drains; the replicas of the data are Weaviate's to tell."""
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
        why = facts.missing("weaviate/schema") or Reason.NOT_COLLECTED
        say = "Whether each collection keeps a replica during a restart was not read from Weaviate."
        checks.append(unread(weaviate.ref, "least replication factor", "3 or more", why, "weaviate/schema", say=say))
    return conclude("ha.rolling_updates", checks, met="Updates replace one pod at a time, and each is awaited.")
