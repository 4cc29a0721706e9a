"""What-if scenarios change memory and disk as calculated; unknown values stay unknown."""

from __future__ import annotations

import pytest

from readiness_kit.facts.analysis import what_if
from readiness_kit.facts.analysis.sizing import Load
from readiness_kit.facts.analysis.what_if import Scenario, Situation, given, outcome

GIB = 2.0**30
NOW = Situation(
    loads=(Load("Products", 4e6, factor=3, dimensions=1024),),
    pods=3,
    limit=48 * GIB,
    measured=30 * GIB,
    disk_used=100 * GIB,
    disk=200 * GIB,
    allocatable=60 * GIB,
    zones=(1, 1, 1),
)
"""4 million vectors on each pod: 22.9 to 30.5 GiB."""


def test_as_it_is_the_measured_peak_stays_what_it_is() -> None:
    found = outcome(NOW, Scenario(what_if.CURRENT))
    assert found.need.low / GIB == pytest.approx(22.9, abs=0.1) and found.need.high / GIB == pytest.approx(
        30.5, abs=0.1
    )
    assert (found.projected, found.disk_used) == (NOW.measured, NOW.disk_used)
    assert (found.memory, found.disk_word, found.change) == ("fits", "fits", "")


@pytest.mark.parametrize(
    ("scenario", "memory", "disk", "disk_word", "word"),
    [
        (Scenario("o", objects=2.0), 2.0, 2.0, "does not fit", "does not fit"),
        (Scenario("d", dimensions=2.0), 2.0, 2.0, "does not fit", "does not fit"),
        (Scenario("q", quantise=True), (1040 + 320) / 4096, 1.0, "fits", "fits"),
        (Scenario("p", pods=6), 0.5, 0.5, "fits", "fits"),
        (Scenario("p", pods=-3), 0.5, 0.5, "fits", "fits"),
        (Scenario("f", factor=1), 1 / 3, 1 / 3, "fits", "fits"),
        (Scenario("f", factor=-1), 1.0, 1.0, "fits", "fits"),
        (Scenario("z", zone_lost=True), 1.0, 1.0, "fits", "fits"),
    ],
)
def test_what_a_change_does(scenario: Scenario, memory: float, disk: float, disk_word: str, word: str) -> None:
    found = outcome(NOW, scenario)
    assert found.projected / NOW.measured == pytest.approx(memory, rel=0.01)
    assert found.disk_used / NOW.disk_used == pytest.approx(disk)
    assert (found.memory, found.disk_word) == (word, disk_word)


def test_more_copies_than_pods_cannot_be() -> None:
    assert outcome(NOW, Scenario("f", factor=5)).need == outcome(NOW, Scenario(what_if.CURRENT)).need


def test_what_has_to_change_is_said_with_numbers() -> None:
    change = outcome(NOW, Scenario("o", objects=2.0)).change
    assert change == (
        "raise the memory limit to about 76 GiB, which needs larger nodes, or add pods; or quantise the vectors;"
        " resize the volumes"
    )


def test_a_lost_zone_that_holds_the_majority_is_said() -> None:
    uneven = what_if.Situation(**{**{name: getattr(NOW, name) for name in NOW.__struct_fields__}, "zones": (2, 1)})
    assert "1 of 3 remain, a quorum needs 2" in outcome(uneven, Scenario("z", zone_lost=True)).change


def test_without_limit_nothing_is_said_to_fit() -> None:
    blind = Situation(loads=NOW.loads, pods=3)
    found = outcome(blind, Scenario("o", objects=2.0))
    assert (found.memory, found.disk_word) == ("not known", "not known")
    assert set(blind.unknown) == {"memory limit", "measured memory", "disk used", "size of the nodes"}


def test_without_dimensions_the_measured_peak_grows_with_the_objects() -> None:
    blind = Situation(loads=(Load("A", 1e6, factor=1),), pods=1, limit=40 * GIB, measured=25 * GIB)
    assert outcome(blind, Scenario("o", objects=2.0)).memory == "does not fit"
    assert blind.unknown[-1] == "dimensions of A"


def test_what_an_engineer_gives_is_marked_and_never_overrides_what_was_read() -> None:
    filled = given(Situation(loads=(Load("A", 1e6),), pods=1, limit=8 * GIB), dimensions=768, limit=99 * GIB)
    assert filled.limit == 8 * GIB and filled.loads[0].dimensions == 768
    assert filled.sources == {"dimensions": what_if.ENGINEER}
