"""Kubernetes quantities as numbers.

The results equal those of `kubernetes.utils.parse_quantity` (a test compares the two), whose import takes half a second
that the replay of a snapshot does not need.
"""

from __future__ import annotations

from decimal import ROUND_UP, Decimal, InvalidOperation
from functools import lru_cache

_DECIMAL = {"n": -9, "u": -6, "m": -3, "k": 3, "K": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_SMALLEST = Decimal("1e-9")
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}


@lru_cache(maxsize=8192)
def quantity(text: str) -> float:
    """`500m` -> 0.5 cores, `8Gi` -> 8589934592.0 bytes. Raises ValueError for an invalid quantity."""
    factor: int | Decimal
    largest: int | None = None
    if text[-2:] in _BINARY:
        number, factor, largest = text[:-2], 2 ** _BINARY[text[-2:]], 2**63 - 1
    elif text[-1:] in _DECIMAL:
        number, factor = text[:-1], Decimal(10) ** _DECIMAL[text[-1]]
    else:
        number, factor = text, 1
    try:
        value = Decimal(number) * factor
        if value and abs(value) < 10**9:  # The API keeps nine places, rounded away from zero.
            value = value.quantize(_SMALLEST, rounding=ROUND_UP)
        return float(value if largest is None else min(value, Decimal(largest)))
    except InvalidOperation:
        raise ValueError(f"{text!r} is not a Kubernetes quantity") from None


def quantity_of(amounts: dict[str, str], name: str) -> float:
    """The amount of a resource in a map of requests, limits or capacity; NaN where it is absent or invalid."""
    text = amounts.get(name)
    if text is None:
        return float("nan")
    try:
        return quantity(text)
    except ValueError:
        return float("nan")
