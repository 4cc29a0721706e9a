"""Loading the questions: the public API, files of a customer, and errors in them."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

from readiness_kit import paths
from readiness_kit.checklist import load_checklist, schema
from readiness_kit.errors import ConfigError, UsageError
from readiness_kit.model import Profile, Section


def entry(**changes: Any) -> dict[str, Any]:
    """A valid question of a customer; a value of None removes the field."""
    question = {
        "id": "sec.acme_pentest",
        "number": "A1",
        "text": "Was the installation examined by a penetration test?",
        "short": "Penetration test",
        "why": "Our policy asks for one.",
        "severity": "high",
        "automation": "none",
        "remedy": {"text": "Order one."},
        **changes,
    }
    return {key: value for key, value in question.items() if value is not None}


def write(folder: Path, *questions: Any, name: str = "acme.yaml", **top: Any) -> Path:
    path = folder / name
    path.write_text(yaml.safe_dump({"section": "security", "questions": list(questions), **top}), encoding="utf-8")
    return path


# --- the public API ------------------------------------------------------------------------------


def test_profiles() -> None:
    everything = load_checklist()
    core = load_checklist(profile=Profile.CORE)
    assert (len(everything), len(core)) == (59, 34)
    assert everything.profile(Profile.CORE).questions == core.questions
    assert everything.profile(Profile.EXTENDED).questions == everything.questions
    assert core.section(Section.TENANTS) == ()
    assert "perf.dedup" in everything
    assert "perf.dedup" not in core


def test_questions_by_id_section_and_parent() -> None:
    checklist = load_checklist()
    assert checklist.get("ha.multi_az").number == "Q1"
    assert checklist.ids[0] == "ha.multi_az"
    assert checklist.ids[-1] == "ver.settings"
    assert [question.number for question in checklist.section(Section.MONITORING)] == [
        "Q30",
        "Q31",
        "Q32",
        "Q33",
        "Q34",
    ]
    assert [question.number for question in checklist.children("res.consumption_patterns")] == ["Q15", "Q16", "Q17"]
    assert checklist.children("ha.multi_az") == ()


@pytest.mark.parametrize(
    ("asked", "suggested"),
    [
        ("ha.multi_zones", "ha.multi_az"),
        ("sec.multi_az", "ha.multi_az"),
        ("sec.rbca", "sec.rbac"),
        ("HA.MULTI_AZ", "ha.multi_az"),
    ],
)
def test_unknown_id_is_an_error_with_similar_ids(asked: str, suggested: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_checklist().get(asked)
    assert repr(asked) in caught.value.what
    assert suggested in caught.value.hint


@pytest.mark.parametrize("number", ["Q22", "q22"])
def test_the_number_of_a_question_names_it_as_well(number: str) -> None:
    assert load_checklist().get(number).id == "sec.tls"


def test_id_without_similar_ones_gets_no_suggestion() -> None:
    with pytest.raises(UsageError, match="no question 'zzzz'") as caught:
        load_checklist().children("zzzz")
    assert caught.value.hint == "`readiness checklist` lists all questions"


def test_checklist_is_immutable() -> None:
    checklist = load_checklist()
    with pytest.raises(dataclasses.FrozenInstanceError):
        checklist.questions = ()  # type: ignore[misc]


def test_shipped_files_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = load_checklist()
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: pytest.fail("read again"))
    assert load_checklist().questions is first.questions


def test_loading_imports_no_heavy_library() -> None:
    code = (
        "import sys; from readiness_kit.checklist import load_checklist; load_checklist();"
        "print(sorted({'pandas', 'matplotlib', 'kubernetes', 'ipywidgets', 'nbformat'} & set(sys.modules)))"
    )
    root = paths.PACKAGE.parent
    result = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


# --- files of a customer --------------------------------------------------------------------------


def test_questions_of_a_customer_are_at_the_end_of_the_section(tmp_path: Path) -> None:
    nested = entry(id="sec.acme_findings", number="A2", parent="sec.acme_pentest", profile="extended")
    checklist = load_checklist([write(tmp_path, entry(), nested)])
    assert len(checklist) == 61
    assert [question.id for question in checklist.section(Section.SECURITY)][-3:] == [
        "sec.secret_process",
        "sec.acme_pentest",
        "sec.acme_findings",
    ]
    assert checklist.get("sec.acme_pentest").section is Section.SECURITY
    assert checklist.get("sec.acme_pentest").profile is Profile.CORE
    assert [question.id for question in checklist.children("sec.acme_pentest")] == ["sec.acme_findings"]
    assert len(checklist.profile(Profile.CORE)) == 35
    assert len(load_checklist()) == 59


def test_question_of_a_customer_under_a_shipped_one(tmp_path: Path) -> None:
    checklist = load_checklist([write(tmp_path, entry(parent="sec.rbac"))], Profile.CORE)
    assert [question.id for question in checklist.children("sec.rbac")] == ["sec.acme_pentest"]


def test_several_files_are_merged(tmp_path: Path) -> None:
    first = write(tmp_path, entry(), name="first.yaml")
    second = write(tmp_path, entry(id="mon.acme", number="A2"), name="second.yaml", section="monitoring")
    checklist = load_checklist([first, second])
    assert checklist.section(Section.MONITORING)[-1].id == "mon.acme"
    with pytest.raises(ConfigError) as caught:
        load_checklist([first, first])
    assert "field `id` is already used" in caught.value.what


# --- broken files ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"severty": "high", "severity": None}, "severty", "unknown field"),
        ({"severity": "hihg"}, "$.severity", "Invalid enum value 'hihg'"),
        ({"why": None}, "why", "missing required field"),
        ({"text": ""}, "$.text", "length >= 1"),
        ({"text": "  "}, "$.text", "blank"),
        ({"short": "x" * 61}, "$.short", "length <= 60"),
        ({"number": 7}, "$.number", "got `int`"),
        ({"id": "Sec Pentest"}, "$.id", "matching regex"),
        ({"kind": "essay"}, "$.kind", "Invalid enum value 'essay'"),
        ({"profile": "gold"}, "$.profile", "Invalid enum value 'gold'"),
        ({"remedy": {"text": "Do.", "effort": "years"}}, "$.remedy.effort", "matching regex"),
        ({"remedy": {"text": "Do.", "steps": []}}, "steps", "unknown field"),
        (
            {"remedy": {"text": "Do.", "snippets": [{"kind": "helm", "code": "\n"}]}},
            "$.remedy.snippets[0].code",
            "blank",
        ),
        ({"links": [{"title": "A", "url": "ftp://a"}]}, "$.links[0].url", "matching regex"),
        ({"section": "security"}, "section", "belongs to the file"),
        ({"id": "sec.rbac"}, "id", "already used"),
        ({"number": "Q22"}, "number", "already used by sec.tls"),
        ({"parent": "sec.nothing"}, "parent", "is not a question before this one"),
        ({"parent": "ha.multi_az"}, "parent", "is in section high_availability"),
        ({"id": "sec.acme_self", "parent": "sec.acme_self"}, "parent", "is not a question before this one"),
    ],
)
def test_errors_name_file_question_and_field(tmp_path: Path, changes: dict[str, Any], field: str, message: str) -> None:
    path = write(tmp_path, entry(**changes))
    with pytest.raises(ConfigError) as caught:
        load_checklist([path])
    error = caught.value
    assert str(path) in error.what
    assert changes.get("id", "sec.acme_pentest") in error.what
    assert field in error.what
    assert message in error.what
    assert error.hint


def test_question_without_id_is_named_by_its_place(tmp_path: Path) -> None:
    path = write(tmp_path, entry(), entry(id=None, number="A2"), "words")
    with pytest.raises(ConfigError, match=r"question questions\[1\]: Object missing required field `id`"):
        load_checklist([path])
    with pytest.raises(ConfigError, match=r"question questions\[0\]: Expected `object`, got `str`"):
        load_checklist([write(tmp_path, "words")])


def test_child_before_its_parent_is_an_error(tmp_path: Path) -> None:
    child = entry(id="sec.child", number="A2", parent="sec.acme_pentest")
    with pytest.raises(ConfigError, match=r"sec\.child: field `parent` sec\.acme_pentest is not a question before"):
        load_checklist([write(tmp_path, child, entry())])


def test_core_question_under_an_extended_one_is_an_error(tmp_path: Path) -> None:
    child = entry(id="perf.acme", parent="perf.load_tested")
    path = write(tmp_path, child, section="performance")
    with pytest.raises(ConfigError, match=r"perf\.acme: field `parent` perf\.load_tested is in the extended"):
        load_checklist([path])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty or not a mapping"),
        ("- id: a.b\n", "empty or not a mapping"),
        ("section: safety\nquestions: []\n", "field `section` is 'safety'"),
        ("questions: []\n", "field `section` is None"),
        ("section: security\n", "field `questions` is not a list with entries"),
        ("section: security\nquestions: []\n", "field `questions` is not a list with entries"),
        ("section: security\nquestion: []\n", "unknown field `question`"),
        ("section: [\n", "is not valid YAML"),
    ],
)
def test_file_of_the_wrong_shape_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_checklist([path])
    assert str(path) in caught.value.what
    assert message in caught.value.what
    assert caught.value.hint


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml does not exist"):
        load_checklist([tmp_path / "nowhere.yaml"])


# --- the schema for editors -----------------------------------------------------------------------


def test_schema_accepts_shipped_files_and_those_of_a_customer(tmp_path: Path) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(json.dumps(schema())))
    validator.check_schema(schema())
    for path in [*paths.checklist().glob("*.yaml"), write(tmp_path, entry())]:
        assert [error.message for error in validator.iter_errors(yaml.safe_load(path.read_text("utf-8")))] == []


@pytest.mark.parametrize(
    "changes", [{"severity": "hihg"}, {"why": None}, {"section": "security"}, {"colour": "red"}, {"text": ""}]
)
def test_schema_and_loader_refuse_the_same(tmp_path: Path, changes: dict[str, Any]) -> None:
    path = write(tmp_path, entry(**changes))
    errors = list(jsonschema.Draft202012Validator(schema()).iter_errors(yaml.safe_load(path.read_text("utf-8"))))
    assert len(errors) == 1
    with pytest.raises(ConfigError):
        load_checklist([path])
