"""Amounts and names as readers write them."""

from __future__ import annotations

import pytest

from readiness_kit.charts.units import cpu_text, memory_text, natural, short_names


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "0 B"), (512 * 2**20, "512 MiB"), (22.56 * 2**30, "22.6 GiB"), (2**40, "1 TiB"), (1023.9 * 2**20, "1 GiB"),
     (1000 * 2**20, "1,000 MiB"), (float("nan"), "")],
)  # fmt: skip
def test_memory_in_three_digits(amount: float, text: str) -> None:
    assert memory_text(amount) == text


@pytest.mark.parametrize(
    ("cores", "text"), [(0, "0.00"), (0.001, "< 0.01"), (0.04, "0.04"), (2.306, "2.31"), (12.49, "12.5"), (128, "128")]
)
def test_cores(cores: float, text: str) -> None:
    assert cpu_text(cores) == text


def test_numbers_in_names_sort_by_value() -> None:
    assert sorted(["n-10", "n-9", "m"], key=natural) == ["m", "n-9", "n-10"]


def test_only_a_domain_shared_by_all_names_is_dropped() -> None:
    assert short_names(["a.x.internal", "b.x.internal"]) == {"a.x.internal": "a", "b.x.internal": "b"}
    assert short_names(["a.x", "b.y"]) == {"a.x": "a.x", "b.y": "b.y"}
    assert short_names(["a.x"]) == {"a.x": "a.x"}
