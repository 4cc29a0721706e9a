"""What keeps pods running: StatefulSets, Deployments, DaemonSets, Jobs, autoscalers."""

from __future__ import annotations

from datetime import datetime

from readiness_kit.kinds.meta import KubeObject, KubeStruct, LabelSelector, ObjectMeta
from readiness_kit.kinds.pods import PodTemplate, Resources


class RollingUpdate(KubeStruct, frozen=True, gc=False):
    partition: int = 0
    max_unavailable: int | str | None = None


class UpdateStrategy(KubeStruct, frozen=True, gc=False):
    type: str = ""
    rolling_update: RollingUpdate | None = None


class ClaimTemplateSpec(KubeStruct, frozen=True, gc=False):
    storage_class_name: str | None = None
    resources: Resources = Resources()


class ClaimTemplate(KubeStruct, frozen=True, gc=False):
    metadata: ObjectMeta = ObjectMeta()
    spec: ClaimTemplateSpec = ClaimTemplateSpec()


class ClaimRetention(KubeStruct, frozen=True, gc=False):
    when_deleted: str = ""
    when_scaled: str = ""


class Ordinals(KubeStruct, frozen=True, gc=False):
    start: int = 0


class StatefulSetSpec(KubeStruct, frozen=True, gc=False):
    replicas: int = 1
    ordinals: Ordinals = Ordinals()
    service_name: str = ""
    pod_management_policy: str = ""
    selector: LabelSelector | None = None
    template: PodTemplate = PodTemplate()
    update_strategy: UpdateStrategy = UpdateStrategy()
    persistent_volume_claim_retention_policy: ClaimRetention | None = None
    min_ready_seconds: int = 0
    volume_claim_templates: tuple[ClaimTemplate, ...] = ()


class WorkloadStatus(KubeStruct, frozen=True, gc=False):
    replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    updated_replicas: int = 0
    current_revision: str = ""
    update_revision: str = ""
    observed_generation: int = 0


class StatefulSet(KubeObject, frozen=True, gc=False):
    spec: StatefulSetSpec = StatefulSetSpec()
    status: WorkloadStatus = WorkloadStatus()


class DeploymentSpec(KubeStruct, frozen=True, gc=False):
    replicas: int = 1
    selector: LabelSelector | None = None
    template: PodTemplate = PodTemplate()
    strategy: UpdateStrategy = UpdateStrategy()


class Deployment(KubeObject, frozen=True, gc=False):
    spec: DeploymentSpec = DeploymentSpec()
    status: WorkloadStatus = WorkloadStatus()


class ReplicaSet(KubeObject, frozen=True, gc=False):
    """Only the owner chain is of interest: Pod -> ReplicaSet -> Deployment."""


class DaemonSetSpec(KubeStruct, frozen=True, gc=False):
    selector: LabelSelector | None = None
    template: PodTemplate = PodTemplate()


class DaemonSetStatus(KubeStruct, frozen=True, gc=False):
    desired_number_scheduled: int = 0
    number_ready: int = 0


class DaemonSet(KubeObject, frozen=True, gc=False):
    spec: DaemonSetSpec = DaemonSetSpec()
    status: DaemonSetStatus = DaemonSetStatus()


class ControllerRevision(KubeObject, frozen=True, gc=False):
    """The `data` of a revision is a whole pod template and is not kept."""

    revision: int = 0


class JobSpec(KubeStruct, frozen=True, gc=False):
    template: PodTemplate = PodTemplate()


class JobTemplate(KubeStruct, frozen=True, gc=False):
    spec: JobSpec = JobSpec()


class JobStatus(KubeStruct, frozen=True, gc=False):
    succeeded: int = 0
    failed: int = 0
    start_time: datetime | None = None
    completion_time: datetime | None = None


class Job(KubeObject, frozen=True, gc=False):
    spec: JobSpec = JobSpec()
    status: JobStatus = JobStatus()


class CronJobSpec(KubeStruct, frozen=True, gc=False):
    schedule: str = ""
    suspend: bool = False
    job_template: JobTemplate = JobTemplate()


class CronJobStatus(KubeStruct, frozen=True, gc=False):
    last_schedule_time: datetime | None = None
    last_successful_time: datetime | None = None


class CronJob(KubeObject, frozen=True, gc=False):
    spec: CronJobSpec = CronJobSpec()
    status: CronJobStatus = CronJobStatus()


class ScaleTarget(KubeStruct, frozen=True, gc=False):
    kind: str = ""
    name: str = ""


class AutoscalerSpec(KubeStruct, frozen=True, gc=False):
    scale_target_ref: ScaleTarget = ScaleTarget()
    min_replicas: int = 1
    max_replicas: int = 0


class HorizontalPodAutoscaler(KubeObject, frozen=True, gc=False):
    spec: AutoscalerSpec = AutoscalerSpec()
