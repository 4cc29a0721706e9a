"""Objects of tools that back up volumes and namespaces: scope, schedule and result."""

from __future__ import annotations

from datetime import datetime

import msgspec

from readiness_kit.kinds.meta import KubeObject, KubeStruct, LabelSelector


class BackupScope(KubeStruct, frozen=True, gc=False):
    """Velero: without `included_namespaces`, all namespaces; without a selector, all objects."""

    included_namespaces: tuple[str, ...] | None = None
    excluded_namespaces: tuple[str, ...] | None = None
    label_selector: LabelSelector | None = None
    snapshot_volumes: bool | None = None
    default_volumes_to_fs_backup: bool | None = None
    storage_location: str = ""


class VeleroScheduleSpec(KubeStruct, frozen=True, gc=False):
    schedule: str = ""
    paused: bool = False
    template: BackupScope = BackupScope()


class VeleroScheduleStatus(KubeStruct, frozen=True, gc=False):
    phase: str = ""
    last_backup: datetime | None = None


class VeleroSchedule(KubeObject, frozen=True, gc=False):
    spec: VeleroScheduleSpec = VeleroScheduleSpec()
    status: VeleroScheduleStatus = VeleroScheduleStatus()


class VeleroRunStatus(KubeStruct, frozen=True, gc=False):
    phase: str = ""
    start_timestamp: datetime | None = None
    completion_timestamp: datetime | None = None


class VeleroBackup(KubeObject, frozen=True, gc=False):
    spec: BackupScope = BackupScope()
    status: VeleroRunStatus = VeleroRunStatus()


class VeleroRestoreSpec(KubeStruct, frozen=True, gc=False):
    backup_name: str = ""
    schedule_name: str = ""
    included_namespaces: tuple[str, ...] | None = None
    excluded_namespaces: tuple[str, ...] | None = None


class VeleroRestore(KubeObject, frozen=True, gc=False):
    spec: VeleroRestoreSpec = VeleroRestoreSpec()
    status: VeleroRunStatus = VeleroRunStatus()


class BackupLocationStatus(KubeStruct, frozen=True, gc=False):
    phase: str = ""
    last_validation_time: datetime | None = None


class BackupLocation(KubeObject, frozen=True, gc=False):
    status: BackupLocationStatus = BackupLocationStatus()


class KastenAction(KubeStruct, frozen=True, gc=False):
    action: str = ""


class KastenPolicySpec(KubeStruct, frozen=True, gc=False):
    """The selector matches applications, whose label `k10.kasten.io/appNamespace` is the namespace."""

    frequency: str = ""
    paused: bool = False
    actions: tuple[KastenAction, ...] = ()
    selector: LabelSelector | None = None


class KastenPolicy(KubeObject, frozen=True, gc=False):
    spec: KastenPolicySpec = KastenPolicySpec()


class RecurringJobSpec(KubeStruct, frozen=True, gc=False):
    cron: str = ""
    task: str = ""
    groups: tuple[str, ...] | None = None
    retain: int = 0


class RecurringJob(KubeObject, frozen=True, gc=False):
    """Longhorn; the group `default` covers every volume without other jobs."""

    spec: RecurringJobSpec = RecurringJobSpec()


class Trigger(KubeStruct, frozen=True, gc=False):
    schedule: str = ""


class ReplicationSourceSpec(KubeStruct, frozen=True, gc=False):
    source_pvc: str = msgspec.field(default="", name="sourcePVC")
    trigger: Trigger | None = None
    paused: bool = False


class ReplicationSourceStatus(KubeStruct, frozen=True, gc=False):
    last_sync_time: datetime | None = None


class ReplicationSource(KubeObject, frozen=True, gc=False):
    """VolSync."""

    spec: ReplicationSourceSpec = ReplicationSourceSpec()
    status: ReplicationSourceStatus | None = None


class SnapshotScheduleSpec(KubeStruct, frozen=True, gc=False):
    schedule: str = ""
    disabled: bool = False
    claim_selector: LabelSelector | None = None


class SnapshotScheduleStatus(KubeStruct, frozen=True, gc=False):
    last_snapshot_time: datetime | None = None


class SnapshotSchedule(KubeObject, frozen=True, gc=False):
    """SnapScheduler; without a claim selector, all claims of the namespace."""

    spec: SnapshotScheduleSpec = SnapshotScheduleSpec()
    status: SnapshotScheduleStatus = SnapshotScheduleStatus()
