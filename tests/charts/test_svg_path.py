"""Path data in its shortest form draws the same."""

from __future__ import annotations

import random
import re

import pytest

from readiness_kit.charts.svg_path import shortest


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("M 10 20 L 30 20 L 30 25.52 z ", "m10 20h20v5.5z"),
        ("M 1 1 2 3.04 4.06 3 ", "m1 1 1 2h2.1"),
        ("M 0 0 L -0.5 0.5 L 1.25 -4 ", "m0 0-.5.5 1.7-4.5"),
        ("M 10 10 C 11 12 13 14 15 16 C 17 18 19 20 21 22 z M 1 2 L 3 4", "m10 10c1 2 3 4 5 6 2 2 4 4 6 6zm-9-8 2 2"),
        ("M 1 1 Q 2 2 3 1 L 4 2", "m1 1q1 1 2 0l1 1"),
        ("M 1 1 L 1 1", "m1 1h0"),
        ("M 1e-05 2 L 3 4", "m0 2 3 2"),
        ("", ""),
    ],
)
def test_shortest(path: str, expected: str) -> None:
    assert shortest(path) == expected


def absolute(path: str) -> list[tuple[float, float]]:
    """The points of a relative path without curves, as a browser reads it."""
    points, x, y, start = list[tuple[float, float]](), 0.0, 0.0, (0.0, 0.0)
    for command, rest in re.findall(r"([mlhvz])([^mlhvz]*)", path):
        numbers = [float(number) for number in re.findall(r"-?(?:\d+(?:\.\d+)?|\.\d+)", rest)]
        if command == "z":
            x, y = start
            continue
        if command in "hv":
            moves = [(number, 0.0) if command == "h" else (0.0, number) for number in numbers]
        else:
            moves = list(zip(numbers[::2], numbers[1::2], strict=True))
        for index, (dx, dy) in enumerate(moves):
            x, y = x + dx, y + dy
            points.append((x, y))
            if command == "m" and index == 0:
                start = (x, y)
    return points


@pytest.mark.parametrize("seed", range(20))
def test_every_point_stays_within_half_a_tenth(seed: int) -> None:
    chance = random.Random(seed)
    points = [(chance.uniform(-50, 600), chance.choice([7.0, chance.uniform(0, 400)])) for _ in range(300)]
    text = "M " + " L ".join(f"{x:.6f} {y:.6f}" for x, y in points[:200]) + " z M "
    text += " L ".join(f"{x:.6f} {y:.6f}" for x, y in points[200:])
    drawn = absolute(shortest(text))
    assert len(drawn) == len(points)
    for (x, y), (left, top) in zip(drawn, points, strict=True):
        assert abs(x - left) < 0.051 and abs(y - top) < 0.051
