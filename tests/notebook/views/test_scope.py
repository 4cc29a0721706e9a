"""What was read and what could not be read."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from msgspec.structs import replace

from readiness_kit.model import Read, Reason
from readiness_kit.notebook.kit import Kit
from readiness_kit.notebook.views.scope import evidence_html, reads_html


def test_cluster_and_weaviate_of_the_snapshot_are_named(kit: Kit, empty: Kit) -> None:
    html = evidence_html(kit)
    assert "<b>Cluster</b>" in html and "<b>Weaviate</b> StatefulSet " in html and "3 replicas" in html
    assert evidence_html(empty) == "<p>Nothing has been collected yet.</p>"


def test_reads_without_a_refusal_have_no_table() -> None:
    html = reads_html([Read("pods"), Read("weaviate/meta", reason=Reason.ABSENT)])
    assert html == "<p>2 lists and API responses read, none refused.</p>"


def test_refused_reads_are_listed_with_their_reason() -> None:
    html = reads_html([Read("pods"), Read("nodes", reason=Reason.FORBIDDEN, message="nodes is <forbidden>")])
    assert "1 lists and API responses read, <b>1 could not be read</b>" in html
    assert "nodes is &lt;forbidden&gt;" in html and "not permitted" in html


def test_a_certificate_that_was_not_verified_is_flagged(kit: Kit) -> None:
    assert "insecure-skip-tls-verify" not in evidence_html(kit)
    snapshot = kit.session.snapshot
    assert snapshot is not None
    unverified = replace(snapshot, manifest=replace(snapshot.manifest, tls_unverified=True))
    controller: Any = SimpleNamespace(session=SimpleNamespace(snapshot=unverified, facts=kit.session.facts))
    assert "⚠ The certificate of the API server was not verified" in evidence_html(controller)
