"""The question card: one HTML that tells and one Dropdown that asks.

Shown as two outputs, so that a card costs two widgets; Layout and Style are shared by all cards of a kit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from readiness_kit.markup import FACT_HEAD, esc, fact_rows, table
from readiness_kit.model import Answer, Choice, Finding, Outcome, Question, QuestionKind, State, Verdict
from readiness_kit.notebook.face import STYLE, show_widget
from readiness_kit.words import (
    CHOICE_WORDS,
    OUTCOME_SIGNS,
    OUTCOME_WORDS,
    REASON_WORDS,
    SEVERITY_WORDS,
    STATE_SIGNS,
    STATE_WORDS,
)

if TYPE_CHECKING:
    from readiness_kit.notebook.kit import Kit

MAX_ROWS = 20
OPTIONS: list[tuple[str, Choice | None]] = [("not answered yet", None), *((CHOICE_WORDS[c], c) for c in Choice)]


def contradiction(verdict: Verdict) -> str:
    """The sentence that flags a contradiction, empty where there is none."""
    if verdict.state is not State.CONTRADICTED and verdict.beneath is not State.CONTRADICTED:
        return ""
    said = CHOICE_WORDS[verdict.answer.value] if verdict.answer and verdict.answer.value else "nothing"
    found = verdict.finding.sentence if verdict.finding else ""
    return f"The answer is “{said}”, but the cluster says otherwise: {found}"


def evidence_html(finding: Finding | None) -> str:
    """The state of the evidence as a sign and a word, its sentence, and the facts in a fold-out table."""
    if finding is None:
        return ""
    word = OUTCOME_WORDS[finding.outcome]
    if finding.outcome is Outcome.UNKNOWN and finding.reason:
        word = f"{word} ({REASON_WORDS[finding.reason]})"
    body = f"<p><b>{OUTCOME_SIGNS[finding.outcome]} Evidence: {esc(word)}.</b> {esc(finding.sentence)}</p>"
    if finding.facts:
        left = len(finding.facts) - MAX_ROWS
        more = f'<p class="quiet">{left} more in the report.</p>' if left > 0 else ""
        rows = table(FACT_HEAD, fact_rows(finding.facts, MAX_ROWS))
        body += f"<details><summary>{len(finding.facts)} facts</summary>{rows}{more}</details>"
    return f'<div class="ev">{body}</div>'


def card_html(question: Question, verdict: Verdict, notice: str = "", parent_na: bool = False) -> str:
    """The whole card as HTML, without the style block."""
    classes = "rk" + (" child" if question.parent else "") + (" grey" if parent_na else "")
    flag = contradiction(verdict)
    answered = verdict.answer.value if verdict.answer else None
    lines = "".join(f'<p class="quiet">{esc(line)}</p>' for line in verdict.lines)
    return (
        f'<div class="{classes}">'
        f'<p class="q"><span class="num">{esc(question.number)}</span>{esc(question.text)}</p>'
        f'<p class="why">{esc(question.why)} <span class="sev">{SEVERITY_WORDS[question.severity]}</span></p>'
        + (f'<div class="flag" role="alert">⚠ {esc(flag)}</div>' if flag else "")
        + evidence_html(verdict.finding)
        + f"<p>{STATE_SIGNS[verdict.state]} <b>{STATE_WORDS[verdict.state]}</b>"
        + (f" · answered {esc(CHOICE_WORDS[answered])}" if answered else "")
        + (f' <span class="quiet">· {esc(notice)}</span>' if notice else "")
        + f"</p>{lines}</div>"
    )


class Card:
    """One question on the screen; `close` frees its widgets."""

    def __init__(self, kit: Kit, question: Question) -> None:
        from ipywidgets import HTML, Dropdown

        self._kit = kit
        self.question = question
        shared = kit.looks
        self._face = HTML(value="", layout=shared.wide, style=shared.html)
        self._choice = Dropdown(
            options=OPTIONS,
            value=self._stored_value(),
            description=f"{question.number} answer",
            layout=shared.narrow,
            style=shared.described,
        )
        self.refresh()
        self._choice.observe(self._chosen, names="value")

    def _stored_value(self) -> Choice | None:
        answer = self._kit.folder.answers.get(self.question.id)
        return answer.value if answer else None

    def _chosen(self, change: dict[str, Any]) -> None:
        self._kit.answer(self.question.id, change["new"])

    def show_value(self, value: Choice | None) -> None:
        """Sets the Dropdown without saving."""
        if self._choice.value is not value:
            with self._choice.hold_trait_notifications():
                self._choice.unobserve(self._chosen, names="value")
                self._choice.value = value
                self._choice.observe(self._chosen, names="value")

    def refresh(self, notice: str = "") -> None:
        """Shows the verdict of this moment; `notice` is the quiet word on a save."""
        self._face.value = STYLE + self.html(notice)

    def html(self, notice: str = "") -> str:
        verdict = self._kit.verdict(self.question.id)
        parent_na = bool(self.question.parent) and verdict.state is State.NOT_APPLICABLE
        if self.question.kind is QuestionKind.CADENCE and not notice:
            notice = cadence_text(verdict.answer)
        return card_html(self.question, verdict, notice, parent_na)

    def _ipython_display_(self) -> None:
        show_widget(self._face, STYLE + self.html(), f"{self.question.number} {self.question.text}")
        answer = self._stored_value()
        said = CHOICE_WORDS[answer] if answer else "not answered yet"
        show_widget(self._choice, f'<p class="rk">Answer: {esc(said)}</p>', f"Answer: {said}")

    def close(self) -> None:
        self._choice.unobserve_all()
        self._choice.close()
        self._face.close()


def cadence_text(answer: Answer | None) -> str:
    """What a cadence question still asks for, or what was said of it."""
    if answer is None or (answer.every is None and answer.last_done is None):
        return "how often, and when last: in the details below"
    often = f"every {answer.every} days" if answer.every else "no cadence given"
    last = f"last done {answer.last_done}" if answer.last_done else "no date given"
    return f"{often}, {last}"
