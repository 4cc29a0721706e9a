"""What-if scenarios change memory and disk as calculated; unknown values stay unknown."""

from __future__ import annotations

import msgspec
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
        (Scenario("z", zone_lost=True), 1.0, 1.0, "fits", "fits"),
    ],
)
def test_what_a_change_does(scenario: Scenario, memory: float, disk: float, disk_word: str, word: str) -> None:
    found = outcome(NOW, scenario)
    assert found.projected / NOW.measured == pytest.approx(memory, rel=0.01)
    assert found.disk_used / NOW.disk_used == pytest.approx(disk)
    assert (found.memory, found.disk_word) == (word, disk_word)


@pytest.mark.parametrize(
    ("scenario", "reason"),
    [
        (Scenario("f", factor=5), "a replication factor of 5 (Products) needs 5 pods; there are 3"),
        (Scenario("f", factor=-1), "a replication factor of 4 (Products) needs 4 pods; there are 3"),
        (Scenario("p", pods=2), "a replication factor of 3 (Products) needs 3 pods; there are 2"),
        (Scenario("f", factor=5, pods=4), "a replication factor of 5 (Products) needs 5 pods; there are 4"),
        (Scenario("o", objects=-1.0), "must be positive"),
        (Scenario("f", factor=5, pods=5), ""),
        (Scenario("f", factor=2, pods=2), ""),
    ],
)
def test_an_impossible_scenario_is_refused_with_a_reason(scenario: Scenario, reason: str) -> None:
    found = outcome(NOW, scenario)
    assert reason in found.refused and bool(found.refused) is bool(reason)
    assert (found.memory == what_if.IMPOSSIBLE) is bool(reason)
    assert found.change == found.refused or not reason


def test_one_more_replica_leaves_collections_that_have_one_on_each_pod() -> None:
    mixed = msgspec.structs.replace(NOW, loads=(*NOW.loads, Load("Small", 1e6, factor=1, dimensions=256)))
    assert outcome(mixed, Scenario("f", factor=-1)).refused == ""
    assert outcome(mixed, Scenario("f", factor=4)).refused != ""


def test_all_changes_come_before_the_loss_of_a_zone() -> None:
    changes = {"objects": 10.0, "quantise": True, "pods": 6}
    alone, lost = outcome(NOW, Scenario("o", **changes)), outcome(NOW, Scenario("o", **changes, zone_lost=True))
    assert (lost.need, lost.projected, lost.disk_used) == (alone.need, alone.projected, alone.disk_used)
    assert lost.disk_used == pytest.approx(NOW.disk_used * 5)
    assert lost.change == alone.change


@pytest.mark.parametrize(
    ("zones", "pods", "phrase"),
    [
        ((1, 1, 1), 6, ""),
        ((2, 1), 6, "3 of 6 remain, a quorum needs 4"),
        ((2, 1), 3, "1 of 3 remain, a quorum needs 2"),
        ((3,), 4, "0 of 4 remain, a quorum needs 3"),
        ((), 3, "find out the zones of the pods"),
    ],
)
def test_the_pods_that_remain_without_a_zone_are_counted_after_the_changes(
    zones: tuple[int, ...], pods: int, phrase: str
) -> None:
    now = msgspec.structs.replace(NOW, zones=zones)
    change = outcome(now, Scenario("z", pods=pods, zone_lost=True)).change
    assert phrase in change and bool(change) is bool(phrase)


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
