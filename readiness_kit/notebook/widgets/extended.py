"""The questions beyond the core: shown as cards in the extended profile, announced in the core profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from readiness_kit.checklist import load_checklist
from readiness_kit.labels import SECTION_TITLES, count
from readiness_kit.markup import esc
from readiness_kit.model import Profile, Section
from readiness_kit.notebook.views.links import START
from readiness_kit.notebook.views.view import View

if TYPE_CHECKING:
    from readiness_kit.notebook.kit import Kit
    from readiness_kit.notebook.widgets.question_card import Card


class CardStack:
    """Several cards in one cell, in checklist order."""

    def __init__(self, cards: list[Card]) -> None:
        self.cards = cards

    def _ipython_display_(self) -> None:
        for card in self.cards:
            card._ipython_display_()


def extended(kit: Kit, section: Section) -> CardStack | View:
    """The extended questions of a section as cards, or what they would add and how to switch them on."""
    questions = [q for q in load_checklist().section(section) if q.profile is Profile.EXTENDED]
    if kit.settings.profile is Profile.EXTENDED:
        return CardStack([kit.ask(question.id) for question in questions])
    items = "".join(f"<li>{esc(question.number)} {esc(question.text)}</li>" for question in questions)
    title = f"{SECTION_TITLES[section]}: {count(len(questions), 'further question')} in the extended profile"
    how = f'To ask them, choose the extended profile in <a href="{START}">Start</a> and run this notebook again.'
    return View(f"<p><b>{esc(title)}</b></p><ul>{items}</ul><p>{how}</p>", title)
