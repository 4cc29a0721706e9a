"""The conditions under which a known fault concerns a cluster, as pure functions over its facts.

Each returns True or False where the snapshot decides, and None where it does not: the fault may then apply, and
`settles` states what would decide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import msgspec

from readiness_kit.advisories.loading import settings
from readiness_kit.advisories.versions import spans
from readiness_kit.facts.weaviate import auth
from readiness_kit.kinds.versions import Version

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts
    from readiness_kit.facts.weaviate.collections import Collection
    from readiness_kit.facts.weaviate.env import EnvValue

Answer = bool | None
Test = Callable[["ClusterFacts", Version], Answer]

SCHEMA, VERBOSE, BACKUPS, SCALARS = (
    "weaviate/schema",
    "weaviate/nodes_verbose",
    "weaviate/backups",
    "prometheus/weaviate",
)
CONFIGURATION = ("configmaps",)
MANY_SHARDS = 1_000
BOOTSTRAP_SECONDS = 900
"""RAFT_BOOTSTRAP_TIMEOUT that the documentation recommends from ten collections on."""
RAFT_MULTIPLIER = 5
MAPPINGS_DEFAULT = 65_530
"""vm.max_map_count of the Linux kernel where nothing sets it."""
MAPPINGS_SHARE = 0.75
_MAX_MAP_COUNT = re.compile(r"vm\.max_map_count=(\d{1,12})")


class Condition(msgspec.Struct, frozen=True):
    """`text` completes "Applies because …"; `reads` are the keys it needs beyond the workload."""

    test: Test
    text: str
    settles: str
    reads: tuple[str, ...] = ()


def every(answers: Iterable[Answer]) -> Answer:
    """All hold: False if one does not, otherwise None if one is unknown."""
    found = list(answers)
    return False if False in found else None if None in found else True


def any_of(answers: Iterable[Answer]) -> Answer:
    """At least one holds: True if one does, otherwise None if one is unknown."""
    found = list(answers)
    return True if True in found else None if None in found else False


# --- collections ----------------------------------------------------------------------------------


def _some_collection(facts: ClusterFacts, test: Callable[[Collection], bool]) -> Answer:
    """Whether a collection passes. An empty list may be all that the key is permitted to see, so it decides nothing."""
    found = facts.collections
    if any(test(collection) for collection in found):
        return True
    return False if found and facts.missing(SCHEMA) is None else None


def replicated(facts: ClusterFacts, version: Version) -> Answer:
    if one_node(facts, version):
        return False
    return _some_collection(facts, lambda collection: collection.factor > 1)


def quantised(facts: ClusterFacts, version: Version) -> Answer:
    return _some_collection(facts, lambda collection: _quantised_indexes(collection) > 0)


def quantised_named_vectors(facts: ClusterFacts, version: Version) -> Answer:
    return _some_collection(
        facts, lambda collection: len(collection.indexes) > 1 and _quantised_indexes(collection) > 0
    )


def _quantised_indexes(collection: Collection) -> int:
    return sum(
        bool(index.quantisation or (index.later is not None and index.later.quantisation))
        for index in collection.indexes
    )


def hnsw(facts: ClusterFacts, version: Version) -> Answer:
    return _some_collection(
        facts, lambda collection: any(index.kind in ("hnsw", "dynamic") for index in collection.indexes)
    )


def _more_collections_than(number: int) -> Test:
    def test(facts: ClusterFacts, version: Version) -> Answer:
        if len(facts.collections) > number:
            return True
        return None if facts.missing(SCHEMA) or not facts.collections else False

    return test


# --- shards and nodes -----------------------------------------------------------------------------


def one_node(facts: ClusterFacts, version: Version) -> Answer:
    return facts.weaviate.replicas <= 1


def many_shards(facts: ClusterFacts, version: Version) -> Answer:
    if len(facts.replicas) > MANY_SHARDS:
        return True
    return None if facts.missing(VERBOSE) else False


def lazy_loading(facts: ClusterFacts, version: Version) -> Answer:
    """On by default from 1.23; from 1.36.6 the server decides by the number and size of the shards."""
    if facts.weaviate.is_enabled("DISABLE_LAZY_LOAD_SHARDS"):
        return False
    if any(replica.status == "LAZY_LOADING" or not replica.loaded for replica in facts.replicas):
        return True
    if version < Version(1, 23):
        return False
    disabled = facts.weaviate.is_enabled("DISABLE_LAZY_LOAD_SHARDS")
    return True if disabled is False and version < Version(1, 36, 6) else None


def memory_mappings_short(facts: ClusterFacts, version: Version) -> Answer:
    """Mappings of the process against the limit of the node, which the chart's init container sets."""
    samples = (facts.answer(SCALARS) or {}).get("memory_maps", ())
    if samples:
        used = max(sample.value for sample in samples)
        limit = _mapping_limit(facts)
        if limit is not None:
            return used >= limit * MAPPINGS_SHARE
        return False if used < MAPPINGS_DEFAULT * MAPPINGS_SHARE else None
    return False if _some_collection(facts, lambda collection: collection.multi_tenant) is False else None


def _mapping_limit(facts: ClusterFacts) -> int | None:
    for container in facts.weaviate.spec.init_containers:
        found = _MAX_MAP_COUNT.search(" ".join((*container.command, *container.args)))
        if found:
            return int(found[1])
    return None


# --- configuration --------------------------------------------------------------------------------


def rbac(facts: ClusterFacts, version: Version) -> Answer:
    if version < Version(1, 28):
        return False
    config = facts.weaviate.config
    in_file = config.authorization.rbac.enabled if config else None
    return auth.any_enabled(facts.weaviate, in_file, "AUTHORIZATION_RBAC_ENABLED", "AUTHORIZATION_ENABLE_RBAC")


def database_users(facts: ClusterFacts, version: Version) -> Answer:
    return auth.method(facts.weaviate, "db_users") if version >= auth.DB_USERS_SINCE else False


def rbac_or_database_users(facts: ClusterFacts, version: Version) -> Answer:
    return any_of((rbac(facts, version), database_users(facts, version)))


def several_static_users(facts: ClusterFacts, version: Version) -> Answer:
    enabled = auth.method(facts.weaviate, "apikey")
    if enabled is False:
        return False
    listed = facts.weaviate.env("AUTHENTICATION_APIKEY_USERS")
    config = facts.weaviate.config
    users = {user.strip() for user in listed.value.split(",") if user.strip()} if listed.known else set()
    users |= set(config.authentication.apikey.users) if config else set()
    if len(users) > 1:
        return True if enabled else None
    return False if listed.known and facts.weaviate.config_missing is None else None


def offload_s3(facts: ClusterFacts, version: Version) -> Answer:
    modules = facts.weaviate.modules()
    return None if modules is None else "offload-s3" in modules


def replica_movement(facts: ClusterFacts, version: Version) -> Answer:
    """Opt-in, except in the first releases of 1.32 and 1.33, where REPLICA_MOVEMENT_DISABLED turned it off."""
    if any(version in span for span in spans(settings().environment["REPLICA_MOVEMENT_DISABLED"])):
        disabled = facts.weaviate.is_enabled("REPLICA_MOVEMENT_DISABLED")
        return None if disabled is None else not disabled
    return facts.weaviate.is_enabled("REPLICA_MOVEMENT_ENABLED")


def asynchronous_repair(facts: ClusterFacts, version: Version) -> Answer:
    """Always on from 1.38 unless disabled for the cluster; configured per collection from 1.26 to 1.37."""
    disabled = facts.weaviate.is_enabled("ASYNC_REPLICATION_DISABLED")
    if disabled or version < Version(1, 26):
        return False
    if version >= Version(1, 38):
        return None if disabled is None else True
    configured = _some_collection(facts, lambda collection: bool(collection.async_configured))
    return every((configured, None if disabled is None else True))


def hnsw_snapshots(facts: ClusterFacts, version: Version) -> Answer:
    """On by default from 1.36; before, only where PERSISTENCE_HNSW_DISABLE_SNAPSHOTS is set to false."""
    value = facts.weaviate.env("PERSISTENCE_HNSW_DISABLE_SNAPSHOTS")
    if not value.known:
        return None
    if not value.value:
        return version >= Version(1, 36)
    return not facts.weaviate.is_enabled(value.name)


def debug_port(facts: ClusterFacts, version: Version) -> Answer:
    disabled = facts.weaviate.is_enabled("GO_PROFILING_DISABLE")
    return None if disabled is None else not disabled


def short_bootstrap(facts: ClusterFacts, version: Version) -> Answer:
    """Whether Raft or the startup probe gives up before the recommended time."""
    probe = facts.weaviate.container.startup_probe
    if probe is not None and probe.period_seconds * probe.failure_threshold < BOOTSTRAP_SECONDS:
        return True
    number = _number(facts.weaviate.env("RAFT_BOOTSTRAP_TIMEOUT"), default=600)
    return None if number is None else number < BOOTSTRAP_SECONDS


def low_raft_timeouts(facts: ClusterFacts, version: Version) -> Answer:
    default = RAFT_MULTIPLIER if version >= Version(1, 31) else 1
    number = _number(facts.weaviate.env("RAFT_TIMEOUTS_MULTIPLIER"), default)
    return None if number is None else number < RAFT_MULTIPLIER


def _number(value: EnvValue, default: int) -> int | None:
    if not value.known:
        return None
    if not value.value:
        return default
    return int(value.value) if value.value.isdigit() else None


# --- backups --------------------------------------------------------------------------------------


def incremental_backups(facts: ClusterFacts, version: Version) -> Answer:
    """The base of a backup is listed from 1.37.6 on, and for the root user only."""
    backends = facts.answer(BACKUPS)
    modules = facts.weaviate.modules()
    if modules is not None and not any(name.startswith("backup-") for name in modules):
        return False
    entries = [entry for backend in (backends or {}).values() for entry in backend.entries]
    if any(entry.incremental_base_backup_id for entry in entries):
        return True
    own = facts.answer("weaviate/own_info")
    listed = backends is not None and all(backend.reason is None for backend in backends.values())
    sees_bases = own is not None and "root" in own.roles and version >= Version(1, 37, 6)
    return False if listed and sees_bases else None


_IN_SCHEMA = "Read the schema with a key that may see every collection."
_IN_ENV = "Read the environment of the server; a value from a Secret or a script cannot be read."

CONDITIONS: dict[str, Condition] = {
    "replicated": Condition(replicated, "a collection has a replication factor above 1", _IN_SCHEMA, (SCHEMA, "pods")),
    "quantised": Condition(quantised, "a vector index is quantised", _IN_SCHEMA, (SCHEMA,)),
    "quantised_named_vectors": Condition(
        quantised_named_vectors, "a collection has several vectors, quantised", _IN_SCHEMA, (SCHEMA,)
    ),
    "hnsw": Condition(hnsw, "a collection has an HNSW index", _IN_SCHEMA, (SCHEMA,)),
    "hnsw_snapshots": Condition(hnsw_snapshots, "HNSW snapshots are on", _IN_ENV, CONFIGURATION),
    "one_node": Condition(one_node, "Weaviate has one node", "Read the StatefulSet.", ("pods",)),
    "more_than_10_collections": Condition(
        _more_collections_than(10), "there are more than 10 collections", _IN_SCHEMA, (SCHEMA,)
    ),
    "more_than_100_collections": Condition(
        _more_collections_than(100), "there are more than 100 collections", _IN_SCHEMA, (SCHEMA,)
    ),
    "many_shards": Condition(
        many_shards,
        f"the nodes hold more than {MANY_SHARDS:,} replicas of shards",
        "Read the list of nodes with its shards.",
        (VERBOSE,),
    ),
    "lazy_loading": Condition(
        lazy_loading,
        "shards load lazily",
        "Look at the list of nodes after a restart: a shard with `loaded: false` loads lazily.",
        (VERBOSE, *CONFIGURATION),
    ),
    "memory_mappings_short": Condition(
        memory_mappings_short,
        f"the process uses {MAPPINGS_SHARE:.0%} or more of its memory mappings".replace("%", " %"),
        "Compare the metric mmap_proc_maps with vm.max_map_count of the nodes.",
        (SCHEMA, SCALARS, "pods"),
    ),
    "rbac": Condition(rbac, "RBAC is on", _IN_ENV, CONFIGURATION),
    "database_users": Condition(database_users, "database users are on", _IN_ENV, CONFIGURATION),
    "rbac_or_database_users": Condition(
        rbac_or_database_users, "RBAC or database users are on", _IN_ENV, CONFIGURATION
    ),
    "several_static_users": Condition(
        several_static_users, "several users have a static API key", _IN_ENV, CONFIGURATION
    ),
    "offload_s3": Condition(offload_s3, "the module offload-s3 is on", _IN_ENV, CONFIGURATION),
    "replica_movement": Condition(replica_movement, "replica movement is on", _IN_ENV, CONFIGURATION),
    "asynchronous_repair": Condition(
        asynchronous_repair, "asynchronous repair is on", _IN_SCHEMA, (SCHEMA, *CONFIGURATION)
    ),
    "debug_port": Condition(debug_port, "the debug port is open", _IN_ENV, CONFIGURATION),
    "short_bootstrap": Condition(
        short_bootstrap, f"the start-up may take less than {BOOTSTRAP_SECONDS} seconds", _IN_ENV, CONFIGURATION
    ),
    "low_raft_timeouts": Condition(
        low_raft_timeouts, f"the multiplier of the Raft time-outs is below {RAFT_MULTIPLIER}", _IN_ENV, CONFIGURATION
    ),
    "incremental_backups": Condition(
        incremental_backups,
        "incremental backups exist",
        "List the backups with the root user from 1.37.6 on, or ask who makes them.",
        (BACKUPS, "weaviate/own_info", *CONFIGURATION),
    ),
}
"""By the name that `when` of a fault uses."""

READS = tuple(
    sorted(
        {"weaviate/meta", "weaviate/nodes", "nodes", "pods"}
        | {key for condition in CONDITIONS.values() for key in condition.reads}
    )
)
"""What versions and conditions read: collected in every profile."""
