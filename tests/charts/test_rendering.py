"""A chart as HTML and SVG: self-contained, escaped, plain text, the same bytes each time."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from html import unescape
from xml.etree import ElementTree

import pandas as pd
import pytest
from matplotlib.figure import Figure

from readiness_kit.charts import (
    Chart,
    NoChart,
    cpu_over_time,
    disk_projection,
    figure_html,
    memory_over_time,
    node_packing,
    pods_by_zone,
    traffic,
    usage,
)
from readiness_kit.facts import ClusterFacts
from tests.charts.clusters import measured_cluster
from tests.charts.history import with_history
from tests.charts.layout import assert_readable, drawn
from tests.support.cluster import cluster, weaviate

AT_ONE_INSTANT = (usage, node_packing, pods_by_zone)
OVER_TIME = (memory_over_time, cpu_over_time, disk_projection, traffic)
Draw = Callable[[ClusterFacts], Chart | NoChart]
CASES = [(draw, measured_cluster) for draw in AT_ONE_INSTANT] + [(draw, with_history) for draw in OVER_TIME]
each_chart = pytest.mark.parametrize(("draw", "facts"), CASES, ids=[draw.__name__ for draw, _ in CASES])


def svg_text(chart: Chart) -> str:
    found = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', figure_html(chart))
    assert found
    return unescape(base64.b64decode(found[1]).decode("utf-8"))


@each_chart
def test_same_facts_give_same_bytes(draw: Draw, facts: Callable[[int], ClusterFacts]) -> None:
    chart = draw(facts(3))
    html = figure_html(chart)
    assert html == figure_html(draw(facts(3)))
    assert html == figure_html(chart)


@each_chart
def test_svg_holds_text_as_text_and_no_external_resource(draw: Draw, facts: Callable[[int], ClusterFacts]) -> None:
    svg = svg_text(drawn(draw(facts(3))))
    root = ElementTree.fromstring(svg)
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert "text" in tags
    assert tags.isdisjoint({"script", "image", "foreignObject", "a", "metadata", "animate"})
    ids = {element.get("id") for element in root.iter()}
    for element in root.iter():
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on")
            assert "url(" not in value
            assert "href" not in name or value.removeprefix("#") in ids
    namespaces = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert set(re.findall(r"https?://[^\"'\s]+", svg)) <= namespaces
    assert "DejaVu" not in svg and "sans-serif" in svg
    assert "<!DOCTYPE" not in svg and "@import" not in svg


@each_chart
def test_every_text_of_the_figure_is_in_the_svg(draw: Draw, facts: Callable[[int], ClusterFacts]) -> None:
    chart = drawn(draw(facts(3)))
    written = {element.text for element in ElementTree.fromstring(svg_text(chart)).iter() if element.text}
    assert {text.get_text() for axes in chart.figure.axes for text in axes.texts} <= written


@pytest.mark.parametrize("draw", AT_ONE_INSTANT)
def test_picture_is_white_in_every_theme(draw: Draw) -> None:
    chart = drawn(draw(measured_cluster(3)))
    assert chart.figure.get_facecolor() == (1, 1, 1, 1)
    assert "#ffffff" in svg_text(chart)
    assert 'style="background:#ffffff"' in figure_html(chart)


def test_dollars_and_backslashes_are_plain_text() -> None:
    chart = drawn(pods_by_zone(cluster(weaviate(replicas=1, zones=("$\\frac{1}{2}$",), nodes=("$x^2$",)))))
    assert "$x^2$" in svg_text(chart) and "$\\frac{1}{2}$" in svg_text(chart)
    assert_readable(chart.figure)


def test_numbers_in_texts_keep_their_digits() -> None:
    figure = Figure((3, 1))
    figure.text(0.1, 0.5, "limit 1.25 GiB, 12.125 cores of 4.00 ")
    chart = Chart("x", "Title", "", figure, pd.DataFrame(), "")
    assert "limit 1.25 GiB, 12.125 cores of 4.00" in svg_text(chart)


def test_html_has_alt_caption_note_and_table() -> None:
    chart = drawn(usage(measured_cluster(3)))
    html = figure_html(chart)
    assert f'alt="{chart.alt}"' in html
    assert chart.title.replace(" %", "\u00a0%") in html and chart.note in html
    assert html.count("<tr>") == 4 and "<td>weaviate-2</td>" in html and "memory used (GiB)" in html


def test_html_is_escaped_and_a_long_table_is_cut() -> None:
    frame = pd.DataFrame({"name": ["<script>alert(1)</script>"] * 230, "amount (GiB)": [float("nan")] * 230})
    html = figure_html(Chart("x", "A <b>", 'An "alt"', Figure((1, 1)), frame, "n & m"))
    assert "<script" not in html and "&lt;script&gt;" in html
    assert 'alt="An &#34;alt&#34;"' in html and "A &lt;b&gt;" in html and "n &amp; m" in html
    assert html.count("<td>–</td>") == 200 and "30 more rows are not listed here." in html


def test_missing_chart_states_the_reason() -> None:
    html = figure_html(NoChart("usage", "Usage & limits", "the <API> is not there"))
    assert "Usage &amp; limits: not assessed, the &lt;API&gt; is not there." in html
    assert "<img" not in html
