"""Where programs take a credential on their command line: short flags, operands, and standard input."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from readiness_kit.kinds.marks import is_redacted
from readiness_kit.redact.names import is_sensitive, names_credential

ATTACHED = frozenset("mysql mariadb mysqldump mysqladmin mysqlimport mysqlcheck 7z 7za 7zr rar unrar".split())
"""Programs that take the password in the same word only: `-pV`."""
_WITHIN: tuple[tuple[frozenset[str], frozenset[str], str], ...] = tuple(
    (frozenset(programs.split()), frozenset(subcommands.split()), flags)
    for programs, subcommands, flags in (
        ("docker podman nerdctl helm oras crane skopeo az regctl oc cf", "login", "-p"),
        ("kubectl oc", "patch secret", "-p --patch"),
        ("kubectl oc", "patch secrets", "-p --patch"),
        ("az", "sql", "-P"),
        ("airflow", "users create", "-p"),
        ("aws", "put-parameter", "--value"),
        ("aws", "secretsmanager", "--secret-string"),
        ("az", "keyvault secret", "--value"),
        ("gcloud", "secrets", "--data"),
        ("iscsiadm", "node.session.auth.password", "-v"),
        ("k3s", "agent", "-t"),
    )
)
"""Programs, subcommands, and the flags that give a credential where all of the subcommands occur."""
_FLAGS = {
    **dict.fromkeys("mongo mongosh mongodump mongorestore mongoexport mongoimport cqlsh sshpass".split(), "-p"),
    **dict.fromkeys("cypher-shell couchbase-cli cbq rabbitmqadmin rdesktop useradd usermod".split(), "-p"),
    "curl": "-b",
    "doctl": "-t",
    "influx": "-t -p",
    "openssl": "-k -K -hmac",
    **dict.fromkeys("sendemail sendEmail".split(), "-xp"),
    "swaks": "-ap",
    "ssh-keygen": "-N -P",
    **dict.fromkeys("ldapsearch ldapmodify ldapadd ldapdelete ldapwhoami ldapcompare".split(), "-w"),
    "ldappasswd": "-w -s -a",
    "slappasswd": "-s",
    **dict.fromkeys("redis-cli valkey-cli redis-benchmark".split(), "-a"),
    **dict.fromkeys("sqlcmd bcp isql zip unzip zipcloak ipmitool mosquitto_pub mosquitto_sub".split(), "-P"),
    **dict.fromkeys("snmpget snmpwalk snmpbulkwalk snmpset".split(), "-c -A -X"),
    **dict.fromkeys(ATTACHED, "-p"),
    **dict.fromkeys("rar unrar".split(), "-p -hp"),
}
_USER_FLAGS = {
    **dict.fromkeys("wget http https xh smbclient etcdctl influx lftp".split(), "-u -U -a"),
    "curl": "-u -U -E",
    "ab": "-A -P",
    "hey": "-a",
}
"""Flags with `USER:PASSWORD`, `USER%PASSWORD` or `USER,PASSWORD`."""
_INTERPRETERS = {"lftp": ("-c", "-e"), "expect": ("-c",), **dict.fromkeys("sqlplus sqlldr expdp impdp".split(), ())}
"""Programs and the flags before a text in their own language; without flags, each word is."""
_SHELLS = frozenset("sh bash ash dash zsh ksh".split())

_OPERANDS = {
    program: [pattern.split() for pattern in patterns.split(", ")]
    for program, patterns in {
        "vault": "login !, operator unseal !, unseal !, unwrap !, token lookup !, token revoke !, token renew !",
        "rclone": "obscure !",
        "htpasswd": "? ? !",
        "mosquitto_passwd": "? ? !",
        "mc": "alias set ? ? ? !, config host add ? ? ? !, admin user add ? ? !",
        "rabbitmqctl": "add_user ? !, change_password ? !, authenticate_user ? !",
        "redis-cli": "auth ? !, auth !, config set requirepass !, config set masterauth !",
        "valkey-cli": "auth ? !, auth !, config set requirepass !, config set masterauth !",
        "chpasswd": "!",
        "mkpasswd": "!, ? !",
        "openssl": "passwd !",
        "isql": "? ? !",
        "cf": "auth ? !",
        "grafana-cli": "admin reset-admin-password !",
        "grafana": "cli admin reset-admin-password !",
        "ngrok": "authtoken !, config add-authtoken !",
        "cloudflared": "service install !",
        "wpa_passphrase": "? !",
        "ansible-vault": "encrypt_string !",
        "neo4j-admin": "set-initial-password !, dbms set-initial-password !",
        "snyk": "auth !",
        "caddy": "hash-password !",
        "net": "use ? ? !",
        "etcdctl": "user add !",
        "zkCli.sh": "addauth digest !",
    }.items()
}
"""The words after a program other than flags: `?` is any word, `!` is the credential."""
_SETTINGS = frozenset({"config", "configure", "--arg", "--argjson"})
"""Words that are followed by names of settings and their values: `aws configure set NAME VALUE`."""
_STORES = frozenset("redis-cli valkey-cli etcdctl consul".split())
_WRITES = frozenset("set put setex hset SET SETEX HSET".split())
"""In a store, one of these is followed by the name of an entry and its value: `consul kv put NAME VALUE`."""
_FROM_STANDARD_INPUT = re.compile(
    r"--(?:(?:password|passphrase|token)-(?:stdin|fd)|with-token|stdin)\b|/dev/stdin\b|\blogin -(?:\s|$)"
    r"|\b(?:chpasswd|kinit|cryptsetup)\b|\bsudo\s+(?:-[A-RT-Za-z]\s+)*-\w{0,8}S"
)
_ENCODES = re.compile(
    r"\b(?:base64|openssl|(?:sha\d{1,3}|md5)sum|mkpasswd|htpasswd|argon2|gpg|nc|ncat|telnet|redis-cli)\b"
)
_TARGET = re.compile(
    r"(?<![<>&\d])1?>{1,2}\s*[\"']?([\w./~${}-]{1,1024})|\btee\s+(?:-a\s+)?[\"']?([\w./~${}-]{1,1024})"
)
_SECRET_FILES = frozenset({".netrc", "_netrc", ".my.cnf", "shadow", "authorized_keys"})


def names(words: Iterable[str]) -> set[str]:
    """The words as names of programs, without quotes and folders."""
    return {word.strip("'\"()`$").rpartition("/")[2] for word in words}


def uses_shell(programs: set[str]) -> bool:
    """Whether a shell expands `$NAME` in the words."""
    return not programs.isdisjoint(_SHELLS)


def secret_flags(programs: set[str]) -> tuple[set[str], bool]:
    """The flags that give a password to these programs, and whether only in the same word."""
    flags = {flag for name in programs & _FLAGS.keys() for flag in _FLAGS[name].split()}
    for names, subcommands, found in _WITHIN:
        if not programs.isdisjoint(names) and programs >= subcommands:
            flags.update(found.split())
    return flags, not programs.isdisjoint(ATTACHED)


def user_flags(programs: set[str]) -> set[str]:
    """The short flags that give a user and a password to these programs."""
    return {flag for name in programs & _USER_FLAGS.keys() for flag in _USER_FLAGS[name].split()}


def secret_operands(words: Sequence[str]) -> set[int]:
    """The positions of the words that are credentials by their place after a program: `vault login V`."""
    programs = [word.strip("'\"()`$").rpartition("/")[2] for word in words]
    found: set[int] = set()
    at = next((index for index, name in enumerate(programs) if name in _OPERANDS), None)
    if at is not None and (not programs[at].endswith("passwd") or _is_batch(programs[at], words)):
        operands = [index for index in range(at + 1, len(words)) if not words[index].startswith(("-", "<", ">"))]
        for pattern in _OPERANDS[programs[at]]:
            found.update(_matched(pattern, operands, programs))
        if programs[at] == "htpasswd" and any("n" in word for word in words if word.startswith("-")):
            found.update(operands[1:2])
    return found | set(_settings(words, programs))


def _matched(pattern: list[str], operands: list[int], programs: list[str]) -> Iterator[int]:
    if len(operands) < len(pattern):
        return
    pairs = list(zip(pattern, operands, strict=False))
    if all(expected in ("?", "!") or programs[index] == expected for expected, index in pairs):
        yield from (index for expected, index in pairs if expected == "!" and "=" not in programs[index])


def _settings(words: Sequence[str], programs: list[str]) -> Iterator[int]:
    known = _SETTINGS if _STORES.isdisjoint(programs) else _SETTINGS | _WRITES
    start = next((index for index, name in enumerate(programs) if name in known), len(words))
    secret = "--secret" in words
    for index in range(start + 1, len(words) - 1):
        name = words[index].strip("'\"")
        if name.startswith("-") or is_redacted(name) or words[index + 1].startswith("-") or "=" in words[index + 1]:
            continue
        if names_credential(name) or (secret and words[index - 1] == "--secret"):
            yield index + 1


def _is_batch(program: str, words: Sequence[str]) -> bool:
    """Whether a flag of `htpasswd` puts the password on the command line: `-b`, `-bc`."""
    flags = [word for word in words if word.startswith("-") and not word.startswith("--")]
    return program == "mkpasswd" or any("b" in word for word in flags)


def reads_secret(command: str) -> bool:
    """Whether a command of a pipeline reads a credential from its standard input."""
    return bool(_FROM_STANDARD_INPUT.search(command)) or writes_secret(command)


def may_read_secret(command: str) -> bool:
    """Whether a command encodes or sends its standard input, as is done with credentials."""
    return bool(_ENCODES.search(command))


def writes_secret(command: str) -> bool:
    """Whether a command writes to a file with the name of a credential: `> /run/secrets/x`, `tee ~/.pgpass`."""
    return any(_is_secret_file(hit[1] or hit[2]) for hit in _TARGET.finditer(command))


def _is_secret_file(path: str) -> bool:
    parts = path.split("/")
    return parts[-1] in _SECRET_FILES or any(is_sensitive(part.strip("._")) for part in parts if part)


def puts_entry(programs: set[str]) -> bool:
    """Whether every `NAME=VALUE` of the command line is written to a store of secrets: `vault kv put`."""
    return "vault" in programs and "kv" in programs and not programs.isdisjoint({"put", "patch"})


def interpreter(programs: set[str], flag: str) -> str:
    """The program whose own language the word after a flag is in; "" for all others."""
    found = (name for name, flags in _INTERPRETERS.items() if name in programs and (flag in flags or not flags))
    return next(found, "")
