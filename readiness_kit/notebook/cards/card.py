"""A card as the output of a cell: plain HTML, which any viewer shows without a kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterable


class Card:
    """One question on screen; `draw` returns its HTML as it is when it is displayed."""

    def __init__(self, text: str, draw: Callable[[], str]) -> None:
        self._text = text
        self._draw = draw

    def _repr_html_(self) -> str:
        return self._draw()

    def __repr__(self) -> str:
        return self._text


class CardStack:
    """Several cards in one cell, in checklist order."""

    def __init__(self, cards: Iterable[Card]) -> None:
        self.cards = tuple(cards)

    def _repr_html_(self) -> str:
        return "".join(card._repr_html_() for card in self.cards)

    def __repr__(self) -> str:
        return "\n".join(map(repr, self.cards))
