"""Markdown made from the code and its data, one function for each kind of reference."""

from __future__ import annotations

import ast
import importlib
import json
import re
import tomllib
import typing
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

import click
import msgspec

from readiness_kit import errors, evidence, labels, paths
from readiness_kit.advisories import loading
from readiness_kit.advisories.conditions import CONDITIONS
from readiness_kit.advisories.matching import load_faults
from readiness_kit.assessment.judge import COLUMNS, TABLE
from readiness_kit.assessment.score import WEIGHTS
from readiness_kit.checklist import load_checklist
from readiness_kit.checklist import schema as checklist_schema
from readiness_kit.cli import main
from readiness_kit.facts.detectors.table import GROUPS
from readiness_kit.facts.detectors.table import detectors as detector_rows
from readiness_kit.kinds import KINDS
from readiness_kit.kinds.sources import SOURCES
from readiness_kit.model import Choice, Level, Outcome, Question, Section, Settings, Severity
from readiness_kit.workspace.settings import explained

ROOT = Path(__file__).resolve().parents[2]
HELP_WIDTH = 100
DEFAULTS = Settings()
CODE_SPAN = re.compile(r"(`[^`]+`)")
MARKS = re.compile(r"[\\`*_{}\[\]<>|#$~]")


# --- pieces of Markdown ---------------------------------------------------------------------------


def cell(value: object) -> str:
    """Text that Markdown takes literally, on one line of a table; code spans stay what they are."""
    parts = CODE_SPAN.split(" ".join(str(value).split()))
    return "".join(code(part[1:-1]) if CODE_SPAN.fullmatch(part) else MARKS.sub(r"\\\g<0>", part) for part in parts)


def code(value: object) -> str:
    """A code span for a table; empty for no text."""
    text = str(value).replace("|", "\\|")
    return f"`{text}`" if text else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def words(value: Enum) -> str:
    """`not_met` -> `not met`."""
    return str(value.value).replace("_", " ")


def first_paragraph(text: str | None) -> str:
    """The first paragraph of a docstring on one line."""
    return " ".join((text or "").strip().split("\n\n")[0].split())


# --- questions ------------------------------------------------------------------------------------


def question(id: str) -> str:
    """Target, heading and properties of one question, for the page with its evidence rule."""
    one = load_checklist().get(id)
    return "\n\n".join([f"({one.id})=\n## {one.number} {cell(one.short)}", _properties(one)])


def _properties(one: Question) -> str:
    facts = [
        f"**{labels.SEVERITY_WORDS[one.severity]}**",
        f"evidence: {_automation(one)}",
        f"profile: {one.profile.value}",
        f"id: `{one.id}`",
    ]
    if one.parent:
        facts.append(f"nested under {{ref}}`{one.parent}`")
    return f"> {cell(one.text)}\n\n{' · '.join(facts)}"


def _automation(one: Question) -> str:
    return {"full": "decides alone", "partly": "supports an answer", "none": "hints only"}[one.automation.value]


def questions(section: str) -> str:
    """All questions of a section: what is asked, why, what is read, and where the rule is described."""
    return "\n\n".join(_question(one) for one in load_checklist().section(Section(section)))


def _question(one: Question) -> str:
    entry = evidence.REGISTRY.get(one.id)
    parts = [f"### {one.number} {cell(one.short)}", _properties(one), cell(one.why)]
    if one.kind.value != "yes_no":
        parts.append(f"Kind of answer: {words(one.kind)}.")
    if entry is not None:
        needed = ", ".join(code(key) for key in entry.reads if key not in entry.tolerates)
        more = ", ".join(code(key) for key in entry.reads if key in entry.tolerates)
        uses = f" Also uses, where it was read: {more}." if more else ""
        parts.append(f"Needs: {needed or 'only the workload itself'}.{uses}")
    parts.append(f"Rule: {{ref}}`{one.id}`.")
    return "\n\n".join(parts)


# --- settings -------------------------------------------------------------------------------------


def settings() -> str:
    """Every setting of readiness.yaml, block by block."""
    hints = typing.get_type_hints(Settings, include_extras=False)
    plain = [name for name in Settings.__struct_fields__ if not isinstance(getattr(DEFAULTS, name), msgspec.Struct)]
    parts = [_settings_table("", DEFAULTS, plain, hints)]
    for name in Settings.__struct_fields__:
        block = getattr(DEFAULTS, name)
        if isinstance(block, msgspec.Struct):
            inner = typing.get_type_hints(type(block), include_extras=False)
            parts += [f"## `{name}`", cell(explained(name))]
            parts.append(_settings_table(f"{name}.", block, block.__struct_fields__, inner))
    return "\n\n".join(parts)


def _settings_table(prefix: str, block: Any, names: Iterable[str], hints: dict[str, Any]) -> str:
    values = {name: getattr(block, name) for name in names}
    rows = [
        (code(prefix + name), code(_type(hints[name])), code(_value(value)), cell(explained(prefix + name)))
        for name, value in values.items()
    ]
    return table(("setting", "type", "default", "meaning"), rows)


def _type(hint: Any) -> str:
    if isinstance(hint, type) and issubclass(hint, Enum):
        return " | ".join(str(member.value) for member in hint)
    if typing.get_origin(hint) is tuple:
        return "list of text"
    kinds = [part for part in typing.get_args(hint) or (hint,) if part is not type(None)]
    names = {str: "text", int: "whole number", float: "number", bool: "true | false"}
    return " | ".join(names.get(part, getattr(part, "__name__", str(part))) for part in kinds)


def _value(value: Any) -> str:
    if value is None or value == "" or value == ():
        return ""
    return str(value.value if isinstance(value, Enum) else value)


# --- command line ---------------------------------------------------------------------------------


def command_tree(
    command: click.Command = main, name: str = "readiness", parent: click.Context | None = None
) -> Iterator[click.Context]:
    """A context for every command, groups before their members; settings are inherited as on the command line."""
    width = {"terminal_width": HELP_WIDTH, "max_content_width": HELP_WIDTH}
    context = click.Context(command, parent, name, **{**width, **command.context_settings})
    yield context
    if isinstance(command, click.Group):
        for inner, member in command.commands.items():
            yield from command_tree(member, inner, context)


def commands() -> str:
    """The help text of every command, as the terminal shows it."""
    parts = []
    for context in command_tree():
        path = context.command_path
        target = path.replace(" ", "-")
        parts.append(f"({target})=\n## `{path}`\n\n```text\n{context.get_help()}\n```")
    return "\n\n".join(parts)


def exit_codes() -> str:
    """Exit codes of the command line with the errors that lead to them."""
    found: dict[int, list[type[errors.ReadinessError]]] = {}
    for kind in _descendants(errors.ReadinessError):
        found.setdefault(kind.exit_code, []).append(kind)
    rows = [
        (str(number), ", ".join(code(kind.__name__) for kind in kinds), _meanings(kinds))
        for number, kinds in sorted(found.items())
    ]
    return table(("exit code", "errors", "what they mean"), rows)


def _descendants(kind: type[errors.ReadinessError]) -> Iterator[type[errors.ReadinessError]]:
    for inner in kind.__subclasses__():
        if inner.__module__ == errors.__name__:
            yield inner
        yield from _descendants(inner)


def _meanings(kinds: Iterable[type[errors.ReadinessError]]) -> str:
    """The tree in the module's docstring explains each error on one line."""
    lines = (errors.__doc__ or "").splitlines()
    found = []
    for kind in kinds:
        line = next((line for line in lines if kind.__name__ in line), "")
        found.append(line.partition(kind.__name__)[2].strip().lstrip("0123456789 "))
    return "; ".join(cell(text) for text in found if text)


# --- judging --------------------------------------------------------------------------------------


def verdicts() -> str:
    """The table of answers against outcomes, cell by cell, from the code that judges by it."""
    also = {Outcome.PARTLY: " (also at best)"}
    head = ("answer", *(f"evidence: {words(outcome)}{also.get(outcome, '')}" for outcome in COLUMNS))
    rows = []
    for choice in (None, Choice.YES, Choice.PARTLY, Choice.NO, Choice.NOT_APPLICABLE):
        name = "none, or don't know" if choice is None else words(choice)
        rows.append((f"**{name}**", *(words(TABLE[choice, outcome]) for outcome in COLUMNS)))
    return table(head, rows)


def weights() -> str:
    """A table of the severities and their weights in the score."""
    rows = [(labels.SEVERITY_WORDS[severity], str(WEIGHTS[severity])) for severity in Severity]
    return table(("severity", "weight"), rows)


def levels() -> str:
    """The levels of readiness, in quotation marks."""
    return ", ".join(f"“{labels.LEVEL_WORDS[level]}”" for level in Level)


# --- files ----------------------------------------------------------------------------------------


def schema(name: str) -> str:
    """A JSON Schema: `checklist` from the loader, any other from the published files."""
    if name == "checklist":
        found: dict[str, Any] = checklist_schema()
    else:
        found = json.loads(_published(name).read_text("utf-8"))
    return f"```json\n{json.dumps(found, indent=2, ensure_ascii=False)}\n```"


def published_schemas() -> dict[str, Path]:
    """Name -> file of every schema that the package publishes."""
    return {path.name.removesuffix(".schema.json"): path for path in sorted(paths.PACKAGE.rglob("*.schema.json"))}


def _published(name: str) -> Path:
    return published_schemas()[name]


# --- what is read ---------------------------------------------------------------------------------


def kinds() -> str:
    """A table of the kinds of the Kubernetes API that are listed."""
    rows = [
        (code(key), code(f"{kind.api}/{kind.plural}"), cell(kind.kind), cell(_reach(kind)))
        for key, kind in KINDS.items()
    ]
    return table(("key", "API", "kind", "where it is listed"), rows)


def _reach(kind: Any) -> str:
    if not kind.namespaced:
        place = "cluster-scoped"
    else:
        place = {"cluster": "all namespaces", "weaviate": "namespaces with Weaviate"}.get(kind.breadth, kind.breadth)
    return f"{place}, where its API is installed" if kind.installable else place


def sources() -> str:
    """A table of the answers of other sources, by key."""
    rows = [(code(key), cell(first_paragraph(_documented(kind)))) for key, kind in SOURCES.items()]
    return table(("key", "content"), rows)


def _documented(kind: Any) -> str:
    """The docstring of the Struct behind a source; of a tuple or dict, that of what it holds."""
    inner = [part for part in typing.get_args(kind) if part is not Ellipsis]
    return _documented(inner[-1]) if inner else (kind.__doc__ or "") if issubclass(kind, msgspec.Struct) else "names"


def detectors() -> str:
    """The detectors by group."""
    parts = []
    for group in GROUPS:
        rows = [
            (cell(one.tool), one.grade, cell(one.proves), cell(one.not_proven))
            for one in detector_rows()
            if one.group == group
        ]
        if rows:
            parts += [f"## `{group}`", table(("tool", "grade", "proves", "does not prove"), rows)]
    return "\n\n".join(parts)


# --- advisories -----------------------------------------------------------------------------------


def advisories() -> str:
    """The known faults with their date, in the order of the table."""
    known = load_faults()
    rows = [
        (
            f"[{fault.id}]({fault.source.url})",
            labels.SEVERITY_WORDS[fault.severity],
            cell(fault.title),
            cell(fault.affected_text),
            cell(", ".join(fault.fixed) or fault.action),
            cell(" and ".join(CONDITIONS[name].text for name in fault.when) or "always"),
        )
        for fault in known.faults
    ]
    head = ("id", "severity", "fault", "affected", "first fixed in", "applies if")
    return f"As of {known.as_of}; releases inspected until {known.inspected.date}.\n\n{table(head, rows)}"


def support(product: str) -> str:
    """The minors of Weaviate, or of Kubernetes by provider, with the dates of their support."""
    dates = loading.support()
    if product == "weaviate":
        rows = [(row.minor, str(row.released), row.newest) for row in dates.weaviate]
        lead = f"As of {dates.as_of}. The newest {dates.supported_minors} minor releases are supported."
        return f"{lead}\n\n{table(('minor', 'released', 'newest patch known'), rows)}"
    rows = [
        (name, row.minor, str(row.standard), str(row.extended or "—"))
        for name, minors in dates.kubernetes.items()
        for row in minors
    ]
    return f"As of {dates.as_of}.\n\n{table(('provider', 'minor', 'standard support until', 'extended until'), rows)}"


# --- layers ---------------------------------------------------------------------------------------


def layers() -> str:
    """The layers that import-linter enforces, highest first, from pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    found = next(contract for contract in contracts if contract["type"] == "layers")
    return "\n".join(f"{number}. {_layer(layer)}" for number, layer in enumerate(found["layers"], 1))


def _layer(layer: str) -> str:
    """`a : b` may import each other, `a | b` may not."""
    names = ", ".join(code(name) for name in re.split(r"\s*[:|]\s*", layer))
    return f"{names} (independent of each other)" if "|" in layer else names


# --- code -----------------------------------------------------------------------------------------


def functions(module: str) -> str:
    """The public functions and classes that a module defines, with the first paragraph of their docstrings."""
    found = importlib.import_module(module)
    tree = ast.parse(Path(str(found.__file__)).read_text("utf-8"))
    rows = [
        (code(node.name), cell(first_paragraph(ast.get_docstring(node))))
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]
    return table(("name", "what it does"), rows)
