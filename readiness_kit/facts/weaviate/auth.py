"""The effective authentication of a server, from its configuration file and its environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from readiness_kit.kinds.versions import Version

if TYPE_CHECKING:
    from readiness_kit.facts.weaviate.workload import Workload

METHODS = {
    "apikey": "AUTHENTICATION_APIKEY_ENABLED",
    "oidc": "AUTHENTICATION_OIDC_ENABLED",
    "db_users": "AUTHENTICATION_DB_USERS_ENABLED",
}
"""Section of `authentication` in the configuration file -> environment variable."""
DB_USERS_SINCE = Version(1, 30)
SKIP_CLIENT_ID = "AUTHENTICATION_OIDC_SKIP_CLIENT_ID_CHECK"


def any_enabled(weaviate: Workload, in_file: bool | None, *names: str) -> bool | None:
    """Whether the file or any of these variables enables a setting; none of them can disable it again.

    None where no readable source enables it and a source could not be read.
    """
    answers = [weaviate.is_enabled(name) for name in names]
    answers.append(bool(in_file) if weaviate.config_missing is None else None)
    if True in answers:
        return True
    # A script that exports variables before the start overrides the pod spec.
    return None if None in answers or weaviate.env_from_file else False


def method(weaviate: Workload, section: str) -> bool | None:
    """Whether an authentication method (`apikey`, `oidc`, `db_users`) is enabled; None where unknown."""
    if section == "db_users" and weaviate.version is not None and weaviate.version < DB_USERS_SINCE:
        return False
    config = weaviate.config
    in_file = getattr(config.authentication, section).enabled if config else None
    return any_enabled(weaviate, in_file, METHODS[section])


def accepts_tokens_of_other_clients(weaviate: Workload) -> bool | None:
    """Whether a token that the identity provider issued to another application is accepted; None where unknown."""
    enabled = method(weaviate, "oidc")
    if enabled is False:
        return False
    in_file = weaviate.config.authentication.oidc.skip_client_id_check if weaviate.config else None
    skipped = any_enabled(weaviate, in_file, SKIP_CLIENT_ID)
    return skipped if enabled or skipped is False else None


def anonymous(weaviate: Workload) -> bool | None:
    """Whether anonymous access is enabled, by the file, the variable or the lack of any method; None where unknown.

    The variable cannot disable it.
    """
    config = weaviate.config
    in_file = config.authentication.anonymous_access.enabled if config else None
    selected = any_enabled(weaviate, in_file, "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED")
    methods = [method(weaviate, section) for section in METHODS]
    if selected or all(enabled is False for enabled in methods):
        return True
    return False if selected is False and True in methods else None
