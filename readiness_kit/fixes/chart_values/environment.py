"""The variables of Weaviate's container: those of `env` and `envSecrets`, and those that the chart sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from readiness_kit.errors import ConfigError
from readiness_kit.fixes.chart_values.installation import Installation
from readiness_kit.fixes.chart_values.paths import API_KEY_MODULES
from readiness_kit.fixes.chart_values.texts import Values, printed, whole_number
from readiness_kit.fixes.merging import Plain

STORES = ("offload.s3", "backups.filesystem", "backups.s3", "backups.gcs", "backups.azure")
"""Modules that are set by variables, in the chart's order; a name is the path of its values."""
GCS_KEY = "GOOGLE_APPLICATION_CREDENTIALS"
GCS_FILE = "/etc/gcp/credentials.json"
INFERENCE_VARIABLES = {
    "text2vec-transformers": "TRANSFORMERS_INFERENCE_API",
    "reranker-transformers": "RERANKER_INFERENCE_API",
}
OPENAI_KEY = "OPENAI_APIKEY"
BASIC_AUTH = "weaviate-cluster-api-basic-auth"
CHART_SECRET = "backup-s3"  # noqa: S105 - the name of the Secret that the chart makes of backups.s3.secrets

_MAX_PODS_OF_ONE_VOTER, _MAX_PODS_OF_THREE_VOTERS = 2, 9


def metrics_enabled(values: Values) -> bool:
    """Whether the template opens the metrics port: for any text that is not empty, "false" included."""
    return bool(values["env"].get("PROMETHEUS_MONITORING_ENABLED"))


def store(values: Values, path: str) -> Values:
    """The values of a module of `STORES`."""
    group, _, name = path.partition(".")
    found: Values = (values.get(group) or {}).get(name) or {}
    return found


def module_names(values: Values) -> list[str]:
    """ENABLE_MODULES in the chart's order."""
    modules = values.get("modules") or {}
    enabled = sorted(name for name, module in modules.items() if isinstance(module, Mapping) and module.get("enabled"))
    return [*enabled, *(module_name(path) for path in STORES if store(values, path).get("enabled"))]


def module_name(path: str) -> str:
    """The name in ENABLE_MODULES of a module of `STORES`."""
    return path.replace("backups.", "backup-").replace("offload.", "offload-")


def inference_url(values: Values, module: str) -> str:
    """The address of an inference module; "" where it is neither enabled nor elsewhere."""
    found = (values.get("modules") or {}).get(module) or {}
    if url := found.get("inferenceUrl"):
        return f"{url}"
    name = found.get("fullnameOverride", module)
    domain = f"{values['releaseNamespace']}.svc.{values['clusterDomain']}"
    return f"http://{name}.{domain}:8080" if found.get("enabled") else ""


def variables(values: Values, site: Installation) -> list[Plain]:
    """All variables in the chart's order. Raises ConfigError where the chart refuses the values of RAFT."""
    env, secrets = values["env"], values.get("envSecrets") or {}
    return [
        *(_literal(name, env[name]) for name in sorted(env)),
        *(_from_secret(name, secrets[name]) for name in sorted(secrets)),
        *_overrides(values),
        _from_secret("CLUSTER_BASIC_AUTH_USERNAME", BASIC_AUTH, "username"),
        _from_secret("CLUSTER_BASIC_AUTH_PASSWORD", BASIC_AUTH, "password"),
        _literal("PERSISTENCE_DATA_PATH", "/var/lib/weaviate"),
        _literal("DEFAULT_VECTORIZER_MODULE", (values.get("modules") or {}).get("default_vectorizer_module", "none")),
        *([_literal("ENABLE_MODULES", ",".join(names))] if (names := module_names(values)) else []),
        *_raft(values, site),
        *_inference(values),
        *_api_keys(values),
        *_mcp(values),
        *(variable for path in STORES for variable in _store(values, path)),
        _literal("CLUSTER_JOIN", f"{headless(values)}.{values['releaseNamespace']}.svc.{values['clusterDomain']}"),
    ]


def headless(values: Values) -> str:
    """The name of the headless Service."""
    return f"{values['service']['name']}-headless"


def _literal(name: str, value: Any) -> Plain:
    return {"name": name, "value": printed(value)}


def _from_secret(name: str, secret: Any, key: str = "") -> Plain:
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": printed(secret), "key": key or name}}}


def _overrides(values: Values) -> Iterator[Plain]:
    overrides = values["runtime_overrides"]
    yield _literal("RUNTIME_OVERRIDES_ENABLED", bool(overrides.get("enabled")))
    yield _literal("RUNTIME_OVERRIDES_PATH", overrides.get("path", ""))
    yield _literal("RUNTIME_OVERRIDES_LOAD_INTERVAL", overrides.get("load_interval", ""))


def voters(replicas: int) -> int:
    """The number of RAFT voters that the chart chooses."""
    if replicas <= _MAX_PODS_OF_ONE_VOTER:
        return 1
    return 3 if replicas <= _MAX_PODS_OF_THREE_VOTERS else 5


def _raft(values: Values, site: Installation) -> Iterator[Plain]:
    env, replicas = values["env"], whole_number(values, "replicas")
    join, expect = env.get("RAFT_JOIN"), env.get("RAFT_BOOTSTRAP_EXPECT")
    number = whole_number(env, "RAFT_BOOTSTRAP_EXPECT") if expect is not None else voters(replicas)
    names = printed(join).split(",") if join is not None else [f"{site.name}-{ordinal}" for ordinal in range(number)]
    if expect is not None and (number > replicas or number != len(names)):
        raise ConfigError(
            f"The chart refuses RAFT_BOOTSTRAP_EXPECT {number} with {replicas} replicas and {len(names)} names in "
            "RAFT_JOIN.",
            "remove both variables from env, so that the chart derives them from replicas",
        )
    if join is None:
        yield _literal("RAFT_JOIN", ",".join(names))
    if expect is None:
        yield _literal("RAFT_BOOTSTRAP_EXPECT", len(names))


def _inference(values: Values) -> Iterator[Plain]:
    for module, variable in INFERENCE_VARIABLES.items():
        if url := inference_url(values, module):
            yield _literal(variable, url)


def _api_keys(values: Values) -> Iterator[Plain]:
    modules = values.get("modules") or {}
    if any((modules.get(name) or {}).get("apiKey") for name in API_KEY_MODULES):
        yield _from_secret(OPENAI_KEY, "weaviate-openai", "apiKey")


def _mcp(values: Values) -> Iterator[Plain]:
    if values["mcp"].get("enabled"):
        yield _literal("MCP_SERVER_ENABLED", True)
        yield _literal("MCP_SERVER_WRITE_ACCESS_ENABLED", bool(values["mcp"].get("writeAccessEnabled")))


def _store(values: Values, path: str) -> Iterator[Plain]:
    found = store(values, path)
    if not found.get("enabled"):
        return
    config, secrets, plain_secrets = (found.get(key) or {} for key in ("envconfig", "envSecrets", "secrets"))
    for name in sorted(config):
        yield _literal(name, config[name])
    for name in sorted(secrets):
        yield _literal(name, GCS_FILE) if name == GCS_KEY else _from_secret(name, secrets[name])
    for name in sorted(plain_secrets):
        yield _from_secret(name, CHART_SECRET)
