"""Where Weaviate's backups go, and by which credentials: outside this cluster, or lost together with it.

A custom S3 endpoint is outside the cluster where it belongs to a known provider, inside where it is a Service, and
otherwise for a person to say.
"""

from __future__ import annotations

import ipaddress
from typing import Literal

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate.config import mount_of
from readiness_kit.model import Check, Outcome, Reason, Ref

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
READS = ("services", "serviceaccounts")
ENDPOINT = "BACKUP_S3_ENDPOINT"
PROVIDERS = (
    "amazonaws.com",
    "amazonaws.com.cn",
    "aliyuncs.com",
    "backblazeb2.com",
    "cloud-object-storage.appdomain.cloud",
    "digitaloceanspaces.com",
    "googleapis.com",
    "linodeobjects.com",
    "oraclecloud.com",
    "ovh.net",
    "r2.cloudflarestorage.com",
    "scw.cloud",
    "vultrobjects.com",
    "wasabisys.com",
    "your-objectstorage.com",
)
"""Domains of object stores that are services of a provider."""
ROLES = {
    "backup-s3": ("eks.amazonaws.com/role-arn",),
    "backup-gcs": ("iam.gke.io/gcp-service-account",),
    "backup-azure": ("azure.workload.identity/client-id",),
}
"""Module -> annotations of a ServiceAccount that give it an identity in the cloud."""
CREDENTIALS = {
    "backup-s3": ("AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AWS_ROLE_ARN", "AWS_CONTAINER_CREDENTIALS_FULL_URI"),
    "backup-gcs": ("GOOGLE_APPLICATION_CREDENTIALS",),
    "backup-azure": ("AZURE_STORAGE_CONNECTION_STRING", "AZURE_STORAGE_KEY", "AZURE_CLIENT_ID"),
}
STATIC = ("AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY")
Place = Literal["outside", "inside", "unknown"]


def checks(facts: ClusterFacts, modules: list[str], *, proved: bool) -> list[Check]:
    """The place of the store and the credentials for it. `proved`: a backup succeeded, so the credentials work."""
    found = _endpoint(facts) if "backup-s3" in modules else []
    for module in sorted(ROLES.keys() & set(modules)):
        found += _credentials(facts, module, proved)
    return found + (_folder(facts) if "backup-filesystem" in modules else [])


def place(facts: ClusterFacts, endpoint: str) -> tuple[Place, str]:
    """(where the host of an endpoint is, the Service that it names where it is inside)."""
    host = endpoint.rpartition("://")[2].partition("/")[0].partition(":")[0].rstrip(".").lower()
    if any(host == domain or host.endswith(f".{domain}") for domain in PROVIDERS):
        return "outside", ""
    labels = host.split(".")
    if "svc" in labels or host.endswith(".cluster.local") or host == "localhost" or len(labels) == 1:
        return "inside", host
    services = {(item.metadata.name, item.metadata.namespace) for item in facts.objects("services")}
    if len(labels) == 2 and (labels[0], labels[1]) in services:
        return "inside", host
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "unknown", ""
    mine = any(str(address) == item.spec.cluster_ip for item in facts.objects("services"))
    return ("inside", host) if mine or address.is_loopback else ("unknown", "")


def _endpoint(facts: ClusterFacts) -> list[Check]:
    value, on = facts.weaviate.env(ENDPOINT), weaviate_subject(facts)
    field, expected = f"env {ENDPOINT}", "a store outside the cluster"
    if value.set is False or (value.known and not value.value):
        return []  # Amazon's own endpoint
    if not value.known:
        message = f"Where the backups go could not be read ({value.origin or ENDPOINT})."
        return [on.unread(field, expected, value.reason or Reason.NOT_OBSERVABLE, message=message)]
    found = []
    if "://" in value.value:
        message = f"{ENDPOINT} has a scheme ({value.value}): the module does not start. Give host and port only."
        found.append(on.check(field, value.value, "host and port", False, message=message, fix="backups.endpoint"))
    where, host = place(facts, value.value)
    if where == "inside":
        message = f"Backups go to {host}, inside this cluster: they are lost together with it."
        fix = "backups.store"
        found.append(on.check(field, value.value, expected, False, message=message, on_failure=PARTLY, fix=fix))
    elif where == "outside":
        found.append(on.check(field, value.value, expected, True))
    else:
        message = f"Is the store at {value.value} outside this cluster and its site?"
        reason, fix = Reason.NOT_OBSERVABLE, "backups.store"
        found.append(on.unread(field, expected, reason, message=message, on_failure=PARTLY, fix=fix))
    return found


def _credentials(facts: ClusterFacts, module: str, proved: bool) -> list[Check]:
    weaviate, account = facts.weaviate, facts.weaviate.service_account
    static = [name for name in CREDENTIALS[module] if weaviate.env(name).set]
    role = _role(facts, module)
    found = []
    if role and any(name in STATIC for name in static):
        message = f"static keys ({names(static)}) are used although the ServiceAccount has the role {role}"
        found.append(weaviate_subject(facts).info("credentials for the bucket", message))
    if proved or static or role or any(weaviate.env(name).set is None for name in CREDENTIALS[module]):
        return found
    reason = facts.missing("serviceaccounts") or Reason.NOT_OBSERVABLE
    message = (
        f"No credentials for {module} are visible: neither keys nor an identity of the ServiceAccount {account}. "
        "Does the node or the provider give the pods access to the bucket?"
    )
    on, fix = Subject(Ref("ServiceAccount", account, weaviate.namespace), "serviceaccounts"), "backups.credentials"
    field, expected = "credentials for the bucket", "visible, or a backup that succeeded"
    return [*found, on.unread(field, expected, reason, message=message, fix=fix)]


def _role(facts: ClusterFacts, module: str) -> str:
    """The identity in the cloud of the pods' ServiceAccount, empty where it has none."""
    named = (facts.weaviate.namespace, facts.weaviate.service_account)
    for account in facts.objects("serviceaccounts"):
        if (account.metadata.namespace, account.metadata.name) == named:
            found = (account.metadata.annotations.get(key, "") for key in ROLES[module])
            return next(filter(None, found), "")
    return ""


def _folder(facts: ClusterFacts) -> list[Check]:
    """The folder of backup-filesystem is on a volume."""
    weaviate, value = facts.weaviate, facts.weaviate.env("BACKUP_FILESYSTEM_PATH")
    if not value.known or not value.value or mount_of(weaviate.container, value.value) is not None:
        return []
    message = f"The backup folder {value.value} is on no volume: the backups are lost when the pod is replaced."
    on, expected, fix = weaviate_subject(facts), "a folder on a volume", "backups.store"
    return [on.check(f"env {value.name}", value.value, expected, False, message=message, fix=fix)]
