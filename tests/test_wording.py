"""No text that people read uses a phrase of the word list, tests/data/wordlist.yaml."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support import wording
from tests.support.wording import GROUPS, Phrase, Span, found, phrases

BANNED = phrases()


def of_group(group: str) -> list[Phrase]:
    return [phrase for phrase in BANNED if group in phrase.groups]


@pytest.mark.parametrize("group", GROUPS)
def test_no_text_uses_a_banned_phrase(group: str) -> None:
    hits = found(wording.spans(group), of_group(group))
    assert hits == [], f"{len(hits)} banned phrases:\n" + "\n".join(hits)


@pytest.mark.parametrize("group", GROUPS)
def test_each_group_has_files_and_prose(group: str) -> None:
    assert len(wording.files(group)) >= 5
    assert sum(len(span.text) for span in wording.spans(group)) > 10_000


# --- the word list ----------------------------------------------------------------------------------


@pytest.mark.parametrize("phrase", BANNED, ids=lambda phrase: phrase.phrase)
def test_each_phrase_finds_its_examples(phrase: Phrase) -> None:
    assert phrase.examples
    for example in phrase.examples:
        assert phrase.pattern.search(example), example
        broken = example.replace(" ", "\n  ")
        assert phrase.pattern.search(broken), f"not found across lines: {example}"


@pytest.mark.parametrize("phrase", BANNED, ids=lambda phrase: phrase.phrase)
def test_no_replacement_is_banned_itself(phrase: Phrase) -> None:
    assert [other.phrase for other in BANNED if other.pattern.search(phrase.use)] == []


def test_no_phrase_is_listed_twice() -> None:
    names = [phrase.phrase for phrase in BANNED]
    assert len(names) == len(set(names))


# --- reading files ----------------------------------------------------------------------------------


def hits(path: Path, text: str) -> list[str]:
    path.write_text(text, "utf-8")
    reader = wording.READERS[path.suffix]
    return [line.removeprefix(f"{path}:").partition(" ->")[0] for line in found(reader(path), BANNED)]


def test_markdown_is_searched_without_its_code(tmp_path: Path) -> None:
    text = "Killed for want\nof memory.\n\n`for want of` is banned.\n\n```sh\necho anew\n```\n[draw](anew.md) anew\n"
    assert hits(tmp_path / "page.md", text) == ["1: 'for want of'", "9: 'anew'"]


def test_yaml_is_searched_with_comments_and_without_code(tmp_path: Path) -> None:
    text = "# keys in clear\n# text\nnote: >-\n  Begin\n  anew.\ncode: |\n  echo anew\n"
    text += "list:\n  - {url: anew, why: anew}\n"
    assert hits(tmp_path / "some.yaml", text) == ["1: 'in clear # text'", "5: 'anew'", "9: 'anew'"]


def test_a_notebook_is_searched_in_markdown_and_comments(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Open\n", "door\n", "\n", "anew"]},
        {"cell_type": "code", "source": ['anew = "anew"\n', "kit.ask()  # for good"]},
    ]
    text = json.dumps({"cells": cells}, indent=1)
    expected = [f"{text[: text.index(words)].count(chr(10)) + 1}" for words in ("# Open", '   "anew"', "kit.ask")]
    assert [hit.partition(":")[0] for hit in hits(tmp_path / "one.ipynb", text)] == expected


def test_a_template_is_searched_without_its_expressions(tmp_path: Path) -> None:
    text = "{{ anew }}\n<p>Drawn <b>anew</b></p>\n{# in clear text #}\n{% if anew %}"
    assert hits(tmp_path / "page.html.j2", text) == ["2: 'anew'", "3: 'in clear text'"]


def test_python_is_searched_in_strings_and_docstrings(tmp_path: Path) -> None:
    text = '"""One.\n\nDrawn\nanew.\n"""\nanew = 1  # anew\nx = f"for {anew} want of {anew} in clear text"\n'
    text += 'y = (\n    "for want "\n    "of memory"\n)\n'
    assert hits(tmp_path / "module.py", text) == ["4: 'anew'", "7: 'in clear text'", "9: 'for want of'"]


def test_the_line_of_a_hit_is_that_of_its_first_word() -> None:
    span = Span(Path("a.py"), "one\ntwo\nthree", (7, 8))
    assert [span.line(span.text.index(word)) for word in ("one", "two", "three")] == [7, 8, 8]
