"""Hypothesis strategies: any object that fits a kind, any JSON that does not, whole snapshots."""

from __future__ import annotations

import types
from datetime import UTC, datetime
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec
from hypothesis import strategies as st

from readiness_kit.kinds import KINDS
from readiness_kit.model import SCHEMA_VERSION, Read, Reason
from readiness_kit.snapshot import Manifest, Snapshot

HTML = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><b>",
    "javascript:alert(1)",
    "&lt;b&gt;",
)
TEXT = st.one_of(
    st.sampled_from(("", "a", "weaviate", "true", "10Gi", "500m", "ünïcode", "‮", "\x00", "x" * 300, *HTML)),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=12),
)
NAMES = st.sampled_from(("weaviate", "weaviate-0", "db", "n1", "kube-system", *HTML[:2]))
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(lambda one: one.replace(tzinfo=UTC))
JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**63), 2**63), st.floats(allow_nan=False, allow_infinity=False), TEXT
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=4)),
    max_leaves=12,
)


def of_type(hint: Any, depth: int = 0) -> st.SearchStrategy[Any]:
    """Values of a field's type; Structs are left at their default now and then, and deeper down more often."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return st.one_of([of_type(one, depth) for one in get_args(hint)])
    if origin is tuple:
        return st.lists(of_type(get_args(hint)[0], depth + 1), max_size=2 if depth < 3 else 1).map(tuple)
    if origin is dict:
        return st.dictionaries(TEXT, of_type(get_args(hint)[1], depth + 1), max_size=3)
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return struct(hint, depth + 1)
    simple: dict[Any, st.SearchStrategy[Any]] = {
        str: TEXT,
        bool: st.booleans(),
        int: st.integers(-5, 2**40),
        float: st.floats(allow_nan=False, allow_infinity=False),
        datetime: TIMES,
        type(None): st.none(),
    }
    return simple.get(hint, st.none())


def struct(kind: type[msgspec.Struct], depth: int = 0) -> st.SearchStrategy[Any]:
    if depth > 8:
        return st.builds(kind)
    fields = {name: hint for name, hint in get_type_hints(kind).items() if name in kind.__struct_fields__}

    @st.composite
    def made(draw: Any) -> Any:
        chosen = draw(st.sets(st.sampled_from(sorted(fields)), max_size=6)) if fields else ()
        return kind(**{name: draw(of_type(fields[name], depth)) for name in sorted(chosen)})

    return made()


@st.composite
def snapshots(draw: Any) -> Snapshot:
    """A few kinds with any objects in them, read, refused or failed."""
    keys = draw(st.sets(st.sampled_from(sorted(KINDS)), max_size=6)) | {"pods", "statefulsets"}
    kept, reads = {}, []
    for key in sorted(keys):
        kept[key] = tuple(draw(st.lists(struct(KINDS[key].struct), max_size=2)))
        reason = draw(st.sampled_from((None, None, None, *Reason)))
        reads.append(Read(key, len(kept[key]), reason=reason, message=draw(TEXT)))
    manifest = Manifest(
        SCHEMA_VERSION, "0", draw(TIMES), draw(TEXT), draw(TEXT), weaviate_namespaces=("db",), reads=tuple(reads)
    )
    return Snapshot(manifest, kept)
