"""`readiness advisories`: known faults and upgrade paths without a cluster."""

from __future__ import annotations

import json

import pytest

from readiness_kit.advisories.matching import load_faults
from tests.support.commands import run


def test_all_known_faults() -> None:
    result = run("advisories")
    assert result.exit_code == 0
    assert all(f"\n{row.id} " in result.output for row in load_faults().faults)


def test_one_release_and_its_upgrade() -> None:
    result = run("advisories", "--for", "1.38.2", "--to", "1.40.2")
    text = " ".join(result.output.split())
    assert result.exit_code == 0
    assert "KI-1 Critical Read repair writes partial objects" in text
    assert "Upgrade from 1.38.2 to 1.40.2: 3 steps" in text and "Fixed by the upgrade: KI-1, G-2" in text


def test_json() -> None:
    data = json.loads(run("advisories", "--for", "v1.38.2", "--to", "1.40.2", "-o", "json").output)
    faults = {row["id"]: row for row in data["faults"]}
    assert faults["KI-1"]["nearest_fix"] == "1.38.7" and "S-3" not in faults
    assert data["release"] == "1.38.2" and data["support"]["minor"] == "1.38"
    assert [step["release"] for step in data["upgrade"]["waypoints"]] == ["1.38.11", "1.39.7", "1.40.2"]
    assert "KI-1" in data["fixed_by_upgrade"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--to", "1.40.2"), "--to was given without --for"),
        (("--for", "latest"), "'latest' is not a release of Weaviate"),
        (("--for", "2026.11"), "is not a release of Weaviate"),
        (("--for", "1.38"), "does not name a patch"),
        (("--for", "1.39.7", "--to", "1.38.2"), "that is a rollback"),
    ],
)
def test_incorrect_use(arguments: tuple[str, ...], words: str) -> None:
    result = run("advisories", *arguments)
    assert result.exit_code == 2 and words in result.output


def test_a_release_that_no_table_knows() -> None:
    result = run("advisories", "--for", "1.45.0")
    assert result.exit_code == 0 and "is newer than 1.40" in result.output
