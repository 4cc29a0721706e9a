"""A list over several pages: what is asked for when, and what of odd bodies."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import msgspec
import pytest

from readiness_kit.collect.http.transport import TooLargeError, UnexpectedAnswerError
from readiness_kit.collect.kubernetes import lists
from readiness_kit.kinds import KINDS
from readiness_kit.redact import LabelHasher

NODES = KINDS["nodes"]
HASHER = LabelHasher(b"key")


def page(names: str, following: str = "", remaining: int | None = None, behind: bool = False) -> bytes:
    """The body of a list; `behind`: what says how it goes on stands after the items."""
    metadata = {"continue": following, "remainingItemCount": remaining}
    items = [{"metadata": {"name": name}} for name in names]
    body = {"kind": "NodeList", "items": items, "metadata": metadata}
    return msgspec.json.encode(body if behind else {"kind": "NodeList", "metadata": metadata, "items": items})


class Server:
    """Gives its bodies in turn, by continue token; `asked` are the parameters of each request."""

    def __init__(self, **bodies: bytes | Exception) -> None:
        self.bodies = bodies
        self.asked: list[Mapping[str, str]] = []

    def get(self, path: str, params: Mapping[str, str]) -> bytes:
        self.asked.append(params)
        body = self.bodies[params.get("continue", "first")]
        if isinstance(body, Exception):
            raise body
        return body


def names(server: Server) -> str:
    found, broken = lists.read(NODES, "", server.get, HASHER)
    assert broken.count == 0
    return "".join(one.metadata.name for one in found)


@pytest.mark.parametrize("behind", [False, True])
def test_every_page_is_read_wherever_the_token_stands(behind: bool) -> None:
    server = Server(first=page("ab", "x", behind=behind), x=page("cd", "y", behind=behind), y=page("e", behind=behind))
    assert names(server) == "abcde"
    assert [one.get("continue") for one in server.asked] == [None, "x", "y"]


def test_the_next_page_is_asked_for_while_this_one_is_still_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the server and this process would wait for one another in turn."""
    asked = threading.Event()
    seen: list[bool] = []

    def get(path: str, params: Mapping[str, str]) -> bytes:
        if params.get("continue") == "x":
            asked.set()
            return page("c")
        return page("ab", "x")

    def keep(item: object) -> object:
        seen.append(asked.wait(20))
        return item

    interner = lists.pods.PodInterner(NODES.struct, keep, keep)  # type: ignore[arg-type]
    monkeypatch.setattr(lists.pods, "interner", lambda kind, hasher: interner)
    assert len(lists.read(NODES, "", get, HASHER)[0]) == 3 and seen == [True, True, True]


def test_big_pages_where_much_remains_and_small_ones_where_an_answer_is_too_large() -> None:
    server = Server(first=page("a", "x", 5001), x=page("b", "y", 100), y=page("c"))
    assert names(server) == "abc"
    assert [one["limit"] for one in server.asked] == ["500", "2000", "2000"]
    server = Server(first=page("a", "x"), x=TooLargeError("too large", "fewer"))
    with pytest.raises(TooLargeError):
        names(server)
    assert [(one["limit"], one.get("continue")) for one in server.asked] == [("500", None), ("500", "x"), ("50", "x")]


def test_two_words_on_how_the_list_goes_on_are_no_list() -> None:
    """By the first one alone a page would be left out, and nobody would know."""
    ends = b'{"kind":"NodeList","metadata":{},"items":[{"metadata":{"name":"a"}}],"metadata":{"continue":"x"}}'
    goes_on = b'{"kind":"NodeList","metadata":{"continue":"x"},"items":[],"metadata":{}}'
    for body in (ends, goes_on):
        with pytest.raises(UnexpectedAnswerError, match="two different list metadata"):
            names(Server(first=body, x=page("b")))


def test_items_inside_a_head_that_is_no_json_are_no_stumbling_block() -> None:
    item = b'"items":[{"metadata":{"name":"a"}}]}'
    body = b'{"kind":"NodeList","metadata":{"selfLink":"\\"items\\"","continue":""},' + item
    assert names(Server(first=body)) == "a"
    body = b'{"kind":"NodeList","annotation":"items","metadata":{"continue":"x"},' + item
    assert names(Server(first=body, x=page("b"))) == "ab"
