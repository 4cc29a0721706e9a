"""Data of untrusted texts: the depth is limited in one place, so that nothing recurses further."""

from __future__ import annotations

import ast

import pytest

from readiness_kit import paths
from readiness_kit.decoding import MAX_DEPTH, UNDECODABLE, plain, require_shallow

NOT_DESCENDED_INTO = {
    "collect/kubernetes/credentials.py": "the expiry in a token",
    "fixes/merging.py": "an object that the kit itself encoded",
    "notebook/views/links.py": "a file of JupyterLab",
    "report/privacy/name_search.py": "the escape of one character",
    "serve/api.py": "a continue token of the kit",
}
"""Modules with a decoder of their own, of which only single fields are used."""


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_depth_up_to_the_limit_is_read_and_beyond_refused(opening: str, closing: str) -> None:
    def nested(levels: int) -> str:
        return opening * levels + "1" + closing * levels

    value = plain(nested(MAX_DEPTH))
    for _ in range(MAX_DEPTH):
        value = value[0] if isinstance(value, list) else value["a"]
    assert value == 1
    for levels in (MAX_DEPTH + 1, 900, 50_000):
        with pytest.raises(UNDECODABLE):
            plain(nested(levels))


def test_breadth_is_not_limited() -> None:
    assert plain("[[1, 2], {}]" * 1) == [[1, 2], {}]
    require_shallow([[{}] * 1000] * 1000)


def test_every_untyped_decoder_limits_the_depth() -> None:
    own = set()
    for path in sorted(paths.PACKAGE.rglob("*.py")):
        calls = {
            ast.unparse(call.func)
            for call in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(call, ast.Call) and not any(word.arg == "type" for word in call.keywords)
        }
        if calls & {"json.loads", "json.load", "msgspec.json.decode"} and "require_shallow" not in calls:
            own.add(path.relative_to(paths.PACKAGE).as_posix())
    assert own == set(NOT_DESCENDED_INTO)
