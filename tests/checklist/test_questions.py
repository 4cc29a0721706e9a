"""The shipped questions: their number, ids, nesting and texts."""

from __future__ import annotations

from collections import Counter

import pytest
import yaml

from readiness_kit import paths
from readiness_kit.checklist import Checklist, load_checklist
from readiness_kit.model import Automation, Profile, Question, QuestionKind, Section, Severity

ALL = load_checklist()
CORE = load_checklist(profile=Profile.CORE)

NESTED = {
    "Q9": "Q8",
    "Q10": "Q8",
    "Q15": "Q14",
    "Q16": "Q14",
    "Q17": "Q14",
    "Q20": "Q19",
    "Q31": "Q30",
}

NUMBERS = {
    "Q1": "ha.multi_az",
    "Q2": "ha.replicas_across_nodes",
    "Q3": "ha.control_plane",
    "Q4": "ha.no_control_plane",
    "Q5": "ha.workers_across_zones",
    "Q6": "ha.node_repair",
    "Q7": "ha.failover_tested",
    "Q8": "ha.weaviate_backups",
    "Q9": "ha.backup_test_frequency",
    "Q10": "ha.recovery_tested",
    "Q11": "ha.rolling_updates",
    "Q12": "ha.canary",
    "Q13": "ha.dev_test_env",
    "Q14": "res.consumption_patterns",
    "Q15": "res.memory_sized",
    "Q16": "res.storage_compute_sized",
    "Q17": "res.delete_process",
    "Q18": "res.read_replicas",
    "Q19": "res.storage_class",
    "Q20": "res.volume_expansion",
    "Q21": "res.data_backed_up",
    "Q22": "sec.tls",
    "Q23": "sec.least_privilege",
    "Q24": "sec.container_defaults",
    "Q25": "sec.access_limited",
    "Q26": "sec.rbac",
    "Q27": "sec.network_policies",
    "Q28": "sec.secrets",
    "Q29": "sec.secret_process",
    "Q30": "mon.logging",
    "Q31": "mon.logs_central",
    "Q32": "mon.metrics",
    "Q33": "mon.grafana",
    "Q34": "mon.alerts",
    "E1": "ha.three_nodes",
    "E2": "ha.rf3",
    "E3": "ha.backup_retention",
    "E4": "ha.backup_cleanup",
    "E5": "perf.heavy_ingestion",
    "E6": "perf.index_query_split",
    "E7": "perf.dedup",
    "E8": "perf.change_rate",
    "E9": "perf.inplace_or_append",
    "E10": "perf.gc_deletes",
    "E11": "perf.ingestion_schedule",
    "E12": "perf.load_tested",
    "E13": "perf.query_monitored",
    "E14": "perf.replica_shards",
    "E15": "res.sharding",
    "E16": "res.gomemlimit",
    "E17": "res.gomemlimit_ratio",
    "E18": "res.quantization",
    "E19": "tenant.mt",
    "E20": "tenant.quotas",
    "E21": "tenant.offload",
    "V1": "ver.weaviate",
    "V2": "ver.kubernetes",
    "V3": "ver.upgrade_path",
    "V4": "ver.settings",
}

SECTION_OF = {
    "ha": Section.HIGH_AVAILABILITY,
    "res": Section.RESOURCE_MANAGEMENT,
    "sec": Section.SECURITY,
    "mon": Section.MONITORING,
    "perf": Section.PERFORMANCE,
    "tenant": Section.TENANTS,
    "ver": Section.VERSIONS,
}


def test_numbers_and_ids_are_as_published() -> None:
    assert {question.number: question.id for question in ALL} == NUMBERS


def test_core_has_34_questions_by_section() -> None:
    assert Counter(question.section for question in CORE) == {
        Section.HIGH_AVAILABILITY: 13,
        Section.RESOURCE_MANAGEMENT: 8,
        Section.SECURITY: 8,
        Section.MONITORING: 5,
    }
    assert len(CORE) == 34
    assert {question.number[0] for question in CORE} == {"Q"}


def test_extended_profile_adds_25_questions() -> None:
    added = [question for question in ALL if question.profile is Profile.EXTENDED]
    assert len(ALL) == 59
    assert [question.number[0] for question in added] == ["E"] * 21 + ["V"] * 4
    assert Counter(question.section for question in added) == {
        Section.HIGH_AVAILABILITY: 4,
        Section.RESOURCE_MANAGEMENT: 4,
        Section.PERFORMANCE: 10,
        Section.TENANTS: 3,
        Section.VERSIONS: 4,
    }


def test_automation_classes_add_up() -> None:
    def counts(checklist: Checklist) -> tuple[int, int, int]:
        seen = Counter(question.automation for question in checklist)
        return seen[Automation.FULL], seen[Automation.PARTLY], seen[Automation.NONE]

    assert counts(ALL) == (30, 24, 5)
    assert counts(CORE) == (16, 16, 2)
    none = {question.number for question in ALL if question.automation is Automation.NONE}
    assert none == {"Q7", "Q29", "E7", "E11", "E12"}


def test_nesting_is_as_published() -> None:
    nested = {question.number: ALL.get(question.parent).number for question in ALL if question.parent}
    assert nested == NESTED


def test_section_of_a_question_agrees_with_its_id() -> None:
    for question in ALL:
        assert question.section is SECTION_OF[question.id.partition(".")[0]], question.id


def test_kinds() -> None:
    by_kind = {kind: {question.number for question in ALL if question.kind is kind} for kind in QuestionKind}
    assert by_kind[QuestionKind.CADENCE] == {"Q7", "Q9", "Q10", "Q29", "E12"}
    assert by_kind[QuestionKind.MEASURE] == {"E8", "E9", "E10"}


def test_severities() -> None:
    critical = {question.number for question in ALL if question.severity is Severity.CRITICAL}
    low = {question.number for question in CORE if question.severity is Severity.LOW}
    medium = {question.number for question in CORE if question.severity is Severity.MEDIUM}
    assert critical == {"Q1", "Q8", "Q15", "Q21", "Q22", "Q25", "Q26", "Q28", "E1", "E2", "V1"}
    assert low == {"Q12", "Q33"}
    assert medium == {"Q4", "Q6", "Q13", "Q14", "Q17", "Q30", "Q31"}


def test_order_is_by_section_then_core_before_extended_then_number() -> None:
    sections = [question.section for question in ALL]
    assert sections == sorted(sections, key=list(Section).index)
    for section in Section:
        ranks = [(question.number[0] == "E", int(question.number[1:])) for question in ALL.section(section)]
        assert ranks == sorted(ranks), section


def test_every_file_is_named_after_its_section() -> None:
    files = {path.stem: path for path in paths.checklist().glob("*.yaml")}
    assert set(files) == {section.value for section in Section}
    for name, path in files.items():
        assert yaml.safe_load(path.read_text(encoding="utf-8"))["section"] == name


@pytest.mark.parametrize("question", ALL, ids=lambda question: question.number)
def test_texts_are_complete_and_tidy(question: Question) -> None:
    remedy = question.remedy
    prose = [question.text, question.short, question.why, remedy.text]
    for text in [*prose, remedy.risk, remedy.rollback, *(snippet.note for snippet in remedy.snippets)]:
        assert text == " ".join(text.split()), f"stray blanks in: {text}"
    assert question.text.endswith(("?", "."))
    assert "?" in question.text
    assert not question.short.endswith((".", "?"))
    for text in [question.why, remedy.text]:
        assert text.endswith(".")
    assert 40 <= len(question.text) <= 200
    assert len(question.why) <= 320
    assert len(remedy.text) <= 520
    assert question.links
    assert len({link.url for link in question.links}) == len(question.links)


@pytest.mark.parametrize("question", ALL, ids=lambda question: question.number)
def test_change_of_helm_values_has_risk_and_rollback(question: Question) -> None:
    """Changed values restart the pods, so a person must know what can break and how to return."""
    if any(snippet.kind == "helm" for snippet in question.remedy.snippets):
        assert question.remedy.risk
        assert question.remedy.rollback


def test_shorts_are_unique() -> None:
    assert len({question.short for question in ALL}) == 59


@pytest.mark.parametrize("question", ALL, ids=lambda question: question.number)
def test_links_go_to_official_documentation_over_https(question: Question) -> None:
    hosts = {
        "docs.weaviate.io",
        "kubernetes.io",
        "go.dev",
        "docs.aws.amazon.com",
        "velero.io",
        "cert-manager.io",
        "external-secrets.io",
        "prometheus.io",
        "prometheus-operator.dev",
        "grafana.com",
        "docs.fluentbit.io",
        "github.com",
    }
    for link in question.links:
        scheme, _, rest = link.url.partition("://")
        assert scheme == "https"
        assert rest.partition("/")[0] in hosts, link.url
