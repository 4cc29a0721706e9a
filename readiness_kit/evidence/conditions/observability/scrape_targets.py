"""Whether Weaviate's metrics are on, who is told to scrape them, and whether they arrive."""

from __future__ import annotations

from readiness_kit.evidence.checks import Check, note, unread, want
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate import auth, scraping, secrets
from readiness_kit.kinds import KINDS
from readiness_kit.labels import count
from readiness_kit.locate import workload_key
from readiness_kit.model import Outcome, Reason, Ref, Settings

PARTLY = Outcome.PARTLY
UP, SAMPLES, LABELS = "prometheus/up", "prometheus/weaviate", "prometheus/labels"
READS = (UP, SAMPLES, LABELS)


def enabled(facts: ClusterFacts) -> Check:
    """By the variable or the configuration file. The string "false" still renders the chart's port, and stays off."""
    weaviate = facts.weaviate
    ref, field, expected = weaviate.ref, "env PROMETHEUS_MONITORING_ENABLED", "true"
    source = workload_key(weaviate.kind)
    value = weaviate.env("PROMETHEUS_MONITORING_ENABLED")
    mapping, _, _ = secrets.config_mapping(weaviate)
    section = (mapping or {}).get("monitoring")
    in_file = section.get("enabled") is True if isinstance(section, dict) else False
    on = auth.any_enabled(weaviate, in_file, "PROMETHEUS_MONITORING_ENABLED")
    if on is None:
        say = "Whether Weaviate's metrics are on cannot be told from what was read."
        reason = value.reason or weaviate.config_missing or Reason.NOT_OBSERVABLE
        return unread(ref, field, expected, reason, "configmaps" if weaviate.config_missing else source, say=say)
    seen = (value.value if value.known else value.state) or "not set"
    if in_file and not weaviate.is_enabled("PROMETHEUS_MONITORING_ENABLED"):
        seen = "on in the configuration file"
    say = "Weaviate's metrics are off: nothing can be scraped."
    return want(ref, field, seen, expected, on, source, say=say)


def ports(facts: ClusterFacts) -> list[Check]:
    weaviate = facts.weaviate
    source = workload_key(weaviate.kind)
    port = scraping.metrics_port(facts)
    declared = any(one.container_port == port for one in weaviate.container.ports)
    grouped = weaviate.is_enabled("PROMETHEUS_MONITORING_GROUP")
    shown = "not known" if grouped is None else "on" if grouped else "off"
    return [
        note(weaviate.ref, f"container port {port}", "declared" if declared else "not declared", source),
        note(weaviate.ref, "env PROMETHEUS_MONITORING_GROUP", shown, source),
    ]


def scraped(facts: ClusterFacts) -> list[Check]:
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


def _accepted(facts: ClusterFacts, found: tuple[scraping.Scrape, ...]) -> list[Check]:
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


def _nobody(facts: ClusterFacts) -> Check:
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


# --- what Prometheus says -------------------------------------------------------------------------


def up_checks(facts: ClusterFacts, told: list[Check]) -> list[Check]:
    """Only a target that is up proves that metrics arrive. `told` are the lines about who is told to scrape.

    All up settles those lines. None there, in the Prometheus that was asked, does not say that nobody scrapes.
    """
    weaviate = facts.weaviate
    wanted = weaviate.replicas
    field, expected = "targets that are up", f"{wanted} of {wanted}"
    reason = facts.missing(UP)
    if reason is not None:
        if any(check.outcome in (PARTLY, Outcome.NOT_MET) or check.reason for check in told):
            return told
        say = "Whether all targets are up was not read from Prometheus, and nothing else proves that metrics arrive."
        return [*told, unread(weaviate.ref, field, expected, reason, UP, say=say)]
    up = facts.history.targets_up
    good = sum(up.values())
    if good >= wanted and good == len(up):
        return [*_settled(told), want(weaviate.ref, field, f"{good} of {wanted}", expected, True, UP)]
    if not up:
        say = "The Prometheus that was asked has no target of Weaviate, so no metrics arrive there."
        if any(check.outcome is Outcome.NOT_MET or check.reason for check in told):
            return [*told, note(weaviate.ref, field, "none", UP, expected, False)]
        return [*told, want(weaviate.ref, field, "none", expected, False, UP, otherwise=PARTLY, say=say)]
    down = sorted(name for name, fine in up.items() if not fine)
    gone = f", down: {names(down)}" if down else ""
    say = f"Prometheus gets metrics from {good} of {count(wanted, 'Weaviate pod')}{gone}."
    seen = f"{good} of {wanted}{gone}"
    return [*_settled(told), want(weaviate.ref, field, seen, expected, False, UP, otherwise=PARTLY, say=say)]


def _settled(told: list[Check]) -> list[Check]:
    """The lines about who is told to scrape, as mere information: targets are there, by whatever way."""
    return [Check(check.fact) for check in told]


def cardinality(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """Many shards without grouping make as many series each. The number of shards: by metrics, else by nodes."""
    weaviate = facts.weaviate
    most = settings.thresholds.many_shards
    measured = facts.history.scalar("schema_shards")
    number = int(measured) if measured is not None else len(facts.shards)
    grouped = weaviate.is_enabled("PROMETHEUS_MONITORING_GROUP")
    if number <= most or grouped is not False:
        return []
    source = SAMPLES if measured is not None else "weaviate/nodes_verbose"
    field, expected = "shards, with series for each", f"{most} or fewer, or PROMETHEUS_MONITORING_GROUP"
    say = f"There are {number} shards and metrics are not grouped: each shard makes series of its own."
    return [want(weaviate.ref, field, number, expected, False, source, otherwise=PARTLY, say=say)]


def helpers(facts: ClusterFacts) -> list[Check]:
    """For the reader: whether the same Prometheus knows the state and the usage of the pods."""
    if facts.missing(LABELS) is not None:
        return []
    labels, ref = facts.history.labels, facts.weaviate.ref
    rows = (
        ("kube-state-metrics", labels.kube_state),
        ("cAdvisor", labels.cadvisor),
        ("kubelet volumes", labels.kubelet),
    )
    return [note(ref, f"series of {word}", "there" if family else "none", LABELS) for word, family in rows]
