"""Clients side by side on clusters of several sizes, all against one server: wall, CPU and peak memory of each."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks import ROOT, real
from benchmarks.clients import LISTS
from benchmarks.server import serving
from tests.support import apiserver

SIZES = (1_000, 10_000, 50_000)
JUDGED = 10_000
"""The size that most bars are for."""
MADE_UP, REAL, RAW = "answers lie ready", "kube-apiserver", "kubectl get --raw"
TYPED_UP_TO = 10_000
"""Beyond, the typed client and kubectl -o json take minutes and gigabytes."""


class Cost(NamedTuple):
    """`wall` and `cpu` in seconds, `peak` in MB, of one process and its children."""

    wall: float
    cpu: float
    peak: float
    said: str = ""

    def __add__(self, other: object) -> Cost:
        if not isinstance(other, Cost):
            return NotImplemented
        return Cost(self.wall + other.wall, self.cpu + other.cpu, max(self.peak, other.peak), self.said)


def cost(*command: str) -> Cost:
    """Runs a command; RuntimeError where it fails."""
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    last = b""
    while chunk := process.stdout.read(1 << 20):
        last = (last + chunk)[-2000:]
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command[:3])} ended with {process.returncode}")
    wall = time.perf_counter() - began
    said = last.splitlines()[-1].decode("utf-8", "replace") if last.strip() else ""
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said)


def client(name: str, config: str, *arguments: str) -> Cost:
    return cost(sys.executable, "-m", "benchmarks.clients", name, config, *arguments)


class Row(NamedTuple):
    server: str
    pods: int
    client: str
    cost: Cost

    @property
    def seconds(self) -> float:
        """Without the start of the process and its imports, where the client says so."""
        return float(json.loads(self.cost.said)["seconds"]) if self.cost.said.startswith("{") else self.cost.wall


def side_by_side(server: str, config: str, pods: int, runs: int = 5) -> Iterator[Row]:
    """Each client's middle run. They take turns, so that a server that warms up or a noisy neighbour favours none."""
    small = pods <= TYPED_UP_TO
    kubectl = shutil.which("kubectl")
    command = (kubectl or "", f"--kubeconfig={config}", "get")
    often: dict[str, list[Cost]] = {name: [] for name in ("kit", *([RAW] if kubectl else []), "transfer", "raw_json")}
    for _ in range(runs):
        for name, costs in often.items():
            costs.append(_raw(command) if name == RAW else client(name, config))
    for name, costs in often.items():
        yield Row(server, pods, name, sorted(costs)[runs // 2])
    if small:
        yield Row(server, pods, "typed", client("typed", config))
    if small and kubectl:
        whole = cost(*command, "pods,nodes,statefulsets", "-A", "-o", "json")
        yield Row(server, pods, "kubectl get -A -o json", whole._replace(said=""))


def _raw(command: Sequence[str]) -> Cost:
    total = Cost(0, 0, 0)
    for path in LISTS:
        total += cost(*command, "--raw", path)
    return total._replace(said="")


def table(rows: Sequence[Row]) -> str:
    lines = [
        "| server | pods | client | wall | of it after imports | CPU | peak memory |",
        "|---|---:|---|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {row.server} | {row.pods:,} | {row.client} | {row.cost.wall:.2f} s | {row.seconds:.2f} s"
        f" | {row.cost.cpu:.2f} s | {row.cost.peak:,.0f} MB |"
        for row in rows
    ]
    return "\n".join(lines)


def measured(work: Path, sizes: Sequence[int] = SIZES) -> Iterator[tuple[str, float, float, str]]:
    """Prints the table, and yields (what, measured, bar, unit) for the numbers to hold."""
    rows: list[Row] = []
    judged: dict[str, float] = {}
    whole: dict[int, Cost] = {}
    for pods in sizes:
        folder = work / str(pods)
        with serving(pods, folder) as kubeconfig:
            rows += side_by_side(MADE_UP, str(kubeconfig), pods)
            whole[pods] = _whole_command(str(kubeconfig), folder)
            rows.append(Row(MADE_UP, pods, "readiness collect", whole[pods]))
            if pods == JUDGED:
                judged = _judged(str(kubeconfig), folder)
        print(f"measured {pods:,} pods", file=sys.stderr, flush=True)
    if apiserver.there():
        with real.serving(JUDGED, work / "real") as kubeconfig:
            rows += side_by_side(REAL, str(kubeconfig), JUDGED)
            rows.append(Row(REAL, JUDGED, "readiness collect", _whole_command(str(kubeconfig), work / "real")))
    else:
        print("no kube-apiserver to measure against; scripts/build_apiserver builds one with Go", flush=True)
    print(table(rows), flush=True)
    words = ", ".join(f"{what} {seconds:.2f} s" for what, seconds in judged.items())
    print(f"{JUDGED:,} pods: {words}", flush=True)
    yield from _numbers({(row.server, row.pods, row.client): row for row in rows}, judged)


def _whole_command(config: str, folder: Path, runs: int = 3) -> Cost:
    """`readiness collect` as a user runs it: start, imports, all kinds, redaction, saving; the middle run."""
    target = f"snapshot={folder / 'collected.zip'}"
    command = ("-m", "readiness_kit.cli", "collect", "-q", "--kubeconfig", config, "-o", target)
    return sorted(cost(sys.executable, *command) for _ in range(runs))[runs // 2]


def _judged(config: str, folder: Path) -> dict[str, float]:
    """Seconds for what comes after collecting."""
    found: dict[str, float] = json.loads(client("judging", config).said)
    command = (sys.executable, "-m", "readiness_kit.cli", "report", "-f", str(folder / "snapshot.zip"))
    found["report"] = cost(*command, "-o", f"html={folder / 'report.html'}").wall
    for collections in (10, 100, 1000):
        told = json.loads(client("tenants", config, str(collections)).said)
        found[f"evidence with {collections:,} collections of 100 tenants"] = told["evidence"]
    return found


def _numbers(
    found: dict[tuple[str, int, str], Row], judged: dict[str, float]
) -> Iterator[tuple[str, float, float, str]]:
    for pods, bar in ((10_000, 130), (50_000, 200)):
        peak = found[MADE_UP, pods, "readiness collect"].cost.peak
        yield f"{pods:,} pods, readiness collect: peak memory", peak, bar, "MB"
    for server in (REAL, MADE_UP):
        if (server, JUDGED, "kit") not in found:
            continue
        kit, typed = found[server, JUDGED, "kit"], found[server, JUDGED, "typed"]
        # A server whose answers lie ready is all transfer: there bytes alone are no measure for reading them.
        if server == REAL and (server, JUDGED, RAW) in found:
            raw = found[server, JUDGED, RAW].cost.wall
            yield f"10,000 pods, {server}: collected and framed; {RAW}", kit.seconds, raw, "s"
            collect = found[server, JUDGED, "readiness collect"].cost.wall
            yield f"10,000 pods, {server}: readiness collect; twice {RAW}", collect, 2 * raw, "s"
        yield f"10,000 pods, {server}: the same; typed client, an eighth", kit.seconds, typed.seconds / 8, "s"
    yield "10,000 pods: all evidence", judged["evidence"], 0.5, "s"
    for name in ("kit", "readiness collect"):
        growth = found[MADE_UP, 50_000, name].cost.cpu / found[MADE_UP, 10_000, name].cost.cpu
        yield f"CPU from 10,000 to 50,000 pods, times: {name}", growth, 5.5, ""
