"""Weaviate in the demonstration cluster: the objects of the chart, pods, volumes and entry points."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.demo.names import (
    HELM,
    NAMESPACE,
    READ_AT,
    REGION,
    ROLLED,
    VERSION,
    WEAVIATE_LABELS,
    ZONES,
    Object,
    named,
    node_name,
)

_ENV = {
    "AUTHENTICATION_APIKEY_ENABLED": "true",
    "AUTHENTICATION_APIKEY_USERS": "search-admin,search-app",
    "AUTHORIZATION_RBAC_ENABLED": "true",
    "AUTHORIZATION_RBAC_ROOT_USERS": "search-admin",
    "BACKUP_S3_BUCKET": "weaviate-backups-prod",
    "CLUSTER_DATA_BIND_PORT": "7001",
    "CLUSTER_GOSSIP_BIND_PORT": "7000",
    "CLUSTER_JOIN": f"weaviate-headless.{NAMESPACE}.svc.cluster.local.",
    "DEFAULT_VECTORIZER_MODULE": "text2vec-openai",
    "ENABLE_MODULES": "backup-s3,text2vec-openai",
    "GOGC": "100",
    "GOMEMLIMIT": "42GiB",
    "LOG_LEVEL": "debug",  # gap: left over from an incident
    "OBJECTS_TTL_DELETE_SCHEDULE": "",
    "PERSISTENCE_DATA_PATH": "/var/lib/weaviate",
    "PROMETHEUS_MONITORING_ENABLED": "true",
    "PROMETHEUS_MONITORING_GROUP": "false",
    "QUERY_MAXIMUM_RESULTS": "100000",
    "RAFT_BOOTSTRAP_EXPECT": "3",
    "RAFT_JOIN": "weaviate-0,weaviate-1,weaviate-2",
    "RUNTIME_OVERRIDES_ENABLED": "false",
    "TRACK_VECTOR_DIMENSIONS": "true",
    "OPENAI_APIKEY": "a-key-in-clear-text",  # gap: a literal instead of a Secret reference
}


def _env() -> list[Object]:
    literal = [{"name": name, "value": value} for name, value in _ENV.items()]
    secret = [
        {"name": name, "valueFrom": {"secretKeyRef": {"name": of, "key": key}}}
        for name, of, key in (
            ("AUTHENTICATION_APIKEY_ALLOWED_KEYS", "weaviate-apikeys", "keys"),
            ("CLUSTER_BASIC_AUTH_USERNAME", "weaviate-cluster-api-basic-auth", "username"),
            ("CLUSTER_BASIC_AUTH_PASSWORD", "weaviate-cluster-api-basic-auth", "password"),
        )
    ]
    return literal + secret


def _probe(path: str, delay: int, failures: int) -> Object:
    return {
        "httpGet": {"path": path, "port": 8080},
        "initialDelaySeconds": delay,
        "failureThreshold": failures,
        "periodSeconds": 10,
        "timeoutSeconds": 3,
    }


def _weaviate_spec() -> Object:
    hardened = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": True,
        "runAsUser": 1000,
    }
    return {
        "serviceAccountName": "weaviate",
        "terminationGracePeriodSeconds": 600,
        "nodeSelector": {"workload": "weaviate"},
        "tolerations": [{"key": "dedicated", "operator": "Equal", "value": "weaviate", "effect": "NoSchedule"}],
        "securityContext": {"fsGroup": 1000, "runAsNonRoot": True, "runAsUser": 1000},
        "affinity": {  # gap: only preferred, not required
            "podAntiAffinity": {
                "preferredDuringSchedulingIgnoredDuringExecution": [
                    {
                        "weight": 1,
                        "podAffinityTerm": {
                            "topologyKey": "kubernetes.io/hostname",
                            "labelSelector": {"matchLabels": {"app": "weaviate"}},
                        },
                    }
                ]
            }
        },
        "initContainers": [  # gap: the chart's privileged sysctl container is enabled
            {
                "name": "configure-sysctl",
                "image": "docker.io/alpine:latest",
                "command": ["sysctl", "-w", "vm.max_map_count=524288"],
                "securityContext": {"privileged": True, "runAsUser": 0, "runAsNonRoot": False},
            }
        ],
        "containers": [
            {
                "name": "weaviate",
                "image": f"cr.weaviate.io/semitechnologies/weaviate:{VERSION}",
                "command": ["/bin/weaviate"],
                "args": [
                    "--host",
                    "0.0.0.0",
                    "--port",
                    "8080",
                    "--scheme",
                    "http",
                    "--config-file",
                    "/weaviate-config/conf.yaml",
                ],
                "env": _env(),
                "ports": [
                    {"containerPort": 8080},
                    {"name": "metrics", "containerPort": 2112},
                    {"name": "grpc", "containerPort": 50051},
                ],
                "resources": {"requests": {"cpu": "4", "memory": "48Gi"}, "limits": {"memory": "48Gi"}},
                "livenessProbe": _probe("/v1/.well-known/live", 900, 30),
                "readinessProbe": _probe("/v1/.well-known/ready", 3, 3),
                "securityContext": hardened,
                "volumeMounts": [
                    {"name": "weaviate-config", "mountPath": "/weaviate-config"},
                    {"name": "weaviate-data", "mountPath": "/var/lib/weaviate"},
                ],
            }
        ],
        "volumes": [{"name": "weaviate-config", "configMap": {"name": "weaviate-config"}}],
    }


def stateful_set() -> Object:
    return {
        **named("weaviate", NAMESPACE, labels={**WEAVIATE_LABELS, "name": "weaviate"}, annotations=HELM, generation=7),
        "spec": {
            "replicas": 3,
            "serviceName": "weaviate-headless",
            "podManagementPolicy": "Parallel",
            "selector": {"matchLabels": {"app": "weaviate"}},
            "updateStrategy": {"type": "RollingUpdate"},
            "template": {"metadata": {"labels": WEAVIATE_LABELS}, "spec": _weaviate_spec()},
            "volumeClaimTemplates": [
                {
                    "metadata": {"name": "weaviate-data"},
                    "spec": {"storageClassName": "gp3-encrypted", "resources": {"requests": {"storage": "400Gi"}}},
                }
            ],
        },
        "status": {
            "replicas": 3,
            "readyReplicas": 3,
            "availableReplicas": 3,
            "updatedReplicas": 3,
            "currentRevision": "weaviate-6d8f7c9b54",
            "updateRevision": "weaviate-6d8f7c9b54",
            "observedGeneration": 7,
        },
    }


def revision(name: str, number: int) -> Object:
    return {**named(name, NAMESPACE, born=ROLLED), "revision": number}


def config() -> Object:
    text = (
        "authentication:\n  anonymous_access:\n    enabled: false\n  oidc:\n    enabled: false\n"
        "authorization:\n  admin_list:\n    enabled: false\n"
        "  rbac:\n    enabled: true\n    root_users:\n    - search-admin\n"
        "query_defaults:\n  limit: 100\ndebug: false\n"
    )
    return {**named("weaviate-config", NAMESPACE, annotations=HELM), "data": {"conf.yaml": text}}


def backup_job() -> Object:
    command = ["/bin/sh", "-c", f'wget -O- --post-data "$BODY" http://weaviate.{NAMESPACE}.svc/v1/backups/s3']
    container = {
        "name": "backup",
        "image": "docker.io/curlimages/curl:8.15.0",
        "command": command,
        "env": [{"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "weaviate-backup", "key": "key"}}}],
    }
    return {
        **named("weaviate-backup", NAMESPACE),
        "spec": {
            "schedule": "0 1 * * *",
            "suspend": False,
            "jobTemplate": {"spec": {"template": {"spec": {"containers": [container]}}}},
        },
        "status": {"lastScheduleTime": "2026-11-20T01:00:00Z", "lastSuccessfulTime": "2026-11-20T01:11:42Z"},
    }


def pods() -> Iterator[Object]:
    """The pods of Weaviate's namespace."""
    for ordinal in range(3):
        name = f"weaviate-{ordinal}"
        spec = _weaviate_spec()
        claim = {"name": "weaviate-data", "persistentVolumeClaim": {"claimName": f"weaviate-data-{name}"}}
        spec |= {"nodeName": node_name(ordinal, 0), "volumes": [*spec["volumes"], claim], "restartPolicy": "Always"}
        killed = {"terminated": {"reason": "OOMKilled", "exitCode": 137, "finishedAt": "2026-11-16T03:12:09Z"}}
        yield {
            **named(
                name,
                NAMESPACE,
                born=ROLLED,
                labels={
                    **WEAVIATE_LABELS,
                    "statefulset.kubernetes.io/pod-name": name,
                    "controller-revision-hash": "weaviate-6d8f7c9b54",
                },
                ownerReferences=[{"kind": "StatefulSet", "name": "weaviate", "controller": True}],
            ),
            "spec": spec,
            "status": {
                "phase": "Running",
                "qosClass": "Burstable",
                "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": ROLLED}],
                "containerStatuses": [
                    {
                        "name": "weaviate",
                        "ready": True,
                        "restartCount": 2 if ordinal == 1 else 0,
                        "image": f"cr.weaviate.io/semitechnologies/weaviate:{VERSION}",
                        "imageID": "cr.weaviate.io/semitechnologies/weaviate@sha256:" + "5c3d" * 16,
                        "state": {"running": {}},
                        "lastState": killed if ordinal == 1 else {},
                    }
                ],
                "initContainerStatuses": [
                    {"name": "configure-sysctl", "ready": True, "image": "docker.io/alpine:latest"}
                ],
            },
        }


def claims() -> Iterator[Object]:
    for ordinal in range(3):
        name = f"weaviate-data-weaviate-{ordinal}"
        yield {
            **named(name, NAMESPACE, labels={"app.kubernetes.io/name": "weaviate"}),
            "spec": {
                "storageClassName": "gp3-encrypted",
                "volumeName": f"pvc-{ordinal}f0c2d4e",
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": "400Gi"}},
            },
            "status": {"phase": "Bound", "capacity": {"storage": "400Gi"}},
        }


def volumes() -> Iterator[Object]:
    for ordinal, zone in enumerate(ZONES):
        term = {"matchExpressions": [{"key": "topology.kubernetes.io/zone", "operator": "In", "values": [zone]}]}
        yield {
            **named(f"pvc-{ordinal}f0c2d4e"),
            "spec": {
                "storageClassName": "gp3-encrypted",
                "persistentVolumeReclaimPolicy": "Delete",  # gap: deleting the PersistentVolumeClaim deletes the data
                "capacity": {"storage": "400Gi"},
                "csi": {"driver": "ebs.csi.aws.com"},
                "claimRef": {"namespace": NAMESPACE, "name": f"weaviate-data-weaviate-{ordinal}"},
                "nodeAffinity": {"required": {"nodeSelectorTerms": [term]}},
            },
            "status": {"phase": "Bound"},
        }


def services() -> Iterator[Object]:
    def port(number: int, name: str, target: int) -> Object:
        return {"name": name, "port": number, "targetPort": target, "protocol": "TCP"}

    selector = {"app": "weaviate"}
    labels = {**WEAVIATE_LABELS, "monitoring": "enabled"}
    yield {
        **named("weaviate", NAMESPACE, labels=labels, annotations=HELM),
        "spec": {
            "type": "ClusterIP",
            "selector": selector,
            "ports": [port(80, "http", 8080)],
            "clusterIP": "172.20.31.7",
        },
    }
    yield {  # gap: gRPC is open to the internet, with no source ranges
        **named("weaviate-grpc", NAMESPACE, labels=WEAVIATE_LABELS, annotations=HELM),
        "spec": {
            "type": "LoadBalancer",
            "selector": selector,
            "ports": [port(50051, "grpc", 50051)],
            "clusterIP": "172.20.31.8",
        },
        "status": {"loadBalancer": {"ingress": [{"hostname": f"a71c0e5d-1b2.elb.{REGION}.amazonaws.com"}]}},
    }
    yield {
        **named("weaviate-headless", NAMESPACE, labels=WEAVIATE_LABELS, annotations=HELM),
        "spec": {
            "type": "ClusterIP",
            "clusterIP": "None",
            "selector": selector,
            "publishNotReadyAddresses": True,
            "ports": [{"port": 80, "targetPort": 7000, "protocol": "TCP"}],
        },
    }


def endpoint_slices() -> Iterator[Object]:
    for service in ("weaviate", "weaviate-grpc", "weaviate-headless"):
        yield {
            **named(f"{service}-x7k2m", NAMESPACE, labels={"kubernetes.io/service-name": service}),
            "endpoints": [
                {
                    "addresses": [f"10.{20 + zone}.11.{40 + zone}"],
                    "conditions": {"ready": True},
                    "nodeName": node_name(zone, 0),
                    "targetRef": {"kind": "Pod", "name": f"weaviate-{zone}"},
                }
                for zone in range(3)
            ],
        }


def ingress() -> Object:
    path = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "weaviate", "port": {"number": 80}}}}
    return {
        **named("weaviate", NAMESPACE),
        "spec": {
            "ingressClassName": "nginx",
            "rules": [{"host": "weaviate.shop.example.com", "http": {"paths": [path]}}],
            "tls": [{"hosts": ["weaviate.shop.example.com"], "secretName": "weaviate-tls"}],
        },
    }


def certificate() -> Object:
    """The certificate of the Ingress, renewed in time."""
    return {
        **named("weaviate-tls", NAMESPACE),
        "spec": {
            "secretName": "weaviate-tls",
            "dnsNames": ["weaviate.shop.example.com"],
            "issuerRef": {"kind": "ClusterIssuer", "name": "public-ca"},
        },
        "status": {
            "notAfter": "2027-01-31T00:00:00Z",
            "renewalTime": "2027-01-01T00:00:00Z",
            "conditions": [{"type": "Ready", "status": "True", "reason": "Ready"}],
        },
    }


def network_policies() -> Iterator[Object]:
    # gap: intended for Weaviate, but selects a label that the pods do not have
    yield {
        **named("weaviate-ingress", NAMESPACE),
        "spec": {
            "podSelector": {"matchLabels": {"app": "weaviate-prod"}},
            "policyTypes": ["Ingress"],
            "ingress": [
                {
                    "from": [{"namespaceSelector": {"matchLabels": {"team": "storefront"}}}],
                    "ports": [{"port": 8080, "protocol": "TCP"}, {"port": 50051, "protocol": "TCP"}],
                }
            ],
        },
    }


def service_monitor() -> Object:
    return {
        **named("weaviate", NAMESPACE, labels=WEAVIATE_LABELS, annotations=HELM),
        "spec": {
            "endpoints": [{"targetPort": "metrics", "path": "/metrics", "interval": "30s"}],
            "namespaceSelector": {"matchNames": [NAMESPACE]},
            "selector": {
                "matchLabels": {
                    "app.kubernetes.io/name": "weaviate",
                    "app.kubernetes.io/managed-by": "Helm",
                    "monitoring": "enabled",
                }
            },
        },
    }


def pod_metrics() -> Iterator[Object]:
    for ordinal, (cpu, memory) in enumerate((("1840m", "38912Mi"), ("3650m", "46080Mi"), ("1210m", "35840Mi"))):
        yield {
            **named(f"weaviate-{ordinal}", NAMESPACE, labels=WEAVIATE_LABELS),
            "timestamp": READ_AT,
            "window": "15s",
            "containers": [{"name": "weaviate", "usage": {"cpu": cpu, "memory": memory}}],
        }
