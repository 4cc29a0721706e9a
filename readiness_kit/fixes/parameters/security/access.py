"""Parameters of authentication, authorisation and secrets of Weaviate."""

from __future__ import annotations

from typing import Any

from readiness_kit.evidence.conditions.identity import roles
from readiness_kit.evidence.conditions.network import access
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate import auth, secrets
from readiness_kit.fixes.chart_values import is_from_chart
from readiness_kit.fixes.model import OpenDecision, Value
from readiness_kit.fixes.parameters.registry import Context, parameter
from readiness_kit.kinds.versions import Version

KEYS = "AUTHENTICATION_APIKEY_ALLOWED_KEYS"
FIRST_USER = "admin"
"""The user of an installation that has none yet; one may choose another name."""
RBAC_SINCE = Version(1, 29, 0)
ADMINISTRATIVE = ("admin", "root")


def _unauthenticated(facts: ClusterFacts) -> bool:
    """Whether no method of authentication is on, so that one has to be set up."""
    return all(auth.method(facts.weaviate, section) is False for section in auth.METHODS)


def _users(facts: ClusterFacts) -> list[str]:
    return sorted(roles.key_users(facts.weaviate))


def _listed_users(facts: ClusterFacts) -> list[str]:
    """The users in the order of their keys."""
    value = facts.weaviate.env("AUTHENTICATION_APIKEY_USERS")
    listed = [part.strip() for part in value.value.split(",") if part.strip()] if value.known else []
    in_file = list(facts.weaviate.config.authentication.apikey.users) if facts.weaviate.config else []
    return listed or in_file


@parameter("api_users")
def api_users(context: Context) -> Value:
    """The users with an API key, in the order of their keys; one administrator where there is none yet."""
    found = _listed_users(context.facts)
    if found:
        return Value(found, "the users with a key in the configuration that runs")
    return Value([FIRST_USER], "there is no user yet")


@parameter("api_users_line")
def api_users_line(context: Context) -> Value:
    """The users with an API key as one value."""
    found = api_users(context)
    return Value(",".join(found.value), found.source)


@parameter("authentication")
def authentication(context: Context) -> Value:
    """The section of the configuration file that turns anonymous access off, where the file turns it on."""
    config = context.facts.weaviate.config
    on = config is not None and bool(config.authentication.anonymous_access.enabled)
    return Value({"anonymous_access": {"enabled": False}} if on else {}, "the configuration file")


@parameter("authentication_env")
def authentication_env(context: Context) -> Value:
    """The variables that turn anonymous access off, and API keys on where nothing authenticates callers."""
    weaviate, found = context.facts.weaviate, {}
    if weaviate.is_enabled(access.ANONYMOUS):
        found[access.ANONYMOUS] = "false"
    if _unauthenticated(context.facts):
        users = api_users(context).value
        found |= {"AUTHENTICATION_APIKEY_ENABLED": "true", "AUTHENTICATION_APIKEY_USERS": ",".join(users)}
    return Value(found, "the environment of the pods")


@parameter("authentication_secrets")
def authentication_secrets(context: Context) -> Value:
    """The reference to the Secret with the API keys, where API keys are turned on."""
    wanted = _unauthenticated(context.facts) and not context.facts.weaviate.env(KEYS).set
    return Value({KEYS: secret_of_keys(context.facts)} if wanted else {}, "the environment of the pods")


def secret_of_keys(facts: ClusterFacts) -> str:
    """The name of a new Secret with the API keys."""
    name = f"{facts.weaviate.name}-apikeys"
    return name if name not in secrets.secret_sources(facts.weaviate.spec) else f"{name}-2"


@parameter("keys_secret")
def keys_secret(context: Context) -> Value:
    """The name of the Secret with the API keys."""
    return Value(secret_of_keys(context.facts), "the name of the workload")


@parameter("first_steps")
def first_steps(context: Context) -> Value:
    """How callers get credentials before anonymous access ends, as lines of a shell."""
    facts = context.facts
    namespace, name = facts.weaviate.namespace, secret_of_keys(facts)
    if not _unauthenticated(facts):
        known = names(_users(facts)) or "those of the identity provider"
        return Value(f"# Every client has to use a key or login before this change. Users: {known}.", "the users")
    lines = [
        f"# One key for each of {names(api_users(context).value)}, separated by commas, in this order.",
        f'umask 077; printf "%s" "$(openssl rand -hex 32)" > {KEYS}',
        f"kubectl -n {namespace} create secret generic {name} --from-file={KEYS}",
        "# Store the key in your vault and delete the file. Upgrade once with anonymous access still on, let every",
        "# client use its key, then turn anonymous access off.",
    ]
    return Value("\n".join(lines), "there is no user yet")


# --- authorisation --------------------------------------------------------------------------------


@parameter("root_users")
def root_users(context: Context) -> Value | OpenDecision:
    """The users with all rights: those who are root or in the admin list, or the only one that is an administrator."""
    facts = context.facts
    if facts.server_version is None or facts.server_version < RBAC_SINCE:
        what = f"the upgrade to {RBAC_SINCE} or newer: RBAC is not available in the version that runs"
        return OpenDecision("version", what, "readiness advisories")
    config = facts.weaviate.config
    present = sorted(roles.root_users(facts.weaviate))
    listed = sorted(config.authorization.admin_list.users) if config else []
    if chosen := present or listed:
        return Value(chosen, "those who have all rights now")
    users = _listed_users(facts)
    if not users:
        if not _unauthenticated(facts):
            what = "who has all rights: no user with a key is listed"
            return OpenDecision("root_users", what, "the users of the identity provider")
        return Value([FIRST_USER], "there is no user yet")
    named = [user for user in users if any(word in user.lower() for word in ADMINISTRATIVE)]
    if len(users) == 1 or len(named) == 1:
        return Value(named or users, "the only user with a key, or the only administrator by name")
    what = f"which of {names(users, most=6)} has all rights"
    return OpenDecision("root_users", what, "choose one, whose key is kept for emergencies")


def _on_by_variable(facts: ClusterFacts) -> bool:
    return bool(facts.weaviate.is_enabled("AUTHORIZATION_ADMINLIST_ENABLED"))


@parameter("authorization")
def authorization(context: Context) -> Value:
    """The section `authorization` of the chart's values; none for installations of other origin."""
    facts, roots = context.facts, root_users(context)
    if not is_from_chart(facts.weaviate.object) or isinstance(roots, OpenDecision):
        return Value({}, "the origin of the installation")
    found: dict[str, Any] = {"rbac": {"enabled": True, "root_users": roots.value}}
    config = facts.weaviate.config
    if config is not None and config.authorization.admin_list.enabled:
        found["admin_list"] = {"enabled": False}
    return Value(found, "the configuration file")


@parameter("authorization_env")
def authorization_env(context: Context) -> Value:
    """The variables of authorisation: those that disable an admin list, and RBAC where the chart has no part in it."""
    facts, roots = context.facts, root_users(context)
    found: dict[str, str] = {}
    if _on_by_variable(facts):
        found["AUTHORIZATION_ADMINLIST_ENABLED"] = "false"
    if not is_from_chart(facts.weaviate.object) and isinstance(roots, Value):
        found |= {"AUTHORIZATION_RBAC_ENABLED": "true", "AUTHORIZATION_RBAC_ROOT_USERS": ",".join(roots.value)}
    version = facts.server_version
    if version is not None and version >= auth.DB_USERS_SINCE and auth.method(facts.weaviate, "db_users") is False:
        found["AUTHENTICATION_DB_USERS_ENABLED"] = "true"  # so that users with limited roles can be created
    return Value(found, "the environment of the pods")


@parameter("users_without_role")
def users_without_role(context: Context) -> Value:
    """The users who need a role as soon as RBAC is on."""
    roots = root_users(context)
    chosen = set(roots.value) if isinstance(roots, Value) else set()
    found = [user for user in _listed_users(context.facts) if user not in chosen]
    return Value(names(found, most=6) or "each application", "the users with a key in the configuration that runs")


# --- secrets --------------------------------------------------------------------------------------


def plain_variables(facts: ClusterFacts) -> list[str]:
    """The variables of Weaviate's container that hold a secret in plain text."""
    server = facts.weaviate.container.name
    return [use.name for use in secrets.uses(facts.weaviate) if use.state == "literal" and use.container == server]


@parameter("plain_secrets")
def plain_secrets(context: Context) -> Value | OpenDecision:
    """The names of those variables."""
    found = plain_variables(context.facts)
    if not found:
        return OpenDecision("variables", "which variable holds a secret in plain text: none was found", "")
    return Value(found, "the environment of the pods")


@parameter("plain_removed")
def plain_removed(context: Context) -> Value:
    """Those variables removed from `env`, because the chart would set a variable of `envSecrets` a second time."""
    return Value(dict.fromkeys(plain_variables(context.facts)), "the environment of the pods")


@parameter("secret_references")
def secret_references(context: Context) -> Value:
    """Those variables from the new Secret."""
    name = credentials_secret(context).value
    return Value(dict.fromkeys(plain_variables(context.facts), name), "the environment of the pods")


@parameter("credentials_secret")
def credentials_secret(context: Context) -> Value:
    """The name of the new Secret."""
    name = f"{context.facts.weaviate.name}-credentials"
    taken = secrets.secret_sources(context.facts.weaviate.spec)
    return Value(f"{name}-2" if name in taken else name, "the name of the workload")


@parameter("credential_files")
def credential_files(context: Context) -> Value:
    """The arguments of `kubectl create secret`, one for each variable."""
    found = plain_variables(context.facts) or ["<variable>"]
    return Value(" ".join(f"--from-file={name}" for name in found), "the environment of the pods")


@parameter("write_credentials")
def write_credentials(context: Context) -> Value:
    """The commands that ask for each new key and write it to a file that only its owner can read."""
    found = plain_variables(context.facts) or ["<variable>"]
    lines = ["umask 077"]
    for name in found:
        which = "Present" if name == KEYS else "New"
        if name == KEYS:
            listed = names(_listed_users(context.facts), most=6) or "the users"
            lines.append(f"# The present keys, separated by commas, in the order of {listed}: no user loses access.")
        lines.append(f'read -rsp "{which} {name}: " KEY && printf "%s" "$KEY" > {name}')
    return Value("\n".join([*lines, "unset KEY"]), "the environment of the pods")


@parameter("users_kept")
def users_kept(context: Context) -> Value:
    """What the change means for the users of Weaviate, as a sentence."""
    facts, listed = context.facts, _listed_users(context.facts)
    if KEYS in plain_variables(facts):
        named = names(listed, most=6) or "all users"
        return Value(
            f"The keys of {named} stay the same at first; replace them afterwards, one user at a time.",
            "the users with a key in the configuration that runs",
        )
    if not listed:
        return Value("No user of Weaviate loses access: their keys are not among them.", "the environment of the pods")
    source = "the users with a key in the configuration that runs"
    return Value(f"{names(listed, most=6)} keep access: the API keys of Weaviate are not among them.", source)
