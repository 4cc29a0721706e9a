"""A soak of the command line: hostile objects and answers, and commands that are killed at any moment."""

from __future__ import annotations

import itertools
import json
import random
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from readiness_kit import paths
from readiness_kit.demo import SNAPSHOT, install
from readiness_kit.kinds import KINDS
from readiness_kit.model import Answer, Choice
from readiness_kit.serve import bodies
from readiness_kit.serve.server import Request
from readiness_kit.snapshot import load
from readiness_kit.workspace import milestones
from readiness_kit.workspace.folder import Folder
from tests.support.commands import run
from tests.support.served import Reply, ServedCluster, status
from tests.support.zygote import Zygote
from tests.trust.outside import Outside, outside
from tests.trust.strategies import JSON, struct

EXAMPLES = 1000
KILLS = 200
PARTS = 4
MAX_SECONDS = 2
HANGS_SECONDS = 300
"""Far above what a busy machine needs."""
CANARY = "canary-of-the-soak-8c1f"
LONG = (
    "--a=" * 1000,
    "x-key-" * 1000,
    "a-" * 32_000,
    "sk-_" * 32_000,
    "curl " * 32_000,
    "https://u:p@" * 5000,
    "\x1b[2J\x9b31m\u202e\n✓ All questions are met\r",
    "[" * 20_000,
    '{"a":' * 20_000,
)
HOSTILE = st.one_of(JSON, st.sampled_from(LONG), st.dictionaries(st.sampled_from(LONG), JSON, max_size=2))
OBJECTS = [struct(kind.struct) for kind in KINDS.values()]
FIELDS = ("labels", "annotations", "name", "namespace", "args", "command", "env", "data", "status", "spec", "image")


# --- hostile objects and answers ------------------------------------------------------------------


@st.composite
def hostile_objects(draw: st.DrawFn) -> Any:
    """An object of a kind, with some of its values replaced; or any JSON."""
    if draw(st.integers(0, 4)) == 0:
        return draw(HOSTILE)
    value = msgspec.to_builtins(draw(draw(st.sampled_from(OBJECTS))))
    value = json.loads(json.dumps(value, default=str))
    _replace(value, draw(st.lists(st.tuples(st.integers(0, 30), HOSTILE), max_size=3)))
    value.setdefault("metadata", {"name": "hostile", "namespace": "weaviate"})
    if isinstance(value["metadata"], dict):
        value["metadata"].setdefault("name", draw(st.sampled_from(("hostile", *LONG))))
        value["metadata"][draw(st.sampled_from(FIELDS))] = draw(HOSTILE)
    return value


def _replace(value: Any, changes: list[tuple[int, Any]]) -> None:
    """Replace the values at some places, counted from the top."""
    places: list[tuple[Any, Any]] = []
    pending = [value]
    while pending:
        current = pending.pop()
        inner = current.items() if isinstance(current, dict) else enumerate(current)
        for key, child in inner:
            places.append((current, key))
            if isinstance(child, dict | list):
                pending.append(child)
    for index, new in changes:
        if index < len(places):
            container, key = places[index]
            container[key] = new


class Hostile:
    """What the servers answer at present in place of their own answers."""

    def __init__(self) -> None:
        self.objects: list[Any] = []
        self.error = ""
        self.answer: Any = None

    def kubernetes(self, request: Request) -> Reply | None:
        if self.error and request.plural == "nodes":
            return status(403, "Forbidden", self.error)
        if self.objects and request.plural in ("pods", "deployments", "configmaps"):
            kind = {"pods": "PodList", "deployments": "DeploymentList", "configmaps": "ConfigMapList"}[request.plural]
            return Reply(200, {"kind": kind, "metadata": {}, "items": self.objects})
        return None

    def prometheus(self, request: Request) -> Any:
        return self.answer


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Outside, Hostile, Zygote]]:
    hostile = Hostile()
    folder = tmp_path_factory.mktemp("world")
    lists = {path: body for path, body in bodies(load(paths.demo() / SNAPSHOT)).items() if len(str(body)) < 200_000}
    servers = outside(folder, lists, fault=hostile.kubernetes, prometheus=hostile.prometheus)
    with servers as found, Zygote(folder, {"READINESS_DIR": str(folder / "none")}) as zygote:
        yield found, hostile, zygote


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("part", range(PARTS))
def test_hostile_objects_and_answers_never_end_or_hang_a_collection(
    world: tuple[Outside, Hostile, Zygote], tmp_path: Path, part: int
) -> None:
    """1,000 collections, each the whole command in a process of its own; the parts can run at the same time."""
    servers, hostile, zygote = world
    healthy = dict(servers.weaviate.answers)
    out = tmp_path / "out.zip"
    call = (
        "collect",
        "-q",
        "-o",
        f"snapshot={out}",
        "--kubeconfig",
        servers.kubeconfig,
        "--weaviate-url",
        servers.weaviate.url,
    )
    call = (*call, "--prometheus-url", servers.prometheus.url)

    @seed(part)
    @settings(
        max_examples=EXAMPLES // PARTS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(
        st.lists(hostile_objects(), max_size=2),
        st.sampled_from(("", *LONG)),
        st.one_of(st.none(), HOSTILE),
        st.lists(st.tuples(st.sampled_from(sorted(healthy)), HOSTILE), max_size=2),
    )
    def collect(objects: list[Any], error: str, answer: Any, weaviate: list[tuple[str, Any]]) -> None:
        hostile.objects, hostile.error, hostile.answer = objects, error, answer
        servers.weaviate.answers.clear()
        servers.weaviate.answers.update({**healthy, **dict(weaviate)})
        servers.forget()
        out.unlink(missing_ok=True)
        ended = zygote.run(*call, seconds=HANGS_SECONDS)
        assert not ended.killed, "the collection hangs"
        assert ended.processor_seconds < MAX_SECONDS
        assert "Traceback" not in ended.output and "\x1b" not in ended.output
        if ended.code in (0, 5):
            load(out)
        else:  # what does not answer as the server that was named ends the run with a sentence
            assert ended.code in (3, 4), ended.output
            assert ended.output.startswith("Error: ") and "\n  Next: " in ended.output

    collect()


# --- killed at any moment -------------------------------------------------------------------------


def secret_lists() -> dict[str, Any]:
    """The demonstration cluster with a password in a variable, an argument and an annotation of each pod."""
    lists: dict[str, Any] = json.loads(json.dumps(bodies(load(paths.demo() / SNAPSHOT))))
    for item in lists["/api/v1/pods"]["items"]:
        item["metadata"].setdefault("annotations", {})["kubectl.kubernetes.io/last-applied-configuration"] = CANARY
        for container in item.get("spec", {}).get("containers", ()):
            container.setdefault("env", []).append({"name": "DB_PASSWORD", "value": CANARY})
            container["args"] = [*container.get("args", ()), f"--password={CANARY}"]
    return lists


def holds_canary(folder: Path) -> list[str]:
    """The files that hold the password as it is, or compressed in a zip archive, whole or in part."""
    found = []
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        raw = path.read_bytes()
        texts = [raw]
        for start in _starts(raw, b"PK\x03\x04"):
            header = int.from_bytes(raw[start + 26 : start + 28], "little")
            extra = int.from_bytes(raw[start + 28 : start + 30], "little")
            texts.append(_inflated(zlib.decompressobj(-15), raw[start + 30 + header + extra :]))
        if any(CANARY.encode() in text for text in texts):
            found.append(str(path))
    return found


def _starts(raw: bytes, mark: bytes) -> Iterator[int]:
    at = raw.find(mark)
    while at >= 0:
        yield at
        at = raw.find(mark, at + 1)


def _inflated(decompressor: Any, raw: bytes) -> bytes:
    try:
        return bytes(decompressor.decompress(raw))
    except zlib.error:
        return b""


def test_the_search_for_the_password_looks_into_archives(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.json", CANARY * 100)
    whole = (tmp_path / "a.zip").read_bytes()
    (tmp_path / ".a.zip.x.tmp").write_bytes(whole[: len(whole) // 2])
    assert len(holds_canary(tmp_path)) == 2


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_any_moment_no_answer_is_lost_and_no_secret_left(tmp_path: Path, part: int) -> None:
    """200 commands are killed before they end, each writing command in its turn; the parts can run at the same time."""
    folder = install(tmp_path / "home")
    folder.write_settings(assessor="the assessor")
    (tmp_path / "tmp").mkdir()
    environment = {
        "READINESS_DIR": str(folder.path),
        "TMPDIR": str(tmp_path / "tmp"),
        "IPYTHONDIR": str(tmp_path / "ipython"),
    }
    chance = random.Random(part)
    with ServedCluster(secret_lists()) as cluster, Zygote(tmp_path, environment) as zygote:
        writing = WritingCommands(tmp_path, folder, str(cluster.kubeconfig(tmp_path / "config")), chance)
        seconds: dict[str, float] = {}
        kills = 0
        for turn in itertools.count():
            name, words = writing.at(turn)
            put = folder.answers.put(Answer(writing.question(turn), Choice.PARTLY, note=f"turn {turn}"))
            before = folder.answers.all()
            began = time.monotonic()
            ended = zygote.run(*words, seconds=chance.uniform(0, 1.05) * seconds[name] if name in seconds else None)
            seconds.setdefault(name, time.monotonic() - began)
            assert ended.killed or ended.code in (0, 1, 7, *CONFLICTS.get(name, ())), (words, ended)
            after = Folder(folder.path).answers.all()
            assert after.keys() >= before.keys(), words
            if name not in CHANGES_ANSWERS:
                assert after == before and after[put.question] == put, words
            check(Folder(folder.path))
            assert holds_canary(tmp_path / "home") == holds_canary(tmp_path / "tmp") == [], words
            kills += ended.killed
            if kills == KILLS // PARTS:
                break
    run("clean", "--yes", "-d", folder.path)
    left = [path.name for path in (folder.path / "snapshots").iterdir() if path.suffix != ".lock"]
    assert left == []


CHANGES_ANSWERS = ("answers import", "answers confirm")
CONFLICTS = {"answers import": (8,)}
"""An import that was killed has taken some answers; the next one then finds others in the file."""
EVERY_WRITING_COMMAND = {
    "demo", "lab", "app", "collect", "assess", "report", "answers", "waive", "milestone", "fleet", "clean",
}  # fmt: skip


class WritingCommands:
    """The command lines that write something, one after the other."""

    def __init__(self, home: Path, folder: Folder, kubeconfig: str, chance: random.Random) -> None:
        self._home, self._folder, self._chance = home, folder, chance
        self._questions = sorted(folder.answers.all())
        waive = ("--reason", "r", "--owner", "o", "--approver", "a", "--expires", "2027-01-31")
        number, question = chance.randrange, self._any_question
        self._lines: dict[str, Callable[[], tuple[str, ...]]] = {
            "collect": lambda: ("--kubeconfig", kubeconfig),
            "assess": lambda: ("--live", "--kubeconfig", kubeconfig),
            "answers import": self._import_answers,
            "answers export": lambda: ("-o", f"yaml={home / 'home' / 'exported.yaml'}"),
            "answers confirm": self._confirm,
            "answers restore": lambda: (),
            "waive": lambda: (question(), *waive),
            "waive --remove": lambda: (question(),),
            "milestone": lambda: (f"m{number(10**9)}",),
            "report -o json": lambda: (),
            "report --pseudonymise": lambda: ("-o", "markdown"),
            "report": lambda: (),
            "fleet": lambda: (str(folder.path), "-o", f"html={home / 'home' / 'fleet.html'}"),
            "lab --prepare-only": lambda: ("-d", str(folder.path)),
            "demo": lambda: (
                "-d",
                str(home / "home" / f"demo-{number(3)}"),
            ),
            "clean --yes": self._clean,
        }

    def question(self, turn: int) -> str:
        return self._questions[turn % len(self._questions)]

    def at(self, turn: int) -> tuple[str, tuple[str, ...]]:
        name = list(self._lines)[turn % len(self._lines)]
        return name, (*name.split(), *self._lines[name]())

    def names(self) -> set[str]:
        return {name.split()[0] for name in self._lines}

    def _any_question(self) -> str:
        return self._chance.choice(self._questions)

    def _import_answers(self) -> tuple[str, ...]:
        file = self._home / "back.yaml"
        run("answers", "export", "-d", self._folder.path, "-o", f"yaml={file}")
        text = file.read_text("utf-8")
        file.write_text(text.replace('note: "', f'note: "{self._chance.randrange(10**6)} '), "utf-8")
        return ("-f", str(file))

    def _confirm(self) -> tuple[str, ...]:
        question = self._any_question()
        self._folder.answers.put(Answer(question, Choice.YES, note=f"proof {self._chance.randrange(10**6)}"))
        return question, "--by", "the auditor"

    def _clean(self) -> tuple[str, ...]:
        self._folder.add_snapshot(load(paths.demo() / SNAPSHOT))
        return ()


def check(folder: Folder) -> None:
    """Everything that is not named as left over can be read."""
    assert folder.settings.assessor == "the assessor"
    assert isinstance(folder.waivers, tuple)
    for path in folder.snapshots():
        load(path)
    for path in folder.milestones.glob("*.json"):
        milestones.load(path)
    for path in folder.reports.glob("*.json"):
        json.loads(path.read_text("utf-8"))
