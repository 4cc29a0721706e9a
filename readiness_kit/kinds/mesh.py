"""Policies of service meshes and network plug-ins, and entry points other than Ingresses."""

from __future__ import annotations

import msgspec

from readiness_kit.kinds.meta import KubeObject, KubeStruct, LabelSelector
from readiness_kit.kinds.network import IPBlock
from readiness_kit.kinds.pods import Marker


class TLSMode(KubeStruct, frozen=True, gc=False):
    mode: str = ""


class PeerAuthenticationSpec(KubeStruct, frozen=True, gc=False):
    """Without a selector: the namespace, or the mesh in the root namespace. Without a mode: that of the parent."""

    selector: LabelSelector | None = None
    mtls: TLSMode | None = None
    port_level_mtls: dict[str, TLSMode] = {}


class PeerAuthentication(KubeObject, frozen=True, gc=False):
    """Istio."""

    spec: PeerAuthenticationSpec = PeerAuthenticationSpec()


class AuthorizationPolicySpec(KubeStruct, frozen=True, gc=False):
    """The default action is ALLOW; without rules it allows no peer."""

    selector: LabelSelector | None = None
    action: str = ""
    rules: tuple[Marker, ...] = ()


class AuthorizationPolicy(KubeObject, frozen=True, gc=False):
    """Istio."""

    spec: AuthorizationPolicySpec = AuthorizationPolicySpec()


class CiliumTraffic(KubeStruct, frozen=True, gc=False):
    """One rule of a direction. Without a peer, but with ports, it allows every peer; empty, it allows none."""

    from_entities: tuple[str, ...] = ()
    to_entities: tuple[str, ...] = ()
    from_endpoints: tuple[Marker, ...] | None = None
    from_requires: tuple[Marker, ...] | None = None
    from_nodes: tuple[Marker, ...] | None = None
    from_groups: tuple[Marker, ...] | None = None
    from_cidr: tuple[str, ...] = msgspec.field(default=(), name="fromCIDR")
    from_cidr_set: tuple[IPBlock, ...] = msgspec.field(default=(), name="fromCIDRSet")
    to_cidr: tuple[str, ...] = msgspec.field(default=(), name="toCIDR")
    to_cidr_set: tuple[IPBlock, ...] = msgspec.field(default=(), name="toCIDRSet")
    to_endpoints: tuple[Marker, ...] | None = None
    to_services: tuple[Marker, ...] | None = None
    to_groups: tuple[Marker, ...] | None = None
    to_fqdns: tuple[Marker, ...] | None = msgspec.field(default=None, name="toFQDNs")
    to_ports: tuple[Marker, ...] = ()


class DefaultDeny(KubeStruct, frozen=True, gc=False):
    """Whether rules of a direction close it for everything else; by default they do."""

    ingress: bool | None = None
    egress: bool | None = None


class CiliumRule(KubeStruct, frozen=True, gc=False):
    """A direction that is None is unrestricted; one that is set, even if empty, allows only its rules."""

    endpoint_selector: LabelSelector | None = None
    node_selector: LabelSelector | None = None
    enable_default_deny: DefaultDeny = DefaultDeny()
    ingress: tuple[CiliumTraffic, ...] | None = None
    ingress_deny: tuple[Marker, ...] | None = None
    egress: tuple[CiliumTraffic, ...] | None = None
    egress_deny: tuple[Marker, ...] | None = None


class CiliumPolicy(KubeObject, frozen=True, gc=False):
    """CiliumNetworkPolicy and its cluster-wide form, with either `spec` or `specs`."""

    spec: CiliumRule | None = None
    specs: tuple[CiliumRule, ...] = ()


class ActionRule(KubeStruct, frozen=True, gc=False):
    """A rule of an AdminNetworkPolicy; only what it does is kept."""

    action: str = ""


class CalicoEntity(KubeStruct, frozen=True, gc=False):
    """One side of a connection; the default is everybody. Selectors are expressions."""

    nets: tuple[str, ...] = ()
    not_nets: tuple[str, ...] = ()
    selector: str = ""
    not_selector: str = ""
    namespace_selector: str = ""
    ports: tuple[int | str, ...] = ()
    not_ports: tuple[int | str, ...] = ()
    service_accounts: Marker | None = None
    services: Marker | None = None


class CalicoRule(ActionRule, frozen=True, gc=False):
    """Without a protocol, a source and a destination it concerns every connection."""

    protocol: int | str = ""
    not_protocol: int | str = ""
    http: Marker | None = None
    source: CalicoEntity = CalicoEntity()
    destination: CalicoEntity = CalicoEntity()


class CalicoSpec(KubeStruct, frozen=True, gc=False):
    """`selector` is a Calico expression (`app == 'weaviate'`); an empty one selects everything in scope."""

    selector: str = ""
    namespace_selector: str = ""
    types: tuple[str, ...] = ()
    order: float | None = None
    ingress: tuple[CalicoRule, ...] = ()
    egress: tuple[CalicoRule, ...] = ()


class CalicoPolicy(KubeObject, frozen=True, gc=False):
    """Calico's NetworkPolicy and GlobalNetworkPolicy."""

    spec: CalicoSpec = CalicoSpec()


class FelixSpec(KubeStruct, frozen=True, gc=False):
    wireguard_enabled: bool | None = None
    wireguard_enabled_v6: bool | None = msgspec.field(default=None, name="wireguardEnabledV6")


class FelixConfiguration(KubeObject, frozen=True, gc=False):
    """Calico; `default` applies to the cluster, `node.NAME` to one node."""

    spec: FelixSpec = FelixSpec()


class AdminPods(KubeStruct, frozen=True, gc=False):
    namespace_selector: LabelSelector | None = None
    pod_selector: LabelSelector | None = None


class AdminSubject(KubeStruct, frozen=True, gc=False):
    """Exactly one of them is set."""

    namespaces: LabelSelector | None = None
    pods: AdminPods | None = None


class AdminPolicySpec(KubeStruct, frozen=True, gc=False):
    priority: int = 0
    subject: AdminSubject = AdminSubject()
    ingress: tuple[ActionRule, ...] = ()
    egress: tuple[ActionRule, ...] = ()


class AdminNetworkPolicy(KubeObject, frozen=True, gc=False):
    """AdminNetworkPolicy and BaselineAdminNetworkPolicy."""

    spec: AdminPolicySpec = AdminPolicySpec()


# --- entry points ---------------------------------------------------------------------------------


class CertificateRef(KubeStruct, frozen=True, gc=False):
    name: str = ""


class ListenerTLS(KubeStruct, frozen=True, gc=False):
    mode: str = ""
    certificate_refs: tuple[CertificateRef, ...] = ()


class AllowedNamespaces(KubeStruct, frozen=True, gc=False):
    from_: str = msgspec.field(default="Same", name="from")
    selector: LabelSelector | None = None


class AllowedRoutes(KubeStruct, frozen=True, gc=False):
    namespaces: AllowedNamespaces = AllowedNamespaces()


class Listener(KubeStruct, frozen=True, gc=False):
    """By default a listener takes routes separate namespace only."""

    name: str = ""
    port: int = 0
    protocol: str = ""
    hostname: str = ""
    tls: ListenerTLS | None = None
    allowed_routes: AllowedRoutes = AllowedRoutes()


class GatewaySpec(KubeStruct, frozen=True, gc=False):
    gateway_class_name: str = ""
    listeners: tuple[Listener, ...] = ()


class Gateway(KubeObject, frozen=True, gc=False):
    """Gateway API."""

    spec: GatewaySpec = GatewaySpec()


class RouteParent(KubeStruct, frozen=True, gc=False):
    """Without a namespace, that of the route; port 0 means any."""

    kind: str = "Gateway"
    name: str = ""
    namespace: str = ""
    section_name: str = ""
    port: int = 0


class RouteBackend(KubeStruct, frozen=True, gc=False):
    kind: str = "Service"
    name: str = ""
    namespace: str = ""
    port: int = 0


class RouteRule(KubeStruct, frozen=True, gc=False):
    backend_refs: tuple[RouteBackend, ...] = ()


class RouteSpec(KubeStruct, frozen=True, gc=False):
    parent_refs: tuple[RouteParent, ...] = ()
    hostnames: tuple[str, ...] = ()
    rules: tuple[RouteRule, ...] = ()


class Route(KubeObject, frozen=True, gc=False):
    """HTTPRoute, GRPCRoute, TCPRoute and TLSRoute."""

    spec: RouteSpec = RouteSpec()


class RouteTarget(KubeStruct, frozen=True, gc=False):
    kind: str = "Service"
    name: str = ""


class RouteTLS(KubeStruct, frozen=True, gc=False):
    """The certificate and key of a route are not decoded."""

    termination: str = ""
    insecure_edge_termination_policy: str = ""


class OpenShiftRouteSpec(KubeStruct, frozen=True, gc=False):
    host: str = ""
    to: RouteTarget = RouteTarget()
    alternate_backends: tuple[RouteTarget, ...] = ()
    tls: RouteTLS | None = None


class OpenShiftRoute(KubeObject, frozen=True, gc=False):
    spec: OpenShiftRouteSpec = OpenShiftRouteSpec()
