"""The first screen: who, what, when, the level, score and coverage, and what stands in the way."""

from __future__ import annotations

from readiness_kit.labels import LEVEL_SIGNS, LEVEL_WORDS, SECTION_TITLES, count, percent
from readiness_kit.model import Assessment, Section, Settings, State, Verdict
from readiness_kit.report.chapters import badges, changes
from readiness_kit.report.chapters.html import anchor, coded, day, first_sentences, link, name, pairs, prose, text
from readiness_kit.report.content import Content, Since, Subject


def cover(content: Content, logo: str = "") -> str:
    """The cover; `logo` is a data URI or empty."""
    assessment, subject = content.assessment, content.subject
    return (
        f'<header class="rk-cover">{_band(subject, logo)}{_particulars(content.settings, subject)}'
        f"{_result(assessment)}{_since(content.since)}{_blockers(assessment)}{_sections(assessment)}</header>"
    )


def _since(since: Since | None) -> str:
    """One line that says what changed, and leads to its chapter."""
    if since is None:
        return ""
    return (
        f'<p class="rk-since"><a href="#{changes.ID}">Since {text(since.name)}</a>'
        f"{changes.dated(since)}: {text(changes.in_numbers(since.comparison))}.</p>"
    )


def _band(subject: Subject, logo: str) -> str:
    picture = f'<img class="rk-logo" src="{text(logo)}" alt="{text(subject.customer or "Logo")}">' if logo else ""
    whose = f'<p class="rk-customer">{name(subject.customer)}</p>' if subject.customer else ""
    return (
        f'<div class="rk-band"><div class="rk-mark"><span>Weaviate readiness kit</span>{picture}</div>'
        f"<h1>Production readiness assessment</h1>{whose}</div>"
    )


def _particulars(settings: Settings, subject: Subject) -> str:
    people = ", ".join(name(person) for person in settings.participants)
    return pairs(
        [
            ("Cluster", name(subject.cluster) if subject.cluster else "not named"),
            ("Weaviate", name(subject.weaviate, 60) if subject.weaviate else ""),
            ("Workload", name(subject.workload) if subject.workload else ""),
            ("Kubernetes", name(subject.kubernetes, 60) if subject.kubernetes else ""),
            ("Date", day(subject.on, "not dated")),
            ("Assessor", name(settings.assessor) if settings.assessor else ""),
            ("Participants", people),
            ("Checklist", f"{text(settings.profile.value.capitalize())} profile"),
        ],
        "rk-particulars",
    )


def _result(assessment: Assessment) -> str:
    total = assessment.total
    level = assessment.level
    verdict = (
        f'<div class="rk-level rk-level-{level.value}"><p class="rk-level-word">'
        f'<span class="rk-sign" aria-hidden="true">{LEVEL_SIGNS[level]}</span> {text(LEVEL_WORDS[level])}</p>'
        f"<p>{text(assessment.level_why)}</p></div>"
    )
    if total.score is None:
        score = '<p class="rk-number rk-number-none">No score yet</p><p>Nothing has been judged so far.</p>'
    else:
        score = f'<p class="rk-number">{percent(total.score)}</p>{badges.meter(total.score, "Score")}'
    judged = f"{total.judged} of {count(total.applicable, 'applicable question')} judged, {total.open} open"
    return (
        f'<div class="rk-result">{verdict}'
        f'<div class="rk-figure"><p class="rk-label">Score</p>{score}</div>'
        f'<div class="rk-figure"><p class="rk-label">Coverage</p><p class="rk-number">{percent(total.coverage)}</p>'
        f'{badges.meter(total.coverage, "Coverage")}<p class="rk-note">{text(judged)}</p></div></div>'
        f"{badges.counts(total)}"
    )


def _blockers(assessment: Assessment) -> str:
    number = len(assessment.blockers)
    if not number:
        none = "No blockers among what was judged." if assessment.total.judged else "No blockers known yet."
        return f'<div class="rk-blockers"><h2 id="blockers">Blockers</h2><p>{none}</p></div>'
    lines = "".join(f"<li>{blocker_line(verdict)}</li>" for verdict in assessment.blockers)
    return f'<div class="rk-blockers"><h2 id="blockers">{count(number, "blocker")}</h2><ol>{lines}</ol></div>'


def blocker_line(verdict: Verdict) -> str:
    """State, severity and the question in one line that leads to its card."""
    question = verdict.question
    return (
        f"{badges.state(verdict.state)} {badges.severity(verdict.severity)} "
        f'<a href="#{anchor("q", question.id)}">{text(question.number)} {text(question.short)}</a>'
        f'<span class="rk-because">{because(verdict)}</span>'
    )


def because(verdict: Verdict) -> str:
    """Half a sentence of reason: the evidence where it decided, else the answer."""
    finding, answer = verdict.finding, verdict.answer
    if finding is not None and finding.outcome.value in ("not_met", "partly"):
        return coded(first_sentences(finding.sentence, 180))
    if answer is not None and answer.value is not None:
        note = f": {text(first_sentences(answer.note, 160))}" if answer.note.strip() else ""
        return f"Answered “{text(answer.value.value.replace('_', ' '))}”{note}"
    return ""


def _sections(assessment: Assessment) -> str:
    rows = []
    for section in Section:
        score = assessment.sections.get(section)
        if score is None or not sum(score.counts.values()):
            continue
        rows.append(
            f'<li><a href="#{anchor("section", section.value)}">{text(SECTION_TITLES[section])}</a>'
            f'{badges.strip(score)}<span class="rk-note">{text(badges.score_line(score))}{_bad(score.counts)}</span>'
            "</li>"
        )
    if not rows:
        return ""
    return f'<div class="rk-sections"><h2 id="by-section">By section</h2><ul>{"".join(rows)}</ul></div>'


def _bad(counts: dict[State, int]) -> str:
    number = counts.get(State.GAP, 0) + counts.get(State.CONTRADICTED, 0)
    return f" · {count(number, 'gap')}" if number else ""


def contact(settings: Settings) -> str:
    """Whom to ask; a web or mail address becomes a link."""
    whole = settings.contact.strip()
    return link(whole) if " " not in whole else prose(whole)
