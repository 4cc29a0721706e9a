"""The tables as text: all faults, those of a release, and an upgrade."""

from __future__ import annotations

from datetime import date

from readiness_kit.advisories import listing
from readiness_kit.advisories.matching import load_faults
from readiness_kit.advisories.upgrade_path import upgrade_path
from readiness_kit.kinds.versions import Version

ON = date(2026, 11, 28)


def test_all_faults_with_ranges_in_words() -> None:
    text = listing.all_faults(ON)
    assert all(f"\n{row.id} " in text for row in load_faults().faults)
    for part in (
        "1.36 and earlier, 1.37.0 to 1.37.13",
        "1.25.0 and later",
        "all releases",
        "1.28.0 to 1.28",
        "1.30.3;",
    ):
        assert part in " ".join(text.split()), part
    assert text.index("Critical") < text.index("High ") < text.index("Low ")


def test_a_release_with_its_faults_and_their_conditions() -> None:
    text = " ".join(listing.of_release(Version(1, 38, 2), ON).split())
    assert "Weaviate 1.38 is supported" in text and "newest patch of 1.38 known is 1.38.11" in text
    assert "KI-1 Critical Read repair writes partial objects Applies if a collection has a replication factor" in text
    assert "Nearest release with the fix: 1.38.7." in text and "S-3 " not in text


def test_a_release_after_the_inspection() -> None:
    assert "may hold fixes" in listing.of_release(Version(1, 39, 7), ON)
    assert "No known fault" not in listing.of_release(Version(1, 39, 7), ON)


def test_an_old_table_is_labelled() -> None:
    assert "This table is old" in listing.all_faults(date(2027, 3, 29))
    assert "This table is old" not in listing.all_faults(date(2027, 3, 28))


def test_an_upgrade_with_traps_rules_and_floor() -> None:
    path = upgrade_path(Version(1, 38, 2), Version(1, 40, 2))
    text = " ".join(listing.of_upgrade(path).split())
    assert "3 steps" in text and "1. 1.38.11" in text and "3. 1.40.2" in text
    assert "Not known to be fixed: G-12, G-13." in text and "Rollback - After 1.40.2" in text
    assert listing.fixed_on_the_way(path) == ("KI-1", "G-2", "G-3", "G-4", "G-5", "G-10", "G-12", "G-13", "S-4b")
