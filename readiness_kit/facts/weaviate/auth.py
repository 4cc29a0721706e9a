"""Who is let in: the effective authentication of a server, from its configuration file and environment together."""

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
"""Section of `authentication` in the configuration file -> variable."""
DB_USERS_SINCE = Version(1, 30)


def any_enabled(weaviate: Workload, in_file: bool | None, *names: str) -> bool | None:
    """A switch that the file or any of some variables turns on; none of them can turn it off again.

    None where no readable source says on, and one of them could not be read.
    """
    said = [weaviate.is_enabled(name) for name in names]
    said.append(bool(in_file) if weaviate.config_missing is None else None)
    if True in said:
        return True
    # A script that exports variables before the start has the last word, whatever the pod spec says.
    return None if None in said or weaviate.env_from_file else False


def method(weaviate: Workload, section: str) -> bool | None:
    """Whether an authentication method (`apikey`, `oidc`, `db_users`) is on; None where that cannot be known."""
    if section == "db_users" and weaviate.version is not None and weaviate.version < DB_USERS_SINCE:
        return False
    config = weaviate.config
    in_file = getattr(config.authentication, section).enabled if config else None
    return any_enabled(weaviate, in_file, METHODS[section])


def anonymous(weaviate: Workload) -> bool | None:
    """On by the file, by the variable, or because no method is selected at all. The variable cannot switch it off."""
    config = weaviate.config
    in_file = config.authentication.anonymous_access.enabled if config else None
    selected = any_enabled(weaviate, in_file, "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED")
    methods = [method(weaviate, section) for section in METHODS]
    if selected or all(one is False for one in methods):
        return True
    return False if selected is False and True in methods else None
