"""The kept answers of a Weaviate server (REST, base `/v1`).

Only named fields are kept: no host names, user names, key material, error texts or names of properties. A field that
only some versions return has a default for "not returned", and its docstring names the first version; compare versions
before a conclusion from a default.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from readiness_kit.kinds.meta import KubeStruct
from readiness_kit.model import Reason


class Answer(KubeStruct, frozen=True, gc=False):
    """Base of all answers: camelCase in JSON; unknown fields are dropped."""


class Probe(Answer, frozen=True, gc=False):
    """The answers to requests without credentials.

    meta_status:                 200: anonymous access is enabled; 401: disabled; 0: not requested, or no answer
    schema_status, nodes_status: requested only after a 200; 403: an authoriser refuses anonymous callers
    collections:                 number of collections in the schema; newer servers omit those that a caller may not
                                 read, so a 200 alone proves nothing
    schemes:                     authentication schemes in a 401 ("API-keys", "OIDC"; since about 1.30)
    """

    meta_status: int = 0
    schema_status: int = 0
    nodes_status: int = 0
    collections: int = 0
    schemes: tuple[str, ...] = ()

    @property
    def anonymous(self) -> bool | None:
        """Whether the server accepts anonymous callers; None where unknown."""
        return {200: True, 401: False}.get(self.meta_status)

    @property
    def restricted(self) -> bool:
        """Whether anonymous callers are accepted but refused by the authorisation."""
        return 403 in (self.schema_status, self.nodes_status)


class Health(Answer, frozen=True, gc=False):
    """`live` only proves that the HTTP server runs; `ready` 503: maintenance, store, gossip or a module is not well."""

    status: int = 0

    @property
    def ok(self) -> bool:
        return self.status in (200, 204)


class OpenIdConfiguration(Answer, frozen=True, gc=False):
    """`configured` False: the server has no OIDC (it answered 404). `href` is the issuer's discovery address."""

    configured: bool = False
    href: str = ""
    scopes: tuple[str, ...] = ()


class Module(Answer, frozen=True, gc=False):
    """A module of `meta`; the fields are those of backup modules. `failed`: it gave an error in place of itself."""

    bucket_name: str = ""
    container_name: str = ""
    root_name: str = ""
    endpoint: str = ""
    backups_path: str = ""
    use_ssl: bool | None = msgspec.field(default=None, name="useSSL")
    failed: bool = False


class Meta(Answer, frozen=True, gc=False):
    """`modules` by name (`backup-s3`, `text2vec-openai`). Offload modules are never among them."""

    version: str = ""
    grpc_max_message_size: int = 0
    modules: dict[str, Module] = {}


# --- nodes and shards -----------------------------------------------------------------------------


class AsyncTarget(Answer, frozen=True, gc=False):
    """Progress of asynchronous repair from a shard to its replica on another node."""

    target_node: str = ""
    objects_propagated: int = 0
    start_diff_time_unix_millis: int = 0


class ShardStatus(Answer, frozen=True, gc=False):
    """One replica of a shard on the node that lists it; `collection` is `class` on the wire.

    While it is not `loaded`, `object_count` is 0 and `compressed` is False.
    `number_of_replicas`, `replication_factor` (0: not returned) and `async_replication_status`: since 1.31.
    `vector_indexing_status`: READY READONLY INDEXING LOADING LAZY_LOADING SHUTDOWN.
    """

    name: str = ""
    collection: str = msgspec.field(default="", name="class")
    object_count: int = 0
    vector_indexing_status: str = ""
    vector_queue_length: int = 0
    compressed: bool = False
    loaded: bool = False
    number_of_replicas: int = 0
    replication_factor: int = 0
    async_replication_status: tuple[AsyncTarget, ...] = ()


class NodeStats(Answer, frozen=True, gc=False):
    object_count: int = 0
    shard_count: int = 0


class BatchStats(Answer, frozen=True, gc=False):
    queue_length: int = 0
    rate_per_second: int = 0


class ServerNode(Answer, frozen=True, gc=False):
    """A Weaviate node. `status`: HEALTHY UNHEALTHY UNAVAILABLE TIMEOUT. `operational_mode` since 1.34.5."""

    name: str = ""
    status: str = ""
    version: str = ""
    git_hash: str = ""
    operational_mode: str = ""
    batch_stats: BatchStats = BatchStats()
    stats: NodeStats | None = None
    shards: tuple[ShardStatus, ...] = ()


class Nodes(Answer, frozen=True, gc=False):
    """The live members that the answering node sees; failed members are missing.

    `sampled` (verbose list only): the collections that were read individually because there are too many shards for the
    complete list; empty where the list is complete.
    """

    nodes: tuple[ServerNode, ...] = ()
    sampled: tuple[str, ...] = ()


class RaftServer(Answer, frozen=True, gc=False):
    """A configured member of the metadata store, dead or alive. `suffrage` 0 votes, 1 does not."""

    id: str = ""
    address: str = ""
    suffrage: int = 0


class RaftStatistics(Answer, frozen=True, gc=False):
    """All numbers are strings, as on the wire. `state`: Leader Follower Candidate."""

    state: str = ""
    applied_index: str = ""
    commit_index: str = ""
    fsm_pending: str = ""
    last_contact: str = ""
    num_peers: str = ""
    term: str = ""
    latest_configuration: tuple[RaftServer, ...] = ()


class NodeStatistics(Answer, frozen=True, gc=False):
    """The metadata store as one live node reports it."""

    name: str = ""
    status: str = ""
    is_voter: bool = False
    leader_id: str = ""
    bootstrapped: bool = False
    db_loaded: bool = False
    open: bool = False
    ready: bool = False
    raft: RaftStatistics = RaftStatistics()


class Statistics(Answer, frozen=True, gc=False):
    """`synchronized` may be False temporarily; `polls` is the number of requests, within ten seconds at most."""

    statistics: tuple[NodeStatistics, ...] = ()
    synchronized: bool = False
    polls: int = 1


# --- schema ---------------------------------------------------------------------------------------


class Quantiser(Answer, frozen=True, gc=False):
    """One of pq, bq, sq, rq. `cache` is for flat indexes only, `bits` for rq, `segments` and `centroids` for pq."""

    enabled: bool = False
    cache: bool = False
    bits: int = 0
    segments: int = 0
    centroids: int = 0
    training_limit: int = 0
    rescore_limit: int = 0


class MultiVector(Answer, frozen=True, gc=False):
    enabled: bool = False


class VectorIndexConfig(Answer, frozen=True, gc=False):
    """The fields of hnsw, flat, dynamic and hfresh; 0 and "" mean "not returned"."""

    distance: str = ""
    skip: bool = False
    cleanup_interval_seconds: int = 0
    max_connections: int = 0
    ef_construction: int = 0
    vector_cache_max_objects: int = 0
    threshold: int = 0
    skip_default_quantization: bool = False
    track_default_quantization: bool = False
    pq: Quantiser | None = None
    bq: Quantiser | None = None
    sq: Quantiser | None = None
    rq: Quantiser | None = None
    multivector: MultiVector | None = None
    hnsw: VectorIndexConfig | None = None
    flat: VectorIndexConfig | None = None


class VectorConfig(Answer, frozen=True, gc=False):
    """A named vector (since 1.24). `vectorizer` is the module's name."""

    vectorizer: str = ""
    vector_index_type: str = ""
    vector_index_config: VectorIndexConfig = VectorIndexConfig()


class AsyncConfig(Answer, frozen=True, gc=False):
    """Present where it is tuned; the values are not kept."""


class ReplicationConfig(Answer, frozen=True, gc=False):
    """`async_enabled` is configured in 1.26 to 1.37 and computed by the server from 1.38 on; None: not returned.

    `deletion_strategy`: NoAutomatedResolution DeleteOnConflict TimeBasedResolution, "" before 1.27.
    """

    factor: int = 1
    async_enabled: bool | None = None
    deletion_strategy: str = ""
    async_config: AsyncConfig | None = None


class ShardingConfig(Answer, frozen=True, gc=False):
    """Counts are 0 for collections with tenants, where each tenant is a shard."""

    desired_count: int = 0
    actual_count: int = 0
    virtual_per_physical: int = 0
    desired_virtual_count: int = 0


class MultiTenancyConfig(Answer, frozen=True, gc=False):
    enabled: bool = False
    auto_tenant_creation: bool = False
    auto_tenant_activation: bool = False


class ObjectTtlConfig(Answer, frozen=True, gc=False):
    """Since 1.35. Deletes nothing while the server has no OBJECTS_TTL_DELETE_SCHEDULE. `default_ttl` in seconds."""

    enabled: bool = False
    default_ttl: int = 0
    delete_on: str = ""
    filter_expired_objects: bool = False


class CollectionSchema(Answer, frozen=True, gc=False):
    """A collection's definition. `vector_config` (named) and the three legacy fields can stand side by side.

    `property_count` and `property_set` stand for the properties, whose names are not kept: equal sets (names and
    types) have equal digests.
    """

    name: str = msgspec.field(default="", name="class")
    vectorizer: str = ""
    vector_index_type: str = ""
    vector_index_config: VectorIndexConfig | None = None
    vector_config: dict[str, VectorConfig] = {}
    replication_config: ReplicationConfig = ReplicationConfig()
    sharding_config: ShardingConfig = ShardingConfig()
    multi_tenancy_config: MultiTenancyConfig = MultiTenancyConfig()
    object_ttl_config: ObjectTtlConfig | None = None
    property_count: int = 0
    property_set: str = ""


class Schema(Answer, frozen=True, gc=False):
    """The collections that the key may read. `from_leader` False: the possibly outdated view of one node."""

    classes: tuple[CollectionSchema, ...] = ()
    from_leader: bool = True


# --- backups --------------------------------------------------------------------------------------


class BackupEntry(Answer, frozen=True, gc=False):
    """`status`: STARTED TRANSFERRING TRANSFERRED FINALIZING SUCCESS FAILED CANCELLING CANCELED.

    Times since 1.31.15/1.32.8/1.33, `size` (GiB) since 1.32.14/1.33.2, base id since 1.37.6 for root only.
    """

    id: str = ""
    status: str = ""
    classes: tuple[str, ...] = ()
    started_at: datetime | None = None
    completed_at: datetime | None = None
    size: float | None = None
    incremental_base_backup_id: str = msgspec.field(default="", name="incremental_base_backup_id")


class Backend(Answer, frozen=True, gc=False):
    """The backups on one backend (`s3`, `gcs`, `azure`, `filesystem`), newest first where times are given.

    `reason` None: listed. `restores` maps ids of the newest successful ones to the status of their last restore
    ("" : never restored); restores have no date. An empty list can also mean that the key may not see any.
    """

    entries: tuple[BackupEntry, ...] = ()
    restores: dict[str, str] = {}
    reason: Reason | None = None
    message: str = ""


# --- access ---------------------------------------------------------------------------------------


class Permission(Answer, frozen=True, gc=False):
    """`wide`: applies to every object of its kind (`*`), without limits such as the minimal node list or own roles."""

    action: str = ""
    wide: bool = False


class Role(Answer, frozen=True, gc=False):
    """`users`: number of users with the role (read for built-in roles, since 1.30); None where unknown."""

    name: str = ""
    permissions: tuple[Permission, ...] = ()
    users: int | None = None

    @property
    def built_in(self) -> bool:
        return self.name in BUILT_IN_ROLES


BUILT_IN_ROLES = ("admin", "root", "viewer", "read-only")


class OwnInfo(Answer, frozen=True, gc=False):
    """The user of the API key, without the name. Without role names, RBAC is off or the server is before 1.28.8."""

    roles: tuple[str, ...] = ()
    permissions: tuple[Permission, ...] = ()
    groups: int = 0

    def sees_all(self, action: str) -> bool:
        """Whether one of its roles allows an action on every object; the built-in roles allow all reads."""
        built_in = any(role in BUILT_IN_ROLES for role in self.roles)
        return built_in or any(permission.action == action and permission.wide for permission in self.permissions)


class User(Answer, frozen=True, gc=False):
    """A user without its name. `kind`: db_user (created through the API) or db_env_user (from the environment)."""

    kind: str = ""
    roles: tuple[str, ...] = ()
    active: bool = True
    created_at: datetime | None = None
    last_used_at: datetime | None = None


class Task(Answer, frozen=True, gc=False):
    """A distributed task (since 1.31), such as a reindexing. `status`: STARTED FINISHED FAILED CANCELLED or others."""

    status: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None
