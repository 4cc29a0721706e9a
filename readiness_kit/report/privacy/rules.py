"""Which strings are names: the patterns, lists and fields that `pseudonyms` goes by."""

from __future__ import annotations

import ipaddress
import re

NAMESPACE, NODE, WORKLOAD, POD, OBJECT = "ns", "node", "workload", "pod", "object"
SHORTEST = 3
"""Shorter names are replaced only where a field says that they are names: `a` in a sentence is a word."""

_WORKLOADS = ("statefulsets", "deployments", "daemonsets", "replicasets", "jobs", "cronjobs")
NAMED_CLUSTER_WIDE = frozenset({"namespaces", "nodes", "persistentvolumes"})
"""The cluster-wide kinds whose names tell of a customer; those of classes, roles and definitions come with software."""


def sort_of(key: str) -> str:
    """The sort of a kind's names, by the kind's key."""
    if key in _WORKLOADS:
        return WORKLOAD
    return {"namespaces": NAMESPACE, "nodes": NODE, "pods": POD}.get(key, OBJECT)


def place(key: str) -> tuple[int, str]:
    """In which order kinds are learned from."""
    return (NAMESPACE, NODE, WORKLOAD, POD, OBJECT).index(sort_of(key)), key


KUBERNETES_OWN = frozenset(
    """default kube-system kube-public kube-node-lease kubernetes kube-root-ca.crt cluster-admin cluster.local
    svc""".split()
)
ORDINARY = frozenset(
    """weaviate kubernetes prometheus grafana alertmanager monitoring metrics logging logs backup backups velero
    coredns kube-dns kube-proxy aws-node metrics-server cluster-autoscaler karpenter cert-manager ingress-nginx nginx
    traefik istio istio-system linkerd cilium calico argocd flux flux-system operator gateway security storage network
    data app apps api web test dev staging prod production server client system cluster node nodes pod pods service
    services default main master worker workers none true false yes the and for with not all any one two
    three""".split()
)
"""Words that running text keeps: names of public software and everyday words."""

LEFT_ALONE = frozenset({"question", "pseudonym"})
_NAME_FIELDS = frozenset(
    """namespace namespaces nodeName claimName serviceName serviceAccountName volumeName matchNames weaviate_namespaces
    persistentVolumeClaimName persistentVolumeName node by owner approver context""".split()
)
_PARENTS = frozenset(
    """metadata ownerReferences targetRef claimRef involvedObject regarding ref roleRef subjects scaleTargetRef service
    backendRefs parentRefs configMap""".split()
)
HOST_FIELDS = frozenset("host hosts hostname hostnames dnsNames server url address externalName endpoint".split())


def is_name(key: str, parent: str) -> bool:
    """Whether a field holds a name and nothing else."""
    return key in _NAME_FIELDS or (key == "name" and parent in _PARENTS)


EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
URL = re.compile(
    r"https?://(?=[^\s)])(?:\[redacted\]@)?(?:\[[0-9A-Fa-f:.]+\])?(?:\[redacted\]|[^\s<>\"'`)\]])*", re.IGNORECASE
)
"""Brackets end it, but for those around an IPv6 address and those in place of a password."""
PATH = re.compile(r"(?<![\w./-])([a-z0-9][a-z0-9.-]*)/([A-Za-z0-9][A-Za-z0-9._-]*)")
TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
IPV4 = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)")
IPV6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{1,4}:){2,7}(?::?[0-9A-Fa-f]{1,4}){1,6}(?![\w:])")
HOST = re.compile(r"(?=.*[a-z])[a-z0-9_-]+(?:\.[a-z0-9_-]+)+")
PRIVATE = re.compile(r"\.(?:internal|local|lan|corp|intra|intranet|home|private)$", re.IGNORECASE)

_PUBLIC = """kubernetes.io k8s.io x-k8s.io weaviate.io weaviate.com github.com githubusercontent.com ghcr.io quay.io
    docker.io gcr.io pkg.dev amazonaws.com aws.amazon.com google.com googleapis.com microsoft.com azure.com
    prometheus.io grafana.com grafana.net coreos.com cncf.io istio.io cilium.io openai.com cohere.com cohere.ai
    anthropic.com huggingface.co velero.io helm.sh svc.cluster.local cluster.local""".split()


def is_public(host: str) -> bool:
    """Hosts of software and clouds that everybody knows. A bucket or load balancer of a cloud is not one of them."""
    host = host.lower()
    if host.endswith("amazonaws.com"):
        return host.count(".") <= 2 and not host.startswith(("s3", "elb"))
    return any(host == known or host.endswith(f".{known}") for known in _PUBLIC)


def host_of(url: str) -> str:
    """The host of a URL, "" for an address that is the same everywhere."""
    host = re.sub(r"^.*@", "", url.partition("://")[2].partition("/")[0].partition("?")[0]).lower()
    if host.startswith("["):
        address = host[1:].partition("]")[0]
        return "" if is_ordinary_address(address) else address
    return host.partition(":")[0]


def slugs(name: str) -> tuple[str, ...]:
    """How a customer's name turns up in other names: `fjord-outfitters`, `fjord_outfitters`, `fjordoutfitters`."""
    words = re.findall(r"[^\W_]+", name.lower())
    if len("".join(words)) < SHORTEST:
        return ()
    return tuple(dict.fromkeys(sign.join(words) for sign in ("-", "_", "")))


def is_ordinary_address(address: str) -> bool:
    """Addresses that are the same everywhere: loopback, unspecified, link-local, and the heads of private ranges."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return True
    return parsed.is_loopback or parsed.is_unspecified or parsed.is_link_local or address.endswith(".0.0")
