"""Objects keep only what the rules of their fields allow."""

from __future__ import annotations

from typing import get_args, get_type_hints

import msgspec

from readiness_kit.kinds import KINDS
from readiness_kit.kinds.meta import LabelSelector, ObjectMeta, Requirement
from readiness_kit.kinds.metrics import AlertRule, PrometheusRule, PrometheusRuleSpec, RuleGroup
from readiness_kit.kinds.network import NetworkPolicy, NetworkPolicySpec, Service, ServiceSpec
from readiness_kit.kinds.pods import Container, EnvVar, EnvVarSource, KeyRef, Pod, PodSpec
from readiness_kit.redact import LabelHasher, scrub
from readiness_kit.redact.scrub import QUANTITIES, RULES

HASHER = LabelHasher(b"key")


# Made up here, each of the form of its kind; split so that no scanner of source code takes them for real.
GITHUB = "ghp_" + "Zr4Tq9Lm2XvB7nKd5WcY8sHf3GjP6aEu1RoT"


PEM = "-----BEGIN RSA PRIVATE " + "KEY-----\nMIIEowIBAAKCAQEA7\nq83vEjRW\n-----END RSA PRIVATE " + "KEY-----"


def test_a_pod_keeps_where_a_value_comes_from() -> None:
    reference = EnvVar("AUTHENTICATION_APIKEY_ALLOWED_KEYS", "", EnvVarSource(secret_key_ref=KeyRef("keys", "a")))
    container = Container("weaviate", env=(reference, EnvVar("COHERE_APIKEY", "c"), EnvVar("GOGC", "100")))
    pod = Pod(
        ObjectMeta("weaviate-0", annotations={"checksum/config": "abc", "kubectl.kubernetes.io/last-applied": PEM}),
        PodSpec(containers=(container,)),
    )
    kept = scrub("pods", pod, HASHER)
    assert kept.spec.containers[0].env == (reference, EnvVar("COHERE_APIKEY", "[redacted]"), EnvVar("GOGC", "100"))
    assert kept.metadata.annotations == {"checksum/config": "abc"}


def test_an_object_with_nothing_to_hide_is_the_same_object() -> None:
    pod = Pod(ObjectMeta("a", labels={"app": "weaviate"}), PodSpec(containers=(Container("c", args=("--x=1",)),)))
    assert scrub("pods", pod, HASHER) is pod


def test_labels_of_a_secrets_form_still_match_their_selectors() -> None:
    service = Service(ObjectMeta("s"), ServiceSpec(selector={"app": "weaviate", "owner": GITHUB}))
    labelled = Pod(ObjectMeta("p", labels={"app": "weaviate", "owner": GITHUB, "commit": "8ce0c1d7" * 5}))
    policy = NetworkPolicy(
        spec=NetworkPolicySpec(LabelSelector({"owner": GITHUB}, (Requirement("owner", "In", (GITHUB, "b")),)))
    )
    kept = scrub("services", service, HASHER).spec.selector
    labels = scrub("pods", labelled, HASHER).metadata.labels
    selector = scrub("networkpolicies", policy, HASHER).spec.pod_selector
    assert kept["app"] == "weaviate" and kept["owner"] == labels["owner"] == selector.match_labels["owner"]
    assert selector.match_expressions[0].values == (labels["owner"], "b")
    assert labels["owner"].startswith("redacted-") and len(labels["owner"]) == len("redacted-") + 12
    assert labels["commit"] == "8ce0c1d7" * 5
    assert LabelHasher(b"other").value(GITHUB) != labels["owner"]


def test_an_alert_keeps_its_severity_and_expression() -> None:
    rule = AlertRule("Down", 'up{job="weaviate"} == 0', {"severity": "critical", "team": "ada"})
    kept = scrub("prometheusrules", PrometheusRule(spec=PrometheusRuleSpec((RuleGroup("g", (rule,)),))), HASHER)
    assert kept.spec.groups[0].rules == (AlertRule("Down", 'up{job="weaviate"} == 0', {"severity": "critical"}),)


def structs(struct: type, seen: set[type]) -> set[type]:
    """A Struct and all that its fields lead to."""
    if struct not in seen and isinstance(struct, type) and issubclass(struct, msgspec.Struct):
        seen.add(struct)
        for hint in get_type_hints(struct).values():
            stack = [hint]
            while stack:
                inner = stack.pop()
                stack += get_args(inner)
                structs(inner, seen)
    return seen


def test_every_free_form_map_of_the_kinds_has_a_rule() -> None:
    reached: set[type] = set()
    for kind in KINDS.values():
        structs(kind.struct, reached)
    maps = {
        (struct, name) for struct in reached for name, hint in get_type_hints(struct).items() if hint == dict[str, str]
    }
    assert maps
    assert {(struct.__name__, name) for struct, name in maps - set(RULES) - QUANTITIES} == set()
