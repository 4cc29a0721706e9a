"""Scope and method: what was read, what was not, and the thresholds."""

from __future__ import annotations

from msgspec.structs import replace

from readiness_kit._version import __version__
from readiness_kit.model import Call, Settings, Thresholds
from readiness_kit.report.content import content
from readiness_kit.report.rendering.page import ReportPage
from readiness_kit.report.sources import failures_of, request_totals
from tests.report import sample
from tests.report.sample import words
from tests.support.answers import answered
from tests.support.cluster import cluster, weaviate


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


def test_refused_requests_are_explained_without_names_of_objects() -> None:
    calls = (
        Call("kubernetes", "GET", "/api/v1/nodes", 200),
        Call("kubernetes", "GET", "/apis/apps/v1/namespaces/secret-team/statefulsets/db?limit=1", 403),
        Call("kubernetes", "GET", "/api/v1/namespaces/secret-team/pods", 403),
        Call("kubernetes", "GET", "/api/v1/namespaces", 403),
        Call("weaviate", "GET", "/v1/backups/s3/nightly-1/restore", 404),
        Call("weaviate", "GET", "/v1/backups/s3/nightly-2/restore", 404),
        Call("weaviate", "GET", "/v1/meta", 401),
        Call("prometheus", "POST", "/api/v1/query", 503),
        Call("prometheus", "POST", "/api/v1/query", None),
    )
    snapshot = replace(sample.SNAPSHOT, calls=calls)
    found = {(item.what, item.status): item for item in failures_of(snapshot)}
    assert found.keys() == {
        ("/apis/apps/v1/statefulsets", 403),
        ("/api/v1/pods", 403),
        ("/api/v1/namespaces", 403),
        ("/v1/backups/…", 404),
        ("/v1/meta", 401),
        ("/api/v1/query", 503),
        ("/api/v1/query", None),
    }
    assert found["/v1/backups/…", 404].requests == 2 and "counts as read" in found["/v1/backups/…", 404].meaning
    assert sum(item.requests for item in found.values()) == sum(t.failed for t in request_totals(snapshot))
    shown = words(sample.page(snapshot=snapshot).scope())
    assert all(item.meaning in shown for item in found.values()) and "secret-team" not in shown


def test_an_image_tag_is_not_called_a_version() -> None:
    facts = cluster(weaviate(image="semitechnologies/weaviate:1.38.2"))
    assert content(sample.assessment(), Settings(), None, facts).subject.weaviate == "1.38.2 (image tag)"
    asked = answered(facts, {"weaviate/meta": {"version": "1.38.2"}})
    assert content(sample.assessment(), Settings(), None, asked).subject.weaviate == "1.38.2"
