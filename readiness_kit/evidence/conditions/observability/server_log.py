"""The log of the server: level, format, and whether it reaches the standard output of the container."""

from __future__ import annotations

import re
from collections.abc import Iterator

from readiness_kit.evidence.checks import weaviate_subject
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate.env import EnvValue
from readiness_kit.model import Check, Outcome, Reason

PARTLY = Outcome.PARTLY
LEVELS = ("panic", "fatal", "error", "warning", "warn", "info", "debug", "trace")
SHELLS = frozenset({"sh", "bash", "ash", "dash"})
DEBUG_COST = "which costs log volume and speed in production"
LEVEL_PROBLEMS = {
    **dict.fromkeys(("panic", "fatal"), "The log level {level} suppresses errors and warnings."),
    **dict.fromkeys(("debug", "trace"), f"The log level is {{level}}, {DEBUG_COST}."),
    "error": "The log level {level} suppresses warnings and what happened before an error.",
}
# The standard output of the whole script, or of the command that starts the server; not standard error, not a device.
_REDIRECT = re.compile(
    r"(?<![0-9>&])(?:1|&)?>>?\s*(?!&|\s|>)(?!/dev/(?:stdout|stderr|fd/|pts|tty|console)|/proc/)[^\s;|&<>]+"
)
_COMMANDS = re.compile(r"&&|\|\||;|\n")
_SERVER = re.compile(r"(?:^|[\s/\"'])weaviate(?:\s|$|[\"'>])|^\s*exec\s*(?:1|&)?>|\"?\$@\"?")


def checks(facts: ClusterFacts) -> list[Check]:
    """Level, format, debugging and output; slow queries and the audit log only inform."""
    return [_level(facts), _format(facts), _debug(facts), _output(facts), *_extras(facts)]


def level(facts: ClusterFacts) -> str:
    """The level in use; unset and unknown values mean info."""
    configured = facts.weaviate.env("LOG_LEVEL").value.lower()
    return configured if configured in LEVELS else "info"


def _unread(facts: ClusterFacts, value: EnvValue, field: str, expected: str, what: str) -> Check:
    on = weaviate_subject(facts, "configmaps") if "ConfigMap" in value.origin else weaviate_subject(facts)
    message = f"The log {what} was not read ({value.origin or value.state})."
    return on.unread(field, expected, value.reason or Reason.NOT_OBSERVABLE, message=message)


def _level(facts: ClusterFacts) -> Check:
    value, field, expected = facts.weaviate.env("LOG_LEVEL"), "env LOG_LEVEL", "info or warning"
    if not value.known:
        return _unread(facts, value, field, expected, "level")
    configured = value.value.lower()
    seen = configured or "not set: info"
    if configured and configured not in LEVELS:
        seen = f"{configured}, which is not a level of the server: info"
    message = LEVEL_PROBLEMS.get(configured, "").format(level=configured)
    outcome = Outcome.NOT_MET if configured in ("panic", "fatal") else PARTLY
    on, fix = weaviate_subject(facts), "logging.level"
    return on.check(field, seen, expected, not message, message=message, on_failure=outcome, fix=fix)


def _format(facts: ClusterFacts) -> Check:
    """JSON unless the value is exactly `text`."""
    value, field = facts.weaviate.env("LOG_FORMAT"), "env LOG_FORMAT"
    if not value.known:
        return _unread(facts, value, field, "json", "format")
    message = "The log is written as text, which log stores cannot split into fields."
    on, seen = weaviate_subject(facts), value.value or "not set: json"
    ok, fix = value.value != "text", "logging.format"
    return on.check(field, seen, "json", ok, message=message, on_failure=PARTLY, fix=fix)


def _debug(facts: ClusterFacts) -> Check:
    on, config, missing = weaviate_subject(facts, "configmaps"), facts.weaviate.config, facts.weaviate.config_missing
    field, expected = "debug in the configuration file", "false"
    if missing is not None:
        message = "Whether the configuration file enables debugging was not read."
        return on.unread(field, expected, missing, message=message)
    debug = bool(config and config.debug)
    message = f"The configuration file enables debugging, {DEBUG_COST}."
    seen, fix = "true" if debug else "false", "logging.debug"
    return on.check(field, seen, expected, not debug, message=message, on_failure=PARTLY, fix=fix)


def _output(facts: ClusterFacts) -> Check:
    container, field, expected = facts.weaviate.container, "standard output", "the container's log"
    target = redirected((*container.command, *container.args))
    message = f"The container redirects its output ({target}), so kubectl logs and log collectors receive nothing."
    on, seen, fix = weaviate_subject(facts), target or expected, "logging.output"
    return on.check(field, seen, expected, not target, message=message, fix=fix)


def redirected(words: tuple[str, ...]) -> str:
    """The redirection of the server's standard output in a shell script, "" where it remains the container's log.

    Without a shell, `>` is an ordinary argument of the server.
    """
    if not words or words[0].rpartition("/")[2] not in SHELLS:
        return ""
    for command in _COMMANDS.split("\n".join(words[1:])):
        found = _REDIRECT.search(command)
        if found and _SERVER.search(command):
            return found[0].strip()
    return ""


def _extras(facts: ClusterFacts) -> Iterator[Check]:
    """Informational: slow queries, and the audit log of RBAC."""
    on, slow = weaviate_subject(facts), facts.weaviate.is_enabled("QUERY_SLOW_LOG_ENABLED")
    yield on.info("env QUERY_SLOW_LOG_ENABLED", "not known" if slow is None else "on" if slow else "off")
    if facts.weaviate.is_enabled("AUTHORIZATION_RBAC_IP_IN_AUDIT_LOG_DISABLED"):
        yield on.info("env AUTHORIZATION_RBAC_IP_IN_AUDIT_LOG_DISABLED", "on: audit log without addresses")
