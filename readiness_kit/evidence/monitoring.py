"""Monitoring: what Weaviate logs and where to, whether its metrics arrive, who looks at them, and who is alerted."""

from __future__ import annotations

import re

from readiness_kit.evidence.checks import Check, note, to_finding, unread, want
from readiness_kit.evidence.conditions.observability import alerts, dashboards, logs, scrape_targets
from readiness_kit.evidence.registry import evidence
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate import scraping
from readiness_kit.facts.weaviate.workload import Workload
from readiness_kit.labels import count
from readiness_kit.locate import workload_key
from readiness_kit.model import Finding, Outcome, Reason, Settings

PARTLY = Outcome.PARTLY
LEVELS = ("panic", "fatal", "error", "warning", "warn", "info", "debug", "trace")
SHELLS = frozenset({"sh", "bash", "ash", "dash"})
SILENT = frozenset({"panic", "fatal"})
LOUD = frozenset({"debug", "trace"})
# The standard output of the whole script, or of the command that starts the server; not standard error, not a device.
_REDIRECT = re.compile(
    r"(?<![0-9>&])(?:1|&)?>>?\s*(?!&|\s|>)(?!/dev/(?:stdout|stderr|fd/|pts|tty|console)|/proc/)[^\s;|&<>]+"
)
_COMMANDS = re.compile(r"&&|\|\||;|\n")
_SERVER = re.compile(r"(?:^|[\s/\"'])weaviate(?:\s|$|[\"'>])|^\s*exec\s*(?:1|&)?>|\"?\$@\"?")


# --- Q30 ------------------------------------------------------------------------------------------


@evidence("mon.logging", reads=("configmaps",), tolerates=("configmaps",))
def logging(facts: ClusterFacts, settings: Settings) -> Finding:
    """JSON at info or warning, on standard output, where kubectl and every collector find it."""
    weaviate = facts.weaviate
    checks = [_level(weaviate), _format(weaviate), _debug(weaviate), _output(weaviate), *_extras(weaviate)]
    level = weaviate.env("LOG_LEVEL").value.lower()
    met = f"Weaviate logs JSON at level {level if level in LEVELS else 'info'} to its standard output."
    return to_finding("mon.logging", checks, met=met)


def _level(weaviate: Workload) -> Check:
    """Unset, and what the server does not know, is info."""
    value = weaviate.env("LOG_LEVEL")
    ref, field, expected, source = weaviate.ref, "env LOG_LEVEL", "info or warning", workload_key(weaviate.kind)
    if not value.known:
        say = f"The log level was not read ({value.origin or value.state})."
        return unread(
            ref, field, expected, value.reason or Reason.NOT_OBSERVABLE, _where(value.origin, source), say=say
        )
    level = value.value.lower()
    seen = level or "not set: info"
    if level in SILENT:
        say = f"The log level {level} keeps back errors and warnings: there is next to no log."
        return want(ref, field, seen, expected, False, source, say=say)
    if level in LOUD:
        say = f"The log level is {level}, which costs volume and speed in production."
        return want(ref, field, seen, expected, False, source, otherwise=PARTLY, say=say)
    if level == "error":
        say = "The log level error keeps back warnings and what happened before an error."
        return want(ref, field, seen, expected, False, source, otherwise=PARTLY, say=say)
    if level and level not in LEVELS:
        seen = f"{level}, which the server does not know: info"
    return want(ref, field, seen, expected, True, source)


def _format(weaviate: Workload) -> Check:
    """JSON unless exactly `text` is asked for."""
    value = weaviate.env("LOG_FORMAT")
    ref, field, source = weaviate.ref, "env LOG_FORMAT", workload_key(weaviate.kind)
    if not value.known:
        say = f"The log format was not read ({value.origin or value.state})."
        return unread(ref, field, "json", value.reason or Reason.NOT_OBSERVABLE, _where(value.origin, source), say=say)
    say = "The log is written as text, which log stores cannot take apart by field."
    return want(
        ref, field, value.value or "not set: json", "json", value.value != "text", source, otherwise=PARTLY, say=say
    )


def _debug(weaviate: Workload) -> Check:
    field, expected = "debug in the configuration file", "false"
    if weaviate.config_missing is not None:
        say = "Whether the configuration file switches debugging on was not read."
        return unread(weaviate.ref, field, expected, weaviate.config_missing, "configmaps", say=say)
    on = bool(weaviate.config and weaviate.config.debug)
    say = "The configuration file switches debugging on, which costs volume and speed in production."
    return want(
        weaviate.ref, field, "true" if on else "false", expected, not on, "configmaps", otherwise=PARTLY, say=say
    )


def _output(weaviate: Workload) -> Check:
    words = (*weaviate.container.command, *weaviate.container.args)
    ref, field, expected, source = weaviate.ref, "standard output", "the container's log", workload_key(weaviate.kind)
    away = redirected(words)
    say = f"The container's command sends its output away ({away}), so kubectl logs and log collectors get nothing."
    return want(ref, field, away or expected, expected, not away, source, say=say)


def redirected(words: tuple[str, ...]) -> str:
    """The redirection of the server's standard output in a shell script, "" where it stays the container's log.

    Without a shell `>` is a word like any other, which the server is given.
    """
    if not words or words[0].rpartition("/")[2] not in SHELLS:
        return ""
    for command in _COMMANDS.split("\n".join(words[1:])):
        found = _REDIRECT.search(command)
        if found and _SERVER.search(command):
            return found[0].strip()
    return ""


def _extras(weaviate: Workload) -> list[Check]:
    """For the reader: slow queries, and the audit lines that come with RBAC."""
    source = workload_key(weaviate.kind)
    slow = weaviate.is_enabled("QUERY_SLOW_LOG_ENABLED")
    shown = "not known" if slow is None else "on" if slow else "off"
    checks = [note(weaviate.ref, "env QUERY_SLOW_LOG_ENABLED", shown, source)]
    if weaviate.is_enabled("AUTHORIZATION_RBAC_IP_IN_AUDIT_LOG_DISABLED"):
        checks.append(
            note(
                weaviate.ref,
                "env AUTHORIZATION_RBAC_IP_IN_AUDIT_LOG_DISABLED",
                "on: audit lines without addresses",
                source,
            )
        )
    return checks


def _where(origin: str, otherwise: str) -> str:
    return "configmaps" if "ConfigMap" in origin else otherwise


# --- Q31 ------------------------------------------------------------------------------------------


@evidence("mon.logs_central", reads=logs.READS, tolerates=logs.READS)
def central_logs(facts: ClusterFacts, settings: Settings) -> Finding:
    """An agent on every node with Weaviate. Where it sends the logs, and for how long, only an answer says."""
    checks = logs.agent_checks(facts)
    checks += logs.sink(facts, checks)
    return to_finding("mon.logs_central", checks, met="")


# --- Q32 ------------------------------------------------------------------------------------------

METRICS = (
    "configmaps", "services", "pods", "namespaces", *scraping.WORKLOADS, *scraping.MONITORS, "prometheuses",
    "weaviate/nodes_verbose", *scrape_targets.READS,
)  # fmt: skip


@evidence("mon.metrics", reads=METRICS, tolerates=METRICS)
def metrics(facts: ClusterFacts, settings: Settings) -> Finding:
    """Metrics are on, somebody is told to scrape them, and all targets are up."""
    checks = [scrape_targets.enabled(facts), *scrape_targets.ports(facts)]
    if checks[0].outcome is Outcome.MET:
        checks += scrape_targets.up_checks(facts, scrape_targets.scraped(facts))
        checks += [*scrape_targets.cardinality(facts, settings), *scrape_targets.helpers(facts)]
    number = count(facts.weaviate.replicas, "Weaviate pod")
    return to_finding("mon.metrics", checks, met=f"Prometheus gets metrics from each of {number}.")


# --- Q33 ------------------------------------------------------------------------------------------


@evidence("mon.grafana", reads=dashboards.READS, tolerates=dashboards.READS)
def grafana(facts: ClusterFacts, settings: Settings) -> Finding:
    """A dashboard of Weaviate as an object of the cluster. What is kept in Grafana itself does not show."""
    met = "A Grafana runs, and a dashboard of Weaviate is there."
    return to_finding("mon.grafana", dashboards.checks(facts), met=met)


# --- Q34 ------------------------------------------------------------------------------------------


@evidence("mon.alerts", reads=alerts.READS, tolerates=alerts.READS)
def alerting(facts: ClusterFacts, settings: Settings) -> Finding:
    """Rules that a Prometheus has loaded, an Alertmanager that takes them, and somebody who is told."""
    checks = alerts.checks(facts)
    met = "Alert rules watch Weaviate for loss, errors, resources and backups, and an Alertmanager sends them out."
    return to_finding("mon.alerts", checks, met=met)
