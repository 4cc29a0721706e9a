"""Amounts, times and names as readers write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

_STEPS = ((2**40, "TiB"), (2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"))
GIB = float(2**30)


def memory_text(amount: float) -> str:
    """Bytes to three digits: `22.6 GiB`, `512 MiB`; "" for NaN."""
    if amount != amount:
        return ""
    for step, unit in _STEPS:
        # 1,023.9 MiB would be rounded to 1,024 MiB; 1 GiB is clearer.
        if amount >= step * 0.9995:
            return f"{_short(amount / step)} {unit}"
    return f"{amount:.0f} B"


def cpu_text(cores: float) -> str:
    """Cores: `2.31`, `12.5`, `0.04`; "" for NaN."""
    if cores != cores:
        return ""
    return "< 0.01" if 0 < cores < 0.005 else f"{cores:.2f}" if cores < 9.995 else _short(cores)


def _short(number: float) -> str:
    digits = 2 if number < 9.995 else 1 if number < 99.95 else 0
    text = f"{number:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def instant(moment: datetime) -> str:
    """`2026-11-20 09:30 UTC`."""
    return moment.strftime("%Y-%m-%d %H:%M UTC")


def joined(words: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *rest, last = list(words)
    return f"{', '.join(rest)} and {last}" if rest else last


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key by which `node-9` comes before `node-10`."""
    return tuple((1, int(part), "") if part.isdecimal() else (0, 0, part) for part in re.split(r"(\d+)", name))


def short_names(names: Sequence[str]) -> dict[str, str]:
    """Names without the domain that all of them share."""
    domains = {name.partition(".")[2] for name in names}
    heads = {name.partition(".")[0] for name in names}
    shared = len(names) > 1 and len(domains) == 1 and len(heads) == len(set(names))
    return {name: name.partition(".")[0] if shared else name for name in names}
