"""Shortened texts, and matplotlib settings that neither depend on the user's nor change them."""

from __future__ import annotations

import subprocess
import sys

import matplotlib
import pytest
from matplotlib.figure import Figure

from readiness_kit.charts import figure_html, usage
from readiness_kit.charts.style import TEXT, fitted, text_width
from tests.charts.clusters import LONG, measured_cluster
from tests.charts.layout import assert_readable


def test_long_names_keep_beginning_and_end() -> None:
    short = fitted(f"{LONG}-7", 1.2)
    assert short.startswith("weav") and short.endswith("-7") and "…" in short
    assert text_width(short, TEXT) <= 1.2
    assert fitted("weaviate-7", 1.2) == "weaviate-7"


def test_control_characters_are_removed() -> None:
    assert fitted("a\u202eb\x07c", 3) == "abc"


def test_user_settings_neither_matter_nor_change() -> None:
    plain = figure_html(usage(measured_cluster(3)))
    with matplotlib.rc_context({"font.size": 30, "svg.fonttype": "path", "text.usetex": True, "lines.linewidth": 9}):
        assert figure_html(usage(measured_cluster(3))) == plain
        assert matplotlib.rcParams["font.size"] == 30
        assert matplotlib.rcParams["text.usetex"] is True


def test_pyplot_is_never_loaded() -> None:
    code = "import sys, readiness_kit.charts as charts; print('matplotlib.pyplot' in sys.modules, charts.usage)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.startswith("False ")


def test_readability_check_finds_overlapping_and_cut_texts() -> None:
    figure = Figure((3, 1))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.text(0.1, 0.5, "weaviate-0")
    axes.text(0.15, 0.5, "weaviate-1")
    with pytest.raises(AssertionError, match="overlaps"):
        assert_readable(figure)
    axes.texts[1].set_position((0.95, 0.5))
    with pytest.raises(AssertionError, match="is cut"):
        assert_readable(figure)
    axes.texts[1].set_position((0.5, 0.5))
    assert_readable(figure)
    axes.barh(0.5, 0.3)
    with pytest.raises(AssertionError, match="lies on a bar"):
        assert_readable(figure)
