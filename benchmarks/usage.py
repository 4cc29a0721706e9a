"""Fifty pods over fourteen days on a real Prometheus: the kit's queries, and one query set for each container.

The set for each container is the usual one of sizing tools: percentile and peak by subqueries that step through the
window, 75 seconds at a time (coarser steps miss peaks). `measure` gives queries, points, seconds and memory of both,
and the processor time they cost the server.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import numpy as np

from benchmarks import ROOT
from tests.support.cluster import AS_OF, snapshot, weaviate
from tests.support.metrics import GIB, cadvisor, counter, kube, noisy, own
from tests.support.prometheus import Prometheus, Series, times

PODS, DAYS = 50, 14
KIT = """
import json, re, sys, time
from pathlib import Path
from readiness_kit.collect.prometheus import queries
from readiness_kit.collect.prometheus.client import Server
from readiness_kit.collect.prometheus.collector import with_prometheus
from readiness_kit.facts import ClusterFacts
from readiness_kit.snapshot import load
asked, points = [], 0
ask = Server.ask
def counted(self, query):
    global points
    answer = ask(self, query)
    if query.promql in USAGE:
        asked.append(query.name)
        points += sum(len(row.values) for row in answer)
    return answer
whole = queries.usage
USAGE = set()
def noted(scope, window):
    found = whole(scope, window)
    USAGE.update(query.promql for query in found.values())
    return found
queries.usage = noted
Server.ask = counted
before = load(Path(sys.argv[1]))
began = time.perf_counter()
after = with_prometheus(before, sys.argv[2])
rows = len(ClusterFacts(after).history.containers)
seconds = time.perf_counter() - began
# Not ru_maxrss, which begins at that of the process that forked.
peak = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
every = sum(call.method == "POST" for call in after.calls)
print(json.dumps({"queries": len(asked), "all_queries": every, "points": points, "seconds": seconds, "peak_mb": peak,
                  "rows": rows}))
"""
EACH = (
    "quantile_over_time(0.5, rate(container_cpu_usage_seconds_total{S}[5m])[14d:75s])",
    "quantile_over_time(0.95, rate(container_cpu_usage_seconds_total{S}[5m])[14d:75s])",
    "max_over_time(rate(container_cpu_usage_seconds_total{S}[5m])[14d:75s])",
    "quantile_over_time(0.95, container_memory_rss{S}[14d:75s])",
    "max_over_time(container_memory_rss{S}[14d:75s])",
    "max_over_time(container_memory_working_set_bytes{S}[14d:75s])",
    "increase(container_cpu_cfs_throttled_periods_total{S}[14d]) / increase(container_cpu_cfs_periods_total{S}[14d])",
    "count_over_time(container_memory_rss{S}[14d])",
    "increase(kube_pod_container_status_restarts_total{S}[14d])",
)
EACH_SERIES = (
    "rate(container_cpu_usage_seconds_total{S}[5m])",
    "container_memory_rss{S}",
    "container_memory_working_set_bytes{S}",
)


def _series(end: int) -> Iterator[Series]:
    often, seldom = times(end, DAYS, 120), times(end, DAYS, 600)
    for number in range(PODS):
        pod = f"weaviate-{number}"
        memory = noisy(number, len(often), 8 * GIB, 0.4 * GIB)
        used = np.abs(np.random.default_rng(number).normal(1, 0.2, len(often)))
        periods = counter(np.full(len(seldom), 10.0), 600)
        yield Series("container_memory_rss", cadvisor(pod), often, memory)
        yield Series("container_memory_working_set_bytes", cadvisor(pod), often, memory * 1.5)
        yield Series("container_cpu_usage_seconds_total", cadvisor(pod), often, np.round(counter(used, 120), 3))
        yield Series("container_cpu_cfs_periods_total", cadvisor(pod), seldom, periods)
        yield Series("container_cpu_cfs_throttled_periods_total", cadvisor(pod), seldom, periods * 0.1)
        yield Series("kube_pod_container_status_restarts_total", kube(pod), seldom, np.zeros(len(seldom)))
        yield Series("go_memstats_heap_inuse_bytes", own(pod), seldom, np.full(len(seldom), 6 * GIB))
        yield Series("weaviate_build_info", own(pod, version="1.38.2"), seldom[-288:], np.ones(288))


def measure(work: Path) -> dict[str, dict[str, float]]:
    """Figures of the kit (`kit`) and of one query set for each container (`each`)."""
    made = snapshot(weaviate(replicas=PODS), as_of=AS_OF)
    made.save(work / "before.zip")
    end = int(made.manifest.taken_at.timestamp())
    folder = work / "prometheus"
    folder.mkdir()
    with Prometheus.filled(folder, list(_series(end))) as server:
        began = server.cpu_seconds
        command = [sys.executable, "-c", KIT, str(work / "before.zip"), server.url]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr.strip().splitlines()[-1])
        kit: dict[str, float] = json.loads(done.stdout)
        kit["server_cpu"] = server.cpu_seconds - began
        return {"kit": kit, "each": _for_each(server, end)}


def _for_each(server: Prometheus, end: int) -> dict[str, float]:
    began, before, queries, points = time.perf_counter(), server.cpu_seconds, 0, 0
    for number in range(PODS):
        chosen = f'{{namespace="weaviate",pod="weaviate-{number}",container="weaviate"}}'
        for term in EACH:
            points += _ask(f"{server.url}/api/v1/query", query=term.replace("{S}", chosen), time=end)
        for term in EACH_SERIES:
            span = {"start": end - DAYS * 86_400, "end": end, "step": 300}
            points += _ask(f"{server.url}/api/v1/query_range", query=term.replace("{S}", chosen), **span)
        queries += len(EACH) + len(EACH_SERIES)
    seconds = time.perf_counter() - began
    return {"queries": queries, "points": points, "seconds": seconds, "server_cpu": server.cpu_seconds - before}


def _ask(url: str, **form: Any) -> int:
    with urlopen(url, urlencode(form).encode(), timeout=60) as answer:
        rows = json.load(answer)["data"]["result"]
    return sum(len(row.get("values", [0])) for row in rows)


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]))))
