"""Weaviate's configuration in ConfigMaps, reduced to the fields that evidence needs.

A document is recognised by its content, not its name, because charts let users provide their own ConfigMap. The kept
fields are stored as JSON instead of YAML; API keys are replaced by their number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from readiness_kit.documents import parse_yaml
from readiness_kit.errors import ReadinessError
from readiness_kit.kinds.marks import REDACTED
from readiness_kit.redact.shapes import looks_random, secret_shapes

_HALLMARKS = ("authentication", "authorization", "query_defaults", "persistence", "default_vectorizer_module")
_NAMES = "names"
_SWITCH = "switch"
_SWITCHES = {"enabled": _SWITCH}
_GROUPS_AND_USERS = dict.fromkeys(
    "users readonly_users read_only_users groups readonly_groups read_only_groups root_users root_groups"
    " admin_users admins viewer_users viewers viewer_root_users".split(),
    _NAMES,
)

_FIELDS: dict[str, Any] = {
    "authentication": {
        "anonymous_access": _SWITCHES,
        "apikey": {**_SWITCHES, "users": _NAMES},
        "oidc": {**_SWITCHES, "skip_client_id_check": _SWITCH, "insecure_skip_tls_verify": _SWITCH},
        "db_users": _SWITCHES,
    },
    "authorization": {
        "admin_list": {**_SWITCHES, **_GROUPS_AND_USERS},
        "rbac": {**_SWITCHES, **_GROUPS_AND_USERS, "ip_in_audit_log_disabled": _SWITCH},
    },
    "query_defaults": {"limit": _SWITCH},
    "debug": _SWITCH,
    "query_maximum_results": _SWITCH,
    "auto_schema": _SWITCHES,
    "disk_use": {"warning_percentage": _SWITCH, "readonly_percentage": _SWITCH},
    "replication": {"minimum_factor": _SWITCH, "maximum_factor": _SWITCH, "async_replication_disabled": _SWITCH},
    "monitoring": {**_SWITCHES, "port": _SWITCH, "metrics_group": _SWITCH},
    "profiling": {"disabled": _SWITCH, "port": _SWITCH},
    "grpc": {"port": _SWITCH},
    "disable_graphql": _SWITCH,
    "disable_telemetry": _SWITCH,
    "track_vector_dimensions": _SWITCH,
}
"""The kept fields of Weaviate's configuration file: `switch` is a boolean or number, `names` a list of names."""

_OVERRIDES_KEY = re.compile(r"overrides?\.ya?ml$")
_SECRET_NAME = re.compile(r"(?i)pass|secret|token|key|credential|client_id|issuer")
_SHORT_WORD = re.compile(
    r"[a-zA-Z]{1,16}(?:[-_][a-zA-Z]{1,16}){0,2}|\d{1,12}(?:\.\d{1,6})?(?:ns|us|ms|s|m|h|d|%|[KMGT]i?B)?"
)
_CRON = re.compile(r"@(?:yearly|annually|monthly|weekly|daily|midnight|hourly)|@every [\dhms.]{1,12}"
                   r"|(?:[\d*/,A-Za-z?#-]{1,16} ){4,5}[\d*/,A-Za-z?#-]{1,16}")  # fmt: skip
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_NAME = re.compile(r"[\w.@:+*/ -]{1,128}")


def reduced(key: str, text: str) -> str | None:
    """The JSON kept of one data key of a ConfigMap; None where it is not a configuration of Weaviate."""
    overrides = bool(_OVERRIDES_KEY.search(key))
    if not overrides and not any(word in text for word in (*_HALLMARKS, "debug")):
        return None
    try:
        document = parse_yaml(text, f"the data key {key}")
    except (ReadinessError, TypeError, ValueError):
        # An unusual document, such as a mapping as a key, must not end a collection.
        return None
    if not isinstance(document, Mapping):
        return None
    if overrides:
        named = {name: value for name, value in document.items() if isinstance(name, str) and _KEY.fullmatch(name)}
        return _json({name: _override(name, value) for name, value in named.items()})
    if not any(word in document for word in _HALLMARKS) and not isinstance(document.get("debug"), bool):
        return None
    return _json(_kept(document, _FIELDS))


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, sort_keys=True, ensure_ascii=False)


def _kept(document: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, rule in fields.items():
        value = document.get(name)
        if isinstance(rule, Mapping) and isinstance(value, Mapping):
            kept[name] = _kept(value, rule)
            if name == "apikey" and {"allowed_keys", "allowed_keys_count"} & value.keys():
                kept[name]["allowed_keys_count"] = max(_count(value.get("allowed_keys")), _counted(value))
        elif rule == _SWITCH and _is_switch(value):
            kept[name] = value
        elif rule == _NAMES and isinstance(value, list):
            kept[name] = [_safe_name(str(name)) for name in value]
    return kept


def _is_switch(value: Any) -> bool:
    return isinstance(value, bool | int | float) or str(value).lower() in ("true", "false", "on", "off")


def _count(keys: Any) -> int:
    if isinstance(keys, str):
        return len([key for key in keys.split(",") if key.strip()])
    return len(keys) if isinstance(keys, list) else int(keys is not None)


def _counted(value: Mapping[str, Any]) -> int:
    """The number that an earlier reduction stored; a saved document is reduced again when a file is read."""
    before = value.get("allowed_keys_count")
    return before if isinstance(before, int) else 0


def _safe_name(name: str) -> str:
    harmless = _NAME.fullmatch(name) and not secret_shapes(name) and not looks_random(name)
    return name if harmless else REDACTED


def _override(name: str, value: Any) -> Any:
    """The value of an override, or `REDACTED`, so that it does not appear to be unset."""
    if value is None or isinstance(value, bool | int | float):
        return value
    plain = isinstance(value, str) and (_SHORT_WORD.fullmatch(value) or _CRON.fullmatch(value))
    return value if plain and not _SECRET_NAME.search(name) else REDACTED
