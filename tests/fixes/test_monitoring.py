"""Fixes of monitoring: single faults of the ready cluster, and objects that the Prometheus of the cluster selects."""

from __future__ import annotations

import json
from typing import Any

import pytest

from readiness_kit.evidence.conditions.observability.alerts import AREAS
from readiness_kit.facts.kubernetes.selectors import matches
from readiness_kit.facts.weaviate import scraping
from readiness_kit.fixes.applying import applied
from readiness_kit.fixes.model import PreparedFix
from tests.deploy.test_manifests import faults as invalid
from tests.support.faults import Fault, answer, config_file, faulty, of, variables, without
from tests.support.fixes import assessed, checks_for, due, proved

UNSELECTED = of("servicemonitors", "weaviate", lambda data: data["metadata"].pop("labels", None))
WRONG_PORT = of("servicemonitors", "weaviate", lambda data: data["spec"].update(endpoints=[{"port": "http-metrics"}]))
NO_TARGETS = answer("prometheus/up", lambda _: ())


def only_rules(*words: str) -> Fault:
    """Prometheus has only the rules with one of these words in their name."""
    return answer(
        "prometheus/rules", lambda rules: tuple(rule for rule in rules if any(word in rule.name for word in words))
    )


FAULTS: dict[str, tuple[tuple[Any, ...], str, str]] = {
    "debug level": ((variables(LOG_LEVEL="debug"),), "logging.level", "mon.logging"),
    "level error": ((variables(LOG_LEVEL="error"),), "logging.level", "mon.logging"),
    "text format": ((variables(LOG_FORMAT="text"),), "logging.format", "mon.logging"),
    "debugging in the file": ((config_file(lambda conf: conf.update(debug=True)),), "logging.debug", "mon.logging"),
    "wrong port": ((WRONG_PORT,), "metrics.port", "mon.metrics"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_single_fault_is_closed_and_nothing_gets_worse(name: str) -> None:
    faults, fix, question = FAULTS[name]
    facts = faulty(*faults)
    found = due(facts)
    assert fix in found and question in [each.id for each in found[fix].questions]
    assert found[fix].decisions == ()
    proof = proved(facts, fix)
    assert checks_for(proof, fix) == []
    assert [step.id for step in proof.worse] == []
    assert proof.after.total.possible >= assessed(facts).total.possible


def manifest_of(fix: PreparedFix) -> dict[str, Any]:
    (manifest,) = fix.manifests
    return manifest


# --- metrics --------------------------------------------------------------------------------------


def test_metrics_that_are_turned_on_have_to_be_confirmed_by_prometheus() -> None:
    facts = faulty(variables(PROMETHEUS_MONITORING_ENABLED="false"), NO_TARGETS)
    fix = due(facts)["metrics.enabled"]
    assert fix.values["env"] == {"PROMETHEUS_MONITORING_ENABLED": True}
    proof = proved(facts, "metrics.enabled")
    assert checks_for(proof, "metrics.enabled") == []
    assert [step.id for step in proof.worse] == []


def test_the_monitor_of_the_chart_is_turned_on_only_where_nothing_scrapes() -> None:
    off = variables(PROMETHEUS_MONITORING_ENABLED="false")
    alone = due(faulty(off, without("servicemonitors")))["metrics.enabled"]
    assert alone.values["serviceMonitor"] == {"enabled": True}
    assert "serviceMonitor" not in due(faulty(off))["metrics.enabled"].values


def test_a_monitor_gets_the_labels_that_the_prometheus_object_selects() -> None:
    facts = faulty(UNSELECTED, NO_TARGETS)
    fix = due(facts)["metrics.labels"]
    assert fix.commands == (
        "kubectl label --overwrite servicemonitor weaviate --namespace search release=kube-prometheus-stack",
    )
    after = applied(facts, [fix])
    (monitor,) = scraping.monitors(after)
    assert scraping.accepted_by(after, monitor) == ("observability/kube-prometheus-stack",)


def test_a_namespace_that_prometheus_does_not_watch_is_a_decision() -> None:
    facts = faulty(
        UNSELECTED,
        NO_TARGETS,
        of("prometheuses", "kube-prometheus-stack", lambda data: data["spec"].pop("serviceMonitorNamespaceSelector")),
    )
    assert [decision.name for decision in due(facts)["metrics.labels"].decisions] == ["prometheus"]


def test_the_patch_of_a_monitor_names_the_endpoint() -> None:
    (command,) = due(faulty(WRONG_PORT))["metrics.port"].commands
    assert command.startswith("kubectl patch servicemonitor weaviate --namespace search --type json -p '")
    steps = json.loads(command.partition(" -p '")[2].removesuffix("'"))
    assert [step["path"] for step in steps] == ["/spec/endpoints/0/port", "/spec/endpoints/0/targetPort"]
    assert steps[1]["value"] == 2112


# --- alert rules ----------------------------------------------------------------------------------


def test_the_rules_are_placed_where_prometheus_selects_them() -> None:
    facts = faulty(only_rules("Kube"))
    manifest = manifest_of(due(facts)["alerts.rules"])
    (server,) = facts.objects("prometheuses")
    assert matches(server.spec.rule_selector, manifest["metadata"]["labels"])
    assert manifest["metadata"]["namespace"] == server.metadata.namespace


def test_the_rules_cover_all_areas_and_name_this_cluster() -> None:
    manifest = manifest_of(due(faulty(only_rules("Kube")))["alerts.rules"])
    rules = manifest["spec"]["groups"][0]["rules"]
    texts = [f"{rule['alert']} {rule['expr']}" for rule in rules]
    assert all(any(words.search(text) for text in texts) for words in AREAS.values())
    assert all('namespace="search"' in rule["expr"] for rule in rules)
    assert any('cronjob=~"weaviate-backup"' in rule["expr"] for rule in rules)
    assert all(set(rule) == {"alert", "expr", "for", "labels", "annotations"} for rule in rules)


def test_new_rules_are_confirmed_by_prometheus_only() -> None:
    proof = proved(faulty(only_rules("Kube")), "alerts.rules")
    assert [step.id for step in proof.to_confirm] == ["mon.alerts"]


@pytest.mark.parametrize(
    ("change", "namespace"),
    [
        ({"ruleNamespaceSelector": {}}, "search"),
        ({"ruleNamespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "observability"}}}, "observability"),
    ],
)
def test_rules_are_in_the_namespace_of_weaviate_where_prometheus_watches_it(change: Any, namespace: str) -> None:
    watching = of("prometheuses", "kube-prometheus-stack", lambda data: data["spec"].update(change))
    manifest = manifest_of(due(faulty(only_rules("Kube"), watching))["alerts.rules"])
    assert manifest["metadata"]["namespace"] == namespace


@pytest.mark.parametrize(
    "fault",
    [
        without("prometheuses"),
        of("prometheuses", "kube-prometheus-stack", lambda data: data["spec"].pop("ruleSelector")),
    ],
    ids=["no Prometheus object", "a Prometheus that selects no rules"],
)
def test_rules_that_nothing_would_select_are_a_decision(fault: Fault) -> None:
    fix = due(faulty(only_rules("Kube"), fault))["alerts.rules"]
    assert {decision.name for decision in fix.decisions} == {"prometheus"}


# --- dashboards -----------------------------------------------------------------------------------


def with_sidecar(data: dict[str, Any]) -> None:
    data["spec"]["template"]["spec"]["containers"].append({"name": "sc", "image": "quay.io/kiwigrid/k8s-sidecar:1.30"})


def test_a_dashboard_is_loaded_by_the_sidecar_of_grafana() -> None:
    facts = faulty(without("dashboardconfigmaps"), of("deployments", "grafana", with_sidecar))
    fix = due(facts)["dashboards.weaviate"]
    manifest = manifest_of(fix)
    assert invalid(manifest, "V1ConfigMap", "ConfigMap") == []
    assert manifest["metadata"]["namespace"] == "observability"
    panels = json.loads(manifest["data"]["weaviate.json"])["panels"]
    assert len(panels) == 8 and all("search" in panel["targets"][0]["expr"] for panel in panels)
    assert checks_for(proved(facts, "dashboards.weaviate"), "dashboards.weaviate") == []


def test_a_grafana_without_sidecar_leaves_the_way_open() -> None:
    fix = due(faulty(without("dashboardconfigmaps")))["dashboards.weaviate"]
    assert [decision.name for decision in fix.decisions] == ["dashboards"]


def test_a_dashboard_is_kept_with_the_other_config_maps_as_well() -> None:
    facts = faulty(without("dashboardconfigmaps"), of("deployments", "grafana", with_sidecar))
    after = applied(facts, [due(facts)["dashboards.weaviate"]])
    names = {key: [each.metadata.name for each in after.objects(key)] for key in ("configmaps", "dashboardconfigmaps")}
    assert "weaviate-config" in names["configmaps"]
    assert names["dashboardconfigmaps"] == ["weaviate-dashboard-weaviate"]


def test_a_pod_monitor_is_selected_by_prometheus_and_selects_the_pods() -> None:
    facts = faulty(
        without("servicemonitors"),
        NO_TARGETS,
        of("prometheuses", "kube-prometheus-stack", lambda data: data["spec"].update(podMonitorNamespaceSelector={})),
    )
    fix = due(facts)["metrics.monitor"]
    manifest = manifest_of(fix)
    assert manifest["metadata"]["labels"] == {"release": "kube-prometheus-stack"}
    after = applied(facts, [fix])
    (monitor,) = scraping.monitors(after)
    assert monitor.key == "podmonitors"
    assert scraping.accepted_by(after, monitor) == ("observability/kube-prometheus-stack",)
