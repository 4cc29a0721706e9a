"""The command that shows what an observation shows: kubectl, or curl to Weaviate or Prometheus.

Made from the observation alone and quoted for the shell; addresses and credentials stay variables of the shell.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, get_args

import msgspec

from readiness_kit.collect.prometheus import queries
from readiness_kit.kinds import KINDS, Kind
from readiness_kit.kinds.meta import KubeStruct
from readiness_kit.kinds.pods import Container
from readiness_kit.kinds.prometheus import Labels, Names
from readiness_kit.model import Check, Observation
from readiness_kit.redact.names import names_credential

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
WITHOUT_KEY = ("weaviate/live", "weaviate/ready", "weaviate/oidc")
PROMETHEUS_PATHS = {
    "prometheus/buildinfo": "/api/v1/status/buildinfo",
    "prometheus/rules": "/api/v1/rules?type=alert",
    "prometheus/alertmanagers": "/api/v1/alertmanagers",
    "prometheus/targets": "/api/v1/targets?state=active",
    "prometheus/labels": "/api/v1/label/__name__/values",
}
_NAMES = Names("namespace", "pod", "container")
_LABELS = Labels(weaviate=_NAMES, cadvisor=_NAMES, kube_state=_NAMES, kubelet=Names("namespace"))
_DAYS = 14
_PATH = re.compile(r"[A-Za-z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*)*\Z")
_SEVERAL, _RATIO = ", ", " / "
"""Between the names of figures of which both are shown, and of two of which one is divided by the other."""
_ENV = re.compile(r"(?:(?P<init>init )?container (?P<container>\S+): )?env (?P<name>[A-Za-z_][A-Za-z0-9_]*)\Z", re.I)
_KEYED = re.compile(r"(?P<what>label|annotation) (?P<key>\S+)\Z")
_CONTAINER = re.compile(r"(?P<init>init )?container (?P<container>\S+): (?P<field>\S+)\Z", re.I)
_TEMPLATE = ("spec", "template", "spec")
_ROOTS = ((), ("spec",), ("status",), ("metadata",), ("spec", "updateStrategy"), ("spec", "resources"), _TEMPLATE)


def command(observation: Observation) -> str:
    """One shell line; empty where the observation has no source (it states what cannot be read)."""
    source = observation.source
    if source.startswith("weaviate/"):
        return _weaviate(observation)
    if source.startswith("prometheus/"):
        return _prometheus(observation)
    if source == "kubernetes/apis":
        return "kubectl get --raw /apis"
    return _kubectl(observation, KINDS[source]) if source in KINDS else ""


# --- Weaviate and Prometheus ----------------------------------------------------------------------


def _weaviate(observation: Observation) -> str:
    source, ref = observation.source, observation.ref
    if source == "weaviate/probe":
        return """curl -s -o /dev/null -w '%{http_code}\\n' "$WEAVIATE_URL/v1/meta\""""
    path = WEAVIATE_PATHS.get(source, "")
    if source == "weaviate/schema" and ref.kind == "Collection":
        path = f"/v1/schema/{ref.name}"
    elif source == "weaviate/backups":
        path = f"/v1/backups/{ref.name if ref.kind == 'Backend' else 's3'}"
    if not path:
        return ""
    key = "" if source in WITHOUT_KEY else '-H "Authorization: Bearer $WEAVIATE_API_KEY" '
    return f"curl -s {key}{_address('WEAVIATE_URL', path)}"


def _prometheus(observation: Observation) -> str:
    source = observation.source
    if source in PROMETHEUS_PATHS:
        return f"curl -s {_address('PROMETHEUS_URL', PROMETHEUS_PATHS[source])}"
    if query := getattr(observation, "query", "") or _query(observation):
        return f'curl -s -G "$PROMETHEUS_URL/api/v1/query" --data-urlencode {shlex.quote("query=" + query)}'
    return f"curl -s {_address('PROMETHEUS_URL', PROMETHEUS_PATHS['prometheus/labels'])}"


def _query(observation: Observation) -> str:
    """The query of the collection that the field names, with the usual labels; some scrape configurations rename them.

    Empty where it names none.
    """
    return _promql(observation.field, _usual(observation))


def _promql(figures: str, terms: Mapping[str, str]) -> str:
    """The PromQL of a figure, of the ratio `a / b`, or of several; of a source with one query always that."""
    if len(terms) == 1:
        return next(iter(terms.values()))
    ratio = figures.split(_RATIO)
    if len(ratio) == 2 and all(name in terms for name in ratio):
        return _RATIO.join(f"({terms[name]})" for name in ratio)
    named = {name: terms[name] for name in figures.split(_SEVERAL) if name in terms}
    return queries.union(named) if len(named) > 1 else "".join(named.values())


def with_queries(checks: Iterable[Check], sent: Callable[[str], Mapping[str, str]]) -> tuple[Check, ...]:
    """The checks with the PromQL that was sent for their figures; `sent` gives it for a source, by figure."""
    return tuple(_with_query(check, sent) for check in checks)


def _with_query(check: Check, sent: Callable[[str], Mapping[str, str]]) -> Check:
    """Where the snapshot does not hold what was sent, or a series does not exist, the query with the usual labels."""
    if not check.source.startswith("prometheus/") or check.source in PROMETHEUS_PATHS:
        return check
    figures = check.query or check.field
    query = _promql(figures, sent(check.source)) or _promql(figures, _usual(check))
    return msgspec.structs.replace(check, query=query) if query != check.query else check


def _usual(observation: Observation) -> Mapping[str, str]:
    """The queries of a source by figure, as they are sent where no scrape configuration renames labels."""
    ref = observation.ref
    pods = queries.literal(ref.name) if ref.kind == "Pod" else f"{queries.literal(ref.name)}-.*"
    scope = queries.Scope(ref.namespace, ref.name, pods, _LABELS)
    return queries.promql_of(observation.source, scope, queries.Window(0, _DAYS))


def _address(variable: str, path: str) -> str:
    """One word of the shell; the path is quoted separately where it holds characters special to the shell."""
    if re.fullmatch(r"[\w./?=&:-]+", path):
        return f'"${variable}{path}"'
    return f'"${variable}"{shlex.quote(path)}'


# --- kubectl --------------------------------------------------------------------------------------


def _kubectl(observation: Observation, kind: Kind) -> str:
    """The object where the observation is about one of the kind that was read, otherwise the list of that kind."""
    plural = f"{kind.plural}.{kind.group}" if kind.group else kind.plural
    ref, words = observation.ref, ["kubectl"]
    if kind.namespaced and ref.namespace:
        words += ["-n", ref.namespace]
    words += ["get", plural]
    labelled = ["-l", kind.label] if kind.label else []
    labelled += ["--field-selector", f"metadata.name={kind.only}"] if kind.only else []
    if kind.namespaced and not ref.namespace:
        return shlex.join([*words, "-A", *labelled])
    if ref.kind != kind.kind or not ref.name:
        return shlex.join([*words, *labelled])
    path = json_path(kind, observation.field)
    whole = "name" if observation.field == "object" else "yaml"
    return shlex.join([*words, ref.name, "-o", f"jsonpath={{{path}}}" if path else whole])


def json_path(kind: Kind, field: str) -> str:
    """The JSON path of a field in objects of a kind; empty where the field is a description in words."""
    if found := _KEYED.match(field):
        return f".metadata.{found['what']}s.{_escaped(found['key'])}"
    containers = _containers(kind)
    if containers and (found := _ENV.match(field)):
        # Of a variable that holds a secret only the name is shown, not the value.
        name = found["name"]
        return f'{_which(containers, found)}.env[?(@.name=="{name}")]' + (".name" if names_credential(name) else "")
    if containers and (found := _CONTAINER.match(field)):
        return _in_container(containers, found)
    if not _PATH.match(field):
        return ""
    parts = tuple(field.split("."))
    for root in _ROOTS:
        if _has_path(kind.struct, (*root, *parts)):
            return "." + ".".join((*root, *parts))
    return f"{containers}.containers[*].{field}" if containers and _has_path(Container, parts) else ""


def _containers(kind: Kind) -> str:
    """The path of the pod specification in objects of a kind; empty where they have none."""
    if kind.kind == "Pod":
        return ".spec"
    return "." + ".".join(_TEMPLATE) if _has_path(kind.struct, (*_TEMPLATE, "containers")) else ""


def _which(pod_spec: str, found: re.Match[str]) -> str:
    listed = "initContainers" if found["init"] else "containers"
    chosen = f'?(@.name=="{found["container"]}")' if found["container"] else "*"
    return f"{pod_spec}.{listed}[{chosen}]"


def _in_container(pod_spec: str, found: re.Match[str]) -> str:
    parts = tuple(found["field"].split("."))
    for root in ((), ("securityContext",), ("resources",)):
        if _has_path(Container, (*root, *parts)):
            return f"{_which(pod_spec, found)}.{'.'.join((*root, *parts))}"
    return f"{_which(pod_spec, found)}.securityContext" if found["field"] == "user" else ""


@cache
def _has_path(struct: type[msgspec.Struct], parts: tuple[str, ...]) -> bool:
    """Whether a Struct has the path, by its names in JSON; a list ends it, because its items have no single path."""
    if not parts:
        return True
    field = next((field for field in msgspec.structs.fields(struct) if field.encode_name == parts[0]), None)
    if field is None or len(parts) == 1:
        return field is not None
    inner = _struct_in(field.type)
    return _has_path(inner, parts[1:]) if inner is not None else _is_map(field.type)


def _struct_in(kind: Any) -> type[KubeStruct] | None:
    options = (kind, *get_args(kind)) if not _is_map(kind) and "tuple" not in str(kind) else ()
    return next((option for option in options if isinstance(option, type) and issubclass(option, KubeStruct)), None)


def _is_map(kind: Any) -> bool:
    return str(kind).startswith("dict[")


def _escaped(key: str) -> str:
    return key.replace(".", "\\.")
