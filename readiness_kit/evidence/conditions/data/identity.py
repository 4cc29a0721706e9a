"""How the pods find and recognise each other: separate data, separate names, and names that point to something.

Pods that share a data folder, have one name, or do not join each other are unconnected servers, whatever the number of
replicas. Where Weaviate itself reports as many healthy nodes as replicas, a name that is wrong breaks the next start
only, so it is `partly` there.
"""

from __future__ import annotations

import re

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.conditions.data.membership import NODES
from readiness_kit.evidence.conditions.resources.storage import data_mount, data_volume
from readiness_kit.evidence.wording import agree, names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate import exposure
from readiness_kit.facts.weaviate.shards import quorum
from readiness_kit.facts.weaviate.workload import Workload
from readiness_kit.labels import count
from readiness_kit.model import Check, Outcome

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
CLAIMS, SERVICES = "persistentvolumeclaims", "services"
READS = (CLAIMS, SERVICES, "configmaps")
DEFAULT_GOSSIP_PORT = "7946"
JOIN, HOSTNAME, GOSSIP = "CLUSTER_JOIN", "CLUSTER_HOSTNAME", "CLUSTER_GOSSIP_BIND_PORT"
RAFT_JOIN, RAFT_EXPECT, RECOVERY = "RAFT_JOIN", "RAFT_BOOTSTRAP_EXPECT", "RAFT_ENABLE_ONE_NODE_RECOVERY"
_IP = re.compile(r"[\d.]+|\[?(?=[0-9a-fA-F]{0,4}:)[0-9a-fA-F:]{2,45}\]?")


def separate(facts: ClusterFacts) -> list[Check]:
    """The pods are members of one cluster, each with its own data folder and name."""
    if facts.weaviate.replicas < 2:
        return []
    return [*_shared_data(facts), *_shared_name(facts), *_joined(facts)]


def connected(facts: ClusterFacts) -> list[Check]:
    """Everything by which the pods find each other at their next start, and what is left of an earlier size."""
    return [
        *separate(facts),
        *lasting_names(facts),
        *_join_targets(facts),
        *_raft_names(facts),
        *_service_name(facts),
        *_one_node_recovery(facts),
        *_leftover_claims(facts),
    ]


def _works_now(facts: ClusterFacts) -> bool:
    """Whether Weaviate reports as many healthy nodes as there are replicas."""
    answer = facts.answer(NODES)
    healthy = sum(node.status == "HEALTHY" for node in answer.nodes) if answer is not None else 0
    return facts.missing(NODES) is None and healthy >= facts.weaviate.replicas > 0


def _severity(facts: ClusterFacts) -> Outcome:
    return PARTLY if _works_now(facts) else NOT_MET


# --- one cluster ----------------------------------------------------------------------------------


def _shared_data(facts: ClusterFacts) -> list[Check]:
    weaviate, volume = facts.weaviate, data_volume(facts.weaviate)
    if volume is None or volume.persistent_volume_claim is None or _own_folder(weaviate):
        return []
    claim, replicas = volume.persistent_volume_claim.claim_name, weaviate.replicas
    modes = names(mode for item in weaviate.claims if item.metadata.name == claim for mode in item.spec.access_modes)
    message = (
        f"All {replicas} pods use the claim {claim}{f' ({modes})' if modes else ''}: {replicas} servers write to one "
        "data folder, which corrupts it, and there is only one copy of the data. "
        "Use a StatefulSet with a claim template."
    )
    on, expected, fix = weaviate_subject(facts), "one for each pod", "cluster.rebuild"
    return [on.check("claim of the data", f"{claim} for {replicas} pods", expected, False, message=message, fix=fix)]


def _own_folder(weaviate: Workload) -> bool:
    """Whether each pod mounts a separate folder of the claim."""
    mounted = data_mount(weaviate)
    return any(mount.name == mounted and "$(" in mount.sub_path_expr for mount in weaviate.container.volume_mounts)


def _shared_name(facts: ClusterFacts) -> list[Check]:
    value = facts.weaviate.env(HOSTNAME)
    if value.state not in ("literal", "config_map") or not value.known or not value.value:
        return []
    message = f"All pods have the name {value.value} ({HOSTNAME}): they cannot be members of one cluster."
    seen, on = f"{value.value} for all pods", weaviate_subject(facts)
    expected, fix = "not set, or the name of each pod", "cluster.rebuild"
    return [on.check(f"env {HOSTNAME}", seen, expected, False, message=message, fix=fix)]


def _joined(facts: ClusterFacts) -> list[Check]:
    value = facts.weaviate.env(JOIN)
    if _works_now(facts) or not (value.state == "unset" or (value.known and not value.value.strip())):
        return []
    replicas = facts.weaviate.replicas
    message = f"{JOIN} is not set: the {replicas} pods do not find each other and are {replicas} separate servers."
    on, expected, fix = weaviate_subject(facts), "the headless Service of the pods", "cluster.rebuild"
    return [on.check(f"env {JOIN}", "not set", expected, False, message=message, fix=fix)]


def lasting_names(facts: ClusterFacts) -> list[Check]:
    """A Deployment gives each new pod another name, so without CLUSTER_HOSTNAME it is a new member without data."""
    weaviate, field = facts.weaviate, f"env {HOSTNAME}"
    if weaviate.kind != "Deployment" or weaviate.env(HOSTNAME).state != "unset":
        return []
    message = (
        f"A Deployment names each new pod differently, and {HOSTNAME} is not set: after a restart Weaviate is a new "
        "member that does not own the shards stored under the old name."
    )
    on, expected, fix = weaviate_subject(facts), "a fixed name for each pod, or a StatefulSet", "cluster.rebuild"
    return [on.check(field, "not set", expected, False, message=message, fix=fix)]


# --- names that point to something ----------------------------------------------------------------


def _join_targets(facts: ClusterFacts) -> list[Check]:
    """The Services and the port in CLUSTER_JOIN."""
    weaviate, value, on = facts.weaviate, facts.weaviate.env(JOIN), weaviate_subject(facts)
    if not value.known or weaviate.replicas < 2:
        return []
    checks, field, fix, outcome = [], f"env {JOIN}", "cluster.join", _severity(facts)
    for target in filter(None, (part.strip() for part in value.value.split(","))):
        host, port = _split(target)
        if problem := _wrong_host(facts, host):
            seen, expected = target, "a Service in the namespace of the pods"
            message = f"{JOIN} points to {host}: {problem}. The pods do not find each other when they start."
            checks.append(on.check(field, seen, expected, False, message=message, on_failure=outcome, fix=fix))
        gossip = weaviate.env(GOSSIP)
        listens = (gossip.value or DEFAULT_GOSSIP_PORT) if gossip.known else ""
        if port and listens and port != listens:
            message = f"{JOIN} names port {port}, but the pods listen for members on port {listens} ({GOSSIP})."
            expected = f"port {listens}"
            checks.append(on.check(field, target, expected, False, message=message, on_failure=outcome, fix=fix))
    return checks


def _split(target: str) -> tuple[str, str]:
    host, _, port = target.rpartition(":")
    return (host, port) if host and port.isdigit() and ":" not in host else (target, "")


def _wrong_host(facts: ClusterFacts, host: str) -> str:
    """Why a host of CLUSTER_JOIN is not a Service of the pods; empty where it is one, or where that is not known."""
    weaviate, parts = facts.weaviate, host.rstrip(".").split(".")
    if _IP.fullmatch(host) or facts.missing(SERVICES) is not None:
        return ""
    own = [item for item in facts.objects(SERVICES) if item.metadata.namespace == weaviate.namespace]
    known = {item.metadata.name for item in own}
    if "svc" in parts:
        parts = parts[: parts.index("svc")]
        service, namespace = (parts[-2], parts[-1]) if len(parts) > 1 else (parts[0] if parts else "", "")
    elif len(parts) == 1:
        service, namespace = parts[0], weaviate.namespace
    elif len(parts) == 2 and parts[1] in known:  # a pod of a headless Service
        service, namespace = parts[1], weaviate.namespace
    elif len(parts) == 2:
        service, namespace = parts
    else:
        return ""
    if namespace != weaviate.namespace:
        return f"the namespace is {namespace or 'missing'}, but the pods are in {weaviate.namespace}"
    pods = {pod.metadata.name for pod in weaviate.pods}
    named = next((item for item in own if item.metadata.name == service), None)
    if named is not None and named.spec.selector and not exposure.leads_to_weaviate(facts, named):
        return f"the Service {service} selects none of the pods"
    return "" if service in known or service in pods else f"there is no Service {service} in {namespace}"


def _raft_names(facts: ClusterFacts) -> list[Check]:
    """RAFT_JOIN names members that exist, and enough of them for the first start."""
    weaviate, value, on = facts.weaviate, facts.weaviate.env(RAFT_JOIN), weaviate_subject(facts)
    listed = [part.strip().partition(":")[0] for part in value.value.split(",") if part.strip()] if value.known else []
    checks = []
    existing = _members(weaviate)
    absent = [name for name in listed if name.partition(".")[0] not in existing]
    if absent and existing:
        number, left = len(listed), len(listed) - len(absent)
        lost = left < quorum(number)
        effect = ", so the first start has no majority" if lost else ""
        message = f"{RAFT_JOIN} names {names(absent)}, which {agree(len(absent), 'does', 'do')} not exist{effect}."
        outcome = _severity(facts) if lost else PARTLY
        field, expected, fix = f"env {RAFT_JOIN}", "existing pods", "raft.voters"
        checks.append(on.check(field, value.value, expected, False, message=message, on_failure=outcome, fix=fix))
    expect = weaviate.env(RAFT_EXPECT)
    number = int(expect.value) if expect.known and expect.value.isdigit() else 0
    if weaviate.replicas and number > weaviate.replicas:
        pods = count(weaviate.replicas, "replica")
        message = f"{RAFT_EXPECT} waits for {number} voters, but there {agree(weaviate.replicas, 'is', 'are')} {pods}."
        seen, expected = str(number), f"{weaviate.replicas} or fewer"
        field, fix, outcome = f"env {RAFT_EXPECT}", "raft.voters", _severity(facts)
        checks.append(on.check(field, seen, expected, False, message=message, on_failure=outcome, fix=fix))
    elif number == 1 and weaviate.replicas > 1:
        message = f"{RAFT_EXPECT} is 1: the metadata store has one voter, and its loss stops all schema changes."
        seen, expected = "1", "3" if weaviate.replicas >= 3 else "3, with 3 replicas"
        field, fix = f"env {RAFT_EXPECT}", "raft.voters" if weaviate.replicas >= 3 else "replicas.three"
        checks.append(on.check(field, seen, expected, False, message=message, on_failure=PARTLY, fix=fix))
    return checks


def _members(weaviate: Workload) -> set[str]:
    """The names that the pods have as members; empty where they are not known."""
    hostname = weaviate.env(HOSTNAME)
    if hostname.known and hostname.value:
        return {hostname.value}
    if hostname.state not in ("unset", "field", "literal"):
        return set()
    if weaviate.kind == "StatefulSet":
        return set(weaviate.pod_names)
    return {pod.metadata.name for pod in weaviate.pods}


def _service_name(facts: ClusterFacts) -> list[Check]:
    """The Service that gives the pods of a StatefulSet their DNS names."""
    workload = facts.weaviate.stateful_set
    name = workload.spec.service_name if workload is not None else ""
    if not name or facts.missing(SERVICES) is not None or facts.weaviate.replicas < 2:
        return []
    services = (item.metadata for item in facts.objects(SERVICES))
    if any((item.namespace, item.name) == (facts.weaviate.namespace, name) for item in services):
        return []
    message = f"There is no Service {name} (spec.serviceName): the pods have no DNS names."
    on = weaviate_subject(facts)
    field, seen, fix = "spec.serviceName", f"{name}: not found", "cluster.service"
    return [on.check(field, seen, "a Service", False, message=message, on_failure=PARTLY, fix=fix)]


# --- remains of an earlier state ------------------------------------------------------------------


def _one_node_recovery(facts: ClusterFacts) -> list[Check]:
    if not facts.weaviate.is_enabled(RECOVERY):
        return []
    message = (
        f"{RECOVERY} is still on: a node that restarts makes itself the only voter of the metadata store. "
        "Remove the variable after a recovery."
    )
    field, on, fix = f"env {RECOVERY}", weaviate_subject(facts), "raft.recovery_off"
    return [on.check(field, "on", "not set", False, message=message, on_failure=PARTLY, fix=fix)]


def _leftover_claims(facts: ClusterFacts) -> list[Check]:
    """Claims of pods that a smaller number of replicas no longer has: their shards and votes may be lost."""
    weaviate, workload = facts.weaviate, facts.weaviate.stateful_set
    if workload is None or facts.missing(CLAIMS) is not None:
        return []
    prefixes = tuple(f"{item.metadata.name}-{weaviate.name}-" for item in workload.spec.volume_claim_templates)
    left = {}
    for claim in facts.objects(CLAIMS):
        name = claim.metadata.name
        ordinal = next((name.removeprefix(prefix) for prefix in prefixes if name.startswith(prefix)), "")
        known = claim.metadata.namespace == weaviate.namespace and ordinal.isdigit()
        if known and int(ordinal) not in weaviate.ordinals:
            left[int(ordinal)] = name
    if not left:
        return []
    every = (*left, *weaviate.ordinals)
    before = max(every) + 1 - min(every)
    on, field, expected = Subject(weaviate.ref, CLAIMS), "claims of pods that no longer exist", "none"
    raft = facts.raft
    if raft is not None and all(member.live for member in raft.members) and _works_now(facts):
        return [on.info(field, f"{names(left.values())}: delete them once their data is not needed")]
    lost = weaviate.replicas < quorum(min(before, 3))
    effect = "they are not a majority of the old voters" if lost else "shards and votes that were not moved are missing"
    message = (
        f"The claims {names(left.values())} remain from {before} replicas; there are {weaviate.replicas}: {effect}."
    )
    seen, fix = names(left.values()), "claims.leftover"
    return [on.check(field, seen, expected, False, message=message, on_failure=PARTLY, fix=fix)]
