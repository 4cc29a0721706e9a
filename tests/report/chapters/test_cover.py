"""The cover: cluster, date, level, score, coverage and blockers."""

from __future__ import annotations

import re
from datetime import date

from readiness_kit.model import Settings
from tests.report import sample
from tests.report.sample import words


def test_the_cover_names_who_what_when_level_score_and_coverage() -> None:
    shown = words(sample.page().cover())
    for part in (
        "Nordlicht Handel",
        "Not ready for production: 4 blockers prod-eu-central Kubernetes v1.33.4-eks-1a2b3c4 read 20 November 2026",
        "Score 29 % proven up to",
        "Coverage 55 % : 18 of 33 judged",
    ):
        assert part in shown


def test_blockers_stand_by_cause_with_their_action() -> None:
    html = sample.page().cover().html
    lines = html.split('class="rk-causes"')[1].split('id="by-section"')[0].split("<li><ul>")[1:]
    assert [re.findall(r"\bQ\d+", line)[0] for line in lines] == ["Q1", "Q25", "Q8", "Q7"]
    assert "Two of three pods run in zone eu-central-1a" in words(lines[0]) and "Action 1" in words(lines[0])
    assert "Answered “no”" in words(lines[3])


def test_the_legend_has_a_word_for_each_state() -> None:
    shown = words(sample.page().cover())
    assert "2 Contradicted 2 Gap 2 Partly 1 Accepted risk 15 Open 5 Attested 6 Verified" in shown


def test_nothing_judged_has_no_score_and_never_zero_percent_of_one() -> None:
    page = sample.empty_page()
    shown = words(page.cover())
    assert "Not enough known to decide" in shown and "Score No score yet" in shown and "No blockers known yet." in shown
    assert shown.count("0 %") == 1  # the coverage


def test_the_cover_hands_title_colours_and_file_name_to_the_page() -> None:
    head = sample.page().cover().head
    assert head["title"] == "Production readiness: Nordlicht Handel, cluster prod-eu-central"
    assert head["file_name"] == "nordlicht-handel-2026-11-20"
    assert head["variables"]["--rk-brand"] == "#12344d"


def test_the_date_of_the_settings_goes_before_that_of_the_snapshot() -> None:
    settings = Settings(date=date(2026, 12, 1))
    assert "1 December 2026 read 20 November 2026" in words(sample.page(settings=settings).cover())
