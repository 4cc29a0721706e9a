"""A soak of the command line: hostile objects and answers, and commands that are killed at any moment."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
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
from tests.trust.outside import Outside, outside
from tests.trust.strategies import JSON, struct

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = 1000
KILLS = 200
MAX_SECONDS = 2
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
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Outside, Hostile]]:
    hostile = Hostile()
    folder = tmp_path_factory.mktemp("world")
    lists = {path: body for path, body in bodies(load(paths.demo() / SNAPSHOT)).items() if len(str(body)) < 200_000}
    with outside(folder, lists, fault=hostile.kubernetes, prometheus=hostile.prometheus) as found:
        yield found, hostile


@pytest.mark.timeout(3600)
def test_hostile_objects_and_answers_never_end_or_hang_a_collection(world: tuple[Outside, Hostile]) -> None:
    servers, hostile = world
    healthy = dict(servers.weaviate.answers)

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
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
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "out.zip"
            words = ("--kubeconfig", servers.kubeconfig, "--weaviate-url", servers.weaviate.url)
            began = time.process_time()
            result = run("collect", "-q", "-o", f"snapshot={out}", *words, "--prometheus-url", servers.prometheus.url)
            assert time.process_time() - began < MAX_SECONDS
            assert "Traceback" not in result.output and "\x1b" not in result.output
            if result.exit_code in (0, 5):
                load(out)
            else:  # what does not answer as the server that was named ends the run with a sentence
                assert result.exit_code in (3, 4), result.output
                assert result.output.startswith("Error: ") and "\n  Next: " in result.output

    collect()


# --- killed at any moment -------------------------------------------------------------------------


def command(folder: Path, *words: str, **environment: str) -> subprocess.Popen[bytes]:
    temporary = folder.parent / "tmp"
    temporary.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "READINESS_DIR": str(folder),
        "TMPDIR": str(temporary),
        "IPYTHONDIR": str(folder.parent / "ipython"),
        **environment,
    }
    call = [sys.executable, "-m", "readiness_kit.cli", *words]
    return subprocess.Popen(
        call, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


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


@pytest.mark.timeout(3600)
def test_killed_at_any_moment_no_answer_is_lost_and_no_secret_left(tmp_path: Path) -> None:
    folder = install(tmp_path / "home")
    folder.write_settings(assessor="the assessor")
    chance = random.Random(8)
    exported = tmp_path / "back.yaml"
    with ServedCluster(secret_lists()) as cluster:
        kubeconfig = str(cluster.kubeconfig(tmp_path / "config"))
        questions = sorted(folder.answers.all())
        waive = ("--reason", "r", "--owner", "o", "--approver", "a", "--expires", "2027-01-31")

        def import_answers() -> tuple[str, ...]:
            run("answers", "export", "-d", folder.path, "-o", f"yaml={exported}")
            text = exported.read_text().replace('note: "', f'note: "{chance.randrange(10**6)} ')
            exported.write_text(text)
            return ("answers", "import", "-f", str(exported))

        commands: list[Callable[[], tuple[str, ...]]] = [
            lambda: ("collect", "--kubeconfig", kubeconfig),
            lambda: ("assess", "--live", "--kubeconfig", kubeconfig),
            import_answers,
            lambda: ("answers", "restore"),
            lambda: ("waive", chance.choice(questions), *waive),
            lambda: ("waive", chance.choice(questions), "--remove"),
            lambda: ("milestone", f"m{chance.randrange(10**9)}"),
            lambda: ("report", "-o", "json"),
            lambda: ("report", "--pseudonymise", "-o", "markdown"),
            lambda: ("fleet", str(folder.path), "-o", f"html={tmp_path / 'fleet.html'}"),
            lambda: ("lab", "-d", str(folder.path), "--prepare-only"),
            lambda: ("report",),
            lambda: ("clean", "--yes"),
        ]
        seconds: dict[int, float] = {}
        for turn in range(KILLS):
            place = turn % len(commands)
            words = commands[place]()
            if words == ("clean", "--yes"):
                folder.add_snapshot(load(paths.demo() / SNAPSHOT))
            put = folder.answers.put(Answer(questions[turn % len(questions)], Choice.PARTLY, note=f"turn {turn}"))
            before = folder.answers.all()
            running = command(folder.path, *words)
            began = time.monotonic()
            try:
                running.wait(chance.uniform(0.1, 1.1) * seconds[place] if place in seconds else None)
                seconds.setdefault(place, time.monotonic() - began)
            except subprocess.TimeoutExpired:
                os.killpg(running.pid, signal.SIGKILL)
                running.wait()
            after = Folder(folder.path).answers.all()
            assert after.keys() >= before.keys(), words
            if words[:2] != ("answers", "import"):
                assert after == before and after[put.question] == put, words
            check(Folder(folder.path))
            assert holds_canary(tmp_path / "home") == holds_canary(tmp_path / "tmp") == [], words
    run("clean", "--yes", "-d", folder.path)
    left = [path.name for path in (folder.path / "snapshots").iterdir() if path.suffix != ".lock"]
    assert left == []


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
