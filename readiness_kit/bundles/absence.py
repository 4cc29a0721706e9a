"""Proof that a cluster has no objects of a kind: API groups, the list of CRDs, or `kubectl api-resources`."""

from __future__ import annotations

import re
from collections.abc import Collection

from readiness_kit.kinds import Kind

FILE = re.compile(r"(?:^|/)api[-_]?resources(?:\.txt|\.out|\.log|\.json)?$", re.IGNORECASE)
"""Names of a file with the output of `kubectl api-resources`, as a table or by `-o name`."""
_ROW = re.compile(
    r"^(?P<plural>[a-z0-9]+)[ \t]+(?:[\w,.-]+[ \t]+)?"
    r"(?P<api>(?:[a-z0-9.-]+/)?v\d\w*)[ \t]+(?:true|false)[ \t]+[A-Z]\w*",
    re.M,
)
_NAME = re.compile(r"^[a-z0-9]+(?:\.[a-z0-9.-]+)?$", re.M)
_INCOMPLETE = re.compile(r"unable to retrieve the complete list|error:|forbidden", re.IGNORECASE)
_AGGREGATED = "openshift.io"
"""OpenShift serves Routes by an API server of its own, without a CRD."""


def resources(text: str) -> frozenset[str] | None:
    """`plural.group` of each row of `kubectl api-resources`; None where the output does not cover the whole API."""
    rows = {f"{row['plural']}.{row['api'].rpartition('/')[0]}".rstrip(".") for row in _ROW.finditer(text)}
    found = frozenset(rows or _NAME.findall(text))
    # Both are in the core group: one has a namespace and one has none, so no filter was used.
    whole = {"pods", "nodes"} <= found and any("." in name for name in found)
    return found if whole and not _INCOMPLETE.search(text) else None


def proof(kind: Kind, crds: Collection[str] | None, served: Collection[str] | None) -> str:
    """What proves that there are no objects of a kind that comes with a CRD; "" for nothing.

    crds:   the names of all CRDs, None where the list is not complete
    served: the resources of the API as `plural.group`, None where not known
    """
    name = f"{kind.plural}.{kind.group}"
    if not kind.installable:
        return ""
    if served is not None:
        return "" if name in served else f"kubectl api-resources does not list {name}"
    if crds is None or name in crds:
        return ""
    if kind.group.endswith(_AGGREGATED) and any(crd.endswith(_AGGREGATED) for crd in crds):
        return ""
    return f"there is no CustomResourceDefinition {name}"
