"""What the kit must say of two real recorded clusters, collected over HTTP as from any cluster."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from readiness_kit import evidence
from readiness_kit.assessment import assess
from readiness_kit.checklist import load_checklist
from readiness_kit.collect import collect, connect
from readiness_kit.kinds import KINDS
from readiness_kit.model import (
    Answer,
    Assessment,
    Choice,
    Finding,
    Level,
    Outcome,
    Profile,
    Reason,
    Settings,
)
from readiness_kit.snapshot import Snapshot
from readiness_kit.workspace.folder import Folder
from readiness_kit.workspace.session import Session
from tests.support.findings import rank
from tests.support.served import ServedCluster

QUESTIONS = load_checklist(profile=Profile.CORE).questions
READS = evidence.reads_for(QUESTIONS)


def judge(snapshot: Snapshot, folder: Path, answer: Choice | None = None) -> tuple[dict[str, Finding], Assessment]:
    home = Folder(folder).create()
    path = home.latest_snapshot() or home.add_snapshot(snapshot)
    findings = Session(home, path).findings
    answers = {q.id: Answer(q.id, answer) for q in QUESTIONS} if answer else {}
    return findings, assess(QUESTIONS, findings, answers, (), Settings(), snapshot.manifest.taken_at)


def read(cluster: ServedCluster, folder: Path) -> Snapshot:
    with connect(str(cluster.kubeconfig(folder))) as connection:
        return collect(connection, READS)


REFUSED: set[str] = set()
"""What the served cluster refuses at the moment."""


@pytest.fixture(scope="module", params=["good", "default"])
def served(request: pytest.FixtureRequest, recordings: Path) -> Iterator[ServedCluster]:
    with ServedCluster(recordings / request.param, forbidden=REFUSED) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def whole(served: ServedCluster, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    REFUSED.clear()
    return read(served, tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def default_findings(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Finding]:
    with ServedCluster(recordings / "default") as cluster:
        return judge(read(cluster, tmp_path_factory.mktemp("default")), tmp_path_factory.mktemp("home"))[0]


@pytest.fixture(scope="module")
def good_findings(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Finding]:
    with ServedCluster(recordings / "good") as cluster:
        return judge(read(cluster, tmp_path_factory.mktemp("good")), tmp_path_factory.mktemp("home"))[0]


def said(finding: Finding) -> str:
    """The sentence and the failed facts of a finding, in one text."""
    failed = [f"{fact.ref.kind} {fact.ref.name} {fact.field} {fact.seen}" for fact in finding.facts if fact.ok is False]
    return " | ".join([finding.sentence, *failed])


DEFAULT_GAPS = (
    ("one replica", "ha.multi_az", "replica"),
    ("one replica", "ha.replicas_across_nodes", "replica"),
    ("no anti-affinity that helps", "ha.replicas_across_nodes", "ffinity"),
    ("root", "sec.container_defaults", "root"),
    ("a privileged init container", "sec.container_defaults", "configure-sysctl"),
    ("no PDB", "ha.rolling_updates", "PodDisruptionBudget"),
    ("no network policy", "sec.network_policies", "NetworkPolicy"),
    ("no backup module", "ha.weaviate_backups", "ENABLE_MODULES"),
    ("anonymous access", "sec.rbac", "nonymous"),
    ("anonymous access", "sec.access_limited", "nonymous"),
    ("a public load balancer for REST", "sec.access_limited", "Service weaviate "),
    ("a public load balancer for gRPC", "sec.access_limited", "Service weaviate-grpc"),
)


@pytest.mark.parametrize(("gap", "question", "word"), DEFAULT_GAPS, ids=lambda value: str(value))
def test_the_chart_without_values_shows_its_gaps(
    default_findings: dict[str, Finding], gap: str, question: str, word: str
) -> None:
    finding = default_findings[question]
    assert finding.outcome is Outcome.NOT_MET, f"{gap}: {finding.sentence}"
    assert word in said(finding), f"{gap}: {said(finding)}"


@pytest.mark.parametrize("question", sorted({question for _, question, _ in DEFAULT_GAPS}))
def test_the_hardened_cluster_has_none_of_these_gaps(good_findings: dict[str, Finding], question: str) -> None:
    assert good_findings[question].outcome is not Outcome.NOT_MET, said(good_findings[question])


def test_the_hardened_cluster_has_no_gap_at_all_by_evidence(good_findings: dict[str, Finding]) -> None:
    assert {q: said(f) for q, f in good_findings.items() if f.outcome is Outcome.NOT_MET} == {}


def test_nothing_says_met_for_a_question_that_this_kit_does_not_read(good_findings: dict[str, Finding]) -> None:
    for question in QUESTIONS:
        if question.id not in evidence.REGISTRY:
            finding = good_findings[question.id]
            assert (finding.outcome, finding.reason) == (Outcome.UNKNOWN, Reason.NOT_COLLECTED)


# --- less permission is never better ----------------------------------------------------------------

LEVEL_RANK = {Level.NOT_READY: 0, Level.NOT_ENOUGH_KNOWN: 0, Level.READY_WITH_RISKS: 1, Level.READY: 2}


@pytest.mark.parametrize("refused", [key for key in READS if key in KINDS])
def test_a_refused_list_makes_no_verdict_better(
    refused: str, served: ServedCluster, whole: Snapshot, tmp_path: Path
) -> None:
    kind = KINDS[refused]
    REFUSED.add(f"{kind.group}/{kind.plural}")
    try:
        less = read(served, tmp_path)
    finally:
        REFUSED.clear()
    assert less.missing(refused) is Reason.FORBIDDEN or whole.missing(refused) is not None or kind.installable
    for answer in (None, Choice.YES, Choice.PARTLY):
        before_findings, before = judge(whole, tmp_path / "whole", answer)
        after_findings, after = judge(less, tmp_path / "less", answer)
        for question in QUESTIONS:
            was, now = before_findings[question.id], after_findings[question.id]
            assert rank(now) <= rank(was), (question.id, was.outcome, now.outcome)
        earned = {verdict.question.id: verdict.credit for verdict in before.verdicts}
        for verdict in after.verdicts:
            assert verdict.credit <= earned[verdict.question.id], (verdict.question.id, answer)
        assert after.total.proven <= before.total.proven
        assert LEVEL_RANK[after.level] <= LEVEL_RANK[before.level]
