"""Roles inside Weaviate: who may do everything, and whether anybody is held to less."""

from __future__ import annotations

from readiness_kit.evidence.checks import weaviate_subject
from readiness_kit.evidence.conditions.network import access
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate import auth
from readiness_kit.facts.weaviate.workload import Workload
from readiness_kit.kinds.weaviate import Role, User
from readiness_kit.labels import count
from readiness_kit.locate import workload_key
from readiness_kit.model import Check, Outcome, Reason, Settings

PARTLY = Outcome.PARTLY
ALMIGHTY = frozenset({"root", "admin"})
ROLES, USERS, OWN = "weaviate/roles", "weaviate/users", "weaviate/own_info"
READS = (ROLES, USERS, OWN)
RISKY = ("manage_backups", "create_users", "update_users", "delete_users", "assign_and_revoke_users")


def users(facts: ClusterFacts) -> tuple[User, ...]:
    return tuple(one for one in facts.answer(USERS) or () if one.active)


def in_use(facts: ClusterFacts) -> list[Check]:
    """With RBAC on: whether a role with fewer rights is in use, or everybody is an administrator."""
    weaviate = facts.weaviate
    roots, named = root_users(weaviate), key_users(weaviate)
    field, expected = "roles in use", "1 or more with limited rights"
    limited = sorted({role for one in users(facts) for role in one.roles} - ALMIGHTY)
    custom = sorted(one.name for one in facts.answer(ROLES) or () if not one.built_in)
    only_keys = auth.method(weaviate, "oidc") is False and auth.method(weaviate, "db_users") is False
    shown = f"{names(roots) or 'none named'} (users with a key: {names(named) or 'not listed here'})"
    on_source = weaviate_subject(facts)
    line = on_source.info("users who are root", shown)
    on_users = weaviate_subject(facts, USERS)
    if limited:
        return [line, on_users.check(field, names(limited), expected, True)]
    if only_keys and named and named <= roots:
        message = f"RBAC is on, but every user with a key is root: {names(named)}."
        seen = f"all of {names(named)}"
        return [on_source.check("users who are root", seen, "not all", False, message=message, on_failure=PARTLY)]
    lost = next((key for key in (ROLES, USERS) if facts.missing(key) is not None), "")
    if lost:
        reason = facts.missing(lost) or Reason.NOT_COLLECTED
        message = "RBAC is on; the roles and who holds them were not read from Weaviate."
        return [line, weaviate_subject(facts, lost).unread(field, expected, reason, message=message)]
    if users(facts):
        message = f"RBAC is on, but {count(len(users(facts)), 'user')} of the database hold no role but root or admin."
        return [
            line,
            on_users.check(field, "root and admin only", expected, False, message=message, on_failure=PARTLY),
        ]
    on = weaviate_subject(facts, ROLES)
    if custom and (named - roots or auth.method(weaviate, "oidc")):
        # Under RBAC who is not root can do only what such a role gives, though whom it was given to is not listed.
        return [line, on.check(field, f"{names(custom)}, made for this cluster", expected, True)]
    if sum(one.users or 0 for one in facts.answer(ROLES) or () if one.name not in ALMIGHTY) > _own(facts):
        return [line, on.check(field, "viewer", expected, True)]
    if custom:
        message = f"RBAC is on, with {names(custom)} as roles of its own; who holds them is not listed."
        return [line, on_users.unread(field, expected, Reason.NOT_OBSERVABLE, message=message)]
    message = (
        "RBAC is on, but there is no role beside those that are built in, and nobody is seen to hold a limited one."
    )
    return [line, on.check(field, "none", expected, False, message=message, on_failure=PARTLY)]


def _own(facts: ClusterFacts) -> int:
    """1 where the kit's own key holds a limited built-in role: it is not a user of the data."""
    own = facts.answer(OWN)
    return int(bool(own and set(own.roles) - ALMIGHTY))


def live(facts: ClusterFacts) -> bool | None:
    """What the running server shows of RBAC: a key with roles has it on; None where that is not told."""
    own = facts.answer(OWN)
    return True if own is not None and own.roles else None


# --- least privilege ------------------------------------------------------------------------------


def privilege_checks(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """How many may do everything, and whether applications are among them; only where RBAC is on."""
    field, expected = "users with limited rights", "all but a few"
    lost = next((key for key in (ROLES, USERS) if facts.missing(key) is not None), "")
    if lost:
        reason = facts.missing(lost) or Reason.NOT_COLLECTED
        message = "The roles inside Weaviate and who holds them were not read."
        return [weaviate_subject(facts, lost).unread(field, expected, reason, message=message)]
    return [_administrators(facts, settings), _applications(facts), *_wide(facts), *_own_key(facts)]


def _administrators(facts: ClusterFacts, settings: Settings) -> Check:
    most = settings.thresholds.administrators_maximum
    roles: tuple[Role, ...] = facts.answer(ROLES) or ()
    assigned = sum(one.users or 0 for one in roles if one.name in ALMIGHTY)
    held = sum(1 for one in users(facts) if set(one.roles) & ALMIGHTY)
    number = max(assigned, held, len(root_users(facts.weaviate)))
    message = f"{count(number, 'user')} may do everything in Weaviate; {most} are enough (kit default)."
    field, expected = "users with the role root or admin", f"{most} or fewer (kit default)"
    return weaviate_subject(facts, ROLES).check(
        field, number, expected, number <= most, message=message, on_failure=PARTLY
    )


def _applications(facts: ClusterFacts) -> Check:
    """Users of the database stand for applications. Those of the environment show as names without their roles."""
    weaviate = facts.weaviate
    made = [one for one in users(facts) if one.kind == "db_user"]
    field, expected = "users of the database", "none with all rights, or the right to read everything"
    wide = [one for one in made if set(one.roles) & (ALMIGHTY | {"viewer", "read-only"})]
    on = weaviate_subject(facts, USERS)
    if made:
        message = f"{len(wide)} of {count(len(made), 'user')} of the database may do, or read, everything."
        seen = f"{len(wide)} of {len(made)} with admin or viewer"
        return on.check(field, seen, expected, not wide, message=message, on_failure=PARTLY)
    if named := key_users(weaviate) - root_users(weaviate):
        message = f"The roles of the users whose keys stand in the environment ({names(named)}) are not listed."
        return on.unread(field, expected, Reason.NOT_OBSERVABLE, message=message)
    message = "Which rights applications have inside Weaviate does not show: no user of the database is listed."
    return on.unread(field, expected, Reason.NOT_OBSERVABLE, message=message)


def _wide(facts: ClusterFacts) -> list[Check]:
    """For the reader: roles made here that hold for everything, or that manage users and backups."""
    checks = []
    for role in facts.answer(ROLES) or ():
        held = sorted({one.action for one in role.permissions if one.wide or one.action in RISKY})
        if held and not role.built_in:
            checks.append(weaviate_subject(facts, ROLES).info(f"role {role.name}: for everything", names(held, 4)))
    return checks


def _own_key(facts: ClusterFacts) -> list[Check]:
    own = facts.answer(OWN)
    if own is None or not set(own.roles) & ALMIGHTY:
        return []
    seen = f"holds {names(own.roles)}"
    return [weaviate_subject(facts, OWN).info("the key of this kit", seen, "a role that only reads", False)]


# --- who is named where ---------------------------------------------------------------------------


def root_users(weaviate: Workload) -> set[str]:
    in_file = set(weaviate.config.authorization.rbac.root_users) if weaviate.config else set()
    return in_file | _listed(weaviate, "AUTHORIZATION_RBAC_ROOT_USERS", "AUTHORIZATION_ADMIN_USERS")


def key_users(weaviate: Workload) -> set[str]:
    """The users whose keys stand in the environment or the configuration file."""
    in_file = set(weaviate.config.authentication.apikey.users) if weaviate.config else set()
    return in_file | _listed(weaviate, "AUTHENTICATION_APIKEY_USERS")


def _listed(weaviate: Workload, *variables: str) -> set[str]:
    found: set[str] = set()
    for name in variables:
        value = weaviate.env(name)
        if value.known:
            found |= {part.strip() for part in value.value.split(",") if part.strip()}
    return found


def authoriser_checks(facts: ClusterFacts) -> list[Check]:
    """What limits a caller who is let in: roles, a list of administrators, or nothing."""
    weaviate = facts.weaviate
    rbac = live(facts) or access.rbac_on(facts)
    listed = access.admin_list_on(weaviate)
    field, expected, source = "authorisation", "RBAC", workload_key(weaviate.kind)
    if rbac:
        seen = "RBAC, seen at the running server" if live(facts) else "RBAC"
        return [
            weaviate_subject(facts, OWN if live(facts) else source).check(field, seen, expected, True),
            *in_use(facts),
        ]
    if listed:  # the server refuses to start with both, so a list in force is an answer about RBAC as well
        message = "An admin list is in use: users are administrators or readers, nothing in between."
        return [
            weaviate_subject(facts, source).check(
                field, "admin list", expected, False, message=message, on_failure=PARTLY
            )
        ]
    if rbac is None or listed is None:
        message = "Whether Weaviate authorises by roles cannot be told from what was read."
        reason, source = access.why_unknown(weaviate), access.source_of(weaviate)
        return [weaviate_subject(facts, source).unread(field, expected, reason, message=message)]
    message = "Neither RBAC nor an admin list is on: every key or login may do everything."
    return [weaviate_subject(facts, source).check(field, "none", expected, False, message=message)]
