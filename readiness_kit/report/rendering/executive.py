"""The executive report: cover, plan, risks, four charts, scope and sign-off, without the questions one by one."""

from __future__ import annotations

import re

from readiness_kit.model import State
from readiness_kit.report.content import Content
from readiness_kit.report.rendering.document import document_of
from readiness_kit.report.rendering.fragment import Fragment
from readiness_kit.report.rendering.page import ReportPage

_LOCAL_LINK = re.compile(
    r'<a((?: (?!href)[a-z-]++="[^"<]*+")*+) href="#([^"<]*+)"[^<>]*+>((?:[^<]++|<(?!/?a[ >]))*+)</a>', re.DOTALL
)
"""A link within the document; links are never nested."""
_ID = re.compile(r' id="([^"]*)"')


def executive(content: Content) -> str:
    """The document. What it does not contain is not linked."""
    page = ReportPage.of(content)
    accepted = any(verdict.state is State.ACCEPTED for verdict in content.assessment.verdicts)
    parts = [
        page.cover() + Fragment("", head={"edition": "executive"}),
        page.actions(),
        page.risks(),
        page.waivers() if accepted else Fragment(""),
        page.key_charts(),
        page.scope_summary(),
        page.sign_off(),
    ]
    return _without_dead_links(document_of(parts))


def _without_dead_links(html: str) -> str:
    ids = set(_ID.findall(html))
    return _LOCAL_LINK.sub(lambda found: found[0] if found[2] in ids else f"<span{found[1]}>{found[3]}</span>", html)
