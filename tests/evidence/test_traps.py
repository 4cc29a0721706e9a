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
HA, HA_REST, HA_BACKUPS = (f"evidence/test_high_availability{one}.py" for one in ("", "_rest", "_backups"))
RES, RES_SIZES, RES_DATA = (f"evidence/test_resource_management{one}.py" for one in ("", "_sizes", "_data"))
SEC, SEC_TLS, SEC_RIGHTS = (f"evidence/test_security{one}.py" for one in ("", "_tls", "_rights"))
MON, MON_SOURCES = "evidence/test_monitoring.py", "evidence/test_monitoring_sources.py"
DETECTORS, WORKLOAD, FRAMES, SHARDS = (f"facts/test_{one}.py" for one in ("detectors", "workload", "frames", "shards"))

PROVED: dict[int, tuple[str, ...]] = {
    1: (
        "test_locate.py::test_trap_1_inference_modules_carry_the_label_of_weaviate_and_are_not_it",
        f"{FRAMES}::test_trap_1_services_of_modules_do_not_select_weaviate",
    ),
    2: (
        "test_locate.py::test_trap_2_two_installs_are_both_called_weaviate",
        f"{WORKLOAD}::test_trap_2_one_of_two_is_chosen_by_namespace_and_name",
    ),
    3: (
        f"{WORKLOAD}::test_trap_3_the_affinity_is_that_of_the_workload_and_not_of_a_module",
        f"{HA}::test_trap_the_budget_of_a_module_is_not_that_of_weaviate",
        f"{HA}::test_trap_an_anti_affinity_counts_only_where_it_selects_weaviate_itself",
    ),
    4: (
        f"{SEC}::test_trap_4_the_headless_service_is_no_entry_point",
        f"{RES}::test_trap_the_headless_service_is_not_what_clients_use",
        f"{SEC_TLS}::test_the_headless_services_port_80_is_gossip_and_no_plain_http",
    ),
    5: ("test_locate.py::test_trap_5_ports_say_nothing",),
    6: (
        "test_locate.py::test_trap_6_pods_of_another_controller_are_one_workload_of_it",
        f"{WORKLOAD}::test_trap_6_variables_exported_from_a_file_are_unknown",
    ),
    7: (
        f"{SHARDS}::test_trap_7_a_dead_voter_is_counted_though_no_list_shows_it",
        f"{HA_REST}::test_trap_a_dead_node_is_missing_from_the_list_and_not_counted_as_healthy",
        f"{HA_REST}::test_trap_raft_counts_the_configured_members_and_not_those_that_answer",
    ),
    8: (
        "collect/weaviate/test_collector.py::test_trap_8_not_synchronized_is_believed_after_five_polls",
        "collect/weaviate/test_parsing.py::test_trap_8_raft_numbers_stay_the_strings_they_are",
        f"{HA_REST}::test_trap_synchronized_is_asked_several_times_before_it_counts",
    ),
    9: ("collect/weaviate/test_client.py::test_trap_9_public_addresses_are_asked_exactly_without_a_query",),
    10: (
        f"{HA}::test_trap_spread_pods_are_not_spread_data",
        f"{HA_REST}::test_trap_replication_factor_1_behind_three_pods",
        f"{HA_REST}::test_trap_three_zones_with_unlucky_replica_placement_are_not_zone_safe",
        "facts/test_loss.py::test_trap_three_zones_with_unlucky_placement_are_not_zone_safe",
    ),
    11: (f"{HERE}::test_trap_11_two_copies_survive_no_node_at_quorum",),
    12: (
        f"{SHARDS}::test_trap_12_nine_pods_have_three_voters",
        f"{HA}::test_trap_voters_are_the_first_pods_whatever_the_number_of_nodes",
    ),
    13: (
        f"{SHARDS}::test_trap_13_asynchronous_repair_is_configured_only_between_1_26_and_1_37",
        f"{HA_REST}::test_trap_async_enabled_is_configured_before_1_38_and_worked_out_since",
    ),
    14: (
        f"{SHARDS}::test_trap_14_shards_of_a_collection_with_tenants_are_its_tenants",
        f"{RES_DATA}::test_trap_collections_with_tenants_have_no_shard_count_and_that_is_normal",
    ),
    15: (
        f"{SHARDS}::test_trap_15_legacy_and_named_vectors_are_both_read",
        f"{RES_DATA}::test_trap_each_named_vector_is_judged_for_itself",
    ),
    16: (f"{RES_DATA}::test_trap_a_dynamic_index_silently_stays_flat_without_asynchronous_indexing",),
    17: (f"{RES_DATA}::test_trap_objects_that_expire_without_a_schedule_are_never_deleted",),
    18: (
        f"{HA_REST}::test_trap_limits_of_use_and_three_copies_exclude_one_another",
        "evidence/test_tenants.py::test_the_servers_caps_and_replication_exclude_each_other",
    ),
    19: (
        "collect/weaviate/test_backups.py::test_trap_19_a_listing_that_the_server_does_not_implement_is_absent_not_empty",
        "collect/weaviate/test_collector.py::test_trap_19_lists_that_a_key_may_see_in_part_are_not_taken_for_whole",
        f"{HA_BACKUPS}::test_trap_an_empty_list_may_be_a_matter_of_permission",
    ),
    20: (f"{HA}::test_trap_backup_filesystem_with_several_replicas_is_configured_but_unusable",),
    21: (f"{HA_BACKUPS}::test_trap_success_covers_only_the_collections_of_its_day",),
    22: (f"{HA_BACKUPS}::test_trap_restores_have_no_date_but_come_after_their_backup",),
    24: (f"{HA_BACKUPS}::test_trap_snapshots_of_the_volumes_alone_are_no_consistent_backup",),
    25: (
        f"{WORKLOAD}::test_trap_25_the_variable_cannot_switch_off_what_the_file_switches_on",
        f"{SEC}::test_trap_25_the_variable_cannot_switch_anonymous_access_off",
        f"{SEC_RIGHTS}::test_env_false_does_not_override_the_files_true_and_the_probe_shows_it",
    ),
    26: (
        f"{WORKLOAD}::test_trap_26_what_the_server_takes_for_on",
        f"{RES_SIZES}::test_trap_limit_resources_is_on_only_by_the_word_true",
    ),
    27: (
        f"{SEC}::test_trap_27_a_key_without_an_authoriser_may_do_everything",
        f"{SEC_RIGHTS}::test_every_key_may_do_everything_without_an_authoriser",
    ),
    28: (
        "checklist/test_checklist_snippets.py::test_helm_values_are_keys_of_the_chart",
        "checklist/test_checklist_snippets.py::test_the_check_of_chart_keys_sees_wrong_ones",
    ),
    29: (
        f"{SEC}::test_secrets",
        "facts/test_secrets.py::test_where_secrets_come_from",
        f"{SEC_RIGHTS}::test_static_keys_beat_the_identity_of_the_account",
    ),
    30: (
        f"{SEC}::test_trap_30_a_tool_that_is_only_installed_says_nothing_of_these_secrets",
        f"{SEC_RIGHTS}::test_a_process_is_never_met_and_its_hints_are_shown",
    ),
    31: (
        f"{SEC_TLS}::test_mesh_mtls_instead_of_tls",
        f"{SEC_TLS}::test_an_ambient_mesh_has_no_sidecar",
        f"{SEC_TLS}::test_a_native_sidecar_counts_and_udp_gossip_bypasses_it",
        f"{SEC_TLS}::test_a_proxy_in_some_pods_only_is_no_mesh",
    ),
    32: (f"{SEC_TLS}::test_a_port_forward_says_nothing_of_the_edge",),
    33: (
        f"{SEC}::test_trap_33_policies_without_a_plug_in_that_enforces_are_decoration",
        f"{SEC}::test_trap_33_a_policy_that_selects_other_pods_is_no_coverage",
        f"{SEC}::test_trap_33_a_policy_of_another_namespace_is_no_coverage",
        f"{SEC}::test_trap_33_policies_of_other_kinds_may_cover",
        f"{SEC}::test_trap_33_policies_of_a_plug_in_are_looked_at_one_by_one",
        f"{DETECTORS}::test_trap_33_policies_of_cilium_cover_without_any_namespaced_object",
    ),
    34: (
        f"{WORKLOAD}::test_trap_34_token_of_the_pod_then_of_the_account",
        "facts/test_small.py::test_trap_34_the_pod_decides_about_the_token_before_its_account",
    ),
    35: (
        "facts/test_small.py::test_trap_35_the_pod_level_counts_and_the_container_level_overrides_it",
        f"{SEC}::test_trap_35_the_container_overrides_the_pod",
        f"{SEC}::test_trap_35_openshift_gives_a_user_that_the_template_does_not_show",
    ),
    36: (
        f"{SEC}::test_trap_36_the_debug_port_is_open_though_undeclared",
        f"{SEC_RIGHTS}::test_the_debug_port_goes_by_the_version_that_the_server_gives",
    ),
    37: (f"{HA_REST}::test_trap_a_managed_control_plane_is_invisible_and_never_a_failure",),
    38: (
        f"{HA}::test_trap_nodes_made_on_demand_need_no_spare_one",
        f"{MON_SOURCES}::test_on_fargate_no_daemonset_runs_and_that_is_no_gap",
    ),
    39: (
        "facts/test_topology.py::test_trap_39_zones_of_nodes",
        "facts/test_topology.py::test_trap_39_without_any_label_no_zone_is_made_up",
        f"{HA}::test_trap_nodes_without_zone_labels_are_unknown_not_one_zone",
        f"{HA}::test_trap_an_azure_fault_domain_is_no_zone",
    ),
    41: (
        f"{HA}::test_trap_a_pod_of_a_lost_node_that_stays_terminating_is_no_ready_replica",
        f"{HA}::test_trap_a_pod_on_a_dead_node_is_not_moved_by_kubernetes_itself",
    ),
    42: (
        f"{HA}::test_trap_a_budget_that_lets_nothing_go_blocks_repair_and_upgrades",
        f"{HA}::test_trap_no_disruption_allowed_right_now_is_not_a_wrong_spec",
    ),
    43: (
        f"{DETECTORS}::test_trap_43_autoscalers_aimed_at_weaviate",
        f"{HA_REST}::test_trap_an_autoscaler_on_weaviate_is_a_warning_and_no_merit",
    ),
    44: (
        f"{FRAMES}::test_trap_44_usage_is_joined_where_the_metrics_api_has_something",
        f"{RES_SIZES}::test_trap_the_working_set_counts_mapped_files_and_is_not_judged",
    ),
    45: (
        f"{FRAMES}::test_trap_45_no_limit_is_nan_and_neither_zero_nor_endless",
        f"{RES_SIZES}::test_trap_a_missing_cpu_limit_is_no_fault",
    ),
    46: (
        f"{FRAMES}::test_trap_46_static_and_default_class_are_told_apart",
        f"{FRAMES}::test_trap_46_the_volume_is_judged_when_its_class_was_changed_or_is_gone",
        f"{RES}::test_trap_an_empty_class_name_is_static_binding_and_none_the_default_class",
        f"{RES}::test_trap_the_volume_is_judged_not_the_class_of_today",
    ),
    47: (
        f"{FRAMES}::test_trap_47_the_claim_and_not_the_template_says_the_size",
        f"{RES}::test_trap_the_claim_is_judged_not_the_template_it_came_from",
    ),
    48: (
        "collect/prometheus/test_discovery.py::test_renamed_labels_of_kube_state_metrics",
        "collect/prometheus/test_discovery.py::test_older_labels_and_an_older_weaviate",
        "collect/prometheus/test_discovery.py::test_without_container_labels_the_pod_is_the_row",
    ),
    49: (
        f"{HERE}::test_trap_49_quantiles_only_of_what_has_buckets",
        "evidence/test_performance.py::test_below_ten_milliseconds_the_coarse_buckets_mean_nothing",
    ),
    50: (f"{HERE}::test_trap_50_a_name_with_and_without_its_prefix",),
    51: (
        "facts/test_history.py::test_a_scalar_is_none_where_there_is_no_series",
        "collect/prometheus/test_series.py::test_server_without_weaviate_series_is_absent",
        f"{HERE}::test_trap_51_what_the_server_does_not_know_is_not_asked_and_not_zero",
    ),
    52: (f"{HERE}::test_trap_52_grouped_metrics_are_no_collections",),
    53: (
        f"{MON}::test_trap_53_a_monitor_is_not_yet_selected",
        f"{MON_SOURCES}::test_only_up_proves_that_metrics_arrive",
    ),
    54: (
        f"{DETECTORS}::test_trap_54_rules_exist_is_not_rules_about_weaviate",
        f"{MON_SOURCES}::test_rules_of_the_stack_are_not_alerts_about_weaviate",
        f"{MON_SOURCES}::test_alerts",
    ),
    55: (
        f"{MON_SOURCES}::test_dashboards",
        f"{MON_SOURCES}::test_dashboards_that_may_not_be_listed_are_unknown",
    ),
    56: (
        f"{DETECTORS}::test_trap_56_an_agent_that_does_not_tolerate_the_taint_misses_these_nodes",
        f"{MON_SOURCES}::test_an_agent_without_the_toleration_misses_exactly_the_tainted_nodes",
    ),
    57: (
        f"{DETECTORS}::test_trap_57_canary_tools_in_the_cluster_say_nothing_about_weaviate",
        f"{HA}::test_trap_a_rollouts_tool_in_the_cluster_says_nothing_about_a_statefulset",
        "evidence/test_high_availability_trials.py::test_trap_argo_rollouts_cannot_drive_a_statefulset",
    ),
    58: (
        f"{DETECTORS}::test_trap_58_karpenter_repairs_only_with_its_gate_and_only_its_own_nodes",
        f"{DETECTORS}::test_trap_58_the_cluster_autoscaler_is_not_repair",
        f"{DETECTORS}::test_trap_58_the_problem_detector_only_reports_with_and_without_a_daemonset",
        f"{HA}::test_trap_autoscalers_and_detectors_are_not_repair",
    ),
    59: (
        f"{HA}::test_trap_a_cronjob_that_exists_has_not_succeeded",
        f"{RES_DATA}::test_trap_a_job_counts_where_it_runs_and_succeeded_lately",
        f"{HA_BACKUPS}::test_trap_regular_pauses_show_a_scheduler_outside_of_the_cluster",
    ),
    60: (
        f"{RES_SIZES}::test_trap_gomemlimit_wins_over_limit_resources",
        "evidence/test_performance.py::test_readonly_shards_are_seen_in_the_node_list_too",
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
