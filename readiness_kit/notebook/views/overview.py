"""Guidance through an assessment: the next step, parked questions and progress."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from readiness_kit.labels import SECTION_TITLES, advisory_text, count, label, sign
from readiness_kit.markup import esc, link, table
from readiness_kit.model import Assessment, Question, Section, Severity, State, Verdict
from readiness_kit.notebook.controller import Controller
from readiness_kit.notebook.views.links import NOTEBOOKS, REPORT, START, card_link, notebook_link
from readiness_kit.notebook.views.scope import running_html
from readiness_kit.notebook.views.view import NOTHING_COLLECTED, View, sentence


def is_answered(verdict: Verdict) -> bool:
    """Whether a person chose an answer; a note alone does not count."""
    return bool(verdict.answer and verdict.answer.value)


def answered_among(verdicts: Iterable[Verdict]) -> int:
    """How many of these questions a person answered."""
    return sum(map(is_answered, verdicts))


def _first_unanswered(verdicts: Iterable[Verdict]) -> Question | None:
    return next((verdict.question for verdict in verdicts if verdict.applicable and not is_answered(verdict)), None)


def of_section(assessment: Assessment, section: Section) -> list[Verdict]:
    """The applicable verdicts of a section."""
    return [verdict for verdict in assessment.verdicts if verdict.question.section is section and verdict.applicable]


def section_link(section: Section) -> Markup:
    """A link to the notebook of a section."""
    return Markup('<a href="{}">{}</a>').format(NOTEBOOKS[section], SECTION_TITLES[section])


def welcome(controller: Controller) -> View:
    """What this folder contains, and the next step."""
    session, assessment = controller.session, controller.assessment
    lines: list[str] = []
    if session.snapshot is None:
        text = f"This is a new assessment: {NOTHING_COLLECTED}."
        step = "choose a source of evidence and press the button below it."
        lines.append(f"<p>{text}</p>")
    else:
        date = session.snapshot.manifest.taken_at.strftime("%d %B %Y")
        customer = controller.settings.customer or "Customer not named"
        answered = f"{answered_among(assessment.verdicts)} of {len(assessment.verdicts)} questions answered"
        text = f"{customer}: evidence of {date}, {answered}"
        step = _next_step(assessment, controller)
        lines.append(f"{running_html(session.running)}<p><b>{esc(text)}.</b></p>")
        lines.append(_advisories(assessment))
    new_versions = sorted(path.name for path in controller.folder.notebooks.glob("*.kit-*.ipynb"))
    if new_versions:
        names = ", ".join(f'<a href="{esc(name)}">{esc(name)}</a>' for name in new_versions)
        lines.append(f"<p>You edited some notebooks. Their new versions are saved under other names: {names}.</p>")
    place = f'<p class="quiet">Assessment folder: <code>{esc(controller.folder.path)}</code></p>'
    return View(f'{"".join(lines)}<div class="next"><b>Next:</b> {step}</div>{place}', text)


def _advisories(assessment: Assessment) -> str:
    """Known faults and ends of support that concern the running versions; empty where there are none."""
    found = assessment.advisories
    if not found:
        return ""
    rows = [
        [
            link(advisory.source.url, f"{advisory.id} {advisory.title}"),
            f"{sign(advisory.applicability)} {label(advisory.applicability)}",
            label(advisory.severity),
            esc(advisory_text(advisory)),
        ]
        for advisory in found
    ]
    critical = sum(advisory.severity is Severity.CRITICAL for advisory in found)
    title = f"Known faults and support: {count(len(found), 'advisory', 'advisories')}, {critical} critical"
    head = ("Advisory", "Applies", "Severity", "What it means and what to do")
    return f"<details><summary><b>{title}</b></summary>{table(head, rows)}</details>"


def _next_step(assessment: Assessment, controller: Controller) -> str:
    """Where to begin or to go on: the first unanswered question, and the last answer for a person who returns."""
    position = controller.folder.state["position"]
    last = next((verdict.question for verdict in assessment.verdicts if verdict.question.id == position), None)
    unanswered = _first_unanswered(assessment.verdicts)
    waiting = len(controller.parked_ids)
    parts = [f"the last answer was {notebook_link(last)}"] if last else []
    if unanswered is None:
        parts.append(f'all questions are answered; go to <a href="{REPORT}">the report</a>')
    elif answered_among(assessment.verdicts):
        parts.append(f"the first unanswered question is {notebook_link(unanswered)}")
    else:
        parts.append(f"begin with {notebook_link(unanswered)}")
    return "; ".join(parts) + (f"; {count(waiting, 'question')} parked" if waiting else "") + "."


def parked(controller: Controller) -> View:
    """The parked questions, each with a link to its card."""
    ids = controller.parked_ids
    questions = [verdict.question for verdict in controller.assessment.verdicts if verdict.question.id in ids]
    if not questions:
        return sentence("No question is parked. To postpone a question, choose “Park for later” as its answer.")
    items = "".join(f"<li>{notebook_link(question)}</li>" for question in questions)
    title = f"{count(len(questions), 'question')} parked"
    return View(f"<p><b>{title}</b></p><ul>{items}</ul>", f"{title}: {', '.join(q.number for q in questions)}")


def section_progress(controller: Controller, section: Section) -> View:
    """Counts and a bar for a section, and links to its unanswered, contradicted and parked questions."""
    assessment = controller.assessment
    counts, verdicts = assessment.sections[section].counts, of_section(assessment, section)
    answered = answered_among(verdicts)
    parts = [f"{answered} of {len(verdicts)} answered", f"{assessment.sections[section].open} open"]
    if contradicted := counts.get(State.CONTRADICTED, 0):
        parts.append(f"⚠ {count(contradicted, 'contradiction')}")
    if gaps := counts.get(State.GAP, 0):
        parts.append(count(gaps, "gap"))
    line = f"{SECTION_TITLES[section]}: {', '.join(parts)}."
    share = answered / len(verdicts) if verdicts else 1.0
    bar = f'<span class="track"><span class="bar" style="width:{share * 100:.0f}%"></span></span>'
    body = f'<p role="status">{bar}<b>{esc(line)}</b></p>'
    if (unanswered := _first_unanswered(verdicts)) is not None:
        body += f"<p>First unanswered question: {card_link(unanswered)}</p>"
        line += f" First unanswered question: {unanswered.number} {unanswered.short}."
    body += _question_links("⚠ Contradicted", (v for v in verdicts if v.state is State.CONTRADICTED))
    body += _question_links("Parked", (v for v in verdicts if v.question.id in controller.parked_ids))
    return View(body, line)


def _question_links(title: str, verdicts: Iterable[Verdict]) -> str:
    links = ", ".join(card_link(verdict.question) for verdict in verdicts)
    return f"<p>{title}: {links}</p>" if links else ""


def whole_progress(controller: Controller) -> View:
    """One line for each section, and the first unanswered question of all."""
    assessment = controller.assessment
    rows = []
    for section, score in assessment.sections.items():
        verdicts = of_section(assessment, section)
        contradicted = score.counts.get(State.CONTRADICTED, 0)
        rows.append(
            [
                section_link(section),
                f"{answered_among(verdicts)} of {len(verdicts)}",
                str(score.open),
                f"⚠ {contradicted}" if contradicted else "0",
                str(score.counts.get(State.GAP, 0)),
            ]
        )
    applicable = [verdict for verdict in assessment.verdicts if verdict.applicable]
    answered, still_open = answered_among(applicable), assessment.total.open
    by_evidence = len(applicable) - answered - still_open
    evidence_only = f", {by_evidence} decided by evidence alone" if by_evidence else ""
    line = f"All sections: {answered} of {len(applicable)} answered{evidence_only}, {still_open} open."
    unanswered = _first_unanswered(applicable)
    follow = f"<p>First unanswered question: {notebook_link(unanswered)}</p>" if unanswered else ""
    head = ("Section", "Answered", "Open", "Contradictions", "Gaps")
    return View(f"<p><b>{esc(line)}</b></p>{table(head, rows)}{follow}", line)


def next_section(assessment: Assessment, section: Section) -> View:
    """Links to the next section that has questions in this profile, or to the report, and back to the start page."""
    later = [other for other in list(Section)[list(Section).index(section) + 1 :] if of_section(assessment, other)]
    onward = section_link(later[0]) if later else Markup('<a href="{}">Report</a>').format(REPORT)
    back = Markup('<a href="{}">Start</a>').format(START)
    text = f"Next: {SECTION_TITLES[later[0]] if later else 'Report'}"
    return View(Markup('<div class="next"><b>Next:</b> {} · back to {}</div>').format(onward, back), text)


def no_questions(section: Section) -> View:
    """For a section with questions in the extended profile only."""
    return sentence(f"{SECTION_TITLES[section]}: no questions in this profile.")


def extended_questions(section: Section, questions: Iterable[Question]) -> View:
    """The questions that the extended profile adds to a section, and how to enable it."""
    items = [f"<li>{esc(question.number)} {esc(question.text)}</li>" for question in questions]
    title = f"{SECTION_TITLES[section]}: {count(len(items), 'further question')} in the extended profile"
    how = f'To include them, select the extended profile in <a href="{START}">Start</a> and run this notebook again.'
    return View(f"<p><b>{esc(title)}</b></p><ul>{''.join(items)}</ul><p>{how}</p>", title)
