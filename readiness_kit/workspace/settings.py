"""`readiness.yaml`: written once with an explanation of every setting, then edited field by field.

Comments, order and quotes of the user stay. If a change would lose any of them, the error says what to set by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from readiness_kit import documents
from readiness_kit.errors import ConfigError, UsageError
from readiness_kit.model import Settings, Thresholds
from readiness_kit.workspace.yaml_edit import LossyEditError, edit, scalar

FILE_NAME = "readiness.yaml"
WHAT = "the settings file"

_EXPLAINED: dict[str, str] = {
    "customer": "Whose cluster is assessed; shown on the first page of the report.",
    "cluster_name": "Name of the cluster in the report. Empty: the name of the kubeconfig context.",
    "assessor": "Who leads the assessment; each answer records this name.",
    "participants": "Who took part, as a list.",
    "contact": "What the report advises readers who have questions, in one sentence.",
    "engineer": "The solutions engineer whom readers of the report can contact.",
    "engineer.name": "Name, and the role if you like.",
    "engineer.mail": "Email address.",
    "engineer.calendar": "Web address for booking an appointment.",
    "engineer.send_along": "What readers are asked to send with a question, as a list.",
    "engineer.next_review": "Date of the next review (YYYY-MM-DD).",
    "date": "Date of the assessment (YYYY-MM-DD). Empty: the day of the snapshot.",
    "profile": "core: 34 questions. extended: 21 more.",
    "read_heavy": "Whether reads dominate the workload: true or false. Empty: not known.",
    "cluster": "The cluster to assess.",
    "cluster.context": "Context of the kubeconfig. Empty: the current one.",
    "cluster.kubeconfig": "Path of the kubeconfig. Empty: $KUBECONFIG if set, or ~/.kube/config.",
    "cluster.namespaces": "Read only these namespaces, without cluster-wide permissions. Empty: the whole cluster.",
    "cluster.weaviate": "Weaviate workload, if there are several: namespace/name, or namespace/kind/name.",
    "cluster.weaviate_url": "Address of Weaviate's REST API, without credentials. Empty: Weaviate is not read.",
    "cluster.weaviate_ca": "PEM file of the certificate authorities for Weaviate. Empty: those of the system.",
    "cluster.prometheus_url": "Address of a Prometheus-compatible server, without credentials. Empty: it is not read.",
    "cluster.prometheus_ca": "PEM file of the certificate authorities for Prometheus. Empty: those of the system.",
    "branding": "Logos and colours of the report.",
    "branding.logo": "The customer's logo: an image file (PNG, SVG, JPEG), by its path in this folder. It is embedded.",
    "branding.primary": 'Main colour, in quotes: "#0b5fff"',
    "branding.accent": 'Second colour, in quotes: "#e69f00"',
    "branding.partner": "Name of the company that carries out the assessment.",
    "branding.partner_logo": "Its logo: image file, as `logo`.",
    "thresholds": "Thresholds of the kit. Remove the # to set one; the report marks all others as kit default.",
    "thresholds.coverage_minimum": "Share of questions that must be judged, 0 to 1",
    "thresholds.backup_rpo_hours": "Data you can afford to lose, in hours",
    "thresholds.restore_test_days": "Days for which a restore test counts in full",
    "thresholds.failover_test_days": "Days for which a failover test counts in full",
    "thresholds.failover_test_stale_days": "Days after which a failover test counts as not done",
    "thresholds.recovery_test_days": "Days for which a recovery test counts in full",
    "thresholds.rotation_days": "Days for which a rotation of secrets counts in full",
    "thresholds.grace_period_minimum_seconds": "Minimum termination grace period of a pod, in seconds",
    "thresholds.start_seconds_minimum": "Minimum time that the probes allow for a start of Weaviate, in seconds",
    "thresholds.replica_difference_share": "Share of its objects by which the replicas of a shard may differ, 0 to 1",
    "thresholds.replica_difference_objects": "Number of objects by which the replicas of a shard may differ",
    "thresholds.zone_skew_maximum": "Maximum difference in pods between two zones",
    "thresholds.many_shards": "Number of shards from which a cluster counts as having many",
    "thresholds.certificate_days": "Days for which a certificate must still be valid",
    "thresholds.administrators_maximum": "Maximum number of users with all permissions",
    "thresholds.tombstone_share": "Maximum share of tombstones per object, 0 to 1",
    "thresholds.collections_alike": "Maximum number of collections with the same schema; above it, use multi-tenancy",
    "thresholds.active_tenants": "Maximum number of active tenants; above it, deactivate or offload tenants",
    "thresholds.backup_intervals_maximum": "Longest gap between backups, as a multiple of the usual interval",
    "thresholds.snapshot_days": "Days for which a volume snapshot counts as a backup",
    "thresholds.evidence_days": "Days after which collected evidence is shown as old",
    "thresholds.backups_listed_maximum": "Number of backups above which no retention seems to be in place",
    "thresholds.backup_oldest_days": "Age of the oldest backup, in days, above which no retention seems to be in place",
    "thresholds.memory_rss_share": "Maximum share of its memory limit that a pod uses at its peak, 0 to 1",
    "thresholds.memory_idle_share": "Share of the memory limit below which a peak counts as over-provisioned, 0 to 1",
    "thresholds.cpu_high_share": "Maximum share of its CPU limit (or request, without a limit) that a pod uses, 0 to 1",
    "thresholds.cpu_low_share": "Share of the CPU request below which usage counts as over-provisioned, 0 to 1",
    "thresholds.cpu_throttled_share": "Maximum share of CPU periods that are throttled, 0 to 1",
    "thresholds.disk_full_days": "Days until a disk becomes read-only, below which the check fails",
    "thresholds.disk_full_soon_days": "Days until a disk becomes read-only, below which the check passes only partly",
    "thresholds.read_skew_maximum": "Maximum reads of one pod, as a multiple of the average",
    "thresholds.shard_skew_maximum": "Maximum objects in one shard, as a multiple of the average",
    "thresholds.shard_objects_maximum": "Number of objects above which a collection needs more than one shard",
    "thresholds.collections_maximum": "Maximum number of collections; above it, use multi-tenancy",
    "thresholds.quantisation_objects": "Number of objects above which vectors should be quantised",
    "thresholds.model_memory_share": "Maximum share of memory for the vectors, as estimated, 0 to 1",
    "extra_checklists": "Additional checklist files, relative to this folder.",
}


def explained(field: str) -> str:
    """The explanation of a setting as in `readiness.yaml`: `explained("thresholds.many_shards")`."""
    return _EXPLAINED[field]


def load_settings(path: Path) -> Settings:
    """The settings in a file; an empty field has its default. ConfigError names file and field."""
    return parse_settings(documents.read_text(path, WHAT), path)


def parse_settings(text: str, path: Path) -> Settings:
    """The settings in a text, as `load_settings`; `path` is named in errors."""
    data = documents.parse_yaml(text, f"{WHAT} {path}")
    return documents.convert(_filled({} if data is None else data), Settings, f"{WHAT} {path}")


def _filled(data: Any) -> Any:
    """`data` without empty fields: they have their default."""
    if not isinstance(data, dict):
        return data
    return {key: _filled(value) for key, value in data.items() if value is not None}


# --- writing the whole file -----------------------------------------------------------------------


def render_settings(settings: Settings) -> str:
    """The file as first written: every setting with its explanation, thresholds as commented defaults."""
    lines = [
        "# Settings of this readiness assessment. Edit it freely: the kit changes single fields and keeps the rest.",
        "",
    ]
    for name in Settings.__struct_fields__:
        value = getattr(settings, name)
        lines.append(f"# {_EXPLAINED[name]}")
        if isinstance(value, msgspec.Struct):
            lines += [f"{name}:", *_nested(name, value), ""]
        else:
            lines += [f"{name}: {scalar(value)}".rstrip(), ""]
    return "\n".join(lines)


def _nested(name: str, block: msgspec.Struct) -> Iterator[str]:
    defaults = Thresholds()
    for field in block.__struct_fields__:
        value = getattr(block, field)
        meaning = _EXPLAINED[f"{name}.{field}"]
        if not isinstance(block, Thresholds):
            yield f"  {field}: {scalar(value)}  # {meaning}"
        elif value == getattr(defaults, field):
            yield f"  # {field}: {scalar(value)}  # {meaning} (kit default)"
        else:
            yield f"  {field}: {scalar(value)}  # {meaning}"


# --- changing single fields -----------------------------------------------------------------------


def change_settings(text: str, changes: Mapping[str, Any], path: Path) -> str:
    """`text` with the fields of `changes` set: `{"customer": …, "cluster.context": …, "thresholds": {…}}`.

    Comments, order and quotes stay. Raises UsageError for a field that does not exist, ConfigError for a value that is
    not allowed, or if the file has a form in which the change would lose something.
    """
    before = parse_settings(text, path)
    fields = dict(_flattened(changes))
    expected = _applied(before, fields, path)
    if expected == before:
        return text
    try:
        edited = edit(text, fields)
        if parse_settings(edited, path) != expected:
            raise LossyEditError("a different value")
    except (ConfigError, LossyEditError):
        lines = "; ".join(f"`{field}: {scalar(value)}`" for field, value in fields.items())
        raise ConfigError(
            f"{WHAT} {path} was not changed: the edit would lose a part of it", f"set by hand {lines}"
        ) from None
    return edited


def _flattened(changes: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in changes.items():
        inner = msgspec.structs.asdict(value) if isinstance(value, msgspec.Struct) else value
        if isinstance(inner, Mapping):
            yield from _flattened(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", inner


def _applied(before: Settings, fields: Mapping[str, Any], path: Path) -> Settings:
    data = msgspec.to_builtins(before)
    for field, value in fields.items():
        block, _, name = field.rpartition(".")
        if field not in _EXPLAINED or isinstance(data.get(field), dict):
            raise UsageError(f"there is no setting {field!r}", f"choose one of {', '.join(_EXPLAINED)}")
        (data[block] if block else data)[name] = msgspec.to_builtins(value)
    return documents.convert(_filled(data), Settings, f"{WHAT} {path}")
