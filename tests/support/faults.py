"""The ready cluster with single faults: every check that fails then is due to the change.

facts = faulty(of("services", "weaviate-grpc", lambda data: data["spec"].update(type="LoadBalancer")))
facts = faulty(template(lambda pod, container: container["env"].append({"name": "LOG_LEVEL", "value": "debug"})))
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
from msgspec.structs import replace

from readiness_kit.facts import ClusterFacts
from readiness_kit.fixes.merging import from_plain, plain
from readiness_kit.kinds import KINDS
from readiness_kit.snapshot import Snapshot
from tests.support import ready_cluster

NAMESPACE, NAME = "search", "weaviate"
Plain = dict[str, Any]
Fault = Callable[[Snapshot], Snapshot]


@cache
def ready() -> Snapshot:
    """The snapshot of the cluster on which everything is right."""
    return ready_cluster.build()


def faulty(*faults: Fault) -> ClusterFacts:
    """The facts of the ready cluster after these changes."""
    snapshot = ready()
    for fault in faults:
        snapshot = fault(snapshot)
    return ClusterFacts(snapshot, f"{NAMESPACE}/{NAME}")


def of(key: str, name: str, change: Callable[[Plain], Any]) -> Fault:
    """One object changed in place, as plain data."""

    def fault(snapshot: Snapshot) -> Snapshot:
        items = snapshot.kept[key]
        assert any(item.metadata.name == name for item in items)
        return _kept(snapshot, key, [_changed(item, change) if item.metadata.name == name else item for item in items])

    return fault


def _changed(item: Any, change: Callable[[Plain], Any]) -> Any:
    data = plain(item)
    change(data)
    return from_plain(data, type(item))


def _kept(snapshot: Snapshot, key: str, items: list[Any]) -> Snapshot:
    return replace(snapshot, kept={**snapshot.kept, key: tuple(items)})


def with_object(key: str, data: Plain) -> Fault:
    """A further object, in the namespace of Weaviate unless it names another one."""

    def fault(snapshot: Snapshot) -> Snapshot:
        metadata = {"namespace": NAMESPACE, **data["metadata"]} if KINDS[key].namespaced else data["metadata"]
        item = msgspec.convert({**data, "metadata": metadata}, KINDS[key].struct)
        return _kept(snapshot, key, [*snapshot.kept.get(key, ()), item])

    return fault


def without(key: str, name: str = "") -> Fault:
    """Without the objects of a kind, or of a name."""
    return lambda snapshot: _kept(
        snapshot, key, [item for item in snapshot.kept.get(key, ()) if name and item.metadata.name != name]
    )


def template(change: Callable[[Plain, Plain], Any]) -> Fault:
    """The pod template and the running pods changed alike: `change(pod spec, container of the server)`."""

    def apply(spec: Plain) -> None:
        change(spec, next(each for each in spec["containers"] if each["name"] == NAME))

    def fault(snapshot: Snapshot) -> Snapshot:
        snapshot = of("statefulsets", NAME, lambda data: apply(data["spec"]["template"]["spec"]))(snapshot)
        for pod in [item.metadata.name for item in snapshot.kept["pods"] if item.metadata.name.startswith(f"{NAME}-")]:
            if pod.removeprefix(f"{NAME}-").isdigit():
                snapshot = of("pods", pod, lambda data: apply(data["spec"]))(snapshot)
        return snapshot

    return fault


def variables(**values: Any) -> Fault:
    """Variables of the server added or replaced; None removes one, a mapping is a `valueFrom`."""

    def change(_: Plain, container: Plain) -> None:
        kept = [entry for entry in container["env"] if entry["name"] not in values]
        for name, value in values.items():
            if isinstance(value, dict):
                kept.append({"name": name, "valueFrom": value})
            elif value is not None:
                kept.append({"name": name, "value": value})
        container["env"] = kept

    return template(change)


def config_file(change: Callable[[Plain], Any]) -> Fault:
    """The configuration file changed in place."""

    def rewrite(data: Plain) -> None:
        content = json.loads(data["data"]["conf.yaml"])
        change(content)
        data["data"]["conf.yaml"] = json.dumps(content)

    return of("configmaps", "weaviate-config", rewrite)


def answer(key: str, change: Callable[[Any], Any]) -> Fault:
    """The answer of another source replaced by what `change` makes of it."""
    return lambda snapshot: replace(snapshot, answers={**snapshot.answers, key: change(snapshot.answers[key])})
