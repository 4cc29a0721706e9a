"""Encryption between the pods: by a service mesh or the network plug-in, because Weaviate does not encrypt it.

Field names of the meshes follow their API types and are not verified on every release.
"""

from __future__ import annotations

from collections.abc import Iterator

from readiness_kit.evidence.checks import Subject, informing, primary_reason, weaviate_subject
from readiness_kit.evidence.wording import agree, names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.detectors.scan import DETECTOR_READS, DetectorMatch, unseen
from readiness_kit.facts.kubernetes.selectors import matches
from readiness_kit.facts.weaviate import exposure
from readiness_kit.kinds.mesh import PeerAuthentication
from readiness_kit.model import Check, Outcome, Reason

PARTLY = Outcome.PARTLY
READS = tuple(sorted({*DETECTOR_READS["mesh"], *DETECTOR_READS["encryption"], *DETECTOR_READS["cni_enforcing"]}))
ISTIO_ROOT = "istio-system"
PEERS, STRICT = "peerauthentications", "STRICT"
SKIPPED = ("config.linkerd.io/skip-inbound-ports", "config.linkerd.io/skip-outbound-ports")
AMBIENT = "istio.io/dataplane-mode"
EXCLUDED, INCLUDED = "traffic.sidecar.istio.io/excludeInboundPorts", "traffic.sidecar.istio.io/includeInboundPorts"
FIELD, EXPECTED = "encryption between the pods", "by a mesh or the network plug-in"


def between_pods(facts: ClusterFacts) -> list[Check]:
    """Encryption of gossip, data and Raft traffic. A single pod has no such traffic."""
    on = weaviate_subject(facts)
    if facts.weaviate.replicas < 2:
        return [on.check(FIELD, "one replica: there is no such traffic", EXPECTED, True)]
    mesh, plug_in = in_mesh(facts), _by_plug_in(facts) if facts.detected("encryption", 3) else None
    if mesh is not None:
        by_mesh = list(_by_mesh(facts, mesh))
        encrypted = plug_in is not None and plug_in.outcome is Outcome.MET
        return [plug_in, *map(informing, by_mesh)] if plug_in is not None and encrypted else by_mesh
    if plug_in is not None:
        return [plug_in]
    missing = {**unseen(facts, "mesh"), **unseen(facts, "encryption")}
    if missing:
        key, reason = next(iter(missing.items()))
        message = f"Whether a mesh or the network plug-in encrypts traffic between the pods is unknown: {key} not read."
        return [weaviate_subject(facts, key).unread(FIELD, EXPECTED, reason, message=message, on_failure=PARTLY)]
    if any(detection.tool.startswith("Cilium") for detection in facts.detected("cni_enforcing")):
        message = "Whether Cilium encrypts traffic between the pods is set in its ConfigMap, which is not read."
        on = weaviate_subject(facts, "")
        return [on.unread(FIELD, EXPECTED, Reason.NOT_OBSERVABLE, message=message, on_failure=PARTLY)]
    message = "Nothing encrypts the traffic between the Weaviate pods, which has only basic authentication or none."
    password = facts.weaviate.env("CLUSTER_BASIC_AUTH_PASSWORD").set
    seen = "none; a password on the data port" if password else "none"
    return [on.check(FIELD, seen, EXPECTED, False, message=message, on_failure=PARTLY, fix="encryption.inside")]


def in_mesh(facts: ClusterFacts) -> DetectorMatch | None:
    """The mesh whose proxy runs in every Weaviate pod, or whose tunnel carries their traffic."""
    for match in facts.detector_matches:
        weaviate = match.detector.weaviate
        if match.detection.group != "mesh" or match.detection.level < 3 or weaviate is None:
            continue
        if not weaviate.containers and _left_out(facts):
            continue
        if not weaviate.containers or any(_in_every_pod(facts, name) for name in weaviate.containers):
            return match
    return None


def _left_out(facts: ClusterFacts) -> bool:
    """Whether a pod is excepted from the ambient mesh of its namespace."""
    return any(pod.metadata.labels.get(AMBIENT) == "none" for pod in facts.weaviate.pods)


def strict(facts: ClusterFacts) -> bool | Reason:
    """Whether the mesh rejects unencrypted traffic to the pods, or why that is not known.

    Linkerd accepts it by default.
    """
    mesh = in_mesh(facts)
    if mesh is None:
        return next(iter(unseen(facts, "mesh").values()), False)
    if not mesh.detection.tool.startswith("Istio"):
        return False
    checks = tuple(_by_mesh(facts, mesh))
    if any(check.outcome not in (None, Outcome.MET) for check in checks):
        return False
    reasons = [check.reason for check in checks if check.reason is not None]
    return primary_reason(reasons) if reasons else True


def _in_every_pod(facts: ClusterFacts, container: str) -> bool:
    pods = facts.weaviate.pods
    return bool(pods) and all(
        any(container == c.name for c in (*pod.spec.containers, *pod.spec.init_containers)) for pod in pods
    )


def _by_mesh(facts: ClusterFacts, mesh: DetectorMatch) -> Iterator[Check]:
    tool, on = mesh.detection.tool, weaviate_subject(facts, "pods")
    if tool.startswith("Istio"):
        yield from _istio(facts, tool)
    elif tool == "Linkerd":
        yield _linkerd(facts)
    else:
        message = f"The pods are in the mesh of {tool}; whether it rejects plain traffic was not read."
        yield on.unread(FIELD, "mutual TLS in strict mode", Reason.NOT_OBSERVABLE, message=message, on_failure=PARTLY)
    # Proxies carry TCP only, so gossip over UDP bypasses them.
    yield on.info(f"gossip on port {exposure.GOSSIP_PORT}/UDP", "not carried by the mesh's proxies")


def _istio(facts: ClusterFacts, tool: str) -> Iterator[Check]:
    reason = facts.missing(PEERS)
    if reason is not None:
        message = f"The pods are in the mesh ({tool}); whether it rejects plain traffic was not read."
        yield weaviate_subject(facts, PEERS).unread("mutual TLS", STRICT, reason, message=message, on_failure=PARTLY)
        return
    policy, mode = peer_mode(facts)
    on, seen = weaviate_subject(facts, PEERS), "PERMISSIVE (no PeerAuthentication)"
    if policy is not None:
        on, seen = Subject.of(PEERS, policy), mode
    message = f"The pods are in the mesh ({tool}), but it also accepts plain traffic: mutual TLS is {mode}."
    ok, fix = mode == STRICT, "mesh.strict"
    yield on.check("spec.mtls.mode", seen, STRICT, ok, message=message, on_failure=PARTLY, fix=fix)
    if skipped := names(map(str, _skipped_by_sidecars(facts)), most=6):
        message = f"The sidecars of {tool} leave out ports of Weaviate, which stay in plain text: {skipped}."
        on_pods = weaviate_subject(facts, "pods")
        seen, fix = f"without {skipped}", "mesh.ports"
        yield on_pods.check("inbound ports", seen, "all", False, message=message, on_failure=PARTLY, fix=fix)
    ports = {str(port) for port in (*exposure.api_ports(facts.weaviate), exposure.DATA_PORT, *exposure.RAFT_PORTS)}
    by_port = policy.spec.port_level_mtls if policy else {}
    exempt = sorted(port for port, mtls in by_port.items() if mtls.mode != STRICT and port in ports)
    if exempt:
        message = f"PeerAuthentication {on.ref.name} exempts the {agree(len(exempt), 'port', 'ports')} {names(exempt)}."
        field, expected, fix = "spec.portLevelMtls", "no port of Weaviate", "mesh.ports"
        yield on.check(field, names(exempt), expected, False, message=message, on_failure=PARTLY, fix=fix)


def _skipped_by_sidecars(facts: ClusterFacts) -> list[int]:
    """The ports of Weaviate on which the sidecars of Istio pass incoming traffic through as it is, by annotation."""
    weaviate = facts.weaviate
    own = {*exposure.api_ports(weaviate), exposure.GOSSIP_PORT, exposure.DATA_PORT, *exposure.RAFT_PORTS}
    skipped: set[int] = set()
    for layer in (weaviate.pod_annotations, *(pod.metadata.annotations for pod in weaviate.pods)):
        included = layer.get(INCLUDED, "*").strip()
        skipped |= own & _ports(layer.get(EXCLUDED, ""))
        skipped |= set() if included == "*" else own - _ports(included)
    return sorted(skipped)


def peer_mode(facts: ClusterFacts) -> tuple[PeerAuthentication | None, str]:
    """The most specific policy that sets a mode: by selector, of the namespace, of the mesh. PERMISSIVE by default."""
    weaviate = facts.weaviate
    policies: tuple[PeerAuthentication, ...] = facts.objects(PEERS)
    near = [policy for policy in policies if policy.metadata.namespace == weaviate.namespace]
    selected = [p for p in near if p.spec.selector is not None and matches(p.spec.selector, weaviate.pod_labels)]
    of_namespace = [policy for policy in near if policy.spec.selector is None]
    of_mesh = [p for p in policies if p.metadata.namespace == ISTIO_ROOT and p.spec.selector is None]
    for policy in (*selected, *of_namespace, *of_mesh):
        mode = policy.spec.mtls.mode if policy.spec.mtls else ""
        if mode not in ("", "UNSET"):
            return policy, mode
    return None, "PERMISSIVE"


def _linkerd(facts: ClusterFacts) -> Check:
    """Linkerd encrypts TCP between meshed pods, except on skipped ports."""
    weaviate = facts.weaviate
    layers = [weaviate.pod_annotations, *(pod.metadata.annotations for pod in weaviate.pods)]
    skipped = {port for layer in layers for name in SKIPPED for port in _ports(layer.get(name, ""))}
    exempt = names(map(str, skipped & {exposure.GOSSIP_PORT, exposure.DATA_PORT, *exposure.RAFT_PORTS}), most=4)
    message = f"The pods are in the mesh of Linkerd, but it skips ports that they use among themselves: {exempt}."
    seen = f"Linkerd, without {exempt}" if exempt else "Linkerd, in every pod"
    on = weaviate_subject(facts, "pods")
    return on.check(FIELD, seen, EXPECTED, not exempt, message=message, on_failure=PARTLY, fix="mesh.ports")


def _ports(text: str) -> set[int]:
    """`7001,8300-8301` -> {7001, 8300, 8301}."""
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if first.isdigit():
            found |= set(range(int(first), int(last if last.isdigit() else first) + 1))
    return found


def _by_plug_in(facts: ClusterFacts) -> Check:
    """A plug-in encrypts from node to node; traffic between two pods on one node is not encrypted."""
    tool, reason = facts.detected("encryption", 3)[0].tool, facts.missing("pods")
    if reason is not None:
        message = f"{tool} encrypts between nodes; whether Weaviate pods share a node was not read."
        return weaviate_subject(facts, "pods").unread(FIELD, EXPECTED, reason, message=message, on_failure=PARTLY)
    nodes = [pod.spec.node_name for pod in facts.weaviate.pods]
    shared = names(name for name in nodes if name and nodes.count(name) > 1)
    message = f"{tool} encrypts between nodes only, and several Weaviate pods share the node {shared}."
    seen = f"{tool}, but pods share {shared}" if shared else tool
    on = weaviate_subject(facts, "felixconfigurations")
    return on.check(FIELD, seen, EXPECTED, not shared, message=message, on_failure=PARTLY, fix="separation.nodes")
