"""One list, page by page: raw JSON in, scrubbed Structs out. Only one page at a time is in memory as bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

import msgspec

from readiness_kit.collect.sharing import keeper
from readiness_kit.collect.transport import StatusError, TooLargeError
from readiness_kit.errors import ReadinessError
from readiness_kit.kinds import Kind
from readiness_kit.kinds.meta import KubeObject
from readiness_kit.redact import LabelHasher, redact_text
from readiness_kit.snapshot import UNDECODABLE, decoder

T = TypeVar("T")

PAGE = 500
BIG_PAGE = 2000
BIG_FROM = 5000
"""More than this many remaining objects are read in big pages: each page costs the server a round trip to etcd."""
SMALL_PAGE = 50
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
    keep = keeper(kind, hasher)
    path = kind.path(namespace)
    limit = PAGE
    token = ""
    while True:
        params = {"limit": str(limit)} | ({"continue": token} if token else {})
        try:
            body = get(path, params)
        except TooLargeError:
            # A continue token goes with any limit, so the page can be asked for again in smaller parts.
            if limit <= SMALL_PAGE:
                raise
            limit = SMALL_PAGE
            continue
        page = _decoded(body, kind, path, broken)
        del body
        objects += map(keep, page.items or ())
        on_page(len(objects))
        metadata = page.metadata or _ListMeta()
        # Else it would stay in memory while the next page comes in.
        del page
        following = metadata.continue_ or ""
        if not following:
            return objects, broken
        if following == token:
            raise UndecodableError(f"the server gave the same continue token twice for {path}")
        token = following
        if limit == PAGE and (metadata.remaining_item_count or 0) > BIG_FROM:
            limit = BIG_PAGE


def _decoded(body: bytes, kind: Kind, path: str, broken: Broken) -> _Page[Any]:
    try:
        page = decoder(_Page[kind.struct]).decode(body)  # type: ignore[name-defined]
    except msgspec.ValidationError:
        page = _tolerant(body, kind, path, broken)
    except UNDECODABLE as problem:
        raise _undecodable(path, problem) from None
    if page.items is None and not page.kind.endswith("List"):
        raise UndecodableError(f"the answer to {path} is no list", "check what stands between here and the API server")
    return page


def _tolerant(body: bytes, kind: Kind, path: str, broken: Broken) -> _Page[Any]:
    """Each item by itself: null counts as missing, as in Go; what still does not fit is counted and left out."""
    try:
        raw = decoder(_Page[msgspec.Raw]).decode(body)
    except UNDECODABLE as problem:
        raise _undecodable(path, problem) from None
    return _Page(raw.metadata, tolerant(raw.items or (), kind, broken), raw.kind)


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
