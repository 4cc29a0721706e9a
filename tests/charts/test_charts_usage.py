"""Usage against requests and limits: the numbers, the finding, and what is said where one is missing."""

from __future__ import annotations

import math

import pytest

from readiness_kit.charts import Chart, NoChart, usage
from readiness_kit.facts import ClusterFacts
from tests.support.cluster import Object, cluster, of, weaviate

GIB = 2**30


def measured(name: str, memory: str, cpu: str = "500m", container: str = "weaviate") -> Object:
    return {
        "kind": "PodMetrics",
        "metadata": {"name": name, "namespace": "weaviate"},
        "timestamp": "2026-11-24T05:59:40Z",
        "window": "15s",
        "containers": [{"name": container, "usage": {"cpu": cpu, "memory": memory}}],
    }


def drawn(facts: ClusterFacts) -> Chart:
    chart = usage(facts)
    assert isinstance(chart, Chart)
    return chart


def three(*memory: str, **changes: object) -> ClusterFacts:
    used = [measured(f"weaviate-{place}", amount) for place, amount in enumerate(memory)]
    return cluster(weaviate(**changes), used)  # type: ignore[arg-type]


def test_title_names_the_container_nearest_to_its_limit() -> None:
    chart = drawn(three("12Gi", "22.56Gi", "6Gi"))
    assert chart.title == "Memory is at 94 % of the limit on weaviate-1"
    assert list(chart.table["pod"]) == ["weaviate-1", "weaviate-0", "weaviate-2"]
    assert list(chart.table["memory used of limit (%)"]) == [94.0, 50.0, 25.0]


def test_table_holds_the_numbers_in_its_units() -> None:
    first = drawn(three("12Gi", "6Gi", "3Gi")).table.iloc[0]
    assert first["memory used (GiB)"] == 12.0
    assert first["memory requested (GiB)"] == 24.0
    assert first["memory limit (GiB)"] == 24.0
    assert first["CPU used (cores)"] == 0.5
    assert first["CPU requested (cores)"] == 4.0
    assert math.isnan(first["CPU limit (cores)"]) and math.isnan(first["CPU used of limit (%)"])


def test_alt_states_the_finding_and_the_main_numbers() -> None:
    chart = drawn(three("12Gi", "22.56Gi", "6Gi"))
    assert chart.alt.startswith("Memory is at 94 % of the limit on weaviate-1.")
    assert "weaviate-0: memory 12 GiB used, 24 GiB requested, limit 24 GiB; CPU 0.50 cores used" in chart.alt
    assert "no limit" in chart.alt


def test_note_names_source_and_moment_of_the_measurement() -> None:
    assert drawn(three("1Gi", "1Gi", "1Gi")).note.startswith("One instant, 2026-11-24 05:59 UTC, metrics.k8s.io")


def test_memory_past_the_limit_is_not_cut_to_a_hundred() -> None:
    assert "104 % of the limit" in drawn(three("25Gi", "1Gi", "1Gi")).title


def test_nearly_full_is_never_rounded_up() -> None:
    assert "99 % of the limit" in drawn(three("23.99Gi", "1Gi", "1Gi")).title


def test_without_limits_the_request_is_the_measure() -> None:
    facts = three("12Gi", "6Gi", "3Gi", container={"resources": {"limits": None}})
    chart = drawn(facts)
    assert chart.title == "Memory is at 50 % of the request on weaviate-0; no container has a memory limit"
    assert texts(chart).count("no limit") == 6


def test_without_requests_and_limits_the_amount_is_told() -> None:
    facts = three("12Gi", "6Gi", "3Gi", container={"resources": {"limits": None, "requests": None}})
    assert drawn(facts).title == "weaviate-0 uses 12 GiB of memory, with neither request nor limit"


def test_a_sidecar_without_a_limit_is_named_by_number() -> None:
    sidecar = {"name": "proxy", "image": "proxy:1", "resources": {}}
    objects = weaviate(replicas=1)
    for pod in of(objects, "Pod"):
        pod["spec"]["containers"].append(sidecar)
    used = measured("weaviate-0", "12Gi")
    used["containers"].append({"name": "proxy", "usage": {"cpu": "20m", "memory": "64Mi"}})
    chart = drawn(cluster(objects, used))
    assert chart.title == (
        "Memory is at 50 % of the limit on weaviate-0 / weaviate, and 1 of 2 containers has no memory limit"
    )
    assert list(chart.table["container"]) == ["weaviate", "proxy"]


def test_shortened_rows_can_still_be_told_apart() -> None:
    objects = weaviate(replicas=12)
    for pod in of(objects, "Pod"):
        pod["spec"]["containers"].append({"name": "a-sidecar-with-a-long-name", "image": "proxy:1"})
    chart = drawn(cluster(objects, [measured(f"weaviate-{place}", "1Gi") for place in range(12)]))
    rows = [text for text in texts(chart) if " / " in text]
    assert len(rows) == len(set(rows)) == 20


def test_a_pod_without_a_measurement_stays_and_says_so() -> None:
    chart = drawn(three("12Gi", "6Gi"))
    assert list(chart.table["pod"]) == ["weaviate-0", "weaviate-1", "weaviate-2"]
    assert math.isnan(chart.table.iloc[2]["memory used (GiB)"])
    assert texts(chart).count("usage not reported") == 2
    assert "For 1 of 3 containers no memory was reported." in chart.note


def test_the_worst_twenty_are_drawn_and_the_rest_counted() -> None:
    chart = drawn(three(*(f"{100 * place + 100}Mi" for place in range(200)), replicas=200))
    assert len(chart.table) == 200
    shown = [text for text in texts(chart) if text.startswith("weaviate-")]
    assert shown == [f"weaviate-{place}" for place in range(199, 179, -1)]
    assert "The 20 of 200 containers fullest by memory; 180 more are in the table." in texts(chart)
    assert "20 of 200 containers are shown" in chart.note


def test_equal_shares_stand_in_the_order_of_their_numbers() -> None:
    chart = drawn(three(*["1Gi"] * 12, replicas=12))
    assert list(chart.table["pod"]) == [f"weaviate-{place}" for place in range(12)]


@pytest.mark.parametrize(
    ("refusal", "why"),
    [
        ({"absent": ("podmetrics",)}, "the metrics API (metrics.k8s.io): this cluster does not have it"),
        ({"forbidden": ("podmetrics",)}, "the metrics API (metrics.k8s.io): not permitted to read it"),
        ({}, "the metrics API reported nothing for the Weaviate pods"),
    ],
)
def test_without_measurements_there_is_no_chart_but_a_reason(refusal: dict[str, tuple[str, ...]], why: str) -> None:
    chart = usage(cluster(weaviate(), **refusal))  # type: ignore[arg-type]
    assert isinstance(chart, NoChart)
    assert chart.sentence == f"CPU and memory used against requests and limits: not assessed, {why}."


def texts(chart: Chart) -> list[str]:
    return [text.get_text() for axes in chart.figure.axes for text in axes.texts]
