"""The documentation: it builds without a warning, names only what exists, and covers every question and command."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from readiness_kit.checklist import load_checklist
from readiness_kit.kinds import KINDS
from readiness_kit.model import Question, Section, Settings

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
GUIDES = [*PAGES, *(ROOT / name for name in ("CONTRIBUTING.md", "RELEASING.md"))]
FOLDERS = r"(?:benchmarks|binder|deploy|docs|notebooks|readiness_kit|scripts|templates|tests)"
FILES = r"(?:CHANGELOG|CONTRIBUTING|README|RELEASING|SECURITY)\.md|pyproject\.toml|Makefile"
PATH = re.compile(rf"`({FOLDERS}/[^`\s]*|{FILES})`")
OUTSIDE = re.compile(r"\.\./shared|file://|(?<![\w.:/<])/(?:work|home|tmp|root|Users)/")


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built pages. Any warning, a broken reference among them, fails the build."""
    out = tmp_path_factory.mktemp("docs")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-b", "html", str(DOCS), str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert (done.returncode, done.stderr) == (0, "")
    return out


def text(site: Path, page: str) -> str:
    return (site / f"{page}.html").read_text("utf-8")


def test_every_page_is_built_and_in_the_navigation(site: Path) -> None:
    index = text(site, "index")
    assert PAGES
    for page in PAGES:
        place = page.relative_to(DOCS).with_suffix(".html").as_posix()
        assert (site / place).is_file(), place
        assert place == "index.html" or f'href="{place}"' in index, place


def test_no_marker_is_left_and_nothing_is_loaded_from_outside(site: Path) -> None:
    for page in site.rglob("*.html"):
        content = page.read_text("utf-8")
        assert "generated:" not in content, page.name
        assert not re.search(r'<(?:script|img|iframe)[^>]+src="(?:https?:)?//', content), page.name
        assert not re.search(r'<link[^>]+rel="stylesheet"[^>]+href="(?:https?:)?//', content), page.name


@pytest.mark.parametrize("page", GUIDES, ids=named)
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    """A part in angle brackets stands for any name; at least one has to exist."""
    for path in PATH.findall(page.read_text("utf-8")):
        found = list(ROOT.glob(re.sub(r"<[^>]+>", "*", path.rstrip("/"))))
        assert found, f"{named(page)} names {path}, which does not exist"
        assert not path.endswith("/") or any(one.is_dir() for one in found), path


def test_a_path_that_does_not_exist_would_be_seen() -> None:
    assert PATH.findall("see `readiness_kit/evidence/<section>.py` and `Makefile`, not `kit.ask`") == [
        "readiness_kit/evidence/<section>.py",
        "Makefile",
    ]
    assert not list(ROOT.glob("readiness_kit/no_such_module.py"))


@pytest.mark.parametrize("page", GUIDES, ids=named)
def test_nothing_refers_to_a_place_outside_of_the_repository(page: Path) -> None:
    assert not OUTSIDE.findall(page.read_text("utf-8"))


@pytest.mark.parametrize("question", load_checklist(), ids=lambda question: question.id)
def test_every_question_has_its_rule(question: Question) -> None:
    page = (DOCS / "evidence" / f"{question.section.value}.md").read_text("utf-8")
    assert page.count(f"<!-- generated: question {question.id} -->\n") == 1
    rule = page.partition(f"<!-- generated: question {question.id} -->\n")[2].partition("<!-- generated")[0]
    terms = set(re.findall(r"^(\w[\w ]*)\n: ", rule, re.MULTILINE))
    assert "Read" in terms
    # Evidence that can decide has its outcomes; a process question has the rule of its answer.
    assert terms & {"Rule", "Met", "Partly met", "Not met"}, terms


@pytest.mark.parametrize("section", Section, ids=lambda section: section.value)
def test_rules_stand_in_the_order_of_the_checklist(section: Section) -> None:
    page = (DOCS / "evidence" / f"{section.value}.md").read_text("utf-8")
    listed = re.findall(r"<!-- generated: question (\S+) -->", page)
    assert listed == [question.id for question in load_checklist().section(section)]
    assert f"<!-- generated: questions {section.value} -->" in (DOCS / "reference" / "questions.md").read_text("utf-8")


def test_every_question_can_be_linked_to(site: Path) -> None:
    for question in load_checklist():
        page = text(site, f"evidence/{question.section.value}")
        assert f'id="{question.id.replace(".", "-").replace("_", "-")}"' in page, question.id


def test_every_command_is_in_the_reference(site: Path) -> None:
    import click

    from readiness_kit.cli import main

    page = text(site, "reference/command-line")

    def all_of(command: click.Command, path: str) -> list[str]:
        inner = command.commands.items() if isinstance(command, click.Group) else ()
        return [path, *(one for name, found in inner for one in all_of(found, f"{path} {name}"))]

    paths = all_of(main, "readiness")
    assert "readiness collect" in paths
    for path in paths:
        assert f"Usage: {path} " in page.replace("&lt;", "<"), path


def commands(page: Path) -> list[list[str]]:
    """The `readiness` commands of a page, from code blocks and code spans, in words."""
    content = page.read_text("utf-8")
    blocks = re.findall(r"^ *```(?:console|shell)\n(.*?)^ *```", content, re.MULTILINE | re.DOTALL)
    spans = re.findall(
        r"(?<!`)`(readiness [^`]+)`", re.sub(r"^ *```.*?^ *```", "", content, flags=re.MULTILINE | re.DOTALL)
    )
    lines = [part.strip() for block in blocks for line in block.splitlines() for part in re.split(r"\||&&", line)]
    return [shlex.split(line) for line in (*lines, *spans) if line.startswith("readiness ")]


@pytest.mark.parametrize("page", GUIDES, ids=named)
def test_every_command_that_a_page_shows_exists_with_its_options(page: Path) -> None:
    import click

    from readiness_kit.cli import main

    for words in commands(page):
        command: click.Command = main
        for word in words[1:]:
            if isinstance(command, click.Group) and not word.startswith("-"):
                assert word in command.commands, words
                command = command.commands[word]
            elif word.startswith("-") and word != "-":  # - is standard input
                known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
                assert word in known | {"--help", "--version"}, words


def test_commands_are_found_in_blocks_and_spans() -> None:
    found = commands(DOCS / "getting-started" / "index.md")
    assert ["readiness", "doctor", "--reach"] in found
    assert ["readiness", "demo"] in found


def test_every_setting_is_in_the_reference(site: Path) -> None:
    page = text(site, "reference/settings")
    for name in Settings.__struct_fields__:
        block = getattr(Settings(), name)
        for inner in getattr(block, "__struct_fields__", ()):
            assert f"{name}.{inner}</span>" in page, inner
        assert f">{name}</span>" in page, name


def test_the_reference_holds_verdicts_exit_codes_kinds_and_schemas(site: Path) -> None:
    verdicts = text(site, "reference/verdicts")
    assert verdicts.count("contradicted") == 3
    codes = re.findall(r"<td><p>(\d+)</p></td>", text(site, "reference/exit-codes"))
    assert {"2", "3", "4", "5", "6"} <= set(codes)
    read = text(site, "reference/what-is-read")
    assert all(f">{key}</span>" in read for key in KINDS)
    assert text(site, "reference/schemas").count("json-schema.org") == 3


def test_every_published_schema_is_in_the_reference() -> None:
    page = (DOCS / "reference" / "schemas.md").read_text("utf-8")
    for path in (ROOT / "readiness_kit").rglob("*.schema.json"):
        assert f"<!-- generated: schema {path.name.removesuffix('.schema.json')} -->" in page, path.name


def test_traps_that_tests_name_are_described() -> None:
    described = set(re.findall(r"^\(trap-(\d+)\)=$", (DOCS / "evidence" / "traps.md").read_text("utf-8"), re.MULTILINE))
    proved = {
        number
        for module in (ROOT / "tests").rglob("test_*.py")
        for number in re.findall(r"def test_trap_(\d+)_", module.read_text("utf-8"))
    }
    assert proved and proved <= described
