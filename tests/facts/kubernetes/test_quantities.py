"""Kubernetes quantities equal those of the Kubernetes client."""

from __future__ import annotations

import math

import pytest

from readiness_kit.facts.kubernetes.quantities import quantity, quantity_of

SUFFIXES = ["", "n", "u", "m", "k", "K", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("number", ["0", "1", "500", "1.5", "0.1", "123456789", "-2", "+3", "1e3", "12E2"])
def test_quantities_are_those_of_the_kubernetes_client(number: str, suffix: str) -> None:
    from kubernetes.utils.quantity import parse_quantity

    expected = parse_quantity(number + suffix)
    if suffix.endswith("i"):  # The API server caps binary suffixes, the client does not.
        expected = min(expected, 2**63 - 1)
    assert quantity(number + suffix) == pytest.approx(float(expected), abs=1e-9)


@pytest.mark.parametrize("text", ["", "Gi", "1mi", "1ki", "1ui", "8GB", "abc", "1 Gi i"])
def test_what_is_no_quantity_is_refused_as_the_client_does(text: str) -> None:
    from kubernetes.utils.quantity import parse_quantity

    with pytest.raises(ValueError, match=r".*"):
        parse_quantity(text)
    with pytest.raises(ValueError, match="is not a Kubernetes quantity"):
        quantity(text)


def test_an_amount_that_is_not_given_is_nan_and_not_zero() -> None:
    assert quantity_of({"cpu": "500m"}, "cpu") == 0.5
    assert math.isnan(quantity_of({"cpu": "500m"}, "memory"))
    assert math.isnan(quantity_of({"cpu": "many"}, "cpu"))
