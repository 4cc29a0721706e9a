"""The ladder of an upgrade, the traps of its steps, and the floor of a rollback."""

from __future__ import annotations

import pytest

from readiness_kit.advisories.upgrade_path import newest_release, upgrade_path
from readiness_kit.errors import UsageError
from readiness_kit.kinds.versions import Version


def release(text: str) -> Version:
    found = Version.parse(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("start", "target", "expected"),
    [
        ("1.38.2", "1.40.2", "1.38.11 1.39.7 1.40.2"),
        ("1.38.11", "1.40.2", "1.39.7 1.40.2"),
        ("1.38.2", "1.38.7", "1.38.7"),
        ("1.40.2", "1.40.2", ""),
        ("1.40.3", None, ""),
        ("1.36.0", "1.38.0", "1.36.23 1.37.14 1.38.0"),
        ("1.24.3", "1.27.27", "1.24.26 1.25.34 1.26.18 1.27.27"),
    ],
)
def test_one_minor_at_a_time_by_the_newest_patch(start: str, target: str | None, expected: str) -> None:
    path = upgrade_path(release(start), release(target) if target else None)
    assert [step.release for step in path.waypoints] == expected.split()


def test_the_target_defaults_to_the_newest_release_known() -> None:
    assert upgrade_path(release("1.38.2")).target == str(newest_release()) == "1.40.2"


def test_the_traps_of_each_step() -> None:
    steps = {step.release: " ".join(step.traps) for step in upgrade_path(release("1.24.26")).waypoints}
    assert "Delete the StatefulSet" in steps["1.25.34"] and "synchronized" not in steps["1.25.34"]
    assert "written before 1.26" in steps["1.26.18"] and "synchronized" in steps["1.26.18"]
    assert "synchronized" in steps["1.38.11"] and "commit-log" not in steps["1.38.11"]
    assert "commit-log" in steps["1.39.7"]


def test_the_floor_of_a_rollback() -> None:
    (floor,) = upgrade_path(release("1.38.2"), release("1.39.7")).floors
    assert "1.37.3" in floor and "1.35.19" in floor
    assert upgrade_path(release("1.37.3"), release("1.38.11")).floors == ()
    raft = upgrade_path(release("1.27.20"), release("1.28.16")).floors
    assert any("1.27.26" in floor for floor in raft)


def test_known_faults_of_the_waypoints() -> None:
    steps = {step.release: step for step in upgrade_path(release("1.38.2")).waypoints}
    assert steps["1.38.11"].faults == ("G-12",)
    assert steps["1.39.7"].faults == () and steps["1.39.7"].unconfirmed == ("G-12", "G-13")
    assert steps["1.40.2"].faults == steps["1.40.2"].unconfirmed == ()


def test_only_the_tested_part_is_called_tested() -> None:
    tested = {step.release: step.tested for step in upgrade_path(release("1.36.1")).waypoints}
    assert tested == {"1.36.23": True, "1.37.14": True, "1.38.11": True, "1.39.7": False, "1.40.2": False}


def test_a_first_release_of_a_minor_is_not_the_newest_patch() -> None:
    (warning,) = upgrade_path(release("1.38.2"), release("1.39.0")).warnings
    assert "1.39.7" in warning


def test_a_release_that_no_table_knows() -> None:
    path = upgrade_path(release("1.40.2"), release("1.42.0"))
    assert [step.release for step in path.waypoints] == ["1.42.0"] and "1.42" in path.warnings[0]


def test_a_rollback_is_no_upgrade_and_names_its_floor() -> None:
    with pytest.raises(UsageError, match="rollback") as problem:
        upgrade_path(release("1.39.7"), release("1.36.1"))
    assert "1.37.3" in (problem.value.hint or "")


def test_what_the_chart_does_is_told() -> None:
    assert "image.tag" in upgrade_path(release("1.38.2")).chart
