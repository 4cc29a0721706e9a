"""Read-only views: tables, charts, summaries, links. Those that need heavy libraries are loaded when first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from readiness_kit.notebook.views.advice import advice_view
    from readiness_kit.notebook.views.charts import Charts

__all__ = ["Charts", "advice_view"]

__getattr__, __dir__, _ = lazy_loader.attach(__name__, submod_attrs={"advice": ["advice_view"], "charts": ["Charts"]})
