"""`readiness assess` of manifests: standard input, a folder, and a chart that a program in place of helm renders."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.bundles.test_manifests import BUDGET, RENDERS, STATEFUL_SET
from tests.support.commands import run

DEFAULT = RENDERS / "17.8.3" / "default"
FIRST_LINE = "This is a judgement of manifests, not of a running cluster"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working directory without an assessment folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("READINESS_DIR", raising=False)


@pytest.fixture
def chart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that looks like the official chart, and a program called helm that prints fixed manifests."""
    folder, programs = tmp_path / "chart", tmp_path / "bin"
    folder.mkdir()
    programs.mkdir()
    (folder / "Chart.yaml").write_text("name: weaviate\n")
    (tmp_path / "rendered.yaml").write_text(f"{STATEFUL_SET}\n---\n{BUDGET.replace('SPEC', 'maxUnavailable: 1')}")
    (programs / "helm").write_text(f"#!/bin/sh\ncat {tmp_path / 'rendered.yaml'}\n")
    (programs / "helm").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    return folder


def test_manifests_from_standard_input() -> None:
    result = run("assess", "-", input=STATEFUL_SET)
    assert result.exit_code == 0 and FIRST_LINE in result.output
    assert "No PodDisruptionBudget selects the Weaviate pods." in result.output


def test_defaults_of_the_chart_fail_the_gate() -> None:
    if not DEFAULT.is_dir():
        pytest.skip("the shared renders are not here")
    result = run("assess", "-", "--fail-on", "high", "-q", input=(DEFAULT / "manifests.yaml").read_text())
    assert result.exit_code == 1
    assert "failed by Q1, Q2, Q8, Q11, Q15, Q16, Q18, Q21, Q22, Q23, Q24, Q25, Q26, Q32, G-13" in result.output


def test_a_folder_of_manifests_and_other_files(tmp_path: Path) -> None:
    folder = tmp_path / "deploy"
    (folder / "base").mkdir(parents=True)
    (folder / "base" / "weaviate.yaml").write_text(STATEFUL_SET)
    (folder / "budget.yml").write_text(BUDGET.replace("SPEC", "maxUnavailable: 1"))
    (folder / "kustomization.yaml").write_text("resources: [base, budget.yml]\n")
    result = run("assess", folder)
    assert FIRST_LINE in result.output and "No PodDisruptionBudget" not in result.output


def test_the_other_forms_name_the_basis(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(STATEFUL_SET)
    result = run("assess", "m.yaml", "-o", "json=r.json")
    assert f"Warning: {FIRST_LINE}" in result.output
    assert json.loads((tmp_path / "r.json").read_text())["warnings"][0].startswith(FIRST_LINE)
    run("assess", "m.yaml", "-o", "markdown=r.md")
    assert FIRST_LINE in (tmp_path / "r.md").read_text()


def test_not_enough_known_can_be_accepted(chart: Path) -> None:
    """Gaps still fail: at `critical` these manifests have some."""
    open_only = run("assess", "--chart", chart, "--fail-on", "critical", "--accept-unknown")
    assert open_only.exit_code == 1


@pytest.mark.parametrize(("extra", "code"), [((), 7), (("--accept-unknown",), 0)])
def test_manifests_without_a_gap_are_not_enough_known(extra: tuple[str, ...], code: int) -> None:
    """The hardened values, with a release that has no known fault."""
    if not DEFAULT.is_dir():
        pytest.skip("the shared renders are not here")
    hardened = (RENDERS / "17.8.3" / "hardened" / "manifests.yaml").read_text().replace(":1.38.2", ":1.40.2")
    result = run("assess", "-", "-q", "--fail-on", "high", *extra, input=hardened)
    assert result.exit_code == code and "not enough known" in result.output


def test_a_chart_with_values(chart: Path, tmp_path: Path) -> None:
    (tmp_path / "values.yaml").write_text("replicaCount: 3\nstorage: {size: 100Gi}\n")
    result = run("assess", "--chart", chart, "--values", "values.yaml", "-n", "search")
    assert result.exit_code == 0 and FIRST_LINE in result.output
    warnings = [line for line in result.output.splitlines() if line.startswith("Warning: values.yaml: ")]
    assert len(warnings) == 1 and "replicaCount" in warnings[0] and "replicas" in warnings[0]


@pytest.mark.parametrize(
    ("words", "given", "code", "text"),
    [
        (("-",), "", 6, "standard input is empty"),
        (("-",), "kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n", 5, "no Weaviate"),
        (("-",), "replicas: 3\n", 6, "no Kubernetes object"),
        (("-",), f"{STATEFUL_SET}\n---\nkind: [\n", 6, "not valid YAML"),
        (("--values", "v.yaml"), "", 2, "need --chart"),
        (("--chart", "c", "m.yaml"), "", 2, "m.yaml and --chart were both given"),
        (("--chart", "c", "--live"), "", 2, "both given"),
        (("--chart", "c", "-n", "a", "-n", "b"), "", 2, "one namespace"),
        (("--chart", "c", "--values", "missing.yaml"), "", 6, "missing.yaml does not exist"),
    ],
)
def test_input_that_cannot_be_judged(words: tuple[str, ...], given: str, code: int, text: str) -> None:
    result = run("assess", *words, input=given)
    assert (result.exit_code, text in result.output) == (code, True), result.output


@pytest.mark.parametrize(("release", "id"), [("1.99.0", "SUP-WEAVIATE"), ("7.0.0", "VERSION")])
def test_a_release_that_no_table_has_is_unknown(release: str, id: str) -> None:
    result = run("assess", "-v", "-", input=STATEFUL_SET.replace("1.38.11", release))
    (line,) = [line for line in result.output.splitlines() if f" {id} " in line]
    assert result.exit_code == 0 and "may apply" in line


def _files_of_results(sarif: Path) -> set[str]:
    (run,) = json.loads(sarif.read_text())["runs"]
    assert run["results"]
    return {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]}


def test_sarif_points_to_the_file_that_decides(tmp_path: Path, chart: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last values file, or the manifest; a file outside the working directory is not in its repository."""
    inside, outside = tmp_path / "repository", tmp_path / "values.yaml"
    (inside / "deploy").mkdir(parents=True)
    for path in (inside / "deploy/eu west.yaml", inside / "base.yaml", outside):
        path.write_text("replicas: 3\n")
    (inside / "deploy/weaviate.yaml").write_text(STATEFUL_SET)
    monkeypatch.chdir(inside)
    for words, file in (
        (("--chart", chart, "--values", "base.yaml", "--values", "deploy/eu west.yaml"), "deploy/eu%20west.yaml"),
        (("--chart", chart, "--values", inside / "base.yaml"), "base.yaml"),
        (("--chart", chart, "--values", outside), "readiness.yaml"),
        (("--chart", chart), "readiness.yaml"),
        (("deploy/weaviate.yaml",), "deploy/weaviate.yaml"),
        (("deploy",), "readiness.yaml"),
        (("-f", "../repository/deploy/weaviate.yaml"), "deploy/weaviate.yaml"),
    ):
        assert run("assess", *words, "-o", "sarif=r.sarif").exit_code == 0
        assert _files_of_results(Path("r.sarif")) == {file}, words
