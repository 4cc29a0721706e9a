"""What contributors are given: hooks that run what `make lint` runs, and forms that GitHub can read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FORMS = sorted(path for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
INPUTS = {"input", "textarea", "dropdown", "checkboxes"}


def test_the_hooks_run_what_make_lint_runs() -> None:
    (recipe,) = re.findall(r"^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    linters = re.findall(r"@\$\(BIN\)/([^\n]+)", recipe)
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    hooks = [hook for repo in config["repos"] for hook in repo["hooks"]]
    assert all(repo["repo"] == "local" for repo in config["repos"])
    assert [f".venv/bin/{line.removesuffix(' .')}" for line in linters] == [hook["entry"] for hook in hooks]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.stem)
def test_issue_forms_have_what_github_asks_for(form: Path) -> None:
    data = yaml.safe_load(form.read_text("utf-8"))
    assert data["name"] and data["description"]
    fields = [part for part in data["body"] if part["type"] in INPUTS]
    ids = [part["id"] for part in fields]
    assert fields and len(set(ids)) == len(ids)
    assert all(part["attributes"]["label"] for part in fields)
    assert any(part.get("validations", {}).get("required") for part in fields)
