"""Services, EndpointSlices, Ingresses, NetworkPolicies and PodDisruptionBudgets."""

from __future__ import annotations

import msgspec

from readiness_kit.kinds.meta import Condition, KubeObject, KubeStruct, LabelSelector, ObjectMeta


class ServicePort(KubeStruct, frozen=True, gc=False):
    name: str = ""
    port: int = 0
    target_port: int | str = 0
    node_port: int = 0
    protocol: str = "TCP"
    app_protocol: str = ""


class ServiceSpec(KubeStruct, frozen=True, gc=False):
    type: str = "ClusterIP"
    selector: dict[str, str] = {}
    ports: tuple[ServicePort, ...] = ()
    cluster_ip: str = msgspec.field(default="", name="clusterIP")
    external_ips: tuple[str, ...] = msgspec.field(default=(), name="externalIPs")
    external_name: str = ""
    load_balancer_class: str = ""
    load_balancer_source_ranges: tuple[str, ...] = ()
    publish_not_ready_addresses: bool = False


class LoadBalancerIngress(KubeStruct, frozen=True, gc=False):
    ip: str = ""
    hostname: str = ""


class LoadBalancerStatus(KubeStruct, frozen=True, gc=False):
    ingress: tuple[LoadBalancerIngress, ...] = ()


class ServiceStatus(KubeStruct, frozen=True, gc=False):
    load_balancer: LoadBalancerStatus = LoadBalancerStatus()


class ServiceMeta(ObjectMeta, frozen=True, gc=False):
    """Redaction also keeps the names of annotations that mention TLS, which load balancers may follow."""


class Service(KubeObject, frozen=True, gc=False):
    metadata: ServiceMeta = ServiceMeta()
    spec: ServiceSpec = ServiceSpec()
    status: ServiceStatus = ServiceStatus()


class EndpointConditions(KubeStruct, frozen=True, gc=False):
    """`ready` None counts as ready, as Kubernetes documents."""

    ready: bool | None = None


class TargetRef(KubeStruct, frozen=True, gc=False):
    kind: str = ""
    name: str = ""


class Endpoint(KubeStruct, frozen=True, gc=False):
    addresses: tuple[str, ...] = ()
    conditions: EndpointConditions = EndpointConditions()
    node_name: str = ""
    target_ref: TargetRef | None = None


class EndpointSlice(KubeObject, frozen=True, gc=False):
    """Its Service is the label `kubernetes.io/service-name`."""

    endpoints: tuple[Endpoint, ...] = ()


class IngressServicePort(KubeStruct, frozen=True, gc=False):
    number: int = 0
    name: str = ""


class IngressService(KubeStruct, frozen=True, gc=False):
    name: str = ""
    port: IngressServicePort = IngressServicePort()


class IngressBackend(KubeStruct, frozen=True, gc=False):
    service: IngressService | None = None


class IngressPath(KubeStruct, frozen=True, gc=False):
    path: str = ""
    backend: IngressBackend = IngressBackend()


class IngressHTTP(KubeStruct, frozen=True, gc=False):
    paths: tuple[IngressPath, ...] = ()


class IngressRule(KubeStruct, frozen=True, gc=False):
    host: str = ""
    http: IngressHTTP | None = None


class IngressTLS(KubeStruct, frozen=True, gc=False):
    hosts: tuple[str, ...] = ()
    secret_name: str = ""


class IngressSpec(KubeStruct, frozen=True, gc=False):
    ingress_class_name: str = ""
    default_backend: IngressBackend | None = None
    rules: tuple[IngressRule, ...] = ()
    tls: tuple[IngressTLS, ...] = ()


class Ingress(KubeObject, frozen=True, gc=False):
    spec: IngressSpec = IngressSpec()


class IPBlock(KubeStruct, frozen=True, gc=False):
    cidr: str = ""
    except_: tuple[str, ...] = msgspec.field(default=(), name="except")


class NetworkPolicyPeer(KubeStruct, frozen=True, gc=False):
    pod_selector: LabelSelector | None = None
    namespace_selector: LabelSelector | None = None
    ip_block: IPBlock | None = None


class NetworkPolicyPort(KubeStruct, frozen=True, gc=False):
    """`port` None means every port of the protocol."""

    port: int | str | None = None
    end_port: int | None = None
    protocol: str = "TCP"


class IngressPolicyRule(KubeStruct, frozen=True, gc=False):
    """Without `from_`, everybody; without `ports`, every port."""

    from_: tuple[NetworkPolicyPeer, ...] = msgspec.field(default=(), name="from")
    ports: tuple[NetworkPolicyPort, ...] = ()


class EgressPolicyRule(KubeStruct, frozen=True, gc=False):
    to: tuple[NetworkPolicyPeer, ...] = ()
    ports: tuple[NetworkPolicyPort, ...] = ()


class NetworkPolicySpec(KubeStruct, frozen=True, gc=False):
    """`policy_types` empty: Ingress, and Egress as well where `egress` has rules."""

    pod_selector: LabelSelector = LabelSelector()
    policy_types: tuple[str, ...] = ()
    ingress: tuple[IngressPolicyRule, ...] = ()
    egress: tuple[EgressPolicyRule, ...] = ()


class NetworkPolicy(KubeObject, frozen=True, gc=False):
    spec: NetworkPolicySpec = NetworkPolicySpec()


class DisruptionBudgetSpec(KubeStruct, frozen=True, gc=False):
    """In policy/v1 an empty selector selects every pod of the namespace, a missing one none."""

    selector: LabelSelector | None = None
    min_available: int | str | None = None
    max_unavailable: int | str | None = None


class DisruptionBudgetStatus(KubeStruct, frozen=True, gc=False):
    expected_pods: int = 0
    current_healthy: int = 0
    desired_healthy: int = 0
    disruptions_allowed: int = 0
    conditions: tuple[Condition, ...] = ()


class PodDisruptionBudget(KubeObject, frozen=True, gc=False):
    spec: DisruptionBudgetSpec = DisruptionBudgetSpec()
    status: DisruptionBudgetStatus = DisruptionBudgetStatus()
