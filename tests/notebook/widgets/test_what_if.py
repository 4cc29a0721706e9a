"""What-if sizing."""

from __future__ import annotations

from pathlib import Path

import pytest
from ipywidgets.widgets.widget import _instances

from readiness_kit.demo import install
from readiness_kit.notebook.kit import Kit
from readiness_kit.notebook.views.advice import NO_HISTORY
from readiness_kit.notebook.widgets.what_if import WhatIf
from readiness_kit.workspace.folder import Folder


@pytest.fixture
def panel(tmp_path: Path) -> WhatIf:
    made = Kit(install(tmp_path / "demo")).what_if()
    assert isinstance(made, WhatIf)
    return made


def test_chart_follows_the_controls(panel: WhatIf) -> None:
    before = panel._chart.value
    assert "these changes" in before and "1 of 2" not in before, "untouched controls change nothing"
    panel._objects.value = 2
    doubled = panel._chart.value
    assert doubled != before and "1 of 2 growth scenarios exceeds the limit, the first being these changes" in doubled
    panel._objects.value = 1
    panel._quantise.value = True
    assert "exceeds the limit" not in panel._chart.value


def test_showing_what_if_again_adds_no_models(tmp_path: Path) -> None:
    kit = Kit(install(tmp_path / "demo"))
    kit.what_if()
    first = len(_instances)
    kit.what_if()
    assert len(_instances) == first


def test_without_snapshot_the_reason_is_stated(tmp_path: Path) -> None:
    kit = Kit(Folder(tmp_path).create())
    assert "nothing has been collected yet" in repr(kit.what_if())
    assert repr(kit.advice()) == NO_HISTORY
