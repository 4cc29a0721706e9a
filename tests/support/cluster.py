"""A made-up cluster for tests of facts and evidence: a few lines of Kubernetes YAML in, `Facts` out.

    from tests.support.cluster import cluster, weaviate

    facts = cluster(weaviate())                                  # 3 pods, 3 nodes, 3 zones, chart-like
    facts = cluster(weaviate(replicas=1))                        # the chart's default
    facts = cluster(weaviate(zones=("a", "a", "b")))             # one node a pod, in these zones ("" = no label)
    facts = cluster(weaviate(nodes=("n1", "n1", "n2")))          # which node each pod runs on
    facts = cluster(weaviate(env={"GOMEMLIMIT": "7GiB", "GOGC": None}))      # add, change, remove (None) variables
    facts = cluster(weaviate(conf={"authentication": {"apikey": {"enabled": True}}}))  # conf.yaml; conf=None: no file
    facts = cluster(weaviate(spec={"updateStrategy": {"type": "OnDelete"}},  # merged into the StatefulSet's spec
                             pod={"hostNetwork": True},          # merged into the pod template's spec
                             container={"resources": {...}},     # merged into the server's container
                             template_metadata={"annotations": {...}}))
    facts = cluster(weaviate(), '''
        kind: PodDisruptionBudget
        metadata: {name: weaviate}                               # namespace defaults to "weaviate" where there is one
        spec: {maxUnavailable: 1, selector: {matchLabels: {app: weaviate}}}
        ---
        kind: Node
        metadata: {name: spare}
        ''')
    facts = cluster(weaviate(), forbidden=("poddisruptionbudgets",))   # Read(reason=forbidden), its objects dropped
    facts = cluster(weaviate(), absent=("servicemonitors",))           # the API does not know the kind
    facts = cluster(weaviate(), not_collected=("events",))
    facts = cluster(weaviate(), as_of="2026-11-24T06:00:00Z", choose="weaviate/weaviate")

Sources are YAML texts (several documents), dicts, or lists of dicts, in any mix. A later object of the same kind,
namespace and name replaces an earlier one. Kinds without an object count as read and empty; the API groups are
those of the objects, and other sources (`weaviate/…`) count as not collected. `apiVersion` is only
needed where several groups have the `kind`; without it Kubernetes' own is meant. Every object is scrubbed as a
collected one is (`redact.scrub`): values of unknown variables become `[redacted]`, a conf.yaml its reduced JSON.

`weaviate()` gives the StatefulSet `weaviate/weaviate`, its pods, nodes, claims, volumes, StorageClass `fast`,
ConfigMap, Services (`weaviate`, `weaviate-grpc`, `weaviate-headless`) and the Namespace, as plain dicts: pick them
out and change them by `of(objects, "Pod")` where the arguments do not reach. Volumes are zonal where zones are given.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from typing import Any

import msgspec
import yaml

from readiness_kit import redact
from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds import KINDS, Kind
from readiness_kit.kinds.meta import KubeObject
from readiness_kit.kinds.sources import SOURCES
from readiness_kit.model import SCHEMA_VERSION, Read, Reason
from readiness_kit.snapshot import Manifest, Snapshot

Object = dict[str, Any]
Source = str | Mapping[str, Any] | Sequence[Mapping[str, Any]]

AS_OF = "2026-11-24T06:00:00Z"
NAMESPACE = "weaviate"
LABELS = {"app": "weaviate", "app.kubernetes.io/name": "weaviate", "app.kubernetes.io/managed-by": "Helm"}
IMAGE = "cr.weaviate.io/semitechnologies/weaviate:1.38.2"
CONF: Object = {
    "authentication": {"anonymous_access": {"enabled": False}, "apikey": {"enabled": True}},
    "authorization": {"rbac": {"enabled": True}},
}
_KEYS = {
    name: {"secretKeyRef": {"name": "weaviate-cluster-api-basic-auth", "key": name.lower()}}
    for name in ("AUTHENTICATION_APIKEY_ALLOWED_KEYS", "AUTHENTICATION_APIKEY_USERS")
}
"""Without them a server with API keys does not start. Left out where a test takes the other credential away."""
_BASIC_AUTH = "CLUSTER_BASIC_AUTH_PASSWORD"
APIS = "kubernetes/apis"
_HASHER = redact.LabelHasher(b"tests")
_BY_KIND: dict[str, Kind] = {kind.kind: kind for kind in reversed(KINDS.values()) if not kind.selective}
_BY_GROUP: dict[tuple[str, str], Kind] = {
    (kind.group, kind.kind): kind for kind in KINDS.values() if not kind.selective
}


def cluster(
    *sources: Source,
    forbidden: Iterable[str] = (),
    absent: Iterable[str] = (),
    not_collected: Iterable[str] = (),
    as_of: str = AS_OF,
    choose: str = "",
    server_version: str = "v1.36.2",
) -> ClusterFacts:
    """The facts of a cluster that holds these objects. Raises ValueError for a kind that the kit does not read."""
    made = snapshot(
        *sources,
        forbidden=forbidden,
        absent=absent,
        not_collected=not_collected,
        as_of=as_of,
        server_version=server_version,
    )
    return ClusterFacts(made, choose)


def snapshot(
    *sources: Source,
    forbidden: Iterable[str] = (),
    absent: Iterable[str] = (),
    not_collected: Iterable[str] = (),
    as_of: str = AS_OF,
    server_version: str = "v1.36.2",
) -> Snapshot:
    """The same as a snapshot, for tests of rooms that start from one."""
    kept: dict[str, dict[tuple[str, str], KubeObject]] = {key: {} for key in KINDS}
    for one in _objects(sources):
        group, sign, _ = str(one.get("apiVersion", "")).rpartition("/")
        named = str(one.get("kind"))
        kind = _BY_GROUP.get((group, named)) if sign else _BY_KIND.get(named)
        if kind is None:
            raise ValueError(f"the kit reads no kind {one.get('kind')!r}: {one}")
        decoded = redact.scrub(kind.key, msgspec.convert(_placed(one, kind), kind.struct, strict=False), _HASHER)
        kept[kind.key][decoded.metadata.namespace, decoded.metadata.name] = decoded
        for part in KINDS.values():
            selected = part.selective and part.selects(decoded.metadata)
            if selected and (part.group, part.kind) == (kind.group, kind.kind):
                found = msgspec.convert(_placed(one, kind), part.struct, strict=False)
                name = (decoded.metadata.namespace, decoded.metadata.name)
                kept[part.key][name] = redact.scrub(part.key, found, _HASHER)
    refused = {
        **dict.fromkeys(forbidden, Reason.FORBIDDEN),
        **dict.fromkeys(absent, Reason.ABSENT),
        **dict.fromkeys(not_collected, Reason.NOT_COLLECTED),
    }
    unknown = refused.keys() - KINDS.keys() - SOURCES.keys()
    if unknown:
        raise ValueError(f"the kit reads no {', '.join(sorted(unknown))}")
    groups = tuple(sorted({KINDS[key].group for key, found in kept.items() if found} - {""}))
    counts = {key: len(found) for key, found in kept.items()} | {APIS: len(groups)}
    reads = tuple(
        Read(key, reason=refused[key], message=f"{key}: {refused[key].value}")
        if key in refused
        else Read(key, counts[key])
        for key in (*counts, *sorted(refused.keys() - counts.keys()))
    )
    taken_at = datetime.fromisoformat(as_of)
    manifest = Manifest(SCHEMA_VERSION, "test", taken_at, "test", server_version, reads=reads)
    objects = {key: tuple(found.values()) for key, found in kept.items() if key not in refused}
    return Snapshot(manifest, objects, answers={} if APIS in refused else {APIS: groups})


def of(objects: Iterable[Object], kind: str, name: str = "") -> list[Object]:
    """The objects of a kind (and name) among some, to change them in place."""
    return [one for one in objects if one["kind"] == kind and (not name or one["metadata"]["name"] == name)]


def merged(base: Object, change: Mapping[str, Any] | None) -> Object:
    """`change` laid over `base`, mapping by mapping; lists and values replace, None removes."""
    result = deepcopy(base)
    for key, value in (change or {}).items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], value)
        else:
            result[key] = deepcopy(value)
    return result


def weaviate(
    replicas: int = 3,
    zones: Sequence[str] = ("eu-1a", "eu-1b", "eu-1c"),
    *,
    nodes: Sequence[str] = (),
    namespace: str = NAMESPACE,
    image: str = IMAGE,
    env: Mapping[str, Any] | None = None,
    conf: Object | None = CONF,
    spec: Mapping[str, Any] | None = None,
    pod: Mapping[str, Any] | None = None,
    container: Mapping[str, Any] | None = None,
    template_metadata: Mapping[str, Any] | None = None,
    service_type: str = "ClusterIP",
) -> list[Object]:
    """A chart-like Weaviate with its surroundings; see the module's docstring.

    `zones[i % len]` is the zone of node i. `nodes[i]` is the node of pod i (default: node-i each). `env` values
    are literals, or dicts for `valueFrom`.
    """
    placed = list(nodes) or [f"node-{index}" for index in range(replicas)]
    names = list(dict.fromkeys(placed)) or ["node-0"]
    zone_of = {name: zones[index % len(zones)] if zones else "" for index, name in enumerate(names)}
    template = _template(replicas, namespace, image, env, conf, pod, container, template_metadata)
    objects = [
        {"kind": "Namespace", "metadata": {"name": namespace}},
        *(node(name, zone) for name, zone in zone_of.items()),
        _stateful_set(replicas, namespace, template, spec),
        *_services(namespace, service_type),
        {
            "kind": "StorageClass",
            "metadata": {"name": "fast", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
            "provisioner": "ebs.csi.aws.com",
            "allowVolumeExpansion": True,
            "volumeBindingMode": "WaitForFirstConsumer",
            "parameters": {"type": "gp3"},
        },
    ]
    if conf is not None:
        data = {"conf.yaml": yaml.safe_dump(conf)}
        objects.append({"kind": "ConfigMap", "metadata": _meta("weaviate-config", namespace), "data": data})
    for index in range(replicas):
        objects += _pod_and_volume(index, namespace, template, placed[index], zone_of[placed[index]])
    return objects


def required(*keys: str, selector: Any = None, **term: Any) -> Object:
    """The pod spec with a required anti-affinity over topology `keys`, by default to the pods of Weaviate."""
    selector = {"matchLabels": {"app": "weaviate"}} if selector is None else selector
    terms = [{"topologyKey": key, "labelSelector": selector, **term} for key in keys]
    return {"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}}


def node(name: str, zone: str = "", **metadata_labels: str) -> Object:
    """A Ready node with 8 cores and 32 GiB; further labels as keywords."""
    labels = {"kubernetes.io/hostname": name, **metadata_labels}
    if zone:
        labels |= {"topology.kubernetes.io/zone": zone, "topology.kubernetes.io/region": "eu-1"}
    amounts = {"cpu": "8", "memory": "32Gi", "pods": "110"}
    return {
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "status": {
            "capacity": amounts,
            "allocatable": amounts,
            "conditions": [{"type": "Ready", "status": "True"}],
            "nodeInfo": {"kubeletVersion": "v1.36.2"},
        },
    }


def _objects(sources: Iterable[Source]) -> Iterable[Object]:
    for source in sources:
        if isinstance(source, str):
            yield from (one for one in yaml.safe_load_all(textwrap.dedent(source)) if one)
        elif isinstance(source, Mapping):
            yield dict(source)
        else:
            yield from (dict(one) for one in source)


def _placed(one: Object, kind: Kind) -> Object:
    metadata = dict(one.get("metadata") or {})
    if kind.namespaced:
        metadata.setdefault("namespace", NAMESPACE)
    return {**one, "metadata": metadata}


def _meta(name: str, namespace: str) -> Object:
    return {"name": name, "namespace": namespace, "labels": dict(LABELS)}


def _template(
    replicas: int,
    namespace: str,
    image: str,
    env: Mapping[str, Any] | None,
    conf: Object | None,
    pod: Mapping[str, Any] | None,
    container: Mapping[str, Any] | None,
    template_metadata: Mapping[str, Any] | None,
) -> Object:
    variables: dict[str, Any] = {
        "PERSISTENCE_DATA_PATH": "/var/lib/weaviate",
        "DEFAULT_VECTORIZER_MODULE": "none",
        "RAFT_JOIN": ",".join(f"weaviate-{index}" for index in range(min(replicas, 3))),
        "RAFT_BOOTSTRAP_EXPECT": str(3 if replicas >= 3 else 1),
        "CLUSTER_JOIN": f"weaviate-headless.{namespace}.svc.cluster.local.",
        "CLUSTER_GOSSIP_BIND_PORT": "7000",
        "CLUSTER_DATA_BIND_PORT": "7001",
        "GOGC": "100",
        "PROMETHEUS_MONITORING_ENABLED": "false",
        "RUNTIME_OVERRIDES_ENABLED": "false",
        "RUNTIME_OVERRIDES_PATH": "/config/overrides.yaml",
        _BASIC_AUTH: {"secretKeyRef": {"name": "weaviate-cluster-api-basic-auth", "key": "password"}},
        **({} if conf is None or (env or {}).get(_BASIC_AUTH, "") is None else _KEYS),
        **(env or {}),
    }
    listed = [
        {"name": name, "valueFrom": dict(value)} if isinstance(value, Mapping) else {"name": name, "value": str(value)}
        for name, value in variables.items()
        if value is not None
    ]
    flags = ["--host", "0.0.0.0", "--port", "8080", "--scheme", "http"]
    mounts = [{"name": "weaviate-data", "mountPath": "/var/lib/weaviate"}]
    volumes: list[Object] = []
    if conf is not None:
        flags += ["--config-file", "/weaviate-config/conf.yaml"]
        mounts.append({"name": "weaviate-config", "mountPath": "/weaviate-config"})
        volumes.append({"name": "weaviate-config", "configMap": {"name": "weaviate-config"}})
    server = {
        "name": "weaviate",
        "image": image,
        "command": ["/bin/weaviate"],
        "args": flags,
        "env": listed,
        "ports": [{"containerPort": 8080}, {"name": "grpc", "containerPort": 50051}],
        "volumeMounts": mounts,
        "resources": {"requests": {"cpu": "4", "memory": "24Gi"}, "limits": {"memory": "24Gi"}},
        "livenessProbe": {"httpGet": {"path": "/v1/.well-known/live", "port": 8080}, "initialDelaySeconds": 900},
        "readinessProbe": {"httpGet": {"path": "/v1/.well-known/ready", "port": 8080}},
    }
    body = {
        "containers": [merged(server, container)],
        "volumes": volumes,
        "terminationGracePeriodSeconds": 600,
        "restartPolicy": "Always",
    }
    return {"metadata": merged({"labels": dict(LABELS)}, template_metadata), "spec": merged(body, pod)}


def _stateful_set(replicas: int, namespace: str, template: Object, spec: Mapping[str, Any] | None) -> Object:
    claim = {"metadata": {"name": "weaviate-data"}, "spec": {"resources": {"requests": {"storage": "256Gi"}}}}
    body = {
        "replicas": replicas,
        "serviceName": "weaviate-headless",
        "podManagementPolicy": "Parallel",
        "selector": {"matchLabels": {"app": "weaviate"}},
        "template": template,
        "updateStrategy": {"type": "RollingUpdate"},
        "volumeClaimTemplates": [claim],
    }
    status = {
        "replicas": replicas,
        "readyReplicas": replicas,
        "availableReplicas": replicas,
        "updatedReplicas": replicas,
        "currentRevision": "weaviate-1",
        "updateRevision": "weaviate-1",
        "observedGeneration": 1,
    }
    metadata = {**_meta("weaviate", namespace), "generation": 1}
    return {"kind": "StatefulSet", "metadata": metadata, "spec": merged(body, spec), "status": status}


def _services(namespace: str, service_type: str) -> list[Object]:
    selector = {"app": "weaviate"}
    rest = {"type": service_type, "selector": selector, "ports": [{"name": "http", "port": 80, "targetPort": 8080}]}
    grpc = {**rest, "ports": [{"name": "grpc", "port": 50051, "targetPort": 50051}]}
    headless = {
        "clusterIP": "None",
        "publishNotReadyAddresses": True,
        "selector": selector,
        "ports": [{"port": 80, "targetPort": 7000}],
    }
    bodies = {"weaviate": rest, "weaviate-grpc": grpc, "weaviate-headless": headless}
    return [{"kind": "Service", "metadata": _meta(name, namespace), "spec": body} for name, body in bodies.items()]


def _pod_and_volume(index: int, namespace: str, template: Object, node_name: str, zone: str) -> list[Object]:
    name, claim, volume = f"weaviate-{index}", f"weaviate-data-weaviate-{index}", f"pv-{index}"
    spec = deepcopy(template["spec"])
    spec["nodeName"] = node_name
    spec["volumes"] = [
        *(spec.get("volumes") or []),
        {"name": "weaviate-data", "persistentVolumeClaim": {"claimName": claim}},
    ]
    metadata = merged(_meta(name, namespace), template["metadata"])
    metadata["labels"] |= {
        "statefulset.kubernetes.io/pod-name": name,
        "apps.kubernetes.io/pod-index": str(index),
        "controller-revision-hash": "weaviate-1",
    }
    metadata["ownerReferences"] = [{"kind": "StatefulSet", "name": "weaviate", "controller": True}]
    statuses = [
        {"name": one["name"], "ready": True, "restartCount": 0, "image": one["image"], "state": {"running": {}}}
        for one in spec["containers"]
    ]
    status = {
        "phase": "Running",
        "qosClass": "Burstable",
        "conditions": [{"type": "Ready", "status": "True"}],
        "containerStatuses": statuses,
    }
    zonal = {"key": "topology.kubernetes.io/zone", "operator": "In", "values": [zone]}
    affinity = {"required": {"nodeSelectorTerms": [{"matchExpressions": [zonal]}]}} if zone else None
    capacity = {"storage": "256Gi"}
    return [
        {"kind": "Pod", "metadata": metadata, "spec": spec, "status": status},
        {
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": claim, "namespace": namespace},
            "spec": {
                "storageClassName": "fast",
                "volumeName": volume,
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": capacity},
            },
            "status": {"phase": "Bound", "capacity": capacity},
        },
        {
            "kind": "PersistentVolume",
            "metadata": {"name": volume},
            "spec": {
                "storageClassName": "fast",
                "persistentVolumeReclaimPolicy": "Retain",
                "capacity": capacity,
                "csi": {"driver": "ebs.csi.aws.com"},
                "claimRef": {"namespace": namespace, "name": claim},
                **({"nodeAffinity": affinity} if affinity else {}),
            },
            "status": {"phase": "Bound"},
        },
    ]
