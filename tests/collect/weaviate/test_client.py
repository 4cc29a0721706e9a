"""Addresses, credentials and the number of requests."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness_kit.collect.http.guards import check_weaviate
from readiness_kit.collect.weaviate.client import address
from readiness_kit.collect.weaviate.collector import collect_weaviate, with_weaviate
from readiness_kit.errors import ForbiddenRequestError, UsageError
from readiness_kit.snapshot import load
from tests.collect.weaviate.conftest import KEY, collected, reads
from tests.support.cluster import snapshot, weaviate
from tests.support.weaviate import FakeWeaviate, collection, error, healthy, statistics


def test_trap_9_public_addresses_are_asked_exactly_without_a_query() -> None:
    _, fake = collected()
    assert [line for line in fake.asked if ".well-known" in line and "?" in line] == []
    with pytest.raises(ForbiddenRequestError, match="its query has x"):
        check_weaviate("GET", "/v1/.well-known/live", {"x": "y"})


def test_wrong_key_is_sent_once_and_never_shown() -> None:
    wrong = "wrong-0123456789"
    found, fake = collected(given=wrong)
    assert fake.signed_in == ["GET /v1/meta"]
    assert "does not accept the key" in reads(found)["weaviate/nodes"].message
    assert wrong not in repr(found)


def test_key_is_in_nothing_that_is_kept(tmp_path: Path) -> None:
    answers = healthy()
    answers["/v1/tasks"] = error(500, f"while serving Bearer {KEY}: {KEY} is not good")
    with FakeWeaviate(answers, key=KEY) as fake:
        merged = with_weaviate(snapshot(weaviate()), fake.url, api_key=KEY, pause=0.0)
    assert KEY not in repr(merged)
    assert "[redacted]" in merged.read("weaviate/tasks").message
    merged.save(tmp_path / "s.zip")
    assert load(tmp_path / "s.zip").answers == merged.answers


@pytest.mark.parametrize(
    "url", ["http://user:pw@127.0.0.1:1", "http://token@127.0.0.1", "ftp://host", "127.0.0.1:8080", "http://h/?a=b", ""]
)
def test_impossible_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        collect_weaviate(url)
    assert "pw" not in str(refused.value) and "token@" not in str(refused.value)


def test_the_address_may_end_in_v1_and_have_a_path() -> None:
    assert address("https://w.example.com/v1/") == "https://w.example.com"
    assert address(" http://127.0.0.1:8080/weaviate/ ") == "http://127.0.0.1:8080/weaviate"


def test_run_sends_only_get_within_the_call_budget() -> None:
    answers = healthy()
    answers["/v1/meta"]["modules"] = {f"backup-{name}": {} for name in ("s3", "gcs", "azure", "filesystem")}
    for name in ("s3", "gcs", "azure", "filesystem"):
        answers[f"/v1/backups/{name}?order=desc"] = [
            {"id": f"b{place:02}", "status": "SUCCESS", "startedAt": f"2026-11-{place + 1:02}T00:00:00Z"}
            for place in range(20)
        ]
    answers["/v1/cluster/statistics"] = statistics(synchronized=False)
    answers["/v1/schema"] = {"classes": [collection(f"C{place:03}", shards=90) for place in range(300)]}
    found, fake = collected(answers)
    assert {line.partition(" ")[0] for line in fake.asked} == {"GET"}
    assert len(fake.asked) < 100
    backups = found.answers["weaviate/backups"]
    assert [list(backups[name].restores) for name in sorted(backups)] == [[f"b{n:02}" for n in range(19, 9, -1)]] * 4
