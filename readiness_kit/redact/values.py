"""Redact the free-form values of objects: variables, annotations, parameters, mount options."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

import msgspec

from readiness_kit.kinds import allowed
from readiness_kit.kinds.marks import MARKS, REDACTED, REDACTED_CREDENTIAL, REDACTED_SETTING
from readiness_kit.kinds.pods import EnvVar, HTTPHeader
from readiness_kit.redact.commands import EXPANDED, PATH, REFERENCE, SWITCH, script
from readiness_kit.redact.configuration import reduced
from readiness_kit.redact.names import is_sensitive, is_sensitive_header, names_credential
from readiness_kit.redact.shapes import MAX_TEXT, cut, looks_random, redact_random, redact_shapes, secret_shapes

_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CREDENTIAL = re.compile(
    r"(?i)pass|pwd|secret|token|credential|key|bearer|auth|connection_?string|(?:^|_)(?:dsn|sas)(?:_|$)"
)
_PRIVATE_OPTION = re.compile(r"(?i)pass|user|cred|secret|key|token|domain")
_ELSEWHERE = re.compile(r"(/|\./|file:|vault:)(?=(?:[\w./#:@-]+|\[redacted\])$)")
_ADDRESS = re.compile(r"https?://[\w.-]+(?::\d+)?(?:/[\w./~-]*)?")
_SECRET_ADDRESS = re.compile(r"(?i)webhook|dsn")
"""Names of variables whose address is a credential itself."""
_PUBLIC = re.compile(r"-----BEGIN (?:PUBLIC KEY|CERTIFICATE)-----|ssh-(?:rsa|ed25519) ")
_BEARER = re.compile(r"(?i)\b(?:bearer|basic)(?:\s|%20)+(?!\$|\[redacted)[\w+/=.~-]{6,}")
_PAIR = re.compile(r"(?<![\w.])-{0,2}([A-Za-z_][\w.-]{0,63})\"?\s?[=:]\s?[\"']?([^\s\"',;&]{3,512})")
_NAME = re.compile(r"[A-Za-z][\w-]{0,63}")
_FILE_NAME = re.compile(r"[\w.-]{1,253}")
_NAMES_AN_ENTRY = frozenset({"key", "keys"})
"""`{"key": "dedicated"}` names a label or a taint."""
_HEADER_TOKEN = re.compile(r"[=:]\s?(?=[^\s,]{0,64}\d)[\w+/=.~-]{16,}")
"""A token in the headers of an exporter, whose names differ from vendor to vendor (`x-honeycomb-team=…`)."""
_NETWORK = re.compile(r"[0-9a-fA-F:.]{2,45}(?:/\d{1,3})?")
_MAX_ANNOTATION = 317
"""A prefix of 253 characters, a slash and a name of 63, as Kubernetes allows."""
_ADDED_TO_URL = "redacted@"
"""User information of a URL that was removed; `origin` adds it where there was a password."""


@lru_cache(maxsize=65536)
def holds_secret(value: str) -> bool:
    """Whether a value contains a recognisable credential, or is a random token."""
    return bool(secret_shapes(value)) or looks_random(value)


def scheduler_phrases(message: str) -> str:
    """The phrases of the scheduler in a message; all other text, such as names, is dropped."""
    if "persistentvolumeclaim" in message and "not found" in message:
        message += " persistentvolumeclaim not found"
    return "; ".join(phrase for phrase in allowed.SCHEDULER_PHRASES if phrase in message)


def env_var(variable: EnvVar) -> EnvVar:
    """The variable with its value where its name is on the allow-list; other values are redacted."""
    kept = env_value(variable.name, variable.value)
    return variable if kept is variable.value else msgspec.structs.replace(variable, value=kept)


def env_value(name: str, value: str) -> str:
    """The value where its name is on the allow-list, otherwise a mark that remembers what kind of value it was."""
    if not value or value in MARKS:
        return value
    if allowed.ENV_URLS.fullmatch(name):
        return origin(value)
    if has_credential(value) or (name.endswith("HEADERS") and _HEADER_TOKEN.search(value)):
        return REDACTED_CREDENTIAL
    if name in allowed.ENV_NAMES or name in allowed.ENV_COUNTED:
        kept = len(value) <= MAX_TEXT and not holds_secret(value) and redact_random(value) == value
        return value if kept else REDACTED
    return _hidden(value, name)


def has_credential(value: str) -> bool:
    """Whether a text contains a credential of a known form, or a name of a credential with a value.

    References to variables (`$(NAME)`), which are judged where they are defined, do not count.
    """
    text = REFERENCE.sub("", value[:MAX_TEXT])
    if secret_shapes(text) or _BEARER.search(text):
        return True
    pairs = (pair for pair in _PAIR.finditer(text) if pair[1].lower() not in _NAMES_AN_ENTRY)
    return any(names_credential(pair[1]) and not _is_plain(pair[2]) for pair in pairs)


def _is_plain(value: str) -> bool:
    """Whether a value is a switch, an address, a path or a public key, so that it is no credential."""
    return bool(
        SWITCH.fullmatch(value)
        or _ADDRESS.fullmatch(value)
        or _PUBLIC.match(value)
        or (PATH.fullmatch(value) and not looks_random(value))
    )


def _hidden(value: str, name: str) -> str:
    """A mark, after the prefix of a value that is a path or a reference (`vault:…`, `/…`); `$(NAME)` stays."""
    if not value or value in MARKS or EXPANDED.fullmatch(value):
        return value
    if not looks_random(value) and (elsewhere := _ELSEWHERE.match(value)):
        return elsewhere[1] + REDACTED
    address = _ADDRESS.fullmatch(value) and not _SECRET_ADDRESS.search(name)
    plain = SWITCH.fullmatch(value) or address or _PUBLIC.match(value)
    return REDACTED_SETTING if plain else REDACTED


def origin(url: str) -> str:
    """Scheme, host and port of a URL, and `redacted@` where it had a password; `[redacted]` for anything else."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return REDACTED
    if not parts.scheme or not parts.hostname or holds_secret(parts.hostname):
        return REDACTED
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    if (parts.username is not None and f"{parts.username}@" == _ADDED_TO_URL) or has_credential(url):
        host = _ADDED_TO_URL + host
    return f"{parts.scheme}://{host}:{port}" if port is not None else f"{parts.scheme}://{host}"


def known_annotations(values: dict[str, str]) -> dict[str, str]:
    """The annotations on the allow-list; those of Datadog, which are free JSON, as the word "present"."""
    return {
        name: "present" if name.startswith("ad.datadoghq.com/") else _annotation(name, value)
        for name, value in values.items()
        if name in allowed.ANNOTATIONS or allowed.ANNOTATION_PATTERNS.fullmatch(name)
    }


def service_annotations(values: dict[str, str]) -> dict[str, str]:
    """The same, and those that mention TLS as the word "present"."""
    mentioned = {
        name: "present"
        for name in values
        if len(name) <= _MAX_ANNOTATION and allowed.MENTIONS_TLS.match(name) and not holds_secret(name)
    }
    return {**mentioned, **known_annotations(values)}


def _profile(value: str) -> str:
    """The sort of an AppArmor profile; the name of one of the node, or of another sort, is not kept."""
    if value in ("", "runtime/default", "unconfined"):
        return value
    return "localhost/profile" if value.startswith("localhost/") else "unknown"


def _annotation(name: str, value: str) -> str:
    """The value of an annotation; only a path may hold parameters, and a checksum looks like a random token."""
    if name.startswith(allowed.APPARMOR_ANNOTATION):
        return _profile(value)
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

    A key with the name of a credential (`OPENAI_APIKEY`), or whose value has the form of one, is kept without its
    value, because a credential in a ConfigMap is a finding; the prefix of a path or of a reference to a vault, which
    are not credentials, is kept.
    """
    kept: dict[str, str] = {}
    for key, value in data.items():
        if key in allowed.ENV_NAMES or key in allowed.ENV_COUNTED or allowed.ENV_URLS.fullmatch(key):
            kept[key] = env_value(key, value)
        elif _ENV_NAME.fullmatch(key) and not holds_secret(key) and has_credential(value):
            kept[key] = REDACTED_CREDENTIAL
        elif _ENV_NAME.fullmatch(key) and (is_sensitive(key) or _CREDENTIAL.search(key)) and not holds_secret(key):
            kept[key] = _hidden(value, key)
        elif (document := reduced(key, value)) is not None:
            kept[key] = document
        elif _FILE_NAME.fullmatch(key) and not holds_secret(key) and secret_shapes(value):
            kept[key] = REDACTED_CREDENTIAL
    return kept


def headers(listed: tuple[HTTPHeader, ...]) -> tuple[HTTPHeader, ...]:
    """The headers of a probe by name; of each value only whether it was a credential."""
    return tuple(
        HTTPHeader(header.name if _NAME.fullmatch(header.name) else REDACTED, _header_value(header))
        for header in listed
    )


def _header_value(header: HTTPHeader) -> str:
    if not header.value or header.value in MARKS:
        return header.value
    named = is_sensitive_header(header.name) or names_credential(header.name)
    if (named and not _is_plain(header.value)) or has_credential(header.value):
        return REDACTED_CREDENTIAL
    return REDACTED


def networks(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Address ranges; anything else is redacted."""
    return tuple(text if _NETWORK.fullmatch(text) else REDACTED for text in texts)


def rule_labels(labels: dict[str, str]) -> dict[str, str]:
    """The label `severity` of an alert; all others are dropped."""
    return {name: value for name, value in labels.items() if name == "severity"}


def expression(text: int | str) -> int | str:
    """An expression or query without credentials."""
    return redact_random(redact_shapes(cut(text))) if isinstance(text, str) else text
