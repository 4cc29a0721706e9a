"""The agenda of the workshop: times, breaks, a pace for each section, and what evidence has answered already."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from markupsafe import Markup

from readiness_kit.errors import UsageError
from readiness_kit.labels import count
from readiness_kit.markup import table
from readiness_kit.model import Outcome, Section, Verdict
from readiness_kit.notebook.controller import Controller
from readiness_kit.notebook.views.links import REPORT
from readiness_kit.notebook.views.overview import answered_among, is_answered, of_section, section_link
from readiness_kit.notebook.views.view import View

DEFAULT_START, DEFAULT_MINUTES = "10:00", 120
OPENING_SHARE, CLOSING_SHARE = 0.08, 0.12
"""Of the whole time, for the scope at the beginning and for owners and dates at the end."""
BREAK_MINUTES, MINUTES_WITHOUT_BREAK = 10, 90
DECIDED = (Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET)
ATTENDEES = {
    Section.HIGH_AVAILABILITY: "platform and search team",
    Section.RESOURCE_MANAGEMENT: "search team",
    Section.SECURITY: "security and platform team",
    Section.MONITORING: "platform team",
    Section.PERFORMANCE: "search team",
    Section.TENANTS: "search and product team",
    Section.VERSIONS: "platform team",
}


class Topic(NamedTuple):
    """One line of the agenda. `pace` is the time for a question."""

    minutes: float
    title: Markup | str
    attendees: str
    pace: str = ""
    progress: str = ""


def agenda(controller: Controller, start: str = "") -> View:
    """The topics with times from `start` (`"09:30"`), by default from the planned beginning of the workshop.

    Raises UsageError if `start` is not a time of day.
    """
    workshop = controller.folder.state.get("workshop")
    minutes = workshop["minutes"] if workshop else DEFAULT_MINUTES
    begin = parse_time(start) if start or not workshop else datetime.fromisoformat(workshop["start"]).astimezone()
    rows, elapsed = [], 0.0
    for topic in _topics(controller, minutes):
        times = [begin + timedelta(minutes=round(point)) for point in (elapsed, elapsed + topic.minutes)]
        rows.append([" – ".join(f"{time:%H:%M}" for time in times), *topic[1:]])
        elapsed += topic.minutes
    head = ("Time", "Topic", "Attendees", "Pace", "Progress")
    end = begin + timedelta(minutes=minutes)
    return View(table(head, rows, caption="Agenda") + _prepare(controller), f"{begin:%H:%M} to {end:%H:%M}")


def parse_time(text: str) -> datetime:
    """A time of day, today in local time; the default beginning for an empty text. Raises UsageError for any other."""
    try:
        time = datetime.strptime(text.strip() or DEFAULT_START, "%H:%M")
    except ValueError:
        raise UsageError(f"{text!r} is not a time of day", 'use the form "09:30"') from None
    return datetime.now().astimezone().replace(hour=time.hour, minute=time.minute, second=0, microsecond=0)


def _topics(controller: Controller, minutes: int) -> Iterator[Topic]:
    """Opening, sections in proportion to their questions, a break in the middle of a long workshop, and the report."""
    assessment = controller.assessment
    sections = {section: of_section(assessment, section) for section in assessment.sections}
    asked = sum(map(len, sections.values())) or 1
    opening, closing = minutes * OPENING_SHARE, minutes * CLOSING_SHARE
    pause = BREAK_MINUTES if minutes > MINUTES_WITHOUT_BREAK else 0
    pace = (minutes - opening - closing - pause) / asked
    yield Topic(opening, "Start: source, scope, what is running badly now", "everyone")
    done = 0
    for section, verdicts in sections.items():
        yield _section(section, verdicts, pace)
        before, done = done, done + len(verdicts)
        if pause and before < asked / 2 <= done:
            yield Topic(pause, "Break", "everyone")
    report = Markup('<a href="{}">Report: plan and owners</a>').format(REPORT)
    yield Topic(closing, report, "everyone")


def _section(section: Section, verdicts: list[Verdict], pace: float) -> Topic:
    progress = f"{answered_among(verdicts)} of {len(verdicts)} answered"
    speed = f"{int(pace)}:{round(pace % 1 * 60):02d} min a question" if verdicts else ""
    return Topic(pace * len(verdicts), section_link(section), ATTENDEES[section], speed, progress)


def _prepare(controller: Controller) -> Markup:
    """Which questions evidence has answered already, so that they only need to be confirmed."""
    waiting = [v for v in controller.assessment.verdicts if v.applicable and not is_answered(v)]
    known = [v for v in waiting if v.finding is not None and v.finding.outcome in DECIDED]
    if not waiting:
        return Markup("<p>All questions are answered.</p>")
    return Markup(
        "<p>{} without an answer. For {} of them the evidence is already there: confirm it or correct it. "
        "The others need the people named above.</p>"
    ).format(count(len(waiting), "question"), len(known))
