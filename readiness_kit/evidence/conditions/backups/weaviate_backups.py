"""The backups that Weaviate lists: how recent, how complete, how regular, how often restored, how long kept.

Lists can be empty for want of a permission (newer servers pass over what a key may not see), and backups made to
another bucket or path by an override are in none: an empty list fails a question only where the key surely sees all.
"""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from statistics import median

from readiness_kit.evidence.checks import Subject, to_finding, weaviate_subject
from readiness_kit.evidence.wording import agree, names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate.workload import Workload
from readiness_kit.kinds.versions import Version
from readiness_kit.kinds.weaviate import Backend, BackupEntry
from readiness_kit.kinds.workloads import CronJob
from readiness_kit.labels import count
from readiness_kit.locate import workload_key
from readiness_kit.model import Check, Finding, Outcome, Reason, Ref, Settings

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
BACKUPS = "weaviate/backups"
READS = ("weaviate/meta", BACKUPS, "weaviate/schema", "weaviate/own_info", "weaviate/roles")
DONE, FAILED = "SUCCESS", ("FAILED", "CANCELED", "CANCELLED")
SEES_ALL = frozenset(("viewer", "admin", "root", "read-only"))
SILENT_SINCE = ("1.36.19", "1.37.10", "1.38.2")
"""From these versions on a list leaves out what the key may not see, in place of refusing it."""
STALE_AFTER = 7
"""A newest backup older than so many times the RPO fails; younger than that it is late."""
LATEST = 6
"""Attempts whose distances tell whether something runs them."""


def listed(facts: ClusterFacts) -> dict[str, Backend]:
    """The stores outside the pods, by name, as far as they were listed."""
    found = facts.answer(BACKUPS) or {}
    return {name: one for name, one in found.items() if name != "filesystem" and one.reason is None}


def when(entry: BackupEntry) -> datetime | None:
    return entry.completed_at or entry.started_at


def entries(facts: ClusterFacts, *status: str) -> list[BackupEntry]:
    """All listed backups of these states (none: any), newest first; those without a time last."""
    found = [one for backend in listed(facts).values() for one in backend.entries]
    chosen = [one for one in found if not status or one.status in status]
    never = datetime.min.replace(tzinfo=facts.as_of.tzinfo)
    return sorted(chosen, key=lambda one: when(one) or never, reverse=True)


def sees_all(facts: ClusterFacts) -> bool:
    """Whether an empty list means that there is no backup, and not that the key may see none."""
    version: Version | None = facts.server_version
    if version is not None and not version.since(*SILENT_SINCE):
        return True  # these versions refuse in place of leaving out
    own = facts.answer("weaviate/own_info")
    if own is None:
        return False
    allowed = {role.name for role in facts.answer("weaviate/roles") or () if _manages(role)}
    return bool(set(own.roles) & (SEES_ALL | allowed))


def _manages(role: object) -> bool:
    return any(one.action == "manage_backups" and one.wide for one in getattr(role, "permissions", ()))


def not_listed(facts: ClusterFacts, message: str) -> list[Check]:
    """Lines for what was not listed, where nothing at all was."""
    field, expected = "list of backups", "readable"
    why = facts.missing(BACKUPS)
    answer = facts.answer(BACKUPS) or {}
    if listed(facts) and not (why and not entries(facts)):
        return []
    refused = [(name, one) for name, one in sorted(answer.items()) if one.reason is not None]
    on = weaviate_subject(facts, BACKUPS)
    if refused and why is None:
        return [
            on.unread(f"{field} on {name}", expected, one.reason or Reason.ERROR, message=message)
            for name, one in refused
        ]
    return [on.unread(field, expected, why or Reason.NOT_OBSERVABLE, message=message)]


def recent(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """Q8: a successful backup within the RPO, of every collection, with no failure since."""
    lines = not_listed(
        facts, "Whether a recent backup succeeded, and of which collections, was not read from Weaviate."
    )
    if lines:
        return lines
    done = entries(facts, DONE)
    if not done:
        return [_none(facts)]
    newest = done[0]
    moment = when(newest)
    ref = Ref("Backup", newest.id)
    if moment is None:
        message = "This version of Weaviate does not say when a backup was made."
        return [Subject(ref, BACKUPS).unread("completedAt", "within the RPO", Reason.NOT_OBSERVABLE, message=message)]
    lines = [_age(facts, settings, ref, moment)]
    lines += _failed_since(facts, moment)
    lines += _covers(facts, newest)
    return [*lines, *_regular(facts, settings)]


def _none(facts: ClusterFacts) -> Check:
    field, expected = "successful backups", "1 or more"
    attempts = len(entries(facts))
    on = weaviate_subject(facts, BACKUPS)
    if attempts or sees_all(facts):
        said = f", of {count(attempts, 'attempt')}" if attempts else ""
        message = f"A backup module is on, but no backup has ever succeeded{said}."
        return on.check(field, f"none{said}", expected, False, message=message)
    message = "Weaviate lists no backup: there is none, or the key may not see any."
    return on.unread(field, expected, Reason.NOT_OBSERVABLE, message=message)


def _age(facts: ClusterFacts, settings: Settings, ref: Ref, moment: datetime) -> Check:
    hours = (facts.as_of - moment) / timedelta(hours=1)
    rpo = settings.thresholds.backup_rpo_hours
    old = f"{hours:.0f} hours" if hours < 72 else f"{hours / 24:.1f} days"
    outcome = PARTLY if hours <= STALE_AFTER * rpo else NOT_MET
    message = f"The newest successful backup is {old} old; {rpo:g} hours of data may be lost at most."
    seen = f"{moment:%Y-%m-%d %H:%M} UTC ({old} ago)"
    return Subject(ref, BACKUPS).check(
        "completedAt", seen, f"within {rpo:g} hours", hours <= rpo, message=message, on_failure=outcome
    )


def _failed_since(facts: ClusterFacts, moment: datetime) -> list[Check]:
    later = [one for one in entries(facts, *FAILED) if (begun := when(one)) is not None and begun > moment]
    if not later:
        return []
    number = len(later)
    message = f"{count(number, 'attempt')} after the last successful backup {agree(number, 'has', 'have')} failed."
    return [
        Subject(Ref("Backup", later[0].id), BACKUPS).check(
            "status", later[0].status, DONE, False, message=message, on_failure=PARTLY
        )
    ]


def _covers(facts: ClusterFacts, newest: BackupEntry) -> list[Check]:
    ref, field, expected = Ref("Backup", newest.id), "classes", "every collection"
    why = facts.missing("weaviate/schema")
    if why is not None:
        message = "Whether the backup covers every collection was not read from Weaviate."
        return [Subject(ref, "weaviate/schema").unread(field, expected, why, message=message)]
    left_out = {one.name for one in facts.collections} - set(newest.classes)
    message = f"The newest successful backup leaves out {names(left_out)}."
    seen = f"without {names(left_out)}" if left_out else count(len(newest.classes), "collection")
    return [Subject(ref, BACKUPS).check(field, seen, expected, not left_out, message=message, on_failure=PARTLY)]


def _regular(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """Without a job in sight, even pauses between the last attempts are the sign that something runs them."""
    moments = [moment for one in entries(facts) if (moment := one.started_at or one.completed_at) is not None][:LATEST]
    pauses = [(late - early) / timedelta(hours=1) for late, early in itertools.pairwise(moments)]
    if len(pauses) < LATEST - 1 or any(not one.spec.suspend for one in jobs(facts)):
        return []
    usual, longest = median(pauses), max(pauses)
    ok = longest <= settings.thresholds.backup_intervals_maximum * usual
    seen = f"{usual:.0f} hours as a rule, {longest:.0f} at most"
    message = f"The last backups came irregularly ({seen}), and no schedule was found."
    return [
        weaviate_subject(facts, BACKUPS).check(
            "pauses between backups", seen, "regular", ok, message=message, on_failure=PARTLY
        )
    ]


# --- restores -------------------------------------------------------------------------------------


def restores(facts: ClusterFacts) -> list[tuple[BackupEntry, str]]:
    """The newest successful backups whose restore was asked for, newest first, with its status ("": never restored)."""
    known = {id: status for backend in listed(facts).values() for id, status in backend.restores.items()}
    return [(one, known[one.id]) for one in entries(facts, DONE) if one.id in known]


def restored(facts: ClusterFacts, days: int) -> list[Check]:
    """Q9: restores have no date, but each came after its backup; one done by another cluster on the bucket counts.

    Never restored is no proof that it was never tried: a copy of the bucket is not seen from here.
    """
    message = "Whether a backup was ever restored was not read from Weaviate."
    lines = not_listed(facts, message)
    if lines:
        return lines
    tried = [(one, status) for one, status in restores(facts) if status]
    if not tried:
        seen = f"none of the newest {len(restores(facts))}"
        return [weaviate_subject(facts, BACKUPS).info("restored backups", seen, "1 or more", False)]
    newest, status = tried[0]
    on = Subject(Ref("Backup", newest.id), BACKUPS)
    if status in FAILED:
        message = f"The newest backup that was restored, {newest.id}, failed to restore."
        return [on.check("restore status", status, DONE, False, message=message)]
    good = [one for one, status in tried if status == DONE]
    if not good:
        return [on.info("restore status", status, DONE, False)]
    return [_restored_age(facts, good[0], days)]


def _restored_age(facts: ClusterFacts, entry: BackupEntry, days: int) -> Check:
    moment, ref = when(entry), Ref("Backup", entry.id)
    expected = f"of a backup of the last {days} days"
    on = Subject(ref, BACKUPS)
    if moment is None:
        message = "This version of Weaviate does not say when the restored backup was made."
        return on.unread("restored", expected, Reason.NOT_OBSERVABLE, message=message)
    age = (facts.as_of - moment).days
    message = f"The newest backup that was restored is {age} days old."
    seen = f"restored with success, made {moment:%Y-%m-%d}"
    return on.check("restored", seen, expected, age <= days, message=message, on_failure=PARTLY)


# --- retention ------------------------------------------------------------------------------------


def kept(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """E3, E4: how many there are and how old, and whether any seems to be removed at all."""
    lines = not_listed(facts, "Which backups are kept was not read from Weaviate.")
    found = entries(facts)
    if lines:
        return lines
    limits = settings.thresholds
    moments = [moment for one in found if (moment := when(one)) is not None]
    oldest = (facts.as_of - min(moments)).days if moments else None
    size = sum(one.size or 0 for one in found)
    bases = sum(1 for one in found if one.incremental_base_backup_id)
    on = weaviate_subject(facts, BACKUPS)
    lines = [on.info("backups listed", f"{len(found)}, {size:.0f} GiB before compression")]
    if bases:
        lines.append(on.info("incremental backups", f"{bases}, each useless without its base"))
    if oldest is None:
        return lines
    too_old, too_many = oldest > limits.backup_oldest_days, len(found) > limits.backups_listed_maximum
    expected = f"{limits.backup_oldest_days} days or less"
    message = f"The oldest of {len(found)} backups is {oldest} days old: nothing seems to be removed."
    outcome = NOT_MET if too_many else PARTLY
    lines.append(
        on.check(
            "age of the oldest backup", f"{oldest} days", expected, not too_old, message=message, on_failure=outcome
        )
    )
    return lines


def leftovers(facts: ClusterFacts) -> list[Check]:
    """Attempts that came to nothing still take room in the store: the API can remove no backup."""
    failed = entries(facts, *FAILED)
    if not listed(facts) or not failed:
        return []
    return [weaviate_subject(facts, BACKUPS).info("leftovers of failed backups", len(failed), "0", False)]


BACKENDS = {
    "backup-s3": ("BACKUP_S3_BUCKET", "BACKUP_S3_PATH", "BACKUP_S3_ENDPOINT", "AWS_REGION", "AWS_DEFAULT_REGION"),
    "backup-gcs": ("BACKUP_GCS_BUCKET", "BACKUP_GCS_PATH"),
    "backup-azure": ("BACKUP_AZURE_CONTAINER", "BACKUP_AZURE_PATH"),
    "backup-filesystem": ("BACKUP_FILESYSTEM_PATH",),
}
META = "weaviate/meta"


def modules(facts: ClusterFacts) -> list[Check]:
    """A backup module whose store is outside the pods: by the environment, else by what Weaviate itself lists."""
    weaviate = facts.weaviate
    named = weaviate.modules()
    meta = facts.answer(META)
    if named is not None:
        found, source = [one for one in named if one in BACKENDS], workload_key(weaviate.kind)
        return [*_judged(weaviate, found, source), *_encrypted(facts, found)]
    if meta is not None:
        found = [one for one in sorted(meta.modules) if one in BACKENDS]
        return [*_judged(weaviate, found, META), *_encrypted(facts, found)]
    value = weaviate.env("ENABLE_MODULES")
    origin = f" ({value.origin})" if value.origin else ""
    message = f"Which modules are on could not be read{origin}."
    why = value.reason or Reason.NOT_OBSERVABLE
    key = workload_key(weaviate.kind) if value.reason in (None, Reason.NOT_OBSERVABLE) else "configmaps"
    return [weaviate_subject(facts, key).unread("env ENABLE_MODULES", "a backup module", why, message=message)]


def _judged(weaviate: Workload, found: list[str], source: str) -> list[Check]:
    field, expected = "backup modules (ENABLE_MODULES)", "backup-s3, backup-gcs or backup-azure"
    on = Subject(weaviate.ref, source)
    if not found:
        message = "No backup module is switched on: Weaviate cannot make a backup at all."
        return [on.check(field, "none", expected, False, message=message)]
    outside = [name for name in found if name != "backup-filesystem"]
    message = "The only backup module is backup-filesystem, which writes to the pod's own disk."
    outcome = PARTLY
    if weaviate.replicas > 1:
        message = (
            f"The only backup module is backup-filesystem, which Weaviate refuses with {weaviate.replicas} replicas."
        )
        outcome = Outcome.NOT_MET
    checks = [on.check(field, ", ".join(found), expected, bool(outside), message=message, on_failure=outcome)]
    for name in (name for module in found for name in BACKENDS[module]):
        value = weaviate.env(name)
        if value.state not in ("unset", "unknown"):
            shown = value.value or f"set ({value.origin})"
            checks.append(Subject(weaviate.ref, workload_key(weaviate.kind)).info(f"env {name}", shown))
    return checks


def _encrypted(facts: ClusterFacts, found: list[str]) -> list[Check]:
    """The way to S3: as Weaviate reports it, else as it is configured."""
    weaviate, meta = facts.weaviate, facts.answer(META)
    if "backup-s3" not in found:
        return []
    reported = meta.modules["backup-s3"].use_ssl if meta is not None and "backup-s3" in meta.modules else None
    if reported is None and weaviate.is_enabled("BACKUP_S3_USE_SSL") is not False:
        return []
    message = "Backups go to S3 without TLS (useSSL is false)."
    field = "env BACKUP_S3_USE_SSL" if reported is None else "modules backup-s3, useSSL"
    source = workload_key(weaviate.kind) if reported is None else META
    seen, ok = str(bool(reported)).lower(), bool(reported)
    return [weaviate_subject(facts, source).check(field, seen, "true", ok, message=message, on_failure=PARTLY)]


def jobs(facts: ClusterFacts) -> list[CronJob]:
    """Scheduled jobs that ask for a backup of this Weaviate, as far as their command line shows it."""
    return [one for one in facts.objects("cronjobs") if says(one, "/v1/backups")]


def says(job: CronJob, *words: str) -> bool:
    """Whether the command line or a kept variable of a job holds one of the words."""
    spec = job.spec.job_template.spec.template.spec
    texts = [text for container in spec.containers for text in (*container.command, *container.args)]
    texts += [env.value for container in spec.containers for env in container.env]
    return any(word in text for text in texts for word in words)


def job_line(job: CronJob, what: str = "a job that calls /v1/backups") -> Check:
    """A schedule alone proves nothing: it may be suspended, or never have succeeded."""
    last = job.status.last_successful_time
    when = f"last success {last:%Y-%m-%d %H:%M} UTC" if last else "never succeeded"
    seen = f"schedule {job.spec.schedule}, {'suspended' if job.spec.suspend else when}"
    ref = Ref("CronJob", job.metadata.name, job.metadata.namespace)
    fine = last is not None and not job.spec.suspend
    return Subject(ref, "cronjobs").info(what, seen, "running and successful", fine)


def finding(facts: ClusterFacts, settings: Settings) -> Finding:
    """The finding on Weaviate's own backups: `ha.weaviate_backups`, and a part of `res.data_backed_up`."""
    checks = [*modules(facts), *(job_line(job) for job in jobs(facts)), *recent(facts, settings)]
    met = "The newest backup succeeded, is recent, holds every collection and lies outside the cluster."
    return to_finding("ha.weaviate_backups", checks, met=met)
