"""Real servers, one set for all tests of a module. Run by `make test-live`, which builds them; not by `make test`."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.support import weaviate_scenarios as scenarios
from tests.support.weaviate_cluster import WeaviateCluster

collect_ignore_glob = [] if os.environ.get("READINESS_LIVE") else ["test_*.py"]


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WeaviateCluster]:
    """Three nodes with keys and RBAC, filled."""
    folder = tmp_path_factory.mktemp("three")
    program = scenarios.server(scenarios.NEW)
    with WeaviateCluster(program, folder, nodes=3, env=scenarios.RBAC, key=scenarios.ROOT_KEY) as cluster:
        scenarios.collections(cluster, copies=3)
        scenarios.roles(cluster)
        scenarios.counted(cluster, objects=3 * 60 + 30 + 3 * 20)
        yield cluster


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WeaviateCluster]:
    """One node, open to everybody, with backups on its own disk."""
    folder = tmp_path_factory.mktemp("single")
    env = {**scenarios.OPEN, **scenarios.backups(folder)}
    with WeaviateCluster(scenarios.server(scenarios.NEW), folder, env=env) as cluster:
        scenarios.collections(cluster, copies=1)
        scenarios.backed_up(cluster)
        yield cluster


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WeaviateCluster]:
    """One node that lets everybody in, and nobody but two users do anything."""
    folder = tmp_path_factory.mktemp("listed")
    program = scenarios.server(scenarios.NEW)
    with WeaviateCluster(program, folder, env=scenarios.ADMIN_LIST, key=scenarios.ROOT_KEY) as cluster:
        cluster.post("/v1/schema", {"class": "Hidden", "vectorizer": "none"})
        yield cluster


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WeaviateCluster]:
    """One node of an older version, with keys, RBAC and backups on its own disk."""
    folder = tmp_path_factory.mktemp("old")
    env = {**scenarios.RBAC, **scenarios.backups(folder)}
    with WeaviateCluster(scenarios.server(scenarios.OLD), folder, env=env, key=scenarios.ROOT_KEY) as cluster:
        scenarios.collections(cluster, copies=1)
        yield cluster
