"""Lists over several pages: the order of requests, continue tokens, and bodies of unexpected form."""

from __future__ import annotations

import itertools
import json
import threading
import tracemalloc
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from readiness_kit.collect.http.transport import Limits, TooLargeError, Transport, UnexpectedAnswerError
from readiness_kit.collect.kubernetes import lists
from readiness_kit.kinds import KINDS
from readiness_kit.model import Reason
from readiness_kit.redact import LabelHasher
from tests.collect.conftest import listed
from tests.collect.kubernetes.conftest import NODES, reply_to, run_with
from tests.support.served import Reply, status

pytestmark = pytest.mark.usefixtures("pauses")

NODE_KIND = KINDS["nodes"]
HASHER = LabelHasher(b"key")


def page(names: str, following: str = "", remaining: int | None = None, behind: bool = False) -> bytes:
    """The body of a list; `behind`: its metadata stand after the items."""
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
    found, broken = lists.read(NODE_KIND, "", server.get, HASHER)
    assert broken.count == 0
    return "".join(item.metadata.name for item in found)


@pytest.mark.parametrize("behind", [False, True])
def test_every_page_is_read_wherever_the_token_stands(behind: bool) -> None:
    server = Server(first=page("ab", "x", behind=behind), x=page("cd", "y", behind=behind), y=page("e", behind=behind))
    assert names(server) == "abcde"
    assert [params.get("continue") for params in server.asked] == [None, "x", "y"]


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

    interner = lists.pods.PodInterner(NODE_KIND.struct, keep, keep)  # type: ignore[arg-type]
    monkeypatch.setattr(lists.pods, "interner", lambda kind, hasher: interner)
    assert len(lists.read(NODE_KIND, "", get, HASHER)[0]) == 3 and seen == [True, True, True]


def test_big_pages_where_much_remains_and_small_ones_where_an_answer_is_too_large() -> None:
    server = Server(first=page("a", "x", 5001), x=page("b", "y", 100), y=page("c"))
    assert names(server) == "abc"
    assert [params["limit"] for params in server.asked] == ["500", "2000", "2000"]
    server = Server(first=page("a", "x"), x=TooLargeError("too large", "fewer"))
    with pytest.raises(TooLargeError):
        names(server)
    assert [(params["limit"], params.get("continue")) for params in server.asked] == [
        ("500", None),
        ("500", "x"),
        ("50", "x"),
    ]


def test_two_different_list_metadata_are_an_error() -> None:
    """With the first metadata alone a page would be skipped unnoticed."""
    ends = b'{"kind":"NodeList","metadata":{},"items":[{"metadata":{"name":"a"}}],"metadata":{"continue":"x"}}'
    goes_on = b'{"kind":"NodeList","metadata":{"continue":"x"},"items":[],"metadata":{}}'
    for body in (ends, goes_on):
        with pytest.raises(UnexpectedAnswerError, match="two different list metadata"):
            names(Server(first=body, x=page("b")))


def test_items_inside_an_invalid_head_are_read() -> None:
    item = b'"items":[{"metadata":{"name":"a"}}]}'
    body = b'{"kind":"NodeList","metadata":{"selfLink":"\\"items\\"","continue":""},' + item
    assert names(Server(first=body)) == "a"
    body = b'{"kind":"NodeList","annotation":"items","metadata":{"continue":"x"},' + item
    assert names(Server(first=body, x=page("b"))) == "ab"


def test_a_big_list_is_decoded_in_little_memory() -> None:
    """2,000 pods of 8 KB in four pages: what is kept is a fraction of what came in, and one page at a time is held."""
    noise = {"managedFields": [{"manager": "m", "fieldsV1": {f"f:{n}": {} for n in range(500)}}]}
    spec = {"nodeName": "n1", "containers": [{"name": "c", "image": "i:1", "env": [{"name": "A", "value": "b"}] * 20}]}
    pages = []
    for page in range(4):
        items = [{"metadata": {"name": f"p{page}-{n}", "namespace": "a", **noise}, "spec": spec} for n in range(500)]
        following = {"continue": str(page)} if page < 3 else {}
        pages.append(json.dumps({"kind": "PodList", "metadata": following, "items": items}).encode())
    size = sum(map(len, pages))
    tracemalloc.start()
    objects, broken = lists.read(KINDS["pods"], "", lambda path, params: pages.pop(0), LabelHasher(b"k"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (len(objects), broken.count) == (2000, 0)
    assert size > 10_000_000
    assert peak < size


def many(count: int) -> dict[str, Any]:
    return {NODES: listed("Node", "v1", *({"metadata": {"name": f"n{number}"}} for number in range(count)))}


def test_expired_continue_token_restarts_the_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "PAGE", 4)
    gone = status(410, "Expired", "The provided continue parameter is too old")
    found, cluster = run_with(tmp_path, reply_to(NODES, None, None, gone, None), **many(10))
    assert [item.metadata.name for item in found.objects("nodes")] == [f"n{number}" for number in range(10)]
    assert found.read("nodes").reason is None
    asked = ["continue" in request.query for request in cluster.requests if request.path == NODES]
    assert asked == [False, True, True, False, True, True]


def test_restarts_of_a_list_are_limited(tmp_path: Path) -> None:
    found, cluster = run_with(tmp_path, reply_to(NODES, status(410, "Expired", "too old")))
    assert found.read("nodes").reason is Reason.ERROR
    assert cluster.paths().count(NODES) == 1 + lists.RESTARTS


def test_repeated_continue_token_is_an_error(tmp_path: Path) -> None:
    body = {"kind": "NodeList", "metadata": {"continue": "x"}, "items": []}
    found, cluster = run_with(tmp_path, reply_to(NODES, Reply(200, body)))
    assert found.read("nodes").reason is Reason.ERROR
    assert "same continue token" in found.read("nodes").message
    assert cluster.paths().count(NODES) == 2


def test_a_page_too_large_is_asked_for_in_smaller_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = Transport.__init__

    def tight(self: Transport, *arguments: Any, **named: Any) -> None:
        original(self, *arguments, **{**named, "limits": Limits(5, 2, 200_000)})

    monkeypatch.setattr(Transport, "__init__", tight)
    nodes = [{"metadata": {"name": f"n{n}", "annotations": {"huge": "x" * 2000}}} for n in range(120)]
    found, cluster = run_with(tmp_path, **{NODES: listed("Node", "v1", *nodes)})
    assert found.read("nodes").count == 120 and found.read("nodes").reason is None
    asked = [request.query["limit"] for request in cluster.requests if request.path == NODES]
    assert asked == ["500", "50", "50", "50"]


@pytest.mark.parametrize(
    ("invalid", "where"),
    [
        ({"metadata": {"name": "n9", "labels": {"a": [5]}}}, "labels"),
        ({"metadata": {"name": "n9"}, "spec": {"unschedulable": "yes"}}, "unschedulable"),
        ({"metadata": {"name": "n9"}, "status": []}, "status"),
        ({"metadata": "n9"}, "metadata"),
    ],
)
def test_object_of_wrong_types_costs_only_itself(tmp_path: Path, invalid: dict[str, Any], where: str) -> None:
    found, _ = run_with(tmp_path, **{NODES: listed("Node", "v1", {"metadata": {"name": "n1"}}, invalid)})
    record = found.read("nodes")
    assert (record.reason, record.partial, record.count) == (Reason.ERROR, True, 1)
    assert record.message.startswith("1 of 2 objects could not be read (") and where in record.message
    assert [item.metadata.name for item in found.objects("nodes")] == ["n1"]


def test_null_counts_as_missing(tmp_path: Path) -> None:
    node = {
        "metadata": {"name": "n1", "labels": None, "annotations": {"checksum/config": None}, "ownerReferences": None},
        "spec": {"taints": None, "unschedulable": None},
        "status": {"conditions": [None, {"type": "Ready", "status": "True", "reason": None}]},
    }
    found, _ = run_with(tmp_path, **{NODES: listed("Node", "v1", node)})
    assert found.read("nodes").reason is None
    kept = found.objects("nodes")[0]
    assert kept.spec.taints == () and kept.metadata.labels == {}
    assert [condition.type for condition in kept.status.conditions] == ["Ready"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"kind":"NodeList","items":null}', "NodeList without items"),
        (b'{"kind":"NodeList","metadata":null}', "NodeList without items"),
        (b'{"kind":"PodList","apiVersion":"v1","items":[]}', "v1 PodList, not v1 NodeList"),
        (b'{"kind":"NodeList","apiVersion":"v2","items":[]}', "v2 NodeList, not v1 NodeList"),
        (b'{"kind":"NodeMetricsList","apiVersion":"metrics.k8s.io/v1beta1","items":[]}', "NodeMetricsList, not v1"),
        (b'{"kind":"Table","apiVersion":"meta.k8s.io/v1","rows":[]}', "no list"),
        (b'{"items":[]}', "a list without a kind"),
    ],
)
def test_another_answer_than_the_list_is_an_error(tmp_path: Path, body: bytes, words: str) -> None:
    found, _ = run_with(tmp_path, reply_to(NODES, Reply(200, body)))
    assert found.read("nodes").reason is Reason.ERROR and words in found.read("nodes").message


@pytest.mark.parametrize(
    ("items", "kept", "words"),
    [
        ([{"metadata": {"name": "n1"}}, {"metadata": {}}], ["n1"], "an object without a name"),
        ([{"metadata": {"name": "n1"}}, {"metadata": {"name": "n1"}}], ["n1"], "n1: listed twice"),
        ([{"metadata": {"name": "n1"}}, {"metadata": {"name": "n2", "namespace": "a"}}], ["n1"], "in a namespace"),
    ],
)
def test_objects_without_a_name_of_their_own_make_a_list_incomplete(
    tmp_path: Path, items: list[Any], kept: list[str], words: str
) -> None:
    found, _ = run_with(tmp_path, **{NODES: listed("Node", "v1", *items)})
    assert [node.metadata.name for node in found.objects("nodes")] == kept
    assert found.read("nodes").reason is Reason.ERROR and words in found.read("nodes").message


def test_objects_of_another_namespace_make_a_list_incomplete() -> None:
    body = msgspec.json.encode({"kind": "ServiceList", "items": [{"metadata": {"name": "s", "namespace": "b"}}]})
    found, broken = lists.read(KINDS["services"], "a", lambda path, params: body, HASHER)
    assert found == [] and "b/s: of another namespace than a" in broken.incomplete(0)


def test_objects_left_without_a_token_make_a_list_incomplete() -> None:
    found, broken = lists.read(NODE_KIND, "", Server(first=page("ab", remaining=3)).get, HASHER)
    assert [node.metadata.name for node in found] == ["a", "b"]
    assert broken.incomplete(2) == "the server ended the list with 3 objects left"


@pytest.mark.parametrize(("name", "complete"), [("shop", True), ("weaviate-old", False)])
def test_an_unreadable_object_that_cannot_matter_is_named_and_left_out(name: str, complete: bool) -> None:
    broken_item = {"metadata": {"name": name, "namespace": "a"}, "spec": {"replicas": "many"}}
    body = msgspec.json.encode({"kind": "DeploymentList", "items": [broken_item]})
    found, broken = lists.read(KINDS["deployments"], "", lambda path, params: body, HASHER)
    assert found == [] and (broken.incomplete(0) == "") is complete
    assert f"a/{name}" in (broken.note if complete else broken.incomplete(0))


def test_of_duplicate_keys_the_last_counts(tmp_path: Path) -> None:
    body = b'{"kind":"NodeList","items":[{"metadata":{"name":"a","name":"b"}}],"items":[{"metadata":{"name":"c"}}]}'
    found, _ = run_with(tmp_path, reply_to(NODES, Reply(200, body)))
    assert [item.metadata.name for item in found.objects("nodes")] == ["c"]


def test_gigantic_annotations_are_not_kept(tmp_path: Path) -> None:
    node = {"metadata": {"name": "n1", "annotations": {"last": "x" * 1_000_000}, "managedFields": [{"a": "y" * 10**6}]}}
    found, _ = run_with(tmp_path, **{NODES: listed("Node", "v1", node)})
    path = tmp_path / "s.zip"
    found.save(path)
    assert path.stat().st_size < 5000
    assert found.objects("nodes")[0].metadata.annotations == {}


def endless(items: str) -> Callable[[str, Mapping[str, str]], bytes]:
    """A server whose continue tokens never end."""
    tokens = itertools.count()
    return lambda path, params: page(items, f"token-{next(tokens)}")


@pytest.mark.parametrize(
    ("items", "cap", "value", "message"),
    [
        ("a", "MAX_PAGES", 30, "did not end within 30 pages"),
        ("", "MAX_EMPTY_PAGES", 20, "did not end within 20 pages without an object in a row"),
        ("a", "MAX_SECONDS", -1.0, "did not end within -1 s"),
    ],
)
def test_a_list_that_never_ends_is_given_up(
    items: str, cap: str, value: float, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, cap, value)
    with pytest.raises(UnexpectedAnswerError, match=message):
        lists.read(NODE_KIND, "", endless(items), HASHER)


def test_a_few_empty_pages_are_no_error() -> None:
    bodies = {"first": page("", "t0"), **{f"t{n}": page("", f"t{n + 1}") for n in range(10)}, "t10": page("ab")}
    assert names(Server(**bodies)) == "ab"
