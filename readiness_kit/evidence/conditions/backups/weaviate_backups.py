"""Weaviate's own backups: the modules, how recent, complete and regular they are, restores, and retention.

A list can be empty for lack of a permission (newer servers leave out what an API key may not see), and backups made to
another bucket or path by an override are in no list. So an empty list fails a question only where the key sees all.
"""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from statistics import median

from readiness_kit.evidence.checks import Subject, to_finding, weaviate_subject
from readiness_kit.evidence.conditions import start
from readiness_kit.evidence.conditions.backups import store
from readiness_kit.evidence.wording import agree, names
from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds.weaviate import Backend, BackupEntry, Role
from readiness_kit.kinds.workloads import CronJob
from readiness_kit.labels import count
from readiness_kit.locate import workload_key
from readiness_kit.model import Check, Finding, Outcome, Reason, Ref, Settings

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
BACKUPS, META = "weaviate/backups", "weaviate/meta"
READS = (*store.READS, META, BACKUPS, "weaviate/schema", "weaviate/own_info", "weaviate/roles")
DONE, FAILED = "SUCCESS", ("FAILED", "CANCELED", "CANCELLED")
SEES_ALL = frozenset(("viewer", "admin", "root", "read-only"))
SILENT_SINCE = ("1.36.19", "1.37.10", "1.38.2")
"""From these versions on a list leaves out what the API key may not see, instead of being refused."""
STALE_AFTER = 7
"""A newest backup older than this multiple of the RPO fails; before that it is late."""
LATEST = 6
"""The number of attempts whose intervals show whether backups are scheduled."""


def listed(facts: ClusterFacts) -> dict[str, Backend]:
    """The stores outside the pods that could be listed, by name."""
    found = facts.answer(BACKUPS) or {}
    return {name: backend for name, backend in found.items() if name != "filesystem" and backend.reason is None}


def made_at(entry: BackupEntry) -> datetime | None:
    """When a backup was completed, or started where that is unknown."""
    return entry.completed_at or entry.started_at


def entries(facts: ClusterFacts, *status: str) -> list[BackupEntry]:
    """All listed backups with one of the statuses (none given: all), newest first; those without a time last."""
    found = [entry for backend in listed(facts).values() for entry in backend.entries]
    never = datetime.min.replace(tzinfo=facts.as_of.tzinfo)
    chosen = [entry for entry in found if not status or entry.status in status]
    return sorted(chosen, key=lambda entry: made_at(entry) or never, reverse=True)


def sees_all(facts: ClusterFacts) -> bool:
    """Whether an empty list means that there is no backup, and not that the API key may see none."""
    version = facts.server_version
    if version is not None and not version.since(*SILENT_SINCE):
        return True  # these versions refuse the list instead
    own = facts.answer("weaviate/own_info")
    allowed = {role.name for role in facts.answer("weaviate/roles") or () if _manages_all(role)}
    return own is not None and bool(set(own.roles) & (SEES_ALL | allowed))


def _manages_all(role: Role) -> bool:
    return any(permission.action == "manage_backups" and permission.wide for permission in role.permissions)


def not_listed(facts: ClusterFacts, message: str) -> list[Check]:
    """Unread checks where no store could be listed; none otherwise."""
    on, field, expected = weaviate_subject(facts, BACKUPS), "list of backups", "readable"
    reason = facts.missing(BACKUPS)
    if listed(facts) and (reason is None or entries(facts)):
        return []
    answer = facts.answer(BACKUPS) or {}
    refused = {name: backend.reason for name, backend in sorted(answer.items()) if backend.reason is not None}
    if refused and reason is None:
        return [on.unread(f"{field} on {name}", expected, why, message=message) for name, why in refused.items()]
    return [on.unread(field, expected, reason or Reason.NOT_OBSERVABLE, message=message)]


# --- recent backups -------------------------------------------------------------------------------


def recent(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """Q8: a successful backup within the RPO, of every collection, and no failed attempt since."""
    if unread := not_listed(facts, "Whether a recent backup succeeded was not read from Weaviate."):
        return unread
    done = entries(facts, DONE)
    if not done:
        return [_no_success(facts)]
    newest = done[0]
    time, on = made_at(newest), Subject(Ref("Backup", newest.id), BACKUPS)
    if time is None:
        message = "This version of Weaviate does not report when a backup was made."
        return [on.unread("completedAt", "within the RPO", Reason.NOT_OBSERVABLE, message=message)]
    return [
        _age(facts, settings, on, time),
        *_failed_since(facts, time),
        _covers(facts, newest),
        *_regular(facts, settings),
    ]


def _no_success(facts: ClusterFacts) -> Check:
    on, field, expected = weaviate_subject(facts, BACKUPS), "successful backups", "1 or more"
    attempts = len(entries(facts))
    if attempts or sees_all(facts):
        seen = f"none of {count(attempts, 'attempt')}" if attempts else "none"
        message = "A backup module is enabled, but no backup has ever succeeded."
        fix = "backups.schedule" if _unscheduled(facts) else "backups.now"
        return on.check(field, seen, expected, False, message=message, fix=fix)
    message, fix = "Weaviate lists no backup: either there is none, or the API key cannot see any.", "backups.schedule"
    return on.unread(field, expected, Reason.NOT_OBSERVABLE, message=message, fix=fix)


def _age(facts: ClusterFacts, settings: Settings, on: Subject, time: datetime) -> Check:
    hours, rpo = (facts.as_of - time) / timedelta(hours=1), settings.thresholds.backup_rpo_hours
    age = f"{hours:.0f} hours" if hours < 72 else f"{hours / 24:.1f} days"
    message = f"The newest successful backup is {age} old, over your recovery point objective of {rpo:g} hours."
    seen, expected = f"{time:%Y-%m-%d %H:%M} UTC ({age} ago)", f"within {rpo:g} hours"
    outcome = PARTLY if hours <= STALE_AFTER * rpo else NOT_MET
    fix = "backups.schedule" if _unscheduled(facts) else "backups.now"
    return on.check("completedAt", seen, expected, hours <= rpo, message=message, on_failure=outcome, fix=fix)


def _failed_since(facts: ClusterFacts, time: datetime) -> list[Check]:
    failed = [entry for entry in entries(facts, *FAILED) if (attempt := made_at(entry)) is not None and attempt > time]
    if not failed:
        return []
    number, on = len(failed), Subject(Ref("Backup", failed[0].id), BACKUPS)
    message = f"{count(number, 'attempt')} after the last successful backup {agree(number, 'has', 'have')} failed."
    fix = "backups.now"
    return [on.check("status", failed[0].status, DONE, False, message=message, on_failure=PARTLY, fix=fix)]


def _covers(facts: ClusterFacts, newest: BackupEntry) -> Check:
    ref, field, expected = Ref("Backup", newest.id), "classes", "every collection"
    message = "Whether the backup includes every collection was not read from Weaviate."
    if unread := Subject(ref, "weaviate/schema").missing(facts, field, expected, message):
        return unread[0]
    left_out = {collection.name for collection in facts.collections} - set(newest.classes)
    message = f"The newest successful backup does not include {names(left_out)}."
    seen = f"without {names(left_out)}" if left_out else count(len(newest.classes), "collection")
    on, ok, fix = Subject(ref, BACKUPS), not left_out, "backups.now"
    return on.check(field, seen, expected, ok, message=message, on_failure=PARTLY, fix=fix)


def _pauses(facts: ClusterFacts) -> list[float]:
    """The hours between the latest attempts."""
    times = [time for entry in entries(facts) if (time := entry.started_at or entry.completed_at) is not None]
    return [(late - early) / timedelta(hours=1) for late, early in itertools.pairwise(times[:LATEST])]


def _unscheduled(facts: ClusterFacts) -> bool:
    """Whether nothing starts backups as far as it can be seen: no active job, and no regular attempts."""
    if facts.missing("cronjobs") is not None or any(not job.spec.suspend for job in jobs(facts)):
        return False
    pauses = _pauses(facts)
    return len(pauses) < LATEST - 1 or max(pauses) > 2 * median(pauses)


def _regular(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """Where no job is visible, regular intervals between the latest attempts show that backups are scheduled."""
    pauses = _pauses(facts)
    if len(pauses) < LATEST - 1 or any(not job.spec.suspend for job in jobs(facts)):
        return []
    usual, longest = median(pauses), max(pauses)
    allowed = settings.thresholds.backup_intervals_maximum * usual
    seen, ok = f"median {usual:.0f} hours, maximum {longest:.0f}", longest <= allowed
    message = f"The latest backups were made at irregular intervals ({seen}), and no schedule was found."
    on = weaviate_subject(facts, BACKUPS)
    field, fix = "intervals between backups", "backups.schedule"
    return [on.check(field, seen, "regular", ok, message=message, on_failure=PARTLY, fix=fix)]


# --- restores -------------------------------------------------------------------------------------


def restores(facts: ClusterFacts) -> list[tuple[BackupEntry, str]]:
    """The successful backups whose restore was queried, newest first, with its status (empty: never restored)."""
    known = {id: status for backend in listed(facts).values() for id, status in backend.restores.items()}
    return [(entry, known[entry.id]) for entry in entries(facts, DONE) if entry.id in known]


def restored(facts: ClusterFacts, days: int) -> list[Check]:
    """Q9: the newest restored backup. A restore has no date, but it was made after its backup.

    A restore by another cluster on the same bucket counts; one from a copy of the bucket is not visible, so a backup
    that was never restored proves nothing.
    """
    if unread := not_listed(facts, "Whether a backup was ever restored was not read from Weaviate."):
        return unread
    known = restores(facts)
    tried = [(entry, status) for entry, status in known if status]
    if not tried:
        seen = f"none of the newest {len(known)}"
        return [weaviate_subject(facts, BACKUPS).info("restored backups", seen)]
    newest, status = tried[0]
    on = Subject(Ref("Backup", newest.id), BACKUPS)
    if status in FAILED:
        message = f"The restore of {newest.id}, the newest backup that was restored, failed."
        return [on.check("restore status", status, DONE, False, message=message, fix="backups.restore_test")]
    succeeded = next((entry for entry, status in tried if status == DONE), None)
    if succeeded is None:
        return [on.info("restore status", status)]
    return [_restored_age(facts, succeeded, days)]


def _restored_age(facts: ClusterFacts, entry: BackupEntry, days: int) -> Check:
    time, on = made_at(entry), Subject(Ref("Backup", entry.id), BACKUPS)
    expected = f"of a backup of the last {days} days"
    if time is None:
        message = "This version of Weaviate does not report when the restored backup was made."
        return on.unread("restored", expected, Reason.NOT_OBSERVABLE, message=message)
    age = (facts.as_of - time).days
    message = f"The newest backup that was restored is {age} days old."
    seen = f"restored successfully, made {time:%Y-%m-%d}"
    ok, fix = age <= days, "backups.restore_test"
    return on.check("restored", seen, expected, ok, message=message, on_failure=PARTLY, fix=fix)


# --- retention ------------------------------------------------------------------------------------


def kept(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """E3, E4: the number and age of the backups, and whether old ones seem to be removed."""
    if unread := not_listed(facts, "The backups that are kept were not read from Weaviate."):
        return unread
    found, limits, on = entries(facts), settings.thresholds, weaviate_subject(facts, BACKUPS)
    size = sum(entry.size or 0 for entry in found)
    checks = [on.info("backups listed", f"{len(found)}, {size:.0f} GiB before compression")]
    incremental = sum(bool(entry.incremental_base_backup_id) for entry in found)
    if incremental:
        checks.append(on.info("incremental backups", f"{incremental}, each unusable without its base"))
    times = [time for entry in found if (time := made_at(entry)) is not None]
    if not times:
        return checks
    oldest = (facts.as_of - min(times)).days
    message = f"The oldest of {len(found)} backups is {oldest} days old: none seems to be removed."
    outcome = NOT_MET if len(found) > limits.backups_listed_maximum else PARTLY
    field, expected = "age of the oldest backup", f"{limits.backup_oldest_days} days or less"
    ok = oldest <= limits.backup_oldest_days
    seen, fix = f"{oldest} days", "backups.cleanup"
    return [*checks, on.check(field, seen, expected, ok, message=message, on_failure=outcome, fix=fix)]


def leftovers(facts: ClusterFacts) -> list[Check]:
    """Failed attempts still use space in the store: the API cannot remove a backup."""
    failed = entries(facts, *FAILED)
    if not failed:
        return []
    return [weaviate_subject(facts, BACKUPS).info("leftovers of failed backups", len(failed))]


# --- modules and jobs -----------------------------------------------------------------------------

BACKENDS = {
    "backup-s3": ("BACKUP_S3_BUCKET", "BACKUP_S3_PATH", "BACKUP_S3_ENDPOINT", "AWS_REGION", "AWS_DEFAULT_REGION"),
    "backup-gcs": ("BACKUP_GCS_BUCKET", "BACKUP_GCS_PATH"),
    "backup-azure": ("BACKUP_AZURE_CONTAINER", "BACKUP_AZURE_PATH"),
    "backup-filesystem": ("BACKUP_FILESYSTEM_PATH",),
}


def modules(facts: ClusterFacts) -> list[Check]:
    """A backup module with a store outside the pods: by the environment, otherwise as Weaviate itself lists it."""
    weaviate, meta = facts.weaviate, facts.answer(META)
    enabled, source = weaviate.modules(), workload_key(weaviate.kind)
    if enabled is None and meta is not None:
        enabled, source = tuple(sorted(meta.modules)), META
    if enabled is not None:
        found = [name for name in enabled if name in BACKENDS]
        succeeded = bool(entries(facts, DONE))
        return [*_stores(facts, found, source), *_tls(facts, found), *store.checks(facts, found, proved=succeeded)]
    value = weaviate.env("ENABLE_MODULES")
    origin = f" ({value.origin})" if value.origin else ""
    message, reason = f"The enabled modules could not be read{origin}.", value.reason or Reason.NOT_OBSERVABLE
    on = weaviate_subject(facts, source if reason is Reason.NOT_OBSERVABLE else "configmaps")
    return [on.unread("env ENABLE_MODULES", "a backup module", reason, message=message)]


def _stores(facts: ClusterFacts, found: list[str], source: str) -> list[Check]:
    weaviate, on = facts.weaviate, weaviate_subject(facts, source)
    field, expected = "backup modules (ENABLE_MODULES)", "backup-s3, backup-gcs or backup-azure"
    if not found:
        message = "No backup module is enabled: Weaviate cannot make backups."
        return [on.check(field, "none", expected, False, message=message, fix="backups.store")]
    outcome, effect = PARTLY, "writes to the pod's own disk"
    if weaviate.replicas > 1:
        outcome, effect = NOT_MET, f"Weaviate refuses with {weaviate.replicas} replicas"
    message = f"The only backup module is backup-filesystem, which {effect}. Enable one with an object store."
    ok = found != ["backup-filesystem"]
    fix = "backups.store"
    checks = [on.check(field, ", ".join(found), expected, ok, message=message, on_failure=outcome, fix=fix)]
    for name in (name for module in found for name in BACKENDS[module]):
        value = weaviate.env(name)
        if value.state not in ("unset", "unknown") and name != store.ENDPOINT:
            checks.append(weaviate_subject(facts).info(f"env {name}", value.value or f"set ({value.origin})"))
    return checks


def _tls(facts: ClusterFacts, found: list[str]) -> list[Check]:
    """TLS to S3: as Weaviate reports it, otherwise as it is configured."""
    meta, module = facts.answer(META), "backup-s3"
    if module not in found:
        return []
    reported = meta.modules[module].use_ssl if meta is not None and module in meta.modules else None
    if reported is None and facts.weaviate.is_enabled("BACKUP_S3_USE_SSL") is not False:
        return []
    message = "Backups go to S3 without TLS (useSSL is false)."
    field, on = "modules backup-s3, useSSL", weaviate_subject(facts, META)
    if reported is None:
        field, on = "env BACKUP_S3_USE_SSL", weaviate_subject(facts)
    seen, fix = str(bool(reported)).lower(), "tls.backups"
    return [on.check(field, seen, "true", bool(reported), message=message, on_failure=PARTLY, fix=fix)]


def jobs(facts: ClusterFacts) -> list[CronJob]:
    """Scheduled jobs that start a backup of this Weaviate, as far as their command line shows it."""
    return [job for job in facts.objects("cronjobs") if mentions(job, "/v1/backups")]


def mentions(job: CronJob, *words: str) -> bool:
    """Whether the command line or a kept variable of a job has one of the words."""
    containers = job.spec.job_template.spec.template.spec.containers
    texts = [text for container in containers for text in (*container.command, *container.args)]
    texts += [variable.value for container in containers for variable in container.env]
    return any(word in text for text in texts for word in words)


def job_status(facts: ClusterFacts, job: CronJob, what: str = "a job that calls /v1/backups") -> Check:
    """A schedule alone proves nothing: the job may be suspended, or never have succeeded."""
    last = job.status.last_successful_time
    state = "not known whether it succeeds" if facts.from_manifests else "never succeeded"
    state = f"last success {last:%Y-%m-%d %H:%M} UTC" if last else state
    seen = f"schedule {job.spec.schedule}, {'suspended' if job.spec.suspend else state}"
    return Subject.of("cronjobs", job).info(what, seen)


def _suspended(facts: ClusterFacts) -> list[Check]:
    """Every job that starts a backup is suspended: the newest backup becomes older and older."""
    found = jobs(facts)
    if not found or any(not job.spec.suspend for job in found):
        return []
    message = (
        f"The backup job {names(job.metadata.name for job in found)} is suspended: no further backup is scheduled."
    )
    on = Subject.of("cronjobs", found[0])
    return [
        on.check("spec.suspend", "true", "false", False, message=message, on_failure=PARTLY, fix="backups.schedule")
    ]


def finding(facts: ClusterFacts, settings: Settings) -> Finding:
    """The finding on Weaviate's own backups: `ha.weaviate_backups`, and part of `res.data_backed_up`."""
    checks = [
        *start.refusals(facts, "backups"),
        *modules(facts),
        *(job_status(facts, job) for job in jobs(facts)),
        *_suspended(facts),
        *recent(facts, settings),
    ]
    met = "The newest backup succeeded, is recent, includes every collection and is stored outside the cluster."
    return to_finding("ha.weaviate_backups", checks, met=met)
