"""What Prometheus says of itself: build, alert rules, Alertmanagers, targets. Any of these APIs may be missing."""

from __future__ import annotations

from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from readiness_kit.collect.http.transport import StatusError
from readiness_kit.collect.prometheus.client import Server
from readiness_kit.collect.prometheus.reader import Absent
from readiness_kit.decoding import UNDECODABLE, decoder
from readiness_kit.kinds.prometheus import Alertmanagers, Build, Names, Rule, ScrapeTarget
from readiness_kit.redact import redact_text

T = TypeVar("T")
_NO_SUCH_API = (400, 404, 405, 501)
MAX_QUERY_LENGTH = 2000


class _BuildData(msgspec.Struct, rename="camel"):
    version: str = ""
    application: str = ""
    go_version: str = ""


class _BuildBody(msgspec.Struct):
    data: _BuildData


def build(server: Server) -> Build:
    """Which server and version it is, as far as it says."""
    data = _got(server, "/api/v1/status/buildinfo", _BuildBody).data
    application = data.application.lower()
    flavour = next((one for one in ("mimir", "thanos", "victoriametrics", "cortex") if one in application), "")
    # VictoriaMetrics gives a version for Grafana's sake and nothing else.
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
    """The alert rules; of their labels the severity only."""
    groups = _got(server, "/api/v1/rules", _RulesBody, {"type": "alert"}).data.groups or []
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
    data = _got(server, "/api/v1/alertmanagers", _ManagersBody).data
    active = (urlsplit(one.url).netloc.rpartition("@")[2] for one in data.active_alertmanagers or ())
    found = Alertmanagers(tuple(sorted(active)), len(data.dropped_alertmanagers or ()))
    if victoria and not found.active:
        raise Absent("VictoriaMetrics knows of Alertmanagers only where vmalert is connected to it")
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
    raw = _got(server, "/api/v1/targets", _TargetsBody, {"state": "active"}).data.active_targets or []
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


def _got(server: Server, path: str, body: type[T], params: dict[str, str] | None = None) -> T:
    """A metadata answer. Raises Absent where the server does not have this API, or something else answers there."""
    try:
        return decoder(body).decode(server.get(path, params))
    except StatusError as problem:
        if problem.status in _NO_SUCH_API:
            raise Absent(f"this server has no {path} ({problem.status})") from None
        raise
    except UNDECODABLE:
        raise Absent(f"the answer to {path} is not that of a Prometheus") from None
