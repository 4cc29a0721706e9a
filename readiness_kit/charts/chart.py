"""What a chart is: a picture, the sentence it proves, and the numbers it was drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class Chart:
    """One picture that answers one question.

    `title` is the finding as a sentence, `alt` the finding with the main numbers for whoever cannot see the
    picture, `table` all the numbers (also of rows that the picture leaves out; units stand in the column names),
    `note` what they are based on.
    """

    name: str
    title: str
    alt: str
    figure: Figure
    table: pd.DataFrame
    note: str


@dataclass(frozen=True)
class NoChart:
    """A chart that could not be drawn: `title` is what it would have shown, `why` the reason, as a clause."""

    name: str
    title: str
    why: str

    @property
    def sentence(self) -> str:
        return f"{self.title}: not assessed, {self.why}."
