"""One list, page by page: raw JSON in, scrubbed Structs out. At most two pages are in memory as bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar

import msgspec

from readiness_kit.collect.http.transport import StatusError, TooLargeError, UnexpectedAnswerError
from readiness_kit.collect.kubernetes import pods
from readiness_kit.decoding import UNDECODABLE, decoder
from readiness_kit.kinds import Kind
from readiness_kit.kinds.meta import KubeObject
from readiness_kit.redact import LabelHasher, redact_text

T = TypeVar("T")

PAGE = 500
BIG_PAGE = 2000
BIG_FROM = 5000
"""With more objects left than this, pages are big: each page costs the server a round trip to etcd."""
SMALL_PAGE = 50
_HEAD_BYTES = 8192
RESTARTS = 2
"""How often a list begins anew after the continue token has expired (410)."""

_HINT = "check for a proxy or gateway between here and the API server"

Get = Callable[[str, Mapping[str, str]], bytes]
OnPage = Callable[[int], None]


class _ListMeta(msgspec.Struct, rename="camel", gc=False):
    continue_: str | None = msgspec.field(default=None, name="continue")
    remaining_item_count: int | None = None


class _Page(msgspec.Struct, Generic[T], gc=False):
    """`items` may be missing or null in an empty list; a body with neither items nor a list's kind is no list."""

    metadata: _ListMeta | None = None
    items: list[T] | None = None
    kind: str = ""


class Broken(msgspec.Struct):
    """How many objects could not be read, and where the first of them failed."""

    count: int = 0
    first: str = ""

    def add(self, message: str) -> None:
        """Count an object; the message of the first is kept."""
        self.count += 1
        self.first = self.first or message


def read(
    kind: Kind, namespace: str, get: Get, hasher: LabelHasher, on_page: OnPage = lambda count: None
) -> tuple[list[KubeObject], Broken]:
    """All objects of a kind in a namespace (or in all: ""), scrubbed, and those that could not be read.

    Raises what `get` raises, and UnexpectedAnswerError. After an expired continue token the list begins anew, so that
    nothing is read twice and nothing is missed.
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
    interner = pods.interner(kind, hasher)
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
                # A continue token is valid with any limit, so the page can be requested again in smaller parts.
                if limit <= SMALL_PAGE:
                    raise
                limit = SMALL_PAGE
                asked = ahead.submit(get, path, _params(limit, token))
                continue
            page = _Answer(body, kind, interner, path)
            del body
            metadata = page.metadata
            if metadata.continue_ and metadata.continue_ == token:
                raise UnexpectedAnswerError(f"the server gave the same continue token twice for {path}", _HINT)
            token = metadata.continue_ or ""
            if limit == PAGE and (metadata.remaining_item_count or 0) > BIG_FROM:
                limit = BIG_PAGE
            if token:
                asked = ahead.submit(get, path, _params(limit, token))
            objects += page.objects(broken)
            # It would stay in memory while the next page is decoded.
            del page
            on_page(len(objects))
            if not token:
                return objects, broken


def _params(limit: int, token: str) -> dict[str, str]:
    return {"limit": str(limit)} | ({"continue": token} if token else {})


class _Answer:
    """One page: its metadata are decoded at once, its objects on request."""

    def __init__(self, body: bytes, kind: Kind, interner: pods.PodInterner, path: str) -> None:
        self._body, self._kind, self._interner, self._path = body, kind, interner, path
        self._page: _Page[Any] | None = None
        self._fits = True
        self.metadata: _ListMeta = _head(body) or self._decoded().metadata or _ListMeta()

    def objects(self, broken: Broken) -> list[KubeObject]:
        """The scrubbed objects; those that cannot be read are counted in `broken`."""
        page = self._decoded()
        if (page.metadata or _ListMeta()) != self.metadata:
            # The metadata that were used first may have skipped a page.
            raise UnexpectedAnswerError(f"the answer to {self._path} has two different list metadata", _HINT)
        if self._fits:
            try:
                return [self._interner.keep(item) for item in page.items or ()]
            except msgspec.ValidationError:
                page = self._one_by_one()
        return [self._interner.scrub(item) for item in tolerant(page.items or (), self._kind, broken)]

    def _decoded(self) -> _Page[Any]:
        if self._page is None:
            try:
                self._page = self._as(self._interner.shape)
            except msgspec.ValidationError:
                self._page = self._one_by_one()
            if self._page.items is None and not self._page.kind.endswith("List"):
                raise UnexpectedAnswerError(f"the answer to {self._path} is no list", _HINT)
        return self._page

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
    """The metadata where they stand before the items, as the API server writes them; else None.

    With them the next page can be requested before this one is decoded.
    """
    end = body.find(b'"items"', 0, _HEAD_BYTES)
    if end < 0:
        return None
    try:
        found: _ListMeta | None = decoder(_Page[Any]).decode(body[:end].rstrip().rstrip(b",") + b"}").metadata
    except UNDECODABLE:
        return None
    return found


def tolerant(raw: Iterable[msgspec.Raw], kind: Kind, broken: Broken) -> list[Any]:
    """The objects, each decoded by itself; those that cannot be are counted in `broken`."""
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


def _undecodable(path: str, problem: Exception) -> UnexpectedAnswerError:
    return UnexpectedAnswerError(
        f"the answer to {path} is not the expected JSON: {redact_text(str(problem))[:200]}", _HINT
    )
