"""Single changes to a cluster on which everything is right: what breaks is never met, what is harmless is no alarm.

Each row changes one field of the raw objects before they are decoded. A row of `BROKEN` names the question that has to
notice, its outcome and words of its sentence; after a row of `HARMLESS` every finding is as good as before.
"""

from __future__ import annotations

import functools

import pytest

from readiness_kit.checklist import load_checklist
from readiness_kit.evidence import evaluate
from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Finding, Outcome, Profile, Question, Reason, Settings
from tests.support import ready_cluster
from tests.support.changes import (
    Change,
    added,
    balanced,
    condition,
    container,
    env,
    granted,
    ingress_rule,
    objects,
    pod,
    probe,
    removed,
    rule,
    service,
    taint,
    workers,
    workload,
)

MET, PARTLY, NOT_MET, UNKNOWN, NOT_APPLICABLE = (
    Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN, Outcome.NOT_APPLICABLE,
)  # fmt: skip
NAMESPACE, IMAGE = "search", "cr.weaviate.io/semitechnologies/weaviate"
ZONE, RACK = "topology.kubernetes.io/zone", "topology.kubernetes.io/rack"
CONTEXT = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": True}

# --- the tables -----------------------------------------------------------------------------------

NODES, ZONES, THREE, REPAIR = "ha.replicas_across_nodes", "ha.multi_az", "ha.three_nodes", "ha.node_repair"
ROOM, UPDATES, BACKUPS, STORAGE = (
    "ha.workers_across_zones", "ha.rolling_updates", "ha.weaviate_backups", "res.storage_class",
)  # fmt: skip
LIMIT, SIZED, DISK, READS = "res.gomemlimit", "res.memory_sized", "res.storage_compute_sized", "res.read_replicas"
TLS, POLICIES, SECRETS, PODS, ACCESS, PRIVILEGE = (
    "sec.tls", "sec.network_policies", "sec.secrets", "sec.container_defaults", "sec.access_limited",
    "sec.least_privilege",
)  # fmt: skip

BROKEN: list[tuple[str, Change, str, Outcome, str]] = [
    # probes
    ("probe of another scheme", probe("livenessProbe", scheme="HTTPS"), REPAIR, PARTLY, "Weaviate serves HTTP"),
    ("probe of a port without listener", probe("readinessProbe", port=9999), REPAIR, PARTLY, "asks port 9999"),
    ("probe of an absent port name", probe("readinessProbe", port="rest"), REPAIR, NOT_MET, "always fails"),
    ("liveness asks for readiness", probe("livenessProbe", path="/v1/.well-known/ready"), REPAIR, PARTLY, "restarted"),
    ("readiness asks for liveness", probe("readinessProbe", path="/v1/.well-known/live"), REPAIR, PARTLY, "before it"),
    ("probe of a page with keys", probe("readinessProbe", path="/"), REPAIR, PARTLY, "needs authentication"),
    # memory, disk
    ("GOMEMLIMIT is zero", env(GOMEMLIMIT="0"), LIMIT, NOT_MET, "collects garbage all the time"),
    ("GOMEMLIMIT is zero with a unit", env(GOMEMLIMIT="0GiB"), LIMIT, NOT_MET, "collects garbage all the time"),
    ("GOMEMLIMIT in lower case", env(GOMEMLIMIT="42gib"), LIMIT, NOT_MET, "ends the process"),
    ("GOMEMLIMIT with a space", env(GOMEMLIMIT="42 GiB"), LIMIT, NOT_MET, "ends the process"),
    ("GOMEMLIMIT with decimals", env(GOMEMLIMIT="42.5GiB"), LIMIT, NOT_MET, "ends the process"),
    ("no guard of the disk", env(DISK_USE_READONLY_PERCENTAGE="100"), DISK, PARTLY, "before a volume is full"),
    ("guard of the disk off", env(DISK_USE_READONLY_PERCENTAGE="0"), DISK, PARTLY, "before a volume is full"),
    ("guard of the memory off", env(MEMORY_READONLY_PERCENTAGE="0"), SIZED, PARTLY, "no memory read-only guard"),
    ("small request", container({"resources": {"requests": {"memory": "1Gi"}}}), SIZED, PARTLY, "evicted early"),
    # placement
    ("rule on a label that nodes lack", rule(topologyKey=RACK), NODES, PARTLY, "has no effect"),
    ("zone rule without zone labels", workers({"metadata": {"labels": {ZONE: None}}}), ZONES, PARTLY, "has no effect"),
    ("rule for other pods", rule(labelSelector={"matchLabels": {"app": "other"}}), NODES, PARTLY, "Nothing forces"),
    ("rule for other namespaces", rule(namespaces=["shop"]), NODES, PARTLY, "Nothing forces"),
    ("rule without a selector", rule(labelSelector=None), NODES, PARTLY, "Nothing forces"),
    ("rule on nodes only", rule(topologyKey="kubernetes.io/hostname"), ZONES, PARTLY, "separate zones"),
    ("one zone cordoned", workers({"spec": {"unschedulable": True}}, "eu-west-1a"), ROOM, PARTLY, "2 zones only"),
    ("one zone tainted", taint("eu-west-1b", "NoExecute"), ROOM, PARTLY, "2 zones only"),
    ("no toleration", pod({"tolerations": []}), ROOM, NOT_MET, "No ready, schedulable node"),
    ("small nodes", workers({"status": {"allocatable": {"memory": "40Gi"}}}), ROOM, NOT_MET, "can take a Weaviate pod"),
    ("spot", workers({"metadata": {"labels": {"karpenter.sh/capacity-type": "spot"}}}), NODES, NOT_MET, "spot nodes"),
    # the members
    ("a pod that is not ready", condition("weaviate-2", "Ready", "False"), THREE, PARTLY, "2 of 3 replicas are ready"),
    ("a missing pod", removed("pods", "weaviate-2"), THREE, PARTLY, "2 of 3 replicas are ready"),
    ("four replicas, three pods", workload({"spec": {"replicas": 4}}), THREE, PARTLY, "3 of 4 replicas"),
    ("one name", env(CLUSTER_HOSTNAME="weaviate"), THREE, NOT_MET, "All pods have the name weaviate"),
    ("join by a Service without pods", objects("services", {"spec": {"selector": {"app": "none"}}},
     "weaviate-headless"), THREE, PARTLY, "selects none of the pods"),
    ("join in another namespace", env(CLUSTER_JOIN="weaviate-headless.other.svc"), THREE, PARTLY, "namespace is other"),
    ("join on another port", env(CLUSTER_JOIN="weaviate-headless:7999"), THREE, PARTLY, "names port 7999"),
    ("an absent voter", env(RAFT_JOIN="weaviate-0,weaviate-1,weaviate-7"), THREE, PARTLY, "does not exist"),
    ("a voter twice", env(RAFT_JOIN="weaviate-0,weaviate-1,weaviate-1"), THREE, NOT_MET, "names a member twice"),
    ("no such Service", workload({"spec": {"serviceName": "nothing"}}), THREE, PARTLY, "There is no Service nothing"),
    # updates
    ("partition", workload({"spec": {"updateStrategy": {"rollingUpdate": {"partition": 3}}}}), UPDATES, PARTLY,
     "holds back the rollout"),
    ("no grace", pod({"terminationGracePeriodSeconds": 0}), UPDATES, PARTLY, "0 seconds"),
    ("budget of other pods", objects("poddisruptionbudgets", {"spec": {"selector": {"matchLabels": {"app": "x"}}}}),
     UPDATES, PARTLY, "No PodDisruptionBudget selects"),
    ("budget that blocks", objects("poddisruptionbudgets", {"spec": {"maxUnavailable": 0}}), UPDATES, PARTLY,
     "every drain is blocked"),
    ("budget for all", objects("poddisruptionbudgets", {"spec": {"maxUnavailable": "100%"}}), UPDATES, PARTLY,
     "allows 3 of 3"),
    ("moving image", container({"image": f"{IMAGE}:nightly"}), UPDATES, NOT_MET, "no fixed version"),
    # storage and backups
    ("lost claim", objects("persistentvolumeclaims", {"status": {"phase": "Lost"}}, "weaviate-data-weaviate-2"),
     STORAGE, NOT_MET, "is Lost"),
    ("pending claim",
     objects("persistentvolumeclaims", {"spec": {"volumeName": None}, "status": {"phase": "Pending"}},
             "weaviate-data-weaviate-2"), STORAGE, PARTLY, "no volume is bound"),
    ("failed volume", objects("persistentvolumes", {"status": {"phase": "Failed"}}), STORAGE, NOT_MET, "is Failed"),
    ("released volume", objects("persistentvolumes", {"status": {"phase": "Released"}}), STORAGE, NOT_MET,
     "is Released"),
    ("reclaimed volumes", objects("persistentvolumes", {"spec": {"persistentVolumeReclaimPolicy": "Delete"}}), STORAGE,
     PARTLY, "deletes the data"),
    ("data beside the volume", env(PERSISTENCE_DATA_PATH="/data"), STORAGE, NOT_MET, "the container's own disk"),
    ("suspended backups", objects("cronjobs", {"spec": {"suspend": True}}), BACKUPS, PARTLY, "is suspended"),
    ("store in the cluster", env(BACKUP_S3_ENDPOINT="minio.minio.svc:9000"), BACKUPS, PARTLY, "inside this cluster"),
    # Services, Ingress, certificates
    ("target port without listener", service({}, {"port": 80, "targetPort": 9090}), READS, PARTLY, "port 9090"),
    ("target port by an absent name", service({}, {"port": 80, "targetPort": "http"}), READS, PARTLY, "port http"),
    ("no ready endpoint but one", objects("endpointslices", {"endpoints": [{"addresses": ["10.0.0.1"]}]}), READS,
     PARTLY, "1 ready endpoint"),
    ("public load balancer", balanced("203.0.113.9"), TLS, NOT_MET, "without TLS by a public load balancer"),
    ("external addresses", service({"spec": {"externalIPs": ["203.0.113.9"]}}), TLS, NOT_MET, "without TLS"),
    ("debug port outside", added("services", "debug", {"spec": {"type": "LoadBalancer", "selector": {"app": "weaviate"},
     "ports": [{"port": 6060, "targetPort": 6060}]}, "status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.9"}]}}}),
     ACCESS, PARTLY, "also exposes port 6060"),
    ("no redirection", objects("ingresses", {"metadata": {"annotations": {
     "nginx.ingress.kubernetes.io/ssl-redirect": "false"}}}), TLS, PARTLY, "also answers"),
    ("certificate for other hosts", objects("certificates", {"spec": {"dnsNames": ["other.example.com"]}}), TLS, PARTLY,
     "is not issued for weaviate.shop.example.com"),
    ("certificate two labels up", objects("certificates", {"spec": {"dnsNames": ["*.example.com"]}}), TLS, PARTLY,
     "is not issued for"),
    ("expired certificate", objects("certificates", {"status": {"notAfter": "2026-11-01T00:00:00Z"}}), TLS, NOT_MET,
     "expired"),
    ("no encryption by the plug-in", objects("felixconfigurations", {"spec": {"wireguardEnabled": False}}), TLS, PARTLY,
     "between the Weaviate pods"),
    # NetworkPolicies
    ("from everywhere", ingress_rule(0, {"from": []}), POLICIES, PARTLY, ""),
    ("from every namespace", ingress_rule(0, {"from": [{"namespaceSelector": {}}]}), POLICIES, PARTLY, ""),
    ("from four quarters of the world", ingress_rule(0, {"from": [{"ipBlock": {"cidr": f"{first}.0.0.0/2"}}
     for first in (0, 64, 128, 192)]}), POLICIES, PARTLY, ""),
    ("ports of the cluster", ingress_rule(0, {"ports": [{"port": 1024, "endPort": 65535}]}), POLICIES, PARTLY, ""),
    ("policy of one pod", objects("networkpolicies", {"spec": {"podSelector": {"matchLabels": {
     "statefulset.kubernetes.io/pod-name": "weaviate-0"}}}}), POLICIES, NOT_MET, "weaviate-1 and weaviate-2"),
    ("policy of another namespace", objects("networkpolicies", {"metadata": {"namespace": "shop"}}), POLICIES, NOT_MET,
     "No NetworkPolicy limits"),
    ("network of the node", pod({"hostNetwork": True}), POLICIES, NOT_MET, "use the network of their nodes"),
    # Pod Security
    ("capability", container({"securityContext": {"capabilities": {"add": ["NET_ADMIN"]}}}), PODS, NOT_MET,
     "NET_ADMIN"),
    ("capabilities in lower case", container({"securityContext": {"capabilities": {"drop": ["all"]}}}), PODS, PARTLY,
     "Capabilities"),
    ("unconfined", container({"securityContext": {"seccompProfile": {"type": "Unconfined"}}}), PODS, NOT_MET,
     "Seccomp"),
    ("kernel settings", pod({"securityContext": {"sysctls": [{"name": "kernel.msgmax", "value": "1"}]}}), PODS, NOT_MET,
     "Sysctls"),
    ("SELinux type", container({"securityContext": {"seLinuxOptions": {"type": "spc_t"}}}), PODS, NOT_MET, "SELinux"),
    ("sidecar with all rights", pod({}, containers=[{"name": "side", "image": "x:1.0",
     "securityContext": {"privileged": True}}]), PODS, NOT_MET, "container side"),
    # secrets
    *((f"{name} in plain text", env(**{name: value}), SECRETS, NOT_MET, f"{name} is stored in plain text")
      for name, value in (
          ("MYSQL_PWD", "topsecret1"), ("LDAP_BIND_PW", "topsecret1"), ("MY_PASSPHRASE", "hunter2hunter2"),
          ("REDIS_URL", "redis://user:topsecret1@cache:6379"), ("TLS_KEY_PEM", "topsecret1"),
          ("SENTRY_DSN", "https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.io/1"),
          ("SETTINGS", "-----BEGIN RSA PRIVATE KEY-----\nMIIE"),
      )),
    ("argument of a sidecar", pod({}, containers=[{"name": "side", "image": "x:1.0", "args": ["--password=topsecret1"],
     "securityContext": CONTEXT}]), SECRETS, NOT_MET, "argument --password"),
    ("one API server without encryption", objects("pods", {"spec": {"containers": [{"name": "kube-apiserver",
     "command": ["kube-apiserver"]}]}}, "kube-apiserver-control-2"), SECRETS, PARTLY,
     "encrypted at rest cannot be read"),
    # Kubernetes RBAC
    ("rights of the group", granted("cluster-admin", {"kind": "Group", "name": f"system:serviceaccounts:{NAMESPACE}"}),
     PRIVILEGE, NOT_MET, "which has full rights"),
    ("rights of the account as a user", granted("cluster-admin", {"kind": "User",
     "name": f"system:serviceaccount:{NAMESPACE}:weaviate"}), PRIVILEGE, NOT_MET, "which has full rights"),
    ("rights of everybody", granted("cluster-admin", {"kind": "Group", "name": "system:authenticated"}), ACCESS,
     NOT_MET, "everybody with credentials"),
    ("rights without credentials", granted("view", {"kind": "User", "name": "system:anonymous"}), ACCESS, PARTLY,
     "everybody without credentials"),
    # monitoring, repair
    ("log level", env(LOG_LEVEL="panic"), "mon.logging", NOT_MET, "suppresses errors"),
    ("Grafana scaled to zero", objects("deployments", {"spec": {"replicas": 0}, "status": None}, "grafana"),
     "mon.grafana", UNKNOWN, "No Grafana was found"),
    ("repair paused", objects("nodehealthchecks", {"spec": {"pauseRequests": ["upgrade"]}}), REPAIR, PARTLY,
     "does not prove that failed nodes are repaired"),
]  # fmt: skip

HARMLESS: list[tuple[str, Change]] = [
    ("startup probe", container({"startupProbe": {"httpGet": {"path": "/v1/.well-known/live", "port": 8080},
     "periodSeconds": 10, "failureThreshold": 200}})),
    ("bytes in GOMEMLIMIT", env(GOMEMLIMIT=str(42 * 2**30))),
    ("MiB in GOMEMLIMIT", env(GOMEMLIMIT=f"{42 * 2**10}MiB")),
    ("the default guard", env(DISK_USE_READONLY_PERCENTAGE="90")),
    ("rule with expressions", rule(labelSelector={"matchExpressions": [
     {"key": "app", "operator": "In", "values": ["weaviate"]}]})),
    ("rule for all pods", rule(labelSelector={"matchLabels": None})),
    ("preferred taint", taint("eu-west-1a", "PreferNoSchedule")),
    ("all tolerated", pod({"tolerations": [{"operator": "Exists"}]})),
    ("ordered start", workload({"spec": {"podManagementPolicy": "OrderedReady"}})),
    ("one third at a time", workload({"spec": {"updateStrategy": {"rollingUpdate": {"maxUnavailable": "34%"}}}})),
    ("short join", env(CLUSTER_JOIN="weaviate-headless")),
    ("join with a port", env(CLUSTER_JOIN="weaviate-headless.search.svc.cluster.local.:7000")),
    ("name of the pod", env(CLUSTER_HOSTNAME={"fieldRef": {"fieldPath": "metadata.name"}})),
    ("budget in percent", objects("poddisruptionbudgets", {"spec": {"maxUnavailable": "33%"}})),
    ("minimum in the budget", objects("poddisruptionbudgets", {"spec": {"maxUnavailable": None, "minAvailable": 2}})),
    ("image with a digest", container({"image": f"{IMAGE}:1.40.2@sha256:{'a' * 64}"})),
    ("namespace by name", ingress_rule(0, {"from": [{"namespaceSelector": {"matchLabels": {
     "kubernetes.io/metadata.name": "shop"}}}]})),
    ("wildcard in the Ingress", objects("ingresses", {"spec": {"tls": [
     {"hosts": ["*.shop.example.com"], "secretName": "weaviate-tls"}]}})),
    ("wildcard in the certificate", objects("certificates", {"spec": {"dnsNames": ["*.shop.example.com"]}})),
    ("redirection stated", objects("ingresses", {"metadata": {"annotations": {
     "nginx.ingress.kubernetes.io/ssl-redirect": "true"}}})),
    ("Service of the metrics", added("services", "metrics", {"spec": {"clusterIP": "10.0.0.9",
     "selector": {"app": "weaviate"}, "ports": [{"port": 2112}]}})),
    *((f"variable {name}", env(**{name: value})) for name, value in (
        ("KEYSPACE", "main"), ("MAX_TOKENS", "4096"), ("SECRET_NAME", "weaviate-tls"), ("TOKEN_TTL", "3600"),
        ("PASSWORD_FILE", "/run/secrets/password"), ("BYPASS", "on"), ("MONKEY", "yes"),
    )),
]  # fmt: skip

# --- the tests ------------------------------------------------------------------------------------


@functools.cache
def questions() -> tuple[Question, ...]:
    return tuple(load_checklist(profile=Profile.EXTENDED).questions)


def judged(change: Change, *only: str) -> dict[str, Finding]:
    asked = [question for question in questions() if not only or question.id in only]
    return evaluate(ClusterFacts(ready_cluster.build(change)), Settings(), asked)


@functools.cache
def before() -> dict[str, Finding]:
    return judged(lambda raw: None)


@pytest.mark.parametrize(
    ("change", "question", "outcome", "words"), [pytest.param(*row[1:], id=row[0]) for row in BROKEN]
)
def test_a_change_that_breaks_something_is_noticed(change: Change, question: str, outcome: Outcome, words: str) -> None:
    finding = judged(change, question)[question]
    assert finding.outcome is outcome, finding.sentence
    assert words in finding.sentence and finding.sentence != before()[question].sentence
    assert finding.reason is not Reason.ERROR


@pytest.mark.parametrize("change", [pytest.param(row[1], id=row[0]) for row in HARMLESS])
def test_a_harmless_change_raises_no_alarm(change: Change) -> None:
    found = judged(change)
    assert {id: finding.outcome for id, finding in found.items()} == {
        id: finding.outcome for id, finding in before().items()
    }
    assert not [check.message for finding in found.values() for check in finding.facts if check.ok is False]
