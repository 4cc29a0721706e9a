"""The assessment folder: all data of one assessment, in files that people can read.

readiness.yaml   settings          answers.json, events.jsonl   answers, and the history of their changes
waivers.json     accepted risks    state.json                   the bookmark of the notebooks
plan.json        owner, due date and state of the fixes in the plan
snapshots/<utc>.zip   milestones/   reports/   notebooks/   private/ (0700)
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from readiness_kit import files
from readiness_kit.decoding import text_of
from readiness_kit.errors import ConfigError, UnreadableFileError, UsageError
from readiness_kit.model import SCHEMA_VERSION, Settings, Waiver
from readiness_kit.snapshot import Snapshot, time_of
from readiness_kit.workspace.answers import AnswerStore
from readiness_kit.workspace.json_file import convert_entry, read_json
from readiness_kit.workspace.leftovers import snapshot_leftovers
from readiness_kit.workspace.plan import PlanStore
from readiness_kit.workspace.settings import FILE_NAME, change_settings, load_settings, render_settings

VARIABLE = "READINESS_DIR"
MAX_MINUTES = 24 * 60
_SUBFOLDERS = ("snapshots", "milestones", "reports", "notebooks")


class Folder:
    """One assessment folder. The constructor does not access the disk; `create` begins an assessment."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).expanduser().resolve()
        self._settings: tuple[Any, Settings] = (None, Settings())
        self._answers = AnswerStore(self.path / "answers.json")

    def __repr__(self) -> str:
        return f"Folder({str(self.path)!r})"

    @property
    def exists(self) -> bool:
        """Whether the folder is there."""
        return self.path.is_dir()

    @classmethod
    def find(cls, start: str | Path | None = None) -> Folder:
        """The folder in `$READINESS_DIR` if set, or the nearest parent of `start` that has settings.

        `start` is the working directory by default. Raises ConfigError if there is no such folder.
        """
        if named := os.environ.get(VARIABLE, ""):
            folder = cls(named)
            if not folder.path.is_dir():
                raise ConfigError(
                    f"${VARIABLE} is {folder.path}, which is not a folder", "create it, or unset the variable"
                )
            return folder
        first = Path(start or Path.cwd()).resolve()
        for path in (first, *first.parents):
            if (path / FILE_NAME).is_file():
                return cls(path)
        raise ConfigError(
            f"no assessment found: neither {first} nor a folder above it has a {FILE_NAME}",
            f"create one with `readiness lab -d DIR`, or set ${VARIABLE}",
        )

    def create(self, settings: Settings | None = None) -> Folder:
        """Creates the folder and its parts. Existing settings are not changed."""
        with files.write_errors(self.path):
            for name in ("", *_SUBFOLDERS):
                (self.path / name).mkdir(parents=True, exist_ok=True)
            self.private.mkdir(mode=0o700, exist_ok=True)
        with files.locked(self._settings_path):
            if not self._settings_path.exists():
                files.replace(self._settings_path, render_settings(settings or Settings()).encode("utf-8"), 0o644)
        return self

    # --- settings ---------------------------------------------------------------------------------

    @property
    def _settings_path(self) -> Path:
        return self.path / FILE_NAME

    @property
    def settings(self) -> Settings:
        """The current settings; defaults without a readiness.yaml. Raises ConfigError with the field that is wrong."""
        stamp = files.mark(self._settings_path)
        if stamp is None:
            if not self.path.is_dir():
                raise ConfigError(
                    f"the assessment folder {self.path} does not exist",
                    f"create it with `readiness lab -d {self.path}`",
                )
            return Settings()
        if self._settings[0] != stamp:
            self._settings = (stamp, load_settings(self._settings_path))
        return self._settings[1]

    def write_settings(self, **changes: Any) -> Settings:
        """Sets single fields, keeps the rest of the file with its comments, and returns the new settings.

        Nested fields as `cluster={"context": "prod"}` or `**{"cluster.context": "prod"}`. Raises UsageError for a field
        that does not exist, ConfigError for a value that is not allowed or a file that cannot be edited without loss.
        """
        path = self._settings_path
        if not path.exists():
            self.create()
        with files.locked(path):
            load_settings(path)
            text = text_of(files.read(path))
            changed = change_settings(text, changes, path)
            if changed != text:
                files.replace(path, changed.encode("utf-8"), path.stat().st_mode & 0o777)
        return self.settings

    # --- answers, waivers, state ------------------------------------------------------------------

    @property
    def answers(self) -> AnswerStore:
        """The answers; new ones are signed with the assessor of the settings."""
        self._answers.who = self.settings.assessor
        return self._answers

    @property
    def plan(self) -> PlanStore:
        """Owner, due date and state of the fixes in the plan."""
        return PlanStore(self.path)

    @property
    def waivers(self) -> tuple[Waiver, ...]:
        """The accepted risks. Raises UnreadableFileError with the entry and field that cannot be read."""
        return _read_waivers(self.path / "waivers.json")

    def add_waiver(self, waiver: Waiver) -> None:
        """Adds a waiver. One for the same question with the same expiry is replaced.

        Raises UsageError for one that could not be read again.
        """
        try:
            convert_entry(msgspec.to_builtins(waiver), Waiver)
        except ValueError as problem:
            raise UsageError(f"the waiver for {waiver.question} is not stored: {problem}", "correct it") from None
        key = (waiver.question, waiver.expires)
        self._write_waivers(lambda stored: [*(w for w in stored if (w.question, w.expires) != key), waiver])

    def remove_waivers(self, question: str) -> None:
        """Removes all waivers for a question."""
        self._write_waivers(lambda stored: [waiver for waiver in stored if waiver.question != question])

    def _write_waivers(self, change: Callable[[tuple[Waiver, ...]], list[Waiver]]) -> None:
        path = self.path / "waivers.json"
        with files.locked(path):
            waivers = change(_read_waivers(path))
            files.replace(path, files.pretty({"schema": SCHEMA_VERSION, "waivers": msgspec.to_builtins(waivers)}))

    @property
    def state(self) -> dict[str, Any]:
        """The bookmark of the notebooks.

        `parked` (a list of question ids), `position` (a question id or "") and, where one is planned, `workshop`
        (`start` as an ISO time with its zone, `minutes`).
        """
        return _read_state(self.path / "state.json")

    def write_state(
        self,
        *,
        parked: Iterable[str] | None = None,
        position: str | None = None,
        workshop: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Sets the given parts of the bookmark and returns all of it."""
        path = self.path / "state.json"
        with files.locked(path):
            state = _read_state(path)
            if parked is not None:
                state["parked"] = list(dict.fromkeys(parked))
            if position is not None:
                state["position"] = position
            if workshop is not None:
                state["workshop"] = dict(workshop)
            files.replace(path, files.pretty({"schema": SCHEMA_VERSION, **state}))
        return state

    # --- snapshots and other folders --------------------------------------------------------------

    def snapshots(self) -> list[Path]:
        """The snapshot files, oldest first."""
        return sorted((self.path / "snapshots").glob("*.zip"), key=_order)

    def latest_snapshot(self) -> Path | None:
        """The newest snapshot file, None before the first collection; never one with a date in the future."""
        return next((path for path in reversed(self.snapshots()) if not _is_future(path)), None)

    def future_snapshots(self) -> list[Path]:
        """The snapshots with a date in the future, which are used only where they are named."""
        return [path for path in self.snapshots() if _is_future(path)]

    def snapshots_before(self, taken_at: datetime) -> list[Path]:
        """The snapshots taken before that time by their own content, newest first; unreadable ones are left out."""
        timed = [(time, path) for path in self.snapshots() if (time := time_of(path)) is not None and time < taken_at]
        return [path for _, path in sorted(timed, reverse=True)]

    def add_snapshot(self, snapshot: Snapshot) -> Path:
        """Saves a snapshot under the time it was taken and returns its file; none is overwritten."""
        stem = snapshot.manifest.taken_at.strftime("%Y-%m-%dT%H%M%SZ")
        folder = self.path / "snapshots"
        with files.locked(folder / "snapshots"):
            names = (f"{stem}.zip" if number == 1 else f"{stem}-{number}.zip" for number in range(1, 10_000))
            path = next(folder / name for name in names if not (folder / name).exists())
            with files.write_errors(path):
                snapshot.save(path)
        return path

    def collected_files(self) -> list[Path]:
        """All files with collected data: the snapshots, then those that were quarantined or only half written."""
        return [*self.snapshots(), *snapshot_leftovers(self.path / "snapshots")]

    def delete_snapshots(self) -> tuple[Path, ...]:
        """Deletes all snapshots at the end of an engagement and returns their paths; all other files stay."""
        deleted = tuple(self.collected_files())
        for path in deleted:
            with files.write_errors(path):
                path.unlink()
        return deleted

    @property
    def reports(self) -> Path:
        """The folder of the reports."""
        return self.path / "reports"

    @property
    def notebooks(self) -> Path:
        """The folder of the copied notebooks."""
        return self.path / "notebooks"

    @property
    def milestones(self) -> Path:
        """The folder of the milestones."""
        return self.path / "milestones"

    @property
    def private(self) -> Path:
        """The folder of data that must not be passed on (the pseudonym key); mode 0700."""
        return self.path / "private"


_STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d{6}Z)(?:-(\d+))?")
_MAX_SKEW = timedelta(minutes=5)
_LAST = "9999-12-31T235959Z"


def _is_future(path: Path) -> bool:
    """Whether the name or the content of a snapshot has a time that is still to come.

    One that cannot be read has no time, so that it is not passed over: what is judged fails with the reason.
    """
    taken_at = time_of(path)
    if taken_at is None:
        return False
    latest = datetime.now(UTC) + _MAX_SKEW
    stamp = _STAMP.fullmatch(path.stem)
    return taken_at > latest or (stamp is not None and stamp[1] > latest.strftime("%Y-%m-%dT%H%M%SZ"))


def _order(path: Path) -> tuple[str, int]:
    """Sort key: the time, then the number among snapshots of the same second; other names count by their content.

    One with another name that cannot be read may be the newest and counts as that, so that it is not passed over.
    """
    if found := _STAMP.fullmatch(path.stem):
        return found[1], int(found[2] or 1)
    taken_at = time_of(path)
    return (taken_at.strftime("%Y-%m-%dT%H%M%SZ") if taken_at else _LAST, 1)


def _read_waivers(path: Path) -> tuple[Waiver, ...]:
    what = "the waivers file"
    found = read_json(path, what, "correct the file, or move it elsewhere")
    if found is None:
        return ()
    data, duplicates = found
    if duplicates:
        raise UnreadableFileError(
            f"{what} {path}: duplicate keys: {', '.join(duplicates)}", "keep one of each, so that no waiver is lost"
        )
    if isinstance(data, dict) and isinstance(data.get("schema"), int) and data["schema"] > SCHEMA_VERSION:
        raise UnreadableFileError(
            f"{what} {path} has schema {data['schema']}, this version reads up to {SCHEMA_VERSION}", "update the kit"
        )
    entries = data.get("waivers") if isinstance(data, dict) else data
    if not isinstance(entries, list):
        raise UnreadableFileError(f"{what} {path} has no list `waivers`", 'write {"schema": 1, "waivers": []}')
    waivers = []
    for index, entry in enumerate(entries):
        try:
            waivers.append(convert_entry(entry, Waiver))
        except ValueError as problem:
            name = entry.get("question", "") if isinstance(entry, dict) else ""
            raise UnreadableFileError(
                f"{what} {path}: waivers[{index}] {name}: {problem}", "correct that field"
            ) from None
    return tuple(waivers)


def _read_state(path: Path) -> dict[str, Any]:
    """The bookmark; empty if it cannot be read, because nothing but the reading position is lost."""
    try:
        found = read_json(path, "the bookmark", "")
    except UnreadableFileError:
        found = None
    data = found.data if found and isinstance(found.data, dict) else {}
    parked, position = data.get("parked"), data.get("position")
    workshop = _workshop(data.get("workshop"))
    return {
        "parked": [id for id in parked if isinstance(id, str)] if isinstance(parked, list) else [],
        "position": position if isinstance(position, str) else "",
        **({"workshop": workshop} if workshop else {}),
    }


def _workshop(found: Any) -> dict[str, Any] | None:
    """When the workshop began (ISO, UTC) and how many minutes it lasts; None without one."""
    try:
        start, minutes = datetime.fromisoformat(found["start"]), int(found["minutes"])
    except (KeyError, TypeError, ValueError):
        return None
    return {"start": start.isoformat(), "minutes": minutes} if start.tzinfo and 0 < minutes <= MAX_MINUTES else None
