"""Addresses and credentials, checked alike for all sources."""

from __future__ import annotations

import pytest

from readiness_kit.collect.http.login import authorization, parse_address
from readiness_kit.errors import ConfigError, UsageError

EXAMPLE = "https://db.example.com"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://db.example.com/", ("https://db.example.com", "", "")),
        (" http://127.0.0.1:8080/base/v1/ ", ("http://127.0.0.1:8080/base", "", "")),
        ("http://me:p%40ss@127.0.0.1", ("http://127.0.0.1", "me", "p@ss")),
        ("http://[::1]:9090", ("http://[::1]:9090", "", "")),
    ],
)
def test_address_is_reduced_to_its_base(given: str, expected: tuple[str, str, str]) -> None:
    assert parse_address(given, "Weaviate", without="/v1", example=EXAMPLE) == expected


@pytest.mark.parametrize(
    "url",
    ["", "db:80", "ftp://db", "http://", "http://a/../b", "http://a/?x=1", "http://a/#b", "http://a:x", "http://[a"],
)
def test_impossible_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(UsageError, match="the Weaviate URL cannot be used") as raised:
        parse_address(url, "Weaviate", without="/v1", example=EXAMPLE)
    assert EXAMPLE in raised.value.hint


def test_credentials_become_one_header() -> None:
    assert authorization(EXAMPLE, "Weaviate") == {}
    assert authorization(EXAMPLE, "Weaviate", bearer="key") == {"Authorization": "Bearer key"}
    assert authorization(EXAMPLE, "Weaviate", user="me", password="pw") == {"Authorization": "Basic bWU6cHc="}


@pytest.mark.parametrize("token", ["a\nb", "a\rX: b", "schlüssel", "a\x00b"])
def test_token_that_no_header_can_carry_is_refused_and_not_shown(token: str) -> None:
    with pytest.raises(ConfigError, match="characters that no token has") as raised:
        authorization(EXAMPLE, "Weaviate", bearer=token)
    assert token not in str(raised.value)


def test_two_credentials_are_refused() -> None:
    with pytest.raises(UsageError, match="both given"):
        authorization(EXAMPLE, "Prometheus", bearer="key", user="me")


@pytest.mark.parametrize("given", [{"bearer": "key"}, {"user": "me", "password": "key"}])
def test_credentials_over_plain_http_to_another_machine_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="would go over plain HTTP"):
        authorization("http://db.example.com", "the context 'prod'", **given)
    assert authorization("http://127.0.0.1:1", "the context 'prod'", **given)
