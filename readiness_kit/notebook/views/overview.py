"""The way through a workshop: where to go on, the agenda, what is parked, what comes next."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from readiness_kit.errors import UsageError
from readiness_kit.labels import SECTION_TITLES, count
from readiness_kit.markup import esc, plain_table
from readiness_kit.model import Assessment, Profile, Section, State, Verdict
from readiness_kit.notebook.views.links import NOTEBOOKS, REPORT, across, in_page
from readiness_kit.notebook.views.view import View

if TYPE_CHECKING:
    from readiness_kit.notebook.kit import Kit

MINUTES_TO_START, MINUTES_A_QUESTION, MINUTES_TO_END = 10, 2.6, 15
WHO = {
    Section.HIGH_AVAILABILITY: "platform and search team",
    Section.RESOURCE_MANAGEMENT: "search team",
    Section.SECURITY: "security and platform team",
    Section.MONITORING: "platform team",
    Section.PERFORMANCE: "search team",
    Section.TENANTS: "search and product team",
}


def is_answered(verdict: Verdict) -> bool:
    return bool(verdict.answer and verdict.answer.value)


def link(verdict: Verdict) -> str:
    """To the card of a question in its notebook."""
    return across(verdict.question, verdict.question.profile is Profile.CORE)


def welcome(kit: Kit) -> View:
    """What this folder holds, and the one thing to do next."""
    session, judged = kit.session, kit.assessment
    lines = [f"<p>Assessment folder: <code>{esc(kit.folder.path)}</code></p>"]
    answered = sum(1 for verdict in judged.verdicts if is_answered(verdict))
    if session.snapshot is None:
        step = "Fill in who this is for, then choose where the evidence comes from and press the button below it."
        said = "a new assessment"
        lines.append("<p>This is a new assessment: nothing has been collected yet.</p>")
    else:
        when = session.snapshot.manifest.taken_at.strftime("%d %B %Y")
        about = kit.settings.customer or "an assessment without a customer's name"
        said = f"{about}: evidence of {when}, {answered} of {len(judged.verdicts)} questions answered"
        lines.append(f"<p><b>{esc(said)}.</b></p>")
        step = _next_step(kit, judged)
    beside = sorted(path.name for path in kit.folder.notebooks.glob("*.kit-*.ipynb"))
    if beside:
        names = ", ".join(f'<a href="{esc(name)}">{esc(name)}</a>' for name in beside)
        lines.append(f"<p>You edited some notebooks; this version's are beside yours to compare: {names}.</p>")
    return View(f'{"".join(lines)}<div class="next"><b>Next:</b> {step}</div>', said)


def _next_step(kit: Kit, judged: Assessment) -> str:
    position = kit.folder.state["position"]
    at = next((verdict for verdict in judged.verdicts if verdict.question.id == position), None)
    todo = first_open(judged)
    report = f'<a href="{REPORT}">the report</a>'
    begin = NOTEBOOKS[Section.HIGH_AVAILABILITY]
    title = SECTION_TITLES[Section.HIGH_AVAILABILITY]
    if todo is None:
        walk = f'walk through the sections, beginning with <a href="{begin}">{title}</a>'
        return f"every question is answered. Either {walk}, or go on to {report}."
    if at is None:
        return f'go through the sections, beginning with <a href="{begin}">{title}</a>. Then comes {report}.'
    return f"last answered was {link(at)}; the first open question is {link(todo)}."


def first_open(judged: Assessment) -> Verdict | None:
    """The first applicable question that nobody answered."""
    return next((v for v in judged.verdicts if v.applicable and not is_answered(v)), None)


def agenda(judged: Assessment, start: str) -> View:
    """The workshop's chapters with a time for each, from `start` (`"10:00"`), as long as its questions need."""
    try:
        now = datetime.strptime(start, "%H:%M")
    except ValueError:
        raise UsageError(f"{start!r} is no time of day", 'write it as "09:30"') from None
    rows = []

    def add(minutes: float, chapter: str, who: str, state: str = "") -> None:
        nonlocal now
        until = now + timedelta(minutes=5 * round(minutes / 5))
        rows.append([f"{now:%H:%M} – {until:%H:%M}", chapter, who, state])
        now = until

    add(MINUTES_TO_START, "Start: connect, collect, agree on the scope", "everybody")
    for section in judged.sections:
        verdicts = [v for v in judged.verdicts if v.question.section is section and v.applicable]
        answered = sum(1 for verdict in verdicts if is_answered(verdict))
        chapter = f'<a href="{NOTEBOOKS[section]}">{esc(SECTION_TITLES[section])}</a>'
        add(
            max(5, len(verdicts) * MINUTES_A_QUESTION), chapter, WHO[section],
            f"{answered} of {len(verdicts)} answered",
        )  # fmt: skip
    add(MINUTES_TO_END, f'<a href="{REPORT}">Report: the next actions, and who takes them</a>', "everybody")
    return View(plain_table(("Time", "Chapter", "Who should be there", "So far"), rows), f"{start} to {now:%H:%M}")


def parked(kit: Kit) -> View:
    """The questions that were put off, each with a link to its card."""
    ids = kit.parked_ids
    verdicts = [verdict for verdict in kit.assessment.verdicts if verdict.question.id in ids]
    if not verdicts:
        text = "No question is parked. To put one off, choose “Park for later” as its answer."
        return View(f"<p>{text}</p>", text)
    items = "".join(f"<li>{link(verdict)}</li>" for verdict in verdicts)
    title = f"{count(len(verdicts), 'question')} parked"
    numbers = ", ".join(verdict.question.number for verdict in verdicts)
    return View(f"<p><b>{title}</b></p><ul>{items}</ul>", f"{title}: {numbers}")


def section_progress(kit: Kit, section: Section) -> View:
    """One line and a bar for a section, and links within the page to what is open or parked."""
    judged = kit.assessment
    score = judged.sections[section]
    verdicts = [verdict for verdict in judged.verdicts if verdict.question.section is section and verdict.applicable]
    answered = sum(1 for verdict in verdicts if is_answered(verdict))
    share = answered / len(verdicts) if verdicts else 1.0
    parts = [f"{answered} of {len(verdicts)} answered", f"{score.open} open"]
    if flagged := score.counts.get(State.CONTRADICTED, 0):
        parts.append(f"⚠ {count(flagged, 'contradiction')}")
    if gaps := score.counts.get(State.GAP, 0):
        parts.append(count(gaps, "gap"))
    line = f"{SECTION_TITLES[section]}: {', '.join(parts)}."
    bar = f'<span class="track"><span class="bar" style="width:{share * 100:.0f}%"></span></span>'
    body = f'<p role="status">{bar}<b>{esc(line)}</b></p>'
    unanswered = next((v for v in verdicts if not is_answered(v)), None)
    if unanswered is not None:
        body += f"<p>First without an answer: {in_page(unanswered.question)}</p>"
        line += f" First without an answer: {unanswered.question.number} {unanswered.question.short}."
    flags = [in_page(v.question) for v in verdicts if v.state is State.CONTRADICTED]
    body += f"<p>⚠ Contradicted: {', '.join(flags)}</p>" if flags else ""
    waiting = [in_page(v.question) for v in verdicts if v.question.id in kit.parked_ids]
    body += f"<p>Parked: {', '.join(waiting)}</p>" if waiting else ""
    return View(body, line)


def whole_progress(kit: Kit) -> View:
    """All sections, one line each, and the first open question of all."""
    judged = kit.assessment
    rows = []
    for section, score in judged.sections.items():
        verdicts = [v for v in judged.verdicts if v.question.section is section and v.applicable]
        answered = sum(1 for verdict in verdicts if is_answered(verdict))
        flagged = score.counts.get(State.CONTRADICTED, 0)
        rows.append(
            [
                f'<a href="{NOTEBOOKS[section]}">{esc(SECTION_TITLES[section])}</a>',
                f"{answered} of {len(verdicts)}",
                str(score.open),
                f"⚠ {flagged}" if flagged else "0",
                str(score.counts.get(State.GAP, 0)),
            ]
        )
    applicable = [verdict for verdict in judged.verdicts if verdict.applicable]
    answered = sum(1 for verdict in applicable if is_answered(verdict))
    settled = len(applicable) - answered - judged.total.open
    alone = f", {settled} settled by the evidence alone" if settled else ""
    line = f"All sections: {answered} of {len(applicable)} answered{alone}, {judged.total.open} open."
    todo = first_open(judged)
    follow = f"<p>First without an answer: {link(todo)}</p>" if todo else ""
    head = ("Section", "Answered", "Open", "Contradictions", "Gaps")
    return View(f"<p><b>{esc(line)}</b></p>{plain_table(head, rows)}{follow}", line)
