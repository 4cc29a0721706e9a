"""What was sent comes back in no form: plain, base64, URL, JSON, HTML, within a longer text."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
import urllib3

from readiness_kit.collect.http.credentials import SentCredentials
from readiness_kit.collect.http.guards import check_kubernetes
from readiness_kit.collect.http.transport import StatusError, Transport
from tests.collect.conftest import small
from tests.support.served import Reply, ServedCluster

TOKEN = "Quiet/Harbour+seven=lamps&42"
PAIR = "reader:Slow River?9/ü"

FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "URL": lambda text: quote(text, safe=""),
    "URL with slashes": quote,
    "URL of a form": quote_plus,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "HTML": html.escape,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "hexadecimal": lambda text: text.encode().hex(),
    "base64 of the URL form": lambda text: base64.b64encode(quote(text, safe="").encode()).decode(),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("header", "secret"),
    [
        (f"Bearer {TOKEN}", TOKEN),
        ("Basic " + base64.b64encode(PAIR.encode()).decode(), PAIR),
        ("Basic " + base64.b64encode(PAIR.encode()).decode(), PAIR.partition(":")[2]),
    ],
    ids=["token", "user and password", "password"],
)
def test_a_credential_is_removed_in_every_form(header: str, secret: str, form: str) -> None:
    sent = SentCredentials()
    sent.add({"Authorization": header})
    shown = FORMS[form](secret)
    text = f"denied: {shown}; try again"
    assert shown.rstrip("=") not in sent.remove(text)
    assert shown.rstrip("=").encode() not in sent.remove_bytes(text.encode())
    assert shown.rstrip("=").encode() not in sent.remove_from_answer(text.encode())
    assert sent.remove(text).startswith("denied: ") and sent.remove(text).endswith("; try again")


@pytest.mark.parametrize("before", ["", "a", "ab", "Bearer "])
def test_base64_of_a_longer_text_is_removed(before: str) -> None:
    sent = SentCredentials()
    sent.add({"Authorization": f"Bearer {TOKEN}"})
    coded = base64.b64encode(f"{before}{TOKEN} and more".encode()).decode()
    left = sent.remove(coded)
    assert "[redacted]" in left and base64.b64encode(TOKEN.encode()).decode()[4:-8] not in left


def test_an_ordinary_word_is_removed_from_errors_but_not_from_answers() -> None:
    sent = SentCredentials()
    sent.add({"Authorization": "Bearer weaviate"})
    assert sent.remove("the token weaviate is wrong") == "the token [redacted] is wrong"
    assert sent.remove_from_answer(b'{"name":"weaviate"}') == b'{"name":"weaviate"}'


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("status", [200, 403])
def test_a_server_that_echoes_the_token_gives_nothing_away(status: int, form: str) -> None:
    shown = FORMS[form](TOKEN)
    body = json.dumps({"kind": "Status", "message": "x" * 3990 + f" no access with {shown} here"}).encode()
    with ServedCluster(small(), fault=lambda request: Reply(status, body)) as cluster:
        transport = Transport(
            "kubernetes", cluster.url, urllib3.PoolManager(), check_kubernetes,
            lambda: {"Authorization": f"Bearer {TOKEN}"},
        )  # fmt: skip
        if status == 200:
            assert json.dumps(shown)[1:-1].rstrip("=").encode() not in transport.get("/version")
        else:
            with pytest.raises(StatusError) as raised:
                transport.get("/version")
            assert shown not in str(raised.value) and TOKEN not in str(raised.value)
        transport.close()
