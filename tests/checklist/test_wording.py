"""The texts are our own: they share no longer run of words with the material they were made from."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from readiness_kit import paths
from readiness_kit.checklist import load_checklist
from readiness_kit.model import Question

RUN = 8
SOURCES = paths.PACKAGE.parent.parent / "shared"


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def runs(text: str) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[start : start + RUN]) for start in range(len(found) - RUN + 1)}


def prose(question: Question) -> Iterator[str]:
    remedy = question.remedy
    yield from (question.text, question.short, question.why, remedy.text, remedy.risk, remedy.rollback)
    yield from (snippet.note for snippet in remedy.snippets)


@pytest.fixture(scope="module", params=["SEED.md", "EVIDENCE.md"])
def source(request: pytest.FixtureRequest) -> str:
    path = SOURCES / request.param
    if not path.is_file():
        pytest.skip(f"{request.param} is not in a folder `shared` beside the checkout, so there is nothing to compare")
    return path.read_text(encoding="utf-8")


def test_no_text_shares_a_run_of_words_with_the_sources(source: str) -> None:
    known = runs(source)
    assert known
    shared = {
        question.id: " ".join(run)
        for question in load_checklist()
        for text in prose(question)
        for run in runs(text) & known
    }
    assert shared == {}


def test_no_question_is_a_line_of_the_sources(source: str) -> None:
    lines = {" ".join(words(re.sub(r"^[\s>*#-]*(\[ \])?", "", line))) for line in source.splitlines()}
    assert [question.id for question in load_checklist() if " ".join(words(question.text)) in lines] == []


def test_the_comparison_would_notice() -> None:
    assert runs("one two three four five six seven eight nine") == {
        ("one", "two", "three", "four", "five", "six", "seven", "eight"),
        ("two", "three", "four", "five", "six", "seven", "eight", "nine"),
    }
