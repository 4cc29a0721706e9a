"""Every regular expression of the package with the methods it is used by, and hostile texts made from its parts."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import signal
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import FrameType
from typing import Any, NamedTuple

import readiness_kit

PACKAGE = Path(readiness_kit.__file__).parent
METHODS = ("search", "match", "fullmatch", "sub", "subn", "findall", "finditer", "split")
ANYWHERE = frozenset({"search", "sub", "subn", "findall", "finditer", "split"})
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)


class Found(NamedTuple):
    """A pattern and how it runs over a text: `anywhere` for a search, else anchored at the start."""

    where: str
    pattern: re.Pattern[Any]
    anywhere: bool


def all_patterns() -> list[Found]:
    """The compiled constants of all modules (in containers too) and the literals in calls such as `re.sub`."""
    sources = {path: path.read_text() for path in sorted(PACKAGE.rglob("*.py"))}
    called = _methods_called(sources.values())
    found = {(each.pattern.pattern, each.pattern.flags, each.anywhere): each for each in _constants(called)}
    for path, source in sources.items():
        for each in _calls(path, source) if _CALL.search(source) else ():
            found.setdefault((each.pattern.pattern, each.pattern.flags, each.anywhere), each)
    return list(found.values())


_CALL = re.compile(rf"\bre\.(?:{'|'.join(METHODS)})\(")


def _methods_called(sources: Iterable[str]) -> dict[str, set[str]]:
    """For each name, the methods for patterns that some module calls on it."""
    called: dict[str, set[str]] = {}
    for source in sources:
        for name, method in re.findall(rf"\b(\w+)\.({'|'.join(METHODS)})\(", source):
            called.setdefault(name, set()).add(method)
    return called


def _constants(called: dict[str, set[str]]) -> Iterator[Found]:
    for module in pkgutil.walk_packages([str(PACKAGE)], "readiness_kit."):
        if module.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            for pattern in _inside(value, 3):
                yield Found(f"{module.name}.{name}", pattern, _searched(called.get(name, set())))


def _searched(used: set[str]) -> bool:
    """Whether a constant with these calls is used for searching; one whose use is not recognised counts as such."""
    return not used or bool(used & ANYWHERE)


def _inside(value: Any, depth: int) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, dict):
        for item in value.values():
            yield from _inside(item, depth - 1)
    elif depth and isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _inside(item, depth - 1)


def _calls(path: Path, source: str) -> Iterator[Found]:
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        of = node.func.value
        if isinstance(of, ast.Name) and of.id == "re" and node.func.attr in METHODS:
            text = _literal(node.args[0])
            flags = next((_flags(word.value) for word in node.keywords if word.arg == "flags"), re.RegexFlag(0))
            if text is not None:
                where = f"{path.relative_to(PACKAGE)}:{node.lineno}"
                yield Found(where, re.compile(text, flags), node.func.attr in ANYWHERE)


def _literal(node: ast.expr) -> str | None:
    """The text of a literal; a placeholder of an f-string stands for the word `name`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "name" for part in node.values)
    return None


def _flags(node: ast.expr) -> re.RegexFlag:
    return re.RegexFlag(eval(ast.unparse(node), {"re": re}))  # noqa: S307  # our own sources


# --- hostile texts --------------------------------------------------------------------------------

KNOWN = ("a-", "--a=", "--a ", "a=", "a:", "a: ", "x-key-", "curl -u a ", "curl ", "sk-_", "sk-", "pa-A", "eyJ",
         "eyJa.", "a.", "a@", "a/",
          "/", "://", "://:", "http://", '"', "\\", '\\"', '"a":', "'", "[", "(", "{", "<", "</", "\n",
         " ", "\t", " \n", "#", "# ", "a b ", "-----BEGIN PRIVATE KEY-----", "BEGIN A ", "1.", "1", "A", "a", "_", "-",
         "aA1", "token", "token=", "password: ", "key-", "a:1:", "::", "=", "x-", "basic ", "Bearer ", "api_key_",
         ".svc", "[redacted]", "&&", "é", "POD{")  # fmt: skip


def hostile(pattern: re.Pattern[Any]) -> Iterator[tuple[str, str, str]]:
    """(start, unit, end): texts of `start + unit * n + end` that come close to a match again and again."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    tree = parser.parse(text, pattern.flags & ~re.UNICODE)
    units: dict[tuple[str, str, str], None] = {}
    whole = _sample(tree)
    for before, body in _repeated(tree, ""):
        for unit in (body, before + body, body + before):
            for start in (before, ""):
                for end in ("\0", "!", " "):
                    units.setdefault((start, unit, end))
    for size in (1, max(1, len(whole) // 2), max(1, len(whole) - 1), len(whole)):
        units.setdefault(("", whole[:size], "\0"))
    for unit in KNOWN:
        units.setdefault(("", unit, "\0"))
        units.setdefault((whole[:-1], unit, "\0"))
    return (each for each in units if each[1])


def _repeated(tree: Iterable[Any], before: str) -> Iterator[tuple[str, str]]:
    for operator, value in tree:
        if operator in _REPEATS:
            body = value[2]
            if value[1] > 16:
                yield before, _sample(body) or "a"
            yield from _repeated(body, before)
        elif operator is codes.SUBPATTERN:
            yield from _repeated(value[3], before)
        elif operator is codes.BRANCH:
            for branch in value[1]:
                yield from _repeated(branch, before)
        elif operator in (codes.ATOMIC_GROUP,):
            yield from _repeated(value, before)
        elif operator in (codes.ASSERT, codes.ASSERT_NOT):
            yield from _repeated(value[1], before)
        before += _sample([(operator, value)])


def _sample(tree: Iterable[Any]) -> str:
    """One text that the parts match, more or less."""
    text = ""
    for operator, value in tree:
        if operator is codes.LITERAL:
            text += chr(value)
        elif operator is codes.NOT_LITERAL:
            text += "b" if value == ord("a") else "a"
        elif operator is codes.ANY:
            text += "a"
        elif operator is codes.IN:
            text += _member(value)
        elif operator in _REPEATS:
            text += _sample(value[2]) * min(max(value[0], 1), 64)
        elif operator is codes.SUBPATTERN:
            text += _sample(value[3])
        elif operator is codes.ATOMIC_GROUP:
            text += _sample(value)
        elif operator is codes.BRANCH:
            text += _sample(value[1][0])
    return text


_CATEGORIES = {codes.CATEGORY_DIGIT: "1", codes.CATEGORY_SPACE: " ", codes.CATEGORY_WORD: "a"}


def _member(value: list[Any]) -> str:
    if value[0][0] is codes.NEGATE:
        pattern = re.compile(f"[^{''.join(_set_text(item) for item in value[1:])}]")
        return next((sign for sign in "a1-=: /" if pattern.match(sign)), "~")
    for operator, member in value:
        if operator is codes.LITERAL:
            return chr(member)
        if operator is codes.RANGE:
            return chr(member[0])
        if operator is codes.CATEGORY:
            return _CATEGORIES.get(member, "!")
    return "a"


def _set_text(item: Any) -> str:
    operator, value = item
    if operator is codes.LITERAL:
        return re.escape(chr(value))
    if operator is codes.RANGE:
        return f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
    names = {codes.CATEGORY_DIGIT: r"\d", codes.CATEGORY_SPACE: r"\s", codes.CATEGORY_WORD: r"\w"}
    return names.get(value, "")


# --- timing ---------------------------------------------------------------------------------------


class TooSlowError(Exception):
    """The time given to one run is over."""


def seconds(run: Any, limit: float) -> float:
    """The processor time of `run()`; raises TooSlowError after `limit` seconds of it."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooSlowError

    previous = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, limit)
    try:
        began = time.thread_time()
        run()
        return time.thread_time() - began
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, previous)
