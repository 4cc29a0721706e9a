"""Records the responses of real Weaviate servers: `python -m scripts.record_weaviate` writes tests/recorded/weaviate/.

The servers are those of tests/live, on the loopback interface with synthetic data. In each scenario the kit reads a
server; the script then requests the same paths again, shortens the responses, and replaces ports and local paths.
"""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

from readiness_kit.collect.weaviate.collector import collect_weaviate
from tests.support import weaviate_scenarios as scenarios
from tests.support.weaviate import RECORDED
from tests.support.weaviate_cluster import WeaviateCluster

MODULES = ("backup-", "text2vec-openai", "generative-openai")
"""Prefixes of the names of the modules to record; a server reports dozens."""
SHARDS = 20
_ADDRESS = re.compile(r"127\.0\.0\.1:\d+")


def record(cluster: WeaviateCluster, name: str, key: str = "", version: str = scenarios.NEW) -> None:
    """Record one scenario as one file; the kit authenticates with `key`."""
    found = collect_weaviate(cluster.url, api_key=key, shards=SHARDS, pause=0.2)
    # A request without a response is not recorded: a replay answers it with 404.
    paths = dict.fromkeys(call.path for call in found.calls if call.status is not None)
    answers: dict[str, Any] = {}
    for path in paths:
        headers = {"consistency": "false"} if path == "/v1/schema" else {}
        status, body = cluster.ask("GET", path, key="" if ".well-known" in path else key, **headers)
        answers[path] = [status, _cut(body)]
    probe = found.answers["weaviate/probe"]
    kept = {
        "version": version,
        "key": key,
        "anonymous": probe.anonymous,
        "schemes": ", ".join(probe.schemes),
        "answers": answers,
    }
    text = json.dumps(kept, indent=1, ensure_ascii=False, sort_keys=True)
    text = _ADDRESS.sub("127.0.0.1:8300", text).replace(str(cluster.folder), "/var/lib/weaviate")
    RECORDED.mkdir(parents=True, exist_ok=True)
    (RECORDED / f"{name}.json").write_text(text + "\n", "utf-8")
    print(f"{name}: {len(answers)} answers, {len(text):,} characters")


def _cut(body: Any) -> Any:
    if isinstance(body, dict) and isinstance(body.get("modules"), dict):
        modules = {
            name: value if name.startswith("backup-") else {"name": name}
            for name, value in body["modules"].items()
            if name.startswith(MODULES)
        }
        return {**body, "modules": modules}
    return body


def three(folder: Path) -> None:
    """Record three nodes with RBAC and replicated data."""
    program = scenarios.server(scenarios.NEW)
    with WeaviateCluster(program, folder, nodes=3, env=scenarios.RBAC, key=scenarios.ROOT_KEY) as cluster:
        scenarios.collections(cluster, copies=3)
        scenarios.roles(cluster)
        scenarios.counted(cluster, objects=3 * 60 + 30 + 3 * 20)
        record(cluster, "three-root", scenarios.ROOT_KEY)
        record(cluster, "three-viewer", scenarios.VIEWER_KEY)
        record(cluster, "three-app", scenarios.APP_KEY)
        record(cluster, "three-no-key")
        cluster.kill(2)
        scenarios.until(lambda: len(_nodes(cluster)) == 2, "the dead node to leave the list")
        scenarios.until(lambda: not scenarios.leaderless(cluster), "a new leader")
        scenarios.until(lambda: cluster.ask("GET", "/v1/users/own-info")[0] == 200, "users to be known again")
        record(cluster, "one-dead", scenarios.ROOT_KEY)
        cluster.kill(1)
        scenarios.until(lambda: scenarios.leaderless(cluster), "the loss of the leader")
        record(cluster, "two-dead", scenarios.ROOT_KEY)


def _nodes(cluster: WeaviateCluster) -> list[Any]:
    status, answer = cluster.ask("GET", "/v1/nodes")
    return answer["nodes"] if status == 200 else []


def single(folder: Path) -> None:
    """Record one node with anonymous access and backups."""
    env = {**scenarios.OPEN, **scenarios.backups(folder)}
    with WeaviateCluster(scenarios.server(scenarios.NEW), folder, env=env) as cluster:
        scenarios.collections(cluster, copies=1)
        scenarios.backed_up(cluster)
        record(cluster, "single-open")


def admin_list(folder: Path) -> None:
    """Record a server with an admin list, read by a viewer."""
    program = scenarios.server(scenarios.NEW)
    with WeaviateCluster(program, folder, env=scenarios.ADMIN_LIST, key=scenarios.ROOT_KEY) as cluster:
        cluster.post("/v1/schema", {"class": "Hidden", "vectorizer": "none"})
        record(cluster, "admin-list", scenarios.VIEWER_KEY)


def old(folder: Path) -> None:
    """Record an old release with RBAC and backups."""
    env = {**scenarios.RBAC, **scenarios.backups(folder)}
    with WeaviateCluster(scenarios.server(scenarios.OLD), folder, env=env, key=scenarios.ROOT_KEY) as cluster:
        scenarios.collections(cluster, copies=1)
        record(cluster, "old", scenarios.ROOT_KEY, scenarios.OLD)


def main() -> None:
    """Record all scenarios."""
    for scenario in (three, single, admin_list, old):
        with tempfile.TemporaryDirectory() as folder:
            scenario(Path(folder))


if __name__ == "__main__":
    main()
