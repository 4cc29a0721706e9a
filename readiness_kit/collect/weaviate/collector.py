"""Reads what a Weaviate server reports of itself: GET only, in a fixed order, within a budget of calls.

The order: what needs no credentials (and shows whether anonymous access is on), then with them the own permissions,
nodes, the metadata store, the schema, shards where they are few enough, backups, roles, users, tasks. A failure of
one answer is written into its record and ends none of the others.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import msgspec

from readiness_kit.collect.http.reasons import Absent
from readiness_kit.collect.http.transport import StatusError, UnexpectedAnswerError
from readiness_kit.collect.progress import Partial, Progress, Recorder, merged
from readiness_kit.collect.weaviate import backups, parsing, shards
from readiness_kit.collect.weaviate.client import NODES_TIMEOUT, Client, has_no_scheme
from readiness_kit.errors import ReadinessError, UsageError
from readiness_kit.kinds import weaviate as kinds
from readiness_kit.kinds.sources import SOURCES
from readiness_kit.kinds.versions import Version
from readiness_kit.model import Call, Read, Reason
from readiness_kit.snapshot import Snapshot

KEYS = tuple(key for key in SOURCES if key.startswith("weaviate/"))
SINCE: Mapping[str, tuple[str, ...]] = {
    "weaviate/own_info": ("1.28.5",),
    "weaviate/statistics": ("1.25",),
    # Earlier, counting objects loaded every shard.
    "weaviate/nodes_verbose": ("1.24.2",),
    "weaviate/backups": backups.LISTS_SINCE,
    "weaviate/roles": ("1.28",),
    "weaviate/users": ("1.30",),
    "weaviate/tasks": ("1.31",),
}
"""The versions (back-ports first) that introduced an answer; older servers are not asked."""
FILTERED: Mapping[str, str] = {
    "weaviate/schema": "read_collections",
    "weaviate/nodes_verbose": "read_nodes",
    "weaviate/backups": "manage_backups",
    "weaviate/roles": "read_roles",
    "weaviate/users": "read_users",
}
"""Lists from which the server leaves out what the key may not see, without an error; and the permission for all."""
POLLS = 5
PAUSE = 2.5
"""Seconds between polls of the statistics: five of them within ten seconds."""
ASSIGNMENTS_SINCE = "1.30"
LAST_USED_SINCE = "1.30.1"


class Collected(NamedTuple):
    """`answers` by the keys of `kinds.sources.SOURCES`; `reads` has a record for each of `KEYS`."""

    answers: dict[str, Any]
    reads: list[Read]
    calls: list[Call]


def collect_weaviate(
    url: str,
    *,
    api_key: str = "",
    oidc_token: str = "",
    ca_file: str = "",
    shards: int | None = None,
    max_shards: int = shards.MAX_REPLICAS,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
    pause: float = PAUSE,
) -> Collected:
    """Read the server at `url`.

    api_key, oidc_token: at most one of them; neither is stored, logged or shown
    ca_file:             certificate authorities to trust in place of the system's
    shards:              the number of all shards, tenants included, where another source knows it
    max_shards:          up to this many replicas of shards are listed at once; with more, by collection and in part
    stop:                ends the run soon after it is set; what was read by then is kept
    pause:               seconds between polls of a cluster that is not synchronized

    Raises UsageError for an impossible address, for credentials in it and for two credentials; ConfigError for
    credentials over plain HTTP to another machine. A server that does not answer is no error: every record has the
    reason.
    """
    if api_key and oidc_token:
        raise UsageError("an API key and an OIDC token were given", "give one of them")
    client = Client(url, api_key or oidc_token, ca_file=ca_file, stop=stop)
    run = _Run(client, Recorder(KEYS, progress, client.why), pause, shards, max_shards)
    try:
        run.all()
    finally:
        client.close()
    return Collected(run.recorder.answers, list(run.recorder.reads), list(client.calls))


def with_weaviate(snapshot: Snapshot, url: str, **how: Any) -> Snapshot:
    """The snapshot with Weaviate's answers, in place of earlier ones; `how` as for `collect_weaviate`."""
    found = collect_weaviate(url, **how)
    return merged(snapshot, found.reads, found.answers, found.calls)


class _Run:
    """One run, which asks one question after the other."""

    def __init__(self, client: Client, recorder: Recorder, pause: float, shards: int | None, max_shards: int) -> None:
        self.client = client
        self.recorder = recorder
        self._pause = pause
        self._shards = shards
        self._max_shards = max_shards
        self._auth_failed = ""
        self._version: Version | None = None

    def all(self) -> None:
        """Ask everything; after a failure that all answers share, the rest is recorded without requests."""
        records = self.recorder.records
        self._ask("weaviate/live", lambda: self._health("live"))
        if (reason := records["weaviate/live"].reason) is not None:
            self.recorder.fail_rest(reason, records["weaviate/live"].message)
            return
        self._ask("weaviate/ready", lambda: self._health("ready"))
        self._ask("weaviate/probe", self._probe)
        self._ask("weaviate/oidc", self._oidc)
        self._ask("weaviate/meta", self._meta)
        if self._auth_failed:
            self.recorder.fail_rest(Reason.FORBIDDEN, self._auth_failed)
            return
        for key, question in self._guarded().items():
            self._ask(key, question)

    def _guarded(self) -> dict[str, Callable[[], Any]]:
        """The questions that need credentials where the server requires them, in order."""
        read = self.client.read
        minimal = {"output": "minimal"}
        return {
            "weaviate/own_info": self._own_info,
            "weaviate/nodes": lambda: read(parsing.nodes, "/v1/nodes", minimal, timeout=NODES_TIMEOUT),
            "weaviate/statistics": self._statistics,
            "weaviate/schema": self._schema,
            "weaviate/nodes_verbose": self._verbose,
            "weaviate/backups": self._backups,
            "weaviate/roles": self._roles,
            "weaviate/users": self._users,
            "weaviate/tasks": lambda: read(parsing.tasks, "/v1/tasks", attempts=1),
        }

    def _ask(self, key: str, question: Callable[[], Any]) -> None:
        """One answer with its record; `queries` are the paths that were requested for it."""
        before = len(self.client.calls)

        def answer() -> Any:
            self._check_version(key)
            return self._filtered(key, question())

        def queries() -> dict[str, str]:
            sent: dict[str, str] = {}
            for call in self.client.calls[before:]:
                sent.setdefault(call.path.partition("?")[0].rpartition("/")[2], call.path)
            return sent

        self.recorder.ask(key, answer, queries)

    def _check_version(self, key: str) -> None:
        gates = SINCE.get(key)
        if gates is not None and self._version is not None and not self._version.since(*gates):
            raise Absent(f"not requested: the server is {self._version}, this came with {', '.join(gates)}")

    def _filtered(self, key: str, answer: Any) -> Any:
        """The answer, as Partial where the server may have left out what the key may not see."""
        permission = FILTERED.get(key)
        own = self.recorder.answers.get("weaviate/own_info")
        if permission is None or isinstance(answer, Partial) or (own is not None and own.sees_all(permission)):
            return answer
        reasons = [
            read.reason
            for name in ("own_info", "nodes", "statistics")
            if (read := self.recorder.records.get(f"weaviate/{name}"))
        ]
        if reasons and reasons[0] in (Reason.UNREACHABLE, Reason.ERROR):
            message = "the permissions of the key are not known; entries may be missing here"
            return Partial(answer, Reason.UNREACHABLE, message)
        if not (own is not None and own.roles) and Reason.FORBIDDEN not in reasons:
            # Neither roles nor refusals: the server does not restrict this key.
            return answer
        message = f"the key lacks {permission} for everything; the server leaves out what the key may not see"
        return Partial(answer, Reason.FORBIDDEN, message)

    # --- without credentials ------------------------------------------------------------------------

    def _health(self, check: str) -> kinds.Health:
        """The status alone: the exact path, no query, no credentials."""
        path = f"/v1/.well-known/{check}"
        try:
            self.client.get(path, anonymous=True, attempts=2 if check == "live" else 1)
        except StatusError as problem:
            if check == "ready" and problem.status == 503:
                return kinds.Health(problem.status)
            if problem.status == 404:
                raise UnexpectedAnswerError(
                    f"{self.client.server} does not answer as Weaviate does (404 to {path})",
                    "check the address of Weaviate",
                ) from None
            raise
        return kinds.Health(200)

    def _probe(self) -> kinds.Probe:
        status, message = self._anonymous("/v1/meta")
        if status != 200:
            return kinds.Probe(status, schemes=parsing.schemes(message))
        nodes, _ = self._anonymous("/v1/nodes", {"output": "minimal"}, timeout=NODES_TIMEOUT)
        try:
            visible = len(self._local_schema(anonymous=True, attempts=1).classes)
        except StatusError as problem:
            return kinds.Probe(status, problem.status, nodes)
        return kinds.Probe(status, 200, nodes, visible)

    def _anonymous(self, path: str, params: Mapping[str, str] | None = None, **how: Any) -> tuple[int, str]:
        """Status and message of a request without credentials."""
        try:
            self.client.get(path, params, anonymous=True, attempts=1, **how)
        except StatusError as problem:
            return problem.status, problem.message
        return 200, ""

    def _oidc(self) -> kinds.OpenIdConfiguration:
        try:
            return self.client.read(parsing.openid, "/v1/.well-known/openid-configuration", anonymous=True)
        except StatusError as problem:
            if problem.status != 404:
                raise
            return kinds.OpenIdConfiguration()

    # --- with credentials, where there are any ------------------------------------------------------

    def _meta(self) -> kinds.Meta:
        try:
            found = self._signed_in()
        except StatusError as problem:
            if problem.status == 401:
                self._auth_failed = self._auth_error(problem)
                raise StatusError(401, self._auth_failed, "/v1/meta") from None
            raise
        self._version = Version.parse(found.version)
        return found

    def _signed_in(self) -> kinds.Meta:
        try:
            return self.client.read(parsing.meta, "/v1/meta")
        except StatusError as problem:
            if not (self.client.has_credentials and has_no_scheme(problem)):
                raise
        self.client.drop_credentials()
        return self.client.read(parsing.meta, "/v1/meta")

    def _auth_error(self, problem: StatusError) -> str:
        if self.client.has_credentials:
            return f"the server does not accept the key or token that was given ({problem.message})"
        probe = self.recorder.answers.get("weaviate/probe")
        schemes = ", ".join(probe.schemes) if probe else ""
        return f"the server asks for credentials{f' ({schemes})' if schemes else ''} and none were given"

    def _own_info(self) -> kinds.OwnInfo:
        if not self.client.has_credentials:
            raise Absent("not requested: the kit has no credentials")
        return self.client.read(parsing.own_info, "/v1/users/own-info", attempts=1)

    def _statistics(self) -> kinds.Statistics:
        """Read again while it is "not synchronized", which a change of schema or tenants causes for a moment."""
        polls = 0
        while True:
            polls += 1
            parse = partial(parsing.statistics, polls=polls)
            found = self.client.read(parse, "/v1/cluster/statistics", timeout=NODES_TIMEOUT)
            if found.synchronized or polls == POLLS or self.client.stop.wait(self._pause):
                return found

    def _schema(self) -> kinds.Schema:
        """From the leader; where there is none, from the node that answers."""
        statistics = self.recorder.answers.get("weaviate/statistics")
        if statistics is None or any(node.raft.state == "Leader" for node in statistics.statistics):
            try:
                return self.client.read(partial(parsing.schema, from_leader=True), "/v1/schema", attempts=1)
            except StatusError as problem:
                if problem.status in (401, 403, 404):
                    raise
        return self._local_schema()

    def _local_schema(self, **how: Any) -> kinds.Schema:
        parse = partial(parsing.schema, from_leader=False)
        return self.client.read(parse, "/v1/schema", headers={"consistency": "false"}, **how)

    def _verbose(self) -> kinds.Nodes | Partial:
        plan = shards.plan(self.recorder.answers.get("weaviate/schema"), self._shards, self._max_shards)
        found = shards.read(self.client, plan)
        return found if plan.whole else Partial(found, Reason.NOT_COLLECTED, plan.cause)

    def _backups(self) -> dict[str, kinds.Backend] | Partial:
        meta = self.recorder.answers.get("weaviate/meta")
        if meta is None:
            raise ReadinessError("not requested: the server's modules are not known")
        found = backups.read(self.client, meta, self._version)
        for backend in found.values():
            if backend.reason is not None:
                return Partial(found, backend.reason, backend.message)
        return found

    def _roles(self) -> tuple[kinds.Role, ...]:
        found = self.client.read(parsing.roles, "/v1/authz/roles", attempts=1)
        if self._version is not None and not self._version.since(ASSIGNMENTS_SINCE):
            return found
        return tuple(msgspec.structs.replace(role, users=self._assigned(role)) for role in found)

    def _assigned(self, role: kinds.Role) -> int | None:
        if not role.built_in:
            return None
        try:
            path = f"/v1/authz/roles/{role.name}/user-assignments"
            return self.client.read(parsing.assignments, path, attempts=1)
        except ReadinessError:
            return None

    def _users(self) -> tuple[kinds.User, ...]:
        newer = self._version is None or self._version.since(LAST_USED_SINCE)
        params = {"includeLastUsedTime": "true"} if newer else None
        return self.client.read(parsing.users, "/v1/users/db", params, attempts=1)
