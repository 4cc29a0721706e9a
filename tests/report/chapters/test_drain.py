"""The drain of the nodes at the end of the section on availability."""

from __future__ import annotations

from readiness_kit.facts import ClusterFacts
from readiness_kit.report.chapters.drain import drain
from scripts.demo.make import build


def test_each_node_with_weaviate_of_the_demonstration_has_a_sentence() -> None:
    html = str(drain(ClusterFacts(build())))
    assert html.count("<li>") == 3 and html.count("cannot be drained now") == 3
    assert "volume not available on the node" in html and "Upgrade the control plane first" in html


def test_without_facts_there_is_nothing() -> None:
    assert not drain(None)
