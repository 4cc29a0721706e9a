"""A Prometheus-compatible server: discovery, queries, series and rules."""
