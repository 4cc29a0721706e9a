"""`readiness doctor`: the kit's environment checked line by line, with the next step for each problem."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import msgspec

from readiness_kit import evidence, paths
from readiness_kit._version import __version__
from readiness_kit.checklist import load_checklist
from readiness_kit.collect import Connection, connect, contexts, permissions
from readiness_kit.collect.kubernetes.kubeconfig import unverified_contexts
from readiness_kit.errors import ConfigError, ReadinessError
from readiness_kit.workspace.folder import Folder
from readiness_kit.workspace.leftovers import leftovers
from readiness_kit.workspace.milestones import load

PACKAGES = ("ipywidgets", "kubernetes", "pandas", "matplotlib", "nbconvert", "nbclient", "msgspec", "ipykernel")
UNVERIFIED = (
    "the certificate of the API server is not verified (insecure-skip-tls-verify): anyone on the network can read the"
    " credentials and change the answers"
)
OPTIONAL = (("jupyterlab", "lab", "the notebooks in JupyterLab"), ("voila", "app", "the notebooks as an app"))


class Line(msgspec.Struct, frozen=True):
    """The result of one check; `ok` None is information only."""

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
    """Check Python, packages, the kit's files, the assessment folder and the kubeconfig; with `reach`, the cluster."""
    yield from _installation()
    yield from _assessment()
    yield from _cluster(kubeconfig, context, reach)


def _installation() -> Iterator[Line]:
    supported = (3, 11) <= sys.version_info[:2] <= (3, 13)
    hint = "" if supported else "use Python 3.11, 3.12 or 3.13"
    yield Line(supported, f"Python {platform.python_version()}", hint)
    yield Line(True, f"readiness-kit {__version__} in {paths.PACKAGE}")
    for name in PACKAGES:
        try:
            yield Line(True, f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            yield Line(False, f"{name} is missing", "pip install --force-reinstall readiness-kit")
    for name, extra, what in OPTIONAL:
        installed = find_spec(name) is not None
        hint = "" if installed else f"pip install 'readiness-kit[{extra}]' for {what}"
        yield Line(installed or None, f"{name} is {'' if installed else 'not '}installed", hint)
    for what, folder in (("notebooks", paths.notebooks()), ("template", paths.templates() / "readiness")):
        yield Line(folder.is_dir(), f"{what} in {folder}", "" if folder.is_dir() else "reinstall readiness-kit")
    found = (Path(sys.prefix) / "share/jupyter/nbconvert/templates/readiness").is_dir()
    yield Line(
        found or None,
        f"the template is {'' if found else 'not '}found by `jupyter nbconvert --template readiness`",
        "" if found else "not needed for `readiness report`; a regular `pip install` puts it there",
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
    latest = folder.latest_snapshot()
    yield Line(True, f"assessment in {folder.path}" + (f" of {settings.customer}" if settings.customer else ""))
    yield Line(
        True if latest else None,
        f"latest snapshot {latest.name}" if latest else "no snapshot yet",
        "" if latest else "run `readiness collect`",
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
    try:
        known = contexts(kubeconfig)
        yield Line(bool(known), f"kubeconfig with {len(known)} contexts: {', '.join(known[:8])}")
        for name in unverified_contexts(kubeconfig):
            yield Line(
                False if context in ("", name) else None,
                f"{name}: {UNVERIFIED}",
                "set certificate-authority-data in the kubeconfig and remove insecure-skip-tls-verify",
            )
    except ReadinessError as problem:
        yield Line(None, problem.what, problem.hint)
        return
    if not reach:
        yield Line(None, "the cluster was not contacted", "add --reach to test the connection and the permissions")
        return
    try:
        with connect(kubeconfig, context) as connection:
            yield Line(True, f"{connection.context}: Kubernetes {connection.server_version}")
            yield from _permissions(connection)
    except ReadinessError as problem:
        yield Line(False, problem.what, problem.hint)


def _permissions(connection: Connection) -> Iterator[Line]:
    questions = load_checklist().questions
    refused = permissions(connection, evidence.reads_for(questions))
    if not refused:
        yield Line(True, "all lists that the evidence needs are permitted")
    for read in refused:
        affected = ", ".join(evidence.questions_losing(read.key, questions)) or "no question of this checklist"
        yield Line(
            False,
            f"no permission to list {read.key}; affected: {affected}",
            "request the role that `readiness rbac` prints",
        )
