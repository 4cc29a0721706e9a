"""What every chart keeps to: nothing cut or overlapping, plain text, the same bytes, nothing from outside."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import warnings
from html import unescape
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from readiness_kit import demo
from readiness_kit.charts import Chart, NoChart, figure_html, node_packing, pods_by_zone, report_charts, usage
from readiness_kit.charts.style import TEXT, fitted, text_width
from readiness_kit.charts.units import cpu_text, memory_text, natural, short_names
from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds import KINDS
from readiness_kit.workspace.session import Session
from tests.support.cluster import Object, cluster, of, weaviate

DRAW = (usage, node_packing, pods_by_zone)
LONG = "weaviate-production-cluster-europe-west-blue-green-and-then-some"


def measured(replicas: int, name: str = "weaviate") -> list[Object]:
    pods = [
        {
            "kind": "PodMetrics",
            "metadata": {"name": f"{name}-{place}", "namespace": "weaviate"},
            "containers": [
                {"name": "weaviate", "usage": {"cpu": f"{place * 37}m", "memory": f"{1000 + place * 97}Mi"}}
            ],
        }
        for place in range(replicas)
    ]
    nodes = [
        {"kind": "NodeMetrics", "metadata": {"name": f"node-{place}"}, "usage": {"cpu": "1", "memory": f"{place}Gi"}}
        for place in range(replicas)
    ]
    return [*pods, *nodes]


def crowd(replicas: int) -> ClusterFacts:
    objects = weaviate(replicas=replicas, zones=("europe-west4-a", "europe-west4-b", "europe-west4-c"))
    for node in of(objects, "Node"):
        node.setdefault("status", {})["allocatable"] = {"cpu": "3920m", "memory": "30Gi"}
    return cluster(objects, measured(replicas))


def awkward() -> ClusterFacts:
    """Names as long as Kubernetes allows, pods together on one node, one not measured, no limits, no zone."""
    node = "ip-10-20-30-40.a-rather-long-subdomain.eu-central-1.compute.internal.example.com"
    objects = weaviate(
        replicas=14,
        zones=("a-zone-with-a-name-that-somebody-found-too-short-and-made-much-longer", ""),
        nodes=(node, *[f"{LONG}-node"] * 12, "n3"),
        container={"resources": {"limits": None}},
    )
    for one in [*of(objects, "Pod"), *of(objects, "StatefulSet")]:
        one["metadata"]["name"] = one["metadata"]["name"].replace("weaviate", LONG)
        for owner in one["metadata"].get("ownerReferences", ()):
            owner["name"] = LONG
    for pod in of(objects, "Pod"):
        pod["spec"]["containers"].append({"name": "a-sidecar-with-a-long-name", "image": "proxy:1"})
        pod["status"]["conditions"][0]["status"] = "False"
    return cluster(objects, measured(13, LONG))


def charts_of(facts: ClusterFacts) -> list[Chart]:
    made = [draw(facts) for draw in DRAW]
    assert all(isinstance(one, Chart) for one in made)
    return [one for one in made if isinstance(one, Chart)]


def boxes(figure: Figure) -> tuple[list[tuple[str, Bbox]], list[Bbox]]:
    """Texts and bars with the pixels they cover."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    texts = [
        (text.get_text(), text.get_window_extent(renderer))
        for axes in figure.axes
        for text in axes.texts
        if text.get_text()
    ]
    bars = [
        patch.get_window_extent(renderer) for axes in figure.axes for patch in axes.patches if patch.get_width() > 0
    ]
    return texts, bars


def assert_readable(figure: Figure) -> None:
    """No text reaches past the page, over another text, or over a bar."""
    page = figure.bbox
    texts, bars = boxes(figure)
    assert texts
    for text, box in texts:
        assert box.x0 >= page.x0 and box.x1 <= page.x1 and box.y0 >= page.y0 and box.y1 <= page.y1, f"{text} is cut"
        assert not any(over(box, bar) for bar in bars), f"{text} lies on a bar"
    for (one, first), (other, second) in combinations(texts, 2):
        assert not over(first, second), f"{one} overlaps {other}"


def over(one: Bbox, other: Bbox) -> bool:
    wide = min(one.x1, other.x1) - max(one.x0, other.x0)
    high = min(one.y1, other.y1) - max(one.y0, other.y0)
    return wide > 0.5 and high > 0.5


@pytest.mark.parametrize("replicas", [1, 3, 20, 200])
def test_no_text_is_cut_or_covered(replicas: int) -> None:
    for chart in charts_of(crowd(replicas)):
        assert_readable(chart.figure)


def test_no_text_is_cut_or_covered_with_awkward_names() -> None:
    for chart in charts_of(awkward()):
        assert_readable(chart.figure)


def test_the_look_at_overlaps_can_fail() -> None:
    figure = Figure((3, 1))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.text(0.1, 0.5, "one name")
    axes.text(0.15, 0.5, "another")
    with pytest.raises(AssertionError, match="overlaps"):
        assert_readable(figure)
    axes.texts[1].set_position((0.95, 0.5))
    with pytest.raises(AssertionError, match="is cut"):
        assert_readable(figure)


def test_long_names_keep_beginning_and_end() -> None:
    short = fitted(f"{LONG}-7", 1.2)
    assert short.startswith("weav") and short.endswith("-7") and "…" in short
    assert text_width(short, TEXT) <= 1.2
    assert fitted("weaviate-7", 1.2) == "weaviate-7"


def test_dollars_and_control_marks_are_plain_text() -> None:
    objects = weaviate(replicas=1, zones=("$\\frac{1}{2}$",), nodes=("$x^2$",))
    chart = pods_by_zone(cluster(objects))
    assert isinstance(chart, Chart)
    assert "$x^2$" in picture(chart) and "$\\frac{1}{2}$" in picture(chart)
    assert_readable(chart.figure)
    assert fitted("a\u202eb\x07c", 3) == "abc"


def picture(chart: Chart) -> str:
    found = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', figure_html(chart))
    assert found
    return unescape(base64.b64decode(found[1]).decode("utf-8"))


@pytest.mark.parametrize("draw", DRAW)
def test_same_facts_same_bytes(draw: type) -> None:
    first, second = draw(crowd(3)), draw(crowd(3))
    assert figure_html(first) == figure_html(second)
    assert figure_html(first) == figure_html(first)


def test_user_settings_change_nothing_and_are_left_alone() -> None:
    plain = figure_html(usage(crowd(3)))
    with matplotlib.rc_context({"font.size": 30, "svg.fonttype": "path", "text.usetex": True, "lines.linewidth": 9}):
        assert figure_html(usage(crowd(3))) == plain
        assert matplotlib.rcParams["font.size"] == 30
        assert matplotlib.rcParams["text.usetex"] is True


def test_pyplot_is_never_loaded() -> None:
    code = "import sys, readiness_kit.charts as room; print('matplotlib.pyplot' in sys.modules, room.usage)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.startswith("False ")


def test_svg_holds_text_as_text_and_nothing_from_outside() -> None:
    for chart in charts_of(crowd(3)):
        svg = picture(chart)
        root = ElementTree.fromstring(svg)
        tags = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert "text" in tags
        assert tags.isdisjoint({"script", "image", "foreignObject", "a", "metadata", "animate"})
        for element in root.iter():
            for name, value in element.attrib.items():
                assert not name.lower().startswith("on")
                assert "href" not in name or value.startswith("#")
                assert "url(" not in value or "url(#" in value
        assert set(re.findall(r"https?://[^\"'\s]+", svg)) <= {
            "http://www.w3.org/2000/svg",
            "http://www.w3.org/1999/xlink",
        }
        assert "DejaVu" not in svg and "sans-serif" in svg
        assert "<!DOCTYPE" not in svg and "@import" not in svg


def test_picture_is_white_whatever_the_theme() -> None:
    for chart in charts_of(crowd(3)):
        assert chart.figure.get_facecolor() == (1, 1, 1, 1)
        assert "#ffffff" in picture(chart)
        assert 'style="background:#ffffff"' in figure_html(chart)


def test_html_has_alt_caption_note_and_table() -> None:
    chart = usage(crowd(3))
    assert isinstance(chart, Chart)
    html = figure_html(chart)
    assert f'alt="{chart.alt}"' in html
    assert chart.title.replace(" %", "\u00a0%") in html and chart.note in html
    assert html.count("<tr>") == 4 and "<td>weaviate-2</td>" in html and "memory used (GiB)" in html
    assert "<details" not in figure_html(chart, table=False)


def test_html_escapes_and_cuts_a_long_table() -> None:
    frame = pd.DataFrame({"name": ["<script>alert(1)</script>"] * 230, "amount (GiB)": [float("nan")] * 230})
    html = figure_html(Chart("x", "A <b>", 'An "alt"', Figure((1, 1)), frame, "n & m"))
    assert "<script" not in html and "&lt;script&gt;" in html
    assert 'alt="An &#34;alt&#34;"' in html and "A &lt;b&gt;" in html and "n &amp; m" in html
    assert html.count("<td>–</td>") == 200 and "30 more rows are not listed here." in html


def test_no_chart_says_why() -> None:
    html = figure_html(NoChart("usage", "Usage & limits", "the <API> is not there"))
    assert "Usage &amp; limits: not assessed, the &lt;API&gt; is not there." in html
    assert "<img" not in html


@pytest.mark.parametrize(
    ("folder", "titles"),
    [
        (
            "good",
            [
                "Memory is at 78 % of the limit on weaviate-2",
                "3 of 6 nodes have 54 % of their CPU requested, the most of all",
                "The 3 Weaviate pods run in 3 zones, no two on one node",
            ],
        ),
        (
            "default",
            [
                "weaviate-0 uses 39.9 MiB of memory, with neither request nor limit",
                "Node ip-192-168-64-41 has 15 % of its memory in use, the most of 3 nodes",
                "The only Weaviate pod runs in zone eu-central-1c",
            ],
        ),
    ],
)
def test_recorded_clusters(recordings: Path, folder: str, titles: list[str]) -> None:
    objects: list[Object] = []
    for kind in KINDS.values():
        listed = recordings / folder / f"{kind.path().lstrip('/')}.json"
        if listed.exists():
            objects += [{**one, "kind": kind.kind} for one in json.loads(listed.read_text("utf-8"))["items"]]
    made = charts_of(cluster(objects))
    assert [one.title for one in made] == titles
    for chart in made:
        assert_readable(chart.figure)


def test_report_of_the_demonstration(tmp_path: Path) -> None:
    session = Session(demo.install(tmp_path / "demo"))
    assert session.facts is not None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = report_charts(session.facts, session.assessment())
        html = [figure_html(one) for one in made]
    over_time = [one for one in made if one.name not in ("score", "pods_by_zone", "usage", "node_packing")]
    made = [one for one in made if one not in over_time]
    assert [one.name for one in made] == ["score", "pods_by_zone", "usage", "node_packing"]
    titles = [one.title for one in made]
    assert titles[0].startswith("The score is ")
    assert titles[1:3] == [
        "The 3 Weaviate pods run in 3 zones, no two on one node",
        "Memory is at 94 % of the limit on weaviate-1",
    ]
    for chart in made:
        assert isinstance(chart, Chart)
        assert_readable(chart.figure)
    assert sum(len(one) for one in html) < 200_000


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "0 B"), (512 * 2**20, "512 MiB"), (22.56 * 2**30, "22.6 GiB"), (2**40, "1 TiB"), (1023.9 * 2**20, "1 GiB"),
     (1000 * 2**20, "1,000 MiB"), (float("nan"), "")],
)  # fmt: skip
def test_memory_in_three_digits(amount: float, text: str) -> None:
    assert memory_text(amount) == text


@pytest.mark.parametrize(
    ("cores", "text"), [(0, "0.00"), (0.001, "< 0.01"), (0.04, "0.04"), (2.306, "2.31"), (12.49, "12.5"), (128, "128")]
)
def test_cores(cores: float, text: str) -> None:
    assert cpu_text(cores) == text


def test_names_in_order_and_without_their_common_domain() -> None:
    assert sorted(["n-10", "n-9", "m"], key=natural) == ["m", "n-9", "n-10"]
    assert short_names(["a.x.internal", "b.x.internal"]) == {"a.x.internal": "a", "b.x.internal": "b"}
    assert short_names(["a.x", "b.y"]) == {"a.x": "a.x", "b.y": "b.y"}
    assert short_names(["a.x"]) == {"a.x": "a.x"}
