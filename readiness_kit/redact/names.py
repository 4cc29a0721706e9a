"""Names that indicate a credential: of flags, variables, fields, headers, labels and parameters of a URL.

`names_credential` is exact, for evidence: it splits a name into words at `_`, `-`, `.` and changes of case, and leaves
out switches, paths, limits, user names, ids and public keys. `is_sensitive` is wider, for redaction.
"""

from __future__ import annotations

import re
from functools import lru_cache

MAX_NAME = 256
"""Characters; a longer name is sensitive, and names no certain credential."""

_WORD = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])")
_ANYWHERE = frozenset(
    """
    PASSWORD PASSWORDS PASSWD PASSPHRASE SECRET SECRETS TOKEN CREDENTIAL CREDENTIALS CREDS BEARER APIKEY APIKEYS
    CONNSTR CONNECTIONSTRING
    """.split()
)
_LAST = frozenset("AUTH CRED DSN JWT KEY KEYS PASS PSK PW PWD SAS TOKENS WEBHOOK WEBHOOKS".split())
"""Words that only count at the end of a name (`PASS_RATE`, `KEY_COUNT` and `AUTH_MODE` hold no credential)."""
_ENDINGS = frozenset("0 1 2 3 B64 BASE64 CONFIG CURRENT DATA JSON NEW OLD PEM PRIMARY SECONDARY VALUE".split())
"""Words after one of `_LAST` that leave it a credential: `DOCKER_AUTH_CONFIG`, `SIGNING_KEY_BASE64`."""
_COMPOUND = re.compile(
    r"(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS|WEBHOOK"
    r"|(?:API|ACCESS|ACCOUNT|AUTH|ENCRYPTION|LICENSE|MASTER|PRIVATE|SECRET|SHARED|SIGNING|STORAGE)KEYS?"
    r"|(?:ADMIN|APP|BIND|DB|LDAP|MONGO|MYSQL|PG|POSTGRES|REDIS|ROOT|SMTP|USER)(?:PASS|PW|PWD))$"
)
"""Endings of words that are written together (`PGPASSWORD`, `AUTHTOKEN`, `DBPASS`)."""
_HARMLESS_LAST = frozenset(
    """
    ALGORITHM ALIAS AUDIENCE BACKEND BITS CA CACHE CERT CHECK CLAIM CLASS COLUMN COUNT DAYS DELIMITER DIR DIRECTORY
    DISABLED DOMAIN DURATION EMAIL ENABLED ENCODING ENCRYPTION ENDPOINT EXPIRATION EXPIRY FIELD FILE FILES FINGERPRINT
    FORMAT GRANT HEADER HOST ID IDS INDEX INTERVAL ISSUER KIND LEEWAY LEN LENGTH LIMIT LOCATION METHOD MODE MOUNT NAME
    NAMES NAMESPACE PATH PATHS POLICY PORT PREFIX PROVIDER REF REGION REQUIRED RETRIES ROTATION SCOPE SCOPES SEPARATOR
    SERVER SIZE SOURCE STDIN STORE STRATEGY TEMPLATE TIMEOUT TTL TYPE URI URL URLS USER USERNAME USERS VALIDATION
    VERSION
    """.split()
)
_HARMLESS_FIRST = frozenset("ALLOW DISABLE ENABLE REQUIRE SKIP USE".split())
_HARMLESS_WORDS = frozenset("MAX MAXIMUM MIN MINIMUM PER PUBLIC PUBLISHABLE".split())
_NO_KEY_OF = frozenset(
    """
    ANNOTATION CACHE CONFIG FOREIGN GROUP INDEX LABEL MESSAGE OBJECT PARTITION PRIMARY PUB RANGE REGISTRY SHARD SITE
    SORT STATE TOPOLOGY
    """.split()
)
"""`CACHE_KEY`, `TOPOLOGY_KEY`: names of entries, not keys of cryptography."""
_NO_TOKEN_OF = frozenset("BOS COMPLETION CONTEXT CSRF EOS INPUT NUM OUTPUT PAD PROMPT STOP TOTAL UNK".split())
_PATHS = frozenset({"GOOGLE_APPLICATION_CREDENTIALS", "AWS_SHARED_CREDENTIALS_FILE", "PWD", "OLDPWD", "OLD_PWD"})
"""Variables that hold a path, as defined by the programs that read them."""


@lru_cache(maxsize=16384)
def names_credential(name: str) -> bool:
    """Whether a variable or flag of this name holds a credential."""
    if len(name) > MAX_NAME or name.upper() in _PATHS:
        return False
    words = [word.upper() for word in _WORD.split(name) if word]
    if not words or words[0] in _HARMLESS_FIRST or not _HARMLESS_WORDS.isdisjoint(words):
        return False
    if _is_webhook(words):
        return True
    if words[-1] in _HARMLESS_LAST:
        return False
    while len(words) > 1 and words[-1] in _ENDINGS:
        words.pop()
    return _is_named(words)


def _is_webhook(words: list[str]) -> bool:
    """The URL of a webhook is its credential, unlike other URLs."""
    return "WEBHOOK" in words[-2:] and words[-1] in ("WEBHOOK", "URL", "URI")


def _is_named(words: list[str]) -> bool:
    last, preceding = words[-1], words[-2] if len(words) > 1 else ""
    if last in ("KEY", "KEYS") and preceding in _NO_KEY_OF:
        return False
    if last in ("TOKEN", "TOKENS") and preceding in _NO_TOKEN_OF:
        return False
    joined = "_".join(words)
    return (
        not _ANYWHERE.isdisjoint(words)
        or last in _LAST
        or any(_COMPOUND.search(word) for word in words)
        or "CONNECTION_STRING" in joined
        or joined.endswith(("CONN_STRING", "CONN_STR"))
    )


_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_STRONG = (
    r"pass(?:word|wd|phrase|code)?|pwd?|secret|token|credentials?|creds?|api[-_.]?keys?|jwt|psk|cookie|otp|pat|sas|dsn"
    r"|session[-_.]?id"
)
_LAST_WORD = re.compile(rf"(?i)(?:^|[-_.])(?:{_STRONG}|auth|bearer|key|pin|signature|sig)s?$")
_LAST_WORD_STRONG = re.compile(rf"(?i)(?:^|[-_.])(?:{_STRONG})s?$")
_ENDING = re.compile(
    r"(?i)(?:[a-z0-9]pw|pwd|password|passwd|passphrase|secret|token|apikey|creds|masterauth|(?<!by)(?<!com)pass)$"
)
_INSIDE = re.compile(r"(?i)password|passwd|passphrase|secret|api[-_.]?key|token|credential")
_HARMLESS_ENDING = re.compile(
    r"(?i)(?:files?|paths?|dirs?|director(?:y|ies)|ttl|timeout|duration|interval|refs?|names?|namespace|class|type|mode"
    r"|enabled|disabled|encryption|policy|cert|size|length|count|issuer|audience|rotation|provider|algorithm|stdin)$"
)
_HARMLESS_NAME = re.compile(
    r"(?i)(?:^|[-_.])(?:(?:public|topology|sort|partition|label|cache)[-_.]key"
    r"|(?:max|min)[-_.](?:[\w.]{1,32}[-_.])?tokens"
    r"|tokens[-_.]per[-_.]\w{1,32})s?$"
)
_HEADER_NAME = re.compile(r"(?i)(?:proxy-)?authorization|(?:set-)?cookie|x-(?=[\w-]*?(?:key|token|secret|auth))[\w-]+")


@lru_cache(maxsize=16384)
def is_sensitive(name: str) -> bool:
    """Whether the value of a flag, variable or field with this name may be a credential."""
    if len(name) > MAX_NAME:
        return True
    words = _CAMEL.sub("-", name)
    if _HARMLESS_NAME.search(words):
        return False
    return bool(_LAST_WORD.search(words)) or _strong(words) or names_credential(name)


@lru_cache(maxsize=16384)
def is_sensitive_label(name: str) -> bool:
    """Whether the value of a label may be a credential; `auth` and `key` are ordinary words there."""
    words = _CAMEL.sub("-", name[-MAX_NAME:].rpartition("/")[2])
    return bool(_LAST_WORD_STRONG.search(words)) or _strong(words)


def is_sensitive_header(name: str) -> bool:
    """Whether a header of HTTP carries a credential."""
    return bool(_HEADER_NAME.fullmatch(name[:MAX_NAME]))


def _strong(words: str) -> bool:
    if _ENDING.search(words):
        return True
    ends = [found.end() for found in _INSIDE.finditer(words)]
    return bool(ends) and not _HARMLESS_ENDING.search(words, ends[-1])
