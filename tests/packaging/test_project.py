"""pyproject.toml, constraints.txt, binder/ and the scripts are consistent with each other."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from readiness_kit._version import __version__
from scripts import install_template

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LABEXTENSION = "labextensions/readiness-kit/package.json"
EXTRAS = PROJECT["optional-dependencies"]
SCRIPTS = (
    "scripts/bootstrap",
    "scripts/constraints",
    "scripts/system_parts",
    ".ci/run",
    "binder/postBuild",
    "binder/start",
)


def lines(name: str) -> list[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def pins() -> dict[str, str]:
    found = (re.fullmatch(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.+!]+)", line) for line in lines("constraints.txt"))
    return {canonicalize_name(match[1]): match[2] for match in found if match}


def declared() -> list[Requirement]:
    every = [*PROJECT["dependencies"], *(line for extra in EXTRAS.values() for line in extra)]
    return [Requirement(line) for line in every if not line.startswith(PROJECT["name"])]


def test_constraints_contain_pins_only() -> None:
    assert len(pins()) == len(lines("constraints.txt")) > 100


@pytest.mark.parametrize("requirement", declared(), ids=str)
def test_each_dependency_is_pinned_within_its_bounds(requirement: Requirement) -> None:
    assert pins()[canonicalize_name(requirement.name)] in requirement.specifier


@pytest.mark.parametrize("tool", ["hatchling", "editables"])
def test_build_back_end_is_pinned(tool: str) -> None:
    assert tool in pins()


def test_binder_requirements_are_the_dependencies_with_the_lab_extra() -> None:
    first, *rest = lines("binder/requirements.txt")
    assert first == "-c ../constraints.txt"
    assert sorted(rest) == sorted([*PROJECT["dependencies"], *EXTRAS["lab"]])


def test_binder_python_is_supported() -> None:
    (runtime,) = lines("binder/runtime.txt")
    assert runtime.removeprefix("python-") in SpecifierSet(PROJECT["requires-python"])


def test_binder_warns_against_uploading_kubeconfigs() -> None:
    warning = re.sub(r"[\s*]+", " ", (ROOT / "binder/README.md").read_text(encoding="utf-8"))
    assert "Never upload a kubeconfig" in warning


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_are_valid_and_executable(script: str) -> None:
    done = subprocess.run(["bash", "-n", ROOT / script], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert os.access(ROOT / script, os.X_OK)


def test_license_is_bsd_everywhere() -> None:
    assert PROJECT["license"] == "BSD-3-Clause"
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("BSD 3-Clause License")


def test_readme_has_no_relative_links() -> None:
    """PyPI shows the README without the repository around it."""
    targets = re.findall(r"\]\(([^)]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert [target for target in targets if not re.match(r"https://|#", target)] == []


def test_classifiers_name_the_pythons_that_are_supported() -> None:
    named = [line.rpartition(" ")[2] for line in PROJECT["classifiers"] if line.startswith("Programming Language")]
    assert named == ["3.11", "3.12", "3.13", "3.14"]
    assert all(f"{version}.0" in SpecifierSet(PROJECT["requires-python"]) for version in named)
    assert "3.15.0" not in SpecifierSet(PROJECT["requires-python"])


def test_make_help_names_every_target() -> None:
    done = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    targets = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)[0].split()
    assert [line.split()[1] for line in done.stdout.splitlines()] == targets


def test_installed_copies_are_updated_and_otherwise_not_touched(tmp_path: Path) -> None:
    install_template.install(tmp_path)
    first = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert {tmp_path / "nbconvert/templates/readiness/index.html.j2", tmp_path / LABEXTENSION} <= set(first)
    install_template.install(tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == first
    for target in install_template.COPIES.values():
        (tmp_path / target / "left-over.txt").write_text("old", encoding="utf-8")
    install_template.install(tmp_path)
    assert all(
        install_template.same(ROOT / source, tmp_path / target) for source, target in install_template.COPIES.items()
    )


def test_editable_and_wheel_installs_have_the_same_shared_data() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    shared = build["targets"]["wheel"]["shared-data"]
    copies = {source: f"share/jupyter/{target}" for source, target in install_template.COPIES.items()}
    config = {"readiness_kit/notebook/jupyter/jupyter_server_config.d": "etc/jupyter/jupyter_server_config.d"}
    assert shared == copies | config


def test_version_of_the_labextension_is_that_of_the_kit() -> None:
    package = json.loads((ROOT / "readiness_kit/notebook/jupyter" / LABEXTENSION).read_text(encoding="utf-8"))
    assert package["version"] == __version__


def test_this_python_is_supported() -> None:
    assert ".".join(map(str, sys.version_info[:3])) in SpecifierSet(PROJECT["requires-python"])
