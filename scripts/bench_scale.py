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

from bench_clients import LISTS
from bench_server import serving

CLIENTS = Path(__file__).with_name("bench_clients.py")
SIZES = (1_000, 10_000, 50_000)
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
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
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


def client(name: str, config: str) -> Cost:
    return cost(sys.executable, str(CLIENTS), name, config)


def side_by_side(config: str, pods: int, runs: int = 2) -> Iterator[tuple[str, Cost]]:
    """Each client's best run; the kit first and last, so that no order favours it."""
    names = ["kit", "transfer", "raw_json", *(["typed"] if pods <= TYPED_UP_TO else [])]
    for name in names:
        yield name, min(client(name, config) for _ in range(runs if name != "typed" else 1))
    if kubectl := shutil.which("kubectl"):
        command = (kubectl, f"--kubeconfig={config}", "get")
        raws = []
        for _ in range(runs):
            total = Cost(0, 0, 0)
            for path in LISTS:
                total += cost(*command, "--raw", path)
            raws.append(total)
        yield "kubectl get --raw", min(raws)
        if pods <= TYPED_UP_TO:
            yield "kubectl get -A -o json", cost(*command, "pods,nodes,statefulsets", "-A", "-o", "json")


def table(rows: Sequence[tuple[int, str, Cost]]) -> str:
    lines = ["| pods | client | wall | CPU | peak memory |", "|---:|---|---:|---:|---:|"]
    lines += [
        f"| {pods:,} | {name} | {one.wall:.2f} s | {one.cpu:.2f} s | {one.peak:,.0f} MB |" for pods, name, one in rows
    ]
    return "\n".join(lines)


def measured(work: Path, sizes: Sequence[int] = SIZES) -> Iterator[tuple[str, float, float, str]]:
    """Prints the table, and yields (what, measured, bar, unit) for the numbers to hold."""
    rows: list[tuple[int, str, Cost]] = []
    judged: dict[str, float] = {}
    for pods in sizes:
        folder = work / str(pods)
        with serving(pods, folder) as kubeconfig:
            config = str(kubeconfig)
            rows += [(pods, name, one) for name, one in side_by_side(config, pods)]
            if pods == 10_000:
                judged = json.loads(client("judging", config).said)
                report = cost(
                    sys.executable, "-m", "readiness_kit.cli", "report", "--snapshot", str(folder / "snapshot.zip"),
                    "-o", str(folder / "report.html"),
                )  # fmt: skip
                judged |= {"report": report.wall}
                judged |= {"tenants": json.loads(client("tenants", config).said)["evidence"]}
        print(f"measured {pods:,} pods", file=sys.stderr, flush=True)
    print(table(rows), flush=True)
    found = {(pods, name): one for pods, name, one in rows}
    for pods, bar in ((10_000, 160), (50_000, 250)):
        if (pods, "kit") in found:
            yield f"{pods:,} pods collected and framed: peak memory", found[pods, "kit"].peak, bar, "MB"
    if (10_000, "kit") in found:
        kit = found[10_000, "kit"]
        seconds = json.loads(kit.said)["seconds"]
        if (10_000, "kubectl get --raw") in found:
            raw = found[10_000, "kubectl get --raw"].wall
            yield "10,000 pods collected and framed; kubectl get --raw", seconds, raw, "s"
        yield "10,000 pods, whole process; typed client, an eighth", kit.wall, found[10_000, "typed"].wall / 8, "s"
        yield "10,000 pods: all evidence", judged["evidence"], 1, "s"
        print(f"10,000 pods: charts {judged['charts']:.2f} s, report {judged['report']:.2f} s;"
              f" 100,000 tenants judged in {judged['tenants']:.2f} s", flush=True)  # fmt: skip
    if (10_000, "kit") in found and (50_000, "kit") in found:
        growth = found[50_000, "kit"].cpu / found[10_000, "kit"].cpu
        yield "CPU from 10,000 to 50,000 pods, times", growth, 5.5, ""
