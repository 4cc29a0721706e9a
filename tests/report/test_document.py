"""The finished file: complete in itself, sound, the same each time."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import html5lib
import pytest

from readiness_kit import evidence
from readiness_kit.collect import collect, connect
from readiness_kit.model import Answer, Choice, Profile, Settings
from readiness_kit.report.content import of_session
from readiness_kit.report.rendering.document import document_of
from readiness_kit.report.rendering.page import ReportPage
from readiness_kit.workspace.folder import Folder
from readiness_kit.workspace.session import Session
from tests.report import sample
from tests.support.served import ServedCluster

CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


HTML = "{http://www.w3.org/1999/xhtml}"


ALL = pytest.mark.parametrize("which", ["plain", "hostile", "empty", "drawn", "side_by_side"])


@pytest.fixture
def document(which: str, request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue(which)


def _tree(document: str) -> Any:
    return html5lib.HTMLParser(strict=True).parse(document)


def _elements(document: str) -> list[tuple[str, dict[str, str]]]:
    return [(str(e.tag).removeprefix(HTML), dict(e.attrib)) for e in _tree(document).iter() if isinstance(e.tag, str)]


@ALL
def test_parses_without_an_error(document: str) -> None:
    title = _tree(document).find(f"{HTML}head/{HTML}title")
    assert title is not None and title.text and title.text.startswith("Production readiness")


@ALL
def test_declares_a_policy_that_allows_nothing_but_styles_and_embedded_pictures(document: str) -> None:
    policies = [a["content"] for tag, a in _elements(document) if a.get("http-equiv") == "Content-Security-Policy"]
    assert policies == [CSP]


@ALL
def test_runs_nothing_and_loads_nothing(document: str) -> None:
    elements = _elements(document)
    assert not {tag for tag, _ in elements} & {"script", "iframe", "object", "embed", "link", "base", "form", "audio"}
    assert not [name for _, attributes in elements for name in attributes if name.lower().startswith("on")]
    assert all(a["src"].startswith("data:image/") for _, a in elements if "src" in a)
    assert all(re.match(r"#|https?://|mailto:", a["href"]) for tag, a in elements if tag == "a")
    assert all(a.get("rel") == "noreferrer" for tag, a in elements if tag == "a" and not a["href"].startswith("#"))
    assert "<script" not in document.lower()
    assert "url(" not in document and "@import" not in document


@ALL
def test_headings_leave_no_gap(document: str) -> None:
    levels = [int(tag[1]) for tag, _ in _elements(document) if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


@ALL
def test_ids_are_unique_and_every_jump_lands(document: str) -> None:
    elements = _elements(document)
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for tag, a in elements if tag == "a" and a["href"].startswith("#")} <= set(ids)


@ALL
def test_pictures_have_alternative_text(document: str) -> None:
    elements = _elements(document)
    assert all(a.get("alt") for tag, a in elements if tag == "img")
    drawings = [a for tag, a in elements if tag.endswith("svg")]
    assert all(a.get("aria-hidden") == "true" or (a["role"] == "img" and a["aria-label"]) for a in drawings)


@ALL
def test_is_small_enough_to_mail(document: str) -> None:
    """The demonstration has eleven charts and what changed besides."""
    assert len(document.encode()) < 400_000


def test_the_extended_profile_is_small_enough_as_well() -> None:
    page = sample.page(assessment=sample.assessment(sample.Profile.EXTENDED))
    document = sample.export(sample.notebook(page))
    assert document.count('class="rk-question') == 59
    assert len(document.encode()) < 400_000


def test_same_assessment_same_bytes(plain: str) -> None:
    nb = sample.notebook(sample.page())
    for cell in nb.cells:  # what an execution leaves behind
        cell.execution_count = 7
        cell.metadata["execution"] = {"iopub.execute_input": "2026-11-24T06:19:29.000000Z"}
    nb.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}
    assert sample.export(nb) == plain


def test_hostile_text_is_shown_and_never_markup(hostile: str) -> None:
    """The text is there (escaped), and neither an element nor an attribute came of it."""
    assert hostile.count("&lt;img src=x onerror=alert(1)&gt;") > 100
    assert "<img" not in hostile
    assert "{{ 7*7 }}" in hostile and " 49 " not in hostile
    assert "\U0001f600" in hostile


def test_direction_marks_and_control_characters_are_gone(hostile: str) -> None:
    assert not re.findall("[\u202a-\u202e\u2066-\u2069\u200e\u200f\x00-\x08\ufffe\ud800]", hostile)


def test_very_long_names_are_cut(hostile: str) -> None:
    assert "n" * 252 + "…" in hostile
    assert "n" * 253 not in hostile


def test_the_contents_list_every_chapter_in_order(plain: str) -> None:
    nav = next(e for e in _tree(plain).iter(f"{HTML}nav"))
    assert [link.text for link in nav.iter(f"{HTML}a")] == [
        "Action plan",
        "Contradictions",
        "What changed",
        "High availability and resilience",
        "Resource management",
        "Security",
        "Monitoring and observability",
        "Found in this cluster",
        "Accepted risks and waivers",
        "Scope and method",
        "Sign-off",
    ]


@pytest.mark.parametrize("answers", [0, 34, 59])
@pytest.mark.parametrize("which", ["good", "default"])
def test_recorded_clusters_with_any_number_of_answers(
    which: str, answers: int, recordings: Path, tmp_path: Path
) -> None:
    home = Folder(tmp_path / "assessment").create(Settings(profile=Profile.EXTENDED if answers > 34 else Profile.CORE))
    questions = Session(home).checklist.questions
    with ServedCluster(recordings / which) as cluster, connect(str(cluster.kubeconfig(tmp_path))) as connection:
        home.add_snapshot(collect(connection, evidence.reads_for(questions)))
    choices = list(Choice)
    home.answers.put_all(
        Answer(question.id, choices[place % len(choices)], reason="Not here.", note="One line.\nAnother.")
        for place, question in enumerate(questions[:answers])
    )
    document = document_of(sample.chapters(ReportPage.of(of_session(Session(home)))))
    _tree(document)
    assert document.count('class="rk-question') == len(questions) == (59 if answers > 34 else 34)
    assert document.count("Another.") >= answers
    assert "Traceback" not in document and "<img" in document
    levels = [int(tag[1]) for tag, _ in _elements(document) if re.fullmatch(r"h[1-6]", tag)]
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
