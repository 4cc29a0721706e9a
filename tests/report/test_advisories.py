"""Advisories in every form of the report: the demonstration's known faults by name, and hostile text."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from readiness_kit.demo import install
from readiness_kit.labels import label, sign
from readiness_kit.model import Applicability, Profile
from readiness_kit.report import content as contents
from readiness_kit.report.chapters import actions
from readiness_kit.report.chapters.cover import cover
from readiness_kit.report.content import Content
from readiness_kit.report.exports import export
from readiness_kit.report.exports.sarif import OPEN_ID
from readiness_kit.report.exports.terminal import as_text
from readiness_kit.workspace.session import Session
from tests.report import sample

APPLYING = ["KI-1", "G-2", "G-12", "G-13", "S-4b"]
"""Critical known faults of Weaviate 1.38.2 that apply to the demonstration."""
MAY_APPLY = ["G-4", "G-10"]


@pytest.fixture(scope="module", params=list(Profile), ids=lambda profile: profile.value)
def demonstration(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Content:
    folder = install(tmp_path_factory.mktemp("demo") / "assessment")
    folder.write_settings(profile=request.param)
    return contents.of_session(Session(folder))


def test_first_page_names_the_known_faults_of_the_demonstration(demonstration: Content) -> None:
    first, html = str(cover(demonstration)), str(actions.chapter(demonstration))
    assert f"{', '.join(APPLYING)}; an upgrade removes them" in first
    for name in [*APPLYING, *MAY_APPLY]:
        assert name in first and f"{name} " in html
    assert "Read repair writes partial objects" in html and "Nearest release with the fix: 1.38.7" in html
    assert "Kubernetes on EKS 1.34 ends on 2 December 2026" in html
    assert first.index('id="blockers"') < first.index('href="#advisories"') and 'id="advisories"' in html


def test_critical_ones_that_apply_are_counted_as_blockers(demonstration: Content) -> None:
    judged = demonstration.assessment
    number = len(judged.blockers) + len(APPLYING)
    assert f">{number} blockers <" in str(cover(demonstration))
    assert f"Not ready for production: {number} blockers" in str(cover(demonstration))
    assert judged.level_why.startswith(f"{number} blockers: ") and judged.level_why.endswith(f"{', '.join(APPLYING)}.")


def test_json(demonstration: Content) -> None:
    listed = {row["id"]: row for row in json.loads(export.text(demonstration, "json", None))["advisories"]}
    assert [name for name in listed if listed[name]["applicability"] == "applies"] == [*APPLYING, "SUP-KUBERNETES"]
    assert listed["KI-1"]["fixed_in"] == "1.38.7" and listed["KI-1"]["versions"] == ["1.38.2"]
    assert listed["G-10"]["settles"] and listed["KI-1"]["source"]["url"].startswith("https://docs.weaviate.io/")


def test_sarif_has_a_result_for_each_that_applies(demonstration: Content) -> None:
    (run,) = json.loads(export.text(demonstration, "sarif", None))["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(rules)) == len(rules)
    results = {result["ruleId"]: result for result in run["results"]}
    assert all(rules[result["ruleIndex"]] == name for name, result in results.items())
    levels = {name: (results[name]["kind"], results[name]["level"]) for name in [*APPLYING, "SUP-KUBERNETES"]}
    assert levels == {**dict.fromkeys(APPLYING, ("fail", "error")), "SUP-KUBERNETES": ("fail", "warning")}


def test_sarif_lists_those_that_may_apply_in_one_result(demonstration: Content) -> None:
    (run,) = json.loads(export.text(demonstration, "sarif", None))["runs"]
    results = {result["ruleId"]: result for result in run["results"]}
    assert not results.keys() & set(MAY_APPLY)
    assert all(f"{name} " in results[OPEN_ID]["message"]["text"] for name in MAY_APPLY)


def test_text_and_markdown(demonstration: Content) -> None:
    for text in (as_text(demonstration.assessment), export.text(demonstration, "markdown", None)):
        assert "Known faults and support" in text
        assert all(name in text.replace("\\", "") for name in [*APPLYING, *MAY_APPLY])


def test_hostile_text_is_escaped(demonstration: Content) -> None:
    hostile = tuple(
        replace(found, title=sample.HOSTILE, happens=sample.HOSTILE, versions=(sample.HOSTILE,))
        for found in demonstration.assessment.advisories
    )
    soiled = replace(demonstration, assessment=replace(demonstration.assessment, advisories=hostile))
    html = str(cover(soiled) + actions.chapter(soiled))
    assert "<img src=x" not in html and "<script" not in html and "\u202e" not in html


def test_nothing_is_shown_where_nothing_is_known(demonstration: Content) -> None:
    bare = replace(demonstration, assessment=replace(demonstration.assessment, advisories=()))
    assert 'id="advisories"' not in str(actions.chapter(bare)) and "Known faults" not in str(cover(bare))
    assert "Known faults" not in as_text(bare.assessment)


def test_an_old_table_is_labelled_everywhere(demonstration: Content) -> None:
    found = tuple(replace(one, old=True) for one in demonstration.assessment.advisories)
    old = replace(demonstration, assessment=replace(demonstration.assessment, advisories=found))
    words = "The table of 2026-11-28 is old; update the kit."
    assert words in str(actions.chapter(old)) and words in as_text(old.assessment)
    assert words in export.text(old, "sarif", None) and '"old": true' in export.text(old, "json", None)


def test_applicability_has_a_word_and_a_sign() -> None:
    assert {(label(one), sign(one)) for one in Applicability} == {("Applies", "✗"), ("May apply", "?")}
