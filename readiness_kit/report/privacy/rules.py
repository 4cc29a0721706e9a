"""The patterns, lists and fields by which `pseudonyms` recognises names."""

from __future__ import annotations

import ipaddress
import re

NAMESPACE, NODE, WORKLOAD, POD, OBJECT = "namespace", "node", "workload", "pod", "object"
STORAGE_CLASS = "storageclass"
MIN_LENGTH = 3
"""Shorter names are replaced only in fields that hold names: in running text they are words."""

_WORKLOADS = ("statefulsets", "deployments", "daemonsets", "replicasets", "jobs", "cronjobs")
NAMED_CLUSTER_WIDE = frozenset(
    {
        "namespaces",
        "nodes",
        "persistentvolumes",
        "storageclasses",
        "volumesnapshotclasses",
        "clusterissuers",
        "nodepools",
    }
)
"""The cluster-wide kinds whose names can identify a customer; those of other kinds come with software."""


def sort_of(key: str) -> str:
    """The sort of the names of a kind (a key of `kinds.KINDS`)."""
    if key in _WORKLOADS:
        return WORKLOAD
    return {"namespaces": NAMESPACE, "nodes": NODE, "pods": POD, "storageclasses": STORAGE_CLASS}.get(key, OBJECT)


def order(key: str) -> tuple[int, str]:
    """Sort key: the order in which the names of kinds are added."""
    return (NAMESPACE, NODE, WORKLOAD, POD, OBJECT, STORAGE_CLASS).index(sort_of(key)), key


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
    three standard premium fast slow gold silver local ssd hdd""".split()
)
"""Words that running text keeps: names of public software and common words."""

_LEFT_ALONE = frozenset({"question", "pseudonym"})
_FREE_MAPS = frozenset({"labels", "annotations", "matchLabels", "selector", "nodeSelector", "data", "parameters"})
_NAME_FIELDS = frozenset(
    """namespace namespaces nodeName claimName serviceName serviceAccountName volumeName matchNames weaviate_namespaces
    persistentVolumeClaimName persistentVolumeName storageClassName volumeSnapshotClassName ingressClassName
    priorityClassName bucketName containerName rootName bucket class class_name collection tenant zone region node by
    owner approver context""".split()
)
_PARENTS = frozenset(
    """metadata ownerReferences targetRef claimRef involvedObject regarding ref roleRef subjects scaleTargetRef service
    backendRefs parentRefs configMap""".split()
)
HOST_FIELDS = frozenset("host hosts hostname hostnames dnsNames server url address externalName endpoint".split())


def is_name(key: str, parent: str) -> bool:
    """Whether a field holds a name as a whole."""
    return key in _NAME_FIELDS or (key == "name" and parent in _PARENTS)


def is_left_alone(key: str, parent: str) -> bool:
    """Whether a field refers to the checklist, the fixes of the kit or the pseudonyms; keys of a label never do."""
    return (key in _LEFT_ALONE and parent not in _FREE_MAPS) or (key == "fix" and parent == "facts")


EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)+")
URL = re.compile(
    r"https?://(?=[^\s)])(?:\[redacted(?:-credential)?\]@)?(?:\[[0-9A-Fa-f:.]+\])?"
    r"(?:\[redacted\]|[^\s<>\"'`)\]])*",
    re.IGNORECASE,
)
"""Brackets end it, except those around an IPv6 address and those of a redacted password."""
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
    """Whether a host belongs to public software or a cloud. Buckets and load balancers of a cloud do not count."""
    host = host.lower()
    if host.endswith("amazonaws.com"):
        return host.count(".") <= 2 and not host.startswith(("s3", "elb"))
    return any(host == known or host.endswith(f".{known}") for known in _PUBLIC)


def host_of(url: str) -> str:
    """The host of a URL, empty for an address that is the same everywhere."""
    host = re.sub(r"^.*@", "", url.partition("://")[2].partition("/")[0].partition("?")[0]).lower()
    if host.startswith("["):
        address = host[1:].partition("]")[0]
        return "" if is_ordinary_address(address) else address
    return host.partition(":")[0]


def is_ordinary_address(address: str) -> bool:
    """Whether an address is the same everywhere: loopback, unspecified, link-local or the start of a range."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return True
    return parsed.is_loopback or parsed.is_unspecified or parsed.is_link_local or address.endswith(".0.0")
