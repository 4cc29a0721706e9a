"""The texts that people read, as spans of source files, and the search for banned phrases in them.

A span is a piece of prose with the line of its file on which it begins; `lines` maps each of its lines to a line of
the file. Code inside prose (Markdown code, template expressions, snippets of remedies) is blanked out before.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
WORDLIST = ROOT / "tests" / "data" / "wordlist.yaml"
CODE_KEYS = frozenset({"code", "url", "id", "section", "kind"})
"""Keys of YAML data whose values are identifiers or code, not prose."""
BLANK = "\0"
"""Stands for code in a span: it is no white space, so no phrase can reach across it."""


@dataclass(frozen=True)
class Span:
    """Prose in a file: `lines[n]` is the line of the file that holds line n of `text`; the last one holds the rest."""

    path: Path
    text: str
    lines: tuple[int, ...]

    def line(self, offset: int) -> int:
        return self.lines[min(self.text.count("\n", 0, offset), len(self.lines) - 1)]


@dataclass(frozen=True)
class Phrase:
    """An entry of the word list: what is banned, what to write instead, and in which groups of texts."""

    phrase: str
    use: str
    pattern: re.Pattern[str]
    examples: tuple[str, ...]
    groups: frozenset[str]


def phrases(path: Path = WORDLIST) -> list[Phrase]:
    """The word list. Raises KeyError for an entry without `phrase` or `use`, or a pattern without examples."""
    return [_phrase(entry) for entry in yaml.safe_load(path.read_text("utf-8"))]


def _phrase(entry: dict[str, Any]) -> Phrase:
    source = entry.get("pattern") or re.escape(entry["phrase"]).replace(r"\ ", " ")
    examples = entry["examples"] if "pattern" in entry else [entry["phrase"]]
    # In comments of YAML and Markdown quotations a line begins with a sign.
    flexible = source.replace(" ", r"[\s#>]+")
    bounded = (r"\b" if source[0].isalnum() or source[0] == "(" else "") + f"(?:{flexible})" + r"\b"
    groups = frozenset(entry.get("groups", ("texts", "docs", "package")))
    return Phrase(entry["phrase"], entry["use"], re.compile(bounded, re.IGNORECASE), tuple(examples), groups)


def found(spans: Iterable[Span], banned: Iterable[Phrase]) -> list[str]:
    """One line for each hit: file:line, the words found and what to write instead."""
    banned = list(banned)
    hits = {
        (span.path, span.line(match.start()), " ".join(match[0].split()), phrase.use)
        for span in spans
        for phrase in banned
        for match in phrase.pattern.finditer(span.text)
    }
    return [f"{_relative(path)}:{line}: {words!r} -> {use}" for path, line, words, use in sorted(hits)]


def _relative(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


# --- readers of one file ----------------------------------------------------------------------------


def whole(path: Path, text: str) -> Span:
    """The text as one span whose lines are those of the file."""
    return Span(path, text, tuple(range(1, text.count("\n") + 2)))


def blanked(text: str, pattern: str) -> str:
    """The text with each match replaced by blanks of the same number of lines."""
    return re.sub(pattern, lambda match: re.sub(r"[^\n]", BLANK, match[0]), text, flags=re.MULTILINE | re.DOTALL)


def markdown(path: Path) -> Iterator[Span]:
    """The prose of a Markdown file, without code, link targets and HTML comments."""
    yield whole(path, _prose(path.read_text("utf-8")))


def _prose(text: str) -> str:
    return blanked(text, r"^ *(```+|~~~+)[^\n]*\n.*?^ *\1|(?<!`)(`+)(?!`)[^\n]*?(?<!`)\2(?!`)|\]\([^)\n]*\)|<!--.*?-->")


def template(path: Path) -> Iterator[Span]:
    """The visible sentences of a Jinja2 template, and its comments."""
    yield whole(path, blanked(path.read_text("utf-8"), r"\{\{.*?\}\}|\{%.*?%\}|<style.*?</style>|<[a-zA-Z/][^<>]*>"))


def data(path: Path) -> Iterator[Span]:
    """The values and comments of a YAML file, without values that are code or identifiers."""
    text = path.read_text("utf-8")
    for node in yaml.compose_all(text):
        for start, end in _code(node):
            text = text[:start] + blanked(text[start:end], r".+") + text[end:]
    yield whole(path, text)


def _code(node: yaml.Node | None) -> Iterator[tuple[int, int]]:
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _code(item)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value in CODE_KEYS:
                yield value.start_mark.index, value.end_mark.index
            else:
                yield from _code(value)


def notebook(path: Path) -> Iterator[Span]:
    """The Markdown cells and the comments of the code cells, at the lines of the JSON file."""
    raw = path.read_text("utf-8")
    places = enumerate(raw.split("\n"), start=1)
    for cell in json.loads(raw)["cells"]:
        kept, lines = [], []
        for line in cell["source"]:
            quoted = json.dumps(line, ensure_ascii=False)
            lines.append(next(number for number, text in places if text.strip().rstrip(",") == quoted))
            kept.append(line if cell["cell_type"] == "markdown" else _comment(line))
        if kept:
            yield Span(path, _prose("".join(kept)), tuple(lines))


def _comment(line: str) -> str:
    return line[line.index("#") :] if "#" in line else "\n"


def python(path: Path) -> Iterator[Span]:
    """Every string of a module with more than one word: literals, docstrings, and the fixed parts of f-strings.

    A hit in a text written over several literals is given at the line on which the first of them begins.
    """
    tree = ast.parse(path.read_text("utf-8"))
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            if len(node.value.split()) > 1:
                yield _string(path, node, node.value)
        elif isinstance(node, ast.JoinedStr):
            values = (part.value if isinstance(part, ast.Constant) else BLANK for part in node.values)
            yield _string(path, node, "".join(str(value) for value in values))


def _string(path: Path, node: ast.expr, text: str) -> Span:
    last = node.end_lineno or node.lineno
    return Span(path, text, tuple(range(node.lineno, last + 1)))


# --- the groups -------------------------------------------------------------------------------------

READERS: dict[str, Callable[[Path], Iterator[Span]]] = {
    ".ipynb": notebook,
    ".j2": template,
    ".md": markdown,
    ".py": python,
    ".yaml": data,
}
GROUPS = {
    "texts": (
        "readiness_kit/checklist/*.yaml",
        "notebooks/*.ipynb",
        "templates/**/*.j2",
        "deploy/*.yaml",
        "scripts/**/*.py",
    ),
    "docs": ("*.md", "docs/**/*.md", "binder/*.md", "deploy/*.md", ".github/**/*.md"),
    "package": ("readiness_kit/**/*.py", "readiness_kit/**/*.j2", "readiness_kit/**/*.yaml"),
}


def files(group: str) -> list[Path]:
    """The files of a group, without what a build or an editor leaves behind."""
    everything = {path for pattern in GROUPS[group] for path in ROOT.glob(pattern) if path.is_file()}
    taken = {path for path in everything if not {"_build", ".ipynb_checkpoints", "_share"} & set(path.parts)}
    return sorted(taken - set(files("texts")) if group != "texts" else taken)


def spans(group: str) -> Iterator[Span]:
    """All prose of a group."""
    for path in files(group):
        yield from READERS[path.suffix](path)
