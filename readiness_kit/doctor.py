"""`readiness doctor`: what of the kit's surroundings works, line by line, each with what to do where it does not."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import msgspec

from readiness_kit import paths
from readiness_kit._version import __version__
from readiness_kit.errors import ConfigError, ReadinessError
from readiness_kit.workspace.folder import Folder
from readiness_kit.workspace.leftovers import leftovers
from readiness_kit.workspace.milestones import load

PACKAGES = ("ipywidgets", "kubernetes", "pandas", "matplotlib", "nbconvert", "nbclient", "msgspec", "ipykernel")
OPTIONAL = (("jupyterlab", "lab", "the notebooks in JupyterLab"), ("voila", "app", "the notebooks as an app"))


class Line(msgspec.Struct, frozen=True):
    """One thing looked at: `ok` None is neither good nor bad."""

    ok: bool | None
    text: str
    hint: str = ""
    exit_code: int = ConfigError.exit_code
    """The exit code of the command if the line is not `ok`."""

    @property
    def sign(self) -> str:
        """The sign before the text."""
        return {True: "✓", False: "✗", None: "·"}[self.ok]

    def __str__(self) -> str:
        return f"{self.sign} {self.text}" + (f"\n    Next: {self.hint}" if self.hint else "")


def examine(kubeconfig: str = "", context: str = "", *, reach: bool = False) -> Iterator[Line]:
    """Looks at Python, packages, the kit's files, the assessment folder, kubeconfig, and (asked to) the cluster."""
    yield from _installation()
    yield from _assessment()
    yield from _cluster(kubeconfig, context, reach)


def _installation() -> Iterator[Line]:
    good = (3, 11) <= sys.version_info[:2] <= (3, 13)
    yield Line(good, f"Python {platform.python_version()}", "" if good else "use Python 3.11, 3.12 or 3.13")
    yield Line(True, f"readiness-kit {__version__} in {paths.PACKAGE}")
    for name in PACKAGES:
        try:
            yield Line(True, f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            yield Line(False, f"{name} is missing", "pip install --force-reinstall readiness-kit")
    for name, extra, what in OPTIONAL:
        there = find_spec(name) is not None
        hint = "" if there else f"pip install 'readiness-kit[{extra}]' for {what}"
        yield Line(True if there else None, f"{name} {'is there' if there else 'is not installed'}", hint)
    for what, folder in (("notebooks", paths.notebooks()), ("template", paths.templates() / "readiness")):
        yield Line(folder.is_dir(), f"{what} in {folder}", "" if folder.is_dir() else "install the kit again")
    installed = Path(sys.prefix) / "share/jupyter/nbconvert/templates/readiness"
    yield Line(
        True if installed.is_dir() else None,
        "plain `jupyter nbconvert --template readiness` " + ("finds it" if installed.is_dir() else "does not find it"),
        "" if installed.is_dir() else "only needed without `readiness report`; a normal pip install puts it there",
    )


def _assessment() -> Iterator[Line]:
    try:
        folder = Folder.find()
    except ReadinessError as problem:
        yield Line(None, problem.what, problem.hint)
        return
    try:
        settings = folder.settings
    except ReadinessError as problem:
        yield Line(False, problem.what, problem.hint)
        return
    newest = folder.latest_snapshot()
    yield Line(True, f"assessment in {folder.path}" + (f" of {settings.customer}" if settings.customer else ""))
    yield Line(
        True if newest else None,
        f"newest snapshot {newest.name}" if newest else "no snapshot yet",
        "" if newest else "run `readiness collect`",
    )
    yield from _stored(folder)
    for left in leftovers(folder.path):
        yield Line(None, f"left over: {left.path.relative_to(folder.path)}, {left.meaning}", left.hint)


def _stored(folder: Folder) -> Iterator[Line]:
    """Answers, waivers and milestones: how many there are, and what cannot be read."""
    try:
        answers = folder.answers.all()
        known = len(folder.answers.events.latest())
        lost = not folder.answers.path.exists() and known > 0
        yield Line(
            None if lost else True,
            f"{len(answers)} answers stored" + (f"; the history has answers to {known} questions" if lost else ""),
            "run `readiness answers restore`" if lost else "",
        )
        for problem in folder.answers.problems:
            yield Line(None, f"answers.json: {problem}", "correct the entry, or answer the question again")
    except ReadinessError as error:
        yield Line(False, error.what, error.hint, error.exit_code)
    try:
        yield Line(True, f"{len(folder.waivers)} waivers stored")
    except ReadinessError as error:
        yield Line(False, error.what, error.hint, error.exit_code)
    for file in sorted(folder.milestones.glob("*.json")):
        try:
            load(file)
        except ReadinessError as error:
            yield Line(None, f"left out: {error.what}", error.hint)


def _cluster(kubeconfig: str, context: str, reach: bool) -> Iterator[Line]:
    from readiness_kit.collect import connect, contexts

    try:
        known = contexts(kubeconfig)
        yield Line(bool(known), f"kubeconfig with {len(known)} contexts: {', '.join(known[:8])}")
    except ReadinessError as problem:
        yield Line(None, problem.what, problem.hint)
        return
    if not reach:
        yield Line(None, "the cluster itself was not asked", "add --reach to test connection and permissions")
        return
    try:
        with connect(kubeconfig, context) as connection:
            yield Line(True, f"{connection.context}: Kubernetes {connection.server_version}")
            yield from _permissions(connection)
    except ReadinessError as problem:
        yield Line(False, problem.what, problem.hint)


def _permissions(connection: object) -> Iterator[Line]:
    from readiness_kit import evidence
    from readiness_kit.checklist import load_checklist
    from readiness_kit.collect import permissions

    questions = load_checklist().questions
    refused = permissions(connection, evidence.reads_for(questions), ())  # type: ignore[arg-type]
    if not refused:
        yield Line(True, "all lists that the evidence needs are permitted")
    for read in refused:
        losing = ", ".join(evidence.questions_losing(read.key, questions)) or "no question of this checklist"
        yield Line(
            False,
            f"may not list {read.key}: without it {losing} cannot be judged in full",
            "ask for the role that `readiness rbac` prints",
        )
