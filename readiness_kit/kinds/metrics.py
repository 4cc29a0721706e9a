"""What the metrics API says (one instant), and the Prometheus Operator's objects that lead to scraping."""

from __future__ import annotations

from datetime import datetime

from readiness_kit.kinds.meta import KubeObject, KubeStruct, LabelSelector


class ContainerUsage(KubeStruct, frozen=True, gc=False):
    name: str = ""
    usage: dict[str, str] = {}


class PodMetrics(KubeObject, frozen=True, gc=False):
    """`timestamp` is the end of `window` (a duration such as `15s`)."""

    timestamp: datetime | None = None
    window: str = ""
    containers: tuple[ContainerUsage, ...] = ()


class NodeMetrics(KubeObject, frozen=True, gc=False):
    timestamp: datetime | None = None
    window: str = ""
    usage: dict[str, str] = {}


class MonitorNamespaces(KubeStruct, frozen=True, gc=False):
    any: bool = False
    match_names: tuple[str, ...] = ()


class MonitorEndpoint(KubeStruct, frozen=True, gc=False):
    port: str = ""
    target_port: int | str | None = None
    path: str = ""
    interval: str = ""


class ServiceMonitorSpec(KubeStruct, frozen=True, gc=False):
    selector: LabelSelector = LabelSelector()
    namespace_selector: MonitorNamespaces = MonitorNamespaces()
    endpoints: tuple[MonitorEndpoint, ...] = ()


class ServiceMonitor(KubeObject, frozen=True, gc=False):
    """Also VictoriaMetrics' VMServiceScrape, which has the same shape."""

    spec: ServiceMonitorSpec = ServiceMonitorSpec()


class PodMonitorSpec(KubeStruct, frozen=True, gc=False):
    selector: LabelSelector = LabelSelector()
    namespace_selector: MonitorNamespaces = MonitorNamespaces()
    pod_metrics_endpoints: tuple[MonitorEndpoint, ...] = ()


class PodMonitor(KubeObject, frozen=True, gc=False):
    spec: PodMonitorSpec = PodMonitorSpec()


class PodMonitoringSpec(KubeStruct, frozen=True, gc=False):
    """Google Managed Prometheus; it selects pods of its own namespace."""

    selector: LabelSelector = LabelSelector()
    endpoints: tuple[MonitorEndpoint, ...] = ()


class PodMonitoring(KubeObject, frozen=True, gc=False):
    spec: PodMonitoringSpec = PodMonitoringSpec()


class PrometheusSpec(KubeStruct, frozen=True, gc=False):
    """None selects no monitor, `{}` all of them; a missing namespace selector means the own namespace."""

    replicas: int = 1
    service_monitor_selector: LabelSelector | None = None
    service_monitor_namespace_selector: LabelSelector | None = None
    pod_monitor_selector: LabelSelector | None = None
    pod_monitor_namespace_selector: LabelSelector | None = None
    rule_selector: LabelSelector | None = None
    rule_namespace_selector: LabelSelector | None = None


class Prometheus(KubeObject, frozen=True, gc=False):
    spec: PrometheusSpec = PrometheusSpec()


class AlertRule(KubeStruct, frozen=True, gc=False):
    """`labels` keep `severity` only."""

    alert: str = ""
    expr: int | str = ""
    labels: dict[str, str] = {}


class RuleGroup(KubeStruct, frozen=True, gc=False):
    name: str = ""
    rules: tuple[AlertRule, ...] = ()


class PrometheusRuleSpec(KubeStruct, frozen=True, gc=False):
    groups: tuple[RuleGroup, ...] = ()


class PrometheusRule(KubeObject, frozen=True, gc=False):
    spec: PrometheusRuleSpec = PrometheusRuleSpec()
