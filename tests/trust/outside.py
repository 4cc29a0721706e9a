"""Everything the kit can reach, on loopback: the demonstration cluster, a Weaviate, a Prometheus. They record."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from readiness_kit import paths
from readiness_kit.demo import SNAPSHOT
from readiness_kit.serve import bodies
from readiness_kit.serve.server import Loopback, Reply, Request
from readiness_kit.snapshot import load
from tests.support.served import Fault, ServedCluster
from tests.support.weaviate import FakeWeaviate, healthy


def demo_lists() -> dict[str, Any]:
    """The demonstration cluster as API path -> list."""
    return bodies(load(paths.demo() / SNAPSHOT))


class FakePrometheus:
    """Answers every query with nothing, or with the data that `answer` gives, and knows its own version."""

    def __init__(self, error: str = "", answer: Callable[[Request], Any] = lambda request: None) -> None:
        self.requests: list[Request] = []
        self.bearers: list[str] = []
        self.error = error
        self.status = 400
        """The status of the answers while there is an `error`."""
        self._data = answer
        self._lock = threading.Lock()
        self._server = Loopback(self._answer)

    @property
    def url(self) -> str:
        return self._server.url

    def _answer(self, request: Request, bearer: str) -> Reply:
        with self._lock:
            self.requests.append(request)
            self.bearers.append(bearer)
        if self.error:
            return Reply(self.status, {"status": "error", "error": self.error})
        data: Any = {"resultType": "vector", "result": []}
        if request.path.endswith("buildinfo"):
            data = {"version": "3.5.0"}
        elif "/label/" in request.path:
            data = []
        elif request.path.endswith("rules"):
            data = {"groups": []}
        given = self._data(request)
        data = data if given is None else given
        return Reply(200, {"status": "success", "data": data})

    def __enter__(self) -> FakePrometheus:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()


class Outside(NamedTuple):
    cluster: ServedCluster
    weaviate: FakeWeaviate
    prometheus: FakePrometheus
    kubeconfig: Path

    @property
    def asked(self) -> list[str]:
        """`kubernetes GET /api/v1/pods` and the like, without queries."""
        return [
            *(f"kubernetes {one.method} {one.path}" for one in self.cluster.requests),
            *(f"weaviate {line.partition('?')[0]}" for line in self.weaviate.asked),
            *(f"prometheus {one.method} {one.path}" for one in self.prometheus.requests),
        ]

    def forget(self) -> None:
        for record in (self.cluster.requests, self.weaviate.asked, self.prometheus.requests):
            record.clear()


@contextmanager
def outside(
    folder: Path,
    lists: Mapping[str, Any] | None = None,
    *,
    key: str = "",
    token: str = "served-token",
    fault: Fault | None = None,
    weaviate: Mapping[str, Any] | None = None,
    prometheus_error: str = "",
    prometheus: Callable[[Request], Any] = lambda request: None,
) -> Iterator[Outside]:
    with (
        ServedCluster(lists or demo_lists(), token=token, fault=fault) as cluster,
        FakeWeaviate(dict(weaviate or healthy()), key=key) as rest,
        FakePrometheus(prometheus_error, prometheus) as metrics,
    ):
        yield Outside(cluster, rest, metrics, cluster.kubeconfig(folder / "config", token=token))
