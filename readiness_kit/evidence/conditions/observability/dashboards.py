"""Dashboards of Weaviate that are objects of the cluster. Those made in Grafana stay in its database, unseen."""

from __future__ import annotations

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.conditions.observability import metrics
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.detectors.scan import DETECTOR_READS, unseen
from readiness_kit.kinds import KINDS
from readiness_kit.model import Check, Outcome, Reason, Ref

PARTLY = Outcome.PARTLY
SIDECAR_LABEL = "grafana_dashboard"
WORD = "weaviate"
COLLECTORS = ("metrics", "telemetry")
READS = tuple(
    sorted({*DETECTOR_READS["dashboards"], *(key for one in COLLECTORS for key in DETECTOR_READS[one]), "configmaps"})
)
FIELD, EXPECTED = "dashboard of Weaviate", "1 or more"


def found(facts: ClusterFacts) -> list[tuple[Ref, str]]:
    """(object, key) of dashboards called after Weaviate: for Grafana's sidecar, or for its operator."""
    mine = [
        (Ref("ConfigMap", one.metadata.name, one.metadata.namespace), "configmaps")
        for one in facts.objects("configmaps")
        if SIDECAR_LABEL in one.metadata.labels and WORD in one.metadata.name.lower()
    ]
    key = "grafanadashboards"
    mine += [
        (Ref(KINDS[key].kind, one.metadata.name, one.metadata.namespace), key)
        for one in facts.objects(key)
        if WORD in one.metadata.name.lower()
    ]
    return mine


def checks(facts: ClusterFacts) -> list[Check]:
    """What is inside a dashboard is not kept, so its name counts, and only beside a Grafana that runs."""
    tools = facts.detected("dashboards")
    lines = [metrics.tool(one) for one in tools]
    boards = found(facts)
    if tools and boards:
        return [*lines, *(Subject(one, key).check(FIELD, "there", EXPECTED, True) for one, key in boards)]
    lines += [Subject(one, key).info(FIELD, "there, but no Grafana was found", EXPECTED) for one, key in boards]
    lost = {**unseen(facts, "dashboards")}
    if facts.missing("configmaps") is not None:
        lost["configmaps"] = facts.missing("configmaps") or Reason.NOT_COLLECTED
    if lost:
        key, reason = next(iter(sorted(lost.items())))
        message = f"Whether a dashboard shows Weaviate was not read ({names(lost)})."
        return [*lines, weaviate_subject(facts, key).unread(FIELD, EXPECTED, reason, message=message)]
    if tools:
        message = (
            f"{names({one.tool for one in tools})} runs, but no dashboard called after Weaviate is an object here."
        )
        return [
            *lines,
            weaviate_subject(facts, "configmaps").check(
                FIELD, "none", EXPECTED, False, message=message, on_failure=PARTLY
            ),
        ]
    return [*lines, _not_attributable(facts)]


def _not_attributable(facts: ClusterFacts) -> Check:
    """No Grafana. It fails only where nothing carries metrics to one outside either."""
    there = [one.tool for group in COLLECTORS for one in facts.detected(group)]
    lost = {key: reason for group in COLLECTORS for key, reason in unseen(facts, group).items()}
    why, reason = "", Reason.NOT_OBSERVABLE
    if there:
        why = f"{names(there)} can feed one outside"
    elif lost:
        why, reason = f"{names(lost)} were not read", next(iter(lost.values()))
    elif facts.snapshot.manifest.namespaces:
        why = "only some namespaces were looked at"
    elif "-eks-" in facts.snapshot.manifest.server_version:
        why = "a managed collector of AWS leaves no trace in the cluster"
    if why:
        message = f"No Grafana was found in this cluster; {why}."
        return weaviate_subject(facts, "").unread(FIELD, EXPECTED, reason, message=message)
    message = "No Grafana and nothing that collects metrics was found: nobody can look at Weaviate's metrics."
    return weaviate_subject(facts, "deployments").check(FIELD, "none, and no Grafana", EXPECTED, False, message=message)
