"""What the side panel shows, from the files of an assessment folder."""

from __future__ import annotations

import json
import threading
import zlib
from pathlib import Path
from typing import Any

from readiness_kit.labels import LEVEL_WORDS, SECTION_TITLES, STATE_WORDS, percent
from readiness_kit.model import Assessment, Level, Section, State, Verdict
from readiness_kit.notebook.controller import Controller
from readiness_kit.notebook.views.links import NOTEBOOKS, START, question_address
from readiness_kit.notebook.views.overview import is_answered
from readiness_kit.workspace.folder import Folder

LEVEL_STATES = {
    Level.NOT_READY: State.GAP,
    Level.NOT_ENOUGH_KNOWN: State.OPEN,
    Level.READY_WITH_RISKS: State.PARTLY,
    Level.READY: State.VERIFIED,
}
"""The colour and icon of a level: those of a state."""
MAX_FOLDERS = 8
"""Assessments that a server keeps open; the one that was used least recently is dropped first."""


class Panels:
    """The assessments of a server, each judged again only when its files changed. Used from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[Path, Controller] = {}

    def state(self, folder: Folder, root: Path) -> tuple[str, str]:
        """The mark of the state, and the state as JSON. Raises ReadinessError for a file that cannot be read."""
        with self._lock:
            controller = self._open.pop(folder.path, None) or Controller(folder)
            self._open[folder.path] = controller
            while len(self._open) > MAX_FOLDERS:
                self._open.pop(next(iter(self._open)))
            controller.refresh()
            text = json.dumps(panel_state(controller, root), ensure_ascii=False)
        return f"{zlib.crc32(text.encode('utf-8')):08x}-{len(text)}", text


def panel_state(controller: Controller, root: Path) -> dict[str, Any]:
    """The assessment as the panel shows it: names and words, no note and no evidence."""
    assessment, settings = controller.assessment, controller.settings
    applicable = [verdict for verdict in assessment.verdicts if verdict.applicable]
    upcoming = next_open(controller)
    notebooks = _notebooks(controller.folder, root)
    return {
        "assessment": True,
        "customer": settings.customer or "Customer not named",
        "cluster": _cluster(controller),
        "collected": controller.session.snapshot is not None,
        "level": {"word": LEVEL_WORDS[assessment.level], "state": LEVEL_STATES[assessment.level].value},
        "score": _score(assessment),
        "answered": sum(map(is_answered, applicable)),
        "applicable": len(applicable),
        "notebooks": notebooks,
        "run_on_open": bool(notebooks) and not _is_shadowed(root / notebooks),
        "workshop": controller.folder.state.get("workshop"),
        "sections": [_section(controller, section) for section in assessment.sections if _of(assessment, section)],
        "next": upcoming.question.id if upcoming is not None else "",
        "position": controller.folder.state["position"],
    }


def next_open(controller: Controller) -> Verdict | None:
    """The first question without an answer; parked ones come last."""
    parked = set(controller.parked_ids)
    waiting = [verdict for verdict in controller.assessment.verdicts if verdict.applicable and not is_answered(verdict)]
    return min(waiting, key=lambda verdict: verdict.question.id in parked, default=None)


def _cluster(controller: Controller) -> str:
    session = controller.session
    if session.snapshot is None:
        return "Nothing has been collected yet"
    name = controller.settings.cluster_name or session.snapshot.manifest.context or "Cluster"
    version = session.facts.weaviate.version if session.facts is not None else None
    return f"{name}, Weaviate {version}" if version else name


def _score(assessment: Assessment) -> dict[str, Any] | None:
    total = assessment.total
    if not total.judged:
        return None
    parts = {"proven": total.proven, "possible": total.possible}
    widths = {f"{name}_width": round(float(value) * 100, 1) for name, value in parts.items()}
    return {name: percent(float(value)) for name, value in parts.items()} | widths


def _of(assessment: Assessment, section: Section) -> list[Verdict]:
    return [verdict for verdict in assessment.verdicts if verdict.question.section is section]


def _section(controller: Controller, section: Section) -> dict[str, Any]:
    parked = set(controller.parked_ids)
    questions = [_question(verdict, parked) for verdict in _of(controller.assessment, section)]
    return {"title": SECTION_TITLES[section], "notebook": NOTEBOOKS[section], "questions": questions}


def _question(verdict: Verdict, parked: set[str]) -> dict[str, Any]:
    question = verdict.question
    return {
        "id": question.id,
        "number": question.number,
        "short": question.short,
        "state": verdict.state.value,
        "word": STATE_WORDS[verdict.state],
        "answered": is_answered(verdict),
        "applicable": verdict.applicable,
        "parked": question.id in parked,
        "owner": verdict.answer.owner if verdict.answer else "",
        "address": question_address(question),
    }


def _notebooks(folder: Folder, root: Path) -> str:
    """Where the notebooks are, relative to the root of the server: in the folder, or next to it as on Binder."""
    for place in (folder.notebooks, folder.path.parent / "notebooks", root / "notebooks"):
        if (place / START).is_file() and place.resolve().is_relative_to(root):
            return place.resolve().relative_to(root).as_posix()
    return ""


def _is_shadowed(place: Path) -> bool:
    """Whether modules lie next to the notebooks: a kernel imports them first, so nothing is run on open there."""
    return any(path.suffix == ".py" or (path / "__init__.py").is_file() for path in place.iterdir())
