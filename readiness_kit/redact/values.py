"""Redact the free-form values of objects: variables, arguments, annotations, parameters, mount options."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

import msgspec

from readiness_kit.kinds import allowed
from readiness_kit.kinds.pods import REDACTED, EnvVar
from readiness_kit.redact.configuration import reduced
from readiness_kit.redact.shapes import looks_random, redact_random, redact_shapes, secret_shapes

_SENSITIVE = (
    r"(?:pass(?:word|wd|phrase)?|pwd|secret|token|credentials?|apikey|auth|bearer"
    r"|(?:(?:api|access|private|secret|license|master|encryption|auth)[-_]?)?key)"
)
_HARMLESS_ENDING = (
    r"(?:files?|paths?|dirs?|director(?:y|ies)|ttl|timeout|duration|interval|refs?|names?|namespace|class|type|mode"
    r"|enabled|disabled|policy|cert|size|length|count|issuer|audience|rotation|provider|algorithm)"
)
_SENSITIVE_NAME = re.compile(
    rf"(?i)(?:^|[-_.]){_SENSITIVE}s?$|(?:password|passwd|secret|apikey|token)(?!.*[-_.]?{_HARMLESS_ENDING}$)"
)
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CREDENTIAL = re.compile(
    r"(?i)pass|pwd|secret|token|credential|key|bearer|auth|connection_?string|(?:^|_)(?:dsn|sas)(?:_|$)"
)
_ELSEWHERE = re.compile(r"(/|\./|file:|vault:)(?=(?:[\w./#:@-]+|\[redacted\])$)")
_FLAG_ALONE = re.compile(r"--?([A-Za-z][\w.-]*)")
_ASSIGNMENT = re.compile(
    r"(?<![\w/.-])(-{1,2}[A-Za-z][\w.-]*\s*=\s*|-{1,2}[A-Za-z][\w.-]*\s+(?=[^-\s])|[A-Za-z_][\w.-]*(?:\s?=\s?|\s*:\s+))"
    r"(\"[^\"]*\"|'[^']*'|[^\s\"'&;|<>]+)"
)
_JSON_FIELD = re.compile(r"(\\?\"([A-Za-z_][\w.-]*)\\?\"\s*:\s*)(\\?\"(?:[^\"\\]|\\[^\"])*\\?\")")
_HEADER = re.compile(
    r"(?i)\b((?:proxy-)?authorization|x-[\w-]*(?:key|token|secret|auth)[\w-]*|cookie)(\s*:\s*)[^\"'\n\\]+"
)
_CLIENT_PASSWORD = re.compile(
    r"(?x)(\bcurl\b[^\n|;&]*?\s(?:-u|--user)[=\s]?\s*['\"]?[^\s:'\"]+:|\bsshpass\s+-p\s*|\bredis-cli\b[^\n|;&]*?\s-a\s+"
    r"|\b(?:mysql|mariadb|mysqldump|mysqladmin)\b[^\n|;&]*?\s-p)(?!\s)[^\s'\"]+"
)
_PATH = re.compile(r"(?:/|\./|file:|\$[\w({])[\w./(){}$:-]*")


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
    if not known or holds_secret(value) or redact_random(value) != value:
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


def arguments(words: tuple[str, ...]) -> tuple[str, ...]:
    """A command line without the values of flags whose name indicates a credential."""
    kept: list[str] = []
    value_is_secret = False
    for word in words:
        flag = _FLAG_ALONE.fullmatch(word)
        if value_is_secret and not flag:
            kept.append(word if _PATH.fullmatch(word) else REDACTED)
        else:
            kept.append(script(word))
        value_is_secret = bool(flag and _SENSITIVE_NAME.search(flag[1]))
    return words if tuple(kept) == words else tuple(kept)


@lru_cache(maxsize=16384)
def script(text: str) -> str:
    """One argument, possibly a shell script, without credentials."""
    text = redact_shapes(text)
    text = _HEADER.sub(rf"\1\2{REDACTED}", text)
    text = _CLIENT_PASSWORD.sub(rf"\1{REDACTED}", text)
    text = _JSON_FIELD.sub(lambda hit: hit[1] + f'"{REDACTED}"' if _SENSITIVE_NAME.search(hit[2]) else hit[0], text)
    text = _ASSIGNMENT.sub(_assigned, text)
    return redact_random(text)


def _assigned(match: re.Match[str]) -> str:
    start, value = match.groups()
    name = start.strip(" \t\n=:-")
    if not _SENSITIVE_NAME.search(name):
        # In `--from-literal=password=…` and `--set auth.token=…` the relevant name is inside the value.
        return start + (_ASSIGNMENT.sub(_assigned, value) if "=" in value else value)
    if _PATH.fullmatch(value.strip("\"'")) or value == REDACTED:
        return match[0]
    return start + REDACTED


def known_annotations(values: dict[str, str]) -> dict[str, str]:
    """The annotations on the allow-list; those of Datadog, which are free JSON, as the word "present"."""
    return {
        name: "present" if name.startswith("ad.datadoghq.com/") else redact_shapes(value)
        for name, value in values.items()
        if name in allowed.ANNOTATIONS
    }


def parameters(values: dict[str, str]) -> dict[str, str]:
    """The StorageClass parameters on the allow-list."""
    return {name: redact_shapes(value) for name, value in values.items() if name in allowed.STORAGE_PARAMETERS}


def mount_options(options: tuple[str, ...]) -> tuple[str, ...]:
    """Mount options without credentials such as `username=` and `password=` of CIFS."""
    return tuple(_mount_option(option) for option in options)


def _mount_option(option: str) -> str:
    name, sign, _ = option.partition("=")
    private = sign and re.search(r"(?i)pass|user|cred|secret|key|token|domain", name)
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
        elif _ENV_NAME.fullmatch(key) and _CREDENTIAL.search(key) and not holds_secret(key):
            kept[key] = _hidden(value)
        elif (document := reduced(key, value)) is not None:
            kept[key] = document
    return kept


def rule_labels(labels: dict[str, str]) -> dict[str, str]:
    """The label `severity` of an alert; all others are dropped."""
    return {name: value for name, value in labels.items() if name == "severity"}


def expression(text: int | str) -> int | str:
    """An expression or query without credentials."""
    return redact_random(redact_shapes(text)) if isinstance(text, str) else text
