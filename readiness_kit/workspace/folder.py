"""The assessment folder: everything that is remembered of one assessment, in files that people can read.

readiness.yaml   settings          answers.json, events.jsonl   answers, and every change of them
waivers.json     accepted risks    state.json                   where the reader left off
snapshots/<utc>.zip   milestones/   reports/   notebooks/   private/ (0700)
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from readiness_kit import files
from readiness_kit.errors import ConfigError
from readiness_kit.model import SCHEMA_VERSION, Settings, Waiver
from readiness_kit.snapshot import Snapshot
from readiness_kit.workspace.answers import AnswerStore
from readiness_kit.workspace.settings import FILE_NAME, change_settings, load_settings, render_settings

VARIABLE = "READINESS_DIR"
_SUBFOLDERS = ("snapshots", "milestones", "reports", "notebooks")


class Folder:
    """One assessment folder. Making the object touches nothing; `create` begins an assessment."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).expanduser().resolve()
        self._settings: tuple[Any, Settings] = (None, Settings())
        self._answers = AnswerStore(self.path / "answers.json")

    def __repr__(self) -> str:
        return f"Folder({str(self.path)!r})"

    @classmethod
    def find(cls, start: str | Path | None = None) -> Folder:
        """The folder of `$READINESS_DIR`, else the nearest parent of `start` (the working directory) with settings.

        ConfigError where the variable names no folder, or no parent has a readiness.yaml.
        """
        named = os.environ.get(VARIABLE, "")
        if named:
            chosen = cls(named)
            if not chosen.path.is_dir():
                raise ConfigError(
                    f"${VARIABLE} names {chosen.path}, which is no folder", "make it, or unset the variable"
                )
            return chosen
        here = Path(start or Path.cwd()).resolve()
        for folder in (here, *here.parents):
            if (folder / FILE_NAME).is_file():
                return cls(folder)
        raise ConfigError(
            f"no assessment here: neither {here} nor a folder above it has a {FILE_NAME}",
            f"begin one with `readiness lab DIR`, or set ${VARIABLE}",
        )

    def create(self, settings: Settings | None = None) -> Folder:
        """Makes the folder and what belongs into it; settings that are there already stay as they are."""
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
        """The settings as they stand now; defaults where there is no readiness.yaml. ConfigError names the field."""
        stamp = files.mark(self._settings_path)
        if stamp is None:
            if not self.path.is_dir():
                raise ConfigError(
                    f"the assessment folder {self.path} does not exist", "begin it with `readiness lab DIR`"
                )
            return Settings()
        if self._settings[0] != stamp:
            self._settings = (stamp, load_settings(self._settings_path))
        return self._settings[1]

    def write_settings(self, **changes: Any) -> Settings:
        """Sets single fields and keeps the rest of the file, comments included.

        Nested ones as `cluster={"context": "prod"}` or `**{"cluster.context": "prod"}`. ConfigError says what to
        set by hand where a line cannot be changed safely; UsageError where there is no such field.
        """
        path = self._settings_path
        if not path.exists():
            self.create()
        with files.locked(path):
            load_settings(path)
            text = path.read_bytes().decode("utf-8")  # not read_text, which would change the line ends
            changed = change_settings(text, changes, path)
            if changed != text:
                files.replace(path, changed.encode("utf-8"), path.stat().st_mode & 0o777)
        return self.settings

    # --- answers, waivers, state ------------------------------------------------------------------

    @property
    def answers(self) -> AnswerStore:
        """The answers; what is put is signed with the assessor of the settings."""
        self._answers.who = self.settings.assessor
        return self._answers

    @property
    def waivers(self) -> tuple[Waiver, ...]:
        """The accepted risks; ConfigError names the entry and field that cannot be read."""
        return _read_waivers(self.path / "waivers.json")

    def add_waiver(self, waiver: Waiver) -> None:
        """Adds one; an earlier one for the same question stays only if it is of another expiry."""
        self._write_waivers(lambda held: [*(w for w in held if _slot(w) != _slot(waiver)), waiver])

    def remove_waivers(self, question: str) -> None:
        """Takes away all waivers for a question."""
        self._write_waivers(lambda held: [w for w in held if w.question != question])

    def _write_waivers(self, change: Any) -> None:
        path = self.path / "waivers.json"
        with files.locked(path):
            held: Iterable[Waiver] = change(_read_waivers(path))
            body = {"schema": SCHEMA_VERSION, "waivers": msgspec.to_builtins(list(held))}
            files.replace(path, files.pretty(body))

    @property
    def state(self) -> dict[str, Any]:
        """Where the reader left off: `parked` (list of question ids) and `position` (a question id or "")."""
        return _read_state(self.path / "state.json")

    def write_state(self, *, parked: Iterable[str] | None = None, position: str | None = None) -> dict[str, Any]:
        """Sets what is given and returns the whole."""
        path = self.path / "state.json"
        with files.locked(path):
            state = _read_state(path)
            if parked is not None:
                state["parked"] = list(dict.fromkeys(parked))
            if position is not None:
                state["position"] = position
            files.replace(path, files.pretty({"schema": SCHEMA_VERSION, **state}))
        return state

    # --- snapshots and other folders --------------------------------------------------------------

    def snapshots(self) -> list[Path]:
        """The snapshot files, oldest first."""
        return sorted((self.path / "snapshots").glob("*.zip"), key=_order)

    def latest_snapshot(self) -> Path | None:
        return next(reversed(self.snapshots()), None)

    def add_snapshot(self, snapshot: Snapshot) -> Path:
        """Saves a snapshot under the time it was taken; an earlier file is never overwritten."""
        stem = snapshot.manifest.taken_at.strftime("%Y-%m-%dT%H%M%SZ")
        folder = self.path / "snapshots"
        with files.locked(folder / "snapshots"):
            names = (f"{stem}.zip" if number == 1 else f"{stem}-{number}.zip" for number in range(1, 10_000))
            path = next(folder / name for name in names if not (folder / name).exists())
            with files.write_errors(path):
                snapshot.save(path)
        return path

    def delete_snapshots(self) -> tuple[Path, ...]:
        """Deletes all snapshots (the end of an engagement) and returns which; answers and reports stay."""
        gone = tuple(self.snapshots())
        for path in gone:
            with files.write_errors(path):
                path.unlink()
        return gone

    @property
    def reports(self) -> Path:
        return self.path / "reports"

    @property
    def notebooks(self) -> Path:
        return self.path / "notebooks"

    @property
    def milestones(self) -> Path:
        return self.path / "milestones"

    @property
    def private(self) -> Path:
        """For what must never leave the folder (the pseudonym key); mode 0700."""
        return self.path / "private"


def _order(path: Path) -> tuple[str, int]:
    """By time, then by the number of those of the same second."""
    found = re.fullmatch(r"(.*Z)-(\d+)", path.stem)
    return (found[1], int(found[2])) if found else (path.stem, 1)


def _slot(waiver: Waiver) -> tuple[str, str]:
    return waiver.question, waiver.expires.isoformat()


def _read_waivers(path: Path) -> tuple[Waiver, ...]:
    what = f"the waivers file {path}"
    hint = "mend the field it names; the file is not touched"
    if not path.exists():
        return ()
    try:
        data = json.loads(path.read_bytes().decode("utf-8"))
    except (OSError, ValueError, RecursionError) as problem:
        raise ConfigError(f"{what} cannot be read: {problem}", "mend it, or move it away") from None
    if isinstance(data, dict) and isinstance(data.get("schema"), int) and data["schema"] > SCHEMA_VERSION:
        raise ConfigError(
            f"{what} has schema {data['schema']}, this kit reads up to {SCHEMA_VERSION}", "update the kit"
        )
    entries = data.get("waivers") if isinstance(data, dict) else data
    if not isinstance(entries, list):
        raise ConfigError(f"{what} has no list `waivers`", 'write {"schema": 1, "waivers": []}')
    waivers = []
    for index, entry in enumerate(entries):
        try:
            waivers.append(msgspec.convert(entry, Waiver))
        except ValueError as problem:
            name = entry.get("question", "") if isinstance(entry, dict) else ""
            raise ConfigError(f"{what}: waivers[{index}] {name}: {problem}", hint) from None
    return tuple(waivers)


def _read_state(path: Path) -> dict[str, Any]:
    """A state that cannot be read is only a lost bookmark: it counts as none."""
    try:
        data = json.loads(path.read_bytes().decode("utf-8"))
    except (OSError, ValueError, RecursionError):
        data = {}
    data = data if isinstance(data, dict) else {}
    parked, position = data.get("parked"), data.get("position")
    return {
        "parked": [id for id in parked if isinstance(id, str)] if isinstance(parked, list) else [],
        "position": position if isinstance(position, str) else "",
    }
