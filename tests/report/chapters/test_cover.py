"""The cover: cluster, date, level, score, coverage and blockers."""

from __future__ import annotations

import re
from datetime import date

from msgspec.structs import replace

from readiness_kit.assessment.comparison import ONLY_ANSWER
from readiness_kit.assessment.score import weight
from readiness_kit.model import Engineer, Level, Settings
from readiness_kit.report.chapters.changes import progress
from readiness_kit.report.content import Point
from readiness_kit.report.rendering.page import ReportPage
from readiness_kit.report.summary import worked_score
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


def test_the_contact_is_on_the_first_page() -> None:
    engineer = Engineer("A. Name", "a@example.com", "https://example.com/book", ("the report",), date(2027, 1, 22))
    cover = sample.page(settings=Settings(engineer=engineer)).cover()
    assert (
        "Contact A. Name Talk to your Weaviate solutions engineer. Write to a@example.com Book a call "
        "https://example.com/book Send along the report Next review 22 January 2027"
    ) in words(cover)
    assert 'href="mailto:a@example.com"' in cover.html and 'href="https://example.com/book"' in cover.html


def test_worst_risk_is_the_most_severe_blocker() -> None:
    shown = words(sample.page().cover())
    assert "Worst risk Q1 Multiple availability zones : Two of three pods run in zone eu-central-1a" in shown
    assert "No gap is known, but too much is open to rule one out." in words(sample.empty_page().cover())


def test_the_score_is_worked_out_in_points() -> None:
    judged = sample.assessment()
    rows = [row for row in judged.verdicts if row.applicable]
    total, proven = sum(map(weight, rows)), sum(weight(row) * row.credit for row in rows)
    assert f"{proven:g} of {total} points are proven: " in worked_score(judged)
    assert worked_score(sample.assessment(empty=True)) == ""


def test_trend_has_a_line_for_each_milestone_and_for_now() -> None:
    points = tuple(
        Point(name, None, Level.NOT_READY, proven, 0.8, 0.9) for name, proven in (("May", 0.2), ("Now", 0.4))
    )
    cover = ReportPage.of(replace(sample.whole(), trend=points)).cover()
    assert "May 20 % Now 40 %" in words(cover)
    assert 'aria-label="20 % proven, up to 80 % possible"' in cover.html


def test_progress_tells_evidence_from_answers() -> None:
    found = sample.whole().since
    assert found is not None
    only = replace(found.comparison.unchanged[0], why=ONLY_ANSWER)
    changed = replace(found.comparison, unchanged=(only, *found.comparison.unchanged[1:]))
    assert progress(changed) == "1 closed, 1 better, 1 new, 1 changed only by an answer, 2 incomparable"
    assert (
        progress(replace(changed, new=(), resolved=(), better=(), unchanged=(), incomparable=())) == "nothing changed"
    )
