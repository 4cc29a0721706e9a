"""Backups by backend, by version, and their restores."""

from __future__ import annotations

import pytest

from readiness_kit.model import Reason
from tests.collect.weaviate.conftest import collected, reads
from tests.support.weaviate import error, healthy


def test_trap_19_a_listing_that_the_server_does_not_implement_is_absent_not_empty() -> None:
    answers = healthy("1.30.0")
    answers["/v1/backups/s3"] = error(500, "not implemented")
    found, fake = collected(answers)
    assert reads(found)["weaviate/backups"].reason is Reason.ABSENT
    assert "not requested: the server is 1.30.0" in reads(found)["weaviate/backups"].message
    assert not [line for line in fake.asked if "backups" in line]

    found, _ = collected({**healthy(), "/v1/backups/s3?order=desc": error(500, "not implemented")})
    assert found.answers["weaviate/backups"]["s3"].reason is Reason.ABSENT


@pytest.mark.parametrize(
    ("version", "listed"),
    [
        ("1.30.11", None),
        ("1.30.12", "/v1/backups/s3"),
        ("1.31.4", None),
        ("1.31.5", "/v1/backups/s3"),
        ("1.32.0", "/v1/backups/s3"),
        ("1.32.14", "/v1/backups/s3?order=desc"),
        ("1.33.1", "/v1/backups/s3"),
        ("1.34.0", "/v1/backups/s3?order=desc"),
    ],
)
def test_backups_are_listed_from_the_versions_on_that_can(version: str, listed: str | None) -> None:
    answers = healthy(version)
    answers["/v1/backups/s3"] = answers["/v1/backups/s3?order=desc"]
    found, fake = collected(answers)
    asked = [line.removeprefix("GET ") for line in fake.asked if "/backups/s3" in line and "restore" not in line]
    assert asked == ([listed] if listed else [])
    entries = found.answers["weaviate/backups"]["s3"].entries if listed else ()
    assert [entry.id for entry in entries] == (["nightly-2", "nightly-1"] if listed else [])


def test_a_backend_that_is_not_switched_on_is_absent_and_the_other_is_read() -> None:
    answers = healthy()
    answers["/v1/meta"]["modules"]["backup-gcs"] = {"bucketName": "other"}
    answers["/v1/backups/gcs?order=desc"] = error(422, "backup backend gcs is not enabled")
    found, _ = collected(answers)
    backups, read = found.answers["weaviate/backups"], reads(found)["weaviate/backups"]
    assert (backups["gcs"].reason, backups["s3"].reason) == (Reason.ABSENT, None)
    assert (read.reason, read.partial, read.count) == (Reason.ABSENT, True, 2)


def test_backups_are_newest_first_with_the_status_of_their_last_restore() -> None:
    backend = collected()[0].answers["weaviate/backups"]["s3"]
    assert [entry.id for entry in backend.entries] == ["nightly-2", "nightly-1"]
    assert backend.restores == {"nightly-2": "SUCCESS", "nightly-1": ""}
    assert (backend.entries[0].size, backend.entries[1].completed_at) == (1.5, None)
