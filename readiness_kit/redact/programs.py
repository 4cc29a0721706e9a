"""Where programs take a credential on their command line: short flags, operands, and standard input."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from readiness_kit.redact.names import names_credential

ATTACHED = frozenset("mysql mariadb mysqldump mysqladmin mysqlimport mysqlcheck 7z 7za 7zr".split())
"""Programs that take the password in the same word only: `-pV`."""
_LOGIN = frozenset("docker podman nerdctl helm oras crane skopeo az regctl".split())
"""Programs of which `-p` is a password only in `login`."""
_FLAGS = {
    **dict.fromkeys("mongo mongosh mongodump mongorestore mongoexport mongoimport cqlsh sshpass".split(), "-p"),
    "curl": "-b",
    "influx": "-t",
    "openssl": "-k",
    "sendemail": "-xp",
    "swaks": "-ap",
    **dict.fromkeys("ldapsearch ldapmodify ldapadd ldapdelete ldapwhoami ldapcompare ldappasswd".split(), "-w"),
    **dict.fromkeys("redis-cli valkey-cli redis-benchmark".split(), "-a"),
    **dict.fromkeys("sqlcmd bcp isql zip unzip zipcloak ipmitool".split(), "-P"),
    **dict.fromkeys("snmpget snmpwalk snmpbulkwalk snmpset".split(), "-c"),
    **dict.fromkeys(ATTACHED, "-p"),
}
USER_PROGRAMS = frozenset("curl wget http https xh smbclient etcdctl influx lftp".split())
"""Programs with `-u USER:PASSWORD`, `-U USER%PASSWORD`, `-a USER:PASSWORD` or `-u USER,PASSWORD`."""
_SHELLS = frozenset("sh bash ash dash zsh ksh".split())

_OPERANDS = {
    program: [pattern.split() for pattern in patterns.split(", ")]
    for program, patterns in {
        "vault": "login !",
        "rclone": "obscure !",
        "htpasswd": "? ? !",
        "mc": "alias set ? ? ? !, config host add ? ? ? !",
        "rabbitmqctl": "add_user ? !, change_password ? !, authenticate_user ? !",
        "redis-cli": "auth ? !, auth !, config set requirepass !, config set masterauth !",
        "valkey-cli": "auth ? !, auth !, config set requirepass !, config set masterauth !",
        "chpasswd": "!",
    }.items()
}
"""The words after a program other than flags: `?` is any word, `!` is the credential."""
_SETTINGS = frozenset({"config", "configure"})
"""Subcommands that are followed by names of settings and their values: `aws configure set NAME VALUE`."""
_FROM_STANDARD_INPUT = re.compile(r"--(?:password|passphrase|token)-(?:stdin|fd)|\blogin -(?:\s|$)|\bchpasswd\b")


def names(words: Iterable[str]) -> set[str]:
    """The words as names of programs, without quotes and folders."""
    return {word.strip("'\"()`$").rpartition("/")[2] for word in words}


def uses_shell(programs: set[str]) -> bool:
    """Whether a shell expands `$NAME` in the words."""
    return not programs.isdisjoint(_SHELLS)


def secret_flags(programs: set[str]) -> tuple[set[str], bool]:
    """The short flags that give a password to these programs, and whether only in the same word."""
    flags = {_FLAGS[name] for name in programs & _FLAGS.keys()}
    if "login" in programs and not programs.isdisjoint(_LOGIN):
        flags.add("-p")
    return flags, not programs.isdisjoint(ATTACHED)


def secret_operands(words: Sequence[str]) -> set[int]:
    """The positions of the words that are credentials by their place after a program: `vault login V`."""
    programs = [word.strip("'\"()`$").rpartition("/")[2] for word in words]
    found: set[int] = set()
    at = next((index for index, name in enumerate(programs) if name in _OPERANDS), None)
    if at is not None and (programs[at] != "htpasswd" or any(_is_batch(word) for word in words)):
        operands = [index for index in range(at + 1, len(words)) if not words[index].startswith("-")]
        for pattern in _OPERANDS[programs[at]]:
            found.update(_matched(pattern, operands, programs))
    return found | set(_settings(words, programs))


def _matched(pattern: list[str], operands: list[int], programs: list[str]) -> Iterator[int]:
    if len(operands) < len(pattern):
        return
    pairs = list(zip(pattern, operands, strict=False))
    if all(expected in ("?", "!") or programs[index] == expected for expected, index in pairs):
        yield from (index for expected, index in pairs if expected == "!" and "=" not in programs[index])


def _settings(words: Sequence[str], programs: list[str]) -> Iterator[int]:
    start = next((index for index, name in enumerate(programs) if name in _SETTINGS), len(words))
    for index in range(start + 1, len(words) - 1):
        name = words[index].strip("'\"")
        if names_credential(name) and not name.startswith("-") and not words[index + 1].startswith("-"):
            yield index + 1


def _is_batch(word: str) -> bool:
    """Whether a flag of `htpasswd` puts the password on the command line: `-b`, `-bc`."""
    return word.startswith("-") and not word.startswith("--") and "b" in word


def reads_secret(command: str) -> bool:
    """Whether a command of a pipeline reads a credential from its standard input."""
    return bool(_FROM_STANDARD_INPUT.search(command))
