"""The allow-lists for free-form maps: names of variables, annotations, storage parameters.

All other entries are dropped (annotations, parameters) or replaced by `REDACTED` (values of variables). None of the
variables holds a credential.
"""

from __future__ import annotations

import re

ENV_NAMES = frozenset(
    """
    ASYNC_INDEXING ASYNC_REPLICATION_DISABLED ASYNC_REPLICATION_SCHEDULER_WORKERS
    AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED AUTHENTICATION_APIKEY_ENABLED AUTHENTICATION_DB_USERS_ENABLED
    AUTHENTICATION_OIDC_ENABLED AUTHENTICATION_OIDC_INSECURE_SKIP_TLS_VERIFY
    AUTHENTICATION_OIDC_SKIP_CLIENT_ID_CHECK
    AUTHORIZATION_ADMINLIST_ENABLED AUTHORIZATION_ENABLE_RBAC AUTHORIZATION_RBAC_ENABLED
    AUTHORIZATION_RBAC_IP_IN_AUDIT_LOG_DISABLED AUTOSCHEMA_ENABLED AWS_DEFAULT_REGION AWS_REGION
    BACKUP_AZURE_CONTAINER BACKUP_AZURE_PATH BACKUP_FILESYSTEM_PATH BACKUP_GCS_BUCKET BACKUP_GCS_PATH
    BACKUP_GCS_USE_AUTH BACKUP_S3_BUCKET BACKUP_S3_ENDPOINT BACKUP_S3_PATH BACKUP_S3_USE_SSL
    CLUSTER_DATA_BIND_PORT CLUSTER_GOSSIP_BIND_PORT CLUSTER_HOSTNAME CLUSTER_JOIN CORS_ALLOW_ORIGIN
    DD_LOGS_CONFIG_CONTAINER_COLLECT_ALL DD_LOGS_ENABLED DEBUG_ENDPOINTS_ENABLED DEFAULT_QUANTIZATION
    DEFAULT_SHARDING_COUNT DEFAULT_VECTORIZER_MODULE DISABLE_GRAPHQL DISABLE_TELEMETRY
    DISK_USE_READONLY_PERCENTAGE DISK_USE_WARNING_PERCENTAGE ENABLE_MODULES FEATURE_GATES
    GOGC GOMAXPROCS GOMEMLIMIT GO_PROFILING_DISABLE GRPC_MAX_MESSAGE_SIZE GRPC_PORT
    LAZY_LOAD_SHARD_COUNT_THRESHOLD LIMIT_RESOURCES LOG_FORMAT LOG_LEVEL
    MAXIMUM_ALLOWED_COLLECTIONS_COUNT MAXIMUM_ALLOWED_OBJECTS_COUNT MAXIMUM_ALLOWED_SHARDS_PER_COLLECTION
    MAXIMUM_ALLOWED_TENANTS_PER_COLLECTION MAXIMUM_CONCURRENT_GET_REQUESTS MAXIMUM_CONCURRENT_SHARD_LOADS
    MAX_IMPORT_GOROUTINES_FACTOR MAX_MEMORY_MAPPINGS MCP_SERVER_ENABLED MEMORY_READONLY_PERCENTAGE
    MEMORY_WARNING_PERCENTAGE MINIMUM_INTERNAL_TIMEOUT OBJECTS_TTL_BATCH_SIZE OBJECTS_TTL_CONCURRENCY_FACTOR
    OBJECTS_TTL_DELETE_SCHEDULE OBJECTS_TTL_PAUSE_DURATION OBJECTS_TTL_PAUSE_EVERY_NO_BATCHES
    OFFLOAD_S3_BUCKET OFFLOAD_S3_BUCKET_AUTO_CREATE OFFLOAD_S3_CONCURRENCY OFFLOAD_S3_ENDPOINT
    OFFLOAD_S3_USE_SSL OFFLOAD_TIMEOUT OPERATIONAL_MODE
    PERSISTENCE_DATA_PATH PERSISTENCE_HNSW_MAX_LOG_SIZE PERSISTENCE_LSM_ACCESS_STRATEGY
    PERSISTENCE_MEMTABLES_MAX_SIZE_MB PROMETHEUS_MONITORING_ENABLED PROMETHEUS_MONITORING_GROUP
    PROMETHEUS_MONITORING_METRIC_NAMESPACE PROMETHEUS_MONITORING_PORT QUERY_MAXIMUM_RESULTS
    QUERY_SLOW_LOG_ENABLED QUERY_SLOW_LOG_THRESHOLD RAFT_BOOTSTRAP_EXPECT RAFT_BOOTSTRAP_TIMEOUT RAFT_JOIN
    RAFT_INTERNAL_RPC_PORT RAFT_PORT
    RAFT_ENABLE_ONE_NODE_RECOVERY
    REINDEX_VECTOR_DIMENSIONS_AT_STARTUP REPLICATION_ENGINE_MAX_WORKERS REPLICATION_MAXIMUM_FACTOR
    REPLICATION_MINIMUM_FACTOR REPLICA_MOVEMENT_DISABLED REPLICA_MOVEMENT_ENABLED RUNTIME_OVERRIDES_ENABLED
    RUNTIME_OVERRIDES_LOAD_INTERVAL RUNTIME_OVERRIDES_PATH SENTRY_ENVIRONMENT TLS_CERTIFICATE
    GRPC_CERT_FILE GRPC_KEY_FILE TLS_PRIVATE_KEY TLS_CA_CERTIFICATE
    TOMBSTONE_DELETION_CONCURRENCY TOMBSTONE_DELETION_MAX_PER_CYCLE TOMBSTONE_DELETION_MIN_PER_CYCLE
    TRACK_VECTOR_DIMENSIONS
    MCP_SERVER_WRITE_ACCESS_ENABLED AUTHENTICATION_OIDC_SKIP_CLIENT_ID_CHECK RAFT_TIMEOUTS_MULTIPLIER
    RAFT_ENABLE_ONE_NODE_RECOVERY RAFT_METADATA_ONLY_VOTERS PERSISTENCE_HNSW_DISABLE_SNAPSHOTS
    DISABLE_LAZY_LOAD_SHARDS HNSW_STARTUP_WAIT_FOR_VECTOR_CACHE LAZY_LOAD_SHARD_SIZE_THRESHOLD_GB
    LAZY_LOAD_SHARD_WARMUP_MIN_OBJECTS BACKUP_SKIP_ACCESS_CHECK EXPORT_ENABLED QUERY_DEFAULTS_LIMIT
    """.split()
)
"""TLS_PRIVATE_KEY and GRPC_KEY_FILE are paths; the scan for credentials removes a PEM key in their place."""

ENV_COUNTED = frozenset(
    """
    AUTHENTICATION_APIKEY_USERS AUTHORIZATION_ADMINLIST_GROUPS AUTHORIZATION_ADMINLIST_READONLY_GROUPS
    AUTHORIZATION_ADMINLIST_READONLY_USERS AUTHORIZATION_ADMINLIST_USERS AUTHORIZATION_ADMIN_USERS
    AUTHORIZATION_RBAC_READONLY_GROUPS AUTHORIZATION_RBAC_ROOT_GROUPS AUTHORIZATION_RBAC_ROOT_USERS
    """.split()
)
"""Comma-separated names of users or groups: kept as names, pseudonymised on export."""

ENV_URLS = re.compile(r".*_INFERENCE_API$")
"""URLs of modules: kept as scheme, host and port."""

ANNOTATIONS = frozenset(
    """
    ad.datadoghq.com/weaviate.checks ad.datadoghq.com/weaviate.logs argocd.argoproj.io/tracking-id
    azure.workload.identity/client-id backup.velero.io/backup-volumes backup.velero.io/backup-volumes-excludes
    checksum/config cluster.x-k8s.io/paused
    eks.amazonaws.com/role-arn fluentbit.io/exclude iam.gke.io/gcp-service-account
    ingress.kubernetes.io/ssl-redirect karpenter.sh/do-not-disrupt linkerd.io/inject
    meta.helm.sh/release-name meta.helm.sh/release-namespace networking.gke.io/load-balancer-type
    nginx.ingress.kubernetes.io/ssl-redirect openshift.io/scc prometheus.io/path prometheus.io/port
    prometheus.io/scrape reloader.stakater.com/auto
    secret.reloader.stakater.com/reload config.linkerd.io/skip-inbound-ports config.linkerd.io/skip-outbound-ports
    cloud.google.com/load-balancer-type kubernetes.io/elb.cert-id kubernetes.io/elb.protocol-port
    load-balancer.hetzner.cloud/certificate-type load-balancer.hetzner.cloud/disable-public-network
    load-balancer.hetzner.cloud/http-certificates load-balancer.hetzner.cloud/protocol
    loadbalancer.openstack.org/default-tls-container-ref oci-network-load-balancer.oraclecloud.com/internal
    service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type
    service.beta.kubernetes.io/alibaba-cloud-loadbalancer-cert-id
    service.beta.kubernetes.io/alibaba-cloud-loadbalancer-protocol-port
    service.beta.kubernetes.io/alicloud-loadbalancer-address-type
    service.beta.kubernetes.io/alicloud-loadbalancer-cert-id
    service.beta.kubernetes.io/alicloud-loadbalancer-protocol-port
    service.beta.kubernetes.io/aws-load-balancer-internal service.beta.kubernetes.io/aws-load-balancer-scheme
    service.beta.kubernetes.io/aws-load-balancer-ssl-cert service.beta.kubernetes.io/aws-load-balancer-ssl-ports
    service.beta.kubernetes.io/aws-load-balancer-type service.beta.kubernetes.io/azure-allowed-ip-ranges
    service.beta.kubernetes.io/azure-load-balancer-internal service.beta.kubernetes.io/do-loadbalancer-allow-rules
    service.beta.kubernetes.io/do-loadbalancer-certificate-id
    service.beta.kubernetes.io/do-loadbalancer-certificate-name service.beta.kubernetes.io/do-loadbalancer-network
    service.beta.kubernetes.io/do-loadbalancer-tls-ports service.beta.kubernetes.io/load-balancer-source-ranges
    service.beta.kubernetes.io/oci-load-balancer-internal service.beta.kubernetes.io/oci-load-balancer-ssl-ports
    service.beta.kubernetes.io/oci-load-balancer-tls-secret
    service.beta.kubernetes.io/openstack-internal-load-balancer
    service.beta.kubernetes.io/scw-loadbalancer-certificate-ids service.beta.kubernetes.io/scw-loadbalancer-private
    service.beta.kubernetes.io/vultr-loadbalancer-https-ports service.beta.kubernetes.io/vultr-loadbalancer-ssl
    service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type sidecar.istio.io/inject
    traffic.sidecar.istio.io/excludeInboundPorts traffic.sidecar.istio.io/includeInboundPorts
    storageclass.beta.kubernetes.io/is-default-class storageclass.kubernetes.io/is-default-class
    vault.hashicorp.com/agent-inject vector.dev/exclude volume.kubernetes.io/selected-node
    """.split()
)
"""ad.datadoghq.com/weaviate.* are kept as the word "present"."""

APPARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/"
ANNOTATION_PATTERNS = re.compile(
    rf"service\.beta\.kubernetes\.io/linode-loadbalancer-port-\d{{1,5}}"
    rf"|{re.escape(APPARMOR_ANNOTATION)}[a-z0-9](?:[-a-z0-9]{{0,61}}[a-z0-9])?"
)
"""Names that end in a port or in the name of a container; of AppArmor profiles only the sort is kept."""

MENTIONS_TLS = re.compile(
    r"(?i)(?!.*openshift\.io/serving-cert)(?:.*(?:tls|ssl|https|certificate)|.*[^a-z]certs?(?![a-z]))"
)
"""Other annotations of Services that mention TLS: kept as the word "present", because they may switch it on."""

STORAGE_PARAMETERS = frozenset(
    """
    type fstype fsType csi.storage.k8s.io/fstype encrypted iops throughput iopsPerGB replication-type
    skuName skuname storageaccounttype kind cachingMode numberOfReplicas repl
    """.split()
)

SCHEDULER_PHRASES = (
    "unbound immediate PersistentVolumeClaims",
    "didn't find available persistent volumes to bind",
    "persistentvolumeclaim not found",
    "volume node affinity conflict",
    "exceed max volume count",
    "Insufficient memory",
    "Insufficient cpu",
    "Insufficient ephemeral-storage",
    "Too many pods",
    "untolerated taint",
    "didn't match Pod's node affinity/selector",
    "didn't match pod affinity rules",
    "didn't match pod anti-affinity rules",
    "didn't satisfy existing pods anti-affinity rules",
    "didn't match pod topology spread constraints",
    "didn't have free ports",
    "were unschedulable",
    "no nodes available",
)
"""The reasons of kube-scheduler that are kept of a pod's condition; all other text of the message is dropped."""
