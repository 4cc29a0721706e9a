"""Evidence as tables."""

from __future__ import annotations

from readiness_kit.notebook.kit import Kit


def test_tables_show_objects_of_the_cluster(kit: Kit) -> None:
    zones = kit.show.zones()._repr_html_()
    assert all(name in zones for name in ("weaviate-0", "weaviate-1", "weaviate-2", "eu-west-1a"))
    assert "weaviate-grpc" in kit.show.services()._repr_html_()
    html = kit.show.scope()._repr_html_()
    assert "leases" in html and "Kubernetes v1.34" in html and "StatefulSet search/weaviate" in html
    tools = kit.show.ecosystem()._repr_html_()
    assert "runs on 0 of 3 nodes with Weaviate" in tools and "Grafana Alloy" in tools
    assert "that node repair is enabled" in tools


def test_drain_has_a_sentence_for_each_node_with_weaviate(kit: Kit) -> None:
    shown = kit.show.drain()
    assert shown._repr_html_().count("cannot be drained now") == 3
    assert "Upgrade the control plane first" in repr(shown)
