"""What a snapshot read, by source: for the chapter on scope and the JSON export."""

from __future__ import annotations

from collections import Counter

import msgspec

from readiness_kit.model import Call, Read
from readiness_kit.snapshot import Snapshot


class Requests(msgspec.Struct, frozen=True):
    """The requests to one source; `methods` as in `GET, POST`."""

    source: str
    methods: str
    requests: int
    failed: int
    bytes: int
    seconds: float


def reads_of(snapshot: Snapshot | None) -> tuple[list[Read], list[Read]]:
    """The sources that were read and those that were not, or in part only; each list in order of the key."""
    read: list[Read] = []
    unread: list[Read] = []
    for source in sorted(snapshot.manifest.reads, key=lambda source: source.key) if snapshot else ():
        missing = source.partial or (snapshot is not None and snapshot.missing(source.key) is not None)
        (unread if missing else read).append(source)
    return read, unread


def request_totals(snapshot: Snapshot | None) -> tuple[Requests, ...]:
    """The call log added up by source."""
    calls = snapshot.calls if snapshot else ()
    by_source = {
        source: [call for call in calls if call.source == source] for source in sorted({call.source for call in calls})
    }
    return tuple(
        Requests(
            source=source,
            methods=", ".join(sorted({call.method for call in own})),
            requests=len(own),
            failed=sum(call.status is None or call.status >= 400 for call in own),
            bytes=sum(call.size for call in own),
            seconds=sum(call.seconds for call in own),
        )
        for source, own in by_source.items()
    )


class Failure(msgspec.Struct, frozen=True):
    """Requests to one source that failed alike; `what` is the part of the API, without names of objects."""

    source: str
    what: str
    status: int | None
    requests: int
    meaning: str


_MEANINGS = {
    401: "Not authenticated: no credentials were given, or they were not accepted.",
    403: "Not permitted for these credentials; grant read access and collect again.",
    404: "Answered: this does not exist here. It counts as read.",
    405: "Answered: this release does not have the endpoint.",
    429: "Refused after retries: too many requests. Collect again at a quieter time.",
}
_NO_ANSWER = "No answer: the connection failed or timed out. Collect again."
_SERVER_ERROR = "The server failed. Collect again, and look at its log if it stays."
_OTHER = "Refused by the server."
_NAMESPACES = "namespaces"


def failures_of(snapshot: Snapshot | None) -> tuple[Failure, ...]:
    """The requests that were refused or failed, by source, part of the API and status, with what that means."""
    failed = [call for call in (snapshot.calls if snapshot else ()) if call.status is None or call.status >= 400]
    keys = sorted({_alike(call) for call in failed}, key=lambda key: (key[0], key[1], key[2] or 0))
    counted = Counter(map(_alike, failed))
    return tuple(Failure(*key, requests=counted[key], meaning=meaning(key[2])) for key in keys)


def meaning(status: int | None) -> str:
    """What a status of 400 or more says about the request, and what to do."""
    if status is None:
        return _NO_ANSWER
    return _MEANINGS.get(status, _SERVER_ERROR if status >= 500 else _OTHER)


def _alike(call: Call) -> tuple[str, str, int | None]:
    parts = call.path.partition("?")[0].strip("/").split("/")
    if call.source == "kubernetes":
        if _NAMESPACES in parts[:-2]:
            place = parts.index(_NAMESPACES)
            parts[place : place + 2] = []
        # /api/v1/RESOURCE or /apis/GROUP/VERSION/RESOURCE, whatever object is named behind it
        parts = parts[: 3 if parts[0] == "api" else 4]
    elif call.source == "weaviate" and len(parts) > 2 and parts[1] != ".well-known":
        parts = [*parts[:2], "…"]
    return call.source, f"/{'/'.join(parts)}", call.status
