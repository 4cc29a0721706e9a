"""Each row of the threat table names tests, and each of them exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows() -> list[str]:
    text = (ROOT / "SECURITY.md").read_text("utf-8").partition("## Threats")[2]
    return [line for line in text.splitlines() if line.startswith("|")][2:]


def known_tests(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_no_row_is_without_a_test() -> None:
    assert len(rows()) >= 20
    for row in rows():
        who, what, stops, tests = (cell.strip() for cell in row.strip("|").split("|"))
        assert who and what and stops and NAMED.search(tests), row
        assert NAMED.sub("", tests).strip(", ") == "", row


def test_every_named_test_exists() -> None:
    for path, name in {found for row in rows() for found in NAMED.findall(row)}:
        assert name in known_tests(path), f"{path}::{name}"
