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
        """The title and the reason in one sentence."""
        return f"{self.title}: not assessed, {self.why}."


def alt_text(title: str, table: pd.DataFrame, columns: int = 6, rows: int = 3) -> str:
    """The title, then the first rows of a table in words: `weaviate-0: CPU used (cores) 1.5, …`; NaN is left out."""
    lines = []
    for row in table.iloc[:rows, :columns].to_dict("records"):
        (_, name), *values = ((key, value) for key, value in row.items() if value == value and value != "")
        numbers = (f"{key} {f'{value:.3g}' if isinstance(value, float) else value}" for key, value in values)
        lines.append(f"{name}: {', '.join(numbers) or 'no values'}.")
    left_out = [f"The table lists all {len(table)} rows."] if len(table) > rows else []
    return " ".join([f"{title}.", *lines, *left_out])
