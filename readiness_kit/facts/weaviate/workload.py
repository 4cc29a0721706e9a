"""The Weaviate workload under assessment: its pods, claims, environment and configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from readiness_kit.facts.kubernetes.images import Image
from readiness_kit.facts.kubernetes.pod_security import mounts_token
from readiness_kit.facts.weaviate.config import WeaviateConfig, config_file, mounted_key, parse, parse_mapping
from readiness_kit.facts.weaviate.env import EnvValue, resolve
from readiness_kit.kinds.cluster import ConfigMap
from readiness_kit.kinds.marks import is_redacted
from readiness_kit.kinds.meta import KubeObject, ObjectMeta, PodMeta
from readiness_kit.kinds.pods import Container, Pod, PodSpec
from readiness_kit.kinds.storage import ClaimSpec, PersistentVolumeClaim
from readiness_kit.kinds.versions import Version
from readiness_kit.kinds.workloads import Deployment, StatefulSet
from readiness_kit.locate import pod_owner, server_container
from readiness_kit.model import Reason, Ref

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

DATA_PATH = "/var/lib/weaviate"
ON = frozenset({"on", "enabled", "1", "true"})
ON_UNLESS_FALSE = frozenset({"AUTOSCHEMA_ENABLED", "BACKUP_S3_USE_SSL"})
OVERRIDES_SINCE = Version(1, 30, 0)
OVERRIDABLE = frozenset(
    """
    ASYNC_REPLICATION_DISABLED ASYNC_REPLICATION_SCHEDULER_WORKERS AUTHENTICATION_OIDC_INSECURE_SKIP_TLS_VERIFY
    AUTOSCHEMA_ENABLED DEBUG_ENDPOINTS_ENABLED DEFAULT_QUANTIZATION DEFAULT_SHARDING_COUNT DISABLE_GRAPHQL
    MAXIMUM_ALLOWED_COLLECTIONS_COUNT MAXIMUM_ALLOWED_OBJECTS_COUNT MAXIMUM_ALLOWED_SHARDS_PER_COLLECTION
    MAXIMUM_ALLOWED_TENANTS_PER_COLLECTION MCP_SERVER_ENABLED OBJECTS_TTL_BATCH_SIZE OBJECTS_TTL_CONCURRENCY_FACTOR
    OBJECTS_TTL_DELETE_SCHEDULE OBJECTS_TTL_PAUSE_DURATION OBJECTS_TTL_PAUSE_EVERY_NO_BATCHES OPERATIONAL_MODE
    QUERY_SLOW_LOG_ENABLED QUERY_SLOW_LOG_THRESHOLD
    """.split()
)
"""Variables that a runtime override of the same name, in lower case, replaces (`usecases/config` of the server)."""

_SHELLS = frozenset({"sh", "bash", "ash", "dash"})
_EXPORTS = re.compile(r"(^|[\s;&|(])(source|\.|export|eval|env|set\s+-a|xargs)\s")
_ORDINAL = re.compile(r"-(\d+)$")


class Workload:
    """A StatefulSet, a Deployment, or pods of another controller (`kind` is that controller's, or "Pod").

    In the last case `object` is one of the pods and `replicas` their number, because the desired number is unknown.
    """

    def __init__(self, facts: ClusterFacts, kind: str, namespace: str, name: str) -> None:
        self._facts = facts
        self.kind = kind
        self.namespace = namespace
        self.name = name

    @property
    def ref(self) -> Ref:
        """The reference to the workload."""
        return Ref(self.kind, self.name, self.namespace)

    @cached_property
    def object(self) -> KubeObject:
        """The StatefulSet, the Deployment, or the first pod."""
        if self.kind in ("StatefulSet", "Deployment"):
            workloads: tuple[KubeObject, ...]
            workloads = self._facts.objects("statefulsets" if self.kind == "StatefulSet" else "deployments")
            for workload in workloads:
                if workload.metadata.name == self.name and workload.metadata.namespace == self.namespace:
                    return workload
        return self.pods[0]

    @property
    def stateful_set(self) -> StatefulSet | None:
        """The StatefulSet; None for a workload of another kind."""
        return self.object if isinstance(self.object, StatefulSet) else None

    @cached_property
    def spec(self) -> PodSpec:
        """The spec of the pod template, or of the first pod where there is no template."""
        workload = self.object
        if isinstance(workload, StatefulSet | Deployment):
            return workload.spec.template.spec
        assert isinstance(workload, Pod)  # noqa: S101 - for the type checker
        return workload.spec

    @cached_property
    def pod_labels(self) -> dict[str, str]:
        """Labels of the pod template, which Services, PodDisruptionBudgets and NetworkPolicies select by."""
        workload = self.object
        metadata = (
            workload.spec.template.metadata if isinstance(workload, StatefulSet | Deployment) else workload.metadata
        )
        return metadata.labels

    @cached_property
    def pod_annotations(self) -> dict[str, str]:
        """Annotations of the pod template that are on the allow-list."""
        workload = self.object
        metadata = (
            workload.spec.template.metadata if isinstance(workload, StatefulSet | Deployment) else workload.metadata
        )
        return metadata.annotations

    @cached_property
    def container(self) -> Container:
        """The container of the Weaviate server."""
        return server_container(self.spec) or self.spec.containers[0]

    @property
    def init_containers(self) -> tuple[Container, ...]:
        """The init containers of the pod template."""
        return self.spec.init_containers

    @property
    def replicas(self) -> int:
        """Desired replicas."""
        workload = self.object
        return workload.spec.replicas if isinstance(workload, StatefulSet | Deployment) else len(self.pods)

    @property
    def ordinals(self) -> range:
        """The ordinals of the replicas: from `spec.ordinals.start` of a StatefulSet, by default 0."""
        start = self.stateful_set.spec.ordinals.start if self.stateful_set is not None else 0
        return range(start, start + self.replicas)

    @property
    def pod_names(self) -> tuple[str, ...]:
        """The names that a StatefulSet gives to the pods of its replicas."""
        return tuple(f"{self.name}-{ordinal}" for ordinal in self.ordinals)

    @cached_property
    def pods(self) -> tuple[Pod, ...]:
        """The pods that this workload owns, by ordinal."""
        candidates = [pod for pod in self._facts.objects("pods") if pod.metadata.namespace == self.namespace]
        return tuple(sorted((pod for pod in candidates if self._owns(pod)), key=_by_ordinal))

    @cached_property
    def created_pods(self) -> tuple[Pod, ...]:
        """The pods as the controller creates them from the template: one for each replica, and at least two.

        They have the labels that the controller adds to those of the template. Of other controllers, which have no
        readable template, the running pods.
        """
        workload = self.object
        if not isinstance(workload, StatefulSet | Deployment):
            return self.pods
        revision = workload.status.update_revision or self.name
        created = []
        for ordinal in range(self.ordinals.start, self.ordinals.start + max(self.replicas, 2)):
            name = f"{self.name}-{ordinal}"
            own = {"pod-template-hash": revision}
            if isinstance(workload, StatefulSet):
                own = {
                    "statefulset.kubernetes.io/pod-name": name,
                    "apps.kubernetes.io/pod-index": str(ordinal),
                    "controller-revision-hash": revision,
                }
            metadata = PodMeta(name, self.namespace, labels={**self.pod_labels, **own})
            created.append(Pod(metadata, workload.spec.template.spec))
        return tuple(created)

    @property
    def desired_pods(self) -> tuple[Pod, ...]:
        """The running pods, followed by those of the replicas that do not run."""
        running = {pod.metadata.name: pod for pod in self.pods}
        if self.stateful_set is None:
            return self.pods or self.created_pods[: self.replicas]
        missing = (pod for pod in self.created_pods[: self.replicas] if pod.metadata.name not in running)
        return (*self.pods, *missing)

    def _owns(self, pod: Pod) -> bool:
        kind, name = pod_owner(pod)
        if self.kind == "Deployment":
            # The name of a ReplicaSet is that of its Deployment and a hash without a hyphen.
            return kind == "ReplicaSet" and name.rpartition("-")[0] == self.name
        return (kind, name) == (self.kind, self.name)

    @cached_property
    def image(self) -> Image:
        """The image of Weaviate's container."""
        return Image.parse(self.container.image)

    @property
    def version(self) -> Version | None:
        """The version in the image tag; None where the tag is not a release of Weaviate."""
        return self.image.weaviate_release

    @property
    def service_account(self) -> str:
        """The name of the ServiceAccount of the pods."""
        return self.spec.service_account_name or "default"

    @property
    def mounts_token(self) -> bool | None:
        """Whether the pods mount a token of the Kubernetes API; None where the ServiceAccount is needed but unread."""
        if self.spec.automount_service_account_token is None and self._facts.missing("serviceaccounts"):
            return None
        named = (self.namespace, self.service_account)
        accounts = {
            (account.metadata.namespace, account.metadata.name): account
            for account in self._facts.objects("serviceaccounts")
        }
        return mounts_token(self.spec, accounts.get(named))

    @property
    def data_path(self) -> str:
        """The folder of the data inside the container."""
        value = self.env("PERSISTENCE_DATA_PATH")
        return value.value if value.known and value.value else DATA_PATH

    @cached_property
    def claims(self) -> tuple[PersistentVolumeClaim, ...]:
        """The claims that the pods mount, and those of the claim templates whose pod does not exist at present."""
        mounted = {
            volume.persistent_volume_claim.claim_name
            for spec in (self.spec, *(pod.spec for pod in self.pods))
            for volume in spec.volumes
            if volume.persistent_volume_claim
        }
        if self.stateful_set is not None:
            for template in self.stateful_set.spec.volume_claim_templates:
                mounted |= {f"{template.metadata.name}-{name}" for name in self.pod_names}
        claims = [
            claim
            for claim in self._facts.objects("persistentvolumeclaims")
            if claim.metadata.name in mounted and claim.metadata.namespace == self.namespace
        ]
        if self._facts.from_manifests:
            claims += self._templated_claims()
        return tuple(sorted(claims, key=_by_ordinal))

    def _templated_claims(self) -> Iterator[PersistentVolumeClaim]:
        """The claims that the StatefulSet would create from its claim templates."""
        templates = self.stateful_set.spec.volume_claim_templates if self.stateful_set is not None else ()
        for template in templates:
            for name in self.pod_names:
                metadata = ObjectMeta(f"{template.metadata.name}-{name}", self.namespace)
                spec = ClaimSpec(storage_class_name=template.spec.storage_class_name, resources=template.spec.resources)
                yield PersistentVolumeClaim(metadata, spec)

    # --- configuration --------------------------------------------------------------------------------

    def config_map(self, name: str) -> ConfigMap | Reason | None:
        """A ConfigMap of the namespace, the reason why it could not be read, or None where it does not exist."""
        config_maps: tuple[ConfigMap, ...] = self._facts.objects("configmaps")
        for config_map in config_maps:
            if config_map.metadata.name == name and config_map.metadata.namespace == self.namespace:
                return config_map
        return self._facts.missing("configmaps")

    @property
    def env_from_file(self) -> bool:
        """Whether a shell exports variables, which the pod spec does not show, before it starts the server."""
        command = (*self.container.command, *self.container.args)
        if not command or command[0].rpartition("/")[2] not in _SHELLS:
            return False
        script = " ".join(command[1:])
        return bool(_EXPORTS.search(script)) or is_redacted(script)

    def env(self, name: str) -> EnvValue:
        """The effective value of a variable: a runtime override, otherwise the container's environment."""
        value = self._override(name) or resolve(self.container, name, self.config_map)
        if value.state == "unset" and self.env_from_file:
            return EnvValue(name, "unknown", origin="possibly exported at start", reason=Reason.NOT_OBSERVABLE)
        return value

    def is_enabled(self, name: str) -> bool | None:
        """Whether a variable enables its setting by the server's rules; None where unknown."""
        value = self.env(name)
        if not value.known:
            return None
        if name == "LIMIT_RESOURCES":
            return value.value == "true"
        if name in ON_UNLESS_FALSE:
            return value.value.lower() != "false"
        return value.value.lower() in ON

    def modules(self) -> tuple[str, ...] | None:
        """The modules of ENABLE_MODULES, sorted; None where unknown."""
        value = self.env("ENABLE_MODULES")
        if not value.known:
            return None
        return tuple(sorted({part.strip() for part in value.value.split(",") if part.strip()}))

    @property
    def config(self) -> WeaviateConfig | None:
        """The configuration file; None where the server has none, or where it could not be read (`config_missing`)."""
        return self._config[0]

    @property
    def config_missing(self) -> Reason | None:
        """Why the configuration file is unknown; None where it is known, and where the server has none."""
        return self._config[1]

    @cached_property
    def _config(self) -> tuple[WeaviateConfig | None, Reason | None]:
        path = config_file(self.container)
        if not path:
            return None, Reason.NOT_OBSERVABLE if self.env_from_file else None
        text, origin, reason = self._file(path)
        if reason is not None:
            return None, reason
        found = parse(text, origin)
        return (found, None) if found else (None, Reason.NOT_OBSERVABLE)

    def _file(self, path: str) -> tuple[str, str, Reason | None]:
        """(text, origin, why it is unknown) of a file that the server's container mounts from a ConfigMap."""
        key = mounted_key(self.spec, self.container, path)
        if key is None:
            return "", path, Reason.NOT_OBSERVABLE
        origin = f"ConfigMap {key[0]}, key {key[1]}"
        found = self.config_map(key[0])
        if isinstance(found, Reason):
            return "", origin, found
        if found is None or key[1] not in found.data:
            return "", origin, Reason.NOT_OBSERVABLE
        return found.data[key[1]], origin, None

    @cached_property
    def _overrides(self) -> tuple[dict[str, Any], str, Reason | None]:
        """Runtime overrides: (name in lower case -> value, origin, why they are unknown)."""
        if self.version is not None and self.version < OVERRIDES_SINCE:
            return {}, "", None
        switch = resolve(self.container, "RUNTIME_OVERRIDES_ENABLED", self.config_map)
        if not switch.known:
            return {}, "RUNTIME_OVERRIDES_ENABLED", switch.reason or Reason.NOT_OBSERVABLE
        if switch.value.lower() not in ON:
            return {}, "", None
        path = resolve(self.container, "RUNTIME_OVERRIDES_PATH", self.config_map)
        if not path.known:
            return {}, "RUNTIME_OVERRIDES_PATH", path.reason or Reason.NOT_OBSERVABLE
        text, origin, reason = self._file(path.value)
        data = parse_mapping(text) if reason is None else {}
        if data is None:
            return {}, origin, Reason.NOT_OBSERVABLE
        return data, origin, reason

    def _override(self, name: str) -> EnvValue | None:
        if name not in OVERRIDABLE:
            return None
        overrides, origin, reason = self._overrides
        if reason is not None:
            return EnvValue(name, "unknown", origin=f"possibly a runtime override ({origin})", reason=reason)
        value = overrides.get(name.lower())
        if value is None:
            return None
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return EnvValue(name, "config_map", text, f"runtime override, {origin}")


def _by_ordinal(obj: KubeObject) -> tuple[str, int, str]:
    name = obj.metadata.name
    match = _ORDINAL.search(name)
    return (name[: match.start()], int(match[1]), name) if match else (name, -1, name)
