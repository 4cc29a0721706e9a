"""The Weaviate workload under assessment, with what belongs to it."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

from readiness_kit.facts.kubernetes.images import Image
from readiness_kit.facts.kubernetes.pod_security import mounts_token
from readiness_kit.facts.weaviate.config import WeaviateConfig, config_file, mounted_key, parse, parse_mapping
from readiness_kit.facts.weaviate.env import EnvValue, resolve
from readiness_kit.kinds.cluster import ConfigMap
from readiness_kit.kinds.meta import KubeObject
from readiness_kit.kinds.pods import REDACTED, Container, Pod, PodSpec
from readiness_kit.kinds.storage import PersistentVolumeClaim
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
    {
        "ASYNC_REPLICATION_DISABLED",
        "ASYNC_REPLICATION_SCHEDULER_WORKERS",
        "AUTHENTICATION_OIDC_INSECURE_SKIP_TLS_VERIFY",
        "AUTOSCHEMA_ENABLED",
        "DEBUG_ENDPOINTS_ENABLED",
        "DEFAULT_QUANTIZATION",
        "DEFAULT_SHARDING_COUNT",
        "DISABLE_GRAPHQL",
        "MAXIMUM_ALLOWED_COLLECTIONS_COUNT",
        "MAXIMUM_ALLOWED_OBJECTS_COUNT",
        "MAXIMUM_ALLOWED_SHARDS_PER_COLLECTION",
        "MAXIMUM_ALLOWED_TENANTS_PER_COLLECTION",
        "MCP_SERVER_ENABLED",
        "OBJECTS_TTL_BATCH_SIZE",
        "OBJECTS_TTL_CONCURRENCY_FACTOR",
        "OBJECTS_TTL_DELETE_SCHEDULE",
        "OBJECTS_TTL_PAUSE_DURATION",
        "OBJECTS_TTL_PAUSE_EVERY_NO_BATCHES",
        "OPERATIONAL_MODE",
        "QUERY_SLOW_LOG_ENABLED",
        "QUERY_SLOW_LOG_THRESHOLD",
    }
)
"""Variables that a runtime override of the same name in lower case beats (usecases/config of the server)."""

_SHELLS = frozenset({"sh", "bash", "ash", "dash"})
_EXPORTS = re.compile(r"(^|[\s;&|(])(source|\.|export|eval|env|set\s+-a|xargs)\s")
_ORDINAL = re.compile(r"-(\d+)$")


class Workload:
    """A StatefulSet, a Deployment, or pods of another controller (`kind` then names it, "Pod" for a bare one).

    In the last case `object` is one of the pods, and `replicas` their number: what is desired is not known.
    """

    def __init__(self, facts: ClusterFacts, kind: str, namespace: str, name: str) -> None:
        self._facts = facts
        self.kind = kind
        self.namespace = namespace
        self.name = name

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.name, self.namespace)

    @cached_property
    def object(self) -> KubeObject:
        """The StatefulSet, the Deployment, or the first pod."""
        if self.kind in ("StatefulSet", "Deployment"):
            for one in self._facts.objects("statefulsets" if self.kind == "StatefulSet" else "deployments"):
                if one.metadata.name == self.name and one.metadata.namespace == self.namespace:
                    return one
        return self.pods[0]

    @property
    def stateful_set(self) -> StatefulSet | None:
        return self.object if isinstance(self.object, StatefulSet) else None

    @cached_property
    def spec(self) -> PodSpec:
        """The pod template's spec (the first pod's, where there is no template)."""
        one = self.object
        if isinstance(one, StatefulSet | Deployment):
            return one.spec.template.spec
        assert isinstance(one, Pod)
        return one.spec

    @cached_property
    def pod_labels(self) -> dict[str, str]:
        """Labels of the pod template: what Services, PodDisruptionBudgets and NetworkPolicies select by."""
        one = self.object
        metadata = one.spec.template.metadata if isinstance(one, StatefulSet | Deployment) else one.metadata
        return metadata.labels

    @cached_property
    def pod_annotations(self) -> dict[str, str]:
        """Annotations of the pod template, as far as they are kept."""
        one = self.object
        metadata = one.spec.template.metadata if isinstance(one, StatefulSet | Deployment) else one.metadata
        return metadata.annotations

    @cached_property
    def container(self) -> Container:
        """The Weaviate server."""
        return server_container(self.spec) or self.spec.containers[0]

    @property
    def init_containers(self) -> tuple[Container, ...]:
        return self.spec.init_containers

    @property
    def replicas(self) -> int:
        """Desired replicas."""
        one = self.object
        return one.spec.replicas if isinstance(one, StatefulSet | Deployment) else len(self.pods)

    @cached_property
    def pods(self) -> tuple[Pod, ...]:
        """The pods that this workload owns, by ordinal."""
        mine = [pod for pod in self._facts.objects("pods") if pod.metadata.namespace == self.namespace]
        return tuple(sorted((pod for pod in mine if self._owns(pod)), key=_by_ordinal))

    def _owns(self, pod: Pod) -> bool:
        kind, name = pod_owner(pod)
        if self.kind == "Deployment":
            # A ReplicaSet is called after its Deployment and a hash, which has no hyphen.
            return kind == "ReplicaSet" and name.rpartition("-")[0] == self.name
        return (kind, name) == (self.kind, self.name)

    @cached_property
    def image(self) -> Image:
        return Image.parse(self.container.image)

    @property
    def version(self) -> Version | None:
        """The server's version by its image tag; None where the tag names none."""
        return self.image.version

    @property
    def service_account(self) -> str:
        return self.spec.service_account_name or "default"

    @property
    def mounts_token(self) -> bool | None:
        """Whether its pods get a token of the Kubernetes API; None where the ServiceAccounts would have to say it."""
        if self.spec.automount_service_account_token is None and self._facts.missing("serviceaccounts"):
            return None
        named = (self.namespace, self.service_account)
        accounts = {(one.metadata.namespace, one.metadata.name): one for one in self._facts.objects("serviceaccounts")}
        return mounts_token(self.spec, accounts.get(named))

    @property
    def data_path(self) -> str:
        value = self.env("PERSISTENCE_DATA_PATH")
        return value.value if value.known and value.value else DATA_PATH

    @cached_property
    def claims(self) -> tuple[PersistentVolumeClaim, ...]:
        """The claims that its pods mount, and those of its claim templates that wait for a pod to come back."""
        mounted = {
            volume.persistent_volume_claim.claim_name
            for spec in (self.spec, *(pod.spec for pod in self.pods))
            for volume in spec.volumes
            if volume.persistent_volume_claim
        }
        if self.stateful_set is not None:
            for template in self.stateful_set.spec.volume_claim_templates:
                mounted |= {f"{template.metadata.name}-{self.name}-{place}" for place in range(self.replicas)}
        found = (one for one in self._facts.objects("persistentvolumeclaims") if one.metadata.name in mounted)
        mine = [one for one in found if one.metadata.namespace == self.namespace]
        return tuple(sorted(mine, key=_by_ordinal))

    # --- configuration --------------------------------------------------------------------------------

    def config_map(self, name: str) -> ConfigMap | Reason | None:
        """A ConfigMap of its namespace, why it could not be read, or None where there surely is none."""
        for one in self._facts.objects("configmaps"):
            if one.metadata.name == name and one.metadata.namespace == self.namespace:
                return one
        return self._facts.missing("configmaps")

    @property
    def env_from_file(self) -> bool:
        """Whether a shell exports variables before it starts the server: from where, the pod spec does not show."""
        words = (*self.container.command, *self.container.args)
        if not words or words[0].rpartition("/")[2] not in _SHELLS:
            return False
        script = " ".join(words[1:])
        return bool(_EXPORTS.search(script)) or REDACTED in script

    def env(self, name: str) -> EnvValue:
        """What the server sees under a name: a runtime override, else the container's environment."""
        value = self._override(name) or resolve(self.container, name, self.config_map)
        if value.state == "unset" and self.env_from_file:
            return EnvValue(name, "unknown", origin="possibly exported at start", reason=Reason.NOT_OBSERVABLE)
        return value

    def is_enabled(self, name: str) -> bool | None:
        """Whether the server takes a switch for on, by its own rules; None where that cannot be known."""
        value = self.env(name)
        if not value.known:
            return None
        if name == "LIMIT_RESOURCES":
            return value.value == "true"
        if name in ON_UNLESS_FALSE:
            return value.value.lower() != "false"
        return value.value.lower() in ON

    def modules(self) -> tuple[str, ...] | None:
        """The modules of ENABLE_MODULES, sorted; None where that cannot be known."""
        value = self.env("ENABLE_MODULES")
        if not value.known:
            return None
        return tuple(sorted({part.strip() for part in value.value.split(",") if part.strip()}))

    @property
    def config(self) -> WeaviateConfig | None:
        """The configuration file; None where the server gets none, or where it could not be read: `config_missing`."""
        return self._config[0]

    @property
    def config_missing(self) -> Reason | None:
        """Why the configuration file is not known; None where it is, and where the server gets none."""
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
        """(text, origin, why not) of a file that a ConfigMap mounts into the server's container."""
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
        """Runtime overrides: (name in lower case -> value, origin, why they could not be read)."""
        if self.version is not None and self.version < OVERRIDES_SINCE:
            return {}, "", None
        switch = resolve(self.container, "RUNTIME_OVERRIDES_ENABLED", self.config_map)
        if not switch.known:
            return {}, "RUNTIME_OVERRIDES_ENABLED", switch.reason or Reason.NOT_OBSERVABLE
        if switch.value.lower() not in ON:
            return {}, "", None
        where = resolve(self.container, "RUNTIME_OVERRIDES_PATH", self.config_map)
        if not where.known:
            return {}, "RUNTIME_OVERRIDES_PATH", where.reason or Reason.NOT_OBSERVABLE
        text, origin, reason = self._file(where.value)
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


def _by_ordinal(one: KubeObject) -> tuple[str, int, str]:
    name = one.metadata.name
    found = _ORDINAL.search(name)
    return (name[: found.start()], int(found[1]), name) if found else (name, -1, name)
