"""What encrypts the traffic between the pods: a mesh or the network plug-in, since Weaviate itself does not.

Names of the meshes' fields follow their own API types and are not verified on every release of them.
"""

from __future__ import annotations

from readiness_kit.evidence.checks import Check, note, unread, want
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.detectors.scan import DETECTOR_READS, DetectorMatch, unseen
from readiness_kit.facts.kubernetes.selectors import matches
from readiness_kit.facts.weaviate import exposure
from readiness_kit.kinds.mesh import PeerAuthentication
from readiness_kit.locate import workload_key
from readiness_kit.model import Outcome, Reason, Ref

PARTLY = Outcome.PARTLY
READS = tuple(sorted({*DETECTOR_READS["mesh"], *DETECTOR_READS["encryption"], *DETECTOR_READS["cni_enforcing"]}))
ISTIO_ROOT = "istio-system"
SKIPPED = ("config.linkerd.io/skip-inbound-ports", "config.linkerd.io/skip-outbound-ports")
FIELD, EXPECTED = "encryption between the pods", "by a mesh or the network plug-in"


def between_pods(facts: ClusterFacts) -> list[Check]:
    """Gossip, data and raft. One pod has nobody to talk to."""
    weaviate = facts.weaviate
    source = workload_key(weaviate.kind)
    if weaviate.replicas < 2:
        return [want(weaviate.ref, FIELD, "one replica: there is no such traffic", EXPECTED, True, source)]
    meshed = in_mesh(facts)
    if meshed is not None:
        return _by_mesh(facts, meshed)
    if facts.detected("encryption", 3):
        return [_by_plugin(facts)]
    lost = {**unseen(facts, "mesh"), **unseen(facts, "encryption")}
    if lost:
        key, reason = next(iter(lost.items()))
        say = f"Whether a mesh or the network plug-in encrypts the traffic between the pods: {key} was not read."
        return [unread(weaviate.ref, FIELD, EXPECTED, reason, key, say=say)]
    ciliums = [one for one in facts.detected("cni_enforcing") if one.tool.startswith("Cilium")]
    if ciliums:
        say = "Whether Cilium encrypts the traffic between the pods stands in its ConfigMap, which is not read."
        return [unread(weaviate.ref, FIELD, EXPECTED, Reason.NOT_OBSERVABLE, "", say=say)]
    say = "Nothing encrypts the traffic between the Weaviate pods, which have a password at most."
    seen = "none; a password on the data port" if _password(facts) else "none"
    return [want(weaviate.ref, FIELD, seen, EXPECTED, False, source, otherwise=PARTLY, say=say)]


def in_mesh(facts: ClusterFacts) -> DetectorMatch | None:
    """The mesh whose proxy is in every pod of Weaviate, or whose tunnel carries their traffic."""
    for hit in facts.detector_matches:
        signs = hit.detector.weaviate
        if hit.detection.group != "mesh" or hit.detection.level < 3 or signs is None:
            continue
        if not signs.containers or any(_in_every_pod(facts, name) for name in signs.containers):
            return hit
    return None


def strict(facts: ClusterFacts) -> bool:
    """Whether a mesh refuses what is not encrypted to the pods. Linkerd, unless told otherwise, takes plain clients."""
    hit = in_mesh(facts)
    istio = hit is not None and hit.detection.tool.startswith("Istio")
    return hit is not None and istio and all(check.outcome in (None, Outcome.MET) for check in _by_mesh(facts, hit))


def _in_every_pod(facts: ClusterFacts, container: str) -> bool:
    pods = facts.weaviate.pods
    return bool(pods) and all(
        any(container == one.name for one in (*pod.spec.containers, *pod.spec.init_containers)) for pod in pods
    )


def _by_mesh(facts: ClusterFacts, hit: DetectorMatch) -> list[Check]:
    tool = hit.detection.tool
    ref = facts.weaviate.ref
    # Sidecars carry TCP alone, so the gossip over UDP goes beside them.
    gossip = note(ref, f"gossip on port {exposure.GOSSIP_PORT}/UDP", "not carried by the mesh's proxies", "pods")
    if tool.startswith("Istio"):
        return [*_istio(facts, tool), gossip]
    if tool == "Linkerd":
        return [_linkerd(facts), gossip]
    say = f"The pods are in the mesh of {tool}; whether it refuses plain traffic was not read."
    return [unread(ref, FIELD, "mutual TLS in strict mode", Reason.NOT_OBSERVABLE, "pods", say=say), gossip]


def _istio(facts: ClusterFacts, tool: str) -> list[Check]:
    weaviate = facts.weaviate
    key, expected = "peerauthentications", "STRICT"
    reason = facts.missing(key)
    if reason is not None:
        say = f"The pods are in the mesh ({tool}); whether it refuses plain traffic was not read."
        return [unread(weaviate.ref, "mutual TLS", expected, reason, key, say=say)]
    policy, mode = peer_mode(facts)
    ref = Ref("PeerAuthentication", policy.metadata.name, policy.metadata.namespace) if policy else weaviate.ref
    seen = mode if policy else "PERMISSIVE (no PeerAuthentication)"
    say = f"The pods are in the mesh ({tool}), but it also takes plain traffic: mutual TLS is {mode}."
    checks = [want(ref, "spec.mtls.mode", seen, expected, mode == expected, key, otherwise=PARTLY, say=say)]
    weak = sorted(port for port, one in (policy.spec.port_level_mtls if policy else {}).items() if one.mode != expected)
    ours = {str(port) for port in (*exposure.api_ports(weaviate), exposure.DATA_PORT, *exposure.RAFT_PORTS)}
    if bad := [port for port in weak if port in ours]:
        say = f"PeerAuthentication {ref.name} takes the {'port' if len(bad) == 1 else 'ports'} {names(bad)} out."
        checks.append(
            want(ref, "spec.portLevelMtls", names(bad), "no port of Weaviate", False, key, otherwise=PARTLY, say=say)
        )
    return checks


def peer_mode(facts: ClusterFacts) -> tuple[PeerAuthentication | None, str]:
    """The most specific policy that says a mode: by selector, of the namespace, of the mesh. PERMISSIVE by default."""
    weaviate = facts.weaviate
    found: tuple[PeerAuthentication, ...] = facts.objects("peerauthentications")
    near = [one for one in found if one.metadata.namespace == weaviate.namespace]
    chosen = [one for one in near if one.spec.selector is not None and matches(one.spec.selector, weaviate.pod_labels)]
    wide = [one for one in near if one.spec.selector is None]
    mesh = [one for one in found if one.metadata.namespace == ISTIO_ROOT and one.spec.selector is None]
    for one in (*chosen, *wide, *mesh):
        mode = one.spec.mtls.mode if one.spec.mtls else ""
        if mode not in ("", "UNSET"):
            return one, mode
    return None, "PERMISSIVE"


def _linkerd(facts: ClusterFacts) -> Check:
    """Between two meshed pods TCP is encrypted by itself, but for the ports that are skipped."""
    weaviate = facts.weaviate
    layers = [weaviate.pod_annotations, *(pod.metadata.annotations for pod in weaviate.pods)]
    skipped = {port for one in layers for name in SKIPPED for port in _ports(one.get(name, ""))}
    ours = {exposure.GOSSIP_PORT, exposure.DATA_PORT, *exposure.RAFT_PORTS}
    bad = names(map(str, sorted(ours & skipped)), most=4)
    say = f"The pods are in the mesh of Linkerd, but it skips ports that they use among themselves: {bad}."
    seen = f"Linkerd, without {bad}" if bad else "Linkerd, in every pod"
    return want(weaviate.ref, FIELD, seen, EXPECTED, not bad, "pods", otherwise=PARTLY, say=say)


def _ports(text: str) -> set[int]:
    """`7001,8300-8301` -> the ports."""
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if first.isdigit():
            found |= set(range(int(first), int(last if last.isdigit() else first) + 1))
    return found


def _by_plugin(facts: ClusterFacts) -> Check:
    """A plug-in encrypts from node to node: two pods on one node talk in the clear."""
    weaviate = facts.weaviate
    tool = facts.detected("encryption", 3)[0].tool
    hosts = [pod.spec.node_name for pod in weaviate.pods]
    shared = sorted({name for name in hosts if name and hosts.count(name) > 1})
    say = f"{tool} encrypts between nodes only, and several Weaviate pods share the node {names(shared)}."
    seen = f"{tool}, but pods share {names(shared)}" if shared else tool
    ref, source = weaviate.ref, "felixconfigurations"
    if facts.missing("pods") is not None:
        reason = facts.missing("pods") or Reason.NOT_COLLECTED
        say = f"{tool} encrypts between nodes; whether Weaviate pods share a node was not read."
        return unread(ref, FIELD, EXPECTED, reason, "pods", say=say)
    return want(ref, FIELD, seen, EXPECTED, not shared, source, otherwise=PARTLY, say=say)


def _password(facts: ClusterFacts) -> bool:
    return bool(facts.weaviate.env("CLUSTER_BASIC_AUTH_PASSWORD").set)
