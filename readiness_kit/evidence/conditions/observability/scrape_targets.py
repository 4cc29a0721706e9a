"""Metrics of Weaviate: whether they are enabled, what is configured to scrape them, and whether they arrive."""

from __future__ import annotations

from readiness_kit.evidence.checks import Subject, informing, weaviate_subject
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate import auth, scraping, secrets
from readiness_kit.kinds import KINDS
from readiness_kit.labels import count
from readiness_kit.model import Check, Outcome, Reason, Ref, Settings

PARTLY = Outcome.PARTLY
UP, SAMPLES, LABELS = "prometheus/up", "prometheus/weaviate", "prometheus/labels"
READS = (UP, SAMPLES, LABELS)
ENABLED, GROUPED = "PROMETHEUS_MONITORING_ENABLED", "PROMETHEUS_MONITORING_GROUP"
PORT = "endpoint port"
SCRAPED, BY = "scrape configuration", "a monitor or an annotation"


def enabled(facts: ClusterFacts) -> Check:
    """By the variable or the configuration file. The value "false" still renders the port of the chart."""
    weaviate, field, expected = facts.weaviate, f"env {ENABLED}", "true"
    value = weaviate.env(ENABLED)
    section = (secrets.config_mapping(weaviate)[0] or {}).get("monitoring")
    in_file = isinstance(section, dict) and section.get("enabled") is True
    metrics_on = auth.any_enabled(weaviate, in_file, ENABLED)
    if metrics_on is None:
        message = "Whether the metrics of Weaviate are on could not be determined from the configuration that was read."
        reason = value.reason or weaviate.config_missing or Reason.NOT_OBSERVABLE
        on = weaviate_subject(facts, "configmaps" if weaviate.config_missing else None)
        return on.unread(field, expected, reason, message=message)
    seen = (value.value if value.known else value.state) or "not set"
    if in_file and not weaviate.is_enabled(ENABLED):
        seen = "on in the configuration file"
    message = "The metrics of Weaviate are off, so nothing can be scraped. Set PROMETHEUS_MONITORING_ENABLED to true."
    return weaviate_subject(facts).check(field, seen, expected, metrics_on, message=message, fix="metrics.enabled")


def ports(facts: ClusterFacts) -> list[Check]:
    """Informational: whether the metrics port is declared, and whether metrics are grouped."""
    on, port = weaviate_subject(facts), scraping.metrics_port(facts)
    declared = any(declared.container_port == port for declared in facts.weaviate.container.ports)
    grouped = facts.weaviate.is_enabled(GROUPED)
    return [
        on.info(f"container port {port}", "declared" if declared else "not declared"),
        on.info(f"env {GROUPED}", "not known" if grouped is None else "on" if grouped else "off"),
    ]


def scraped(facts: ClusterFacts) -> list[Check]:
    """The monitors and annotations that configure scraping, and whether a Prometheus object selects a monitor."""
    monitors, annotations = scraping.monitors(facts), scraping.annotated(facts)
    misdirected = [_misdirected(monitor, port) for monitor, port in scraping.misdirected(facts)]
    if not monitors and not annotations:
        return [*misdirected, _not_scraped(facts)]
    checks = misdirected
    checks += [_on(m, m.key).info(SCRAPED, "selects Weaviate's metrics port", BY, True) for m in monitors]
    if annotations:
        return [*checks, weaviate_subject(facts).info(SCRAPED, f"annotation {names(annotations)}", BY, True)]
    return [*checks, _selected(facts, monitors)]


def _misdirected(monitor: scraping.Scrape, port: str) -> Check:
    message = f"{KINDS[monitor.key].kind} {monitor.namespace}/{monitor.name} asks for the port {port}, "
    message += "which the selected Services of Weaviate do not have."
    on = _on(monitor, monitor.key)
    expected, fix = "a port of the Service", "metrics.port"
    return on.check(PORT, port, expected, False, message=message, on_failure=PARTLY, fix=fix)


def _on(monitor: scraping.Scrape, source: str) -> Subject:
    return Subject(Ref(KINDS[monitor.key].kind, monitor.name, monitor.namespace), source)


def _selected(facts: ClusterFacts, monitors: tuple[scraping.Scrape, ...]) -> Check:
    """A monitor has no effect unless a Prometheus object selects it; one selected monitor is enough."""
    key, field, expected = "prometheuses", "selected by", "a Prometheus object"
    servers = [scraping.accepted_by(facts, monitor) for monitor in monitors]
    if None in servers:
        on = weaviate_subject(facts, key)
        return on.info("Prometheus that selects the monitor", "unknown: no Prometheus object")
    for monitor, selecting in zip(monitors, servers, strict=True):
        if selecting:
            return _on(monitor, key).check(field, names(selecting), expected, True)
    on, number = _on(monitors[0], key), count(len(facts.objects(key)), "Prometheus object")
    message = f"{on.ref.kind} {on.ref.namespace}/{on.ref.name} has no effect: none of {number} selects it."
    return on.check(field, "none", expected, False, message=message, on_failure=PARTLY, fix="metrics.labels")


def _not_scraped(facts: ClusterFacts) -> Check:
    """Neither monitor nor annotation: not met only where no scraper can work without them."""
    manifest = facts.snapshot.manifest
    keys = (*scraping.MONITORS, *scraping.WORKLOADS, "services", "pods")
    missing = {key: reason for key in keys if (reason := facts.missing(key)) is not None}
    if missing:
        key, reason = next(iter(missing.items()))
        message = f"Nothing that scrapes Weaviate was found, but not everything was read (missing: {names(missing)})."
        return weaviate_subject(facts, key).unread(SCRAPED, BY, reason, message=message)
    why = ""
    if scrapers := scraping.scrapers(facts):
        why = f"{names(scrapers)} may do so by separate configuration"
    elif manifest.namespaces:
        why = f"only {names(manifest.namespaces)} was read"
    elif "-eks-" in manifest.server_version:
        why = "a managed collector of AWS leaves no trace in the cluster"
    if why:
        message = f"No monitor and no annotation configures scraping of Weaviate's metrics; {why}."
        on, fix = weaviate_subject(facts, ""), "metrics.monitor"
        return on.unread(SCRAPED, BY, Reason.NOT_OBSERVABLE, message=message, fix=fix)
    message = "Metrics are on, but nothing scrapes them: no monitor, no annotation and no scraper was found."
    on = weaviate_subject(facts, "servicemonitors")
    return on.check(SCRAPED, "none", BY, False, message=message, fix="metrics.prometheus")


# --- what Prometheus has --------------------------------------------------------------------------


def up_checks(facts: ClusterFacts, configured: list[Check]) -> list[Check]:
    """Only targets that are up prove that metrics arrive. `configured` are the checks of the scrape configuration.

    With all targets up these checks only inform. No target in this Prometheus does not prove that nothing scrapes.
    """
    wanted, on = facts.weaviate.replicas, weaviate_subject(facts, UP)
    field, expected = "targets that are up", f"{wanted} of {wanted}"
    reason = facts.missing(UP)
    if reason is not None:
        message = "Whether all targets are up was not read; only Prometheus proves that metrics arrive."
        return [*configured, on.unread(field, expected, reason, message=message)]
    up = facts.history.targets_up
    if wanted and not up:
        message = "The configured Prometheus has no target of Weaviate, so it receives no metrics."
        fixes = {check.fix for check in configured} - {""}
        fix = "metrics.monitor" if "metrics.monitor" in fixes else "" if fixes else "metrics.targets"
        return [*configured, on.check(field, "none", expected, False, message=message, on_failure=PARTLY, fix=fix)]
    good, down = sum(up.values()), names(name for name, is_up in up.items() if not is_up)
    suffix = f", down: {down}" if down else ""
    message = f"Prometheus receives metrics from {good} of {count(wanted, 'Weaviate pod')}{suffix}."
    ok = good >= wanted and good == len(up)
    seen, fix = f"{good} of {wanted}{suffix}", "metrics.targets"
    target = on.check(field, seen, expected, ok, message=message, on_failure=PARTLY, fix=fix)
    # What is configured wrongly stays a finding, even where something else brings the metrics.
    kept = [
        check if check.outcome is PARTLY and check.field == "endpoint port" else informing(check)
        for check in configured
    ]
    return [*kept, target]


def cardinality(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """Ungrouped metrics make series for each shard. The number of shards is taken from the metrics, or the nodes."""
    maximum, measured = settings.thresholds.many_shards, facts.history.scalar("schema_shards")
    number = int(measured) if measured is not None else len(facts.shards)
    if number <= maximum or facts.weaviate.is_enabled(GROUPED) is not False:
        return []
    on = weaviate_subject(facts, SAMPLES if measured is not None else "weaviate/nodes_verbose")
    field, expected = "shards, with series for each", f"{maximum} or fewer, or {GROUPED}"
    message = f"There are {number} shards and metrics are not grouped, so each shard has separate series."
    return [on.check(field, number, expected, False, message=message, on_failure=PARTLY, fix="metrics.grouped")]


def helpers(facts: ClusterFacts) -> list[Check]:
    """Informational: whether the same Prometheus has the state and the usage of the pods."""
    if facts.missing(LABELS) is not None:
        return []
    labels, on = facts.history.labels, weaviate_subject(facts, LABELS)
    families = {
        "kube-state-metrics": labels.kube_state,
        "cAdvisor": labels.cadvisor,
        "kubelet volumes": labels.kubelet,
    }
    return [on.info(f"series of {name}", "there" if found else "none") for name, found in families.items()]
