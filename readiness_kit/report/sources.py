"""What a snapshot read, by source: for the chapter on scope and the JSON export."""

from __future__ import annotations

import msgspec

from readiness_kit.model import Read
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
