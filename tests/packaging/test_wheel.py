"""The wheel is complete: built from the sdist and installed into an empty environment, it creates the demo report.

The environment has the dependencies that the wheel declares and no other package, because an existing one could
provide a package that the wheel does not declare.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.support import environments

ROOT = Path(__file__).resolve().parents[2]
SECTIONS = ("high_availability", "resource_management", "security", "monitoring", "performance", "tenants")
NOTEBOOKS = {
    "00_start",
    *(f"{number:02}_{name}" for number, name in enumerate(SECTIONS, start=1)),
    "07_versions",
    "90_report",
}
# Other variables could make the wheel use the checkout.
KEPT = {"PATH", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE", "SYSTEMROOT"}


def run(*command: str | Path, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([str(word) for word in command], cwd=cwd, env=env or None, capture_output=True, text=True)
    assert done.returncode == 0, f"{command[0]} exited {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done


def clean_environment(home: Path) -> dict[str, str]:
    return {**{name: os.environ[name] for name in KEPT if name in os.environ}, "HOME": str(home)}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built like a release: first the sdist, then the wheel from it."""
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, ROOT, cwd=out)
    (built,) = out.glob("*.whl")
    return built


def install(wheel: Path, folder: Path, *extras: str) -> Path:
    """The `bin` folder of a new environment with the wheel and what it declares."""
    programs = environments.create(folder, wheel, *extras)
    pip = (sys.executable, "-m", "pip", "--python", programs / "python", "--disable-pip-version-check")
    run(*pip, "install", "--quiet", "--no-index", "--no-deps", wheel, cwd=folder)
    run(*pip, "check", cwd=folder)
    return programs


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of an environment for reports."""
    return install(wheel, tmp_path_factory.mktemp("empty") / "env")


@pytest.fixture(scope="session")
def installed_lab(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of an environment for notebooks, which has the extra `lab`."""
    return install(wheel, tmp_path_factory.mktemp("lab") / "env", "lab")


@pytest.fixture(scope="session")
def demonstration(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder that `readiness demo` of the wheel created, and what the command printed."""
    folder = tmp_path_factory.mktemp("demonstration")
    done = run(installed / "readiness", "demo", "-d", "demo", cwd=folder, **clean_environment(folder))
    return folder / "demo", done.stdout + done.stderr


def test_environment_has_no_package_that_the_wheel_does_not_declare(installed: Path, tmp_path: Path) -> None:
    code = "import importlib.metadata as m, json; print(json.dumps(sorted({d.name for d in m.distributions()})))"
    done = run(installed / "python", "-c", code, cwd=tmp_path, **clean_environment(tmp_path))
    names = set(json.loads(done.stdout))
    assert {"readiness-kit", "kubernetes", "nbconvert", "pandas"} <= names
    assert names & {"pytest", "jupyterlab", "hypothesis", "playwright", "pip"} == set()


def test_wheel_contains_all_parts(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    carried = {Path(name).stem for name in names if name.startswith("readiness_kit/_share/notebooks/")}
    assert carried == NOTEBOOKS
    for template in (ROOT / "templates" / "readiness").rglob("*"):
        if template.is_file():
            inside = template.relative_to(ROOT).as_posix()
            assert f"readiness_kit/_share/{inside}" in names
            assert any(name.endswith(f".data/data/share/jupyter/nbconvert/{inside}") for name in names)
    extension = [name for name in names if name.endswith("/labextensions/readiness-kit/static/remoteEntry.js")]
    assert len(extension) == 1 and ".data/data/share/jupyter/labextensions/" in extension[0]
    for section in SECTIONS:
        assert f"readiness_kit/checklist/{section}.yaml" in names
    assert "readiness_kit/demo/cluster.zip" in names
    assert "readiness_kit/py.typed" in names


def test_wheel_contains_nothing_else(wheel: Path) -> None:
    roots = {name.partition("/")[0].split("-")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert roots == {"readiness_kit"}
    strays = (".pyc", ".ipynb_checkpoints", "/tests/")
    assert [name for name in zipfile.ZipFile(wheel).namelist() if any(stray in name for stray in strays)] == []


def test_metadata_of_both_packages_is_accepted_by_pypi(wheel: Path) -> None:
    done = run(sys.executable, "-m", "twine", "check", "--strict", *wheel.parent.iterdir(), cwd=wheel.parent)
    assert done.stdout.count("PASSED") == 2


def test_sdist_contains_the_checkout_and_no_private_files(wheel: Path) -> None:
    (sdist,) = wheel.parent.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {member.name.partition("/")[2] for member in archive if member.isfile()}
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if tracked.returncode:
        pytest.skip("this is not a checkout with git")
    files = {name for name in tracked.stdout.split("\0") if name and (ROOT / name).is_file()}
    assert {name for name in files - names if not name.startswith(".ci/")} == set()
    strays = ("snapshots/", ".venv/", ".pyc", ".ipynb_checkpoints", "kubeconfig", ".env")
    assert [name for name in names - files if any(stray in name for stray in strays)] == []
    assert {"PKG-INFO", "README.md", "LICENSE", "pyproject.toml", "docs/architecture.md"} <= names


def test_installed_kit_finds_its_parts(installed: Path, tmp_path: Path) -> None:
    code = (
        "import json; from readiness_kit import paths;"
        "print(json.dumps({f.__name__: [str(f()), sorted(p.name for p in f().rglob('*'))]"
        " for f in (paths.notebooks, paths.templates, paths.checklist, paths.demo)}))"
    )
    done = run(installed / "python", "-c", code, cwd=tmp_path, **clean_environment(tmp_path))
    found = json.loads(done.stdout)
    environment = str(installed.parent)
    assert [where for where, _ in found.values() if not where.startswith(environment)] == []
    assert {f"{name}.ipynb" for name in NOTEBOOKS} <= set(found["notebooks"][1])
    assert "index.html.j2" in found["templates"][1]
    assert {f"{name}.yaml" for name in SECTIONS} <= set(found["checklist"][1])
    assert "cluster.zip" in found["demo"][1]


def test_demo_runs_from_the_wheel(demonstration: tuple[Path, str]) -> None:
    folder, printed = demonstration
    (report,) = folder.rglob("*.html")
    assert report.name in printed
    page = report.read_text(encoding="utf-8")
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert "default-src 'none'" in page


def test_plain_nbconvert_finds_the_template(
    installed_lab: Path, demonstration: tuple[Path, str], tmp_path: Path
) -> None:
    env = {**clean_environment(tmp_path), "PATH": f"{installed_lab}{os.pathsep}{os.environ['PATH']}"}
    folder = tmp_path / "demo"
    shutil.copytree(demonstration[0], folder)
    run(installed_lab / "readiness", "lab", "-d", ".", "--prepare-only", cwd=folder, **env)
    words = ("nbconvert", "--execute", "--to", "html", "--template", "readiness", "notebooks/90_report.ipynb")
    run(installed_lab / "jupyter", *words, cwd=folder, **{**env, "READINESS_DIR": str(folder)})
    (report,) = (folder / "reports").glob("*.html")
    assert (folder / "notebooks" / "90_report.html").read_bytes() == report.read_bytes()


def test_jupyterlab_finds_the_extension_of_the_wheel(installed_lab: Path, tmp_path: Path) -> None:
    share = installed_lab.parent / "share" / "jupyter"
    done = run(installed_lab / "jupyter", "labextension", "list", cwd=tmp_path, **clean_environment(tmp_path))
    listed = (done.stdout + done.stderr).partition(f"{share / 'labextensions'}\n")[2].partition("\n\n")[0]
    assert re.search(r"^\s+readiness-kit v\S+ .*enabled.* .*OK", listed, re.MULTILINE), done.stdout + done.stderr
