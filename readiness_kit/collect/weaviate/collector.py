"""Reads what a Weaviate server says of itself: GET only, in a fixed order, within a budget of calls.

The order: what needs no credentials (and so decides about anonymous access), then with them who the kit is, the
nodes, the metadata store, the schema, the shards where they are few enough, backups, roles, users, tasks. Nothing
that goes wrong with one answer ends the others; each has its record.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from readiness_kit.collect.http.transport import StatusError
from readiness_kit.collect.kubernetes.collector import Event, EventState, Progress
from readiness_kit.collect.weaviate import backups, shards
from readiness_kit.collect.weaviate import parsing as answers
from readiness_kit.collect.weaviate.client import NODES_TIMEOUT, Client, no_scheme
from readiness_kit.decoding import UNDECODABLE
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
    # Before, counting objects loaded every shard.
    "weaviate/nodes_verbose": ("1.24.2",),
    "weaviate/backups": backups.LISTS_SINCE,
    "weaviate/roles": ("1.28",),
    "weaviate/users": ("1.30",),
    "weaviate/tasks": ("1.31",),
}
"""From which version on (back-ports first) an answer exists; older servers are not asked."""
SHORTENED: Mapping[str, str] = {
    "weaviate/schema": "read_collections",
    "weaviate/nodes_verbose": "read_nodes",
    "weaviate/backups": "manage_backups",
    "weaviate/roles": "read_roles",
    "weaviate/users": "read_users",
}
"""Lists from which the server leaves out, without a word, what the key may not see: and the right to see all of it."""
POLLS = 5
PAUSE = 2.5
"""Seconds between polls of the statistics: five of them within ten seconds."""
ASSIGNMENTS_SINCE = "1.30"
LAST_USED_SINCE = "1.30.1"

_WRONG = (ReadinessError, *UNDECODABLE, AttributeError, TypeError)
"""What an answer may fail with: refused, not had, or of a shape that Weaviate does not answer in."""


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
    verify: bool = True,
    shards: int | None = None,
    most_shards: int = shards.MOST,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
    pause: float = PAUSE,
) -> Collected:
    """Asks the server at `url`.

    api_key, oidc_token: one of both at most; neither is stored, logged or shown
    ca_file:             certificates to trust in place of the system's; verify=False trusts any
    shards:              how many shards there are in all, tenants included, where another source knows it
    most_shards:         up to this many replicas of shards are listed at once; with more, by collection and in part
    stop:                ends the run soon after it is set; what was read by then is kept
    pause:               seconds between polls of a cluster that is not synchronized

    Raises UsageError for an address that is none or holds credentials, and for two credentials. A server that does
    not answer raises nothing: every record says so.
    """
    if api_key and oidc_token:
        raise UsageError("an API key and an OIDC token were given", "give one of them")
    client = Client(url, api_key or oidc_token, ca_file=ca_file, verify=verify, stop=stop)
    run = _Run(client, progress, pause, shards, most_shards)
    try:
        run.all()
    finally:
        client.close()
    return Collected(run.answers, [run.records[key] for key in KEYS], client.calls)


def with_weaviate(snapshot: Snapshot, url: str, **how: Any) -> Snapshot:
    """The snapshot with what Weaviate answers beside what it had; `how` as for `collect_weaviate`."""
    found = collect_weaviate(url, **how)
    reads = [read for read in snapshot.manifest.reads if read.key not in KEYS]
    manifest = msgspec.structs.replace(snapshot.manifest, reads=(*reads, *found.reads))
    others = {key: value for key, value in snapshot.answers.items() if key not in KEYS}
    return msgspec.structs.replace(
        snapshot,
        manifest=manifest,
        answers={**others, **found.answers},
        calls=(*snapshot.calls, *found.calls),
    )


class _Run:
    """One run: `records` and `answers` grow key by key."""

    def __init__(
        self, client: Client, progress: Progress | None, pause: float, shards: int | None, most_shards: int
    ) -> None:
        self.client = client
        self.answers: dict[str, Any] = {}
        self.records: dict[str, Read] = {}
        self._progress = progress
        self._pause = pause
        self._shards = shards
        self._most_shards = most_shards
        self._auth_failed: tuple[Reason, str] | None = None
        self._version: Version | None = None

    def all(self) -> None:
        self._ask("weaviate/live", lambda: self._health("live"))
        if (reason := self.records["weaviate/live"].reason) is not None:
            # Nothing there, or nothing that is Weaviate: thirteen more time-outs would say no more.
            self._give_up(reason, self.records["weaviate/live"].message)
            return
        self._ask("weaviate/ready", lambda: self._health("ready"))
        self._ask("weaviate/probe", self._probe, said=f"asked without credentials at {self.client.server}")
        self._ask("weaviate/oidc", self._oidc)
        self._ask("weaviate/meta", self._meta)
        for key, ask in self._guarded():
            if self._auth_failed is not None:
                self._fail(key, *self._auth_failed)
            else:
                self._ask(key, ask)

    def _guarded(self) -> tuple[tuple[str, Callable[[], Any]], ...]:
        """What needs credentials on a server that asks for them, in the order of asking."""
        client = self.client
        nodes = {"timeout": NODES_TIMEOUT}
        return (
            ("weaviate/own_info", self._own_info),
            ("weaviate/nodes", lambda: answers.nodes(client.json("/v1/nodes", {"output": "minimal"}, **nodes))),
            ("weaviate/statistics", self._statistics),
            ("weaviate/schema", self._schema),
            ("weaviate/nodes_verbose", self._verbose),
            ("weaviate/backups", self._backups),
            ("weaviate/roles", self._roles),
            ("weaviate/users", self._users),
            ("weaviate/tasks", lambda: answers.tasks(client.json("/v1/tasks", attempts=1))),
        )

    # --- records ------------------------------------------------------------------------------------

    def _ask(self, key: str, ask: Callable[[], Any], said: str = "") -> None:
        """Asks for one answer and writes its record. An answer may bring its own record along."""
        self._tell(key, 0, "start")
        if (missing := self._too_old(key)) is not None:
            self._fail(key, Reason.ABSENT, missing)
            return
        try:
            value = ask()
        except _WRONG as problem:
            self._fail(key, *self.client.why(problem))
            return
        value, read = value if isinstance(value, _Partly) else (value, None)
        self.answers[key] = value
        self.records[key] = read or self._shortened(key, value) or Read(key, count=_count(value), message=said)
        self._tell(key, self.records[key].count, "done")

    def _shortened(self, key: str, value: Any) -> Read | None:
        """The record of a list that may have been shortened to what the key is allowed to see."""
        right = SHORTENED.get(key)
        own = self.answers.get("weaviate/own_info")
        if right is None or (own is not None and own.sees_all(right)):
            return None
        about = {one: read.reason for one in ("own_info", "nodes", "statistics") if (read := self._record(one))}
        reason = Reason.FORBIDDEN
        words = f"the key has no {right} for everything: what it may not see is missing here without a sign"
        if about.get("own_info") in (Reason.UNREACHABLE, Reason.ERROR):
            reason = Reason.UNREACHABLE
            words = "what the key may see could not be found out: something may be missing here without a sign"
        elif not (own is not None and own.roles) and Reason.FORBIDDEN not in about.values():
            # Neither roles nor refusals: nobody keeps anything from this key.
            return None
        return Read(key, _count(value), reason=reason, message=words, partial=True)

    def _record(self, name: str) -> Read | None:
        return self.records.get(f"weaviate/{name}")

    def _fail(self, key: str, reason: Reason, words: str) -> None:
        self.records[key] = Read(key, reason=reason, message=words)
        states: dict[Reason, EventState] = {Reason.FORBIDDEN: "refused", Reason.ABSENT: "absent"}
        self._tell(key, 0, states.get(reason, "failed"))

    def _give_up(self, reason: Reason, words: str) -> None:
        for key in KEYS:
            if key not in self.records:
                self._fail(key, reason, words)

    def _too_old(self, key: str) -> str | None:
        gates = SINCE.get(key)
        if gates is None or self._version is None or self._version.since(*gates):
            return None
        return f"not asked: the server is {self._version}, this came with {', '.join(gates)}"

    def _tell(self, key: str, objects: int, state: EventState) -> None:
        if self._progress is not None:
            self._progress(Event(key, len(self.records), len(KEYS), objects, state))

    # --- without credentials ------------------------------------------------------------------------

    def _health(self, which: str) -> kinds.Health:
        """The status alone: the exact address, no query, no credentials."""
        try:
            self.client.get(f"/v1/.well-known/{which}", anonymous=True, attempts=2 if which == "live" else 1)
        except StatusError as problem:
            if which == "ready" and problem.status == 503:
                return kinds.Health(problem.status)
            if problem.status == 404:
                raise ReadinessError(
                    f"{self.client.server} does not answer as Weaviate does (404 to /v1/.well-known/{which})"
                ) from None
            raise
        return kinds.Health(200)

    def _probe(self) -> kinds.Probe:
        status, message, _ = self._without("/v1/meta")
        if status != 200:
            return kinds.Probe(status, schemes=answers.schemes(message))
        nodes, _, _ = self._without("/v1/nodes", {"output": "minimal"}, timeout=NODES_TIMEOUT)
        schema, _, body = self._without("/v1/schema", headers={"consistency": "false"})
        shown = len(answers.schema(msgspec.json.decode(body), from_leader=False).classes) if schema == 200 else 0
        return kinds.Probe(status, schema, nodes, shown)

    def _without(self, path: str, params: Mapping[str, str] | None = None, **how: Any) -> tuple[int, str, bytes]:
        """(status, message, body) of a request without credentials."""
        try:
            return 200, "", self.client.get(path, params, anonymous=True, attempts=1, **how)
        except StatusError as problem:
            return problem.status, problem.message, b""

    def _oidc(self) -> kinds.OpenIdConfiguration:
        try:
            return answers.openid(self.client.json("/v1/.well-known/openid-configuration", anonymous=True))
        except StatusError as problem:
            if problem.status != 404:
                raise
            return kinds.OpenIdConfiguration()

    # --- with credentials, where there are any ------------------------------------------------------

    def _meta(self) -> kinds.Meta:
        try:
            found = answers.meta(self._signed_in())
        except StatusError as problem:
            if problem.status == 401:
                self._auth_failed = (Reason.FORBIDDEN, self._auth_error(problem))
                raise StatusError(401, self._auth_error(problem), "/v1/meta") from None
            raise
        self._version = Version.parse(found.version)
        return found

    def _signed_in(self) -> Any:
        try:
            return self.client.json("/v1/meta")
        except StatusError as problem:
            if not (self.client.has_credentials and no_scheme(problem)):
                raise
        self.client.drop_credentials()
        return self.client.json("/v1/meta")

    def _auth_error(self, problem: StatusError) -> str:
        if self.client.has_credentials:
            return f"the server does not accept the key or token that was given ({self.client.clean(problem.message)})"
        probe = self.answers.get("weaviate/probe")
        ways = ", ".join(probe.schemes) if probe else ""
        return f"the server asks for credentials{f' ({ways})' if ways else ''} and none were given"

    def _own_info(self) -> kinds.OwnInfo:
        if not self.client.has_credentials:
            raise StatusError(404, "not asked: nobody is signed in", "/v1/users/own-info")
        return answers.own_info(self.client.json("/v1/users/own-info", attempts=1))

    def _statistics(self) -> kinds.Statistics:
        """Asked again while it says "not synchronized", which a change of schema or tenants does for a moment."""
        polls = 0
        while True:
            polls += 1
            found = answers.statistics(self.client.json("/v1/cluster/statistics", timeout=NODES_TIMEOUT), polls)
            if found.synchronized or polls == POLLS or self.client.stop.wait(self._pause):
                return found

    def _schema(self) -> kinds.Schema:
        """From the leader; where there is none, what the answering node knows."""
        statistics = self.answers.get("weaviate/statistics")
        if statistics is None or any(one.raft.state == "Leader" for one in statistics.statistics):
            try:
                return answers.schema(self.client.json("/v1/schema", attempts=1), from_leader=True)
            except StatusError as problem:
                if problem.status in (401, 403, 404):
                    raise
        return answers.schema(self.client.json("/v1/schema", headers={"consistency": "false"}), from_leader=False)

    def _verbose(self) -> kinds.Nodes | _Partly:
        schema = self.answers.get("weaviate/schema")
        plan = shards.plan(schema, self._shards, self._most_shards)
        found = shards.read(self.client, plan)
        if plan.whole:
            return found
        count = sum(len(node.shards) for node in found.nodes)
        read = Read("weaviate/nodes_verbose", count, reason=Reason.NOT_COLLECTED, message=plan.why, partial=True)
        return _Partly(found, read)

    def _backups(self) -> dict[str, kinds.Backend] | _Partly:
        meta = self.answers.get("weaviate/meta")
        if meta is None:
            raise ReadinessError("not asked: the server's modules are not known")
        found = backups.read(self.client, meta, self._version)
        refused = [one for one in found.values() if one.reason is not None]
        if not refused:
            return found
        partial = len(refused) < len(found)
        count = sum(len(one.entries) for one in found.values())
        read = Read("weaviate/backups", count, reason=refused[0].reason, message=refused[0].message, partial=partial)
        return _Partly(found, read)

    def _roles(self) -> tuple[kinds.Role, ...]:
        found = answers.roles(self.client.json("/v1/authz/roles", attempts=1))
        if self._version is not None and not self._version.since(ASSIGNMENTS_SINCE):
            return found
        return tuple(msgspec.structs.replace(one, users=self._assigned(one)) for one in found)

    def _assigned(self, role: kinds.Role) -> int | None:
        if not role.built_in:
            return None
        try:
            return answers.assignments(self.client.json(f"/v1/authz/roles/{role.name}/user-assignments", attempts=1))
        except _WRONG:
            return None

    def _users(self) -> tuple[kinds.User, ...]:
        newer = self._version is None or self._version.since(LAST_USED_SINCE)
        return answers.users(
            self.client.json("/v1/users/db", {"includeLastUsedTime": "true"} if newer else None, attempts=1)
        )


class _Partly(NamedTuple):
    """An answer that is not whole, with the record that says so."""

    value: Any
    read: Read


def _count(value: Any) -> int:
    """How many things an answer holds, for the record: nodes, collections, backups, roles; 1 for the others."""
    if isinstance(value, kinds.Nodes):
        return sum(len(node.shards) for node in value.nodes) or len(value.nodes)
    if isinstance(value, kinds.Schema):
        return len(value.classes)
    if isinstance(value, dict):
        return sum(len(one.entries) if isinstance(one, kinds.Backend) else len(one) for one in value.values())
    return len(value) if isinstance(value, tuple) else 1
