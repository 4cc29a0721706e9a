"""`readiness.yaml`: written once with every setting explained, then the user's own file.

Afterwards single fields are changed in their line, so that the user's comments and order stay; where that
cannot be done safely, the error says what to change by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

import msgspec

from readiness_kit import documents
from readiness_kit.errors import ConfigError, UsageError
from readiness_kit.model import Settings, Thresholds

FILE_NAME = "readiness.yaml"
WHAT = "the settings file"

_EXPLAINED: dict[str, str] = {
    "customer": "Whose cluster is assessed; stands on the report's first page.",
    "cluster_name": "What you call the cluster. Empty: the name of the kubeconfig context.",
    "assessor": "Who leads the assessment; each answer is signed with this name.",
    "participants": "Who took part, as a list.",
    "contact": "Whom a reader of the report turns to.",
    "date": "The day the report speaks for (YYYY-MM-DD). Empty: the day of the snapshot.",
    "profile": "core: the 34 questions. extended: 21 more.",
    "read_heavy": "true or false once you know whether reads dominate. Empty: not known.",
    "cluster": "Where to look.",
    "cluster.context": "Context of the kubeconfig. Empty: its current one.",
    "cluster.kubeconfig": "Path of the kubeconfig. Empty: $KUBECONFIG, else ~/.kube/config.",
    "cluster.namespaces": "Only these namespaces, for permissions that end there. Empty: the whole cluster.",
    "cluster.weaviate": "namespace/name of the Weaviate workload, where there are several.",
    "cluster.weaviate_url": "Where Weaviate's REST API answers, without credentials. Empty: it is not asked.",
    "cluster.weaviate_ca": "File of the certificate authorities for it, in PEM form. Empty: those of the system.",
    "cluster.prometheus_url": "A Prometheus-compatible server, without credentials. Empty: it is not asked.",
    "cluster.prometheus_ca": "File of the certificate authorities for it, in PEM form. Empty: those of the system.",
    "branding": "How the report looks.",
    "branding.logo": "Image file (PNG, SVG or JPEG), relative to this folder; it is put into the report.",
    "branding.primary": 'Main colour, in quotes: "#0b5fff"',
    "branding.accent": 'Second colour, in quotes: "#e69f00"',
    "thresholds": "The kit's own numbers. Take away the # to set one; until then the report calls it kit default.",
    "thresholds.coverage_minimum": "Share of questions that must be judged, 0 to 1",
    "thresholds.backup_rpo_hours": "Data you can afford to lose, in hours",
    "thresholds.restore_test_days": "A restore test counts in full for so many days",
    "thresholds.failover_test_days": "A failover test counts in full for so many days",
    "thresholds.failover_test_stale_days": "After so many days a failover test counts as not done",
    "thresholds.recovery_test_days": "A recovery test counts in full for so many days",
    "thresholds.rotation_days": "A rotation of secrets counts in full for so many days",
    "thresholds.grace_period_minimum_seconds": "Least time for a pod to shut down",
    "thresholds.zone_skew_maximum": "Most pods that one zone may have more than another",
    "thresholds.many_shards": "So many shards are many",
    "thresholds.certificate_days": "A certificate has to hold for so many days more",
    "thresholds.administrators_maximum": "Most users that may do everything",
    "thresholds.tombstone_share": "Most tombstones for each object, 0 to 1",
    "thresholds.collections_alike": "More collections of one shape than this ask for tenants",
    "thresholds.active_tenants": "More active tenants than this ask for offloading",
    "thresholds.backup_intervals_maximum": "Longest pause between backups, as a multiple of the usual one",
    "thresholds.snapshot_days": "A volume snapshot counts for so many days",
    "thresholds.backups_listed_maximum": "More backups than this look as if none is ever removed",
    "thresholds.backup_oldest_days": "A backup older than so many days looks as if none is ever removed",
    "thresholds.memory_rss_share": "Most of its memory limit that a pod may use at its peak, 0 to 1",
    "thresholds.memory_idle_share": "A peak below this share of the limit is memory that is paid for and not used",
    "thresholds.cpu_high_share": "Most of its CPU limit (else request) that a pod may use, 0 to 1",
    "thresholds.cpu_low_share": "Less of its CPU request than this is CPU that is paid for and not used",
    "thresholds.cpu_throttled_share": "Most CPU periods that may be throttled, 0 to 1",
    "thresholds.disk_full_days": "A disk must not reach the read-only mark within so many days",
    "thresholds.disk_full_soon_days": "A disk should not reach the read-only mark within so many days",
    "thresholds.read_skew_maximum": "Most reads of one pod, as a multiple of the average",
    "thresholds.shard_skew_maximum": "Most objects of one shard, as a multiple of the average",
    "thresholds.shard_objects_maximum": "More objects than this ask for more than one shard",
    "thresholds.collections_maximum": "More collections than this ask for tenants instead",
    "thresholds.quantisation_objects": "More objects than this ask for quantisation",
    "thresholds.model_memory_share": "Most of the memory that the vectors may need by the model, 0 to 1",
    "extra_checklists": "Further checklist files of your own, relative to this folder.",
}


def explained(field: str) -> str:
    """What a setting means, as `readiness.yaml` says it: `explained("thresholds.many_shards")`."""
    return _EXPLAINED[field]


def load_settings(path: Path) -> Settings:
    """The settings in a file; a field left empty has its default. ConfigError names file and field."""
    return parse_settings(documents.read_text(path, WHAT), path)


def parse_settings(text: str, path: Path) -> Settings:
    """As `load_settings`, of a text; `path` is for the errors."""
    data = documents.parse_yaml(text, f"{WHAT} {path}")
    return documents.convert(_filled({} if data is None else data), Settings, f"{WHAT} {path}")


def _filled(data: Any) -> Any:
    """Without the fields that were left empty, which mean the default."""
    if not isinstance(data, dict):
        return data
    return {key: _filled(value) for key, value in data.items() if value is not None}


# --- writing the whole file -----------------------------------------------------------------------


def render_settings(settings: Settings) -> str:
    """The file as it is first written: each setting with what it means, thresholds as commented defaults."""
    lines = [
        "# Settings of this readiness assessment. This file is yours: the kit changes single lines of it at most.",
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
        told = _EXPLAINED[f"{name}.{field}"]
        if not isinstance(block, Thresholds):
            yield f"  {field}: {scalar(value)}  # {told}"
        elif value == getattr(defaults, field):
            yield f"  # {field}: {scalar(value)}  # {told} (kit default)"
        else:
            yield f"  {field}: {scalar(value)}  # {told}"


def scalar(value: Any) -> str:
    """A value on one line of YAML: text always quoted, None as nothing, a list in brackets."""
    import yaml

    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return f"[{', '.join(scalar(one) for one in value)}]"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, str):
        return yaml.safe_dump(value, default_style='"', allow_unicode=True, width=1_000_000).strip()
    return yaml.safe_dump(value).removesuffix("...\n").strip()


# --- changing single lines ------------------------------------------------------------------------

_QUOTED = r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')"""
_VALUE = rf"""(?:{_QUOTED}|\[(?:{_QUOTED}|[^\]"'])*\]|[^#\r\n]*?)"""


def change_settings(text: str, changes: Mapping[str, Any], path: Path) -> str:
    """`text` with the fields of `changes` set: `{"customer": …, "cluster.context": …, "thresholds": {…}}`.

    Raises UsageError for a field that does not exist, ConfigError for a value that is not allowed, and where
    the lines cannot be changed without touching more than them.
    """
    before = parse_settings(text, path)
    flat = dict(_flattened(changes))
    wanted = _applied(before, flat, path)
    for field, value in flat.items():
        text = _with_line(text, field, value)
    try:
        done = parse_settings(text, path) == wanted
    except ConfigError:
        done = False
    if not done:
        lines = "; ".join(f"`{field}: {scalar(value)}`" for field, value in flat.items())
        raise ConfigError(f"{WHAT} {path} is not changed: the lines are not of a simple form", f"set by hand {lines}")
    return text


def _flattened(changes: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in changes.items():
        inner = msgspec.structs.asdict(value) if isinstance(value, msgspec.Struct) else value
        if isinstance(inner, Mapping):
            yield from _flattened(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", inner


def _applied(before: Settings, flat: Mapping[str, Any], path: Path) -> Settings:
    data = msgspec.to_builtins(before)
    for field, value in flat.items():
        block, _, name = field.rpartition(".")
        if field not in _EXPLAINED or isinstance(data.get(field), dict):
            raise UsageError(f"there is no setting {field!r}", f"take one of {', '.join(_EXPLAINED)}")
        (data[block] if block else data)[name] = msgspec.to_builtins(value)
    return documents.convert(_filled(data), Settings, f"{WHAT} {path}")


def _with_line(text: str, field: str, value: Any) -> str:
    """Sets a line that is there (also a commented one of a block), else adds one."""
    block, _, name = field.rpartition(".")
    ending = "\r\n" if "\r\n" in text else "\n"
    start, stop = _block(text, block)
    indent = r"[ \t]+" if block else ""
    live = re.compile(rf"(?m)^(?P<lead>{indent}{name}:)[ \t]*{_VALUE}(?P<tail>[ \t]+#[^\r\n]*|[ \t]*)(?=\r?$)")
    silent = re.compile(rf"(?m)^(?P<lead>{indent})#[ \t]*{name}:[^\r\n]*")
    shown = scalar(value)
    if found := live.search(text, start, stop):
        line = f"{found['lead']} {shown}".rstrip() + found["tail"].rstrip()
    elif block and (found := silent.search(text, start, stop)):
        line = f"{found['lead']}{name}: {shown}"
    else:
        head = "" if not block or start else f"{block}:{ending}"
        at = stop if block and start else len(text)
        gap = "" if not text[:at] or text[:at].endswith("\n") else ending
        return f"{text[:at]}{gap}{head}{'  ' if block else ''}{name}: {shown}{ending}{text[at:]}"
    return text[: found.start()] + line + text[found.end() :]


def _block(text: str, name: str) -> tuple[int, int]:
    """Where the lines of a mapping begin and end; the whole text for "", (0, 0) where it is not there."""
    if not name:
        return 0, len(text)
    head = re.search(rf"(?m)^{name}:[ \t]*(#[^\r\n]*)?\r?\n", text)
    if head is None:
        return 0, 0
    rest = re.compile(r"(?m)^(?![ \t]|\r?$)").search(text, head.end())
    return head.end(), rest.start() if rest else len(text)
