"""Sphinx extension: fills pages with reference material generated from the code and its data.

A page asks for it with an HTML comment that fills a line, and the comment is replaced before Markdown is parsed:

    <!-- generated: questions security -->     a directive and its arguments

`GENERATORS` lists the directives. Nothing that is generated is written into the source tree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import readiness_generators as generators

if TYPE_CHECKING:
    from sphinx.application import Sphinx

MARKER = re.compile(r"^<!-- generated: (?P<name>[a-z-]+)(?P<arguments>(?: [^\s>]+)*) -->$", re.MULTILINE)
GENERATORS: dict[str, Callable[..., str]] = {
    "question": generators.question,
    "questions": generators.questions,
    "settings": generators.settings,
    "commands": generators.commands,
    "exit-codes": generators.exit_codes,
    "verdicts": generators.verdicts,
    "weights": generators.weights,
    "levels": generators.levels,
    "schema": generators.schema,
    "kinds": generators.kinds,
    "sources": generators.sources,
    "detectors": generators.detectors,
    "advisories": generators.advisories,
    "support": generators.support,
    "layers": generators.layers,
    "functions": generators.functions,
}


def filled(text: str) -> str:
    """The text of a page with every marker replaced. Raises KeyError for a generator that does not exist."""
    return MARKER.sub(lambda found: GENERATORS[found["name"]](*found["arguments"].split()), text)


def _fill(app: Sphinx, page: str, source: list[str]) -> None:
    source[0] = filled(source[0])


def _outdated(app: Sphinx, env: Any, added: set[str], changed: set[str], removed: set[str]) -> Iterable[str]:
    """Pages with generated parts are read again in every build, because the code may have changed."""
    return [page for page in env.found_docs if MARKER.search(env.doc2path(page).read_text("utf-8"))]


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("source-read", _fill)
    app.connect("env-get-outdated", _outdated)
    return {"version": "1", "parallel_read_safe": True}
