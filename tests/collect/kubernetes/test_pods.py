"""Pod interning: common parts of pods are kept once, and the values stay the same."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime

import msgspec
import pytest

from readiness_kit import paths
from readiness_kit.collect.kubernetes import lists
from readiness_kit.collect.kubernetes.pods import PodOnTheWire, interner
from readiness_kit.demo import SNAPSHOT
from readiness_kit.kinds import KINDS
from readiness_kit.kinds.meta import Condition, ObjectMeta
from readiness_kit.kinds.pods import Container, EnvVar, Pod, PodSpec, PodStatus, Volume, VolumeMount
from readiness_kit.redact import LabelHasher, scrub
from readiness_kit.snapshot import load

HASHER = LabelHasher(b"key")
PODS = KINDS["pods"]


def pod(number: int, image: str = "app:1", secret: str = "hunter22") -> Pod:
    token = f"kube-api-access-{number:05x}"
    container = Container(
        "app",
        image,
        env=tuple(EnvVar(f"SETTING_{n}", secret) for n in range(12)),
        volume_mounts=(VolumeMount("data", "/data"), VolumeMount(token, "/var/run/secrets/token")),
    )
    conditions = (Condition("Ready", "True", "", datetime(2026, 11, 1, 8, number % 60, tzinfo=UTC)),)
    return Pod(
        ObjectMeta(f"app-{number}", "db", labels={"app": "app"}, annotations={"note": secret, "checksum/config": "a"}),
        PodSpec(node_name=f"n{number}", containers=(container,), volumes=(Volume("data"), Volume(token))),
        PodStatus("Running", qos_class="Burstable", conditions=conditions),
    )


def fresh(item: Pod) -> PodOnTheWire:
    """As a page gives it: nothing shared with any other."""
    return msgspec.json.decode(msgspec.json.encode(item), type=PodOnTheWire)


def test_interned_pods_equal_scrubbed_ones() -> None:
    keep = interner(PODS, HASHER).keep
    for item in load(paths.demo() / SNAPSHOT).objects("pods"):
        assert keep(fresh(item)) == scrub("pods", item, HASHER)
    plain = msgspec.json.encode(scrub("pods", pod(7), HASHER)).replace(b"kube-api-access-00007", b"kube-api-access")
    assert keep(fresh(pod(7))) == msgspec.json.decode(plain, type=Pod)


def test_pods_of_one_template_share_common_parts() -> None:
    keep = interner(PODS, HASHER).keep
    first, second, other = keep(fresh(pod(1))), keep(fresh(pod(2))), keep(fresh(pod(3, "app:2")))
    assert first.spec.containers is second.spec.containers and first.spec.volumes is second.spec.volumes
    assert first.metadata.labels is second.metadata.labels
    assert (first.metadata.name, first.spec.node_name) == ("app-1", "n1")
    assert (second.metadata.name, second.spec.node_name) == ("app-2", "n2")
    assert first.status.conditions[0].last_transition_time != second.status.conditions[0].last_transition_time
    assert other.spec.containers[0].image == "app:2" and first.spec.containers[0].image == "app:1"


def test_pods_that_differ_in_a_secret_only_are_scrubbed_each() -> None:
    keep = interner(PODS, HASHER).keep
    kept = [keep(fresh(pod(1, secret=secret))) for secret in ("hunter22", "hunter33", "")]
    assert "hunter" not in repr(kept)
    assert kept[0].spec == kept[1].spec != kept[2].spec


def test_node_name_is_kept_for_each_pod() -> None:
    """A text that looks like the field, and a field of the same name further down, must not make second specs one."""
    wire = msgspec.json.Decoder(PodOnTheWire).decode
    keep = interner(PODS, HASHER).keep
    odd = (
        b'{"spec":{"later":{"nodeName":"b"},"nodeName":"a","containers":[{"name":"x","image":"i:1"}]}}',
        b'{"spec":{"nodeName": "b","containers":[{"name":"x","image":"\\"nodeName\\":\\"a\\""}]}}',
        b'{"spec":{"nodeName":"c\\"d","containers":[{"name":"x","image":"i:1"}]}}',
        b'{"spec":{"containers":[{"name":"x","image":"i:1"}]}}',
        b"{}",
    )
    kept = [keep(wire(body)) for body in odd]
    assert kept == [msgspec.json.decode(body, type=Pod) for body in odd]
    assert [item.spec.node_name for item in kept] == ["a", "b", 'c"d', "", ""]


def test_pod_with_invalid_spec_costs_only_itself() -> None:
    body = b'{"kind":"PodList","items":[%s]}' % b",".join(
        [msgspec.json.encode(pod(1)), b'{"metadata":{"name":"odd"},"spec":{"containers":7}}', b'{"spec":null}']
    )
    found, broken = lists.read(PODS, "", lambda path, params: body, HASHER)
    assert [item.metadata.name for item in found] == ["app-1"] and broken.count == 2 and "odd" in broken.first


def test_other_kinds_are_scrubbed_one_by_one() -> None:
    service = KINDS["services"].struct(ObjectMeta("s", annotations={"note": "hunter22"}))
    assert interner(KINDS["services"], HASHER).keep(service).metadata.annotations == {}


@pytest.mark.parametrize("count", [1000])
def test_a_thousand_pods_of_one_template_are_small(count: int) -> None:
    keep = interner(PODS, HASHER).keep
    bodies = [msgspec.json.encode(pod(number)) for number in range(count)]
    decode = msgspec.json.Decoder(PodOnTheWire).decode
    keep(decode(bodies[0]))
    tracemalloc.start()
    kept = [keep(decode(body)) for body in bodies]
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(kept) == count and size / count < 2000
