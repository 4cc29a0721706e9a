"""The memory model equals the figures of Weaviate's documentation."""

from __future__ import annotations

import pytest

from readiness_kit.facts.analysis.sizing import Load, need, vector_bytes

GB = 1e9


@pytest.mark.parametrize(
    ("quantisation", "bits", "segments", "expected"),
    [
        ("", 0, 0, 4096),
        ("sq", 0, 0, 1024),
        ("rq", 8, 0, 1024 + 16),
        ("rq", 0, 0, 1024 + 16),
        ("rq", 4, 0, 512 + 16),
        ("rq", 1, 0, 128 + 8),
        ("bq", 0, 0, 128),
        ("pq", 0, 128, 128),
    ],
)
def test_bytes_of_a_vector_of_1024_dimensions(quantisation: str, bits: int, segments: int, expected: float) -> None:
    assert vector_bytes(1024, "hnsw", quantisation, bits, segments) == expected


def test_odd_dimensions_are_rounded_up_to_64() -> None:
    assert vector_bytes(100, "hnsw", "rq", 8) == 128 + 16
    assert vector_bytes(100, "hnsw", "bq") == 16
    assert vector_bytes(64, "hnsw", "rq", 1) == 256 / 8 + 8


@pytest.mark.parametrize("kind", ["flat", "dynamic", "hfresh"])
def test_indexes_on_disk_hold_nothing_in_memory(kind: str) -> None:
    assert vector_bytes(1024, kind, "") == 0


def test_a_flat_index_with_a_cache_holds_its_quantised_vectors() -> None:
    assert vector_bytes(1024, "flat", "bq", cached=True) == 128


def test_a_million_vectors_of_1024_dimensions_take_six_to_eight_gigabytes() -> None:
    found = need([Load("A", 1e6, dimensions=1024)], nodes=1)
    assert found.low == pytest.approx(6.144 * GB) and found.high == pytest.approx(8.192 * GB)


def test_the_graph_of_quantised_vectors_is_not_left_out() -> None:
    found = need([Load("A", 1e6, dimensions=1024, quantisation="bq")], nodes=1)
    assert found.low == pytest.approx((128 + 320) * 1e6) and found.high == pytest.approx(2 * (128 + 320) * 1e6)


def test_copies_multiply_and_nodes_divide() -> None:
    single = need([Load("A", 1e6, dimensions=1024)], nodes=1)
    spread = need([Load("A", 1e6, factor=3, dimensions=1024)], nodes=3)
    assert spread.high == pytest.approx(single.high)


def test_a_collection_of_unknown_dimensions_is_named_and_not_counted_as_nothing() -> None:
    assert need([Load("A", 1e6)], nodes=1).unknown == ("A",)
