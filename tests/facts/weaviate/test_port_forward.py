"""The port-forward command for Weaviate's REST port."""

from __future__ import annotations

from readiness_kit.facts.weaviate.port_forward import port_forward_command
from tests.support.cluster import cluster, of, weaviate


def test_the_tunnel_goes_to_the_service_of_the_rest_port() -> None:
    command = port_forward_command(cluster(weaviate()))
    assert command == "kubectl --context test -n weaviate port-forward --address 127.0.0.1 svc/weaviate 8080:80"


def test_without_a_service_the_tunnel_goes_to_the_first_pod() -> None:
    objects = [obj for obj in weaviate() if obj["kind"] != "Service"]
    assert of(objects, "StatefulSet")
    assert port_forward_command(cluster(objects), 9000).endswith("pod/weaviate-0 9000:8080")
