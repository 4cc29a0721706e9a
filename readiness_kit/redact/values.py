"""Redact the free-form values of objects: variables, arguments, annotations, parameters, mount options."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

import msgspec

from readiness_kit.kinds import allowed
from readiness_kit.kinds.marks import REDACTED, REDACTED_CREDENTIAL, REDACTED_SETTING
from readiness_kit.kinds.pods import EnvVar, HTTPHeader
from readiness_kit.redact.configuration import reduced
from readiness_kit.redact.names import names_credential
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
MARKS = (REDACTED, REDACTED_CREDENTIAL, REDACTED_SETTING)
_SWITCH = re.compile(r"(?i)true|false|on|off|yes|no|none|null|enabled?|disabled?|basic|bearer|oidc|jwt|api_?key|0|1")
_REFERENCE = re.compile(r"\$(?:\([A-Za-z_][\w.-]*\)|\{[A-Za-z_]\w*\}|[A-Za-z_]\w*)")
_ADDRESS = re.compile(r"https?://[\w.-]+(?::\d+)?(?:/[\w./~-]*)?")
_SECRET_ADDRESS = re.compile(r"(?i)webhook|dsn")
"""Names of variables whose address is a credential itself."""
_PUBLIC = re.compile(r"-----BEGIN (?:PUBLIC KEY|CERTIFICATE)-----|ssh-(?:rsa|ed25519) ")
_BEARER = re.compile(r"(?i)\b(?:bearer|basic)(?:\s|%20)+(?!\$|\[redacted)[\w+/=.~-]{6,}")
_PAIR = re.compile(r"(?<![\w.])-{0,2}([A-Za-z_][\w.-]{0,63})\"?\s?[=:]\s?[\"']?([^\s\"',;&]{3,512})")
_REMOVED = re.compile(r"(?<![\w.])(-{0,2}[A-Za-z_][\w.-]{0,63})\\?[\"']?\s?(?:[=:]\s{0,4}|\s)[\"']?\[redacted\]")
_NAMED_FLAG = re.compile(r"(-{1,2}[A-Za-z][\w.-]{0,63})=")
_NAME = re.compile(r"[A-Za-z][\w-]{0,63}")
_FILE_NAME = re.compile(r"[\w.-]{1,253}")
_NAMES_AN_ENTRY = frozenset({"key", "keys"})
"""`{"key": "dedicated"}` names a label or a taint."""
_HEADER_TOKEN = re.compile(r"[=:]\s?(?=[^\s,]{0,64}\d)[\w+/=.~-]{16,}")
"""A token in the headers of an exporter, whose names differ from vendor to vendor (`x-honeycomb-team=…`)."""
_NETWORK = re.compile(r"[0-9a-fA-F:.]{2,45}(?:/\d{1,3})?")
_MAX_ANNOTATION = 317
"""A prefix of 253 characters, a slash and a name of 63, as Kubernetes allows."""
MAX_EXAMINED = 65536
_ADDED_TO_URL = "redacted@"
"""User information of a URL that was removed; `origin` adds it where there was a password."""


@lru_cache(maxsize=65536)
def holds_secret(value: str) -> bool:
    """Whether a value contains a recognisable credential, or is a random token."""
    return bool(secret_shapes(value)) or looks_random(value)


def env_var(variable: EnvVar) -> EnvVar:
    """The variable with its value where its name is on the allow-list; other values are redacted."""
    kept = env_value(variable.name, variable.value)
    return variable if kept is variable.value else msgspec.structs.replace(variable, value=kept)


def env_value(name: str, value: str) -> str:
    """The value where its name is on the allow-list, else a mark that remembers what kind of value it was."""
    if not value or value in MARKS:
        return value
    if allowed.ENV_URLS.fullmatch(name):
        return origin(value)
    if has_credential(value) or (name.endswith("HEADERS") and _HEADER_TOKEN.search(value)):
        return REDACTED_CREDENTIAL
    if name in allowed.ENV_NAMES or name in allowed.ENV_COUNTED:
        return REDACTED if looks_random(value) or redact_random(value) != value else value
    return _hidden(value, name)


def has_credential(value: str) -> bool:
    """Whether a text contains a credential of a known form, or a name of a credential with a value.

    References to variables (`$(NAME)`), which are judged where they are defined, do not count.
    """
    text = _REFERENCE.sub("", value[:MAX_EXAMINED])
    if secret_shapes(text) or _BEARER.search(text):
        return True
    pairs = (pair for pair in _PAIR.finditer(text) if pair[1].lower() not in _NAMES_AN_ENTRY)
    return any(names_credential(pair[1]) and not _is_plain(pair[2]) for pair in pairs)


def _is_plain(value: str) -> bool:
    """Whether a value is a switch, an address, a path or a public key, so that it is no credential."""
    return bool(
        _SWITCH.fullmatch(value)
        or _ADDRESS.fullmatch(value)
        or _PUBLIC.match(value)
        or (_PATH.fullmatch(value) and not looks_random(value))
    )


def _hidden(value: str, name: str) -> str:
    """A mark, after the prefix of a value that is a path or a reference (`vault:…`, `/…`); `$(NAME)` stays."""
    if not value or value in MARKS or _REFERENCE.fullmatch(value):
        return value
    if not looks_random(value) and (elsewhere := _ELSEWHERE.match(value)):
        return elsewhere[1] + REDACTED
    address = _ADDRESS.fullmatch(value) and not _SECRET_ADDRESS.search(name)
    plain = _SWITCH.fullmatch(value) or address or _PUBLIC.match(value)
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


def arguments(words: tuple[str, ...]) -> tuple[str, ...]:
    """A command line without the values of flags whose name indicates a credential."""
    kept: list[str] = []
    value_is_secret = False
    for word in words:
        flag = _FLAG_ALONE.fullmatch(word)
        if value_is_secret and not flag and word not in MARKS:
            kept.append(word if _PATH.fullmatch(word) or _SWITCH.fullmatch(word) else REDACTED)
        else:
            kept.append(script(word))
        value_is_secret = bool(flag and _SENSITIVE_NAME.search(flag[1]))
    return words if tuple(kept) == words else tuple(kept)


@lru_cache(maxsize=16384)
def script(text: str) -> str:
    """One argument, possibly a shell script, without credentials."""
    text = redact_shapes(text, mark=REDACTED_CREDENTIAL if secret_shapes(_REFERENCE.sub("", text)) else REDACTED)
    text = _HEADER.sub(lambda hit: hit[1] + hit[2] + _mark(hit[0]), text)
    text = _CLIENT_PASSWORD.sub(lambda hit: hit[1] + _mark(hit[0].removeprefix(hit[1])), text)
    text = _JSON_FIELD.sub(lambda hit: hit[1] + f'"{REDACTED}"' if _SENSITIVE_NAME.search(hit[2]) else hit[0], text)
    text = _ASSIGNMENT.sub(_assigned, text)
    return redact_random(text)


def _mark(text: str) -> str:
    """The mark for a removed text: a reference to a variable (`$TOKEN`) is no credential."""
    return REDACTED if REDACTED in text or "$" in text else REDACTED_CREDENTIAL


def _assigned(match: re.Match[str]) -> str:
    start, value = match.groups()
    name = start.strip(" \t\n=:-")
    if not _SENSITIVE_NAME.search(name):
        # In `--from-literal=password=…` and `--set auth.token=…` the relevant name is inside the value.
        return start + (_ASSIGNMENT.sub(_assigned, value) if "=" in value else value)
    bare = value.strip("\"'")
    if _PATH.fullmatch(bare) or _SWITCH.fullmatch(bare) or value in MARKS:
        return match[0]
    return start + REDACTED


def known_annotations(values: dict[str, str]) -> dict[str, str]:
    """The annotations on the allow-list; those of Datadog, which are free JSON, as the word "present"."""
    return {
        name: "present" if name.startswith("ad.datadoghq.com/") else redact_shapes(value)
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
        elif _ENV_NAME.fullmatch(key) and _may_name_credential(key) and not holds_secret(key):
            kept[key] = _hidden(value, key)
        elif (document := reduced(key, value)) is not None:
            kept[key] = document
        elif _FILE_NAME.fullmatch(key) and not holds_secret(key) and secret_shapes(value):
            kept[key] = REDACTED_CREDENTIAL
    return kept


def _may_name_credential(key: str) -> bool:
    return bool(_CREDENTIAL.search(key)) or names_credential(key)


def headers(listed: tuple[HTTPHeader, ...]) -> tuple[HTTPHeader, ...]:
    """The headers of a probe by name; of each value only whether it was a credential."""
    return tuple(
        HTTPHeader(header.name if _NAME.fullmatch(header.name) else REDACTED, _header_value(header))
        for header in listed
    )


def _header_value(header: HTTPHeader) -> str:
    if not header.value or header.value in MARKS:
        return header.value
    named = _HEADER.match(f"{header.name}: x") or names_credential(header.name)
    if (named and not _is_plain(header.value)) or has_credential(header.value):
        return REDACTED_CREDENTIAL
    return REDACTED


def probe_command(words: tuple[str, ...]) -> tuple[str, ...]:
    """Nothing of the command of a probe or hook but whether it contained a credential."""
    return (REDACTED_CREDENTIAL,) if REDACTED_CREDENTIAL in words or credentials_in(words) else ()


def credentials_in(words: tuple[str, ...]) -> tuple[str, ...]:
    """What holds a credential in a command line: the name of a flag or variable, or "" for one of a known form.

    The command line may be redacted already; the result is the same.
    """
    found: dict[str, None] = {}
    previous = ""
    for word in arguments(words):
        flag = _FLAG_ALONE.fullmatch(previous)
        if word == REDACTED and flag and names_credential(flag[1]):
            found.setdefault(previous)
        if REDACTED_CREDENTIAL in word:
            named = _NAMED_FLAG.match(word)
            found.setdefault(named[1] if named else "")
        for pair in _REMOVED.finditer(word):
            if names_credential(pair[1]):
                found.setdefault(pair[1])
        previous = word
    return tuple(found)


def networks(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Address ranges; anything else is redacted."""
    return tuple(text if _NETWORK.fullmatch(text) else REDACTED for text in texts)


def rule_labels(labels: dict[str, str]) -> dict[str, str]:
    """The label `severity` of an alert; all others are dropped."""
    return {name: value for name, value in labels.items() if name == "severity"}


def expression(text: int | str) -> int | str:
    """An expression or query without credentials."""
    return redact_random(redact_shapes(text)) if isinstance(text, str) else text
