"""Monitoring: what Weaviate logs and whether its metrics are on and scraped, as far as Kubernetes shows it."""

from __future__ import annotations

import re

from readiness_kit.evidence.framework import Check, conclude, evidence, note, unread, want, workload_key
from readiness_kit.evidence.wording import names
from readiness_kit.facts import Facts, auth, scraping, secrets
from readiness_kit.facts.workload import Workload
from readiness_kit.kinds import KINDS
from readiness_kit.model import Finding, Outcome, Reason, Ref, Settings
from readiness_kit.words import count

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
def logging(facts: Facts, settings: Settings) -> Finding:
    """JSON at info or warning, on standard output, where kubectl and every collector find it."""
    weaviate = facts.weaviate
    checks = [_level(weaviate), _format(weaviate), _debug(weaviate), _output(weaviate), *_extras(weaviate)]
    level = weaviate.env("LOG_LEVEL").value.lower()
    met = f"Weaviate logs JSON at level {level if level in LEVELS else 'info'} to its standard output."
    return conclude("mon.logging", checks, met=met)


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
    slow = weaviate.truthy("QUERY_SLOW_LOG_ENABLED")
    shown = "not known" if slow is None else "on" if slow else "off"
    checks = [note(weaviate.ref, "env QUERY_SLOW_LOG_ENABLED", shown, source)]
    if weaviate.truthy("AUTHORIZATION_RBAC_IP_IN_AUDIT_LOG_DISABLED"):
        checks.append(
            note(
                weaviate.ref,
                "env AUTHORIZATION_RBAC_IP_IN_AUDIT_LOG_DISABLED",
                "on: audit lines without addresses",
                source,
            )
        )
    return checks


# --- Q32 ------------------------------------------------------------------------------------------


@evidence(
    "mon.metrics",
    reads=(
        "configmaps",
        "services",
        "pods",
        "namespaces",
        "statefulsets",
        "deployments",
        "daemonsets",
        "servicemonitors",
        "podmonitors",
        "vmservicescrapes",
        "podmonitorings",
        "prometheuses",
    ),
    tolerates=(
        "configmaps",
        "services",
        "pods",
        "namespaces",
        "statefulsets",
        "deployments",
        "daemonsets",
        "servicemonitors",
        "podmonitors",
        "vmservicescrapes",
        "podmonitorings",
        "prometheuses",
    ),
)
def metrics(facts: Facts, settings: Settings) -> Finding:
    """Metrics are on and somebody is told to scrape them. That all targets are up is Prometheus' to tell."""
    weaviate = facts.weaviate
    checks = [_enabled(facts), *_ports(facts)]
    if checks[0].outcome is Outcome.MET:
        checks += _scraped(facts)
        if not any(check.outcome in (PARTLY, Outcome.NOT_MET) for check in checks):
            why = facts.missing("prometheus/up") or Reason.NOT_COLLECTED
            say = (
                "Whether all targets are up was not read from Prometheus, and nothing else proves that metrics arrive."
            )
            expected = f"{weaviate.replicas} of {weaviate.replicas}"
            checks.append(unread(weaviate.ref, "targets that are up", expected, why, "prometheus/up", say=say))
    return conclude("mon.metrics", checks, met="")


def _enabled(facts: Facts) -> Check:
    """By the variable or the configuration file. The string "false" still renders the chart's port, and stays off."""
    weaviate = facts.weaviate
    ref, field, expected = weaviate.ref, "env PROMETHEUS_MONITORING_ENABLED", "true"
    source = workload_key(weaviate.kind)
    value = weaviate.env("PROMETHEUS_MONITORING_ENABLED")
    mapping, _, _ = secrets.config_mapping(weaviate)
    section = (mapping or {}).get("monitoring")
    in_file = section.get("enabled") is True if isinstance(section, dict) else False
    on = auth.either(weaviate, in_file, "PROMETHEUS_MONITORING_ENABLED")
    if on is None:
        say = "Whether Weaviate's metrics are on cannot be told from what was read."
        reason = value.reason or weaviate.config_missing or Reason.NOT_OBSERVABLE
        return unread(ref, field, expected, reason, "configmaps" if weaviate.config_missing else source, say=say)
    seen = (value.value if value.known else value.state) or "not set"
    if in_file and not weaviate.truthy("PROMETHEUS_MONITORING_ENABLED"):
        seen = "on in the configuration file"
    say = "Weaviate's metrics are off: nothing can be scraped."
    return want(ref, field, seen, expected, on, source, say=say)


def _ports(facts: Facts) -> list[Check]:
    weaviate = facts.weaviate
    source = workload_key(weaviate.kind)
    port = scraping.metrics_port(facts)
    declared = any(one.container_port == port for one in weaviate.container.ports)
    grouped = weaviate.truthy("PROMETHEUS_MONITORING_GROUP")
    shown = "not known" if grouped is None else "on" if grouped else "off"
    return [
        note(weaviate.ref, f"container port {port}", "declared" if declared else "not declared", source),
        note(weaviate.ref, "env PROMETHEUS_MONITORING_GROUP", shown, source),
    ]


def _scraped(facts: Facts) -> list[Check]:
    weaviate = facts.weaviate
    found = scraping.monitors(facts)
    asked = scraping.annotated(facts)
    field, expected = "told to scrape", "a monitor or an annotation"
    if not found and not asked:
        return [_nobody(facts)]
    checks = [
        note(
            Ref(KINDS[one.key].kind, one.name, one.namespace),
            field,
            "selects Weaviate's metrics port",
            one.key,
            expected,
            True,
        )
        for one in found
    ]
    if asked:
        checks.append(
            note(weaviate.ref, field, f"annotation {names(asked)}", workload_key(weaviate.kind), expected, True)
        )
    checks += _accepted(facts, found) if not asked else []
    return checks


def _accepted(facts: Facts, found: tuple[scraping.Scrape, ...]) -> list[Check]:
    """A monitor that no Prometheus object selects is read by nobody that shows; one that is selected is enough."""
    answers = [(one, scraping.accepted_by(facts, one)) for one in found]
    if any(servers is None for _, servers in answers):
        return [
            note(
                facts.weaviate.ref,
                "Prometheus that selects the monitor",
                "no Prometheus object to tell",
                "prometheuses",
            )
        ]
    field, expected = "selected by", "a Prometheus object"
    for one, servers in answers:
        if servers:
            return [
                want(
                    Ref(KINDS[one.key].kind, one.name, one.namespace),
                    field,
                    names(servers),
                    expected,
                    True,
                    "prometheuses",
                )
            ]
    one = found[0]
    word = KINDS[one.key].kind
    number = count(len(facts.objects("prometheuses")), "Prometheus object")
    say = f"{word} {one.namespace}/{one.name} has no label or namespace by which any of the {number} here selects it."
    return [
        want(
            Ref(word, one.name, one.namespace),
            field,
            "none",
            expected,
            False,
            "prometheuses",
            otherwise=PARTLY,
            say=say,
        )
    ]


def _nobody(facts: Facts) -> Check:
    """Nobody is told to scrape: a failure only where nothing could do it unseen."""
    weaviate = facts.weaviate
    field, expected = "told to scrape", "a monitor or an annotation"
    unseen = [
        key for key in (*scraping.MONITORS, *scraping.WORKLOADS, "services", "pods") if facts.missing(key) is not None
    ]
    if unseen:
        reason = facts.missing(unseen[0]) or Reason.NOT_COLLECTED
        say = (
            f"Who scrapes Weaviate was not found, and {names(unseen)} {'was' if len(unseen) == 1 else 'were'} not read."
        )
        return unread(weaviate.ref, field, expected, reason, unseen[0], say=say)
    there = scraping.scrapers(facts)
    manifest = facts.snapshot.manifest
    why = ""
    if there:
        why = f"{names(there)} may do so by configuration of its own"
    elif manifest.namespaces:
        why = f"only {names(manifest.namespaces)} was looked at"
    elif "-eks-" in manifest.server_version:
        why = "a managed collector of AWS leaves no trace in the cluster"
    if why:
        say = f"No monitor and no annotation asks for Weaviate's metrics to be scraped; {why}."
        return unread(weaviate.ref, field, expected, Reason.NOT_OBSERVABLE, "", say=say)
    say = "Metrics are on, but nobody scrapes them: no monitor or annotation asks for it, and no scraper runs here."
    return want(weaviate.ref, field, "nobody", expected, False, "servicemonitors", say=say)


def _where(origin: str, otherwise: str) -> str:
    return "configmaps" if "ConfigMap" in origin else otherwise
