"""Read-only views: tables, charts, summaries, links. Those that need heavy libraries are loaded when first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from readiness_kit.notebook.views.advice import advice_view as advice_view
    from readiness_kit.notebook.views.charts import Charts as Charts

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, submod_attrs={"advice": ["advice_view"], "charts": ["Charts"]}
)
