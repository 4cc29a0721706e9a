"""The examples for CI: their commands run in a shell, and they upload nothing that was read from the cluster."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from readiness_kit._version import __version__
from tests.support.served import ServedCluster

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/how-to/run-in-ci.md"


def examples() -> list[dict[Any, Any]]:
    blocks = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return [yaml.safe_load(block) for block in blocks]


@pytest.fixture
def shell(tmp_path: Path, served_good: ServedCluster) -> dict[str, str]:
    """The environment of a job: `readiness` is the checkout, and pip installs nothing."""
    commands = tmp_path / "bin"
    commands.mkdir()
    (commands / "readiness").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m readiness_kit.cli "$@"\n')
    (commands / "pip").write_text("#!/bin/sh\nexit 0\n")
    for command in commands.iterdir():
        command.chmod(0o755)
    kubeconfig = served_good.kubeconfig(tmp_path)
    return {
        "PATH": f"{commands}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "PYTHONPATH": str(ROOT),
        "READINESS_DIR": "assessment",
        "KUBECONFIG_DATA": kubeconfig.read_text(),
        "KUBECONFIG_FILE": str(kubeconfig),
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
    }


def run(script: str, work: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=work, env=environment, capture_output=True,
                          text=True)  # fmt: skip


def test_github_workflow(shell: dict[str, str], tmp_path: Path) -> None:
    steps = examples()[0]["jobs"]["readiness"]["steps"]
    codes = {}
    for step in steps:
        if "run" in step:
            done = run(step["run"], tmp_path, shell)
            codes[step["name"]] = done.returncode
            assert "Traceback" not in done.stderr
    # The recorded cluster has known faults of its release: the gate fails, and everything after it still runs.
    assert codes == {"Install": 0, "Collect": 0, "Assess": 1, "Report": 0, "Summary": 0}
    assert (tmp_path / "summary.md").read_text("utf-8").startswith("#")
    for step in steps[-2:]:
        assert step["if"] == "always()"
        named = step["with"].get("path") or step["with"]["sarif_file"]
        assert all((tmp_path / name).stat().st_size for name in named.split())


def test_gitlab_job(shell: dict[str, str], tmp_path: Path) -> None:
    job = examples()[1]["readiness"]
    done = run("\n".join(job["script"]), tmp_path, shell)
    assert done.returncode == 1 and "Gate --fail-on critical: failed" in done.stderr
    assert job["allow_failure"] == {"exit_codes": 7} and job["artifacts"]["when"] == "always"
    for name in (*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]):
        assert (tmp_path / name).stat().st_size


def test_examples_pin_the_version_and_upload_no_snapshot() -> None:
    for example in examples():
        text = yaml.safe_dump(example)
        assert f"readiness-kit=={__version__}" in text and f"key: readiness-kit-{__version__}" in text
        assert "snapshots" not in text
