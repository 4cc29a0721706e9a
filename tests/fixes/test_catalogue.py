"""The catalogue: every id resolves in both directions, every value is one that the chart reads, and all fixes merge."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from readiness_kit.advisories.chart_values import check_chart_values
from readiness_kit.errors import ConfigError
from readiness_kit.facts import ClusterFacts
from readiness_kit.fixes.advise import prepare
from readiness_kit.fixes.fragments import merged
from readiness_kit.fixes.loading import catalogue
from readiness_kit.fixes.model import PLACEHOLDER, Fix, FixKind, Restarts
from readiness_kit.model import Settings
from tests.support.findings import demonstration

EVIDENCE = Path(__file__).resolve().parents[2] / "readiness_kit" / "evidence"
FIXES = list(catalogue().values())


def named_by_evidence() -> set[str]:
    """The ids that evidence gives to a parameter or a variable `fix`."""
    found: set[str] = set()
    for path in EVIDENCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "fix":
                found |= _texts(node.value)
            if isinstance(node, ast.Assign):
                found |= _assigned(node)
    return found


def _assigned(node: ast.Assign) -> set[str]:
    """The texts that an assignment gives to a name `fix`, alone or among several."""
    found: set[str] = set()
    for target in node.targets:
        if isinstance(target, ast.Name) and target.id == "fix":
            found |= _texts(node.value)
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            for name, value in zip(target.elts, node.value.elts, strict=True):
                if isinstance(name, ast.Name) and name.id == "fix":
                    found |= _texts(value)
    return found


def _texts(value: ast.expr) -> set[str]:
    """The texts of a constant or of both branches of a condition; the tests of conditions do not count."""
    if isinstance(value, ast.IfExp):
        return _texts(value.body) | _texts(value.orelse)
    is_text = isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value
    return {value.value} if isinstance(value, ast.Constant) and is_text else set()


def test_every_id_in_evidence_is_in_the_catalogue_and_every_fix_is_used() -> None:
    assert named_by_evidence() == set(catalogue())


@pytest.mark.parametrize("fix", FIXES, ids=lambda fix: fix.id)
def test_values_are_keys_of_the_chart(fix: Fix) -> None:
    assert [problem.sentence for problem in check_chart_values(fix.values)] == []


@pytest.mark.parametrize("fix", FIXES, ids=lambda fix: fix.id)
def test_every_fix_is_filled_on_the_demonstration(fix: Fix) -> None:
    """A placeholder is left only where a decision is open, and there in angle brackets."""
    found = prepare(fix, ClusterFacts(demonstration()), Settings())
    texts = [found.title, found.why, found.risk, found.rollback, found.done_when, *found.before, *found.commands]
    assert not [name for text in texts for name in PLACEHOLDER.findall(text)]
    assert set(found.sources) | {decision.name for decision in found.decisions} or not fix.parameters


def test_all_values_merge_without_a_conflict() -> None:
    facts = ClusterFacts(demonstration())
    found = [prepare(fix, facts, Settings()) for fix in FIXES]
    merged((fix.id, fix.values) for fix in found if fix.values and not fix.decisions)


@pytest.mark.parametrize("fix", FIXES, ids=lambda fix: fix.id)
def test_a_change_says_how_to_undo_it_and_what_it_risks(fix: Fix) -> None:
    if fix.kind not in (FixKind.DECISION, FixKind.PRACTICE):
        assert fix.rollback and fix.risk


@pytest.mark.parametrize("fix", FIXES, ids=lambda fix: fix.id)
def test_a_fix_that_changes_the_pod_template_says_that_pods_restart(fix: Fix) -> None:
    found = prepare(fix, ClusterFacts(demonstration()), Settings())
    if any(change.path.startswith("spec.template") for change in found.recorded):
        assert fix.restarts is not Restarts.NO


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{id: a.b, title: t, why: w, kind: values, done_when: d, effort: hours}", "needs `values`"),
        (
            "{id: a.b, title: '{nothing}', why: w, kind: practice, done_when: d, effort: hours}",
            "no parameter 'nothing'",
        ),
        ("{id: a.b, title: t, why: w, kind: practice, done_when: d, effort: weeks}", "effort"),
        ("{id: a.b, title: t, why: w, kind: practice, done_when: d, effort: days, after: [x.y]}", "`after` names x.y"),
        ("{id: a.b, title: t, why: w, kind: practice, done_when: d, effort: days, effect: x}", "no effect 'x'"),
        ("{id: a.b, title: t, why: w, kind: command, done_when: d, effort: days, commands: ['{item}']}", "`each`"),
    ],
)
def test_a_wrong_row_is_named_with_its_field(tmp_path: Path, row: str, message: str) -> None:
    (tmp_path / "topic.yaml").write_text(f"fixes:\n  - {row}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        catalogue(tmp_path)
