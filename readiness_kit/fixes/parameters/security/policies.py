"""Parameters of the NetworkPolicy for the Weaviate pods: whom it admits, and where it lets the pods connect to.

Nothing that is needed may be cut: cluster ports, scraping, DNS, modules, backups. Where a caller is not known, the
policy is an open decision.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import msgspec

from readiness_kit.evidence.conditions.network import entry_points, network_policies, plugin_policies
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.kubernetes import network_policies as rules
from readiness_kit.facts.kubernetes.network_policies import Port
from readiness_kit.facts.kubernetes.selectors import matches
from readiness_kit.facts.weaviate import exposure, scraping
from readiness_kit.fixes.model import OpenDecision, Value
from readiness_kit.fixes.parameters.names import pod_selector
from readiness_kit.fixes.parameters.registry import Context, parameter
from readiness_kit.fixes.parameters.security.exposure import to_close
from readiness_kit.kinds.marks import is_redacted
from readiness_kit.kinds.meta import KubeObject
from readiness_kit.kinds.network import NetworkPolicy

Rule = dict[str, Any]
NAME = "kubernetes.io/metadata.name"
METADATA = "169.254.0.0/16"
"""Link-local addresses, at which the clouds offer credentials."""
PORTS = (
    "CLUSTER_GOSSIP_BIND_PORT", "CLUSTER_DATA_BIND_PORT", "RAFT_PORT", "RAFT_INTERNAL_RPC_PORT", "GRPC_PORT",
    "PROMETHEUS_MONITORING_PORT",
)  # fmt: skip
"""Variables that set a port of the server."""
NODE_LOCAL_DNS = "169.254.20.10/32"
DNS_NAMES = ("coredns", "kube-dns", "rke2-coredns-rke2-coredns")
BY_TOKEN = ("eks.amazonaws.com/role-arn", "azure.workload.identity/client-id")
"""Cloud identities of an account that exchange a token over HTTPS, without a link-local address."""
REMOTE = ("backup-s3", "backup-gcs", "backup-azure", "offload-s3")
FLOWS = "the flow logs of the network plug-in, and the owners of the applications"


@parameter("policy_name")
def policy_name(context: Context) -> Value:
    """A name that no NetworkPolicy of the namespace has."""
    facts = context.facts
    taken = {each.metadata.name for each in _of_namespace(facts)}
    name = facts.weaviate.name if facts.weaviate.name not in taken else f"{facts.weaviate.name}-allow-list"
    return Value(name, "the name of the workload")


@parameter("policy_ingress")
def policy_ingress(context: Context) -> Value | OpenDecision:
    """Who may connect: clients to the API, monitoring to the metrics, the pods to each other."""
    facts = context.facts
    clients = _hidden_port(facts) or _clients(facts)
    if isinstance(clients, OpenDecision):
        return clients
    peers, source = clients
    own = {"from": [_own_pods(context)], "ports": _ports(network_policies.cluster_ports(facts))}
    if not network_policies.uncovered(facts, "Ingress"):
        return Value([own], source)
    listed = [{"from": [{"podSelector": {}}, *peers], "ports": _ports(map(Port, exposure.api_ports(facts.weaviate)))}]
    if facts.weaviate.is_enabled("PROMETHEUS_MONITORING_ENABLED") is not False:
        scrapers = monitoring_namespaces(facts)
        if not scrapers:
            what = "the namespace that scrapes the metrics: no Prometheus was found"
            return OpenDecision("monitoring_namespace", what, FLOWS)
        listed.append({"from": list(map(_namespace, scrapers)), "ports": _ports([Port(scraping.metrics_port(facts))])})
    return Value([*listed, own], source)


@parameter("policy_egress")
def policy_egress(context: Context) -> Value | OpenDecision:
    """Where the pods may connect to: each other, DNS, modules, and the object storage or model providers."""
    facts = context.facts
    hosts = _hidden_port(facts) or _hosts(facts)
    if isinstance(hosts, OpenDecision):
        return hosts
    listed = [{"to": [_own_pods(context)], "ports": _ports(network_policies.cluster_ports(facts))}, _dns(facts)]
    outside = {443} if _calls_out(facts) else set()
    for host, port in hosts:
        namespace = _namespace_of(host, facts.weaviate.namespace)
        if namespace is None:
            outside.add(port)
        elif namespace == facts.weaviate.namespace:
            listed.append({"to": [{"podSelector": {}}]})
        else:
            listed.append({"to": [_namespace(namespace)]})
    if outside:
        block = {"ipBlock": {"cidr": "0.0.0.0/0", "except": [METADATA]}}
        six = [{"ipBlock": {"cidr": "::/0"}}] if any(":" in pod.status.pod_ip for pod in facts.weaviate.pods) else []
        listed.append({"to": [block, *six], "ports": _ports(map(Port, sorted(outside)))})
    if _by_metadata(facts):
        listed.append({"to": [{"ipBlock": {"cidr": METADATA}}], "ports": _ports([Port(80), Port(988)])})
    distinct = [rule for at, rule in enumerate(listed) if rule not in listed[:at]]
    return Value(distinct, "the ports, modules and addresses in the environment of the pods")


@parameter("policy_clients")
def policy_clients(context: Context) -> Value | OpenDecision:
    """The clients that the policy admits, in words."""
    clients = _clients(context.facts)
    if isinstance(clients, OpenDecision):
        return clients
    if not network_policies.uncovered(context.facts, "Ingress"):
        return Value("the callers that the present policies admit", clients[1])
    peers = [_described(peer) for peer in clients[0]]
    own = f"pods in {context.facts.weaviate.namespace}"
    return Value(names([own, *peers], most=9), clients[1])


def _hidden_port(facts: ClusterFacts) -> OpenDecision | None:
    """The decision on a port of the server that a variable sets and the snapshot does not hold."""
    hidden = [name for name in PORTS if not facts.weaviate.env(name).known]
    if not hidden:
        return None
    return OpenDecision("ports", f"the port in {names(hidden, most=6)}", "the values of the installation")


# --- who connects ---------------------------------------------------------------------------------


def _clients(facts: ClusterFacts) -> tuple[list[Rule], str] | OpenDecision:
    """The peers that call the API and where they are known from; open where unknown callers could be cut off."""
    if plugin_policies.in_mesh(facts):
        what = "the ports of the mesh: its proxies need some that depend on the version"
        return OpenDecision("mesh", what, "the documentation of the mesh")
    if not network_policies.uncovered(facts, "Ingress"):
        return [], "the policies that admit the clients already, to which another one only adds"
    declared = _declared(facts)
    routes = entry_points.ways(facts)
    controllers = gateway_namespaces(facts) if routes else []
    if routes and not controllers:
        named = names(f"{route.ref.kind} {route.ref.name}" for route in routes)
        what = f"the namespace or addresses of what serves {named}"
        return OpenDecision("clients", what, FLOWS)
    closed = {entry.name for by_values in (True, False) for entry in to_close(facts, by_values=by_values)}
    kept = [entry for entry in exposure.entries(facts) if entry.outside and entry.name not in closed]
    unlimited = names(entry.name for entry in kept if not entry.limited)
    if unlimited:
        what = f"the addresses that call the load balancer of {unlimited}: it has no source ranges"
        return OpenDecision("clients", what, FLOWS)
    if not declared:
        what = "which namespaces call Weaviate: no NetworkPolicy names them"
        return OpenDecision("clients", what, FLOWS)
    ranges = [{"ipBlock": {"cidr": cidr}} for entry in kept for cidr in entry.sources]
    peers = [*declared, *map(_namespace, controllers), *ranges]
    distinct = [peer for at, peer in enumerate(peers) if peer not in peers[:at]]
    return distinct, "the NetworkPolicies, Ingresses and Services of the snapshot"


def _declared(facts: ClusterFacts) -> list[Rule]:
    """The peers that policies of the namespace admit to a port of the API, also those that select no Weaviate pod."""
    found: list[Rule] = []
    for policy in _of_namespace(facts):
        if not _is_meant_for_weaviate(facts, policy):
            continue
        for port in exposure.api_ports(facts.weaviate):
            peers = rules.peers_on([policy], Port(port), facts.weaviate.spec)
            if any(peer.everybody for peer in peers) or rules.open_to_all(peers):
                continue
            found += [msgspec.to_builtins(peer.peer) for peer in peers if peer.peer is not None]
    return [peer for at, peer in enumerate(found) if peer not in found[:at]]


def _is_meant_for_weaviate(facts: ClusterFacts, policy: NetworkPolicy) -> bool:
    """Whether a policy selects a Weaviate pod, or no pod at all, as with a wrong label; not one for other pods."""
    own = {pod.metadata.name for pod in facts.weaviate.pods}
    selected = {
        pod.metadata.name
        for pod in facts.objects("pods")
        if pod.metadata.namespace == facts.weaviate.namespace and matches(policy.spec.pod_selector, pod.metadata.labels)
    }
    return not selected or bool(selected & own)


def gateway_namespaces(facts: ClusterFacts) -> list[str]:
    """The namespaces of the ingress controllers and gateways that run."""
    matches = [match for match in facts.detector_matches if match.detection.group == "gateway"]
    return sorted({each.metadata.namespace for match in matches for each in match.workloads} - {""})


def monitoring_namespaces(facts: ClusterFacts) -> list[str]:
    """The namespaces of the Prometheus objects and of the workloads that scrape."""
    servers = {server.metadata.namespace for server in facts.objects("prometheuses")}
    return sorted((servers | scraping.scraper_namespaces(facts)) - {""})


# --- where the pods connect to --------------------------------------------------------------------


def _hosts(facts: ClusterFacts) -> list[tuple[str, int]] | OpenDecision:
    """(host, port) of modules, object storage and identity provider that variables name; open where one is hidden."""
    found = []
    for variable in facts.weaviate.container.env:
        if not variable.name.endswith(("_INFERENCE_API", "_ENDPOINT", "_OIDC_ISSUER")):
            continue
        value = facts.weaviate.env(variable.name)
        if not value.known or is_redacted(value.value):
            what = f"the host and port in {variable.name}, which the snapshot does not hold"
            return OpenDecision("addresses", what, "the values of the installation")
        if value.value:
            text = value.value if "://" in value.value else f"//{value.value}"
            parts = urlsplit(text, scheme="https")
            found.append((parts.hostname or "", parts.port or (80 if parts.scheme == "http" else 443)))
    return found


def _namespace_of(host: str, own: str) -> str | None:
    """The namespace of a Service of the cluster; None for a host outside."""
    parts = host.rstrip(".").split(".")
    if len(parts) == 1:
        return own
    return parts[1] if len(parts) == 2 or parts[2] == "svc" else None


def _calls_out(facts: ClusterFacts) -> bool:
    """Whether a module calls an object storage or a model provider, or the modules are not known."""
    modules = facts.weaviate.modules()
    local = ("transformers", "filesystem", "centroid", "spellcheck", "sum-", "ner-", "qna-transformers")
    return modules is None or any(not any(word in module for word in local) for module in modules)


def _by_metadata(facts: ClusterFacts) -> bool:
    """Whether the credentials for the object storage come from a link-local address, or may do so."""
    weaviate = facts.weaviate
    modules = weaviate.modules()
    key = (weaviate.namespace, weaviate.service_account)
    accounts = [each for each in facts.objects("serviceaccounts") if _key(each) == key]
    by_token = any(each.metadata.annotations.get(name) for each in accounts for name in BY_TOKEN)
    if by_token or (modules is not None and not set(modules) & set(REMOTE)):
        return False
    names_set = ("AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "GOOGLE_APPLICATION_CREDENTIALS", "AZURE_STORAGE_KEY")
    return not any(weaviate.env(name).set for name in names_set)


def _dns(facts: ClusterFacts) -> Rule:
    """Name resolution, at the DNS of the cluster where it is known; otherwise at any address."""
    deployments = [each.metadata for each in facts.objects("deployments")]
    known = {each.namespace for each in deployments if each.name in DNS_NAMES}
    namespaces = {each.metadata.name for each in facts.objects("namespaces")}
    openshift = {"openshift-dns"} & namespaces
    numbers = (53, 5353) if openshift else (53,)
    ports = _ports(Port(number, protocol) for number in numbers for protocol in ("UDP", "TCP"))
    if not known | openshift:
        return {"ports": ports}
    peers = [_namespace(name) for name in sorted(known | openshift)]
    if any(each.metadata.name == "node-local-dns" for each in facts.objects("daemonsets")):
        peers.append({"ipBlock": {"cidr": NODE_LOCAL_DNS}})
    return {"to": peers, "ports": ports}


# --- parts of rules -------------------------------------------------------------------------------


def _of_namespace(facts: ClusterFacts) -> list[NetworkPolicy]:
    namespace = facts.weaviate.namespace
    return [each for each in facts.objects("networkpolicies") if each.metadata.namespace == namespace]


def _key(item: KubeObject) -> tuple[str, str]:
    return item.metadata.namespace, item.metadata.name


def _namespace(name: str) -> Rule:
    return {"namespaceSelector": {"matchLabels": {NAME: name}}}


def _own_pods(context: Context) -> Rule:
    return {"podSelector": pod_selector(context).value}


def _ports(ports: Any) -> list[Rule]:
    return [{"port": port.number, "protocol": port.protocol} for port in ports]


def _described(peer: Rule) -> str:
    selector = peer.get("namespaceSelector") or peer.get("podSelector") or {}
    if "ipBlock" in peer:
        return str(peer["ipBlock"]["cidr"])
    labels = dict(selector.get("matchLabels") or {})
    if set(labels) == {NAME}:
        return f"the namespace {labels[NAME]}"
    kind = "namespaces" if "namespaceSelector" in peer else "pods"
    return f"{kind} with {names(f'{key}={value}' for key, value in labels.items()) or 'the recorded labels'}"
