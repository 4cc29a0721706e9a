"""Read-only views: tables, charts, summaries, links. Those that need heavy libraries are loaded when first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from readiness_kit.notebook.views.advice import advice_view as advice_view
    from readiness_kit.notebook.views.charts import Charts as Charts
    from readiness_kit.notebook.views.plan import plan_view as plan_view
    from readiness_kit.notebook.views.plan import proof_view as proof_view

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={"advice": ["advice_view"], "charts": ["Charts"], "plan": ["plan_view", "proof_view"]},
)
