"""The clients that are measured against one another, each a process of its own.

    python -m benchmarks.clients NAME CONFIG

Each reads pods, nodes and StatefulSets of the whole cluster and prints how many pods it got, and in how many
`seconds` without its start and imports.
"""

from __future__ import annotations

import json
import re
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from urllib.request import Request, urlopen

LISTS = ("/api/v1/pods", "/api/v1/nodes", "/apis/apps/v1/statefulsets")
Result = dict[str, float]


def kit(config: str) -> Result:
    """Collected, scrubbed and framed, as the kit does it."""
    import pandas  # noqa: F401
    from kubernetes import client  # noqa: F401

    from readiness_kit.collect import collect, connect
    from readiness_kit.facts import ClusterFacts

    began = time.perf_counter()
    with connect(config) as connection:
        snapshot = collect(connection, ("pods", "nodes", "statefulsets"))
    facts = ClusterFacts(snapshot)
    rows = len(facts.containers)
    return {"pods": len(snapshot.objects("pods")), "rows": rows, "seconds": time.perf_counter() - began}


def typed(config: str) -> Result:
    """The typed objects of the `kubernetes` client."""
    from kubernetes import client
    from kubernetes import config as kubeconfig

    began = time.perf_counter()
    api = client.CoreV1Api(kubeconfig.new_client_from_config(config))
    token, pods = None, []
    while True:
        page = api.list_pod_for_all_namespaces(limit=500, _continue=token)
        pods += page.items
        token = page.metadata._continue if page.metadata else None
        if not token:
            api.list_node()
            return {"pods": len(pods), "seconds": time.perf_counter() - began}


def _bodies(config: str) -> Iterator[bytes]:
    with open(config, encoding="utf-8") as file:
        read = json.load(file)
    cluster = read["clusters"][0]["cluster"]
    token = read["users"][0]["user"].get("token", "")
    headers = {"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {token}"} if token else {})
    authority = cluster.get("certificate-authority")
    context = ssl.create_default_context(cafile=authority) if authority else None
    for path in LISTS:
        following = ""
        while True:
            asked = f"{cluster['server']}{path}?limit=500" + (f"&continue={following}" if following else "")
            with urlopen(Request(asked, headers=headers), context=context) as answer:
                body = answer.read()
            yield body
            # The end of the list's own head, without decoding the body.
            found = re.search(rb'"continue":\s*"([^"]+)"', body[: body.index(b'"items"')])
            if found is None:
                break
            following = found[1].decode()


def raw_json(config: str) -> Result:
    """Pages through `json`, all objects kept."""
    began = time.perf_counter()
    lists = [json.loads(body)["items"] for body in _bodies(config)]
    return {"pods": sum(map(len, lists)), "seconds": time.perf_counter() - began}


def transfer(config: str) -> Result:
    """The bytes alone."""
    began = time.perf_counter()
    return {"bytes": sum(map(len, _bodies(config))), "seconds": time.perf_counter() - began}


def judging(config: str) -> Result:
    """Everything the evidence reads, its findings and charts, and the snapshot saved beside the kubeconfig."""
    from pathlib import Path

    from readiness_kit import charts
    from readiness_kit.checklist import load_checklist
    from readiness_kit.collect import collect, connect
    from readiness_kit.evidence import evaluate, reads_for
    from readiness_kit.facts import ClusterFacts
    from readiness_kit.model import Settings

    questions = load_checklist().questions
    with connect(config) as connection:
        snapshot = collect(connection, reads_for(questions))
    snapshot.save(Path(config).with_name("snapshot.zip"))
    evaluate(ClusterFacts(snapshot), Settings(), questions)
    facts = ClusterFacts(snapshot)
    began = time.perf_counter()
    evaluate(facts, Settings(), questions)
    judged = time.perf_counter() - began
    began = time.perf_counter()
    for chart in (charts.pods_by_zone, charts.node_packing):
        drawn = chart(facts)
        if isinstance(drawn, charts.Chart):
            charts.figure_html(drawn)
    return {"evidence": judged, "charts": time.perf_counter() - began}


def tenants(config: str, collections: str) -> Result:
    """A Weaviate of so many collections with 100 tenants each; of their shards no more than the kit asks for."""
    from pathlib import Path

    import msgspec

    from readiness_kit.checklist import load_checklist
    from readiness_kit.collect.weaviate.shards import MAX_REPLICAS
    from readiness_kit.evidence import evaluate
    from readiness_kit.facts import ClusterFacts
    from readiness_kit.kinds import weaviate
    from readiness_kit.model import Read, Settings
    from readiness_kit.snapshot import load

    names = [f"Collection{number}" for number in range(int(collections))]
    several = weaviate.MultiTenancyConfig(True)
    schema = weaviate.Schema(
        tuple(
            weaviate.CollectionSchema(
                name, replication_config=weaviate.ReplicationConfig(3), multi_tenancy_config=several
            )
            for name in names
        )
    )
    shards = tuple(
        weaviate.ShardStatus(f"tenant-{number}", name, 100, "READY", 0, True, True, 3, 3)
        for name in names
        for number in range(100)
    )[: MAX_REPLICAS // 3]
    nodes = weaviate.Nodes(
        tuple(weaviate.ServerNode(f"weaviate-{number}", "HEALTHY", "1.38.2", shards=shards) for number in range(3))
    )
    made = load(Path(config).with_name("snapshot.zip"))
    answers = {**made.answers, "weaviate/schema": schema, "weaviate/nodes_verbose": nodes, "weaviate/nodes": nodes}
    reads = (*made.manifest.reads, *(Read(key, 1) for key in answers if key.startswith("weaviate/")))
    facts = ClusterFacts(
        msgspec.structs.replace(made, answers=answers, manifest=msgspec.structs.replace(made.manifest, reads=reads))
    )
    questions = load_checklist().questions
    # What is loaded once for all does not count.
    evaluate(ClusterFacts(made), Settings(), questions)
    began = time.perf_counter()
    evaluate(facts, Settings(), questions)
    return {"evidence": time.perf_counter() - began}


CLIENTS: dict[str, Callable[..., Result]] = {
    one.__name__: one for one in (kit, typed, raw_json, transfer, judging, tenants)
}

if __name__ == "__main__":
    print(json.dumps(CLIENTS[sys.argv[1]](*sys.argv[2:])))
