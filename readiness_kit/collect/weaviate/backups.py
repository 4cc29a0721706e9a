"""The backups on each backend that is switched on, and whether the newest of them were ever restored."""

from __future__ import annotations

from urllib.parse import quote

from readiness_kit.collect.http.transport import StatusError
from readiness_kit.collect.weaviate import parsing as answers
from readiness_kit.collect.weaviate.client import BACKUPS_TIMEOUT, Client
from readiness_kit.decoding import UNDECODABLE
from readiness_kit.errors import ReadinessError
from readiness_kit.kinds.versions import Version
from readiness_kit.kinds.weaviate import Backend, BackupEntry, Meta
from readiness_kit.model import Reason

LISTS_SINCE = ("1.30.12", "1.31.5", "1.32.0")
"""Before, every listing answered 500 "not implemented"."""
ORDER_SINCE = ("1.32.14", "1.33.2", "1.34")
RESTORES = 10
"""So many of the newest successful backups are asked whether they were restored: one object read each."""
MODULE = "backup-"


def read(client: Client, meta: Meta, version: Version | None) -> dict[str, Backend]:
    """Backend (`s3`) -> its backups. What went wrong with a backend is in its entry."""
    names = sorted(name.removeprefix(MODULE) for name in meta.modules if name.startswith(MODULE))
    ordered = version is not None and version.since(*ORDER_SINCE)
    return {name: _backend(client, name, ordered) for name in names}


def _backend(client: Client, name: str, ordered: bool) -> Backend:
    try:
        raw = client.json(
            f"/v1/backups/{name}", {"order": "desc"} if ordered else None, timeout=BACKUPS_TIMEOUT, attempts=1
        )
        entries = answers.backups(raw or [])
    except (ReadinessError, *UNDECODABLE) as problem:
        reason, words = client.why(problem)
        # 422: the module is there, the backend is not switched on.
        absent = isinstance(problem, StatusError) and problem.status == 422
        return Backend(reason=Reason.ABSENT if absent else reason, message=words)
    return Backend(entries, _restores(client, name, entries))


def _restores(client: Client, backend: str, entries: tuple[BackupEntry, ...]) -> dict[str, str]:
    """Id -> status of its last restore, "" for never; ids that could not be asked about are left out."""
    found: dict[str, str] = {}
    for entry in [one for one in entries if one.status == "SUCCESS"][:RESTORES]:
        path = f"/v1/backups/{backend}/{quote(entry.id, safe='')}/restore"
        try:
            found[entry.id] = answers.restore_status(client.json(path, timeout=BACKUPS_TIMEOUT, attempts=1))
        except StatusError as problem:
            if problem.status != 404:
                return found
            found[entry.id] = ""
        except (ReadinessError, *UNDECODABLE):
            return found
    return found
