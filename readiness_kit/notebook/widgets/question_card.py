"""The question card: one HTML that tells and one Dropdown that asks.

Shown as two outputs, so that a card costs two widgets; Layout and Style are shared by all cards of a kit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from readiness_kit.labels import (
    CHOICE_WORDS,
    OUTCOME_SIGNS,
    OUTCOME_WORDS,
    REASON_WORDS,
    SEVERITY_WORDS,
    STATE_SIGNS,
    STATE_WORDS,
    count,
)
from readiness_kit.markup import FACT_HEAD, esc, fact_rows
from readiness_kit.model import Answer, Choice, Finding, Outcome, Question, QuestionKind, State, Verdict
from readiness_kit.notebook.views.links import anchor, editor_anchor
from readiness_kit.notebook.views.view import show_widget

if TYPE_CHECKING:
    from readiness_kit.notebook.kit import Kit

MAX_ROWS = 4
PARK = "park"
"""What the Dropdown holds while a question is parked: no answer, only put off."""
OPTIONS: list[tuple[str, Choice | str | None]] = [
    ("not answered yet", None),
    *((CHOICE_WORDS[choice], choice) for choice in Choice),
    ("Park for later", PARK),
]

VALUES = [value for _, value in OPTIONS]


def contradiction(verdict: Verdict) -> str:
    """The sentence that flags a contradiction, empty where there is none."""
    if verdict.state is not State.CONTRADICTED and verdict.beneath is not State.CONTRADICTED:
        return ""
    said = CHOICE_WORDS[verdict.answer.value] if verdict.answer and verdict.answer.value else "nothing"
    found = verdict.finding.sentence if verdict.finding else ""
    return f"The answer is “{said}”, but the cluster says otherwise: {found}"


def evidence_html(finding: Finding | None, facts: bool = True, unfolded: bool = False) -> str:
    """The state of the evidence as a sign and a word, its sentence, and the facts in a fold-out table."""
    if finding is None:
        return ""
    word = OUTCOME_WORDS[finding.outcome]
    if finding.outcome is Outcome.UNKNOWN and finding.reason:
        word = f"{word} ({REASON_WORDS[finding.reason]})"
    body = f"<p><b>{OUTCOME_SIGNS[finding.outcome]} Evidence: {esc(word)}.</b> {esc(finding.sentence)}</p>"
    if finding.facts and facts:
        left = len(finding.facts) - MAX_ROWS
        all_of_them = f"<code>kit.show.facts(&quot;{esc(finding.question)}&quot;)</code>"
        more = f'<p class="quiet">{left} more: {all_of_them}</p>' if left > 0 else ""
        fold = "<details open>" if unfolded else "<details>"
        body += f"{fold}<summary>{count(len(finding.facts), 'fact')}</summary>{_short(finding)}{more}</details>"
    return f'<div class="ev">{body}</div>'


def _short(finding: Finding) -> str:
    """The facts that say most, as a table without the end tags that HTML lets one leave out: cards are many."""
    rows = "".join(
        f"<tr><td>{'<td>'.join(cell.replace('<code>', '').replace('</code>', '') for cell in row)}"
        for row in fact_rows(finding.facts, MAX_ROWS)
    )
    return f"<table class=facts><tr><th>{'<th>'.join(FACT_HEAD)}{rows}</table>"


def card_html(
    question: Question, verdict: Verdict, notice: str = "", parent_na: bool = False, facts: bool = True
) -> str:
    """The whole card as HTML, without the style block."""
    classes = "rk card" + (" child" if question.parent else "") + (" grey" if parent_na else "")
    flag = contradiction(verdict)
    answered = verdict.answer.value if verdict.answer else None
    said = f" · answered {esc(CHOICE_WORDS[answered])}" if answered else ""
    reason = verdict.answer.reason if verdict.answer and answered is Choice.NOT_APPLICABLE else ""
    lines = "".join(f'<p class="quiet">{esc(line)}</p>' for line in verdict.lines)
    details = described(verdict.answer, question)
    return (
        f'<div class="{classes}" id="{anchor(question.id)}">'
        f'<p class="q"><span class="num">{esc(question.number)}</span>{esc(question.text)}</p>'
        f'<p class="why">{esc(question.why)} <span class="sev">{SEVERITY_WORDS[verdict.severity]}</span></p>'
        + (f'<div class="flag" role="alert">⚠ {esc(flag)}</div>' if flag else "")
        + evidence_html(verdict.finding, facts, bool(flag))
        + f"<p>{STATE_SIGNS[verdict.state]} <b>{STATE_WORDS[verdict.state]}</b>{said}"
        + (f", because {esc(reason)}" if reason else "")
        + (f' <span class="quiet" role="status">· {esc(notice)}</span>' if notice else "")
        + f' · <a href="#{editor_anchor(question.section)}">details</a></p>{lines}'
        + (f'<p class="quiet">{esc(details)}</p>' if details else "")
        + "</div>"
    )


class Card:
    """One question on the screen; `close` frees its widgets."""

    def __init__(self, kit: Kit, question: Question) -> None:
        from ipywidgets import HTML, Dropdown

        self._kit = kit
        self.question = question
        shared = kit.looks
        self._face = HTML(value=self.html(), layout=shared.wide, style=shared.html)
        self._choice = Dropdown(
            options=OPTIONS,
            # By index: with a value of None nothing would be chosen, not even the first entry.
            index=VALUES.index(self._shown_value()),
            description=f"{question.number} answer",
            layout=shared.choice_below if question.parent else shared.choice,
            style=shared.answer,
        )
        self._choice.observe(self._chosen, names="value")

    def _stored_value(self) -> Choice | None:
        answer = self._kit.folder.answers.get(self.question.id)
        return answer.value if answer else None

    def _shown_value(self) -> Choice | str | None:
        return PARK if self.question.id in self._kit.parked_ids else self._stored_value()

    def _chosen(self, change: dict[str, Any]) -> None:
        if change["new"] == PARK:
            self._kit.park(self.question.id)
        else:
            self._kit.answer(self.question.id, change["new"])

    def show_value(self, value: Choice | str | None) -> None:
        """Sets the Dropdown without saving."""
        if self._choice.index != VALUES.index(value):
            self._choice.unobserve(self._chosen, names="value")
            self._choice.index = VALUES.index(value)
            self._choice.observe(self._chosen, names="value")

    def refresh(self, notice: str = "") -> None:
        """Shows the verdict of this moment; `notice` is the quiet word on a save."""
        self._face.value = self.html(notice)

    def html(self, notice: str = "", facts: bool = True) -> str:
        verdict = self._kit.verdict(self.question.id)
        parent_na = bool(self.question.parent) and verdict.state is State.NOT_APPLICABLE
        if self.question.id in self._kit.parked_ids and not notice:
            notice = "parked for later"
        return card_html(self.question, verdict, notice, parent_na, facts)

    def _ipython_display_(self) -> None:
        # An export has the evidence in full in the report: the static side does without the facts.
        show_widget(self._face, self.html(facts=False), f"{self.question.number} {self.question.text}")
        answer = self._stored_value()
        said = CHOICE_WORDS[answer] if answer else "not answered yet"
        show_widget(self._choice, f'<p class="rk">Answer: {esc(said)}</p>', f"Answer: {said}")

    def close(self) -> None:
        self._choice.unobserve_all()
        self._choice.close()
        self._face.close()


def described(answer: Answer | None, question: Question | None = None) -> str:
    """The details of an answer in one line, empty where there are none."""
    parts = [cadence_text(answer)] if question is not None and question.kind is QuestionKind.CADENCE else []
    if answer is not None:
        parts += [answer.note, answer.link]
        parts += [f"owner {answer.owner}" if answer.owner else "", f"due {answer.due}" if answer.due else ""]
    return " · ".join(part for part in parts if part)


def cadence_text(answer: Answer | None) -> str:
    """What a cadence question still asks for, or what was said of it."""
    if answer is None or (answer.every is None and answer.last_done is None):
        return "Say how often, and when it was last done."
    often = f"every {count(answer.every, 'day')}" if answer.every else "no interval given"
    last = f"last done on {answer.last_done}" if answer.last_done else "no date given"
    return f"{often}, {last}"
