"""Objects of tools around Weaviate: selectors, names, schedules and states.

Templates, parameters, encrypted data and texts are never decoded. Field names follow the API types of the projects.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from readiness_kit.kinds.meta import Condition, KubeObject, KubeStruct, LabelSelector
from readiness_kit.kinds.pods import Marker
from readiness_kit.kinds.workloads import ScaleTarget


class ConditionsStatus(KubeStruct, frozen=True, gc=False):
    conditions: tuple[Condition, ...] = ()


class WithConditions(KubeObject, frozen=True, gc=False):
    """Kinds of which only the conditions are used."""

    status: ConditionsStatus = ConditionsStatus()


class HealthCheckSpec(KubeStruct, frozen=True, gc=False):
    """Of `pause_requests`, which are free text, only the number is kept."""

    selector: LabelSelector | None = None
    pause_requests: tuple[str, ...] = ()


class HealthCheckStatus(KubeStruct, frozen=True, gc=False):
    phase: str = ""


class HealthCheck(KubeObject, frozen=True, gc=False):
    """Serves NodeHealthCheck and MachineHealthCheck."""

    spec: HealthCheckSpec = HealthCheckSpec()
    status: HealthCheckStatus = HealthCheckStatus()


# --- nodes ----------------------------------------------------------------------------------------


class DisruptionBudget(KubeStruct, frozen=True, gc=False):
    nodes: str = ""
    schedule: str = ""


class Disruption(KubeStruct, frozen=True, gc=False):
    consolidation_policy: str = ""
    consolidate_after: str = ""
    budgets: tuple[DisruptionBudget, ...] = ()


class NodePoolSpec(KubeStruct, frozen=True, gc=False):
    disruption: Disruption = Disruption()


class NodePool(KubeObject, frozen=True, gc=False):
    """Karpenter."""

    spec: NodePoolSpec = NodePoolSpec()


# --- chaos experiments, load tests, progressive delivery -------------------------------------------


class ChaosSelector(KubeStruct, frozen=True, gc=False):
    """Without `namespaces`, the namespace of the experiment."""

    namespaces: tuple[str, ...] = ()


class ChaosSpec(KubeStruct, frozen=True, gc=False):
    action: str = ""
    selector: ChaosSelector = ChaosSelector()


class Chaos(KubeObject, frozen=True, gc=False):
    """Chaos Mesh: PodChaos and NetworkChaos."""

    spec: ChaosSpec = ChaosSpec()
    status: ConditionsStatus = ConditionsStatus()


class ChaosScheduleSpec(KubeStruct, frozen=True, gc=False):
    schedule: str = ""
    type: str = ""
    pod_chaos: ChaosSpec | None = None
    network_chaos: ChaosSpec | None = None


class ChaosScheduleStatus(KubeStruct, frozen=True, gc=False):
    time: datetime | None = None


class ChaosSchedule(KubeObject, frozen=True, gc=False):
    """`status.time` is the time of the last run."""

    spec: ChaosScheduleSpec = ChaosScheduleSpec()
    status: ChaosScheduleStatus = ChaosScheduleStatus()


class LitmusTarget(KubeStruct, frozen=True, gc=False):
    namespace: str = msgspec.field(default="", name="appns")
    kind: str = msgspec.field(default="", name="appkind")


class LitmusEngineSpec(KubeStruct, frozen=True, gc=False):
    target: LitmusTarget = msgspec.field(default=LitmusTarget(), name="appinfo")
    engine_state: str = ""


class LitmusEngine(KubeObject, frozen=True, gc=False):
    spec: LitmusEngineSpec = LitmusEngineSpec()


class LitmusResultSpec(KubeStruct, frozen=True, gc=False):
    engine: str = ""
    experiment: str = ""


class ExperimentStatus(KubeStruct, frozen=True, gc=False):
    phase: str = ""
    verdict: str = ""


class LitmusResultStatus(KubeStruct, frozen=True, gc=False):
    experiment_status: ExperimentStatus = ExperimentStatus()


class LitmusResult(KubeObject, frozen=True, gc=False):
    spec: LitmusResultSpec = LitmusResultSpec()
    status: LitmusResultStatus = LitmusResultStatus()


class TestRunStatus(KubeStruct, frozen=True, gc=False):
    stage: str = ""


class TestRun(KubeObject, frozen=True, gc=False):
    """k6."""

    status: TestRunStatus = TestRunStatus()


class RolloutStrategy(KubeStruct, frozen=True, gc=False):
    canary: Marker | None = None
    blue_green: Marker | None = None


class RolloutSpec(KubeStruct, frozen=True, gc=False):
    replicas: int | None = None
    strategy: RolloutStrategy = RolloutStrategy()
    workload_ref: ScaleTarget | None = None


class Rollout(KubeObject, frozen=True, gc=False):
    """Argo Rollouts; it cannot manage a StatefulSet."""

    spec: RolloutSpec = RolloutSpec()


class CanarySpec(KubeStruct, frozen=True, gc=False):
    target_ref: ScaleTarget = ScaleTarget()


class CanaryStatus(KubeStruct, frozen=True, gc=False):
    phase: str = ""


class Canary(KubeObject, frozen=True, gc=False):
    """Flagger."""

    spec: CanarySpec = CanarySpec()
    status: CanaryStatus = CanaryStatus()


class CronWorkflowSpec(KubeStruct, frozen=True, gc=False):
    schedule: str = ""
    schedules: tuple[str, ...] = ()
    suspend: bool = False


class CronWorkflow(KubeObject, frozen=True, gc=False):
    """Argo Workflows."""

    spec: CronWorkflowSpec = CronWorkflowSpec()


# --- delivery -------------------------------------------------------------------------------------


class Destination(KubeStruct, frozen=True, gc=False):
    namespace: str = ""


class ApplicationSpec(KubeStruct, frozen=True, gc=False):
    destination: Destination = Destination()


class SyncState(KubeStruct, frozen=True, gc=False):
    status: str = ""


class ApplicationStatus(KubeStruct, frozen=True, gc=False):
    sync: SyncState = SyncState()
    health: SyncState = SyncState()


class Application(KubeObject, frozen=True, gc=False):
    """Argo CD."""

    spec: ApplicationSpec = ApplicationSpec()
    status: ApplicationStatus = ApplicationStatus()


class FluxSpec(KubeStruct, frozen=True, gc=False):
    target_namespace: str = ""
    suspend: bool = False


class Flux(KubeObject, frozen=True, gc=False):
    """HelmRelease and Kustomization; without a target namespace, a HelmRelease uses its own."""

    spec: FluxSpec = FluxSpec()
    status: ConditionsStatus = ConditionsStatus()


# --- secrets and certificates ---------------------------------------------------------------------


class SecretTarget(KubeStruct, frozen=True, gc=False):
    name: str = ""


class ExternalSecretSpec(KubeStruct, frozen=True, gc=False):
    refresh_interval: str = ""
    target: SecretTarget = SecretTarget()


class ExternalSecretStatus(KubeStruct, frozen=True, gc=False):
    refresh_time: datetime | None = None
    conditions: tuple[Condition, ...] = ()


class ExternalSecret(KubeObject, frozen=True, gc=False):
    """The name of its Secret is that of the target, or its own."""

    spec: ExternalSecretSpec = ExternalSecretSpec()
    status: ExternalSecretStatus = ExternalSecretStatus()


class VaultSecretSpec(KubeStruct, frozen=True, gc=False):
    destination: SecretTarget = SecretTarget()
    refresh_after: str = ""


class VaultSecret(KubeObject, frozen=True, gc=False):
    """Static, dynamic and PKI secrets of the Vault Secrets Operator."""

    spec: VaultSecretSpec = VaultSecretSpec()


class SyncedSecret(KubeStruct, frozen=True, gc=False):
    secret_name: str = ""


class SecretProviderClassSpec(KubeStruct, frozen=True, gc=False):
    provider: str = ""
    secret_objects: tuple[SyncedSecret, ...] = ()


class SecretProviderClass(KubeObject, frozen=True, gc=False):
    spec: SecretProviderClassSpec = SecretProviderClassSpec()


class IssuerRef(KubeStruct, frozen=True, gc=False):
    name: str = ""
    kind: str = ""


class CertificateSpec(KubeStruct, frozen=True, gc=False):
    secret_name: str = ""
    dns_names: tuple[str, ...] = ()
    issuer_ref: IssuerRef = IssuerRef()


class CertificateStatus(KubeStruct, frozen=True, gc=False):
    not_after: datetime | None = None
    renewal_time: datetime | None = None
    conditions: tuple[Condition, ...] = ()


class Certificate(KubeObject, frozen=True, gc=False):
    spec: CertificateSpec = CertificateSpec()
    status: CertificateStatus = CertificateStatus()


class IssuerSpec(KubeStruct, frozen=True, gc=False):
    acme: Marker | None = None
    ca: Marker | None = None
    self_signed: Marker | None = None
    vault: Marker | None = None
    venafi: Marker | None = None


class Issuer(KubeObject, frozen=True, gc=False):
    """Issuer and ClusterIssuer; the field that is set gives the type."""

    spec: IssuerSpec = IssuerSpec()
    status: ConditionsStatus = ConditionsStatus()


# --- scaling and templates of the objects that scale -----------------------------------------------


class UpdatePolicy(KubeStruct, frozen=True, gc=False):
    update_mode: str = ""


class VerticalSpec(KubeStruct, frozen=True, gc=False):
    """Without an update mode, `Auto`."""

    target_ref: ScaleTarget = ScaleTarget()
    update_policy: UpdatePolicy | None = None


class VerticalPodAutoscaler(KubeObject, frozen=True, gc=False):
    spec: VerticalSpec = VerticalSpec()


class ScaledObjectSpec(KubeStruct, frozen=True, gc=False):
    """Without a kind, a Deployment."""

    scale_target_ref: ScaleTarget = ScaleTarget()
    min_replica_count: int | None = None
    max_replica_count: int | None = None


class ScaledObject(KubeObject, frozen=True, gc=False):
    """KEDA."""

    spec: ScaledObjectSpec = ScaledObjectSpec()
