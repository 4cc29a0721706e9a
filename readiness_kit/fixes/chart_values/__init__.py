"""What a change of Helm values makes of the objects of an installation by the official chart.

`apply_values` gives the objects after `helm upgrade --reuse-values -f fragment`, and `pods_after` the pods after the
rollout that follows, so that evidence can judge them again. The rules are those of chart 17.8.3.
"""

from __future__ import annotations

from readiness_kit.fixes.chart_values.installation import Objects, is_from_chart
from readiness_kit.fixes.chart_values.overlay import apply_values

__all__ = ["Objects", "apply_values", "is_from_chart"]
