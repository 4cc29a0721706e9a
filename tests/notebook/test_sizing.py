"""What-if and advice in a notebook."""

from __future__ import annotations

from pathlib import Path

import pytest
from ipywidgets.widgets.widget import _instances

from readiness_kit.demo import install
from readiness_kit.notebook import Kit
from readiness_kit.notebook.widgets.what_if import SILENT, WhatIf, advice_face
from readiness_kit.workspace.folder import Folder
from tests.charts.remembered import remembered
from tests.support.cluster import cluster, weaviate


@pytest.fixture
def panel(tmp_path: Path) -> WhatIf:
    made = Kit(install(tmp_path / "demo")).what_if()
    assert isinstance(made, WhatIf)
    return made


def test_the_chart_follows_the_controls(panel: WhatIf) -> None:
    before = panel._answer.value
    assert "these changes" in before and "in 1 of 2 cases" not in before, "untouched controls change nothing"
    panel._objects.value = 2
    doubled = panel._answer.value
    assert doubled != before and "does not fit any more in 1 of 2 cases: first with these changes" in doubled
    panel._objects.value = 1
    panel._quantise.value = True
    assert "does not fit any more" not in panel._answer.value


def test_shown_again_it_leaves_no_more_models(tmp_path: Path) -> None:
    kit = Kit(install(tmp_path / "demo"))
    kit.what_if()
    first = len(_instances)
    kit.what_if()
    assert len(_instances) == first


def test_before_anything_was_collected_it_says_so(tmp_path: Path) -> None:
    kit = Kit(Folder(tmp_path).create())
    assert "nothing has been collected yet" in repr(kit.what_if())
    assert repr(kit.advice()) == SILENT


def test_advice_is_a_table_with_values_to_paste() -> None:
    html = advice_face(remembered(1))._repr_html_()
    assert "reaches the read-only threshold in about 15 days" in html
    assert repr(advice_face(cluster(weaviate()))) == SILENT
