"""What the redaction of texts from outside costs: milliseconds for each KB, and how the time grows with the length."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from readiness_kit.redact import commands, redact_json, redact_text
from readiness_kit.redact.values import env_value

KB = 1000
SIZES = (10, 100)
UNITS = (
    "--a=", "x-key-", "a-", "sk-_", "curl -u a:b ", "https://u:p@", "echo x | base64;", "cat <<E\nx\n", "s/a/b/",
    "password ",    "send \"x\" ", "a.b(", "'a','b'", "[redacted] ", "user a b ", "The quick brown fox jumps over it. ",
)  # fmt: skip
"""Repeated to the length: what patterns start with, and plain prose."""


def _script(text: str) -> object:
    commands.script.cache_clear()
    return commands.credentials_in((text,))


WAYS: dict[str, Callable[[str], object]] = {
    "an argument": _script,
    "a variable": lambda text: env_value("OF_THE_CUSTOMER", text),
    "an error text": redact_text,
    "a document": lambda text: redact_json(json.dumps({"a": text}).encode()),
}


def seconds(way: Callable[[str], object], text: str) -> float:
    """Processor time, the best of three."""
    found = []
    for _ in range(3):
        began = time.process_time()
        way(text)
        found.append(time.process_time() - began)
    return min(found)


def measured() -> dict[str, float]:
    """The worst text: milliseconds for each KB, and 100 KB over 10 KB."""
    worst = {"ms_per_kb": 0.0, "ratio": 0.0}
    for way in WAYS.values():
        for unit in UNITS:
            small, large = (seconds(way, unit * (size * KB // len(unit))) for size in SIZES)
            worst["ms_per_kb"] = max(worst["ms_per_kb"], small * 1000 / SIZES[0], large * 1000 / SIZES[1])
            if large > 0.005:  # below, the clock decides
                worst["ratio"] = max(worst["ratio"], large / max(small, 1e-6))
    return worst


if __name__ == "__main__":
    print(json.dumps(measured()))
