"""Usage against requests and limits: the numbers, the finding, and the text where one is missing."""

from __future__ import annotations

import math

import pytest

from readiness_kit.charts import Chart, NoChart, usage
from readiness_kit.facts import ClusterFacts
from tests.charts.clusters import pod_metrics
from tests.charts.layout import drawn, texts
from tests.support.cluster import cluster, of, weaviate


def usage_chart(facts: ClusterFacts) -> Chart:
    return drawn(usage(facts))


def three(*memory: str, **changes: object) -> ClusterFacts:
    used = [pod_metrics(f"weaviate-{place}", amount) for place, amount in enumerate(memory)]
    return cluster(weaviate(**changes), used)  # type: ignore[arg-type]


def test_title_names_the_container_nearest_to_its_limit() -> None:
    chart = usage_chart(three("12Gi", "22.56Gi", "6Gi"))
    assert chart.title == "Memory is at 94 % of the limit on weaviate-1"
    assert list(chart.table["pod"]) == ["weaviate-1", "weaviate-0", "weaviate-2"]
    assert list(chart.table["memory used of limit (%)"]) == [94.0, 50.0, 25.0]


def test_table_holds_the_numbers_in_its_units() -> None:
    first = usage_chart(three("12Gi", "6Gi", "3Gi")).table.iloc[0]
    assert first["memory used (GiB)"] == 12.0
    assert first["memory requested (GiB)"] == 24.0
    assert first["memory limit (GiB)"] == 24.0
    assert first["CPU used (cores)"] == 0.5
    assert first["CPU requested (cores)"] == 4.0
    assert math.isnan(first["CPU limit (cores)"]) and math.isnan(first["CPU used of limit (%)"])


def test_alt_states_the_finding_and_the_main_numbers() -> None:
    chart = usage_chart(three("12Gi", "22.56Gi", "6Gi"))
    assert chart.alt.startswith("Memory is at 94 % of the limit on weaviate-1.")
    assert (
        "weaviate-0: container weaviate, memory used (GiB) 12, memory requested (GiB) 24, memory limit (GiB) 24"
        in chart.alt
    )
    assert "CPU used (cores) 0.5" in chart.alt and "CPU limit" not in chart.alt


def test_note_names_source_and_time_of_the_measurement() -> None:
    assert usage_chart(three("1Gi", "1Gi", "1Gi")).note.startswith(
        "Measured at one instant, 2026-11-24 05:59 UTC, by metrics.k8s.io"
    )


def test_memory_above_the_limit_is_not_capped_at_100_percent() -> None:
    assert "104 % of the limit" in usage_chart(three("25Gi", "1Gi", "1Gi")).title


def test_share_is_never_rounded_up_to_100_percent() -> None:
    assert "99 % of the limit" in usage_chart(three("23.99Gi", "1Gi", "1Gi")).title


def test_without_limits_usage_is_compared_with_the_request() -> None:
    facts = three("12Gi", "6Gi", "3Gi", container={"resources": {"limits": None}})
    chart = usage_chart(facts)
    assert chart.title == "Memory is at 50 % of the request on weaviate-0; no container has a memory limit"
    assert texts(chart).count("no limit") == 6


def test_without_requests_and_limits_the_amount_is_stated() -> None:
    facts = three("12Gi", "6Gi", "3Gi", container={"resources": {"limits": None, "requests": None}})
    assert usage_chart(facts).title == "weaviate-0 uses 12 GiB of memory and has neither request nor limit"


def test_containers_without_a_limit_are_counted() -> None:
    sidecar = {"name": "proxy", "image": "proxy:1", "resources": {}}
    objects = weaviate(replicas=1)
    for pod in of(objects, "Pod"):
        pod["spec"]["containers"].append(sidecar)
    used = pod_metrics("weaviate-0", "12Gi")
    used["containers"].append({"name": "proxy", "usage": {"cpu": "20m", "memory": "64Mi"}})
    chart = usage_chart(cluster(objects, used))
    assert chart.title == (
        "Memory is at 50 % of the limit on weaviate-0 / weaviate, and 1 of 2 containers has no memory limit"
    )
    assert list(chart.table["container"]) == ["weaviate", "proxy"]


def test_shortened_labels_stay_distinct() -> None:
    objects = weaviate(replicas=12)
    for pod in of(objects, "Pod"):
        pod["spec"]["containers"].append({"name": "a-sidecar-with-a-long-name", "image": "proxy:1"})
    chart = usage_chart(cluster(objects, [pod_metrics(f"weaviate-{place}", "1Gi") for place in range(12)]))
    rows = [text for text in texts(chart) if " / " in text]
    assert len(rows) == len(set(rows)) == 20


def test_unmeasured_pod_is_listed_as_not_reported() -> None:
    chart = usage_chart(three("12Gi", "6Gi"))
    assert list(chart.table["pod"]) == ["weaviate-0", "weaviate-1", "weaviate-2"]
    assert math.isnan(chart.table.iloc[2]["memory used (GiB)"])
    assert texts(chart).count("usage not reported") == 2
    assert "Memory usage was not reported for 1 of 3 containers." in chart.note


def test_twenty_worst_are_drawn_and_the_others_counted() -> None:
    chart = usage_chart(three(*(f"{100 * place + 100}Mi" for place in range(200)), replicas=200))
    assert len(chart.table) == 200
    shown = [text for text in texts(chart) if text.startswith("weaviate-")]
    assert shown == [f"weaviate-{place}" for place in range(199, 179, -1)]
    assert "20 of 200 containers are shown, ranked by memory; the table lists all." in chart.note


def test_equal_shares_are_sorted_by_ordinal() -> None:
    chart = usage_chart(three(*["1Gi"] * 12, replicas=12))
    assert list(chart.table["pod"]) == [f"weaviate-{place}" for place in range(12)]


@pytest.mark.parametrize(
    ("refusal", "why"),
    [
        ({"absent": ("podmetrics",)}, "the metrics API (metrics.k8s.io): this cluster does not have it"),
        ({"forbidden": ("podmetrics",)}, "the metrics API (metrics.k8s.io): not permitted to read it"),
        ({}, "the metrics API reported no Weaviate pod"),
    ],
)
def test_without_measurements_the_reason_is_stated(refusal: dict[str, tuple[str, ...]], why: str) -> None:
    chart = usage(cluster(weaviate(), **refusal))  # type: ignore[arg-type]
    assert isinstance(chart, NoChart)
    assert chart.sentence == f"CPU and memory used against requests and limits: not assessed, {why}."
