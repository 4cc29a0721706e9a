"""What a change of Helm values makes of the objects of an installation by the official chart.

`apply_values` gives the objects after `helm upgrade --reuse-values -f fragment`; `fixes.rollout` gives the pods after
the rollout that follows. The rules are those of chart 17.8.3.
"""

from __future__ import annotations

from readiness_kit.fixes.chart_values.installation import is_from_chart
from readiness_kit.fixes.chart_values.overlay import apply_values

__all__ = ["apply_values", "is_from_chart"]
