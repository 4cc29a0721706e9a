"""Dashboards of Weaviate that are objects of the cluster. Dashboards created in Grafana are stored in its database."""

from __future__ import annotations

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.conditions.observability import metrics
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.detectors.scan import DETECTOR_READS, unseen
from readiness_kit.model import Check, Outcome, Reason

SIDECAR = "dashboardconfigmaps"
WORD = "weaviate"
BOARDS = (SIDECAR, "grafanadashboards")
"""Dashboards as objects: ConfigMaps with the label for the sidecar of Grafana, and those of its operator."""
COLLECTORS = ("metrics", "telemetry")
READS = tuple(
    sorted({*DETECTOR_READS["dashboards"], *(key for group in COLLECTORS for key in DETECTOR_READS[group]), *BOARDS})
)
FIELD, EXPECTED = "dashboard of Weaviate", "1 or more"


def found(facts: ClusterFacts) -> list[Subject]:
    """The dashboards with Weaviate in their name, for the sidecar of Grafana or for its operator."""
    return [
        Subject.of(key, item) for key in BOARDS for item in facts.objects(key) if WORD in item.metadata.name.lower()
    ]


def checks(facts: ClusterFacts) -> list[Check]:
    """The content of a dashboard is not kept, so its name counts, and only together with a running Grafana."""
    tools, dashboards = facts.detected("dashboards"), found(facts)
    checks = [metrics.tool(detection) for detection in tools]
    if tools and dashboards:
        return [*checks, *(on.check(FIELD, "there", EXPECTED, True) for on in dashboards)]
    checks += [on.info(FIELD, "there, but no Grafana was found", EXPECTED) for on in dashboards]
    missing = unseen(facts, "dashboards")
    missing |= {key: reason for key in BOARDS if (reason := facts.missing(key)) is not None}
    if missing:
        key, reason = min(missing.items())
        message = f"Whether a dashboard shows Weaviate was not read ({names(missing)})."
        worst = Outcome.PARTLY if tools else Outcome.NOT_MET
        on = weaviate_subject(facts, key)
        return [*checks, on.unread(FIELD, EXPECTED, reason, message=message, on_failure=worst)]
    if not tools:
        return [*checks, _without_grafana(facts)]
    grafana = names(detection.tool for detection in tools)
    if namespaces := _only_in(facts):
        message = f"{grafana} runs, and no dashboard of Weaviate is in {names(namespaces)}; other namespaces, where "
        message += "dashboards often are, were not read."
        on = weaviate_subject(facts, SIDECAR)
        unread = on.unread(FIELD, EXPECTED, Reason.NOT_COLLECTED, message=message, on_failure=Outcome.PARTLY)
        return [*checks, unread]
    message = f"{grafana} runs, but no dashboard object has Weaviate in its name."
    on = weaviate_subject(facts, SIDECAR)
    fix = "dashboards.weaviate"
    return [*checks, on.check(FIELD, "none", EXPECTED, False, message=message, on_failure=Outcome.PARTLY, fix=fix)]


def _only_in(facts: ClusterFacts) -> tuple[str, ...]:
    """The namespaces in which dashboards were read; () for those of the whole cluster."""
    return facts.snapshot.read(SIDECAR).namespaces


def _without_grafana(facts: ClusterFacts) -> Check:
    """Not met only where nothing forwards metrics to a Grafana outside the cluster."""
    collectors = names(detection.tool for group in COLLECTORS for detection in facts.detected(group))
    missing = {key: reason for group in COLLECTORS for key, reason in unseen(facts, group).items()}
    manifest, why, reason = facts.snapshot.manifest, "", Reason.NOT_OBSERVABLE
    if collectors:
        why = f"{collectors} can feed one outside"
    elif missing:
        why, reason = f"{names(missing)} were not read", next(iter(missing.values()))
    elif manifest.namespaces:
        why = "only some namespaces were read"
    elif "-eks-" in manifest.server_version:
        why = "a managed collector of AWS leaves no trace in the cluster"
    if why:
        message = f"No Grafana was found in this cluster; {why}."
        return weaviate_subject(facts, "").unread(FIELD, EXPECTED, reason, message=message, fix="dashboards.grafana")
    message = "No Grafana and no metrics collector was found, so nobody can view the metrics of Weaviate."
    on = weaviate_subject(facts, "deployments")
    return on.check(FIELD, "none, and no Grafana", EXPECTED, False, message=message, fix="dashboards.grafana")
