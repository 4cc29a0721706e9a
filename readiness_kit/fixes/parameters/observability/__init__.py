"""Parameters of fixes on metrics, alerts and dashboards. Importing this package registers them."""

from __future__ import annotations

from readiness_kit.fixes.parameters.observability import alert_rules, dashboard, monitoring

__all__ = ["alert_rules", "dashboard", "monitoring"]
