"""Exactly the questions that need a source are unknown without it, and name the reason.

Tested on the demonstration, which has all sources. A question that a further source already fails is not in the table:
pods that share a node fail whatever Weaviate answers.
"""

from __future__ import annotations

import functools

import pytest

from readiness_kit.checklist import load_checklist
from readiness_kit.evidence import evaluate, questions_losing
from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds import KINDS
from readiness_kit.kinds.sources import SOURCES
from readiness_kit.model import Finding, Reason, Settings
from scripts.demo.make import build
from tests.support.asked import has_failures

QUESTIONS = load_checklist().questions
TAKEN: dict[str, tuple[list[str], Reason]] = {
    "no Weaviate URL": ([key for key in SOURCES if key.startswith("weaviate/")], Reason.NOT_COLLECTED),
    "no Prometheus": ([key for key in SOURCES if key.startswith("prometheus/")], Reason.NOT_COLLECTED),
    "no metrics API": (["podmetrics", "nodemetrics"], Reason.ABSENT),
    "namespace-only rights": ([key for key, kind in KINDS.items() if not kind.namespaced], Reason.NOT_COLLECTED),
}
UNDECIDED_WITHOUT: dict[str, str] = {
    "no Weaviate URL": """
        ha.multi_az ha.replicas_across_nodes ha.no_control_plane ha.weaviate_backups ha.backup_test_frequency
        ha.recovery_tested ha.rolling_updates ha.three_nodes ha.rf3 ha.backup_retention ha.backup_cleanup
        res.consumption_patterns res.delete_process res.read_replicas res.data_backed_up res.sharding res.quantization
        sec.least_privilege sec.rbac perf.replica_shards tenant.mt tenant.quotas tenant.offload
    """,
    "no Prometheus": """
        res.consumption_patterns res.storage_compute_sized res.read_replicas res.quantization mon.alerts
        perf.heavy_ingestion perf.change_rate perf.inplace_or_append perf.gc_deletes perf.query_monitored tenant.offload
        mon.metrics
    """,
    "no metrics API": "",
    "namespace-only rights": """
        ha.multi_az ha.control_plane ha.workers_across_zones ha.node_repair res.storage_class res.volume_expansion
        res.data_backed_up sec.least_privilege sec.container_defaults sec.access_limited mon.logs_central
        ver.kubernetes
    """,
}


@functools.cache
def found(taken: str = "") -> dict[str, Finding]:
    made = build()
    if taken:
        keys, reason = TAKEN[taken]
        made = has_failures(made, keys, reason)
    return evaluate(ClusterFacts(made), Settings(), QUESTIONS)


def changed(taken: str) -> dict[str, Finding]:
    """The findings that differ in outcome or reason from those of the whole demonstration."""
    return {
        id: after
        for id, after in found(taken).items()
        if (after.outcome, after.reason) != (found()[id].outcome, found()[id].reason)
    }


@pytest.mark.parametrize("taken", TAKEN)
def test_exactly_the_questions_that_need_a_source_are_undecided_without_it(taken: str) -> None:
    undecided = {id for id, finding in changed(taken).items() if finding.reason is not None}
    assert undecided == set(UNDECIDED_WITHOUT[taken].split())
    assert set(changed(taken)) == undecided


@pytest.mark.parametrize("taken", TAKEN)
def test_undecided_findings_name_the_reason_and_the_missing_reads(taken: str) -> None:
    keys, reason = TAKEN[taken]
    for id in UNDECIDED_WITHOUT[taken].split():
        finding = found(taken)[id]
        assert finding.reason is reason, (id, finding.sentence)
        assert set(finding.missing) & set(keys), id
        assert "not read" in finding.sentence or "needs" in finding.sentence or "read" in finding.sentence, id


@pytest.mark.parametrize("taken", TAKEN)
def test_the_preflight_lists_all_of_these_questions(taken: str) -> None:
    keys, _ = TAKEN[taken]
    named = {id for key in keys for id in questions_losing(key, QUESTIONS)}
    assert set(UNDECIDED_WITHOUT[taken].split()) <= named


def test_no_finding_is_an_error_and_every_partly_automated_question_shows_its_facts() -> None:
    assert [id for id, finding in found().items() if finding.reason is Reason.ERROR] == []
    bare = {q.id for q in QUESTIONS if q.automation.value == "partly" and not found()[q.id].facts}
    assert bare == set()
