"""The examples for pipelines: their commands run as written, with a program in place of helm and of pip."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.bundles.test_manifests import STATEFUL_SET

ROOT = Path(__file__).resolve().parents[2]
PIPELINES = ROOT / "docs" / "how-to" / "pipelines"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with values for Weaviate; `helm template` prints `rendered.yaml`."""
    programs = tmp_path / "programs"
    programs.mkdir()
    bodies = {
        "helm": f'[ "$1" = repo ] || cat {tmp_path / "rendered.yaml"}',
        "pip": "true",
        "readiness": f'PYTHONPATH={ROOT} exec {sys.executable} -m readiness_kit.cli "$@"',
    }
    for name, body in bodies.items():
        (programs / name).write_text(f"#!/bin/sh\n{body}\n")
        (programs / name).chmod(0o755)
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "values.yaml").write_text("replicas: 3\n")
    (tmp_path / "rendered.yaml").write_text(STATEFUL_SET)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("READINESS_DIR", raising=False)
    return tmp_path


def shell(commands: str, place: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", commands], cwd=place, capture_output=True, text=True, timeout=240
    )


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def test_the_github_workflow_fails_on_gaps_and_writes_sarif(place: Path) -> None:
    job = loaded(PIPELINES / "github-actions.yaml")["jobs"]["judge"]
    done = shell("\n".join(step["run"] for step in job["steps"] if "run" in step), place)
    assert (done.returncode, "Gate --fail-on high: failed by" in done.stderr) == (1, True), done.stderr
    sarif = (place / job["steps"][-1]["with"]["sarif_file"]).read_text()
    assert '"version": "2.1.0"' in sarif and '"uri": "deploy/values.yaml"' in sarif


def test_the_gitlab_job_fails_on_gaps_and_writes_junit(place: Path) -> None:
    job = loaded(PIPELINES / "gitlab-ci.yaml")["weaviate-readiness"]
    done = shell("\n".join(job["script"]), place)
    assert (done.returncode, "Gate --fail-on high: failed by" in done.stderr) == (1, True), done.stderr
    assert "<testsuites" in (place / job["artifacts"]["reports"]["junit"]).read_text()


def test_the_pre_commit_hook_judges_a_folder(place: Path) -> None:
    (hook,) = loaded(ROOT / ".pre-commit-hooks.yaml")
    (place / "deploy" / "weaviate.yaml").write_text(STATEFUL_SET)
    done = shell(f"{hook['entry']} {' '.join(hook['args'])}", place)
    assert (done.returncode, "Gate --fail-on critical: failed by" in done.stderr) == (1, True), done.stderr
    assert hook["pass_filenames"] is False
