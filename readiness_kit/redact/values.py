"""Redact the free-form values of objects: variables, annotations, parameters, mount options."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

import msgspec

from readiness_kit.kinds import allowed
from readiness_kit.kinds.pods import REDACTED, EnvVar
from readiness_kit.redact.commands import script
from readiness_kit.redact.configuration import reduced
from readiness_kit.redact.names import is_sensitive
from readiness_kit.redact.shapes import MAX_TEXT, cut, looks_random, redact_random, redact_shapes, secret_shapes

_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CREDENTIAL = re.compile(
    r"(?i)pass|pwd|secret|token|credential|key|bearer|auth|connection_?string|(?:^|_)(?:dsn|sas)(?:_|$)"
)
_PRIVATE_OPTION = re.compile(r"(?i)pass|user|cred|secret|key|token|domain")
_ELSEWHERE = re.compile(r"(/|\./|file:|vault:)(?=(?:[\w./#:@-]+|\[redacted\])$)")


@lru_cache(maxsize=65536)
def holds_secret(value: str) -> bool:
    """Whether a value contains a recognisable credential, or is a random token."""
    return bool(secret_shapes(value)) or looks_random(value)


def env_var(variable: EnvVar) -> EnvVar:
    """The variable with its value where its name is on the allow-list; other values are redacted."""
    kept = env_value(variable.name, variable.value)
    return variable if kept is variable.value else msgspec.structs.replace(variable, value=kept)


def env_value(name: str, value: str) -> str:
    """The value of an environment variable, or what may be kept of it."""
    if not value:
        return value
    if allowed.ENV_URLS.fullmatch(name):
        return origin(value)
    known = name in allowed.ENV_NAMES or name in allowed.ENV_COUNTED
    if not known or len(value) > MAX_TEXT or holds_secret(value) or redact_random(value) != value:
        return REDACTED
    return value


def _hidden(value: str) -> str:
    """`REDACTED`, after the prefix of a value that is a path or a reference (`vault:…`, `/…`)."""
    if not value:
        return value
    elsewhere = _ELSEWHERE.match(value)
    return (elsewhere[1] if elsewhere else "") + REDACTED


def origin(url: str) -> str:
    """Scheme, host and port of a URL; `[redacted]` for anything else."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return REDACTED
    if not parts.scheme or not parts.hostname or holds_secret(parts.hostname):
        return REDACTED
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}:{port}" if port is not None else f"{parts.scheme}://{host}"


def known_annotations(values: dict[str, str]) -> dict[str, str]:
    """The annotations on the allow-list; those of Datadog, which are free JSON, as the word "present"."""
    return {
        name: "present" if name.startswith("ad.datadoghq.com/") else _annotation(name, value)
        for name, value in values.items()
        if name in allowed.ANNOTATIONS
    }


def _annotation(name: str, value: str) -> str:
    """The value of an annotation; only a path may hold parameters, and a checksum looks like a random token."""
    return script(value) if name.endswith("/path") else redact_shapes(cut(value))


def parameters(values: dict[str, str]) -> dict[str, str]:
    """The StorageClass parameters on the allow-list."""
    return {name: redact_shapes(value) for name, value in values.items() if name in allowed.STORAGE_PARAMETERS}


def mount_options(options: tuple[str, ...]) -> tuple[str, ...]:
    """Mount options without credentials such as `username=` and `password=` of CIFS."""
    return tuple(_mount_option(option) for option in options)


def _mount_option(option: str) -> str:
    name, sign, _ = option.partition("=")
    private = sign and (is_sensitive(name) or _PRIVATE_OPTION.search(name))
    return f"{name}={REDACTED}" if private else redact_random(redact_shapes(option))


def config_data(data: dict[str, str]) -> dict[str, str]:
    """The kept data of a ConfigMap: Weaviate's configuration, and known variables (for `envFrom`).

    A key with the name of a credential (`OPENAI_APIKEY`) is kept without its value, because a credential in a ConfigMap
    is a finding; the prefix of a path or of a reference to a vault, which are not credentials, is kept.
    """
    kept: dict[str, str] = {}
    for key, value in data.items():
        if key in allowed.ENV_NAMES or key in allowed.ENV_COUNTED or allowed.ENV_URLS.fullmatch(key):
            kept[key] = env_value(key, value)
        elif _ENV_NAME.fullmatch(key) and (is_sensitive(key) or _CREDENTIAL.search(key)) and not holds_secret(key):
            kept[key] = _hidden(value)
        elif (document := reduced(key, value)) is not None:
            kept[key] = document
    return kept


def rule_labels(labels: dict[str, str]) -> dict[str, str]:
    """The label `severity` of an alert; all others are dropped."""
    return {name: value for name, value in labels.items() if name == "severity"}


def expression(text: int | str) -> int | str:
    """An expression or query without credentials."""
    return redact_random(redact_shapes(cut(text))) if isinstance(text, str) else text
