"""The numbered traps of the evidence map: which tests prove each, and which cannot be read at all and why.

Numbers are those of the map. A trap that the kit reads something of has a test that fails where the kit falls for it.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from readiness_kit.collect.prometheus.queries import Scope, Window, weaviate
from readiness_kit.collect.prometheus.terms import METRICS, TERMS_OF
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate.shards import quorum
from readiness_kit.kinds.prometheus import Labels, Names
from readiness_kit.model import Outcome
from tests.support.answers import answered
from tests.support.asked import ask, says
from tests.support.cluster import cluster
from tests.support.cluster import weaviate as made

TESTS = Path(__file__).resolve().parents[1]
HERE = "evidence/test_traps.py"
CONDITIONS = "evidence/conditions"
ACCESS = f"{CONDITIONS}/network/test_access.py"
ALERTS = f"{CONDITIONS}/observability/test_alerts.py"
CAPACITY = f"{CONDITIONS}/resources/test_capacity.py"
CONTROL_PLANE = f"{CONDITIONS}/availability/test_control_plane.py"
DASHBOARDS = f"{CONDITIONS}/observability/test_dashboards.py"
DATA_SHAPE = f"{CONDITIONS}/data/test_data_shape.py"
FAILURE_DOMAINS = f"{CONDITIONS}/availability/test_failure_domains.py"
LOGS = f"{CONDITIONS}/observability/test_logs.py"
MEMBERSHIP = f"{CONDITIONS}/data/test_membership.py"
MEMORY = f"{CONDITIONS}/resources/test_memory.py"
MESH = f"{CONDITIONS}/network/test_mesh.py"
NETWORK_POLICIES = f"{CONDITIONS}/network/test_network_policies.py"
PLACEMENT = f"{CONDITIONS}/availability/test_placement.py"
POD_SECURITY = f"{CONDITIONS}/identity/test_pod_security.py"
REPAIR = f"{CONDITIONS}/availability/test_repair.py"
REPLICATION = f"{CONDITIONS}/data/test_replication.py"
RESOURCE_MANAGEMENT = "evidence/test_resource_management.py"
ROLES = f"{CONDITIONS}/identity/test_roles.py"
ROTATION = f"{CONDITIONS}/identity/test_rotation.py"
SCRAPE_TARGETS = f"{CONDITIONS}/observability/test_scrape_targets.py"
SECRETS = f"{CONDITIONS}/identity/test_secrets.py"
SERVICE_ACCOUNT = f"{CONDITIONS}/identity/test_service_account.py"
STORAGE = f"{CONDITIONS}/resources/test_storage.py"
TLS = f"{CONDITIONS}/network/test_tls.py"
UPDATES = f"{CONDITIONS}/availability/test_updates.py"
VOLUME_BACKUPS = f"{CONDITIONS}/backups/test_volume_backups.py"
WEAVIATE_BACKUPS = f"{CONDITIONS}/backups/test_weaviate_backups.py"
WEAVIATE, LABELS = "collect/test_weaviate.py", "collect/test_prometheus_labels.py"

PROVED: dict[int, tuple[str, ...]] = {
    1: (
        "test_locate.py::test_trap_1_inference_modules_carry_the_label_of_weaviate_and_are_not_it",
        "facts/test_frames.py::test_trap_1_services_of_modules_do_not_select_weaviate",
    ),
    2: (
        "test_locate.py::test_trap_2_two_installs_are_both_called_weaviate",
        "facts/test_facts.py::test_trap_2_one_of_two_is_chosen_by_namespace_and_name",
    ),
    3: (
        "facts/weaviate/test_workload.py::test_trap_3_the_affinity_is_that_of_the_workload_and_not_of_a_module",
        f"{UPDATES}::test_trap_the_pdb_of_a_module_is_not_that_of_weaviate",
        f"{PLACEMENT}::test_trap_an_anti_affinity_counts_only_where_it_selects_weaviate_itself",
    ),
    4: (
        f"{ACCESS}::test_trap_4_headless_service_is_not_an_entry_point",
        f"{RESOURCE_MANAGEMENT}::test_trap_the_headless_service_is_not_what_clients_use",
        f"{TLS}::test_headless_service_is_not_an_entry_point",
    ),
    5: ("test_locate.py::test_trap_5_ports_say_nothing",),
    6: (
        "test_locate.py::test_trap_6_pods_of_another_controller_are_one_workload_of_it",
        "facts/weaviate/test_workload.py::test_trap_6_variables_exported_from_a_file_are_unknown",
    ),
    7: (
        "facts/weaviate/test_shards.py::test_trap_7_a_dead_voter_is_counted_though_no_list_shows_it",
        f"{MEMBERSHIP}::test_trap_a_dead_node_is_missing_in_the_list_and_not_counted_as_healthy",
        f"{MEMBERSHIP}::test_trap_raft_counts_configured_members_not_answering_ones",
    ),
    8: (
        "collect/weaviate/test_collector.py::test_trap_8_not_synchronized_is_believed_after_five_polls",
        "collect/weaviate/test_parsing.py::test_trap_8_raft_numbers_stay_the_strings_they_are",
        f"{MEMBERSHIP}::test_trap_synchronized_is_polled_several_times",
    ),
    9: ("collect/weaviate/test_client.py::test_trap_9_public_addresses_are_asked_exactly_without_a_query",),
    10: (
        f"{REPLICATION}::test_trap_separate_pods_do_not_mean_replicated_data",
        f"{REPLICATION}::test_trap_replication_factor_1_with_three_pods_is_not_met",
        f"{FAILURE_DOMAINS}::test_trap_three_zones_with_unlucky_replica_placement_are_not_zone_safe",
        "facts/analysis/test_failure_scenarios.py::test_trap_three_zones_with_unlucky_placement_are_not_zone_safe",
    ),
    11: (f"{HERE}::test_trap_11_two_copies_survive_no_node_at_quorum",),
    12: (
        "facts/weaviate/test_shards.py::test_trap_12_nine_pods_have_three_voters",
        f"{PLACEMENT}::test_trap_voters_are_the_first_pods_whatever_the_number_of_nodes",
    ),
    13: (
        "facts/weaviate/test_collections.py::test_trap_13_asynchronous_repair_is_configured_only_between_1_26_and_1_37",
        f"{REPLICATION}::test_trap_async_enabled_is_configured_before_1_38_and_derived_since",
    ),
    14: (
        "facts/weaviate/test_collections.py::test_trap_14_shards_of_a_collection_with_tenants_are_its_tenants",
        f"{DATA_SHAPE}::test_trap_a_multi_tenant_collection_has_no_shard_count",
    ),
    15: (
        "facts/weaviate/test_collections.py::test_trap_15_legacy_and_named_vectors_are_both_read",
        f"{DATA_SHAPE}::test_trap_each_named_vector_is_judged_separately",
    ),
    16: (f"{DATA_SHAPE}::test_trap_a_dynamic_index_silently_stays_flat_without_asynchronous_indexing",),
    17: (f"{DATA_SHAPE}::test_trap_objects_that_expire_without_a_schedule_are_never_deleted",),
    18: (
        f"{REPLICATION}::test_trap_usage_limits_exclude_a_replication_factor_of_three",
        "evidence/test_tenants.py::test_limits_that_exclude_replication_are_shown",
    ),
    19: (
        "collect/weaviate/test_backups.py::test_trap_19_a_listing_that_the_server_does_not_implement_is_absent_not_empty",
        "collect/weaviate/test_collector.py::test_trap_19_lists_that_a_key_may_see_in_part_are_not_taken_for_whole",
        f"{WEAVIATE_BACKUPS}::test_trap_an_empty_list_may_be_a_matter_of_permission",
    ),
    20: (f"{WEAVIATE_BACKUPS}::test_trap_backup_filesystem_with_several_replicas_is_configured_but_unusable",),
    21: (f"{WEAVIATE_BACKUPS}::test_trap_a_backup_includes_only_the_collections_of_its_time",),
    22: (f"{WEAVIATE_BACKUPS}::test_trap_restores_have_no_date_but_come_after_their_backup",),
    24: (f"{VOLUME_BACKUPS}::test_trap_volume_snapshots_alone_are_not_a_consistent_backup",),
    25: (
        "facts/weaviate/test_auth.py::test_trap_25_the_variable_cannot_switch_off_what_the_file_switches_on",
        f"{ACCESS}::test_trap_25_variable_cannot_disable_anonymous_access",
        f"{ACCESS}::test_probe_confirms_anonymous_access_of_the_configuration_file",
    ),
    26: (
        "facts/weaviate/test_workload.py::test_trap_26_what_the_server_takes_for_on",
        f"{MEMORY}::test_trap_limit_resources_is_on_only_by_the_word_true",
    ),
    27: (
        f"{ROLES}::test_trap_27_api_keys_without_authorisation_have_full_rights",
        f"{ROLES}::test_least_privilege_without_authorisation_is_not_met",
    ),
    28: (
        "fixes/test_catalogue.py::test_values_are_keys_of_the_chart",
        "fixes/test_catalogue.py::test_a_wrong_row_is_named_with_its_field",
    ),
    29: (
        f"{SECRETS}::test_secrets",
        "facts/weaviate/test_secrets.py::test_where_secrets_come_from",
        f"{SERVICE_ACCOUNT}::test_static_keys_override_workload_identity",
    ),
    30: (
        f"{SECRETS}::test_trap_30_installed_tool_proves_nothing",
        f"{ROTATION}::test_process_is_unknown_and_rotation_facts_are_shown",
    ),
    31: (
        f"{MESH}::test_istio_mutual_tls_mode",
        f"{MESH}::test_ambient_mesh_needs_no_sidecar",
        f"{MESH}::test_native_sidecar_counts_and_udp_gossip_bypasses_it",
        f"{MESH}::test_proxy_in_some_pods_only_is_not_a_mesh",
    ),
    32: (f"{TLS}::test_answers_through_a_port_forward_do_not_change_tls",),
    33: (
        f"{NETWORK_POLICIES}::test_trap_33_policies_need_an_enforcing_network_plug_in",
        f"{NETWORK_POLICIES}::test_trap_33_policy_for_other_pods_covers_nothing",
        f"{NETWORK_POLICIES}::test_trap_33_policy_in_another_namespace_covers_nothing",
        f"{NETWORK_POLICIES}::test_trap_33_unread_policy_kinds_leave_coverage_unknown",
        f"{NETWORK_POLICIES}::test_trap_33_plug_in_policies_count_only_if_they_may_select_the_pods",
        "facts/detectors/test_relevance.py::test_trap_33_policies_of_cilium_cover_without_any_namespaced_object",
    ),
    34: (
        "facts/weaviate/test_workload.py::test_trap_34_token_of_the_pod_then_of_the_account",
        "facts/kubernetes/test_pod_security.py::test_trap_34_the_pod_decides_about_the_token_before_its_account",
    ),
    35: (
        "facts/kubernetes/test_pod_security.py::test_trap_35_the_pod_level_counts_and_the_container_level_overrides_it",
        f"{POD_SECURITY}::test_trap_35_container_overrides_pod",
        f"{POD_SECURITY}::test_trap_35_openshift_scc_sets_the_user",
    ),
    36: (
        f"{ACCESS}::test_trap_36_debug_port_is_open_without_declaration",
        f"{ACCESS}::test_debug_port_is_judged_by_the_running_version",
    ),
    37: (f"{CONTROL_PLANE}::test_trap_a_managed_control_plane_is_invisible_and_never_a_failure",),
    38: (
        f"{PLACEMENT}::test_trap_a_zone_with_nodes_created_on_demand_needs_no_second_node",
        f"{LOGS}::test_fargate_without_daemonset_is_unknown",
    ),
    39: (
        "facts/kubernetes/test_topology.py::test_trap_39_zones_of_nodes",
        "facts/kubernetes/test_topology.py::test_trap_39_without_any_label_no_zone_is_made_up",
        f"{PLACEMENT}::test_trap_nodes_without_zone_labels_are_unknown_not_one_zone",
        f"{PLACEMENT}::test_trap_an_azure_fault_domain_is_not_a_zone",
    ),
    41: (
        f"{PLACEMENT}::test_trap_a_terminating_pod_on_a_lost_node_is_not_a_ready_replica",
        f"{REPAIR}::test_trap_kubernetes_does_not_move_a_pod_off_a_failed_node",
    ),
    42: (
        f"{UPDATES}::test_trap_a_pdb_that_allows_no_eviction_blocks_drains",
        f"{UPDATES}::test_trap_no_disruption_allowed_at_present_is_not_a_wrong_spec",
    ),
    43: (
        "facts/detectors/test_relevance.py::test_trap_43_autoscalers_aimed_at_weaviate",
        f"{CONTROL_PLANE}::test_trap_an_autoscaler_on_weaviate_is_partly_met",
    ),
    44: (
        "facts/test_frames.py::test_trap_44_usage_is_joined_where_the_metrics_api_has_something",
        f"{MEMORY}::test_trap_the_working_set_counts_mapped_files_and_is_not_judged",
    ),
    45: (
        "facts/test_frames.py::test_trap_45_no_limit_is_nan_and_neither_zero_nor_endless",
        f"{CAPACITY}::test_trap_a_missing_cpu_limit_is_not_a_fault",
    ),
    46: (
        "facts/test_frames.py::test_trap_46_static_and_default_class_are_told_apart",
        "facts/test_frames.py::test_trap_46_the_volume_is_judged_when_its_class_was_changed_or_is_gone",
        f"{STORAGE}::test_trap_an_empty_class_name_is_static_binding_and_none_is_the_default",
        f"{STORAGE}::test_trap_the_volume_is_judged_not_the_current_class",
    ),
    47: (
        "facts/test_frames.py::test_trap_47_the_claim_and_not_the_template_says_the_size",
        f"{STORAGE}::test_trap_the_claim_is_judged_not_the_template_it_came_from",
    ),
    48: (
        "collect/prometheus/test_discovery.py::test_renamed_labels_of_kube_state_metrics",
        "collect/prometheus/test_discovery.py::test_older_labels_and_an_older_weaviate",
        "collect/prometheus/test_discovery.py::test_without_container_labels_the_pod_is_the_row",
    ),
    49: (
        f"{HERE}::test_trap_49_quantiles_only_of_what_has_buckets",
        "evidence/conditions/observability/test_querying.py::test_latency_below_ten_milliseconds_is_not_shown_exactly",
    ),
    50: (f"{HERE}::test_trap_50_a_name_with_and_without_its_prefix",),
    51: (
        "facts/analysis/test_history.py::test_a_scalar_is_none_where_there_is_no_series",
        "collect/prometheus/test_series.py::test_server_without_weaviate_series_is_absent",
        f"{HERE}::test_trap_51_what_the_server_does_not_know_is_not_asked_and_not_zero",
    ),
    52: (f"{HERE}::test_trap_52_grouped_metrics_are_no_collections",),
    53: (
        f"{SCRAPE_TARGETS}::test_trap_53_monitor_needs_a_prometheus_that_selects_it",
        f"{SCRAPE_TARGETS}::test_targets_that_are_up_override_the_scrape_configuration",
    ),
    54: (
        "facts/detectors/test_relevance.py::test_trap_54_rules_exist_is_not_rules_about_weaviate",
        f"{ALERTS}::test_generic_rules_alone_are_partly",
        f"{ALERTS}::test_alerts",
    ),
    55: (
        f"{DASHBOARDS}::test_dashboards",
        f"{DASHBOARDS}::test_refused_dashboards_are_unknown",
    ),
    56: (
        "facts/detectors/test_scan.py::test_trap_56_an_agent_that_does_not_tolerate_the_taint_misses_these_nodes",
        f"{LOGS}::test_collector_without_toleration_misses_the_tainted_nodes",
    ),
    57: (
        "facts/detectors/test_relevance.py::test_trap_57_canary_tools_in_the_cluster_say_nothing_about_weaviate",
        f"{UPDATES}::test_trap_a_rollouts_tool_does_not_change_the_verdict_on_a_statefulset",
        f"{CONDITIONS}/availability/test_delivery.py::test_trap_argo_rollouts_cannot_update_a_statefulset",
    ),
    58: (
        "facts/detectors/test_matching.py::test_trap_58_karpenter_repairs_only_with_its_gate_and_only_its_own_nodes",
        "facts/detectors/test_matching.py::test_trap_58_the_cluster_autoscaler_is_not_repair",
        "facts/detectors/test_matching.py::test_trap_58_the_problem_detector_only_reports_with_and_without_a_daemonset",
        f"{REPAIR}::test_trap_autoscalers_and_problem_detectors_do_not_repair_nodes",
    ),
    59: (
        f"{WEAVIATE_BACKUPS}::test_trap_a_cronjob_counts_only_when_it_succeeded",
        f"{DATA_SHAPE}::test_trap_a_job_counts_where_it_is_active_and_succeeded_recently",
        f"{WEAVIATE_BACKUPS}::test_trap_regular_intervals_show_a_scheduler_outside_the_cluster",
    ),
    60: (
        f"{MEMORY}::test_trap_gomemlimit_overrides_limit_resources",
        "evidence/test_performance.py::test_readonly_shards_of_the_node_list_are_not_met",
    ),
}

NOT_READ: dict[int, str] = {
    23: "What a bucket keeps, versions or locks, and who may empty it, is in the store of a cloud: an answer says it.",
    40: "Which zone an autoscaler would add a node in is decided outside of the cluster; zonal volumes are shown.",
}


@cache
def named_in(path: str) -> frozenset[str]:
    tree = ast.parse((TESTS / path).read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_each_trap_is_proved_or_cannot_be_read() -> None:
    assert sorted([*PROVED, *NOT_READ]) == list(range(1, 61))
    assert all(PROVED.values()) and all(reason.endswith(".") for reason in NOT_READ.values())


@pytest.mark.parametrize("number", PROVED)
def test_the_tests_of_a_trap_exist(number: int) -> None:
    for named in PROVED[number]:
        path, _, name = named.partition("::")
        assert name in named_in(path), named


def test_every_test_that_is_numbered_stands_in_the_table() -> None:
    """A test that is called after a trap by its number is found by that number."""
    missed = []
    for path in TESTS.rglob("test_*.py"):
        place = path.relative_to(TESTS).as_posix()
        for name in named_in(place):
            numbered = re.match(r"test_trap_(\d+)_", name)
            if numbered and not place.startswith("live/") and f"{place}::{name}" not in PROVED[int(numbered[1])]:
                missed.append(f"{place}::{name}")
    assert missed == []


# --- those that had none ----------------------------------------------------------------------------


def of(copies: int) -> ClusterFacts:
    pods = made(5, pod=_ONE_A_NODE)
    names = tuple(f"weaviate-{at}" for at in range(5))
    return answered(cluster(pods), says({"Products": copies}, nodes=names))


_ONE_A_NODE = {
    "affinity": {
        "podAntiAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": [
                {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "weaviate"}}}
            ]
        }
    }
}


def test_trap_11_two_copies_survive_no_node_at_quorum() -> None:
    """An even number of copies bears no more losses than the odd one below it."""
    assert [copies - quorum(copies) for copies in (1, 2, 3, 4, 5)] == [0, 0, 1, 1, 2]
    assert ask("ha.rf3", of(2)).outcome is not Outcome.MET
    assert ask("ha.rf3", of(3)).outcome is Outcome.MET
    assert {copies: any(loss.broken for loss in of(copies).loss.nodes) for copies in (2, 3)} == {2: True, 3: False}


WINDOW = Window(1_700_000_000, 14.0, 10)
USUAL = Names("namespace", "pod", "container")


def asked_for(labels: Labels) -> dict[str, str]:
    return weaviate(Scope("db", "weaviate", "weaviate-[0-9]+", labels), WINDOW)[0]


def test_trap_49_quantiles_only_of_what_has_buckets() -> None:
    """Histograms alone: of a summary there are a sum and a count, and no quantile of it means anything."""
    histograms = {"queries_durations_ms", "weaviate_http_request_duration_seconds"}
    histograms |= {"weaviate_grpc_server_request_duration_seconds"}
    for term in TERMS_OF.values():
        for name in re.findall(r"histogram_quantile\(.*?\brate\((\w+)\{", term):
            assert name.removesuffix("_bucket") in histograms and name.endswith("_bucket"), term
        assert 'quantile="' not in term
    assert TERMS_OF["error_ratio"].count("rate(requests_total") == 3, "a gauge that only grows can be rated"


def test_trap_50_a_name_with_and_without_its_prefix() -> None:
    term = asked_for(Labels(USUAL, listed=True))["replication_failed_1d"]
    patterns = re.findall(r'__name__=~"([^"]+)"', term)
    for kind in ("writes", "reads"):
        names = (f"weaviate_replication_coordinator_{kind}_failed", f"replication_coordinator_{kind}_failed")
        assert all(any(re.fullmatch(pattern, name) for pattern in patterns) for name in names)


def test_trap_51_what_the_server_does_not_know_is_not_asked_and_not_zero() -> None:
    known = tuple(name for name in METRICS if name != "weaviate_schema_shards")
    assert "schema_shards" in asked_for(Labels(USUAL, listed=True, metrics=METRICS))
    assert "schema_shards" not in asked_for(Labels(USUAL, listed=True, metrics=known))
    facts = answered(cluster(made()), {"prometheus/weaviate": {"schema_shards": []}})
    assert facts.history.scalar("schema_shards") is None


def test_trap_52_grouped_metrics_are_no_collections() -> None:
    by_class = {name: term for name, term in TERMS_OF.items() if "by (class_name)" in term}
    assert len(by_class) >= 3
    assert all('class_name!="n/a"' in term for term in by_class.values())
