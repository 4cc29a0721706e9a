"""Parameters of backups: the store, the schedule, and the Service through which a backup is started."""

from __future__ import annotations

from readiness_kit.evidence.conditions.backups import store, weaviate_backups
from readiness_kit.evidence.wording import names
from readiness_kit.facts.kubernetes.provider import provider
from readiness_kit.facts.kubernetes.topology import region_of_node
from readiness_kit.fixes.model import OpenDecision, Value
from readiness_kit.fixes.parameters.cluster import services
from readiness_kit.fixes.parameters.registry import Context, parameter

BUCKETS = {"s3": "BACKUP_S3_BUCKET", "gcs": "BACKUP_GCS_BUCKET", "azure": "BACKUP_AZURE_CONTAINER"}
PATHS = {"s3": "BACKUP_S3_PATH", "gcs": "BACKUP_GCS_PATH", "azure": "BACKUP_AZURE_PATH"}
BY_PROVIDER = {"EKS": "s3", "GKE": "gcs", "AKS": "azure"}
DAY = 24


def _enabled(context: Context) -> str:
    """The object store that is enabled, `s3`, `gcs` or `azure`; empty where there is none."""
    modules = context.facts.weaviate.modules()
    meta = context.facts.answer("weaviate/meta")
    found = set(modules if modules is not None else meta.modules if meta is not None else ())
    return next((name for name in BUCKETS if f"backup-{name}" in found), "")


@parameter("backup_backend")
def backup_backend(context: Context) -> Value | OpenDecision:
    """The name of the store in the paths of the API."""
    name = _enabled(context)
    if not name:
        return OpenDecision("backend", "the object store for backups: no backup module is enabled", "see Q8")
    return Value(name, "the enabled modules")


@parameter("new_backend")
def new_backend(context: Context) -> Value | OpenDecision:
    """The kind of object store to use: the one in use, or the provider's own."""
    name = _enabled(context) or BY_PROVIDER.get(provider(context.facts), "")
    if not name:
        return OpenDecision("backend", "the object store: s3 (or compatible), gcs or azure", "ask who operates storage")
    return Value(name, "the enabled modules, or the provider of the nodes")


@parameter("bucket")
def bucket(context: Context) -> Value | OpenDecision:
    """The bucket; never that of a store inside the cluster, which is to be replaced."""
    name = _enabled(context)
    value = context.facts.weaviate.env(BUCKETS.get(name, BUCKETS["s3"]))
    endpoint = context.facts.weaviate.env(store.ENDPOINT).value
    inside = bool(endpoint) and store.place(context.facts, endpoint)[0] != "outside"
    if name and value.known and value.value and not inside:
        return Value(value.value, f"env {value.name}")
    what = "the bucket outside the cluster, with versioning, in another account or project if possible"
    return OpenDecision("bucket", what, "create it, then enter its name")


@parameter("backup_path")
def backup_path(context: Context) -> Value:
    """The folder in the bucket, with a slash at its end; empty for the whole bucket."""
    value = context.facts.weaviate.env(PATHS.get(_enabled(context), PATHS["s3"]))
    path = value.value.strip("/") if value.known else ""
    return Value(f"{path}/" if path else "", f"env {value.name}")


@parameter("region")
def region(context: Context) -> Value | OpenDecision:
    """The region of the nodes."""
    found = sorted({name for node in context.facts.objects("nodes") if (name := region_of_node(node))})
    if len(found) != 1:
        return OpenDecision("region", "the region of the bucket", "kubectl get nodes -L topology.kubernetes.io/region")
    return Value(found[0], "the region label of the nodes")


@parameter("store_values")
def store_values(context: Context) -> Value | OpenDecision:
    """The values of the backup module for a bucket outside the cluster."""
    name, where, found = new_backend(context), bucket(context), region(context)
    if isinstance(name, OpenDecision):
        return name
    if isinstance(where, OpenDecision):
        return where
    settings = {BUCKETS[name.value]: where.value}
    if name.value == "s3" and isinstance(found, Value):
        settings["AWS_REGION"] = found.value
    return Value({name.value: {"enabled": True, "envconfig": settings}}, where.source)


@parameter("backup_endpoint")
def backup_endpoint(context: Context) -> Value | OpenDecision:
    """Host and port of the store, without a scheme."""
    value = context.facts.weaviate.env(store.ENDPOINT)
    host = value.value.rpartition("://")[2].strip("/") if value.known else ""
    if not host:
        return OpenDecision("endpoint", "host and port of the store", f"env {store.ENDPOINT}")
    return Value(host, f"env {store.ENDPOINT}, without its scheme")


# --- the schedule ---------------------------------------------------------------------------------


@parameter("backup_schedule")
def backup_schedule(context: Context) -> Value:
    """A schedule in cron's form, at least as often as the recovery point objective demands."""
    rpo = context.settings.thresholds.backup_rpo_hours
    if rpo >= DAY:
        return Value("0 2 * * *", f"the recovery point objective of {rpo:g} hours")
    hours = max(number for number in (1, 2, 3, 4, 6, 8, 12) if number == 1 or number <= rpo)
    return Value(f"0 */{hours} * * *", f"the recovery point objective of {rpo:g} hours")


@parameter("rpo_hours")
def rpo_hours(context: Context) -> Value:
    """The recovery point objective of the settings."""
    return Value(f"{context.settings.thresholds.backup_rpo_hours:g}", "backup_rpo_hours in readiness.yaml")


@parameter("http_service")
def http_service(context: Context) -> Value | OpenDecision:
    """Host and port of Weaviate's HTTP Service, as pods reach it."""
    for item in services(context.facts):
        for port in item.spec.ports:
            if port.target_port in (8080, "8080", "http", "weaviate-http") or port.name == "http":
                host = f"{item.metadata.name}.{item.metadata.namespace}.svc"
                return Value(host if port.port == 80 else f"{host}:{port.port}", f"Service {item.metadata.name}")
    how = f"kubectl -n {context.facts.weaviate.namespace} get services"
    return OpenDecision("service", "the Service of Weaviate's HTTP port", how)


@parameter("backup_job")
def backup_job(context: Context) -> Value:
    """What makes backups now, in words."""
    jobs = [job.metadata.name for job in weaviate_backups.jobs(context.facts)]
    return Value(f"CronJob {names(jobs)}" if jobs else "your schedule", "the CronJobs that call /v1/backups")


@parameter("failed_backup")
def failed_backup(context: Context) -> Value | OpenDecision:
    """The newest attempt that failed, as the last part of a path; the list where none failed."""
    failed = weaviate_backups.entries(context.facts, *weaviate_backups.FAILED)
    return Value(f"/{failed[0].id}" if failed else "", "the list of backups")


@parameter("restore_days")
def restore_days(context: Context) -> Value:
    """The greatest interval between restore tests."""
    return Value(str(context.settings.thresholds.restore_test_days), "restore_test_days in readiness.yaml")


@parameter("newest_backup")
def newest_backup(context: Context) -> Value | OpenDecision:
    """The newest successful backup."""
    done = weaviate_backups.entries(context.facts, weaviate_backups.DONE)
    if not done:
        return OpenDecision("backup", "the backup to restore: none has succeeded yet", "make one first")
    return Value(done[0].id, "the list of backups")
