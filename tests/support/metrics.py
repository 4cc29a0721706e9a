"""Series whose answers are known: what one Weaviate cluster would have left in a Prometheus, and the numbers in it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tests.support.prometheus import Series, times

NAMESPACE = "weaviate"
GIB = 2.0**30


def noisy(seed: int, count: int, mean: float, deviation: float) -> np.ndarray:
    return np.round(np.random.default_rng(seed).normal(mean, deviation, count))


def cadvisor(pod: str, container: str = "weaviate", **more: str) -> dict[str, str]:
    cgroup = more.pop("cgroup", f"/kubepods/{pod}/{container}")
    return {"namespace": NAMESPACE, "pod": pod, "container": container, "id": cgroup, "job": "cadvisor", **more}


def kube(pod: str, **more: str) -> dict[str, str]:
    return {"namespace": NAMESPACE, "pod": pod, "container": "weaviate", "job": "kube-state-metrics", **more}


def own(pod: str, **more: str) -> dict[str, str]:
    return {"namespace": NAMESPACE, "pod": pod, "job": "weaviate", "instance": f"{pod}:2112", **more}


def claim(name: str) -> dict[str, str]:
    return {"namespace": NAMESPACE, "persistentvolumeclaim": name, "job": "kubelet"}


def steady(end: int, name: str, labels: Mapping[str, str], value: float, days: float = 14, step: int = 300) -> Series:
    at = times(end, days, step)
    return Series(name, labels, at, np.full(len(at), value))


def counter(rates: np.ndarray, step: int, start: float = 0.0) -> np.ndarray:
    """A counter that grew by these rates, one each step."""
    return start + np.cumsum(rates * step)
