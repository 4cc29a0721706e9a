"""The command by which a reader sees the same as a line of a finding: kubectl, or curl to Weaviate or Prometheus.

Pure: from the line alone, shell-quoted; addresses and credentials stay variables of the reader's own shell.
"""

from __future__ import annotations

import re
import shlex
from functools import cache
from typing import Any, get_args

import msgspec

from readiness_kit.facts.kubernetes.secrets import secret_name
from readiness_kit.kinds import KINDS, Kind
from readiness_kit.kinds.meta import KubeStruct
from readiness_kit.kinds.pods import Container
from readiness_kit.model import Observation

WEAVIATE_PATHS = {
    "weaviate/live": "/v1/.well-known/live",
    "weaviate/ready": "/v1/.well-known/ready",
    "weaviate/oidc": "/v1/.well-known/openid-configuration",
    "weaviate/meta": "/v1/meta",
    "weaviate/own_info": "/v1/users/own-info",
    "weaviate/nodes": "/v1/nodes?output=minimal",
    "weaviate/statistics": "/v1/cluster/statistics",
    "weaviate/schema": "/v1/schema",
    "weaviate/nodes_verbose": "/v1/nodes?output=verbose",
    "weaviate/roles": "/v1/authz/roles",
    "weaviate/users": "/v1/users/db?includeLastUsedTime=true",
    "weaviate/tasks": "/v1/tasks",
}
QUERIED = ("prometheus/weaviate", "prometheus/history", "prometheus/traffic", "prometheus/usage")
WITHOUT_KEY = ("weaviate/live", "weaviate/ready", "weaviate/oidc")
PROMETHEUS_PATHS = {
    "prometheus/buildinfo": "/api/v1/status/buildinfo",
    "prometheus/rules": "/api/v1/rules?type=alert",
    "prometheus/alertmanagers": "/api/v1/alertmanagers",
    "prometheus/targets": "/api/v1/targets?state=active",
    "prometheus/labels": "/api/v1/label/__name__/values",
}
USAGE_QUERIES = {
    "cpu": 'sum by (pod, container) (rate(container_cpu_usage_seconds_total{namespace=NS,container!=""}[5m]))',
    "rss": 'max by (pod, container) (container_memory_rss{namespace=NS,container!=""})',
    "memory": 'max by (pod, container) (container_memory_rss{namespace=NS,container!=""})',
    "heap": "max by (pod) (go_memstats_heap_inuse_bytes{namespace=NS})",
    "gomemlimit": "max by (pod) (go_gc_gomemlimit_bytes{namespace=NS})",
}
VOLUME_QUERY = (
    "max by (persistentvolumeclaim) (kubelet_volume_stats_used_bytes{namespace=NS})"
    " / max by (persistentvolumeclaim) (kubelet_volume_stats_capacity_bytes{namespace=NS})"
)
NODE_QUERY = 'sum by (instance) (rate(container_cpu_usage_seconds_total{id="/"}[1h]))'
_PATH = re.compile(r"[A-Za-z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*)*\Z")
_WORD = re.compile(r"[a-z][a-z0-9_]*")
_ENV = re.compile(r"(?:(?P<init>init )?container (?P<container>\S+): )?env (?P<name>[A-Za-z_][A-Za-z0-9_]*)\Z", re.I)
_KEYED = re.compile(r"(?P<what>label|annotation) (?P<key>\S+)\Z")
_CONTAINER = re.compile(r"(?P<init>init )?container (?P<container>\S+): (?P<field>\S+)\Z", re.I)
_TEMPLATE = ("spec", "template", "spec")
_ROOTS = ((), ("spec",), ("status",), ("metadata",), ("spec", "updateStrategy"), ("spec", "resources"), _TEMPLATE)


def command(fact: Observation) -> str:
    """One shell line; "" where the line came from no read (it says what cannot be seen)."""
    room, _, _ = fact.source.partition("/")
    if room == "weaviate":
        return _weaviate(fact)
    if room == "prometheus":
        return _prometheus(fact)
    if fact.source == "kubernetes/apis":
        return "kubectl get --raw /apis"
    return _kubectl(fact, KINDS[fact.source]) if fact.source in KINDS else ""


# --- Weaviate and Prometheus ----------------------------------------------------------------------


def _weaviate(fact: Observation) -> str:
    if fact.source == "weaviate/probe":
        return """curl -s -o /dev/null -w '%{http_code}\\n' "$WEAVIATE_URL/v1/meta\""""
    path = WEAVIATE_PATHS.get(fact.source, "")
    if fact.source == "weaviate/schema" and fact.ref.kind == "Collection":
        path = f"/v1/schema/{fact.ref.name}"
    elif fact.source == "weaviate/backups":
        path = f"/v1/backups/{fact.ref.name if fact.ref.kind == 'Backend' else 's3'}"
    if not path:
        return ""
    key = "" if fact.source in WITHOUT_KEY else '-H "Authorization: Bearer $WEAVIATE_API_KEY" '
    return f"curl -s {key}{_address('WEAVIATE_URL', path)}"


def _prometheus(fact: Observation) -> str:
    if fact.source in PROMETHEUS_PATHS:
        return f"curl -s {_address('PROMETHEUS_URL', PROMETHEUS_PATHS[fact.source])}"
    query = _query(fact)
    if not query:
        names = PROMETHEUS_PATHS["prometheus/labels"]
        return f"curl -s {_address('PROMETHEUS_URL', names)}" if fact.source in QUERIED else ""
    return f'curl -s -G "$PROMETHEUS_URL/api/v1/query" --data-urlencode {shlex.quote("query=" + query)}'


def _query(fact: Observation) -> str:
    """A query like the kit's own: with the plain labels `namespace` and `pod`, which some scrapes name otherwise."""
    from readiness_kit.collect.prometheus.queries import TERMS_OF, TRACK_TERMS, quoted

    namespace = quoted(fact.ref.namespace)
    words = _WORD.findall(fact.field)
    if fact.source == "prometheus/up":
        return f"up{{namespace={namespace}}}"
    if fact.source == "prometheus/volumes":
        return VOLUME_QUERY.replace("NS", namespace)
    if fact.source == "prometheus/nodes":
        return NODE_QUERY
    tables = {
        "prometheus/weaviate": TERMS_OF,
        "prometheus/traffic": TRACK_TERMS,
        "prometheus/history": _HISTORY,
        "prometheus/usage": USAGE_QUERIES,
    }
    table = tables.get(fact.source, {})
    named = [word for word in words if word in table][: 2 if " / " in fact.field else 1]
    term = " / ".join(f"({table[name]})" if len(named) > 1 else table[name] for name in named)
    selected = term.replace("{W", "{namespace=" + namespace).replace(",W}", f",namespace={namespace}}}")
    return re.sub(r"\bPOD\b", "pod", re.sub(r"\bNS\b", lambda _: namespace, selected))


_HISTORY = {
    "ready_least_90d": "min_over_time(kube_statefulset_status_replicas_ready{namespace=NS}[90d])",
    "ready_now": "kube_statefulset_status_replicas_ready{namespace=NS}",
    "pods_seen_90d": "count by (pod) (max by (pod, uid) (max_over_time(kube_pod_info{namespace=NS}[90d])))",
    "restarts_7d": "sum by (pod) (increase(kube_pod_container_status_restarts_total{namespace=NS}[7d]))",
    "oom_last": 'kube_pod_container_status_last_terminated_reason{namespace=NS,reason="OOMKilled"}',
    "oom_events_7d": "sum by (pod) (increase(container_oom_events_total{namespace=NS}[7d]))",
}


def _address(variable: str, path: str) -> str:
    """One word of the shell; the path in the quotes of the variable where nothing in it means something there."""
    if re.fullmatch(r"[\w./?=&:-]+", path):
        return f'"${variable}{path}"'
    return f'"${variable}"{shlex.quote(path)}'


# --- kubectl --------------------------------------------------------------------------------------


def _kubectl(fact: Observation, kind: Kind) -> str:
    """The object where the line is about one of the kind that was read, else the list that it was found in."""
    plural = f"{kind.plural}.{kind.group}" if kind.group else kind.plural
    of_kind = fact.ref.kind == kind.kind
    words = ["kubectl"]
    if kind.namespaced:
        words += ["-n", fact.ref.namespace] if fact.ref.namespace else ["-A"]
    words += ["get", plural]
    if not of_kind or not fact.ref.name or (kind.namespaced and not fact.ref.namespace):
        return shlex.join(words)
    path = json_path(kind, fact.field)
    whole = "name" if fact.field == "object" else "yaml"
    return shlex.join([*words, fact.ref.name, "-o", f"jsonpath={{{path}}}" if path else whole])


def json_path(kind: Kind, field: str) -> str:
    """The JSON path of a line's field in objects of a kind, "" where the field is in words of our own."""
    if found := _KEYED.match(field):
        return f".metadata.{found['what']}s.{_escaped(found['key'])}"
    containers = _containers(kind)
    if containers and (found := _ENV.match(field)):
        # Of a variable with a secret only the name is shown, not what it is.
        name = found["name"]
        return f'{_which(containers, found)}.env[?(@.name=="{name}")]' + (".name" if secret_name(name) else "")
    if containers and (found := _CONTAINER.match(field)):
        return _in_container(containers, found)
    if not _PATH.match(field):
        return ""
    parts = tuple(field.split("."))
    for root in _ROOTS:
        if _is_there(kind.struct, (*root, *parts)):
            return "." + ".".join((*root, *parts))
    return f"{containers}.containers[*].{field}" if containers and _is_there(Container, parts) else ""


def _containers(kind: Kind) -> str:
    """Where objects of a kind have their pod's specification."""
    if kind.kind == "Pod":
        return ".spec"
    return "." + ".".join(_TEMPLATE) if _is_there(kind.struct, (*_TEMPLATE, "containers")) else ""


def _which(pod_spec: str, found: re.Match[str]) -> str:
    listed = "initContainers" if found["init"] else "containers"
    chosen = f'?(@.name=="{found["container"]}")' if found["container"] else "*"
    return f"{pod_spec}.{listed}[{chosen}]"


def _in_container(pod_spec: str, found: re.Match[str]) -> str:
    parts = tuple(found["field"].split("."))
    for root in ((), ("securityContext",), ("resources",)):
        if _is_there(Container, (*root, *parts)):
            return f"{_which(pod_spec, found)}.{'.'.join((*root, *parts))}"
    return f"{_which(pod_spec, found)}.securityContext" if found["field"] == "user" else ""


@cache
def _is_there(struct: type[msgspec.Struct], parts: tuple[str, ...]) -> bool:
    """Whether a Struct has such a path, by the names of the wire; lists end it (their items have no one path)."""
    if not parts:
        return True
    found = next((one for one in msgspec.structs.fields(struct) if one.encode_name == parts[0]), None)
    if found is None:
        return False
    if len(parts) == 1:
        return True
    inner = _struct_in(found.type)
    return _is_there(inner, parts[1:]) if inner is not None else _is_map(found.type)


def _struct_in(kind: Any) -> type[KubeStruct] | None:
    options = (kind, *get_args(kind)) if not _is_map(kind) and "tuple" not in str(kind) else ()
    return next((one for one in options if isinstance(one, type) and issubclass(one, KubeStruct)), None)


def _is_map(kind: Any) -> bool:
    return str(kind).startswith("dict[")


def _escaped(key: str) -> str:
    return key.replace(".", "\\.")
