"""One list, page by page: raw JSON in, scrubbed Structs out. Two pages at most are in memory as bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar

import msgspec

from readiness_kit.collect.http.transport import StatusError, TooLargeError
from readiness_kit.collect.kubernetes import pods
from readiness_kit.decoding import UNDECODABLE, decoder
from readiness_kit.errors import ReadinessError
from readiness_kit.kinds import Kind
from readiness_kit.kinds.meta import KubeObject
from readiness_kit.redact import LabelHasher, redact_text

T = TypeVar("T")

PAGE = 500
BIG_PAGE = 2000
BIG_FROM = 5000
"""More than this many remaining objects are read in big pages: each page costs the server a round trip to etcd."""
SMALL_PAGE = 50
_HEAD_BYTES = 8192
RESTARTS = 2
"""How often a list begins anew when the server has forgotten the continue token (410)."""

Get = Callable[[str, Mapping[str, str]], bytes]
OnPage = Callable[[int], None]


class _ListMeta(msgspec.Struct, rename="camel", gc=False):
    continue_: str | None = msgspec.field(default=None, name="continue")
    remaining_item_count: int | None = None


class _Page(msgspec.Struct, Generic[T], gc=False):
    """`items` may be missing or null in an empty list; None in both tells a body that is no list."""

    metadata: _ListMeta | None = None
    items: list[T] | None = None
    kind: str = ""


class Broken(msgspec.Struct):
    """How many objects could not be read, and where the first of them failed."""

    count: int = 0
    first: str = ""

    def add(self, message: str) -> None:
        self.count += 1
        self.first = self.first or message


class UndecodableError(ReadinessError):
    """A body that is no JSON list."""

    exit_code = 4


def read(
    kind: Kind, namespace: str, get: Get, hasher: LabelHasher, on_page: OnPage = lambda count: None
) -> tuple[list[KubeObject], Broken]:
    """All objects of a kind in a namespace (or in all: ""), scrubbed, and what of them was broken.

    Raises what `get` raises, and UndecodableError. A forgotten continue token begins the list anew, so that nothing
    is read twice and nothing is missed.
    """
    restarts = 0
    while True:
        try:
            return _whole(kind, namespace, get, hasher, on_page)
        except StatusError as problem:
            if problem.status != 410 or restarts >= RESTARTS:
                raise
            restarts += 1


def _whole(
    kind: Kind, namespace: str, get: Get, hasher: LabelHasher, on_page: OnPage
) -> tuple[list[KubeObject], Broken]:
    objects: list[KubeObject] = []
    broken = Broken()
    keeper = pods.keeper(kind, hasher)
    path = kind.path(namespace)
    limit = PAGE
    token = ""
    # The server works on a page while the one before it is decoded and scrubbed here.
    with ThreadPoolExecutor(1, thread_name_prefix="page") as ahead:
        asked = ahead.submit(get, path, _params(limit, token))
        while True:
            try:
                body = asked.result()
            except TooLargeError:
                # A continue token goes with any limit, so the page can be asked for again in smaller parts.
                if limit <= SMALL_PAGE:
                    raise
                limit = SMALL_PAGE
                asked = ahead.submit(get, path, _params(limit, token))
                continue
            answer = _Answer(body, kind, keeper, path)
            del body
            metadata = answer.metadata
            following = metadata.continue_ or ""
            if following and following == token:
                raise UndecodableError(f"the server gave the same continue token twice for {path}")
            token = following
            if limit == PAGE and (metadata.remaining_item_count or 0) > BIG_FROM:
                limit = BIG_PAGE
            if token:
                asked = ahead.submit(get, path, _params(limit, token))
            objects += answer.objects(broken)
            # Else it would stay in memory while the next page is decoded.
            del answer
            on_page(len(objects))
            if not token:
                return objects, broken


def _params(limit: int, token: str) -> dict[str, str]:
    return {"limit": str(limit)} | ({"continue": token} if token else {})


class _Answer:
    """One page: what it says of the list at once, its objects when they are asked for."""

    def __init__(self, body: bytes, kind: Kind, keeper: pods.PodInterner, path: str) -> None:
        self._body, self._kind, self._keeper, self._path = body, kind, keeper, path
        self._page: _Page[Any] | None = None
        self._fits = True
        self.metadata: _ListMeta = _head(body) or self._decoded().metadata or _ListMeta()

    def objects(self, broken: Broken) -> list[KubeObject]:
        """What is kept of each; those that cannot be read are counted."""
        page = self._agreed()
        if self._fits:
            try:
                return [self._keeper.keep(item) for item in page.items or ()]
            except msgspec.ValidationError:
                page = self._one_by_one()
        return [self._keeper.scrub(item) for item in tolerant(page.items or (), self._kind, broken)]

    def _decoded(self) -> _Page[Any]:
        if self._page is None:
            try:
                self._page = self._as(self._keeper.shape)
            except msgspec.ValidationError:
                self._page = self._one_by_one()
            if self._page.items is None and not self._page.kind.endswith("List"):
                raise UndecodableError(
                    f"the answer to {self._path} is no list", "check what stands between here and the API server"
                )
        return self._page

    def _agreed(self) -> _Page[Any]:
        page = self._decoded()
        if (page.metadata or _ListMeta()) != self.metadata:
            # By the first a page may have been left out.
            raise UndecodableError(
                f"the answer to {self._path} says twice, and not the same, how the list goes on",
                "check what stands between here and the API server",
            )
        return page

    def _one_by_one(self) -> _Page[Any]:
        self._fits = False
        try:
            return self._as(msgspec.Raw)
        except msgspec.ValidationError as problem:
            raise _undecodable(self._path, problem) from None

    def _as(self, shape: Any) -> _Page[Any]:
        try:
            page: _Page[Any] = decoder(_Page[shape]).decode(self._body)
        except msgspec.ValidationError:
            raise
        except UNDECODABLE as problem:
            raise _undecodable(self._path, problem) from None
        return page


def _head(body: bytes) -> _ListMeta | None:
    """What stands before the items, where the API server puts it: the next page can be asked for before this one is
    decoded."""
    end = body.find(b'"items"', 0, _HEAD_BYTES)
    if end < 0:
        return None
    try:
        found: _ListMeta | None = decoder(_Page[Any]).decode(body[:end].rstrip().rstrip(b",") + b"}").metadata
    except UNDECODABLE:
        return None
    return found


def tolerant(raw: Iterable[msgspec.Raw], kind: Kind, broken: Broken) -> list[Any]:
    """The objects that can be read, each by itself; the others are counted in `broken`."""
    items = []
    for item in raw:
        try:
            items.append(decoder(kind.struct).decode(item))
        except UNDECODABLE:
            try:
                plain = _without_nulls(msgspec.json.decode(item))
            except UNDECODABLE:
                broken.add("an object that is not valid JSON")
                continue
            try:
                items.append(msgspec.convert(plain, kind.struct, strict=True))
            except msgspec.ValidationError as problem:
                broken.add(f"{_named(plain)}: {redact_text(str(problem))[:200]}")
    return items


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_without_nulls(inner) for inner in value if inner is not None]
    return value


def _named(item: Any) -> str:
    """`namespace/name` of an object that may be of any shape."""
    metadata = item.get("metadata") if isinstance(item, dict) else None
    if not isinstance(metadata, dict):
        return "an object without metadata"
    parts = [str(metadata[part])[:253] for part in ("namespace", "name") if isinstance(metadata.get(part), str)]
    return redact_text("/".join(parts)) or "an object without a name"


def _undecodable(path: str, problem: Exception) -> UndecodableError:
    return UndecodableError(
        f"the answer to {path} is not the JSON it should be: {redact_text(str(problem))[:200]}",
        "check what stands between here and the API server",
    )
