"""Find the kind that a file of a bundle holds: by its content, otherwise by its path.

Paths: `lists/<key>[/<namespace>].json` of the kit's script; `cluster-resources/<name>[/<namespace>].json` and
`cluster-resources/custom-resources/<crd>[/<namespace>].{json,yaml}` of Troubleshoot; `<namespace>/<name>.json` of
`kubectl cluster-info dump`; any `<name>.json` with output of kubectl.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import NamedTuple

from readiness_kit.kinds import KINDS, Kind

_SYNONYMS = {
    "pvcs": "persistentvolumeclaims",
    "pvc": "persistentvolumeclaims",
    "pvs": "persistentvolumes",
    "pv": "persistentvolumes",
    "ingress": "ingresses",
    "networkpolicy": "networkpolicies",
    "storageclass": "storageclasses",
    "crds": "customresourcedefinitions",
    "crd": "customresourcedefinitions",
    "pdb": "poddisruptionbudgets",
    "pdbs": "poddisruptionbudgets",
    "poddisruptionbudgetsinfo": "poddisruptionbudgets",
    "sts": "statefulsets",
    "statefulset": "statefulsets",
    "deploy": "deployments",
    "hpa": "horizontalpodautoscalers",
    "cm": "configmaps",
    "sa": "serviceaccounts",
    "svc": "services",
    "no": "nodes",
    "ns": "namespaces",
    "po": "pods",
}
_ALL = tuple(kind for kind in KINDS.values() if not kind.selective)
_BY_PLURAL = {f"{kind.plural}.{kind.group}" if kind.group else kind.plural: kind for kind in _ALL}
_BY_KIND = {(kind.group, kind.kind): kind for kind in _ALL}
_PARTS: dict[str, tuple[Kind, ...]] = {
    kind.key: tuple(
        part for part in KINDS.values() if part.selective and (part.group, part.kind) == (kind.group, kind.kind)
    )
    for kind in _ALL
}
_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
ERRORS = re.compile(r"(?:^|/)(?:cluster-resources|errors)/(.+?)(?:-errors\.json|\.txt)$")


class Place(NamedTuple):
    """A kind and the namespace of a list: "" for the whole cluster, None where it is unknown.

    `certain` where the tool that wrote the file names its folders after namespaces.
    """

    kind: Kind
    namespace: str | None
    certain: bool = True


def named(word: str) -> Kind | None:
    """The kind of a file name such as `pods`, `storage-classes`, `schedules.velero.io` or `statefulsets.apps`."""
    word = word.lower()
    if word in KINDS:
        return KINDS[word]
    if word in _BY_PLURAL:
        return _BY_PLURAL[word]
    plain = word.replace("-", "").replace("_", "")
    return KINDS.get(_SYNONYMS.get(plain, plain))


def of_object(kind: str, api: str) -> Kind | None:
    """The kind of an object by its `kind` and `apiVersion`; None for versions that are not read."""
    group, _, version = api.rpartition("/")
    found = _BY_KIND.get((group, kind))
    return found if found is not None and version in (found.version, *found.versions) else None


def whole(kind: Kind) -> Kind:
    """The kind whose list has all objects, of one that lists only some of them; else the kind itself."""
    return _BY_KIND[kind.group, kind.kind]


def parts(kind: Kind) -> tuple[Kind, ...]:
    """The kinds that list only some of the objects of this one."""
    return _PARTS.get(kind.key, ())


def as_placed(kind: Kind | None, by_place: Kind | None) -> Kind | None:
    """The kind of a file's content: that of some of its objects where the name of the file indicates it."""
    selective = by_place is not None and by_place.selective and kind is not None and whole(by_place) == kind
    return by_place if selective else kind


def place(name: str) -> Place | None:
    """The kind and namespace that the path of a file indicates; None where it indicates none."""
    parts = PurePosixPath(name).with_suffix("").parts
    for marker in ("lists", "cluster-resources"):
        if marker in parts:
            return _under(parts[parts.index(marker) + 1 :])
    kind = named(parts[-1]) if parts else None
    if kind is None:
        return None
    above = parts[-2] if len(parts) > 1 else ""
    if kind.namespaced and _NAMESPACE.fullmatch(above) and named(above) is None:
        return Place(kind, above, certain=False)
    return Place(kind, None if kind.namespaced else "")


def _under(parts: tuple[str, ...]) -> Place | None:
    if parts and parts[0] == "custom-resources":
        parts = parts[1:]
    kind = named(parts[0]) if parts else None
    if kind is None or len(parts) > 2:
        return None
    return Place(kind, parts[1] if len(parts) == 2 else "")
