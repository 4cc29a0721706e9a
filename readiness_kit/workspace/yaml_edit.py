"""Edits YAML text field by field: comments, order and quotes stay."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Mapping
from enum import Enum
from typing import Any

import yaml

_INDENT = re.compile(r"(?m)^[^\s#-][^\n#]*+(?:#[^\n]*+)?\n(?:[ \t]*+(?:#[^\n]*+)?\n)*+([ ]++)[^\s#-]")
"""A line without indentation and the next one with it."""
_MAX_WIDTH = 10**9


class LossyEditError(Exception):
    """The form of the text does not permit the change, or not without losing a comment."""


def scalar(value: Any) -> str:
    """A value on one line of YAML: text always quoted, None as nothing, a list in brackets."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return f"[{', '.join(scalar(item) for item in value)}]"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, str):
        return yaml.safe_dump(value, default_style='"', allow_unicode=True, width=_MAX_WIDTH).strip()
    return yaml.safe_dump(value).removesuffix("...\n").strip()


def edit(text: str, fields: Mapping[str, Any]) -> str:
    """`text`, a mapping in YAML, with `fields` set: `{"customer": "Example", "cluster.context": "prod"}`.

    A field is at most one block deep. One that is only present as a comment of its block is uncommented; one that is
    absent is added. Indentation and white space may change. Raises LossyEditError if a comment would be lost.
    """
    ending = "\r\n" if "\r\n" in text else "\n"
    text = text.replace("\r\n", "\n")
    for field in fields:
        text = _uncommented(text, field)
    edited = _with_values(text, fields)
    if lost := _comments(text) - _comments(edited):
        raise LossyEditError(f"these comments would be lost: {', '.join(lost)}")
    return edited.replace("\n", ending)


def _with_values(text: str, fields: Mapping[str, Any]) -> str:
    from ruamel.yaml.error import YAMLError

    editor = _editor(text)
    out = io.StringIO()
    try:
        document = editor.load(text)
        if document is None:  # nothing but comments, which ruamel.yaml does not keep then
            document = editor.map()
            out.write(text if text.endswith("\n") or not text else f"{text}\n")
        for field, value in fields.items():
            _set(document, field, editor.load(scalar(value)))
        editor.dump(document, out)
    except YAMLError as problem:
        raise LossyEditError(str(problem)) from None
    return out.getvalue()


def _comments(text: str) -> Counter[str]:
    """The comments of a YAML text, without the number sign and surrounding space, and how often each occurs."""
    found: Counter[str] = Counter()
    end = 0
    for token in yaml.scan(text):
        found.update(line.strip(" \t\r#") for line in text[end : token.start_mark.index].splitlines() if "#" in line)
        end = max(end, token.end_mark.index)
    return found


def _editor(text: str) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.resolver import VersionedResolver

    class PlainResolver(VersionedResolver):
        """Keeps numbers, dates and truth values as they are written: plain scalars stay text."""

        @property
        def versioned_resolver(self) -> Any:
            kept = ("tag:yaml.org,2002:null", "tag:yaml.org,2002:merge")
            resolvers = super().versioned_resolver.items()
            return {first: [rule for rule in rules if str(rule[0]) in kept] for first, rules in resolvers}

    editor = YAML()
    editor.Resolver = PlainResolver
    editor.preserve_quotes = True
    editor.width = _MAX_WIDTH
    editor.explicit_start = bool(re.search(r"(?m)^---", text))
    indent = len(found[1]) if (found := _INDENT.search(text)) else 2
    editor.indent(mapping=indent, sequence=indent + 2, offset=indent)
    return editor


def _uncommented(text: str, field: str) -> str:
    """`# name: default  # meaning (kit default)` of a block as a live line; unchanged if the block sets the name."""
    block, _, name = field.rpartition(".")
    head = (
        re.search(rf"(?m)^{re.escape(block)}:[ \t]*(?:#.*)?\n(?:(?:[ \t].*|#.*)?(?:\n|\Z))*", text) if block else None
    )
    if head is None or re.search(rf"(?m)^[ \t]+{name}:", head[0]):
        return text
    line = re.compile(rf"(?m)^([ \t]+)#[ \t]*({name}:.*?)(?: \(kit default\))?$")
    return text[: head.start()] + line.sub(r"\1\2", head[0], count=1) + text[head.end() :]


def _set(document: Any, field: str, value: Any) -> None:
    from ruamel.yaml.comments import CommentedMap

    block, _, name = field.rpartition(".")
    if block and document.get(block) is None:
        document[block] = CommentedMap({name: value})
        return
    parent = document[block] if block else document
    if name not in parent and block:
        parent.insert(0, name, value)  # at the end it would follow the comments of the next block
    elif isinstance(parent.get(name), list) and not parent[name].fa.flow_style():
        _replace_items(parent, name, value)
    else:
        parent[name] = value


def _replace_items(parent: Any, name: str, values: list[Any]) -> None:
    """Sets a list with one item a line. The comments after it belong to its last item for ruamel.yaml, and stay."""
    items = parent[name]
    trailing = items.ca.items.pop(len(items) - 1, None)
    if not values:
        parent[name] = values
        if trailing:
            parent.ca.items[name] = [None, None, trailing[0], None]
        return
    for index, value in enumerate(values):
        if index < len(items):
            items[index] = value
        else:
            items.append(value)
    del items[len(values) :]
    if trailing and (own := items.ca.items.get(len(values) - 1)):
        own[0].value = own[0].value.removesuffix("\n") + "\n" + trailing[0].value.removeprefix("\n")
    elif trailing:
        items.ca.items[len(values) - 1] = trailing
