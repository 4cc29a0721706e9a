"""The house keeps its shape: imports point one way, start-up loads nothing heavy, no module outgrows its reader."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("pandas", "numpy", "matplotlib", "kubernetes", "nbformat", "nbconvert", "nbclient", "ipywidgets", "IPython")
MAX_LINES = 400

IMPORT = "import readiness_kit"
RULES = "import readiness_kit, readiness_kit.evidence"
HELP = """
import contextlib, io
from readiness_kit.cli import main
with contextlib.redirect_stdout(io.StringIO()) as shown, contextlib.suppress(SystemExit):
    sys.argv = ["readiness", "--help"]
    main()
assert "collect" in shown.getvalue(), shown.getvalue()
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120)


def modules() -> list[Path]:
    return sorted((ROOT / "readiness_kit").rglob("*.py"))


def test_imports_point_only_to_lower_layers() -> None:
    done = run("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 kept, 0 broken" in done.stdout


def test_rooms_take_nothing_that_the_face_loads_lazily() -> None:
    """The contract lets the face name the notebook room; no room may reach that room through the face."""
    lazy = re.compile(r"^\s*from readiness_kit import .*\b(Kit|open_assessment|ReadinessError)\b", re.MULTILINE)
    assert [module for module in modules() if lazy.search(module.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    "code", [IMPORT, HELP, RULES], ids=["import readiness_kit", "readiness --help", "the rules of evidence"]
)
def test_start_up_loads_nothing_heavy(code: str) -> None:
    ending = "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    done = run("-c", f"import json, sys\n{code}\n{ending}")
    assert done.returncode == 0, done.stderr
    loaded = set(json.loads(done.stdout))
    assert "readiness_kit" in loaded
    assert loaded.isdisjoint(HEAVY)


@pytest.mark.parametrize("module", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_outgrows_its_reader(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) <= MAX_LINES
