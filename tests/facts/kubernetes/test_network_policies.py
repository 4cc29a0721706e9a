"""NetworkPolicies: the peers that the union of rules allows on a port."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from readiness_kit.facts.kubernetes.network_policies import (
    Port,
    allows,
    described,
    directions,
    open_to_all,
    peers_on,
    selecting,
)
from readiness_kit.kinds.network import NetworkPolicy
from readiness_kit.kinds.pods import PodSpec

SPEC = msgspec.convert(
    {
        "containers": [
            {"name": "weaviate", "ports": [{"name": "grpc", "containerPort": 50051}, {"containerPort": 8080}]}
        ]
    },
    PodSpec,
)


def policy(ingress: list[Any], name: str = "p") -> NetworkPolicy:
    return msgspec.convert(
        {"metadata": {"name": name, "namespace": "db"}, "spec": {"podSelector": {}, "ingress": ingress}}, NetworkPolicy
    )


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, {"Ingress"}),
        ({"egress": []}, {"Ingress"}),
        ({"egress": [{}]}, {"Ingress", "Egress"}),
        ({"policyTypes": ["Egress"], "ingress": [{}]}, {"Egress"}),
    ],
)
def test_directions(spec: dict[str, Any], expected: set[str]) -> None:
    assert directions(msgspec.convert({"spec": {"podSelector": {}, **spec}}, NetworkPolicy)) == expected


@pytest.mark.parametrize(
    ("ports", "port", "covered"),
    [
        ([], Port(8080), True),
        ([{"port": 8080}], Port(8080), True),
        ([{"port": 8080}], Port(8080, "UDP"), False),
        ([{"protocol": "UDP"}], Port(7000, "UDP"), True),
        ([{"protocol": "UDP"}], Port(7000), False),
        ([{"port": "grpc"}], Port(50051), True),
        ([{"port": "grpc"}], Port(8080), False),
        ([{"port": "http"}], Port(8080), False),
        ([{"port": 7000, "endPort": 8301}], Port(8300), True),
        ([{"port": 7000, "endPort": 8301}], Port(8302), False),
    ],
)
def test_the_ports_of_a_rule(ports: list[Any], port: Port, covered: bool) -> None:
    assert bool(peers_on([policy([{"ports": ports}])], port, SPEC)) is covered


NAME = "kubernetes.io/metadata.name"


def test_label_that_every_existing_namespace_has_allows_everybody() -> None:
    peers = peers_on([policy([{"from": [{"namespaceSelector": {"matchLabels": {"org": "x"}}}]}])], Port(1), SPEC)
    labelled = {name: {"org": "x"} for name in ("weaviate", "clients", "kube-system")}
    assert open_to_all(peers, labelled) == ("p",)
    assert open_to_all(peers, {**labelled, "other": {}}) == ()
    assert open_to_all(peers) == ()


@pytest.mark.parametrize(
    ("peers", "everybody"),
    [
        ([], True),
        ([{"namespaceSelector": {}}], True),
        ([{"namespaceSelector": {}, "podSelector": {}}], True),
        ([{"namespaceSelector": {}, "podSelector": {"matchLabels": {"a": "b"}}}], False),
        ([{"namespaceSelector": {"matchLabels": {"a": "b"}}}], False),
        ([{"podSelector": {}}], False),
        ([{"ipBlock": {"cidr": "0.0.0.0/0"}}], True),
        ([{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.169.254/32"]}}], True),
        ([{"ipBlock": {"cidr": "::/0"}}], True),
        ([{"ipBlock": {"cidr": "0.0.0.0/1"}}, {"ipBlock": {"cidr": "128.0.0.0/1"}}], True),
        ([{"ipBlock": {"cidr": "0.0.0.0/1"}}], False),
        ([{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["0.0.0.0/0"]}}], False),
        ([{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["0.0.0.0/1", "128.0.0.0/1"]}}], False),
        ([{"namespaceSelector": {"matchExpressions": [{"key": NAME, "operator": "Exists"}]}}], True),
        ([{"namespaceSelector": {"matchExpressions": [{"key": NAME, "operator": "NotIn", "values": ["one"]}]}}], True),
        ([{"namespaceSelector": {"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]}}], True),
        ([{"namespaceSelector": {"matchExpressions": [{"key": NAME, "operator": "In", "values": ["one"]}]}}], False),
        ([{"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "Exists"}]}}], False),
        (
            [
                {
                    "namespaceSelector": {},
                    "podSelector": {"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]},
                }
            ],
            True,
        ),
    ],
)
def test_who_is_everybody(peers: list[Any], everybody: bool) -> None:
    found = peers_on([policy([{"from": peers}])], Port(8080), SPEC)
    assert open_to_all(found) == (("p",) if everybody else ())


def test_several_policies_are_a_union_of_what_they_allow() -> None:
    narrow = policy([{"from": [{"podSelector": {"matchLabels": {"a": "b"}}}]}], "narrow")
    wide = policy([{}], "wide")
    assert open_to_all(peers_on([narrow], Port(1), SPEC)) == ()
    assert open_to_all(peers_on([narrow, wide], Port(1), SPEC)) == ("wide",)


def test_a_policy_selects_in_its_own_namespace_only() -> None:
    selecting_policy = policy([])
    assert selecting([selecting_policy], "db", {"app": "weaviate"}, "Ingress") == (selecting_policy,)
    assert selecting([selecting_policy], "db", {"app": "weaviate"}, "Egress") == ()
    assert selecting([selecting_policy], "other", {"app": "weaviate"}, "Ingress") == ()


@pytest.mark.parametrize(
    ("peer", "namespace", "labels", "allowed"),
    [
        ({"podSelector": {"matchLabels": {"a": "b"}}}, "db", {"a": "b"}, True),
        ({"podSelector": {"matchLabels": {"a": "b"}}}, "other", {"a": "b"}, False),
        ({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "other"}}}, "other", {}, True),
        (
            {"namespaceSelector": {"matchLabels": {"team": "x"}}, "podSelector": {"matchLabels": {"a": "b"}}},
            "db",
            {},
            False,
        ),
        ({"ipBlock": {"cidr": "10.0.0.0/8"}}, "db", {"a": "b"}, False),
    ],
)
def test_which_pods_a_peer_lets_in(peer: dict[str, Any], namespace: str, labels: dict[str, str], allowed: bool) -> None:
    (found,) = peers_on([policy([{"from": [peer]}])], Port(8080), SPEC)
    assert allows(found, namespace, {"team": "x"} if namespace == "db" else {}, labels, "db") is allowed


def test_peers_are_described() -> None:
    peers = [
        {
            "namespaceSelector": {"matchLabels": {"team": "x"}},
            "podSelector": {"matchExpressions": [{"key": "a", "operator": "Exists"}]},
        },
        {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}},
    ]
    found = peers_on([policy([{"from": peers}, {}])], Port(8080), SPEC)
    assert [described(peer) for peer in found] == [
        "pods {a Exists} in namespaces {team: x}",
        "10.0.0.0/8 except 10.1.0.0/16",
        "everybody",
    ]
