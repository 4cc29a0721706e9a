"""Authorisation inside Weaviate: whether RBAC is on, who has full rights, and whether limited roles are in use."""

from __future__ import annotations

from collections.abc import Iterator

from readiness_kit.evidence.checks import first_missing, weaviate_subject
from readiness_kit.evidence.conditions.network import access
from readiness_kit.evidence.wording import agree, names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate import auth
from readiness_kit.facts.weaviate.workload import Workload
from readiness_kit.kinds.weaviate import Role, User
from readiness_kit.labels import count
from readiness_kit.model import Check, Outcome, Reason, Settings

PARTLY = Outcome.PARTLY
ADMINISTRATORS = frozenset({"root", "admin"})
READS_EVERYTHING = frozenset({"viewer", "read-only"})
ROLES, USERS, OWN = "weaviate/roles", "weaviate/users", "weaviate/own_info"
READS = (ROLES, USERS, OWN)
RISKY = ("manage_backups", "create_users", "update_users", "delete_users", "assign_and_revoke_users")


def live(facts: ClusterFacts) -> bool:
    """Whether the running server shows that RBAC is on: the key of the kit has roles."""
    own = facts.answer(OWN)
    return own is not None and bool(own.roles)


def authoriser_checks(facts: ClusterFacts) -> list[Check]:
    """What limits an authenticated caller: roles, an admin list, or nothing."""
    weaviate, running = facts.weaviate, live(facts)
    on = weaviate_subject(facts)
    rbac, admin_list = running or access.rbac_on(facts), access.admin_list_on(weaviate)
    field, expected = "authorisation", "RBAC"
    if rbac:
        seen = "RBAC, seen at the running server" if running else "RBAC"
        source = weaviate_subject(facts, OWN) if running else on
        return [source.check(field, seen, expected, True), *roles_in_use(facts)]
    if admin_list:  # the server does not start with both, so an admin list in use proves that RBAC is off
        message = "An admin list is in use: users are administrators or read-only, with nothing in between."
        return [on.check(field, "admin list", expected, False, message=message, on_failure=PARTLY, fix="access.rbac")]
    if rbac is None or admin_list is None:
        message = "Whether Weaviate uses RBAC could not be determined from the configuration that was read."
        reason, source = access.why_unknown(weaviate), weaviate_subject(facts, access.source_of(weaviate))
        return [source.unread(field, expected, reason, message=message)]
    message = "Neither RBAC nor an admin list is on: every key or login has full rights."
    return [on.check(field, "none", expected, False, message=message, fix="access.rbac")]


def roles_in_use(facts: ClusterFacts) -> list[Check]:
    """With RBAC on: the users who are root, and whether a limited role is in use."""
    weaviate = facts.weaviate
    roots, named = root_users(weaviate), key_users(weaviate)
    only_keys = auth.method(weaviate, "oidc") is False and auth.method(weaviate, "db_users") is False
    on, field = weaviate_subject(facts), "users who are root"
    if not _limited_roles(facts) and only_keys and named and named <= roots:
        message = f"RBAC is on, but every user with a key is root: {names(named)}."
        seen, fix = f"all of {names(named)}", "access.roles"
        return [on.check(field, seen, "not all", False, message=message, on_failure=PARTLY, fix=fix)]
    seen = f"{names(roots) or 'none named'} (users with a key: {names(named) or 'not listed here'})"
    return [on.info(field, seen), _limited_role(facts, named - roots)]


def _limited_role(facts: ClusterFacts, not_root: set[str]) -> Check:
    """Whether a limited role is in use. `not_root` are the users with a key who are not root."""
    of_roles, of_users = weaviate_subject(facts, ROLES), weaviate_subject(facts, USERS)
    field, expected = "roles in use", "1 or more with limited rights"
    if limited := _limited_roles(facts):
        return of_users.check(field, names(limited), expected, True)
    if missing := first_missing(facts, (ROLES, USERS)):
        message = "RBAC is on; the roles and their holders were not read from Weaviate."
        return weaviate_subject(facts, missing[0]).unread(field, expected, missing[1], message=message)
    if number := len(users(facts)):
        users_hold = f"{count(number, 'database user')} {agree(number, 'holds', 'hold')}"
        message = f"RBAC is on, but {users_hold} no role but root or admin."
        seen, fix = "root and admin only", "access.roles"
        return of_users.check(field, seen, expected, False, message=message, on_failure=PARTLY, fix=fix)
    roles: tuple[Role, ...] = facts.answer(ROLES) or ()
    custom = names(role.name for role in roles if not role.built_in)
    if custom and (not_root or auth.method(facts.weaviate, "oidc")):
        # With RBAC, users who are not root can only do what such a role permits, although its holders are not listed.
        return of_roles.check(field, f"{custom}, made for this cluster", expected, True)
    own = facts.answer(OWN)
    own_limited = int(bool(own and set(own.roles) - ADMINISTRATORS))  # the key of the kit does not use the data
    if sum(role.users or 0 for role in roles if role.name not in ADMINISTRATORS) > own_limited:
        return of_roles.check(field, "viewer", expected, True)
    if custom:
        message = f"RBAC is on with the custom roles {custom}; their holders are not listed."
        return of_users.unread(field, expected, Reason.NOT_OBSERVABLE, message=message, fix="access.roles")
    message = "RBAC is on, but only built-in roles exist, and no holder of a limited role was found."
    return of_roles.check(field, "none", expected, False, message=message, on_failure=PARTLY, fix="access.roles")


# --- least privilege ------------------------------------------------------------------------------


def privilege_checks(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """With RBAC on: how many users have full rights, and whether applications are among them."""
    if missing := first_missing(facts, (ROLES, USERS)):
        message = "The roles in Weaviate and their holders were not read."
        on = weaviate_subject(facts, missing[0])
        return [on.unread("users with limited rights", "all but a few", missing[1], message=message)]
    return [_administrators(facts, settings), _applications(facts), *_wide_roles(facts), *_own_key(facts)]


def _administrators(facts: ClusterFacts, settings: Settings) -> Check:
    maximum = settings.thresholds.administrators_maximum
    roles: tuple[Role, ...] = facts.answer(ROLES) or ()
    assigned = sum(role.users or 0 for role in roles if role.name in ADMINISTRATORS)
    held = sum(1 for user in users(facts) if set(user.roles) & ADMINISTRATORS)
    number = max(assigned, held, len(root_users(facts.weaviate)))
    message = f"Users with full rights in Weaviate: {number}. Reduce them to {maximum} or fewer (kit default)."
    field, expected = "users with the role root or admin", f"{maximum} or fewer (kit default)"
    on, fix = weaviate_subject(facts, ROLES), "access.roles"
    return on.check(field, number, expected, number <= maximum, message=message, on_failure=PARTLY, fix=fix)


def _applications(facts: ClusterFacts) -> Check:
    """Database users represent applications. Users of the environment are listed by name, without their roles."""
    on = weaviate_subject(facts, USERS)
    field, expected = "database users", "none with full rights, or the right to read everything"
    database = [user for user in users(facts) if user.kind == "db_user"]
    if database:
        wide = sum(1 for user in database if set(user.roles) & (ADMINISTRATORS | READS_EVERYTHING))
        message = f"Database users with full rights, or the right to read everything: {wide} of {len(database)}."
        seen = f"{wide} of {len(database)} with admin or viewer"
        return on.check(field, seen, expected, not wide, message=message, on_failure=PARTLY, fix="access.roles")
    message = "The rights of applications in Weaviate cannot be read: no database user is listed."
    if named := key_users(facts.weaviate) - root_users(facts.weaviate):
        message = f"The roles of the users whose keys are set in the environment ({names(named)}) are not listed."
    return on.unread(field, expected, Reason.NOT_OBSERVABLE, message=message, fix="access.roles")


def _wide_roles(facts: ClusterFacts) -> Iterator[Check]:
    """Informational: custom roles that apply to everything, or that manage users and backups."""
    for role in facts.answer(ROLES) or ():
        wide = {permission.action for permission in role.permissions if permission.wide or permission.action in RISKY}
        if wide and not role.built_in:
            yield weaviate_subject(facts, ROLES).info(f"role {role.name}: for everything", names(wide, 4))


def _own_key(facts: ClusterFacts) -> Iterator[Check]:
    own = facts.answer(OWN)
    if own is not None and set(own.roles) & ADMINISTRATORS:
        on = weaviate_subject(facts, OWN)
        yield on.info("the key of this kit", f"holds {names(own.roles)}; a read-only role is enough")


# --- users ----------------------------------------------------------------------------------------


def users(facts: ClusterFacts) -> tuple[User, ...]:
    """The active users that Weaviate lists."""
    return tuple(user for user in facts.answer(USERS) or () if user.active)


def _limited_roles(facts: ClusterFacts) -> set[str]:
    return {role for user in users(facts) for role in user.roles} - ADMINISTRATORS


def root_users(weaviate: Workload) -> set[str]:
    """The users who are root by the environment or the configuration file."""
    in_file = set(weaviate.config.authorization.rbac.root_users) if weaviate.config else set()
    return in_file | _listed(weaviate, "AUTHORIZATION_RBAC_ROOT_USERS", "AUTHORIZATION_ADMIN_USERS")


def key_users(weaviate: Workload) -> set[str]:
    """The users whose keys are in the environment or the configuration file."""
    in_file = set(weaviate.config.authentication.apikey.users) if weaviate.config else set()
    return in_file | _listed(weaviate, "AUTHENTICATION_APIKEY_USERS")


def _listed(weaviate: Workload, *variables: str) -> set[str]:
    values = (weaviate.env(name) for name in variables)
    return {part.strip() for value in values if value.known for part in value.value.split(",") if part.strip()}
