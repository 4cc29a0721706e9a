"""Every printed command is executed: kubectl against the kit's own API, curl against Weaviate and Prometheus.

Without kubectl or curl the request that the command stands for is sent instead, so that no test needs them.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import numpy as np
import pytest
from msgspec.structs import replace

from readiness_kit.checklist import load_checklist
from readiness_kit.evidence import evaluate
from readiness_kit.evidence.commands import WITHOUT_KEY, command, json_path
from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds import KINDS
from readiness_kit.kinds.sources import SOURCES
from readiness_kit.model import Check, Reason, Ref, Settings
from readiness_kit.serve import ServedSnapshot
from readiness_kit.snapshot import Snapshot
from scripts.demo.make import build
from tests.support import ready_cluster
from tests.support.parts import find_program, need
from tests.support.prometheus import Prometheus, Series, times
from tests.support.weaviate import FakeWeaviate, replayed

LISTED_NAMES = "label/__name__/values"
QUERIES = load_checklist().questions


def lines(snapshot: Snapshot) -> list[Check]:
    found = evaluate(ClusterFacts(snapshot), Settings(), QUERIES)
    return [check for finding in found.values() for check in finding.facts if command(check)]


@pytest.fixture(scope="module")
def demonstration() -> list[Check]:
    return lines(build())


@pytest.fixture(scope="module")
def everything(demonstration: list[Check]) -> list[Check]:
    return [*demonstration, *lines(ready_cluster.build())]


def curls(checks: list[Check], source: str) -> list[str]:
    return sorted({command(check) for check in checks if check.source.startswith(f"{source}/")})


def fetched(line: str, environment: dict[str, str]) -> tuple[int, bytes]:
    """Status and body of a curl command, run by the shell; without curl the same request is sent."""
    if shutil.which("curl") and shutil.which("sh"):
        marked = line.replace("curl -s ", "curl -s -w '\\n%{http_code}' ", 1) if "%{http_code}" not in line else line
        done = subprocess.run(
            ["sh", "-c", marked], capture_output=True, timeout=60, env={**os.environ, **environment}, check=True
        )
        body, _, status = done.stdout.rstrip(b"\n").rpartition(b"\n")
        return int(status), body
    return _requested(line, environment)


def _requested(line: str, environment: dict[str, str]) -> tuple[int, bytes]:
    filled = re.sub(r"\$([A-Z_]+)", lambda found: environment[found[1]], line)
    words = shlex.split(filled)
    (url,) = (word for word in words if word.startswith("http://"))
    headers = dict(word.split(": ", 1) for before, word in pairwise(words) if before == "-H")
    for before, word in pairwise(words):
        if before == "--data-urlencode":
            name, _, value = word.partition("=")
            url += f"?{name}={quote(value, safe='')}"
    try:
        with urlopen(Request(url, headers=headers), timeout=60) as reply:
            return reply.status, reply.read()
    except HTTPError as refused:
        return refused.code, refused.read()


# --- Kubernetes -----------------------------------------------------------------------------------


def _translated(line: str) -> tuple[str, str]:
    """(path of the request, JSON path that is printed) of `kubectl [-n NS] get KIND [NAME] …`."""
    words = shlex.split(line)[1:]
    if "--raw" in words:
        return words[words.index("--raw") + 1], ""
    namespace = words[words.index("-n") + 1] if "-n" in words else ""
    rest = words[words.index("get") + 1 :]
    plural, _, group = rest[0].partition(".")
    kind = next(kind for kind in KINDS.values() if (kind.plural, kind.group) == (plural, group))
    name = rest[1] if len(rest) > 1 and not rest[1].startswith("-") else ""
    shown = rest[rest.index("-o") + 1] if "-o" in rest else ""
    path = kind.path(namespace) + (f"/{name}" if name else "")
    return path, shown.removeprefix("jsonpath=").strip("{}") if shown.startswith("jsonpath") else ""


def _at(value: object, path: str) -> bool:
    """Whether an object has something at a JSON path without lists, as printed by `json_path`."""
    for part in re.split(r"(?<!\\)\.", path.removeprefix(".")):
        key = part.replace("\\.", ".")
        if "[" in key:
            return True
        if not isinstance(value, dict) or key not in value:
            return False
        value = value[key]
    return True


@pytest.mark.parametrize("make", [build, ready_cluster.build], ids=["demonstration", "ready"])
def test_the_request_behind_every_kubectl_command_is_answered(make: Callable[[], Snapshot]) -> None:
    snapshot = make()
    commands = {command(check): check for check in lines(snapshot) if command(check).startswith("kubectl")}
    assert len(commands) > 40
    failed, nothing = [], []
    with ServedSnapshot(snapshot) as served:
        for line, check in commands.items():
            path, shown = _translated(line)
            status, body = _requested(f"curl {served.url}{path}", {})
            known = snapshot.read(check.source).reason in (Reason.ABSENT, Reason.FORBIDDEN)
            if status != 200 and not known and path != "/api/v1/namespaces/default/services/kubernetes":
                failed.append((line, status))
            elif status == 200 and shown and check.ok and not _at(json.loads(body), shown):
                nothing.append((line, check.seen))
    assert failed == [] and nothing == []


def test_a_json_path_that_shows_nothing_is_noticed() -> None:
    assert _at({"spec": {"replicas": 3}}, json_path(KINDS["statefulsets"], "spec.replicas"))
    assert not _at({"spec": {}}, json_path(KINDS["statefulsets"], "spec.replicas"))
    assert _translated("kubectl get nodes")[0] == "/api/v1/nodes"


# --- Weaviate -------------------------------------------------------------------------------------


@pytest.fixture
def recorded_weaviate() -> Iterator[FakeWeaviate]:
    with replayed("three-root") as server:
        yield server


def test_every_curl_command_to_weaviate_is_answered(everything: list[Check], recorded_weaviate: FakeWeaviate) -> None:
    commands = curls(everything, "weaviate")
    assert len(commands) > 8
    server = recorded_weaviate
    environment = {"WEAVIATE_URL": server.url, "WEAVIATE_API_KEY": server.key}
    for line in commands:
        status, body = fetched(line, environment)
        asked = server.asked[-1].removeprefix("GET ")
        if "%{http_code}" in line:
            assert (status, asked) == (401, "/v1/meta"), line
        elif asked in server.answers:
            assert status == server.answers[asked][0] and body, line
        else:  # a collection or a backend that the recorded server does not have
            assert re.fullmatch(r"/v1/(schema|backups)/\w+", asked) and status == 404, (line, status)


@pytest.mark.parametrize("key", sorted(key for key in SOURCES if key.startswith("weaviate/")))
def test_a_command_brings_the_key_only_where_it_is_needed(key: str, recorded_weaviate: FakeWeaviate) -> None:
    server = recorded_weaviate
    line = command(Check(Ref("StatefulSet", "weaviate", "search"), "x", "y", source=key))
    status, _ = fetched(line, {"WEAVIATE_URL": server.url, "WEAVIATE_API_KEY": server.key})
    signed = bool(server.signed_in)
    assert signed == (key not in (*WITHOUT_KEY, "weaviate/probe")), line
    assert status != 401 or key == "weaviate/probe", line


# --- Prometheus -----------------------------------------------------------------------------------


def test_no_figure_is_shown_by_a_list_of_metric_names(everything: list[Check]) -> None:
    figures = [check for check in everything if check.source.startswith("prometheus/") and check.reason is None]
    assert len(figures) > 60
    named = [check for check in figures if LISTED_NAMES in command(check)]
    assert {check.source for check in named} <= {"prometheus/labels"}
    for check in figures:
        assert not check.query or command(check).endswith(shlex.quote(f"query={check.query}")), check.field


def test_a_figure_that_was_renamed_shows_the_query_that_was_sent() -> None:
    whole = build()
    sent = {"ready_least_90d": "min(exported)", "oom_events_7d": "sum(renamed)"}
    reads = tuple(
        read if read.key != "prometheus/history" else type(read)(read.key, read.count, queries=sent)
        for read in whole.manifest.reads
    )
    changed = replace(whole, manifest=replace(whole.manifest, reads=reads))
    shown = {check.field: check.query for check in lines(changed) if check.source == "prometheus/history"}
    assert shown["ready replicas, last 90 days"] == "min(exported)" and shown["OOM kills, 7 days"] == "sum(renamed)"


def test_every_curl_command_to_prometheus_is_answered(everything: list[Check], tmp_path: Path) -> None:
    """By a real server: a query that it cannot parse, or that matches ambiguously, is refused."""
    for name in ("prometheus", "promtool"):
        need(find_program(name), name)
    commands = curls(everything, "prometheus")
    assert len(commands) > 25
    end = 1_763_600_000
    at = times(end, 0.1, 300)
    pods = ({"namespace": "search", "pod": f"weaviate-{number}"} for number in range(3))
    series = [Series("up", labels, at, np.ones(len(at))) for labels in pods]
    with Prometheus.filled(tmp_path, series) as server:
        for line in commands:
            status, body = fetched(line, {"PROMETHEUS_URL": server.url})
            assert (status, json.loads(body)["status"]) == (200, "success"), (line, body)
