"""A hostile bundle is refused in one sentence, in bounded time and memory."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from readiness_kit.bundles import load
from readiness_kit.errors import UnreadableFileError
from tests.support.commands import run

ROOT = Path(__file__).resolve().parents[2]
SIZE = 12_000_000
HEAD = '{"kind":"PodList","apiVersion":"v1","items":['
MEASURE = """
import sys
from pathlib import Path
from readiness_kit.bundles import as_snapshot
from readiness_kit.errors import ReadinessError
from readiness_kit.workspace.session import Session

def figure(name):
    line = next(line for line in open("/proc/self/status") if line.startswith(name))
    return int(line.split()[1]) * 1000

before = figure("VmRSS")
open("/proc/self/clear_refs", "w").write("5")
try:
    with as_snapshot(Path(sys.argv[1])):
        print("read")
except ReadinessError as problem:
    print(problem.what)
print(figure("VmHWM") - before)
"""


def listed(item: Callable[[int], str]) -> Iterator[str]:
    yield HEAD
    written = number = 0
    while written < SIZE:
        text = ("," if number else "") + item(number)
        yield text
        written, number = written + len(text), number + 1
    yield "]}"


def pod(number: int, spec: str) -> str:
    return f'{{"metadata":{{"name":"p{number}"}},"spec":{{{spec}}}}}'


def containers(count: int) -> str:
    return '"containers":[' + ",".join(["{}"] * count) + "]"


ARGUMENTS = '"containers":[{"name":"c","args":[' + ",".join(f'"--a={number}"' for number in range(500)) + "]}]"
LABELS = ",".join(f'"label-{number}":"value-{number}"' for number in range(150))
HOSTILE: dict[str, tuple[str, Callable[[], Iterator[str]]]] = {
    "empty objects": ("pods.json", lambda: listed(lambda number: "{}")),
    "numbers": ("pods.json", lambda: iter(("[1", ",1" * (SIZE // 2), "]"))),
    "names alone": ("pods.json", lambda: listed(lambda number: f'{{"metadata":{{"name":"p{number}"}}}}')),
    "names of 40 letters": ("pods.json", lambda: listed(lambda number: f'{{"metadata":{{"name":"{number:040}"}}}}')),
    "empty containers": ("pods.json", lambda: listed(lambda number: pod(number, containers(400)))),
    "a large object": ("pods.json", lambda: listed(lambda number: pod(number, containers(1_300_000)))),
    "arguments": ("pods.json", lambda: listed(lambda number: pod(number, ARGUMENTS))),
    "labels": ("pods.json", lambda: listed(lambda n: f'{{"metadata":{{"name":"p{n}","labels":{{{LABELS}}}}}}}')),
    "wide text": ("pods.json", lambda: listed(lambda n: pod(n, '"nodeName":"😀' + "x" * 3_000_000 + '"'))),
    "an undecodable object": ("pods.json", lambda: listed(lambda n: '{"metadata":5,"x":[' + "[]," * 999_999 + "[]]}")),
    "a version": ("version.json", lambda: iter(("[{}", ",{}" * (SIZE // 3), "]"))),
    "API groups": ("groups.json", lambda: iter(("[{}", ",{}" * (SIZE // 3), "]"))),
    "YAML": ("pods.yaml", lambda: iter(("items:\n", "- {}\n" * (SIZE // 5)))),
    "brackets": ("pods.json", lambda: iter(("[" * SIZE,))),
}


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of the memory is read from /proc")
@pytest.mark.parametrize("name", HOSTILE)
def test_memory_is_at_most_4_times_the_input_plus_100_mb(tmp_path: Path, name: str) -> None:
    file_name, parts = HOSTILE[name]
    path = tmp_path / file_name
    with path.open("w") as file:
        file.writelines(parts())
    size = path.stat().st_size
    command = [sys.executable, "-c", MEASURE, str(path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=True)
    answer, peak = done.stdout.splitlines()
    assert int(peak) <= 4 * size + 100_000_000
    assert answer == "read" or str(path) in answer


@pytest.mark.parametrize("name", ["empty objects", "numbers"])
def test_too_many_values_are_refused_in_one_sentence(tmp_path: Path, name: str) -> None:
    file_name, parts = HOSTILE[name]
    path = tmp_path / file_name
    path.write_text("".join(parts()))
    for _ in range(2):
        result = run("assess", "-f", path)
        assert result.exit_code == 6 and len(result.output.splitlines()) == 2
        assert "has more values" in result.output


def test_large_object_costs_only_itself(tmp_path: Path) -> None:
    good = {"metadata": {"name": "weaviate-0", "namespace": "db"}, "spec": {"containers": [{"name": "weaviate"}]}}
    large = {"metadata": {"name": "large"}, "data": "x" * 4_100_000}
    path = tmp_path / "pods.json"
    path.write_text(json.dumps({"kind": "PodList", "apiVersion": "v1", "items": [large, good]}))
    found = load(path)
    assert [item.metadata.name for item in found.objects("pods")] == ["weaviate-0"]
    assert "1 of 2 objects could not be read (an object of 4,1" in found.read("pods").message


def test_dense_file_beside_others_is_an_error_of_its_kind(tmp_path: Path) -> None:
    good = {"kind": "Node", "apiVersion": "v1", "metadata": {"name": "n1"}}
    (tmp_path / "nodes.json").write_text(json.dumps({"kind": "NodeList", "apiVersion": "v1", "items": [good]}))
    (tmp_path / "pods.json").write_text("".join(HOSTILE["empty objects"][1]()))
    found = load(tmp_path)
    assert found.missing("nodes") is None and found.missing("pods") is not None
    assert "was not read: it has more values" in found.read("pods").message


# --- dates, headers, special files ----------------------------------------------------------------


def tar(path: Path, **member: Any) -> Path:
    body = json.dumps({"kind": "NodeList", "apiVersion": "v1", "items": []}).encode()
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("nodes.json")
        info.size = len(body)
        for name, value in member.items():
            setattr(info, name, value)
        archive.addfile(info, io.BytesIO(body))
    return path


@pytest.mark.parametrize("mtime", ["1e400", "inf", "1e300", "99999999999999", "1e17"])
def test_impossible_date_is_refused(tmp_path: Path, mtime: str) -> None:
    path = tar(tmp_path / "b.tar.gz", pax_headers={"mtime": mtime})
    for _ in range(2):
        with pytest.raises(UnreadableFileError, match="a file in it has an impossible date"):
            load(path)


@pytest.mark.parametrize("mtime", ["nan", "-1e400", "-5", "soon", ""])
def test_date_before_all_time_is_unknown(tmp_path: Path, mtime: str) -> None:
    with pytest.raises(UnreadableFileError, match="contains no Kubernetes object"):
        load(tar(tmp_path / "b.tar.gz", pax_headers={"mtime": mtime}))


def test_dates_of_a_zip(tmp_path: Path) -> None:
    node = {"kind": "Node", "apiVersion": "v1", "metadata": {"name": "n1"}}
    for number, (date, readable) in enumerate([((1980, 0, 0, 0, 0, 0), True), ((2026, 13, 1, 0, 0, 0), False)]):
        path = tmp_path / f"{number}.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(zipfile.ZipInfo("nodes.json", date), json.dumps(node))
        if readable:
            assert len(load(path).objects("nodes")) == 1
        else:
            with pytest.raises(UnreadableFileError, match="impossible date"):
                load(path)


def test_extended_header_of_a_tar_is_limited(tmp_path: Path) -> None:
    path = tar(tmp_path / "b.tar.gz", pax_headers={"comment": "x" * 2_000_000})
    with pytest.raises(UnreadableFileError, match="an extended header of 2,0"):
        load(path)


def special(path: Path) -> Path:
    os.mkfifo(path)
    return path


@pytest.mark.parametrize("name", ["bundle.zip", "pods.json", "bundle.tar.gz", "bundle"])
def test_pipes_and_devices_are_refused(demo_folder: Path, tmp_path: Path, name: str) -> None:
    pipe = special(tmp_path / name)
    device = tmp_path / f"device-{name}"
    device.symlink_to("/dev/zero")
    for path in (pipe, device):
        for command in ("assess", "report", "serve", "answers import"):
            for _ in range(2):
                result = run(*command.split(), "-f", path)
                assert result.exit_code == 6, result.output
                assert "it is a pipe, a socket or a device, not a file" in result.output
                assert len(result.output.splitlines()) <= 2


def test_pipe_as_logo_checklist_or_latest_snapshot_is_refused(demo_folder: Path) -> None:
    special(demo_folder / "pipe.png")
    settings = demo_folder / "readiness.yaml"
    before = settings.read_text()
    for setting in ("branding: {logo: pipe.png}", "branding: {logo: /dev/zero}", "extra_checklists: [pipe.png]"):
        kept = "\n".join(line for line in before.splitlines() if not line.startswith("extra_checklists"))
        settings.write_text(kept.partition("\nbranding:")[0] + f"\n{setting}\n")
        result = run("report", "-o", "json") if "extra" in setting else run("report")
        assert result.exit_code == 3, (setting, result.output)
        assert "Traceback" not in result.output and "correct the cell" not in result.output
    settings.write_text(before)
    special(demo_folder / "snapshots" / "2099-01-01T000000Z.zip")
    assert run("assess").exit_code == 6
