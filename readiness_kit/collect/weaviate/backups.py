"""The backups on each backend that is enabled, and whether the newest of them were ever restored."""

from __future__ import annotations

from urllib.parse import quote

from readiness_kit.collect.http.transport import StatusError
from readiness_kit.collect.weaviate import parsing
from readiness_kit.collect.weaviate.client import BACKUPS_TIMEOUT, Client
from readiness_kit.errors import ReadinessError
from readiness_kit.kinds.versions import Version
from readiness_kit.kinds.weaviate import Backend, BackupEntry, Meta
from readiness_kit.model import Reason

LISTS_SINCE = ("1.30.12", "1.31.5", "1.32.0")
"""Earlier, every listing answered 500 "not implemented"."""
ORDER_SINCE = ("1.32.14", "1.33.2", "1.34")
RESTORES = 10
"""Of so many of the newest successful backups the restore is looked up, at the cost of one object read each."""
MODULE = "backup-"


def read(client: Client, meta: Meta, version: Version | None) -> dict[str, Backend]:
    """Backend (`s3`) -> its backups. The failure of a backend is in its entry."""
    names = sorted(name.removeprefix(MODULE) for name in meta.modules if name.startswith(MODULE))
    ordered = version is not None and version.since(*ORDER_SINCE)
    return {name: _backend(client, name, ordered) for name in names}


def _backend(client: Client, name: str, ordered: bool) -> Backend:
    try:
        params = {"order": "desc"} if ordered else None
        path = f"/v1/backups/{name}"
        entries = client.read(parsing.backups, path, params, timeout=BACKUPS_TIMEOUT, attempts=1)
    except ReadinessError as problem:
        reason, message = client.why(problem)
        # 422: the module is installed, the backend is not enabled.
        not_enabled = isinstance(problem, StatusError) and problem.status == 422
        return Backend(reason=Reason.ABSENT if not_enabled else reason, message=message)
    return Backend(entries, _restores(client, name, entries))


def _restores(client: Client, backend: str, entries: tuple[BackupEntry, ...]) -> dict[str, str]:
    """Id -> status of its last restore, "" for never; ids that could not be looked up are left out."""
    found: dict[str, str] = {}
    for entry in [entry for entry in entries if entry.status == "SUCCESS"][:RESTORES]:
        path = f"/v1/backups/{backend}/{quote(entry.id, safe='')}/restore"
        try:
            found[entry.id] = client.read(parsing.restore_status, path, timeout=BACKUPS_TIMEOUT, attempts=1)
        except StatusError as problem:
            if problem.status != 404:
                return found
            found[entry.id] = ""
        except ReadinessError:
            return found
    return found
