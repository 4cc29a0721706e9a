"""Pods and their parts. `PodSpec` is also used for the templates of workloads."""

from __future__ import annotations

from datetime import datetime

import msgspec

from readiness_kit.kinds.meta import Condition, KubeObject, KubeStruct, LabelSelector, ObjectMeta, PodMeta, Requirement


class KeyRef(KubeStruct, frozen=True, gc=False):
    name: str = ""
    key: str = ""
    optional: bool = False


class FieldRef(KubeStruct, frozen=True, gc=False):
    field_path: str = ""


class ResourceFieldRef(KubeStruct, frozen=True, gc=False):
    resource: str = ""
    container_name: str = ""
    divisor: str = ""


class EnvVarSource(KubeStruct, frozen=True, gc=False):
    secret_key_ref: KeyRef | None = None
    config_map_key_ref: KeyRef | None = None
    field_ref: FieldRef | None = None
    resource_field_ref: ResourceFieldRef | None = None


class EnvVar(KubeStruct, frozen=True, gc=False):
    """After redaction `value` is `REDACTED` unless the name is on the allow-list; "" means that it is not literal."""

    name: str = ""
    value: str = ""
    value_from: EnvVarSource | None = None


class NamedRef(KubeStruct, frozen=True, gc=False):
    name: str = ""
    optional: bool = False


class EnvFromSource(KubeStruct, frozen=True, gc=False):
    prefix: str = ""
    config_map_ref: NamedRef | None = None
    secret_ref: NamedRef | None = None


class ContainerPort(KubeStruct, frozen=True, gc=False):
    name: str = ""
    container_port: int = 0
    host_port: int = 0
    protocol: str = "TCP"


class VolumeMount(KubeStruct, frozen=True, gc=False):
    name: str = ""
    mount_path: str = ""
    sub_path: str = ""
    sub_path_expr: str = ""
    read_only: bool = False


class Resources(KubeStruct, frozen=True, gc=False):
    """Quantities as written (`500m`, `8Gi`)."""

    requests: dict[str, str] = {}
    limits: dict[str, str] = {}


class HTTPHeader(KubeStruct, frozen=True, gc=False):
    """After redaction `value` is one of the marks above; an unusual name is redacted too."""

    name: str = ""
    value: str = ""


class HTTPGet(KubeStruct, frozen=True, gc=False):
    path: str = ""
    port: int | str = 0
    scheme: str = ""
    host: str = ""
    http_headers: tuple[HTTPHeader, ...] = ()


class ExecAction(KubeStruct, frozen=True, gc=False):
    """After redaction `command` is empty, or `REDACTED_CREDENTIAL` alone where it contained a credential."""

    command: tuple[str, ...] = ()


class TCPSocket(KubeStruct, frozen=True, gc=False):
    port: int | str = 0
    host: str = ""


class Marker(KubeStruct, frozen=True, gc=False):
    """Only the presence is kept."""


class Probe(KubeStruct, frozen=True, gc=False):
    http_get: HTTPGet | None = None
    tcp_socket: TCPSocket | None = None
    grpc: Marker | None = None
    exec: ExecAction | None = None
    initial_delay_seconds: int = 0
    period_seconds: int = 10
    failure_threshold: int = 3
    timeout_seconds: int = 1


class LifecycleHandler(KubeStruct, frozen=True, gc=False):
    http_get: HTTPGet | None = None
    tcp_socket: TCPSocket | None = None
    exec: ExecAction | None = None


class Lifecycle(KubeStruct, frozen=True, gc=False):
    post_start: LifecycleHandler | None = None
    pre_stop: LifecycleHandler | None = None


class SecurityProfile(KubeStruct, frozen=True, gc=False):
    type: str = ""


class SELinuxOptions(KubeStruct, frozen=True, gc=False):
    type: str = ""
    user: str = ""
    role: str = ""


class WindowsOptions(KubeStruct, frozen=True, gc=False):
    host_process: bool | None = None


class Capabilities(KubeStruct, frozen=True, gc=False):
    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


class SecurityContext(KubeStruct, frozen=True, gc=False):
    """The security context of a container; for None, the value of the pod applies, then that of the image."""

    run_as_non_root: bool | None = None
    run_as_user: int | None = None
    run_as_group: int | None = None
    allow_privilege_escalation: bool | None = None
    privileged: bool | None = None
    read_only_root_filesystem: bool | None = None
    capabilities: Capabilities | None = None
    seccomp_profile: SecurityProfile | None = None
    app_armor_profile: SecurityProfile | None = None
    se_linux_options: SELinuxOptions | None = None
    windows_options: WindowsOptions | None = None
    proc_mount: str = ""


class PodSecurityContext(KubeStruct, frozen=True, gc=False):
    run_as_non_root: bool | None = None
    run_as_user: int | None = None
    run_as_group: int | None = None
    fs_group: int | None = None
    seccomp_profile: SecurityProfile | None = None
    app_armor_profile: SecurityProfile | None = None
    se_linux_options: SELinuxOptions | None = None
    windows_options: WindowsOptions | None = None
    sysctls: tuple[NamedRef, ...] = ()


class Container(KubeStruct, frozen=True, gc=False):
    name: str = ""
    image: str = ""
    image_pull_policy: str = ""
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    env: tuple[EnvVar, ...] = ()
    env_from: tuple[EnvFromSource, ...] = ()
    ports: tuple[ContainerPort, ...] = ()
    volume_mounts: tuple[VolumeMount, ...] = ()
    resources: Resources = Resources()
    liveness_probe: Probe | None = None
    readiness_probe: Probe | None = None
    startup_probe: Probe | None = None
    lifecycle: Lifecycle | None = None
    security_context: SecurityContext | None = None
    restart_policy: str = ""


class ClaimRef(KubeStruct, frozen=True, gc=False):
    claim_name: str = ""


class SecretVolume(KubeStruct, frozen=True, gc=False):
    secret_name: str = ""


class HostPath(KubeStruct, frozen=True, gc=False):
    path: str = ""


class CSIVolume(KubeStruct, frozen=True, gc=False):
    driver: str = ""


class Projection(KubeStruct, frozen=True, gc=False):
    config_map: NamedRef | None = None
    secret: NamedRef | None = None


class ProjectedVolume(KubeStruct, frozen=True, gc=False):
    sources: tuple[Projection, ...] = ()


class Volume(KubeStruct, frozen=True, gc=False):
    name: str = ""
    persistent_volume_claim: ClaimRef | None = None
    config_map: NamedRef | None = None
    secret: SecretVolume | None = None
    projected: ProjectedVolume | None = None
    empty_dir: Marker | None = None
    host_path: HostPath | None = None
    csi: CSIVolume | None = None
    nfs: Marker | None = None
    ephemeral: Marker | None = None
    downward_api: Marker | None = msgspec.field(default=None, name="downwardAPI")
    image: Marker | None = None
    # Sources that the Pod Security Standard "restricted" refuses; only their presence is kept.
    aws_elastic_block_store: Marker | None = None
    azure_disk: Marker | None = None
    azure_file: Marker | None = None
    cephfs: Marker | None = None
    cinder: Marker | None = None
    fc: Marker | None = None
    flex_volume: Marker | None = None
    flocker: Marker | None = None
    gce_persistent_disk: Marker | None = None
    git_repo: Marker | None = None
    glusterfs: Marker | None = None
    iscsi: Marker | None = None
    photon_persistent_disk: Marker | None = None
    portworx_volume: Marker | None = None
    quobyte: Marker | None = None
    rbd: Marker | None = None
    scale_io: Marker | None = msgspec.field(default=None, name="scaleIO")
    storageos: Marker | None = None
    vsphere_volume: Marker | None = None


class NodeSelectorTerm(KubeStruct, frozen=True, gc=False):
    match_expressions: tuple[Requirement, ...] = ()
    match_fields: tuple[Requirement, ...] = ()


class NodeSelector(KubeStruct, frozen=True, gc=False):
    node_selector_terms: tuple[NodeSelectorTerm, ...] = ()


class NodeAffinity(KubeStruct, frozen=True, gc=False):
    required_during_scheduling_ignored_during_execution: NodeSelector | None = None


class PodAffinityTerm(KubeStruct, frozen=True, gc=False):
    topology_key: str = ""
    label_selector: LabelSelector | None = None
    namespaces: tuple[str, ...] = ()
    namespace_selector: LabelSelector | None = None
    match_label_keys: tuple[str, ...] = ()
    mismatch_label_keys: tuple[str, ...] = ()


class WeightedPodAffinityTerm(KubeStruct, frozen=True, gc=False):
    weight: int = 0
    pod_affinity_term: PodAffinityTerm = PodAffinityTerm()


class PodAffinity(KubeStruct, frozen=True, gc=False):
    """Serves podAffinity and podAntiAffinity."""

    required_during_scheduling_ignored_during_execution: tuple[PodAffinityTerm, ...] = ()
    preferred_during_scheduling_ignored_during_execution: tuple[WeightedPodAffinityTerm, ...] = ()


class Affinity(KubeStruct, frozen=True, gc=False):
    node_affinity: NodeAffinity | None = None
    pod_affinity: PodAffinity | None = None
    pod_anti_affinity: PodAffinity | None = None


class TopologySpreadConstraint(KubeStruct, frozen=True, gc=False):
    max_skew: int = 1
    min_domains: int | None = None
    topology_key: str = ""
    when_unsatisfiable: str = "DoNotSchedule"
    label_selector: LabelSelector | None = None
    match_label_keys: tuple[str, ...] = ()
    node_affinity_policy: str = "Honor"
    node_taints_policy: str = "Ignore"


class Toleration(KubeStruct, frozen=True, gc=False):
    key: str = ""
    operator: str = ""
    value: str = ""
    effect: str = ""
    toleration_seconds: int | None = None


class PodSpec(KubeStruct, frozen=True, gc=False):
    node_name: str = ""
    containers: tuple[Container, ...] = ()
    init_containers: tuple[Container, ...] = ()
    ephemeral_containers: tuple[Container, ...] = ()
    resources: Resources | None = None
    overhead: dict[str, str] = {}
    volumes: tuple[Volume, ...] = ()
    affinity: Affinity | None = None
    topology_spread_constraints: tuple[TopologySpreadConstraint, ...] = ()
    node_selector: dict[str, str] = {}
    tolerations: tuple[Toleration, ...] = ()
    priority_class_name: str = ""
    service_account_name: str = ""
    automount_service_account_token: bool | None = None
    security_context: PodSecurityContext | None = None
    termination_grace_period_seconds: int | None = None
    restart_policy: str = ""
    runtime_class_name: str = ""
    host_network: bool = False
    host_pid: bool = msgspec.field(default=False, name="hostPID")
    host_ipc: bool = msgspec.field(default=False, name="hostIPC")
    host_users: bool | None = None
    os: NamedRef | None = None
    image_pull_secrets: tuple[NamedRef, ...] = ()


class PodTemplate(KubeStruct, frozen=True, gc=False):
    metadata: ObjectMeta = ObjectMeta()
    spec: PodSpec = PodSpec()


class Terminated(KubeStruct, frozen=True, gc=False):
    reason: str = ""
    exit_code: int = 0
    finished_at: datetime | None = None


class Waiting(KubeStruct, frozen=True, gc=False):
    reason: str = ""


class Running(KubeStruct, frozen=True, gc=False):
    started_at: datetime | None = None


class ContainerState(KubeStruct, frozen=True, gc=False):
    running: Running | None = None
    waiting: Waiting | None = None
    terminated: Terminated | None = None


class ContainerStatus(KubeStruct, frozen=True, gc=False):
    name: str = ""
    ready: bool = False
    restart_count: int = 0
    image: str = ""
    image_id: str = msgspec.field(default="", name="imageID")
    resources: Resources | None = None
    state: ContainerState = ContainerState()
    last_state: ContainerState = ContainerState()


class PodCondition(Condition, frozen=True, gc=False):
    """`message` keeps only the phrases of the scheduler in `allowed.SCHEDULER_PHRASES`."""

    message: str = ""


class PodStatus(KubeStruct, frozen=True, gc=False):
    phase: str = ""
    reason: str = ""
    qos_class: str = ""
    pod_ip: str = msgspec.field(default="", name="podIP")
    conditions: tuple[PodCondition, ...] = ()
    container_statuses: tuple[ContainerStatus, ...] = ()
    init_container_statuses: tuple[ContainerStatus, ...] = ()


class Pod(KubeObject, frozen=True, gc=False):
    metadata: PodMeta = PodMeta()
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()
