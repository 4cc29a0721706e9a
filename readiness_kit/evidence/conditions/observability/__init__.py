"""Conditions on metrics, scrape targets, alerts, dashboards and logs."""
