"""Command lines and shell scripts without the credentials that they give to programs."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from readiness_kit.kinds.marks import MARKS, REDACTED, REDACTED_CREDENTIAL, is_redacted
from readiness_kit.redact import programs, statements
from readiness_kit.redact.names import is_sensitive, is_sensitive_header, names_credential
from readiness_kit.redact.shapes import cut, redact_random, redact_shapes, secret_shapes

_FLAG_ALONE = re.compile(r"--?([A-Za-z][\w.-]*)")
_NAMED = re.compile(
    r"(?<![\w/.-])(?:-{1,2}(?P<flag>[A-Za-z][\w.-]*+)(?:\s*=\s*|\s+(?=[^-\s]))"
    r"|\.?(?P<name>[A-Za-z_][\w.-]*+)(?:\s?\|?=>?\s?|\s*:(?:\s+|\s*(?=[\"'`]))))"
)
_VALUE = re.compile(r"(?:\$|[bBfFrRuU]{1,2})?(?:\"[^\"]*\"|'[^']*'|`[^`]*`)|[^\s\"'&;|<>]+")
_FIELD = re.compile(r"\\?[\"']([A-Za-z_][\w.-]*+)\\?[\"']\s*(?::|=>|\]\s*=(?!=)|,\s*(?=[\"']))\s*")
_FIELD_VALUE = re.compile(r"[bBfFrRuU]{0,2}(?:\\?\"(?:[^\"\\]|\\[^\"])*+\\?\"|'[^']*'|`[^`]*`)|[^\s,\"'`{}\[\]\\]+")
_HEADER_START = re.compile(r"(?<![\w-])(?:-H)?([A-Za-z][\w-]*+)\s*:\s*")
_HEADER_FLAG = re.compile(r"(?<=header=)([A-Za-z][\w-]*+)=")
_HEADER_VALUE = re.compile(r"[^\"'\n\\]+")
PATH = re.compile(r"(?:/|\./|file:|\$[\w({])[\w./(){}$:-]*")
SWITCH = re.compile(r"(?i)true|false|on|off|yes|no|none|null|enabled?|disabled?|basic|bearer|oidc|jwt|api_?key|0|1")
REFERENCE = re.compile(r"\$(?:\([A-Za-z_][\w.-]*\)|\{[A-Za-z_]\w*\}|[A-Za-z_]\w*)")
EXPANDED = re.compile(r"\$(?:\([A-Za-z_][\w.-]*\)|\{[A-Za-z_]\w*\})")
"""A reference to a variable that is not a shell's: a value such as `$ecret` is a literal outside a shell."""
_SUBSTITUTION = re.compile(r"\$[\w({]|`")
_REMOVED = re.compile(r"(?<![\w.])(-{0,2}+[A-Za-z_][\w.-]{0,63}+)\\?[\"']?\s?(?:[=:]\s{0,4}|\s)\\?[\"']?\[redacted\]")
_NAMED_FLAG = re.compile(r"(-{1,2}[A-Za-z][\w.-]{0,63})=")
_WHOLE_FLAG = re.compile(r"-{1,2}([A-Za-z][\w.-]*+)=")
_COMMAND = re.compile(r"[^\n|;&]+")
_WORD = re.compile(r"\"[^\"]*\"|'[^']*'|[^\s\"']+")
_PRINTED = re.compile(r"[\s({]*(?:echo|printf)\s+(?:-[neE]+\s+)*(?=\S)")
_PRINTED_TEXT = re.compile(r"(?:\"[^\"]*\"|'[^']*'|[^\s>\"')])+(?:\s+(?:\"[^\"]*\"|'[^']*'|[^\s>\"')])+)*+")
_HERE_STRING = re.compile(r"<<<\s*(\"[^\"]*\"|'[^']*'|[^\s\"'<>]+)")
_HERE_DOCUMENT = re.compile(r"(?<!<)<<-?\s?[\"']?(\w{1,64})[\"']?(?=[\s>|;&)]|$)")
_LOGS_IN = re.compile(r"(?i)[\"']?auth\s")
_LITERAL = re.compile(r"(--from-literal[=\s]\s?[\"']?[\w.-]{1,256}=)([^\s\"']+)")
_SHORT_FLAG = re.compile(
    r"(?<![^\s'\"])(?P<flag>-(?:(?:[ax]p|hmac)(?=\s)|hp|-(?:data|patch|secret-string|value)(?=[\s=])|[A-Za-z]))"
    r"(?:=|(?P<apart>\s+)(?!-))?"
)
_SHORT_VALUE = re.compile(r"\\?\"[^\"\\]*\\?\"|'[^']*'|[^\s\"'\\]+")
_USER = re.compile(r"(?<!\S)(--(?:proxy-)?user(?:pass|pwd)?|--auth|--cert)([=\s]\s*)([\"']?[^\s:'\"%]+:)([^\s'\"]+)")
_SHORT_USER = re.compile(r"(?<!\S)(-[uUaAEP])(=|\s*)([\"']?[^\s:'\"%,]+[:%,])([^\s'\"]+)")
_PASS_SOURCE = re.compile(r"(?<![\w:/])(pass:)[^\s'\"]+")

Match = re.Match[str]
Replace = Callable[[Match], str]


def arguments(words: tuple[str, ...], program: tuple[str, ...] = ()) -> tuple[str, ...]:
    """A command line without the values of flags and operands that give a credential; `program` is before `words`."""
    names = programs.names((*program, *words))
    flags, attached = programs.secret_flags(names)
    operands = {index - len(program) for index in programs.secret_operands((*program, *words))}
    shell = programs.uses_shell(names)
    kept: list[str] = []
    previous = ""
    for index, word in enumerate(words):
        flag = _FLAG_ALONE.fullmatch(previous)
        named, short = flag and is_sensitive(flag[1]), previous in flags and not attached
        if index in operands or ((named or short) and not _FLAG_ALONE.fullmatch(word)):
            is_kept = word in MARKS or PATH.fullmatch(word) or (named and SWITCH.fullmatch(word))
            kept.append(word if is_kept else REDACTED if named else _mark(word, shell=shell))
        elif flag and (pair := _user_pair(previous, word, names, shell)):
            kept.append(pair)
        elif attached_flag := next((flag for flag in flags if _is_attached(word, flag)), ""):
            kept.append(attached_flag + _mark(word[len(attached_flag) :], shell=shell))
        elif (hit := _SHORT_USER.fullmatch(word)) and hit[1] in programs.user_flags(names):
            kept.append(_without_password(hit, shell=shell))
        else:
            kept.append(_word(word, previous, names))
        previous = word
    return words if tuple(kept) == words else tuple(kept)


def _is_attached(word: str, flag: str) -> bool:
    """Whether a word is a flag that is followed by its value without a space: `-pV`."""
    return word.startswith(flag) and len(word) > len(flag) and flag[1] != "-" and not word.startswith(f"{flag}-")


def _word(word: str, previous: str, names: set[str]) -> str:
    """One word of a command line; the value of a flag may have spaces, and a script belongs to its program."""
    if (flag := _WHOLE_FLAG.match(word)) and is_sensitive(flag[1]) and any(map(str.isspace, word)):
        value = word[flag.end() :]
        return word if _is_reference(value) or value in MARKS else word[: flag.end()] + REDACTED
    if previous == "--from-literal" or programs.puts_entry(names):
        name, sign, value = word.partition("=")
        if sign and not _is_reference(value) and not value.startswith(("@", *MARKS)):
            return name + sign + (REDACTED if previous == "--from-literal" else REDACTED_CREDENTIAL)
    if interpreter := programs.interpreter(names, previous):
        return script(f"{interpreter} {word}").removeprefix(f"{interpreter} ")
    return script(word)


def _is_reference(value: str) -> bool:
    return bool(REFERENCE.fullmatch(value.strip("\"'"))) or value.startswith(("$(", "`"))


@lru_cache(maxsize=16384)
def script(text: str) -> str:
    """One argument, possibly a shell script or the path of a URL, without credentials; cut to a bounded length."""
    text = cut(text)
    literal = secret_shapes(text) and secret_shapes(REFERENCE.sub("", text))
    text = redact_shapes(text, mark=REDACTED_CREDENTIAL if literal else REDACTED)
    if len(text) < 4:
        return text
    text = _headers(text)
    text = _commands(text)
    text = statements.redacted(text)
    text = _fields(text)
    text = _assignments(text)
    text = _here_documents(text)
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


def _commands(text: str) -> str:
    """The commands of a script, each without its credentials; what one prints for the next may be one, too."""
    found = list(_COMMAND.finditer(text))
    parts: list[str] = []
    done = 0
    for command, following in zip(found, (*found[1:], None), strict=True):
        parts.append(text[done : command.start()])
        piped = following is not None and text[command.end() : following.start()] == "|"
        parts.append(_printed(command[0], following[0] if following and piped else "") or _command(command[0]))
        done = command.end()
    return "".join((*parts, text[done:]))


def _printed(command: str, reader: str) -> str:
    """An `echo` or `printf` without its operands where a credential is printed; "" for every other command."""
    start = _PRINTED.match(command)
    value = start and _PRINTED_TEXT.match(command, start.end())
    if not start or not value or is_redacted(value[0]) or REFERENCE.search(value[0]) or "`" in value[0]:
        return ""
    if programs.reads_secret(reader) or programs.writes_secret(command):
        mark = REDACTED_CREDENTIAL
    elif programs.may_read_secret(reader) or _LOGS_IN.match(value[0]):
        mark = REDACTED
    else:
        return ""
    return f"{start[0]}{mark}{command[value.end() :] or ' '}" if value.end() < len(command) else f"{start[0]}{mark}"


def _here_documents(text: str) -> str:
    """The text without its here-documents, but for scripts that a shell reads."""
    parts: list[str] = []
    done = 0
    while (start := _HERE_DOCUMENT.search(text, done)) and (line := text.find("\n", start.end())) >= 0:
        end = text.find(f"\n{start[1]}", line)
        end = len(text) if end < 0 else end
        body, begin = text[line + 1 : end], text.rfind("\n", done, start.start()) + 1
        command = text[max(begin, done) : line]
        if body in ("", *MARKS) or programs.uses_shell(programs.names(command.split())):
            parts.append(text[done:end])
        else:
            certain = programs.writes_secret(command) or REDACTED_CREDENTIAL in body
            certain = certain or any(names_credential(pair[1]) for pair in _REMOVED.finditer(body))
            parts += (text[done : line + 1], REDACTED_CREDENTIAL if certain else REDACTED)
        done = end
    return "".join((*parts, text[done:]))


def _command(text: str) -> str:
    """One command of a script without the passwords in its short flags and `user:password` pairs."""
    text = _operands(text)
    if "<<<" in text:
        text = _HERE_STRING.sub(lambda hit: _here_string(hit, text), text)
    if "-" not in text and "pass:" not in text:
        return text
    names = programs.names(text.split())
    flags, attached = programs.secret_flags(names)
    if flags:
        text = _redacted_after(
            text,
            _SHORT_FLAG,
            lambda hit: hit["flag"] in flags and not (attached and hit["apart"]),
            _SHORT_VALUE,
            lambda value: value[0] if PATH.fullmatch(value[0].strip("\"'\\")) else _quoted(value, _mark(value[0])),
        )
    text = _USER.sub(_without_password, text)
    if pairs := programs.user_flags(names):
        text = _SHORT_USER.sub(lambda hit: _without_password(hit) if hit[1] in pairs else hit[0], text)
    text = _LITERAL.sub(lambda hit: hit[0] if hit[2].startswith(("$", "`", *MARKS)) else hit[1] + REDACTED, text)
    return _PASS_SOURCE.sub(lambda hit: hit[1] + _mark(hit[0]), text)


def _here_string(hit: Match, command: str) -> str:
    if _is_reference(hit[1]) or is_redacted(hit[1]):
        return hit[0]
    mark = REDACTED_CREDENTIAL if programs.reads_secret(command) else REDACTED
    return hit[0][: hit.start(1) - hit.start()] + mark


def _operands(text: str) -> str:
    """One command of a script without the credentials that are known by their place."""
    words = list(_WORD.finditer(text))
    parts: list[str] = []
    done = 0
    for index in sorted(programs.secret_operands([word[0] for word in words])):
        word = words[index]
        if not PATH.fullmatch(word[0].strip("\"'")) and not word[0].startswith("`"):
            parts += (text[done : word.start()], _quoted(word, _mark(word[0])))
            done = word.end()
    return "".join((*parts, text[done:]))


def _without_password(hit: Match, *, shell: bool = True) -> str:
    kept = hit[0][: hit.start(4) - hit.start()]
    mark = _mark(hit[4], shell=shell and not hit[3].startswith("'"))
    return hit[0] if _is_no_password(hit[3].strip("\"'")[:-1], hit[4]) else kept + mark


def _is_no_password(user: str, password: str) -> bool:
    """Whether `user:password` is a URL, a numeric user and group, or a user of Kubernetes."""
    return password.startswith("//") or (user.isdigit() and password.isdigit()) or user == "system"


def _user_pair(flag: str, word: str, names: set[str], shell: bool) -> str:
    """`user:[redacted]` for the word after `--user`, empty where it is no such pair."""
    joined = f"{flag} {word}"
    short = _SHORT_USER.fullmatch(joined) if flag in programs.user_flags(names) else None
    hit = _USER.fullmatch(joined) or short
    return _without_password(hit, shell=shell).removeprefix(f"{flag} ") if hit else ""


def _headers(text: str) -> str:
    """The text without the values of headers such as `Authorization: V`, to the end of the line or quote."""
    for start in (_HEADER_START, _HEADER_FLAG):
        text = _redacted_after(
            text, start, lambda hit: is_sensitive_header(hit[1]), _HEADER_VALUE, lambda value: _mark(value[0])
        )
    return text


def _fields(text: str) -> str:
    """The text without the values of fields of JSON, or of Python's form of it, with the name of a credential."""

    def redacted(value: Match) -> str:
        is_kept = is_redacted(value[0]) or value[0] in ("null", "true", "false")
        return value[0] if is_kept else _quoted(value, REDACTED)

    return _redacted_after(
        text, _FIELD, lambda hit: is_sensitive(hit[1]) or is_sensitive_header(hit[1]), _FIELD_VALUE, redacted
    )


def _assignments(text: str) -> str:
    """The text without the values of `--flag=V`, `--flag V`, `NAME=V` and `name: V`, however often these are nested."""
    return _redacted_after(text, _NAMED, lambda hit: is_sensitive(hit["flag"] or hit["name"]), _VALUE, _assigned)


def _mark(text: str, *, shell: bool = True) -> str:
    """The mark for a removed text: a reference to a variable (`$TOKEN`) is not a credential.

    Without a shell only `$(NAME)` is a reference, which Kubernetes resolves, and nothing is in single quotes.
    """
    if REDACTED in text:
        return REDACTED
    if not shell:
        return REDACTED if EXPANDED.search(text) else REDACTED_CREDENTIAL
    literal = text.startswith("'") and text.endswith("'")
    return REDACTED if not literal and _SUBSTITUTION.search(text) else REDACTED_CREDENTIAL


def _quoted(value: Match, mark: str) -> str:
    """The mark in the quotes of the value."""
    text = value[0].lstrip("$bBfFrRuU")
    quote = '\\"' if text.startswith('\\"') else text[:1]
    return f"{quote}{mark}{quote}" if quote in ("'", '"', "`", '\\"') and text.endswith(quote) else mark


def _assigned(value: Match) -> str:
    text, bare = value[0], value[0].strip("\"'")
    substituted = bare.startswith("`") and value.string[value.start() - 1] in "=\"'"
    if substituted or PATH.fullmatch(bare) or SWITCH.fullmatch(bare) or bare.startswith(MARKS):
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
