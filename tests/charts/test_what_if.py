"""Growth scenarios of the demonstration, inputs entered by hand, and the reason where memory is not known."""

from __future__ import annotations

from readiness_kit.charts import NoChart, what_if
from readiness_kit.charts.what_if import scenario_chart
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.analysis import sizing
from readiness_kit.facts.analysis import what_if as growth
from scripts.demo import make
from tests.charts.layout import assert_readable, drawn, texts
from tests.support.cluster import cluster, weaviate


def test_demonstration_has_all_inputs() -> None:
    chart = drawn(what_if(ClusterFacts(make.build())))
    assert chart.title == "4 of 8 growth scenarios exceed the limit, the first being twice the objects"
    assert "by hand" not in chart.note and "Not known" not in chart.note
    scenarios = chart.table.set_index("scenario")
    assert scenarios.loc[growth.CURRENT, "memory"] == "tight"
    assert scenarios.loc["twice the objects", "memory"] == "does not fit"


def test_dimensions_entered_by_hand_are_named() -> None:
    now = growth.Situation(loads=(sizing.Load("A", 1e6),), pods=3, limit=8 * 2.0**30)
    chart = drawn(scenario_chart(growth.given(now, dimensions=1024), growth.SCENARIOS))
    assert "Entered by hand: dimensions" in chart.note
    assert chart.table["scenario"].tolist() == [scenario.name for scenario in growth.SCENARIOS]
    assert_readable(chart.figure)


def test_an_impossible_scenario_is_marked_and_alone_it_is_the_title() -> None:
    now = growth.Situation(loads=(sizing.Load("A", 1e6, factor=3, dimensions=1024),), pods=3, limit=8 * 2.0**30)
    changed = growth.Scenario("these changes", factor=5)
    chart = drawn(scenario_chart(now, (growth.Scenario("as it is"), changed)))
    assert chart.title == "Not possible: a replication factor of 5 (A) needs 5 pods; there are 3"
    row = chart.table.set_index("scenario").loc["these changes"]
    assert (row["memory"], row["disk"], row["required change"]) == (
        "not possible",
        "not possible",
        "a replication factor of 5 (A) needs 5 pods; there are 3",
    )


def test_without_memory_the_reason_is_stated() -> None:
    made = what_if(cluster(weaviate()))
    assert isinstance(made, NoChart) and "memory" in made.why


def test_the_printed_amount_is_the_one_that_decides() -> None:
    """The model fits the limit of 48 GiB where the measured peak, scaled, does not."""
    chart = drawn(what_if(ClusterFacts(make.build())))
    written = texts(chart)
    assert "tight above 80 % of the limit" in written and {"0 GiB", "50 GiB"} <= set(written)
    rows = chart.table.to_dict("records")
    assert any(row["model high (GiB)"] < row["limit (GiB)"] and row["memory"] == "does not fit" for row in rows)
    for row in rows:
        low, high = (max(row[f"model {end} (GiB)"], row["measured peak, scaled (GiB)"]) for end in ("low", "high"))
        amount = f"{high:.1f} GiB" if round(low, 1) == round(high, 1) else f"{low:.0f}–{high:.0f} GiB"
        assert f"{amount}, {row['memory']}" in written
