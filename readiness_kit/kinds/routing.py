"""Entry points of service meshes and ingress controllers: Istio, Traefik, Contour, AWS target groups.

Only what shows where traffic goes, and whether TLS ends there, is kept.
"""

from __future__ import annotations

from readiness_kit.kinds.mesh import RouteTarget
from readiness_kit.kinds.meta import KubeObject, KubeStruct


class IstioPort(KubeStruct, frozen=True, gc=False):
    number: int = 0
    protocol: str = ""


class IstioTLS(KubeStruct, frozen=True, gc=False):
    mode: str = ""
    https_redirect: bool = False
    credential_name: str = ""


class IstioServer(KubeStruct, frozen=True, gc=False):
    """`hosts` are patterns, with an optional namespace before a slash."""

    port: IstioPort = IstioPort()
    hosts: tuple[str, ...] = ()
    tls: IstioTLS | None = None


class IstioGatewaySpec(KubeStruct, frozen=True, gc=False):
    servers: tuple[IstioServer, ...] = ()


class IstioGateway(KubeObject, frozen=True, gc=False):
    spec: IstioGatewaySpec = IstioGatewaySpec()


class IstioDestination(KubeStruct, frozen=True, gc=False):
    """A Service by its short or full name; a short one is in the namespace of the VirtualService."""

    host: str = ""


class IstioWeightedDestination(KubeStruct, frozen=True, gc=False):
    destination: IstioDestination = IstioDestination()


class IstioRoute(KubeStruct, frozen=True, gc=False):
    route: tuple[IstioWeightedDestination, ...] = ()


class VirtualServiceSpec(KubeStruct, frozen=True, gc=False):
    """Without gateways, and for the gateway `mesh`, the routes apply inside the mesh only."""

    hosts: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()
    http: tuple[IstioRoute, ...] = ()
    tcp: tuple[IstioRoute, ...] = ()
    tls: tuple[IstioRoute, ...] = ()


class VirtualService(KubeObject, frozen=True, gc=False):
    spec: VirtualServiceSpec = VirtualServiceSpec()


class RoutedService(KubeStruct, frozen=True, gc=False):
    """Without a namespace, that of the route."""

    name: str = ""
    namespace: str = ""


class ServiceRoute(KubeStruct, frozen=True, gc=False):
    services: tuple[RoutedService, ...] = ()
    permit_insecure: bool = False
    """Contour: whether the route is also served without TLS."""


class IngressRouteTLS(KubeStruct, frozen=True, gc=False):
    secret_name: str = ""
    passthrough: bool = False


class IngressRouteSpec(KubeStruct, frozen=True, gc=False):
    entry_points: tuple[str, ...] = ()
    routes: tuple[ServiceRoute, ...] = ()
    tls: IngressRouteTLS | None = None


class IngressRoute(KubeObject, frozen=True, gc=False):
    """IngressRoute, IngressRouteTCP and IngressRouteUDP of Traefik."""

    spec: IngressRouteSpec = IngressRouteSpec()


class VirtualHost(KubeStruct, frozen=True, gc=False):
    fqdn: str = ""
    tls: IngressRouteTLS | None = None


class HTTPProxySpec(KubeStruct, frozen=True, gc=False):
    """Without `virtualhost` the proxy is included by another one, which has it."""

    virtualhost: VirtualHost | None = None
    routes: tuple[ServiceRoute, ...] = ()
    tcpproxy: ServiceRoute | None = None


class HTTPProxy(KubeObject, frozen=True, gc=False):
    """Contour."""

    spec: HTTPProxySpec = HTTPProxySpec()


class TargetGroupBindingSpec(KubeStruct, frozen=True, gc=False):
    service_ref: RouteTarget = RouteTarget()


class TargetGroupBinding(KubeObject, frozen=True, gc=False):
    """AWS Load Balancer Controller: a load balancer that is managed elsewhere sends traffic to a Service."""

    spec: TargetGroupBindingSpec = TargetGroupBindingSpec()
