"""One list, page by page: raw JSON in, scrubbed Structs out. At most two pages are in memory as bytes.

A list counts as complete only where the server's own words allow it: the right kind of list, items, no objects left
behind, and each named object in the namespace that was asked for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar

import msgspec

from readiness_kit.collect.http.transport import StatusError, TooLargeError, UnexpectedAnswerError
from readiness_kit.collect.kubernetes import pods
from readiness_kit.decoding import UNDECODABLE, decoder, with_texts
from readiness_kit.decoding import plain as plain_data
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
MAX_PAGES = 4000
MAX_EMPTY_PAGES = 20
"""In a row; a server may give a page without items and a continue token, but not endlessly."""
MAX_SECONDS = 900.0
"""For one list with all its pages and restarts."""
RESTARTS = 2
"""How often a list begins again after the continue token has expired (410)."""

_HINT = "check for a proxy or gateway between here and the API server"

Get = Callable[[str, Mapping[str, str]], bytes]
OnPage = Callable[[int], None]


class _ListMeta(msgspec.Struct, rename="camel", gc=False):
    continue_: str | None = msgspec.field(default=None, name="continue")
    remaining_item_count: int | None = None


class _Page(msgspec.Struct, Generic[T], gc=False, rename="camel"):
    """An API server always sends `items`, as an empty array in an empty list."""

    metadata: _ListMeta | None = None
    items: list[T] | None = None
    kind: str = ""
    api_version: str = ""


class Broken(msgspec.Struct):
    """What keeps a list from being complete, and what was left out of it without harm.

    count, first: objects that could not be kept, and the first of them with its problem
    left_out:     the same for objects whose absence cannot make a judgement better
    unfinished:   why objects are missing that the server did not send; "" where it sent all
    """

    count: int = 0
    first: str = ""
    left_out: int = 0
    left_out_first: str = ""
    unfinished: str = ""

    def add(self, message: str, harmless: bool = False) -> None:
        """Count an object that could not be read; the first message of each sort is kept."""
        if harmless:
            self.left_out += 1
            self.left_out_first = self.left_out_first or message
        else:
            self.count += 1
            self.first = self.first or message

    def merge(self, other: Broken) -> None:
        """Add the counts of another page or list."""
        self.count += other.count
        self.left_out += other.left_out
        self.first = self.first or other.first
        self.left_out_first = self.left_out_first or other.left_out_first
        self.unfinished = self.unfinished or other.unfinished

    def incomplete(self, kept: int) -> str:
        """Why the list of which so many objects were `kept` is not complete, as a message; "" where it is."""
        total = self.count + kept
        parts = [f"{self.count} of {total} objects could not be read ({self.first})"] if self.count else []
        return "; ".join([*parts, self.unfinished] if self.unfinished else parts)

    @property
    def note(self) -> str:
        """The objects that were left out without harm; "" for none."""
        return f"left out: {self.left_out} that could not be read ({self.left_out_first})" if self.left_out else ""


def read(
    kind: Kind, namespace: str, get: Get, hasher: LabelHasher, on_page: OnPage = lambda count: None
) -> tuple[list[KubeObject], Broken]:
    """All objects of a kind in a namespace (or in all: ""), scrubbed, and those that could not be read.

    Raises what `get` raises, and UnexpectedAnswerError. After an expired continue token the list begins again, so that
    nothing is read twice and nothing is missed.
    """
    restarts = 0
    bounds = _Bounds(kind.path(namespace))
    while True:
        try:
            return _whole(kind, namespace, get, hasher, on_page, bounds)
        except StatusError as problem:
            if problem.status != 410 or restarts >= RESTARTS:
                raise
            restarts += 1


def _whole(
    kind: Kind, namespace: str, get: Get, hasher: LabelHasher, on_page: OnPage, bounds: _Bounds
) -> tuple[list[KubeObject], Broken]:
    objects: list[KubeObject] = []
    broken = Broken()
    interner = pods.interner(kind, hasher)
    path = kind.path(namespace)
    limit = PAGE
    token = ""
    # The server works on a page while the one before it is decoded and scrubbed here.
    with ThreadPoolExecutor(1, thread_name_prefix="page") as ahead:
        asked = ahead.submit(get, path, _params(kind, limit, token))
        while True:
            try:
                body = asked.result()
            except TooLargeError:
                # A continue token is valid with any limit, so the page can be requested again in smaller parts.
                if limit <= SMALL_PAGE:
                    raise
                limit = SMALL_PAGE
                asked = ahead.submit(get, path, _params(kind, limit, token))
                continue
            page = _Answer(body, kind, interner, path)
            del body
            metadata = page.metadata
            if metadata.continue_ and metadata.continue_ == token:
                raise UnexpectedAnswerError(f"the server gave the same continue token twice for {path}", _HINT)
            token = metadata.continue_ or ""
            if limit == PAGE and (metadata.remaining_item_count or 0) > BIG_FROM:
                limit = BIG_PAGE
            bounds.count_page()
            if token:
                asked = ahead.submit(get, path, _params(kind, limit, token))
            found = page.objects(broken)
            objects += found
            bounds.count_items(len(found))
            # It would stay in memory while the next page is decoded.
            del page, found
            on_page(len(objects))
            if not token:
                if left := metadata.remaining_item_count or 0:
                    broken.unfinished = f"the server ended the list with {left} objects left"
                return usable(objects, kind, broken, namespace), broken


class _Bounds:
    """What one list may cost: pages, pages without items in a row, and seconds. Raises UnexpectedAnswerError."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._pages = self._empty = 0
        self._end = time.monotonic() + MAX_SECONDS

    def count_page(self) -> None:
        self._pages += 1
        if self._pages > MAX_PAGES:
            raise self._error(f"{MAX_PAGES:,} pages")
        if time.monotonic() > self._end:
            raise self._error(f"{MAX_SECONDS:.0f} s")

    def count_items(self, count: int) -> None:
        self._empty = 0 if count else self._empty + 1
        if self._empty > MAX_EMPTY_PAGES:
            raise self._error(f"{MAX_EMPTY_PAGES} pages without an object in a row")

    def _error(self, limit: str) -> UnexpectedAnswerError:
        return UnexpectedAnswerError(f"the list {self._path} did not end within {limit}; it is incomplete", _HINT)


def _params(kind: Kind, limit: int, token: str) -> dict[str, str]:
    return {"limit": str(limit), **kind.selectors} | ({"continue": token} if token else {})


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
            if problem := _unlike(self._page, self._kind):
                raise UnexpectedAnswerError(f"the answer to {self._path} is {problem}", _HINT)
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


def _unlike(page: _Page[Any], kind: Kind) -> str:
    """What a page is in place of the list that was asked for; "" where it is that list."""
    given = redact_text(f"{page.api_version} {page.kind}".strip())[:100]
    if page.items is None:
        return f"{given} without items" if page.kind.endswith("List") else "no list"
    if page.kind != f"{kind.kind}List" or page.api_version not in ("", kind.api):
        return f"{given or 'a list without a kind'}, not {kind.api} {kind.kind}List"
    return ""


def usable(objects: Iterable[KubeObject], kind: Kind, broken: Broken, namespace: str = "") -> list[KubeObject]:
    """The distinctly named objects of a list, in the requested namespace; others count as broken."""
    kept: dict[tuple[str, str], KubeObject] = {}
    for item in objects:
        name = (item.metadata.namespace, item.metadata.name)
        shown = redact_text("/".join(filter(None, name)))
        if not name[1]:
            broken.add("an object without a name")
        elif bool(name[0]) != kind.namespaced:
            broken.add(f"{shown}: {'without a namespace' if kind.namespaced else 'in a namespace'}")
        elif namespace and name[0] != namespace:
            broken.add(f"{shown}: of another namespace than {namespace}")
        elif name in kept:
            broken.add(f"{shown}: listed twice")
        else:
            kept[name] = item
    return list(kept.values())


_EXTRAS = frozenset(
    "statefulsets deployments daemonsets cronjobs jobs servicemonitors podmonitors prometheusrules".split()
)
"""Kinds of which an object can only speak for the cluster, unless it is one of Weaviate's own."""


def _harmless(raw: msgspec.Raw, kind: Kind) -> bool:
    return kind.key in _EXTRAS and b"weaviate" not in bytes(raw).lower()


def tolerant(raw: Iterable[msgspec.Raw], kind: Kind, broken: Broken) -> list[Any]:
    """The objects, each decoded by itself; those that cannot be are counted in `broken`."""
    items = []
    for item in raw:
        try:
            items.append(decoder(kind.struct).decode(item))
        except UNDECODABLE:
            try:
                plain = _without_nulls(plain_data(item))
            except UNDECODABLE:
                broken.add("an object that is not valid JSON")
                continue
            try:
                items.append(msgspec.convert(with_texts(plain, kind.struct), kind.struct, strict=True))
            except msgspec.ValidationError as problem:
                broken.add(f"{_named(plain)}: {redact_text(str(problem))[:200]}", _harmless(item, kind))
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
