"""Which of the variables of a running container come from which values of the chart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from readiness_kit.fixes.chart_values.environment import (
    BASIC_AUTH,
    CHART_SECRET,
    GCS_KEY,
    INFERENCE_VARIABLES,
    OPENAI_KEY,
    STORES,
    module_name,
)
from readiness_kit.fixes.chart_values.texts import Values
from readiness_kit.fixes.merging import Plain

_FIRST = ("RUNTIME_OVERRIDES_ENABLED", "CLUSTER_BASIC_AUTH_USERNAME")
_OWN = frozenset(
    """
    CLUSTER_BASIC_AUTH_PASSWORD CLUSTER_BASIC_AUTH_USERNAME CLUSTER_JOIN DEFAULT_VECTORIZER_MODULE ENABLE_MODULES
    PERSISTENCE_DATA_PATH RAFT_BOOTSTRAP_EXPECT RAFT_JOIN RUNTIME_OVERRIDES_ENABLED RUNTIME_OVERRIDES_LOAD_INTERVAL
    RUNTIME_OVERRIDES_PATH STANDALONE_MODE MCP_SERVER_ENABLED MCP_SERVER_WRITE_ACCESS_ENABLED
    """.split()
) | frozenset(INFERENCE_VARIABLES.values())
_PREFIXES = {
    "offload.s3": ("OFFLOAD_", "AWS_"),
    "backups.filesystem": ("BACKUP_FILESYSTEM_",),
    "backups.s3": ("BACKUP_S3_", "AWS_"),
    "backups.gcs": ("BACKUP_GCS_", "GOOGLE_"),
    "backups.azure": ("BACKUP_AZURE_", "AZURE_"),
}
"""The names of the variables of each module; the first prefix is its own, the second that of the provider."""


def observed_variables(rows: list[Plain], metrics_port: bool) -> Values:
    """`env`, `envSecrets`, and the values behind the variables that the chart sets itself.

    In the chart's order, the variables of the values come first, so that a variable of the chart that stands among
    them was set by hand. In any other order only the name decides.
    """
    values, own, ordered = _divided(rows)
    by_name = {row["name"]: row.get("value", "") for row in own if "valueFrom" not in row}
    env = {row["name"]: row.get("value", "") for row in values if "valueFrom" not in row}
    if env.get("PROMETHEUS_MONITORING_ENABLED") == "false" and not metrics_port:
        env["PROMETHEUS_MONITORING_ENABLED"] = False
    found: Values = {"env": env, "envSecrets": {row["name"]: secret for row in values if (secret := _secret(row))}}
    enabled = [name for name in (by_name.get("ENABLE_MODULES") or env.get("ENABLE_MODULES", "")).split(",") if name]
    found["modules"] = _modules(by_name, enabled)
    found["runtime_overrides"] = _overrides(by_name)
    found["mcp"] = {
        "enabled": by_name.get("MCP_SERVER_ENABLED") == "true",
        "writeAccessEnabled": by_name.get("MCP_SERVER_WRITE_ACCESS_ENABLED") == "true",
    }
    if any(_secret(row) == "weaviate-openai" for row in own):
        found["modules"].setdefault("text2vec-openai", {})["apiKey"] = "set"
    for path, module in _stores(own, enabled, ordered):
        group, _, name = path.partition(".")
        found.setdefault(group, {})[name] = module
    return found


def _divided(rows: list[Plain]) -> tuple[list[Plain], list[Plain], bool]:
    """The variables of the values, those that the chart sets, and whether they have the chart's order."""
    names = [row["name"] for row in rows]
    first = min((names.index(name) for name in _FIRST if name in names), default=len(rows))
    if "PERSISTENCE_DATA_PATH" in names[first:] and names[-1:] == ["CLUSTER_JOIN"]:
        return rows[:first], rows[first:], True
    modules: list[str] = next((row.get("value", "").split(",") for row in rows if row["name"] == "ENABLE_MODULES"), [])
    prefixes = tuple(prefix for path in STORES if module_name(path) in modules for prefix in _PREFIXES[path])
    own = [row for row in rows if _is_own(row, prefixes)]
    return [row for row in rows if row not in own], own, False


def _is_own(row: Plain, prefixes: tuple[str, ...]) -> bool:
    name: str = row["name"]
    return name in _OWN or name.startswith(prefixes) or _secret(row) in (BASIC_AUTH, "weaviate-openai")


def _secret(row: Plain) -> str:
    reference: Mapping[str, Any] = (row.get("valueFrom") or {}).get("secretKeyRef") or {}
    return f"{reference.get('name', '')}"


def _modules(own: dict[str, str], enabled: list[str]) -> Values:
    stores = set(map(module_name, STORES))
    found: Values = {name: {"enabled": True} for name in enabled if name not in stores}
    for module, variable in INFERENCE_VARIABLES.items():
        if url := own.get(variable, ""):
            found.setdefault(module, {})["inferenceUrl"] = url
    if "DEFAULT_VECTORIZER_MODULE" in own:
        found["default_vectorizer_module"] = own["DEFAULT_VECTORIZER_MODULE"]
    return found


def _overrides(own: dict[str, str]) -> Values:
    found: Values = {}
    if "RUNTIME_OVERRIDES_ENABLED" in own:
        found["enabled"] = own["RUNTIME_OVERRIDES_ENABLED"] == "true"
    for key, name in (("path", "RUNTIME_OVERRIDES_PATH"), ("load_interval", "RUNTIME_OVERRIDES_LOAD_INTERVAL")):
        if name in own:
            found[key] = own[name]
    return found


def _stores(own: list[Plain], enabled: list[str], ordered: bool) -> Iterator[tuple[str, Values]]:
    """The values of the modules for backups and offloading.

    In the chart's order, the variables of a module follow each other. In any other order only the name decides.
    """
    rows = [row for row in own if row["name"] not in _OWN and row["name"] != OPENAI_KEY]
    for path in STORES:
        if module_name(path) not in enabled:
            continue
        if ordered:
            block = next((rows for rows in _blocks(rows) if _belongs(rows, path)), [])
        else:
            block = [row for row in rows if row["name"].startswith(_PREFIXES[path])]
        yield path, {"enabled": True, **_store(block)}


def _belongs(rows: list[Plain], path: str) -> bool:
    return any(row["name"].startswith(_PREFIXES[path][0]) for row in rows)


def _blocks(rows: list[Plain]) -> Iterator[list[Plain]]:
    """The variables of each module: literals in order of their names, followed by those from a Secret."""
    block: list[Plain] = []
    for row in rows:
        literal = "valueFrom" not in row and row["name"] != GCS_KEY
        if literal and block and ("valueFrom" in block[-1] or row["name"] < block[-1]["name"]):
            yield block
            block = []
        block.append(row)
    if block:
        yield block


def _store(rows: list[Plain]) -> Values:
    secrets = {row["name"]: _secret(row) for row in rows if "valueFrom" in row}
    config = {row["name"]: row.get("value", "") for row in rows if "valueFrom" not in row}
    found: Values = {"envconfig": config}
    kept = {name: secret for name, secret in secrets.items() if secret != CHART_SECRET}
    written = {name: "set" for name, secret in secrets.items() if secret == CHART_SECRET}
    return found | ({"envSecrets": kept} if kept else {}) | ({"secrets": written} if written else {})
