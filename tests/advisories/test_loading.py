"""The tables load, and a table edited by hand is refused with file, row and field."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from readiness_kit.advisories import loading
from readiness_kit.advisories.conditions import CONDITIONS
from readiness_kit.advisories.matching import load_faults
from readiness_kit.errors import ConfigError

TABLES = ("known_faults.yaml", "support.yaml", "upgrades.yaml", "settings.yaml", "chart_values.yaml")
LOADERS: dict[str, Callable[[Path], object]] = {
    "known_faults.yaml": lambda folder: loading.faults(folder, frozenset(CONDITIONS)),
    "support.yaml": loading.support,
    "upgrades.yaml": loading.upgrades,
    "settings.yaml": loading.settings,
    "chart_values.yaml": loading.chart_values,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in TABLES:
        shutil.copyfile(loading.FOLDER / name, tmp_path / name)
    return tmp_path


def test_every_table_has_a_date_and_sources() -> None:
    for table in (load_faults(), loading.support(), loading.upgrades(), loading.settings(), loading.chart_values()):
        assert table.as_of.year >= 2026 and table.sources
        assert all(link.url.startswith("https://") for link in table.sources)


def test_every_condition_is_used() -> None:
    used = {name for row in load_faults().faults for name in row.when}
    assert used == CONDITIONS.keys()


@pytest.mark.parametrize(
    ("name", "old", "new", "parts"),
    [
        ("known_faults.yaml", "severity: critical", "severity: awful", ("row KI-1", "faults[0]", "severity")),
        ("known_faults.yaml", '"-1.36, 1.37', '"<=1.36, 1.37', ("row KI-1", "affected", "<=1.36")),
        ("known_faults.yaml", '"1.37.14", "1.38.7"', '"1.37.13", "1.38.7"', ("row KI-1", "fixed", "1.37.13")),
        ("known_faults.yaml", "when: [replicated]", "when: [replicatd]", ("row KI-1", "when", "replicatd")),
        ("known_faults.yaml", "id: KI-2", "id: KI-1", ("KI-1", "twice")),
        ("known_faults.yaml", "    action: Upgrade to a", "    actions: Upgrade to a", ("row KI-1", "actions")),
        ("known_faults.yaml", "faults:", "fault:", ("faults", "not a list")),
        ("support.yaml", "released: 2026-08-04", "released: soon", ("row 1.39", "released")),
        ("support.yaml", 'minor: "1.40"', "minor: 1.40", ("weaviate[0]", "minor")),
        ("support.yaml", "extended: 2027-12-02", "extended: 2025-12-02", ("1.34", "EKS", "extended")),
        ("upgrades.yaml", '"1.27.27", "1.28.16"', '"1.28.16", "1.27.27"', ("ladder", "ascending")),
        ("upgrades.yaml", 'leaving: "1.39.0-"', 'leaving: "1.39+"', ("row U-4", "leaving", "1.39+")),
        ("settings.yaml", 'ENABLE_MODULES: "-"', 'ENABLE_MODULES: "always"', ("row ENABLE_MODULES", "always")),
        ("chart_values.yaml", "unused: [", "useless: [x]\nunused: [", ("chart_values.yaml", "useless")),
    ],
)
def test_an_edited_table_is_refused_with_file_row_and_field(
    folder: Path, name: str, old: str, new: str, parts: tuple[str, ...]
) -> None:
    path = folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(ConfigError) as problem:
        LOADERS[name](folder)
    assert str(path) in str(problem.value)
    assert all(part in str(problem.value) for part in parts), str(problem.value)


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("text", ["", "[1, 2]", "as_of: [", "just text"])
def test_what_is_no_table_is_refused(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text)
    with pytest.raises(ConfigError, match=name):
        LOADERS[name](folder)
