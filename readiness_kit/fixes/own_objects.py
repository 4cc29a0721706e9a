"""The same fixes for an installation that is not from the official chart: its values as changes of its objects.

The values are understood as the chart understands them, and carried out on the workload that is there, whatever its
name and kind. A value without a counterpart here is a ConfigError: its owner has to find the place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from readiness_kit.errors import ConfigError
from readiness_kit.fixes.chart_values.texts import merged, printed
from readiness_kit.fixes.merging import Objects, from_plain, plain
from readiness_kit.kinds.meta import LabelSelector, ObjectMeta
from readiness_kit.kinds.network import DisruptionBudgetSpec, PodDisruptionBudget
from readiness_kit.kinds.workloads import Deployment, StatefulSet
from readiness_kit.locate import server_container
from readiness_kit.model import Target

Plain = dict[str, Any]
KEYS = {"StatefulSet": "statefulsets", "Deployment": "deployments"}
START_PROBE = {"initialDelaySeconds": 300, "periodSeconds": 60, "failureThreshold": 50, "timeoutSeconds": 3}
"""The chart's values of a startup probe that nothing else sets."""
MODULES = "ENABLE_MODULES"
HANDLERS = ("httpGet", "tcpSocket", "exec", "grpc")
_OTHER = ("backups", "podDisruptionBudgets", "replicas", "updateStrategy")
"""The values that are not placed in the pod template by their first part alone."""


def apply_to_own(objects: Objects, values: Mapping[str, Any], target: Target) -> Objects:
    """The objects after the change of one workload; the same objects where it changes nothing."""
    unknown = [name for name in values if name not in _POD and name not in _OTHER]
    key = KEYS.get(target.kind)
    found = [item for item in objects.get(key or "", ()) if _is(item.metadata, target)]
    if unknown or not found or key is None:
        what = unknown[0] if unknown else f"{target.kind} {target.name}"
        raise ConfigError(
            f"{what} is not a value that the kit can place in objects that are not from the official chart",
            "set its counterpart in your own manifests",
        )
    workload = found[0]
    if not isinstance(workload, StatefulSet | Deployment):
        raise ConfigError(f"{target.kind} {target.name} has no pod template", "change its owner")
    changed = _workload(workload, values)
    kept = dict(objects)
    if changed != workload:
        kept[key] = tuple(changed if item is workload else item for item in kept[key])
    if budget := (values.get("podDisruptionBudgets") or {}).get("weaviate"):
        kept["poddisruptionbudgets"] = _budgets(kept, changed, budget)
    return kept


def _is(metadata: ObjectMeta, target: Target) -> bool:
    return (metadata.namespace, metadata.name) == (target.namespace, target.name)


def _workload(workload: StatefulSet | Deployment, values: Mapping[str, Any]) -> StatefulSet | Deployment:
    server = server_container(workload.spec.template.spec)
    data = plain(workload)
    pod = data["spec"]["template"]["spec"]
    container = next(item for item in pod["containers"] if server is None or item["name"] == server.name)
    env = {**_of_backups(container, values.get("backups") or {}), **(values.get("env") or {})}
    for name, value in {**values, **({"env": env} if env else {})}.items():
        if name in _POD:
            _POD[name](pod, container, value)
    if "updateStrategy" in values:
        name = "updateStrategy" if isinstance(workload, StatefulSet) else "strategy"
        data["spec"][name] = _over(data["spec"].get(name), values["updateStrategy"])
    if "replicas" in values:
        data["spec"]["replicas"] = values["replicas"]
        first = workload.spec.ordinals.start if isinstance(workload, StatefulSet) else 0
        _voters(container, workload.metadata.name, values["replicas"], first)
    kind = type(workload)
    return from_plain(data, kind)


def _voters(container: Plain, name: str, replicas: int, first: int) -> None:
    """The raft voters as the chart counts them, where the workload names them itself."""
    number = 1 if replicas < 3 else 3 if replicas < 10 else 5
    own = {
        "RAFT_JOIN": ",".join(f"{name}-{ordinal}" for ordinal in range(first, first + number)),
        "RAFT_BOOTSTRAP_EXPECT": number,
    }
    present = {entry["name"] for entry in container.get("env", ())}
    _env({}, container, {key: value for key, value in own.items() if key in present})


# --- the values, by their first part --------------------------------------------------------------


def _env(_: Plain, container: Plain, value: Mapping[str, Any]) -> None:
    entries = {entry["name"]: entry for entry in container.get("env", ())}
    for name, text in value.items():
        entries.pop(name, None) if text is None else entries.update({name: {"name": name, "value": printed(text)}})
    container["env"] = list(entries.values())


def _of_backups(container: Plain, backups: Mapping[str, Any]) -> Plain:
    """The variables of the backup modules, which are enabled in ENABLE_MODULES."""
    env: Plain = {}
    present = next((entry.get("value", "") for entry in container.get("env", ()) if entry["name"] == MODULES), "")
    modules = [name for name in present.split(",") if name]
    for name, settings in backups.items():
        module = f"backup-{name}"
        if settings.get("enabled") and module not in modules:
            modules.append(module)
        env |= settings.get("envconfig") or {}
    if ",".join(modules) != present:
        env[MODULES] = ",".join(modules)
    return env


def _env_secrets(_: Plain, container: Plain, value: Mapping[str, Any]) -> None:
    entries = {entry["name"]: entry for entry in container.get("env", ())}
    for name, secret in value.items():
        entries[name] = {"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": name}}}
    container["env"] = list(entries.values())


def _image(_: Plain, container: Plain, value: Mapping[str, Any]) -> None:
    if set(value) != {"tag"}:
        raise ConfigError("only the tag of an image can be changed", "set the image in your own manifests")
    repository = container["image"].partition("@")[0]
    head, _slash, last = repository.rpartition("/")
    container["image"] = f"{head}{_slash}{last.partition(':')[0]}:{value['tag']}"


def _probe(name: str) -> Callable[[Plain, Plain, Mapping[str, Any]], None]:
    def change(_: Plain, container: Plain, value: Mapping[str, Any]) -> None:
        if value.get("enabled") is False:
            container.pop(name, None)
            return
        present = container.get(name)
        if present is None:
            handler = container.get("readinessProbe") or container.get("livenessProbe") or {}
            present = {**START_PROBE, **{key: handler[key] for key in ("httpGet", "tcpSocket") if key in handler}}
        given = {key: part for key, part in value.items() if key not in ("enabled", "probe", "probeType")}
        handler = value.get("probe") or {}
        kept = {key: part for key, part in present.items() if not handler or key not in HANDLERS}
        container[name] = {**kept, **given, **handler}

    return change


def _of_container(name: str) -> Callable[[Plain, Plain, Any], None]:
    return lambda _, container, value: container.update({name: _over(container.get(name), value)})


def _of_pod(name: str) -> Callable[[Plain, Plain, Any], None]:
    return lambda pod, _, value: pod.update({name: _over(pod.get(name), value)})


def _over(present: Any, value: Any) -> Any:
    return merged(present if isinstance(present, Mapping) else {}, value) if isinstance(value, Mapping) else value


def _volumes(pod: Plain, _: Plain, value: list[Plain]) -> None:
    pod["volumes"] = _by_name(pod.get("volumes", ()), value, "name")


def _mounts(_: Plain, container: Plain, value: list[Plain]) -> None:
    container["volumeMounts"] = _by_name(container.get("volumeMounts", ()), value, "mountPath")


def _by_name(present: Iterable[Plain], added: Iterable[Plain], key: str) -> list[Plain]:
    return list({entry[key]: entry for entry in (*present, *added)}.values())


_POD: dict[str, Callable[[Plain, Plain, Any], None]] = {
    "env": _env,
    "envSecrets": _env_secrets,
    "image": _image,
    "resources": _of_container("resources"),
    "startupProbe": _probe("startupProbe"),
    "livenessProbe": _probe("livenessProbe"),
    "readinessProbe": _probe("readinessProbe"),
    "containerSecurityContext": _of_container("securityContext"),
    "securityContext": _of_pod("securityContext"),
    "extraVolumes": _volumes,
    "extraVolumeMounts": _mounts,
    "affinity": _of_pod("affinity"),
    "nodeSelector": _of_pod("nodeSelector"),
    "tolerations": _of_pod("tolerations"),
    "terminationGracePeriodSeconds": _of_pod("terminationGracePeriodSeconds"),
    "priorityClassName": _of_pod("priorityClassName"),
    "serviceAccountName": _of_pod("serviceAccountName"),
}


def _budgets(objects: Objects, workload: StatefulSet | Deployment, budget: Mapping[str, Any]) -> tuple[Any, ...]:
    """The budgets with one of the name of the workload, which selects its pods by its own selector."""
    named = (workload.metadata.namespace, workload.metadata.name)
    found = objects.get("poddisruptionbudgets", ())
    others = tuple(item for item in found if (item.metadata.namespace, item.metadata.name) != named)
    if not budget.get("enabled", True):
        return others
    spec = budget.get("spec") or {}
    selector = workload.spec.selector or LabelSelector(match_labels=workload.spec.template.metadata.labels)
    wanted = DisruptionBudgetSpec(
        max_unavailable=spec.get("maxUnavailable"), min_available=spec.get("minAvailable"), selector=selector
    )
    return (*others, PodDisruptionBudget(ObjectMeta(named[1], named[0]), wanted))
