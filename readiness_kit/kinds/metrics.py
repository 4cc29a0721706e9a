"""Usage from the metrics API (one sample), and objects that configure scraping, rules and alerts."""

from __future__ import annotations

from datetime import datetime

from readiness_kit.kinds.meta import KubeObject, KubeStruct, LabelSelector
from readiness_kit.kinds.pods import Marker


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
    """`port` is a name in the Prometheus Operator's kinds; Google's PodMonitoring also takes a number."""

    port: int | str = ""
    target_port: int | str | None = None
    path: str = ""
    interval: str = ""


class ServiceMonitorSpec(KubeStruct, frozen=True, gc=False):
    selector: LabelSelector = LabelSelector()
    namespace_selector: MonitorNamespaces = MonitorNamespaces()
    endpoints: tuple[MonitorEndpoint, ...] = ()


class ServiceMonitor(KubeObject, frozen=True, gc=False):
    """Also the VMServiceScrape of VictoriaMetrics, which has the same fields."""

    spec: ServiceMonitorSpec = ServiceMonitorSpec()


class PodMonitorSpec(KubeStruct, frozen=True, gc=False):
    selector: LabelSelector = LabelSelector()
    namespace_selector: MonitorNamespaces = MonitorNamespaces()
    pod_metrics_endpoints: tuple[MonitorEndpoint, ...] = ()


class PodMonitor(KubeObject, frozen=True, gc=False):
    spec: PodMonitorSpec = PodMonitorSpec()


class PodMonitoringSpec(KubeStruct, frozen=True, gc=False):
    """Google Managed Prometheus; selects pods in its namespace."""

    selector: LabelSelector = LabelSelector()
    endpoints: tuple[MonitorEndpoint, ...] = ()


class PodMonitoring(KubeObject, frozen=True, gc=False):
    spec: PodMonitoringSpec = PodMonitoringSpec()


class PrometheusSpec(KubeStruct, frozen=True, gc=False):
    """None selects no monitor, `{}` all; without a namespace selector, those of the own namespace."""

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
    """Of `labels` only `severity` is kept."""

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


class AlertmanagerSpec(KubeStruct, frozen=True, gc=False):
    replicas: int = 1
    alertmanager_config_selector: LabelSelector | None = None
    alertmanager_config_namespace_selector: LabelSelector | None = None


class Alertmanager(KubeObject, frozen=True, gc=False):
    spec: AlertmanagerSpec = AlertmanagerSpec()


class Receiver(KubeStruct, frozen=True, gc=False):
    """A receiver without integrations sends nothing; only the number of integrations is kept."""

    name: str = ""
    slack_configs: tuple[Marker, ...] = ()
    pagerduty_configs: tuple[Marker, ...] = ()
    opsgenie_configs: tuple[Marker, ...] = ()
    email_configs: tuple[Marker, ...] = ()
    webhook_configs: tuple[Marker, ...] = ()
    msteams_configs: tuple[Marker, ...] = ()
    msteamsv2_configs: tuple[Marker, ...] = ()
    victorops_configs: tuple[Marker, ...] = ()
    telegram_configs: tuple[Marker, ...] = ()
    discord_configs: tuple[Marker, ...] = ()
    pushover_configs: tuple[Marker, ...] = ()
    sns_configs: tuple[Marker, ...] = ()
    webex_configs: tuple[Marker, ...] = ()
    wechat_configs: tuple[Marker, ...] = ()


class AlertRoute(KubeStruct, frozen=True, gc=False):
    """The root of the routes: what no nested route takes goes to its receiver."""

    receiver: str = ""


class AlertmanagerConfigSpec(KubeStruct, frozen=True, gc=False):
    route: AlertRoute | None = None
    receivers: tuple[Receiver, ...] = ()


class AlertmanagerConfig(KubeObject, frozen=True, gc=False):
    spec: AlertmanagerConfigSpec = AlertmanagerConfigSpec()


class DatadogMonitorSpec(KubeStruct, frozen=True, gc=False):
    query: str = ""
    type: str = ""


class DatadogMonitor(KubeObject, frozen=True, gc=False):
    spec: DatadogMonitorSpec = DatadogMonitorSpec()


class CollectorConfig(KubeStruct, frozen=True, gc=False):
    """The names of receivers and exporters; their settings are not decoded."""

    receivers: dict[str, Marker | None] = {}
    exporters: dict[str, Marker | None] = {}


class CollectorSpec(KubeStruct, frozen=True, gc=False):
    mode: str = ""
    config: CollectorConfig = CollectorConfig()


class Collector(KubeObject, frozen=True, gc=False):
    """OpenTelemetryCollector in v1beta1; v1alpha1, with the configuration as text, is not read."""

    spec: CollectorSpec = CollectorSpec()
