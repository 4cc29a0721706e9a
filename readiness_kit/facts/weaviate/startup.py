"""Configurations that end the server at its start.

Sources: `Config.Validate`, the API key and OIDC clients, `Init` of the modules (weaviate/weaviate), and the Go runtime,
which ends a process whose GOMEMLIMIT it cannot parse. Only what is certain counts: a setting that could not be read is
no reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import msgspec

from readiness_kit.facts.weaviate import auth
from readiness_kit.kinds.versions import Version

if TYPE_CHECKING:
    from readiness_kit.facts.weaviate.workload import Workload

RBAC_SINCE = Version(1, 28)
GOMEMLIMIT = "GOMEMLIMIT"
GO_LIMIT = re.compile(r"^(\d+)(B|KiB|MiB|GiB|TiB)?$")
"""What the Go runtime parses in addition to `off`; a Kubernetes quantity such as 6Gi ends the process."""
MODULE_VARIABLES = {
    "backup-azure": ("BACKUP_AZURE_CONTAINER",),
    "backup-filesystem": ("BACKUP_FILESYSTEM_PATH",),
    "backup-gcs": ("BACKUP_GCS_BUCKET",),
    "backup-s3": ("BACKUP_S3_BUCKET",),
    "img2vec-neural": ("IMAGE_INFERENCE_API",),
    "multi2vec-bind": ("BIND_INFERENCE_API",),
    "multi2vec-clip": ("CLIP_INFERENCE_API",),
    "ner-transformers": ("NER_INFERENCE_API",),
    "qna-transformers": ("QNA_INFERENCE_API",),
    "reranker-transformers": ("RERANKER_INFERENCE_API",),
    "sum-transformers": ("SUM_INFERENCE_API",),
    "text-spellcheck": ("SPELLCHECK_INFERENCE_API",),
    "text2vec-contextionary": ("CONTEXTIONARY_URL",),
    "text2vec-gpt4all": ("GPT4ALL_INFERENCE_API",),
    "text2vec-model2vec": ("MODEL2VEC_INFERENCE_API",),
    "text2vec-transformers": (
        "TRANSFORMERS_INFERENCE_API",
        "TRANSFORMERS_PASSAGE_INFERENCE_API",
        "TRANSFORMERS_QUERY_INFERENCE_API",
    ),
}
"""Module -> variables of which it needs at least one."""


Topic = Literal["access", "memory", "modules", "backups", "members"]


class Refusal(msgspec.Struct, frozen=True):
    """A reason, as part of a sentence, why the server ends at its start; `topic` is what the setting is about."""

    field: str
    seen: str
    reason: str
    topic: Topic


def refusals(weaviate: Workload) -> tuple[Refusal, ...]:
    """All certain reasons why a server with this configuration does not start; empty where none was found."""
    rules = (_go_limit, _access, _keys, _oidc, _modules, _raft)
    return tuple(refusal for rule in rules for refusal in rule(weaviate))


def sentence(found: tuple[Refusal, ...]) -> str:
    """`This configuration does not start: …`."""
    return f"This configuration does not start: {'; '.join(refusal.reason for refusal in found)}."


def rbac(weaviate: Workload) -> bool | None:
    """Whether RBAC is enabled by the file or a variable; None where unknown."""
    if weaviate.version is not None and weaviate.version < RBAC_SINCE:
        return False
    in_file = weaviate.config.authorization.rbac.enabled if weaviate.config else None
    return auth.any_enabled(weaviate, in_file, "AUTHORIZATION_RBAC_ENABLED", "AUTHORIZATION_ENABLE_RBAC")


def admin_list(weaviate: Workload) -> bool | None:
    """Whether the admin list is enabled by the file or a variable; None where unknown."""
    in_file = weaviate.config.authorization.admin_list.enabled if weaviate.config else None
    return auth.any_enabled(weaviate, in_file, "AUTHORIZATION_ADMINLIST_ENABLED")


def valid_go_limit(text: str) -> bool:
    """Whether the Go runtime accepts a value of GOMEMLIMIT."""
    return text in ("", "off") or GO_LIMIT.match(text) is not None


def _go_limit(weaviate: Workload) -> Iterator[Refusal]:
    value = weaviate.env(GOMEMLIMIT)
    if value.known and not valid_go_limit(value.value):
        hint = ", a Kubernetes quantity" if re.fullmatch(r"[\d.]+[KMGTP]i?", value.value) else ""
        reason = f"Go cannot parse {GOMEMLIMIT} {value.value}{hint} and ends the process"
        yield Refusal(f"env {GOMEMLIMIT}", value.value, reason, "memory")


def _access(weaviate: Workload) -> Iterator[Refusal]:
    with_rbac = rbac(weaviate)
    if with_rbac and auth.anonymous(weaviate):
        reason = "RBAC cannot be used while anonymous access is enabled"
        yield Refusal("authorization.rbac and anonymous access", "both enabled", reason, "access")
    if with_rbac and admin_list(weaviate):
        reason = "RBAC and the admin list cannot be enabled together"
        yield Refusal("authorization.rbac and admin_list", "both enabled", reason, "access")


def _keys(weaviate: Workload) -> Iterator[Refusal]:
    if not auth.method(weaviate, "apikey"):
        return
    config = weaviate.config.authentication.apikey if weaviate.config else None
    for name, in_file, what in (
        ("AUTHENTICATION_APIKEY_ALLOWED_KEYS", bool(config and config.allowed_keys_count), "key"),
        ("AUTHENTICATION_APIKEY_USERS", bool(config and config.users), "user"),
    ):
        if not in_file and weaviate.config_missing is None and _empty(weaviate, name):
            reason = f"API keys are enabled without any {what} ({name} is not set)"
            yield Refusal(f"env {name}", "not set", reason, "access")


def _oidc(weaviate: Workload) -> Iterator[Refusal]:
    """Only without a configuration file, of which these fields are not kept."""
    if weaviate.config is not None or weaviate.config_missing is not None or not auth.method(weaviate, "oidc"):
        return
    required = ["AUTHENTICATION_OIDC_ISSUER", "AUTHENTICATION_OIDC_USERNAME_CLAIM"]
    if weaviate.is_enabled(auth.SKIP_CLIENT_ID) is False:
        required.append("AUTHENTICATION_OIDC_CLIENT_ID")
    for name in required:
        if _empty(weaviate, name):
            yield Refusal(f"env {name}", "not set", f"OIDC is enabled without {name}", "access")


def _modules(weaviate: Workload) -> Iterator[Refusal]:
    enabled = weaviate.modules() or ()
    for module in enabled:
        variables = MODULE_VARIABLES.get(module, ())
        if variables and all(_empty(weaviate, name) for name in variables):
            reason = f"the module {module} is enabled without {variables[0]}"
            topic: Topic = "backups" if module.startswith("backup-") else "modules"
            yield Refusal(f"env {variables[0]}", "not set", reason, topic)
    endpoint = weaviate.env("BACKUP_S3_ENDPOINT")
    if "backup-s3" in enabled and endpoint.known and "://" in endpoint.value:
        reason = f"the module backup-s3 does not accept a scheme in BACKUP_S3_ENDPOINT ({endpoint.value})"
        yield Refusal("env BACKUP_S3_ENDPOINT", endpoint.value, reason, "backups")


def _raft(weaviate: Workload) -> Iterator[Refusal]:
    join, expect = weaviate.env("RAFT_JOIN"), weaviate.env("RAFT_BOOTSTRAP_EXPECT")
    if not join.known:
        return
    listed = [part.strip().partition(":")[0] for part in join.value.split(",") if part.strip()]
    if len(set(listed)) < len(listed):
        yield Refusal("env RAFT_JOIN", join.value, "RAFT_JOIN names a member twice", "members")
    number = int(expect.value) if expect.known and expect.value.isdigit() else 1
    if number > max(len(listed), 1):
        reason = f"RAFT_BOOTSTRAP_EXPECT is {number}, but RAFT_JOIN names {len(listed) or 'no'} members"
        yield Refusal("env RAFT_BOOTSTRAP_EXPECT", str(number), reason, "members")


def _empty(weaviate: Workload, name: str) -> bool:
    """Whether a variable is certainly not set, or set to an empty text."""
    value = weaviate.env(name)
    return value.set is False or (value.known and not value.value)
