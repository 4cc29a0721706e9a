"""Single changes to the raw objects of `ready_cluster`, before they are decoded.

ready_cluster.build(env(GOMEMLIMIT="0"))
ready_cluster.build(objects("services", {"spec": {"type": "NodePort"}}, "weaviate"))
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from scripts.demo.names import NAMESPACE
from tests.support.cluster import Object, merged

ZONE = "topology.kubernetes.io/zone"
Raw = dict[str, list[Object]]
"""Key of `kinds.KINDS` -> raw objects."""
Change = Callable[[Raw], None]


def objects(key: str, change: Mapping[str, Any], name: str = "") -> Change:
    """A change merged into the objects of a list, into all or into that of a name; None removes a field."""

    def apply(raw: Raw) -> None:
        raw[key] = [merged(item, change) if name in ("", item["metadata"]["name"]) else item for item in raw[key]]

    return apply


def _specs(raw: Raw) -> list[Object]:
    (workload,) = (item for item in raw["statefulsets"] if item["metadata"]["name"] == "weaviate")
    pods = [item["spec"] for item in raw["pods"] if item["metadata"]["name"].startswith("weaviate-")]
    return [workload["spec"]["template"]["spec"], *pods]


def pod(change: Mapping[str, Any], **lists: list[Object]) -> Change:
    """A change to the template and to the running pods; keywords append to lists of the pod."""

    def apply(raw: Raw) -> None:
        for spec in _specs(raw):
            made = merged(spec, change)
            for name, items in lists.items():
                made[name] = [*made.get(name, []), *copy.deepcopy(items)]
            spec.clear()
            spec.update(made)

    return apply


def container(change: Mapping[str, Any]) -> Change:
    def apply(raw: Raw) -> None:
        for spec in _specs(raw):
            spec["containers"][0] = merged(spec["containers"][0], change)

    return apply


def env(**variables: Any) -> Change:
    """Variables added, changed, or removed (None); mappings are `valueFrom`."""

    def apply(raw: Raw) -> None:
        for spec in _specs(raw):
            server = spec["containers"][0]
            server["env"] = [item for item in server["env"] if item["name"] not in variables]
            for name, value in variables.items():
                if value is not None:
                    field = "valueFrom" if isinstance(value, Mapping) else "value"
                    server["env"].append({"name": name, field: value})

    return apply


def workload(change: Mapping[str, Any]) -> Change:
    return objects("statefulsets", change, "weaviate")


def rule(**change: Any) -> Change:
    """A change to the required anti-affinity."""

    def apply(raw: Raw) -> None:
        for spec in _specs(raw):
            anti = spec["affinity"]["podAntiAffinity"]
            field = "requiredDuringSchedulingIgnoredDuringExecution"
            anti[field] = [merged(term, change) for term in anti[field]]

    return apply


def workers(change: Mapping[str, Any], zone: str = "") -> Change:
    """A change to the nodes for Weaviate, of all zones or of one."""

    def apply(raw: Raw) -> None:
        raw["nodes"] = [
            merged(node, change)
            if node["metadata"]["labels"].get("workload") == "weaviate"
            and zone in ("", node["metadata"]["labels"][ZONE])
            else node
            for node in raw["nodes"]
        ]

    return apply


def added(key: str, name: str, body: Mapping[str, Any], namespace: str = NAMESPACE) -> Change:
    def apply(raw: Raw) -> None:
        metadata = {"name": name, "namespace": namespace}
        raw.setdefault(key, []).append({"metadata": metadata, **copy.deepcopy(dict(body))})

    return apply


def removed(key: str, name: str) -> Change:
    def apply(raw: Raw) -> None:
        raw[key] = [item for item in raw[key] if item["metadata"]["name"] != name]

    return apply


def ingress_rule(number: int, change: Mapping[str, Any]) -> Change:
    """A change to one rule of the NetworkPolicy for incoming traffic."""

    def apply(raw: Raw) -> None:
        rules = raw["networkpolicies"][0]["spec"]["ingress"]
        rules[number] = merged(rules[number], change)

    return apply


def taint(zone: str, effect: str) -> Change:
    def apply(raw: Raw) -> None:
        for node in raw["nodes"]:
            if node["metadata"]["labels"].get(ZONE) == zone:
                node["spec"].setdefault("taints", []).append({"key": "maintenance", "effect": effect})

    return apply


def condition(name: str, kind: str, status: str, key: str = "pods") -> Change:
    def apply(raw: Raw) -> None:
        for item in raw[key]:
            if name in ("", item["metadata"]["name"]):
                for each in item["status"]["conditions"]:
                    each["status"] = status if each["type"] == kind else each["status"]

    return apply


def service(change: Mapping[str, Any], *ports: Object) -> Change:
    return objects("services", merged(dict(change), {"spec": {"ports": list(ports)}} if ports else {}), "weaviate")


def balanced(address: str) -> Change:
    change = {"spec": {"type": "LoadBalancer"}, "status": {"loadBalancer": {"ingress": [{"ip": address}]}}}
    return service(change)


def granted(role: str, subject: Object) -> Change:
    body = {"roleRef": {"kind": "ClusterRole", "name": role}, "subjects": [subject]}
    return added("clusterrolebindings", "extra", body, "")


def probe(name: str, **http: Any) -> Change:
    return container({name: {"httpGet": http}})
