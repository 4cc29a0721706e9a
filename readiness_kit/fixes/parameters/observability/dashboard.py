"""A small Grafana dashboard for one Weaviate, as JSON; built from metrics that the kit itself reads."""

from __future__ import annotations

import json
from typing import Any

WIDTH, HEIGHT, COLUMNS = 12, 8, 2


def dashboard(namespace: str, name: str) -> str:
    """The dashboard as the JSON that Grafana imports; the data source is chosen in Grafana."""
    panels = [_panel(at, *panel) for at, panel in enumerate(_panels(namespace, name))]
    source = {"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Data source"}
    whole = {
        "uid": f"weaviate-{namespace}"[:40],
        "title": f"Weaviate {namespace}/{name}",
        "tags": ["weaviate"],
        "schemaVersion": 39,
        "time": {"from": "now-6h", "to": "now"},
        "refresh": "1m",
        "templating": {"list": [source]},
        "panels": panels,
    }
    return json.dumps(whole, indent=2)


def _panels(namespace: str, name: str) -> list[tuple[str, str, str, str]]:
    """(title, query, legend, unit) of each panel."""
    own = f'namespace="{namespace}",pod=~"{name}-.+"'
    place = f'namespace="{namespace}"'
    claims = f'{place},persistentvolumeclaim=~".+-{name}-[0-9]+"'
    queries = "queries_durations_ms"
    return [
        ("Targets that are up", f"up{{{own}}}", "{{pod}}", "short"),
        ("Requests by status", f"sum by (status) (rate(requests_total{{{place}}}[5m]))", "{{status}}", "reqps"),
        (
            "Query latency, 95th percentile",
            f"histogram_quantile(0.95, sum by (le) (rate({queries}_bucket{{{place}}}[5m])))",
            "p95",
            "ms",
        ),
        ("Heap", f"go_memstats_heap_inuse_bytes{{{own}}}", "{{pod}}", "bytes"),
        (
            "Heap against GOMEMLIMIT",
            _ratio("go_memstats_heap_inuse_bytes", "go_gc_gomemlimit_bytes", own),
            "{{pod}}",
            "percentunit",
        ),
        ("CPU", f'rate(container_cpu_usage_seconds_total{{{own},container="weaviate"}}[5m])', "{{pod}}", "short"),
        (
            "Volumes",
            _ratio("kubelet_volume_stats_used_bytes", "kubelet_volume_stats_capacity_bytes", claims),
            "{{persistentvolumeclaim}}",
            "percentunit",
        ),
        ("Objects", f"sum(object_count{{{place}}})", "objects", "short"),
    ]


def _ratio(used: str, limit: str, selector: str) -> str:
    return f"{used}{{{selector}}} / {limit}{{{selector}}}"


def _panel(at: int, title: str, query: str, legend: str, unit: str) -> dict[str, Any]:
    source = {"type": "prometheus", "uid": "${datasource}"}
    return {
        "id": at + 1,
        "type": "timeseries",
        "title": title,
        "datasource": source,
        "gridPos": {"x": at % COLUMNS * WIDTH, "y": at // COLUMNS * HEIGHT, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {"defaults": {"unit": unit}, "overrides": []},
        "targets": [{"refId": "A", "datasource": source, "expr": query, "legendFormat": legend}],
    }
