"""Scope and method: what was read, what was not, and the thresholds."""

from __future__ import annotations

from msgspec.structs import replace

from readiness_kit._version import __version__
from readiness_kit.model import Thresholds
from readiness_kit.report.rendering.page import ReportPage
from tests.report import sample
from tests.report.sample import words


def test_scope_lists_unread_sources_with_affected_questions() -> None:
    shown = words(sample.page().scope())
    assert "networkpolicies Not permitted to read it networkpolicies is forbidden in namespace vectors Q27" in shown
    assert "persistentvolumeclaims Read in part 1 of 2 namespaces failed none" in shown
    assert "5 sources, 50 objects" in shown
    assert "Not installed in this cluster: servicemonitors ." in shown


def test_scope_counts_requests() -> None:
    assert "kubernetes GET 2 1 1 0.1 MB 0.2 s prometheus POST 1 1 0" in words(sample.page().scope())


def test_scope_shows_changed_thresholds_open_and_the_kits_own_folded() -> None:
    shown = words(sample.page().scope())
    assert "Data you can afford to lose, in hours 12 Changed (kit default: 24)" in shown
    assert "Share of questions that must be judged, 0 to 1 0.7 Kit default" in shown
    fields = len(Thresholds.__struct_fields__)
    assert f"{fields - 1} kit defaults" in shown and shown.count("Kit default") == fields - 1


def test_scope_gives_times_versions_and_redactions() -> None:
    shown = words(sample.page().scope())
    assert "Read at 20 November 2026, 09:30 UTC" in shown and "JWT in pods" in shown
    assert f"Collected with kit version 0.1.0 Judged with kit version {__version__}" in shown


def test_scope_without_snapshot() -> None:
    assert "No cluster was read for this report" in words(sample.empty_page().scope())


def test_scope_shows_a_certificate_that_was_not_verified() -> None:
    content = sample.whole()
    assert "TLS" not in words(ReportPage.of(content).scope())
    manifest = replace(content.snapshot.manifest, tls_unverified=True)
    page = ReportPage.of(replace(content, snapshot=replace(content.snapshot, manifest=manifest)))
    assert "TLS The certificate of the API server was not verified (insecure-skip-tls-verify)" in words(page.scope())
