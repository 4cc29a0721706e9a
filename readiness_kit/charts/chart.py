"""A chart: a figure, the finding it shows, and the numbers it was drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class Chart:
    """One figure that answers one question.

    `title` is the finding as a sentence; `alt` the finding with its main numbers, for readers who cannot see the
    figure; `table` all numbers, also of rows that the figure leaves out, with units in the column names; `note` the
    basis of the numbers.
    """

    name: str
    title: str
    alt: str
    figure: Figure
    table: pd.DataFrame
    note: str


@dataclass(frozen=True)
class NoChart:
    """A chart that cannot be drawn: `title` is its subject, `why` the reason as a clause."""

    name: str
    title: str
    why: str

    @property
    def sentence(self) -> str:
        return f"{self.title}: not assessed, {self.why}."
