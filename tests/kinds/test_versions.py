"""Versions are parsed from image tags and compared as numbers."""

from __future__ import annotations

import pytest

from readiness_kit.kinds.versions import Version


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        ("1.38.2", (1, 38, 2)),
        ("v1.38.2", (1, 38, 2)),
        ("1.36.5-0123abc.amd64", (1, 36, 5)),
        ("1.39.0-rc.0", (1, 39, 0)),
        ("1.40.0-dev", (1, 40, 0)),
        ("1.38", (1, 38, 0)),
        ("latest", None),
        ("preview-1.38.2", None),
        ("1", None),
        ("1.38.2x", None),
        ("", None),
    ],
)
def test_versions(tag: str, version: tuple[int, int, int] | None) -> None:
    assert Version.parse(tag) == (Version(*version) if version else None)


def test_versions_compare_as_numbers() -> None:
    assert Version(1, 9, 9) < Version(1, 30, 0) < Version(1, 30, 12) < Version(2, 0, 0)


@pytest.mark.parametrize(
    ("version", "has"),
    [
        ("1.36.17", False),
        ("1.36.18", True),
        ("1.37.0", False),
        ("1.37.9", True),
        ("1.38.0", False),
        ("1.38.1", True),
        ("1.39.0", True),
        ("1.35.99", False),
    ],
)
def test_back_ported_changes(version: str, has: bool) -> None:
    found = Version.parse(version)
    assert found is not None and found.since("1.36.18", "1.37.9", "1.38.1") is has
