"""Which keys of a values fragment the kit can apply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from readiness_kit.advisories.chart_values import check_chart_values
from readiness_kit.errors import ConfigError
from readiness_kit.fixes.chart_values.shapes import check_types

INFERENCE_MODULES = ("text2vec-transformers", "reranker-transformers")
"""The modules with a separate Deployment of which the rendered objects are known to the kit."""
API_KEY_MODULES = ("generative-openai", "text2vec-openai")

_NOT_APPLIED = ("collectionExport", "global", "mcp.config", "namespaces", "usage")
_PLAIN_SECRETS = ("backups.azure.secrets", "backups.gcs.secrets", "offload.s3.secrets")
_HAS_NO_DEPLOYMENT = frozenset({"enabled", "apiKey", "azureApiKey", "token", "secrets", "envSecrets"})
_NOT_OF_DEPLOYMENTS = frozenset({"envconfig", "passageQueryServices", "annotations", "imagePullSecrets"})
_USE_HELM = "render the chart with `helm template` instead"
_USE_REFERENCE = "name an existing Secret under envSecrets instead"


def check_paths(fragment: Mapping[str, Any]) -> None:
    """Raise ConfigError for a key that the chart does not read, a value of another type, or an unknown effect."""
    problems = check_chart_values(fragment)
    for problem in problems:
        if not any(found.name.startswith(f"{problem.name}.") for found in problems):
            hint = f"use {problem.right}" if problem.right else "remove the key"
            raise ConfigError(problem.sentence, hint)
    check_types(fragment)
    for path, hint in _unknown_effects(fragment):
        raise ConfigError(f"The kit does not know which objects {path} changes.", hint)


def _unknown_effects(fragment: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for path in _NOT_APPLIED:
        if _has(fragment, path):
            yield path, _USE_HELM
    for path in _PLAIN_SECRETS:
        if _has(fragment, path):
            yield path, _USE_REFERENCE
    for name in fragment.get("modules") or {}:
        module = fragment["modules"][name]
        if isinstance(module, Mapping):
            yield from _unknown_effects_of_module(name, module)
    for name in fragment.get("podDisruptionBudgets") or {}:
        if name not in ("weaviate", *INFERENCE_MODULES):
            yield f"podDisruptionBudgets.{name}", "write the PodDisruptionBudget as a manifest"


def _unknown_effects_of_module(name: str, module: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in module:
        path = f"modules.{name}.{key}"
        if name in INFERENCE_MODULES:
            if key in _NOT_OF_DEPLOYMENTS:
                yield path, _USE_HELM
        elif key == "enabled" and _is_service(name):
            yield path, _USE_HELM
        elif key not in _HAS_NO_DEPLOYMENT or (key != "enabled" and not _is_known_key(name, key)):
            yield path, _USE_REFERENCE if key in _HAS_NO_DEPLOYMENT else _USE_HELM


def _is_known_key(name: str, key: str) -> bool:
    return name in API_KEY_MODULES and key == "apiKey"


def _is_service(name: str) -> bool:
    """Whether the chart runs a separate program for this module."""
    return not check_chart_values({"modules": {name: {"repo": ""}}})


def _has(fragment: Mapping[str, Any], path: str) -> bool:
    value: Any = fragment
    for part in path.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return False
        value = value[part]
    return True
