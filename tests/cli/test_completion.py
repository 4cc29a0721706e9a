"""What the shell completes."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from click.shell_completion import ShellComplete

from readiness_kit.cli import main
from tests.support.commands import run


def completed(*words: str, incomplete: str) -> list[str]:
    found = ShellComplete(main, {}, "readiness", "_READINESS_COMPLETE").get_completions(list(words), incomplete)
    return [item.value for item in found]


def test_ids_and_numbers_of_questions() -> None:
    assert completed("waive", incomplete="sec.network") == ["sec.network_policies"]
    assert completed("explain", incomplete="Q15") == ["Q15"]


def test_contexts_of_the_kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    contexts = [{"name": name, "context": {"cluster": "c", "user": "u"}} for name in ("prod-eu", "prod-us", "dev")]
    config = {"contexts": contexts, "clusters": [{"name": "c", "cluster": {}}], "users": [{"name": "u", "user": {}}]}
    (tmp_path / "config").write_text(yaml.safe_dump(config))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))
    assert completed("collect", "--context", incomplete="prod") == ["prod-eu", "prod-us"]
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    assert completed("collect", "--context", incomplete="") == []


def test_milestones_of_the_folder(demo_folder: Path) -> None:
    run("milestone", "first")
    assert completed("compare", incomplete="") == ["now", "first"]


def test_forms_of_the_output() -> None:
    assert completed("assess", "-o", incomplete="j") == ["json", "junit"]


def test_every_shell_gets_a_script() -> None:
    for shell in ("bash", "zsh", "fish"):
        from click.shell_completion import get_completion_class

        kind = get_completion_class(shell)
        assert kind is not None
        assert "_READINESS_COMPLETE" in kind(main, {}, "readiness", "_READINESS_COMPLETE").source()
