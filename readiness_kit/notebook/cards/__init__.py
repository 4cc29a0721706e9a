"""The question cards: what a card shows, how it is shown, and the model that connects cards and kernel.

Each is loaded when it is first used: a report needs none of them, and the model loads ipywidgets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from readiness_kit.notebook.cards.card import Card as Card
    from readiness_kit.notebook.cards.card import CardStack as CardStack
    from readiness_kit.notebook.cards.channel import Channel as Channel

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, submod_attrs={"card": ["Card", "CardStack"], "channel": ["Channel"]}
)
