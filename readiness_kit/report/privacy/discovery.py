"""Names in a snapshot other than those of objects: zones, buckets, classes, collections, accounts, hosts.

The answers of Weaviate and Prometheus also name nodes and pods, which are another cluster's where an address is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from readiness_kit.report.privacy import rules

_FIELDS = {
    "storageClassName": "storageclass",
    "volumeSnapshotClassName": "snapshotclass",
    "ingressClassName": "ingressclass",
    "priorityClassName": "priorityclass",
    "bucketName": "bucket",
    "containerName": "bucket",
    "bucket": "bucket",
    "rootName": "bucket",
    "class": "collection",
    "class_name": "collection",
    "collection": "collection",
    "tenant": "tenant",
    "pod": rules.POD,
    "leaderId": rules.NODE,
}
_MEMBERS = ("nodes", "statistics", "latestConfiguration")
"""Lists of members of a Weaviate cluster; `name` or `id` is the node."""
_BUCKET_VARIABLES = ("_BUCKET", "_CONTAINER")
_ARN = re.compile(r"\barn:[\w-]{1,32}:[\w-]{1,32}:[\w-]{0,32}:(\d{12}):(?:[\w-]{1,32}[/:])?([\w+=,.@/-]{1,256})")
_PROVIDER = re.compile(r"[a-z]{1,32}://[^\s]{0,512}/([A-Za-z0-9_.-]{4,128})")
_MAX_TEXT = 10_000


def names(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Sort and name of each; `value` are plain data (dictionaries, lists, texts)."""
    if isinstance(value, str):
        yield from _of_text(value[:_MAX_TEXT], key)
    elif isinstance(value, dict):
        yield from _of_pair(value, key)
        for field, entry in value.items():
            yield from names(entry, field)
    elif key == "placed":
        yield from _placed(value)
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from names(entry, key)


def _placed(pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The pods and nodes that the series of a Prometheus name."""
    for pod, node in pairs:
        yield rules.POD, pod
        yield rules.NODE, node


def _of_text(text: str, key: str) -> Iterator[tuple[str, str]]:
    if key in _FIELDS:
        yield _FIELDS[key], text
    elif (place := _place(key)) is not None:
        yield place, text
    elif key == "providerID" and (found := _PROVIDER.fullmatch(text)):
        yield "instance", found[1]
    for arn in _ARN.finditer(text):
        yield "account", arn[1]
        yield "role", arn[2].rpartition("/")[2]


def _of_pair(value: dict[str, Any], listed: str) -> Iterator[tuple[str, str]]:
    """Names that a second field explains: a variable and its value, a key of a label, the list that it is in."""
    name, text = value.get("name"), value.get("value")
    if isinstance(name, str) and isinstance(text, str) and text and name.endswith(_BUCKET_VARIABLES):
        yield "bucket", text
    if isinstance(value.get("values"), list) and (place := _place(str(value.get("key", "")))) is not None:
        yield from ((place, entry) for entry in value["values"] if isinstance(entry, str))
    if listed == "shards" and isinstance(name, str):
        yield "shard", name
    if listed in _MEMBERS:
        yield from ((rules.NODE, member) for member in (name, value.get("id")) if isinstance(member, str))


def _place(key: str) -> str | None:
    """`zone` or `region` for the key of a label or a field that holds one."""
    last = key.rpartition("/")[2].lower()
    return last if last in ("zone", "region") else None


def hosts(value: Any, key: str = "") -> Iterator[str]:
    """Host names in fields for hosts, in image references and in URLs."""
    if isinstance(value, str):
        if key in rules.HOST_FIELDS:
            yield rules.host_of(value) if "://" in value else value.removeprefix("*.").partition(":")[0]
        elif key == "image" and "/" in value:
            yield value.partition("/")[0].partition(":")[0]
        else:
            yield from (rules.host_of(url) for url in rules.URL.findall(value))
    elif isinstance(value, dict):
        for name, entry in value.items():
            yield from hosts(entry, name)
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from hosts(entry, key)
