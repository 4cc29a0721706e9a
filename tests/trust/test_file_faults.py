"""Each file of an assessment folder with each fault, twice by the command line: the same exit code and message.

The commands run in processes of their own. No run changes a file, and none ends with a traceback or hangs.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from readiness_kit.demo import install
from readiness_kit.workspace.folder import Folder
from tests.support.commands import run
from tests.support.zygote import Zygote

SECONDS = 240
"""Far above what a busy machine needs: a command that is killed hangs."""
Body = Callable[[str], bytes | str]


def doubled(text: str) -> str:
    """The first field twice, in JSON and in YAML."""
    if text.lstrip().startswith("{"):
        return text.replace("{", '{"schema": 1, "schema": 1, ', 1)
    if text.lstrip().startswith("["):
        return text.replace("{", '{"question": "ha.canary", ', 1)
    return f"{text}\ncustomer: Another\n"


def added(field: str, value: object) -> Body:
    """The text with a field at the top."""

    def change(text: str) -> str:
        if text.lstrip().startswith(("{", "[")):
            return text.replace("{", f"{{{json.dumps(field)}: {json.dumps(value)}, ", 1)
        return f"{text}\n{field}: {json.dumps(value)}\n"

    return change


def newer(text: str) -> str:
    """The schema of a later version; a file without one gets one."""
    changed = re.sub(r'"schema": *\d+', '"schema": 99', text, count=1)
    return changed if changed != text else str(added("schema", 99)(text))


def half_a_character(text: str) -> bytes:
    """A lone surrogate, as an escape and as bytes."""
    if text.lstrip().startswith(("{", "[")):
        return text.replace('": "', '": "\\udfff', 1).encode()
    return text.encode() + b"\n# \xed\xbf\xbf\n"


BODIES: dict[str, Body] = {
    "UTF-8 mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16 without a mark": lambda text: text.encode("utf-16-le"),
    "empty": lambda text: "",
    "cut short": lambda text: text[: len(text) // 2],
    "doubled field": doubled,
    "half a character": half_a_character,
    "unknown field": added("of_the_customer", 1),
    "newer schema": newer,
}


def folder_instead(path: Path) -> None:
    path.mkdir()


def circle(path: Path) -> None:
    path.symlink_to(path.name)


def link(path: Path) -> None:
    """To a file with the same content elsewhere."""
    path.symlink_to(path.with_name(f"{path.name}.kept"))


SPECIAL: dict[str, Callable[[Path], None]] = {
    "a folder": folder_instead,
    "a pipe": os.mkfifo,
    "a circle of links": circle,
    "a link": link,
}
FAULTS = (*BODIES, *SPECIAL)
COMMANDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "answers.json": (("assess",),),
    "waivers.json": (("assess",),),
    "readiness.yaml": (("assess",),),
    "state.json": (("assess",),),
    "events.jsonl": (("report", "-o", "json"),),
    "milestones/m1.json": (("compare", "m1"),),
}
READ = ("UTF-8 mark", "UTF-16", "doubled field", "unknown field", "a link")
"""The faults under which the content is still read."""
CODES: dict[str, dict[str, int]] = {
    "answers.json": {**dict.fromkeys(FAULTS, 6), **dict.fromkeys((*READ, "half a character", "newer schema"), 0)},
    "waivers.json": {**dict.fromkeys(FAULTS, 6), **dict.fromkeys(("UTF-8 mark", "UTF-16", "a link"), 0)},
    "readiness.yaml": {
        **dict.fromkeys(FAULTS, 3),
        **dict.fromkeys(("UTF-8 mark", "UTF-16", "a link", "empty", "cut short"), 0),
    },
    "state.json": dict.fromkeys(FAULTS, 0),
    "events.jsonl": dict.fromkeys(FAULTS, 0),
    "milestones/m1.json": {**dict.fromkeys(FAULTS, 6), **dict.fromkeys(READ, 0)},
}
"""An answer with half of a character is left out with a warning; of a settings file, all fields have defaults."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    folder = install(tmp_path_factory.mktemp("faults") / "home").create()
    assert run("milestone", "m1", "-d", folder.path).exit_code == 0
    answer = next(iter(folder.answers.all().values()))
    folder.answers.put(replace(answer, note="a change, which the history keeps"))
    (folder.path / "state.json").write_text('{"schema": 1, "section": "security"}')
    return folder


@pytest.fixture(scope="module")
def zygote(home: Folder) -> Iterator[Zygote]:
    with Zygote(home.path.parent, {"READINESS_DIR": str(home.path)}) as made:
        yield made


def content(folder: Path) -> dict[str, bytes | None]:
    """All files but locks and written reports; None for what is no regular file."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
        if path.suffix != ".lock" and "reports" not in path.parts
    }


@pytest.mark.timeout(900)
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", COMMANDS)
def test_each_fault_of_each_file_gives_the_same_twice(home: Folder, zygote: Zygote, name: str, fault: str) -> None:
    path = home.path / name
    kept = path.with_name(f"{path.name}.kept")
    path.rename(kept)
    try:
        if fault in BODIES:
            body = BODIES[fault](kept.read_text("utf-8"))
            path.write_bytes(body.encode() if isinstance(body, str) else body)
        else:
            SPECIAL[fault](path)
        before = content(home.path)
        for words in COMMANDS[name]:
            first, second = (zygote.run(*words, seconds=SECONDS) for _ in range(2))
            assert not first.killed and (first.code, first.output) == (second.code, second.output)
            assert first.code == CODES[name][fault], first.output
            assert first.code == 0 or first.output.startswith(("Error: ", "Warning: "))
            assert "Traceback" not in first.output and "Errno" not in first.output
        assert content(home.path) == before
    finally:
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)
        kept.rename(path)
