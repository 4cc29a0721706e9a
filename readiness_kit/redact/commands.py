"""Command lines and shell scripts without the credentials that they give to programs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from readiness_kit.kinds.marks import MARKS, REDACTED, REDACTED_CREDENTIAL, is_redacted
from readiness_kit.redact.names import is_sensitive, is_sensitive_header, names_credential
from readiness_kit.redact.shapes import cut, redact_random, redact_shapes, secret_shapes

_FLAG_ALONE = re.compile(r"--?([A-Za-z][\w.-]*)")
_NAMED = re.compile(
    r"(?<![\w/.-])(?:-{1,2}(?P<flag>[A-Za-z][\w.-]*+)(?:\s*=\s*|\s+(?=[^-\s]))"
    r"|(?P<name>[A-Za-z_][\w.-]*+)(?:\s?=\s?|\s*:\s+))"
)
_VALUE = re.compile(r"\"[^\"]*\"|'[^']*'|[^\s\"'&;|<>]+")
_FIELD = re.compile(r"\\?[\"']([A-Za-z_][\w.-]*+)\\?[\"']\s*:\s*")
_FIELD_VALUE = re.compile(r"\\?\"(?:[^\"\\]|\\[^\"])*+\\?\"|'[^']*'|[^\s,\"'{}\[\]\\]+")
_HEADER_START = re.compile(r"(?<![\w-])(?:-H)?([A-Za-z][\w-]*+)\s*:\s*")
_HEADER_VALUE = re.compile(r"[^\"'\n\\]+")
PATH = re.compile(r"(?:/|\./|file:|\$[\w({])[\w./(){}$:-]*")
SWITCH = re.compile(r"(?i)true|false|on|off|yes|no|none|null|enabled?|disabled?|basic|bearer|oidc|jwt|api_?key|0|1")
REFERENCE = re.compile(r"\$(?:\([A-Za-z_][\w.-]*\)|\{[A-Za-z_]\w*\}|[A-Za-z_]\w*)")
_REMOVED = re.compile(r"(?<![\w.])(-{0,2}[A-Za-z_][\w.-]{0,63})\\?[\"']?\s?(?:[=:]\s{0,4}|\s)\\?[\"']?\[redacted\]")
_NAMED_FLAG = re.compile(r"(-{1,2}[A-Za-z][\w.-]{0,63})=")
_COMMAND = re.compile(r"[^\n|;&]+")
_SHORT_FLAG = re.compile(r"(?<![^\s'\"])(?P<flag>-[A-Za-z])(?:=|(?P<apart>\s+)(?!-))?")
_SHORT_VALUE = re.compile(r"\\?\"[^\"\\]*\\?\"|'[^']*'|[^\s\"'\\]+")
_USER = re.compile(r"(?<!\S)(--(?:proxy-)?user(?:pass|pwd)?|--auth)([=\s]\s*)([\"']?[^\s:'\"%]+:)([^\s'\"]+)")
_SHORT_USER = re.compile(r"(?<!\S)(-[uUa])(=|\s*)([\"']?[^\s:'\"%]+[:%])([^\s'\"]+)")
_PASS_SOURCE = re.compile(r"(?<![\w:/])(pass:)[^\s'\"]+")

_ATTACHED = "mysql mariadb mysqldump mysqladmin mysqlimport mysqlcheck".split()
"""Programs that take the password in the same word only: `-pV`."""
_LOGIN = "docker podman nerdctl helm oras crane skopeo az regctl".split()
"""Programs of which `-p` is a password only in `login`."""
_FLAGS = {
    **dict.fromkeys("mongo mongosh mongodump mongorestore mongoexport mongoimport cqlsh sshpass".split(), "-p"),
    "curl": "-b",
    **dict.fromkeys("ldapsearch ldapmodify ldapadd ldapdelete ldapwhoami ldapcompare ldappasswd".split(), "-w"),
    **dict.fromkeys("redis-cli valkey-cli redis-benchmark".split(), "-a"),
    **dict.fromkeys("sqlcmd bcp isql".split(), "-P"),
    **dict.fromkeys(_ATTACHED, "-p"),
}
_USER_PROGRAMS = frozenset("curl wget http https xh smbclient etcdctl influx".split())
"""Programs with `-u USER:PASSWORD`, `-U USER%PASSWORD` or `-a USER:PASSWORD`."""


Match = re.Match[str]
Replace = Callable[[Match], str]


def arguments(words: tuple[str, ...], program: tuple[str, ...] = ()) -> tuple[str, ...]:
    """A command line without the values of flags that give a credential; `program` are the words before it."""
    names = _names((*program, *words))
    flags, attached = _secret_flags(names)
    kept: list[str] = []
    previous = ""
    for word in words:
        flag = _FLAG_ALONE.fullmatch(previous)
        named, short = flag and is_sensitive(flag[1]), previous in flags and not attached
        if (named or short) and not _FLAG_ALONE.fullmatch(word):
            is_kept = word in MARKS or PATH.fullmatch(word) or (named and SWITCH.fullmatch(word))
            kept.append(word if is_kept else _mark(word) if short else REDACTED)
        elif flag and (pair := _user_pair(previous, word, names)):
            kept.append(pair)
        elif word[:2] in flags and len(word) > 2 and not word.startswith("--"):
            kept.append(word[:2] + _mark(word))
        else:
            kept.append(script(word))
        previous = word
    return words if tuple(kept) == words else tuple(kept)


@lru_cache(maxsize=16384)
def script(text: str) -> str:
    """One argument, possibly a shell script or the path of a URL, without credentials; cut to a bounded length."""
    text = cut(text)
    literal = secret_shapes(text) and secret_shapes(REFERENCE.sub("", text))
    text = redact_shapes(text, mark=REDACTED_CREDENTIAL if literal else REDACTED)
    if len(text) < 4:
        return text
    text = _headers(text)
    text = _COMMAND.sub(lambda command: _command(command[0]), text)
    text = _fields(text)
    text = _assignments(text)
    return redact_random(text)


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


def _names(words: Iterable[str]) -> set[str]:
    return {word.strip("'\"()`$").rpartition("/")[2] for word in words}


def _secret_flags(names: set[str]) -> tuple[set[str], bool]:
    """The short flags that give a password to these programs, and whether only in the same word."""
    flags = {_FLAGS[name] for name in names & _FLAGS.keys()}
    if "login" in names and not names.isdisjoint(_LOGIN):
        flags.add("-p")
    return flags, not names.isdisjoint(_ATTACHED)


def _command(text: str) -> str:
    """One command of a script without the passwords in its short flags and `user:password` pairs."""
    if "-" not in text and "pass:" not in text:
        return text
    names = _names(text.split())
    flags, attached = _secret_flags(names)
    if flags:
        text = _redacted_after(
            text,
            _SHORT_FLAG,
            lambda hit: hit["flag"] in flags and not (attached and hit["apart"]),
            _SHORT_VALUE,
            lambda value: value[0] if PATH.fullmatch(value[0].strip("\"'\\")) else _quoted(value, _mark(value[0])),
        )
    text = _USER.sub(_without_password, text)
    if not names.isdisjoint(_USER_PROGRAMS):
        text = _SHORT_USER.sub(_without_password, text)
    return _PASS_SOURCE.sub(lambda hit: hit[1] + _mark(hit[0]), text)


def _without_password(hit: Match) -> str:
    kept = hit[0][: hit.start(4) - hit.start()]
    return hit[0] if _is_no_password(hit[3].strip("\"'")[:-1], hit[4]) else kept + _mark(hit[4])


def _is_no_password(user: str, password: str) -> bool:
    """Whether `user:password` is a URL, a numeric user and group, or a user of Kubernetes."""
    return password.startswith("//") or (user.isdigit() and password.isdigit()) or user == "system"


def _user_pair(flag: str, word: str, names: set[str]) -> str:
    """`user:[redacted]` for the word after `--user`, empty where it is no such pair."""
    joined = f"{flag} {word}"
    hit = _USER.fullmatch(joined) or (_SHORT_USER.fullmatch(joined) if not names.isdisjoint(_USER_PROGRAMS) else None)
    return _without_password(hit).removeprefix(f"{flag} ") if hit else ""


def _headers(text: str) -> str:
    """The text without the values of headers such as `Authorization: V`, to the end of the line or quote."""
    return _redacted_after(
        text, _HEADER_START, lambda hit: is_sensitive_header(hit[1]), _HEADER_VALUE, lambda value: _mark(value[0])
    )


def _fields(text: str) -> str:
    """The text without the values of fields of JSON, or of Python's form of it, with the name of a credential."""
    return _redacted_after(
        text,
        _FIELD,
        lambda hit: is_sensitive(hit[1]),
        _FIELD_VALUE,
        lambda value: (
            value[0] if is_redacted(value[0]) or value[0] in ("null", "true", "false") else _quoted(value, REDACTED)
        ),
    )


def _assignments(text: str) -> str:
    """The text without the values of `--flag=V`, `--flag V`, `NAME=V` and `name: V`, however often these are nested."""
    return _redacted_after(text, _NAMED, lambda hit: is_sensitive(hit["flag"] or hit["name"]), _VALUE, _assigned)


def _mark(text: str) -> str:
    """The mark for a removed text: a reference to a variable (`$TOKEN`) is not a credential."""
    return REDACTED if REDACTED in text or "$" in text else REDACTED_CREDENTIAL


def _quoted(value: Match, mark: str) -> str:
    """The mark in the quotes of the value."""
    quote = "'" if value[0].startswith("'") else '\\"' if value[0].startswith("\\") else '"'
    return f"{quote}{mark}{quote}" if value[0].startswith(quote) else mark


def _assigned(value: Match) -> str:
    text, bare = value[0], value[0].strip("\"'")
    if PATH.fullmatch(bare) or SWITCH.fullmatch(bare) or bare.startswith(MARKS):
        return text
    return REDACTED


def _redacted_after(
    text: str, names: re.Pattern[str], sensitive: Callable[[Match], bool], pattern: re.Pattern[str], redacted: Replace
) -> str:
    """The text with each value after a sensitive name replaced; names inside other values are found as well."""
    parts: list[str] = []
    done = position = 0
    while hit := names.search(text, position):
        position = hit.end()
        if sensitive(hit) and (value := pattern.match(text, position)):
            parts += (text[done : value.start()], redacted(value))
            done = position = value.end()
    return "".join((*parts, text[done:])) if parts else text
