"""The ConfigMaps of the chart, and the checksum by which a change of the configuration restarts the pods."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import yaml

from readiness_kit.fixes.chart_values.installation import Installation
from readiness_kit.fixes.chart_values.texts import Values
from readiness_kit.fixes.merging import Plain

CONFIG_MAP, CONFIG_KEY = "weaviate-config", "conf.yaml"
OVERRIDES_MAP, OVERRIDES_KEY = "weaviate-runtime-overrides", "overrides.yaml"
CONFIG_SECTIONS = ("authentication", "authorization", "query_defaults", "debug")
"""The top-level values that the chart copies into Weaviate's configuration file."""

_ENDLESS = 1_000_000
_HEAD = f"""apiVersion: v1
kind: ConfigMap
metadata:
  name: {CONFIG_MAP}
  labels:
    app.kubernetes.io/name: weaviate
    app.kubernetes.io/managed-by: Helm
data:
  {CONFIG_KEY}: |-
    ---
"""


def uses_own_config_map(values: Values) -> bool:
    """Whether the user provides the ConfigMap, so that the chart renders none."""
    return bool(values["custom_config_map"].get("enabled"))


def config_maps(values: Values, site: Installation) -> dict[str, Plain]:
    """The ConfigMaps by name. The text is JSON, which is YAML; the kit keeps it in this form."""
    found = {}
    if not uses_own_config_map(values):
        document = {name: values[name] for name in CONFIG_SECTIONS if name in values}
        found[CONFIG_MAP] = _config_map(site, CONFIG_MAP, CONFIG_KEY, document)
    overrides = values["runtime_overrides"]
    if overrides.get("enabled"):
        found[OVERRIDES_MAP] = _config_map(site, OVERRIDES_MAP, OVERRIDES_KEY, overrides.get("values") or {})
    return found


def _config_map(site: Installation, name: str, key: str, document: Values) -> Plain:
    return {"metadata": site.metadata(name), "data": {key: json.dumps(document, sort_keys=True, default=str)}}


def checksum(values: Values) -> str:
    """The annotation `checksum/config`: SHA-256 of the ConfigMap as the chart prints it, between line feeds."""
    printed = "" if uses_own_config_map(values) else f"{_printed(values)}\n\n"
    return hashlib.sha256(f"\n{printed}".encode()).hexdigest()


def _printed(values: Values) -> str:
    lines = [
        *_section("authentication", values),
        *_section("authorization", values),
        "",
        *_section("query_defaults", values),
        f"debug: {_yaml(values.get('debug', False))}",
    ]
    return _HEAD + "\n".join(f"    {line}" for line in lines)


def _section(name: str, values: Values) -> list[str]:
    return [f"{name}:", *(f"  {line}" for line in _yaml(values.get(name) or {}).split("\n"))]


def _yaml(value: Any) -> str:
    """A value as Helm's `toYaml` prints it: sorted keys, no final line feed."""
    text: str = yaml.safe_dump(value, default_flow_style=False, allow_unicode=True, width=_ENDLESS)
    return text.removesuffix("\n").removesuffix("\n...")
