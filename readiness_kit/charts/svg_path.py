"""Path data of SVG in its shortest form: relative commands, one decimal, no separator that is not needed."""

from __future__ import annotations

import re
from collections.abc import Iterator

_STEP = re.compile(r"([MLCQZz])|(-?\d+(?:\.\d+)?(?:e-?\d+)?)")
_PAIRS = {"M": 1, "L": 1, "Q": 2, "C": 3}
"""Command -> number of points that it takes."""
Point = tuple[int, int]


def shortest(path: str) -> str:
    """The same path as written by matplotlib (absolute M, L, Q, C and z), to a tenth of a unit.

    Every point is rounded by itself, so that errors do not add up along a line.
    """
    words, here, start, drawn = list[str](), (0, 0), (0, 0), ""
    for command, points in _steps(path):
        if command == "z":
            words.append("z")
            here, drawn = start, ""
            continue
        name, numbers = _relative(command, points, here)
        words += [*([] if name == drawn else [name]), *map(_tenths, numbers)]
        here, drawn = points[-1], name
        if command == "M":
            # Without a command of their own, points that follow a "move to" are joined by lines.
            start, drawn = here, "l"
    return "".join(map(_separated, ["", *words], words))


def _steps(path: str) -> Iterator[tuple[str, list[Point]]]:
    """Every command with its points in tenths; one that is left out is the one before."""
    command, numbers = "", list[int]()
    for letter, number in _STEP.findall(path):
        if letter in ("Z", "z"):
            yield "z", []
        elif letter:
            command = letter
        else:
            numbers.append(round(float(number) * 10))
            if len(numbers) == 2 * _PAIRS[command]:
                yield command, list(zip(numbers[::2], numbers[1::2], strict=True))
                numbers, command = [], "L" if command == "M" else command


def _relative(command: str, points: list[Point], here: Point) -> tuple[str, list[int]]:
    moved = [value for x, y in points for value in (x - here[0], y - here[1])]
    if command == "L" and 0 in moved:
        return ("h", moved[:1]) if moved[1] == 0 else ("v", moved[1:])
    return command.lower(), moved


def _separated(before: str, word: str) -> str:
    """The word, after a space where it is a number that would run into the one before."""
    apart = not before[-1:].isdigit() or word[0] not in "0123456789." or (word[0] == "." and "." in before)
    return word if apart else f" {word}"


def _tenths(number: int) -> str:
    """-15 -> "-1.5", 4 -> ".4", 20 -> "2"."""
    whole, rest = divmod(abs(number), 10)
    shown = f"{whole or ''}.{rest}" if rest else str(whole)
    return f"-{shown}" if number < 0 else shown
