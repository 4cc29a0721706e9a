"""Backup modules and the jobs that call them: what the configuration and the cluster show of backups."""

from __future__ import annotations

from readiness_kit.evidence.framework import Check, note, unread, want, workload_key
from readiness_kit.facts import Facts
from readiness_kit.facts.weaviate.workload import Workload
from readiness_kit.kinds.workloads import CronJob
from readiness_kit.model import Outcome, Reason, Ref

PARTLY = Outcome.PARTLY
BACKENDS = {
    "backup-s3": ("BACKUP_S3_BUCKET", "BACKUP_S3_PATH", "BACKUP_S3_ENDPOINT", "AWS_REGION", "AWS_DEFAULT_REGION"),
    "backup-gcs": ("BACKUP_GCS_BUCKET", "BACKUP_GCS_PATH"),
    "backup-azure": ("BACKUP_AZURE_CONTAINER", "BACKUP_AZURE_PATH"),
    "backup-filesystem": ("BACKUP_FILESYSTEM_PATH",),
}
META = "weaviate/meta"


def modules(facts: Facts) -> list[Check]:
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
    say = f"Which modules are on could not be read{origin}."
    why = value.reason or Reason.NOT_OBSERVABLE
    key = workload_key(weaviate.kind) if value.reason in (None, Reason.NOT_OBSERVABLE) else "configmaps"
    return [unread(weaviate.ref, "env ENABLE_MODULES", "a backup module", why, key, say=say)]


def _judged(weaviate: Workload, found: list[str], source: str) -> list[Check]:
    field, expected = "backup modules (ENABLE_MODULES)", "backup-s3, backup-gcs or backup-azure"
    if not found:
        say = "No backup module is switched on: Weaviate cannot make a backup at all."
        return [want(weaviate.ref, field, "none", expected, False, source, say=say)]
    outside = [name for name in found if name != "backup-filesystem"]
    say = "The only backup module is backup-filesystem, which writes to the pod's own disk."
    outcome = PARTLY
    if weaviate.replicas > 1:
        say = f"The only backup module is backup-filesystem, which Weaviate refuses with {weaviate.replicas} replicas."
        outcome = Outcome.NOT_MET
    checks = [want(weaviate.ref, field, ", ".join(found), expected, bool(outside), source, otherwise=outcome, say=say)]
    for name in (name for module in found for name in BACKENDS[module]):
        value = weaviate.env(name)
        if value.state not in ("unset", "unknown"):
            shown = value.value or f"set ({value.origin})"
            checks.append(note(weaviate.ref, f"env {name}", shown, workload_key(weaviate.kind)))
    return checks


def _encrypted(facts: Facts, found: list[str]) -> list[Check]:
    """The way to S3: as Weaviate reports it, else as it is configured."""
    weaviate, meta = facts.weaviate, facts.answer(META)
    if "backup-s3" not in found:
        return []
    reported = meta.modules["backup-s3"].use_ssl if meta is not None and "backup-s3" in meta.modules else None
    if reported is None and weaviate.truthy("BACKUP_S3_USE_SSL") is not False:
        return []
    say = "Backups go to S3 without TLS (useSSL is false)."
    field = "env BACKUP_S3_USE_SSL" if reported is None else "modules backup-s3, useSSL"
    source = workload_key(weaviate.kind) if reported is None else META
    seen, ok = str(bool(reported)).lower(), bool(reported)
    return [want(weaviate.ref, field, seen, "true", ok, source, otherwise=PARTLY, say=say)]


def jobs(facts: Facts) -> list[CronJob]:
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
    return note(ref, what, seen, "cronjobs", "running and successful", fine)
