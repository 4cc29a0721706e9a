"""The demonstration's history is consistent with its cluster and has the form of a collection."""

from __future__ import annotations

import zlib

import msgspec
import numpy as np
import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.analysis.history import History
from readiness_kit.kinds.prometheus import SCALARS, TRAFFIC
from readiness_kit.kinds.sources import SOURCES
from readiness_kit.snapshot import Snapshot
from scripts.demo import history as demo
from scripts.demo import make

GIB = 2.0**30


@pytest.fixture(scope="module")
def history() -> History:
    built = make.build()
    others = tuple(read for read in built.manifest.reads if read.key not in demo.KEYS)
    manifest = msgspec.structs.replace(built.manifest, reads=(*others, *demo.reads()))
    return ClusterFacts(Snapshot(manifest, built.kept, built.calls, {**built.answers, **demo.answers()})).history


def test_every_answer_is_of_its_form_and_all_are_small() -> None:
    answers = demo.answers()
    assert set(answers) == set(demo.KEYS) and answers == demo.answers()
    bodies = {key: msgspec.json.encode(answer) for key, answer in answers.items()}
    for key, body in bodies.items():
        assert msgspec.json.decode(body, type=SOURCES[key]) == answers[key]
    assert sum(len(zlib.compress(body)) for body in bodies.values()) < 60_000
    assert {*answers["prometheus/weaviate"], *answers["prometheus/history"]} == set(SCALARS)
    assert set(answers["prometheus/traffic"].tracks) == set(TRAFFIC)


def test_it_agrees_with_the_cluster(history: History) -> None:
    frame = history.containers.set_index("pod")
    assert frame["weaviate"].all() and frame["current"].all() and frame["enough"].all()
    assert (frame["rss_max"] < frame["memory_limit"]).all()
    assert (frame["cpu_p50"] < frame["cpu_p95"]).all() and (frame["cpu_p95"] < frame["cpu_max"]).all()
    assert (frame["rss_p95"] < frame["rss_max"]).all() and (frame["gomemlimit"] == 42 * GIB).all()
    restarts = history._facts.containers.set_index("pod")["restarts"].groupby(level=0).max()
    assert frame["restarts"].to_dict() == restarts.to_dict() and frame["oom"].to_dict()["weaviate-1"] == 2
    measured = history._facts.usage.set_index("pod")
    for pod in demo.PODS:
        assert history.series(pod, "working_set")[1][-1] == pytest.approx(measured.loc[pod, "memory"], rel=0.05)
        assert history.series(pod, "cpu")[1][-1] == pytest.approx(measured.loc[pod, "cpu"], rel=0.08)


def test_memory_falls_in_the_hour_after_the_kill(history: History) -> None:
    times, values = history.series("weaviate-1", "rss")
    hour = int(np.searchsorted(times, np.datetime64("2026-11-16T03:12:09")))
    assert values[hour] > 47 * GIB and values[hour + 1] < 26 * GIB


def test_the_first_volume_reaches_its_mark_in_about_forty_days(history: History) -> None:
    found = history.volumes.set_index("claim")["warning"]
    assert found["weaviate-data-weaviate-0"] == pytest.approx(40, abs=2) and found.min() > 35
