"""Metadata of a Prometheus server: build, alert rules, Alertmanagers, targets. Any of these APIs may be missing."""

from __future__ import annotations

from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import msgspec

from readiness_kit.collect.http.reasons import Absent
from readiness_kit.collect.http.transport import StatusError
from readiness_kit.collect.prometheus.client import Server
from readiness_kit.decoding import UNDECODABLE, decoder
from readiness_kit.kinds.prometheus import Alertmanagers, Build, Names, Rule, ScrapeTarget
from readiness_kit.redact import redact_text

T = TypeVar("T")
PATHS = {
    "prometheus/buildinfo": "/api/v1/status/buildinfo",
    "prometheus/labels": "/api/v1/label/__name__/values",
    "prometheus/rules": "/api/v1/rules?type=alert",
    "prometheus/alertmanagers": "/api/v1/alertmanagers",
    "prometheus/targets": "/api/v1/targets?state=active",
}
"""The path and query that is requested for each answer."""
NO_SUCH_API = frozenset({400, 404, 405, 501})
"""Statuses by which servers of the same family answer a path that they do not have."""
MAX_QUERY_LENGTH = 2000


class _BuildData(msgspec.Struct, rename="camel"):
    version: str = ""
    application: str = ""
    go_version: str = ""


class _BuildBody(msgspec.Struct):
    data: _BuildData


def build(server: Server) -> Build:
    """Flavour and version of the server, as far as it gives them."""
    data = _metadata(server, "prometheus/buildinfo", _BuildBody).data
    application = data.application.lower()
    flavour = next((name for name in ("mimir", "thanos", "victoriametrics", "cortex") if name in application), "")
    # VictoriaMetrics gives a version, which Grafana needs, and nothing else.
    return Build(data.version, flavour or ("prometheus" if data.go_version else "victoriametrics"))


class _RawRule(msgspec.Struct, rename="camel"):
    type: str = ""
    name: str = ""
    query: str = ""
    state: str = ""
    health: str = ""
    duration: float = 0
    labels: dict[str, Any] = {}


class _RuleGroup(msgspec.Struct):
    name: str = ""
    rules: list[_RawRule] = []


class _Groups(msgspec.Struct):
    groups: list[_RuleGroup] | None = None


class _RulesBody(msgspec.Struct):
    data: _Groups


def rules(server: Server, victoria: bool = False) -> tuple[Rule, ...]:
    """The alert rules, of whose labels only the severity is kept."""
    groups = _metadata(server, "prometheus/rules", _RulesBody).data.groups or []
    found = tuple(
        Rule(
            rule.name,
            rule.query[:MAX_QUERY_LENGTH],
            rule.state,
            rule.health,
            str(rule.labels.get("severity", "")),
            rule.duration,
            group.name,
        )
        for group in groups
        for rule in group.rules
        if rule.type in ("alerting", "")
    )
    if victoria and not found:
        raise Absent("VictoriaMetrics lists rules only where vmalert is connected to it")
    return found


class _Address(msgspec.Struct):
    url: str = ""


class _Managers(msgspec.Struct, rename="camel"):
    active_alertmanagers: list[_Address] | None = None
    dropped_alertmanagers: list[_Address] | None = None


class _ManagersBody(msgspec.Struct):
    data: _Managers


def alertmanagers(server: Server, victoria: bool = False) -> Alertmanagers:
    """Host and port of the active Alertmanagers, and the number of dropped ones."""
    data = _metadata(server, "prometheus/alertmanagers", _ManagersBody).data
    active = (urlsplit(found.url).netloc.rpartition("@")[2] for found in data.active_alertmanagers or ())
    found = Alertmanagers(tuple(sorted(active)), len(data.dropped_alertmanagers or ()))
    if victoria and not found.active:
        raise Absent("VictoriaMetrics lists Alertmanagers only where vmalert is connected to it")
    return found


class _RawTarget(msgspec.Struct, rename="camel"):
    labels: dict[str, str] = {}
    health: str = ""
    last_error: str = ""


class _Active(msgspec.Struct, rename="camel"):
    active_targets: list[_RawTarget] | None = None


class _TargetsBody(msgspec.Struct):
    data: _Active


def targets(server: Server, namespace: str, names: Names) -> tuple[ScrapeTarget, ...]:
    """The active targets of a namespace."""
    raw = _metadata(server, "prometheus/targets", _TargetsBody).data.active_targets or []
    label, pod = names.namespace or "namespace", names.pod or "pod"
    return tuple(
        ScrapeTarget(
            target.labels.get("job", ""),
            namespace,
            target.labels.get(pod, ""),
            target.labels.get("instance", ""),
            target.health,
            redact_text(target.last_error)[:200],
        )
        for target in raw
        if target.labels.get(label) == namespace
    )


def _metadata(server: Server, key: str, body: type[T]) -> T:
    """One answer. Raises Absent where the server does not have this API, or answers it with something else."""
    path, _, query = PATHS[key].partition("?")
    try:
        answer: T = decoder(body).decode(server.get(path, dict(parse_qsl(query))))
    except StatusError as problem:
        if problem.status in NO_SUCH_API:
            raise Absent(f"this server has no {path} ({problem.status})") from None
        raise
    except UNDECODABLE:
        raise Absent(f"the answer to {path} is not that of a Prometheus API") from None
    return answer
