"""Build a snapshot from the files of a bundle."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from readiness_kit import locate
from readiness_kit._version import __version__
from readiness_kit.bundles import absence, kind_names, limits, manifests
from readiness_kit.bundles.files import File, files
from readiness_kit.bundles.texts import as_utf8, documents
from readiness_kit.collect.kubernetes import lists
from readiness_kit.collect.kubernetes.discovery import APIS, Groups
from readiness_kit.collect.kubernetes.scope import KUBE_SYSTEM, namespaces_of
from readiness_kit.decoding import UNDECODABLE, decoder, plain
from readiness_kit.errors import UnreadableFileError
from readiness_kit.facts.consistency import newest_time
from readiness_kit.kinds import KINDS, Kind
from readiness_kit.kinds.meta import KubeObject
from readiness_kit.locate import WORKLOAD_READS
from readiness_kit.model import SCHEMA_VERSION, Read, Reason
from readiness_kit.redact import LabelHasher, redact_text, scrub
from readiness_kit.snapshot import Manifest, Snapshot

_STAMP = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d)[_:]?(\d\d)[_:]?(\d\d)")
_REFUSED = re.compile(r"(?<!\S)([a-z0-9.-]{1,200}) is forbidden|have a resource type \"([\w.-]{1,200})\"")
_CRDS = "customresourcedefinitions"
_LOGS = re.compile(r"(?:^|/)(?:logs?|pod-logs|copy|exec|run)(?:/|\.txt$|$)")
_SECRETS = re.compile(r"(?:^|/)(?:image-pull-)?secrets?(?:/|\.|-errors|$)", re.IGNORECASE)


def _is_relevant(name: str) -> bool:
    last = name.rsplit("/", 1)[-1]
    if _SECRETS.search(name) or _LOGS.search(name):
        return False
    return (
        bool(absence.FILE.search(name))
        or last == "taken_at"
        or bool(kind_names.ERRORS.search(name))
        or last.endswith((".json", ".yaml", ".yml"))
    )


def read(path: Path) -> Snapshot:
    """The snapshot of a bundle. Raises UnreadableFileError where it holds no supported Kubernetes object."""
    bundle = _Bundle(path)
    for file in files(path, _is_relevant):
        bundle.take(file)
    if bundle.signs.of_manifests and bundle.problem:
        raise UnreadableFileError(
            f"{path} cannot be judged, because a part of it cannot be read: {redact_text(bundle.problem)}",
            "correct the document; for the templates of a chart, use --chart",
        )
    if not any(bundle.objects.values()):
        reasons = [*bundle.skipped, *([redact_text(bundle.problem)] if bundle.problem else [])]
        problem = f": {reasons[0]}" if reasons else ""
        raise UnreadableFileError(
            f"{path} contains no Kubernetes object that the kit supports{problem}",
            "use a snapshot, a support bundle, a cluster-info dump, or the output of kubectl get … -A -o json",
        )
    found = bundle.snapshot()
    return manifests.of_manifests(found) if bundle.signs.of_manifests else found


class _Typed(msgspec.Struct, rename="camel", gc=False):
    kind: str = ""
    api_version: str = ""
    metadata: msgspec.Raw = msgspec.Raw(b"{}")


class _ListMeta(msgspec.Struct, rename="camel", gc=False):
    continue_: str | None = msgspec.field(default=None, name="continue")
    remaining_item_count: int | None = None


class _List(_Typed, rename="camel", gc=False):
    items: list[msgspec.Raw] | None = None

    @property
    def left(self) -> str:
        """Why the list does not hold all objects; "" where it does."""
        try:
            found = decoder(_ListMeta).decode(self.metadata)
        except UNDECODABLE:
            return ""
        return "one page of a longer list" if found.continue_ or found.remaining_item_count else ""


class _Bundle:
    """The content of a bundle. `places` maps a kind to the namespaces of its lists ("" for the whole cluster)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.objects: dict[str, dict[tuple[str, str], KubeObject]] = {}
        self.places: dict[str, set[str]] = {}
        self.broken: dict[str, lists.Broken] = {}
        self.errors: dict[str, tuple[Reason, str]] = {}
        self.groups = Groups()
        self.served: frozenset[str] | None = None
        self.problem = ""
        self.version = ""
        self.newest = datetime.fromtimestamp(0, UTC)
        self.taken_at: datetime | None = _stamp(path.name)
        self.skipped: list[str] = []
        self.signs = manifests.Signs()
        self._hasher = LabelHasher(secrets.token_bytes(32))
        self._meter = limits.MemoryMeter(path)

    # --- files -----------------------------------------------------------------------------------

    def take(self, file: File) -> None:
        """Read one file; files without supported content are skipped."""
        self._meter.add_input(len(file.body))
        self.newest = max(self.newest, file.modified)
        file = file._replace(body=as_utf8(file.body))
        last = file.name.rsplit("/", 1)[-1]
        self.signs.file(last)
        if last == "taken_at":
            self.taken_at = _stamp(file.body[:100].decode("ascii", "replace")) or self.taken_at
        elif found := kind_names.ERRORS.search(file.name):
            self._take_error(found[1], file.body)
        elif absence.FILE.search(file.name):
            self.served = absence.resources(file.body.decode("utf-8", "replace"))
        elif last in ("cluster_version.json", "version.json"):
            self._take_version(file.body)
        elif last in ("apis.json", "groups.json"):
            self._take_groups(file.body)
        else:
            self._take_list(file)
        self.taken_at = self.taken_at or _stamp(file.name)

    def _take_list(self, file: File) -> None:
        place = kind_names.place(file.name)
        if problem := limits.list_problem(file.body):
            self.skipped.append(f"{redact_text(file.name[-200:])} was not read: {problem}")
            if place is not None:
                self.errors[place.kind.key] = (Reason.ERROR, self.skipped[-1][:300])
            return
        text = documents(file.body)
        self.problem = self.problem or (f"{file.name[-200:]}: {text.problem}" if text.problem else "")
        for line in text.lines:
            if refused := _REFUSED.search(line[:2000]):
                self._take_error(refused[1] or refused[2], line.encode())
        for body in text.documents:
            self._take_document(body, place)

    def _take_document(self, body: bytes, place: kind_names.Place | None) -> None:
        found = _items(body)
        if found is None:
            return
        self.signs.document(body, listed=found.listed)
        listed: dict[str, Kind] = {}
        by_place = place.kind if place else None
        found = found._replace(kind=kind_names.as_placed(found.kind, by_place))
        if found.listed and (kind := found.kind or by_place):
            listed[kind.key] = kind
        found.raw.reverse()
        while found.raw:
            item = found.raw.pop()  # the list shrinks while the kept objects grow
            header = _header(item) if len(memoryview(item)) <= limits.MAX_OBJECT_BYTES else _Typed()
            self.signs.object(header.metadata)
            own = kind_names.of_object(header.kind, header.api_version) if header.kind else by_place
            kind = found.kind or kind_names.as_placed(own, by_place)
            if kind is not None:
                for part in (kind, *kind_names.parts(kind)):
                    certain = place is not None and place.certain and place.kind == kind
                    self._keep(part, item, place.namespace if place and certain else None)
                if found.listed:
                    listed[kind.key] = kind
        if by_place and found.kind and found.kind != by_place:
            # A list of another kind under this name proves nothing about either.
            return
        for key in listed:
            # Output of kubectl without a namespace in its path counts as `-A`.
            namespace = place.namespace if place is not None and place.kind.key == key else None
            self.objects.setdefault(key, {})
            self.places.setdefault(key, set()).add(namespace or "")
            if found.left:
                self.broken.setdefault(key, lists.Broken()).unfinished = found.left

    def _keep(self, kind: Kind, raw: msgspec.Raw, namespace: str | None) -> None:
        broken = self.broken.setdefault(kind.key, lists.Broken())
        if problem := limits.object_problem(raw):
            broken.add(problem)
            return
        for item in lists.tolerant([raw], kind, broken):
            found = scrub(kind.key, item, self._hasher)
            own = found.metadata.namespace
            if not found.metadata.name:
                broken.add("an object without a name")
            elif kind.namespaced and namespace and own and own != namespace:
                broken.add(f"{redact_text(f'{own}/{found.metadata.name}')}: of another namespace than {namespace}")
            elif kind.selects(found.metadata):
                self._meter.add_object(found)
                self.objects.setdefault(kind.key, {})[own, found.metadata.name] = found

    def _take_error(self, name: str, body: bytes) -> None:
        kind = kind_names.named(name.split("/")[0].removesuffix(".json"))
        text = " ".join(body[:2000].decode("utf-8", "replace").split())
        if kind is None or text in ("", "null", "{}", "[]"):
            return
        lower = text.lower()
        reason = Reason.FORBIDDEN if "forbidden" in lower or "cannot list" in lower else Reason.ERROR
        if "have a resource type" in lower or "could not find the requested resource" in lower:
            reason = Reason.ABSENT
        self.errors[kind.key] = (reason, redact_text(text)[:300])

    def _take_version(self, body: bytes) -> None:
        if len(body) > limits.MAX_DOCUMENT_BYTES:
            return
        try:
            document = plain(body)
        except UNDECODABLE:
            return
        for name in ("info", "serverVersion"):
            if isinstance(document, dict) and name in document:
                document = document[name]
                break
        version = document.get("gitVersion") if isinstance(document, dict) else None
        if isinstance(version, str) and re.fullmatch(r"v[\w.+-]{1,60}", version):
            self.version = version

    def _take_groups(self, body: bytes) -> None:
        if len(body) > limits.MAX_DOCUMENT_BYTES:
            return
        whole = body if body.lstrip()[:1] == b"{" else b'{"groups":' + body + b"}"
        self.groups = Groups.read(lambda path, params: whole)

    # --- the snapshot ----------------------------------------------------------------------------

    def _add_parts(self) -> None:
        """What is known of a whole list is known of its part, where that has no list itself."""
        for key, kind in KINDS.items():
            whole = kind_names.whole(kind).key
            if not kind.selective or key in self.places or key in self.errors or whole not in self.places:
                continue
            self.objects.setdefault(key, {})
            self.places[key] = self.places[whole]
            if whole in self.errors:
                self.errors[key] = self.errors[whole]

    def snapshot(self) -> Snapshot:
        self._add_parts()
        kept = {key: tuple(found[name] for name in sorted(found)) for key, found in self.objects.items()}
        workloads: Any = [kept.get(key, ()) for key in WORKLOAD_READS]
        candidates = locate.find(*workloads)
        weaviate = namespaces_of([candidate for candidate in candidates if candidate.accepted], "")
        scope = self._scope(kept)
        if weaviate and not scope:
            kept = {key: _narrowed(KINDS[key], found, weaviate) for key, found in kept.items()}
        manifest = Manifest(
            schema=SCHEMA_VERSION,
            kit=__version__,
            taken_at=self.taken_at or self.newest,
            context=redact_text(self.path.name),
            server_version=self.version,
            namespaces=scope,
            weaviate_namespaces=weaviate,
            reads=tuple(self._records(kept, weaviate, scope)),
            source="bundle",
        )
        answers = {APIS: self.groups.names} if self.groups.served is not None else {}
        found = Snapshot(manifest, {key: kept[key] for key in KINDS if key in kept}, (), answers)
        # The name of a bundle may hold local time; the bundle cannot be older than its newest object.
        newest = min(newest_time(found) or manifest.taken_at, datetime.now(UTC))
        taken_at = max(manifest.taken_at, newest)
        return msgspec.structs.replace(found, manifest=msgspec.structs.replace(manifest, taken_at=taken_at))

    def _scope(self, kept: dict[str, tuple[KubeObject, ...]]) -> tuple[str, ...]:
        """The only namespace of the bundle, where there is just one: such a bundle does not cover the cluster."""
        namespaced = [key for key in kept if KINDS[key].namespaced]
        seen = {item.metadata.namespace for key in namespaced for item in kept[key]}
        seen |= {place for key in namespaced for place in self.places.get(key, ()) if place}
        return tuple(seen) if len(seen) == 1 and "namespaces" not in kept else ()

    def _records(
        self, kept: dict[str, tuple[KubeObject, ...]], weaviate: tuple[str, ...], scope: tuple[str, ...]
    ) -> Iterable[Read]:
        if self.groups.served is not None:
            yield self.groups.record
        everywhere = {item.metadata.name for item in kept.get("namespaces", ())}
        for key, kind in KINDS.items():
            count = len(kept.get(key, ()))
            places = self.places.get(key, set())
            named = tuple(sorted(filter(None, places)))
            if key in self.errors:
                reason, message = self.errors[key]
                yield Read(key, count, named, reason, message, partial=bool(places))
            elif broken := self.broken.get(key, lists.Broken()).incomplete(count):
                yield Read(key, count, named, Reason.ERROR, broken, partial=True)
            elif not places:
                name = redact_text(self.path.name)
                message = f"{name} contains single objects only" if count else f"is not in {name}"
                reason, message = (None if count else self._absence(kind)) or (Reason.NOT_COLLECTED, message)
                yield Read(key, count, reason=reason, message=message, partial=bool(count))
            elif _whole(kind, places, weaviate or scope, everywhere, scope):
                yield Read(key, count, named, message=self.broken.get(key, lists.Broken()).note)
            else:
                message = f"covers the namespaces {', '.join(named)[:200]} only"
                yield Read(key, count, named, Reason.NOT_COLLECTED, message, partial=True)

    def _absence(self, kind: Kind) -> tuple[Reason, str] | None:
        """The proof that there are no objects of a kind, which is not in the bundle; None where there is none."""
        known = self.groups.unavailable_reason(kind) if self.groups.served is not None else None
        crds = None
        if self.places.get(_CRDS) == {""} and _CRDS not in self.errors and not self.broken[_CRDS].incomplete(0):
            crds = {name for _, name in self.objects[_CRDS]}
        if known is None and (shown := absence.proof(kind, crds, self.served)):
            return Reason.ABSENT, shown
        return known


def _whole(
    kind: Kind, places: set[str], weaviate: tuple[str, ...], everywhere: set[str], scope: tuple[str, ...]
) -> bool:
    """Whether the lists cover the namespaces that a collection would cover."""
    if "" in places or not kind.namespaced or (scope and set(scope) <= places):
        return True
    if kind.breadth == KUBE_SYSTEM:
        return KUBE_SYSTEM in places
    needed = set(weaviate) if kind.breadth == "weaviate" and weaviate else everywhere
    return bool(needed) and needed <= places


def _narrowed(kind: Kind, found: tuple[KubeObject, ...], weaviate: tuple[str, ...]) -> tuple[KubeObject, ...]:
    """The objects that a collection would keep of a kind, so that the same cluster gives the same findings."""
    if not kind.namespaced or kind.breadth == "cluster":
        return found
    kept = (KUBE_SYSTEM,) if kind.breadth == KUBE_SYSTEM else weaviate
    return tuple(item for item in found if item.metadata.namespace in kept)


class _Found(NamedTuple):
    """The objects of a document, their kind where the list names it, whether it is a list, and why not a whole one."""

    raw: list[msgspec.Raw]
    kind: Kind | None
    listed: bool
    left: str = ""


def _items(body: bytes) -> _Found | None:
    """The objects of a JSON document; None where it is neither a list nor an object of the API."""
    try:
        if body.lstrip()[:1] == b"[":
            return _Found(decoder(list[msgspec.Raw]).decode(body), None, True)
        whole = decoder(_List).decode(body)
    except UNDECODABLE:
        return None
    if whole.items is not None or whole.kind.endswith("List"):
        kind = kind_names.of_object(whole.kind.removesuffix("List"), whole.api_version)
        return _Found(whole.items or [], kind, True, whole.left)
    return _Found([msgspec.Raw(body)], None, False) if whole.kind and whole.api_version else None


def _header(raw: msgspec.Raw) -> _Typed:
    """`kind` and `apiVersion` of an object; items of API lists omit them."""
    try:
        header: _Typed = decoder(_Typed).decode(raw)
    except UNDECODABLE:
        return _Typed()
    return header


def _stamp(text: str) -> datetime | None:
    found = _STAMP.search(text)
    if not found:
        return None
    try:
        return datetime.fromisoformat(f"{found[1]}T{found[2]}:{found[3]}:{found[4]}+00:00")
    except ValueError:
        return None
