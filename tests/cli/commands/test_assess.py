"""The command `assess` and its gate."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from readiness_kit.assessment import assess
from readiness_kit.cli.commands.assess import gate
from readiness_kit.kinds.weaviate import Nodes, ServerNode
from readiness_kit.model import Outcome, Read, Severity
from tests.assessment.samples import advisory, finding, judged, question
from tests.support.cluster import cluster, weaviate
from tests.support.commands import run
from tests.support.served import ServedCluster


def test_blockers_are_printed_with_their_first_step_and_the_rest_by_verbose(demo_folder: Path) -> None:
    short, long = run("assess").stdout, run("assess", "-v").stdout
    for text in (short, long):
        assert "✗ Not ready   35 % proven, up to 41 % possible" in text and "\n  Weaviate 1.38.2 (StatefulSet" in text
        assert "Q28" in text and "OPENAI_APIKEY" in text
    assert short.startswith("✗ Not ready") and "Open (" not in short and "First: " in short and "Next: " not in short
    assert long.index("Open (") < long.index("Partly (") < long.index("Gaps (")
    assert "- StatefulSet search/weaviate: " in long and long.splitlines()[-1].startswith("✗ Not ready")


def test_gate_exits_1_on_a_gap(demo_folder: Path) -> None:
    assert run("assess", "-q", "--fail-on", "critical").exit_code == 1


def test_gate_fails_on_known_faults_of_a_hardened_cluster(recordings: Path, tmp_path: Path) -> None:
    """Its release, 1.38.2, has known faults that apply whatever the schema is."""
    with ServedCluster(recordings / "good") as cluster:
        result = run("assess", "--kubeconfig", str(cluster.kubeconfig(tmp_path)), "--fail-on", "critical", "-q")
    assert result.exit_code == 1 and "failed by G-12, G-13, S-4b" in result.output


@pytest.mark.parametrize(
    ("severity", "applies", "fail_on", "code"),
    [
        (Severity.CRITICAL, True, Severity.CRITICAL, 1),
        (Severity.HIGH, True, Severity.CRITICAL, 0),
        (Severity.HIGH, True, Severity.HIGH, 1),
        (Severity.CRITICAL, False, Severity.CRITICAL, 7),
        (Severity.HIGH, False, Severity.LOW, 0),
    ],
)
def test_gate_counts_advisories(severity: Severity, applies: bool, fail_on: Severity, code: int) -> None:
    questions, findings = [question("ha.a", Severity.LOW)], {"ha.a": finding(Outcome.MET, id="ha.a")}
    assert gate(assess(questions, findings, {}, advisories=[advisory(severity, applies)]), fail_on)[0] == code


def test_known_faults_are_printed_between_gaps_and_verdict(demo_folder: Path) -> None:
    text = run("assess", "-v").output
    names = ["G-12", "G-13", "G-2", "KI-1", "S-4b"]
    assert all(f"\n✗ {name}  " in text for name in names) and "\n? G-10  " in text
    assert "Kubernetes on EKS 1.34 ends on 2 December 2026, in 12 days" in text
    assert text.index("Gaps (") < text.index("Known faults and support (8)") < text.rindex("Not ready")
    assert "\n? G-10  " not in run("assess").output


def test_snapshot_file_needs_no_assessment_folder(
    demo_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = next((demo_folder / "snapshots").glob("*.zip"))
    monkeypatch.delenv("READINESS_DIR")
    monkeypatch.chdir(tmp_path)
    result = run("assess", "-f", snapshot)
    assert result.exit_code == 0 and "Not ready" in result.output
    assert not (tmp_path / "readiness.yaml").exists()


def test_quiet_prints_only_the_verdict(demo_folder: Path) -> None:
    lines = run("assess", "-q").output.splitlines()
    assert lines[0].startswith("✗ Not ready") and lines[:3] == run("assess").output.splitlines()[:3]
    assert "5 contradicted, 6 gaps" in lines[3] and len(lines) == 5


def test_output_goes_to_a_named_file(demo_folder: Path, tmp_path: Path) -> None:
    result = run("assess", "-o", f"csv={tmp_path / 'plan.csv'}")
    assert (result.stdout, result.stderr) == ("", f"Written: {tmp_path / 'plan.csv'}\n")
    assert run("assess", "-o", "csv").stdout == (tmp_path / "plan.csv").read_text("utf-8")


@pytest.mark.parametrize(
    ("rows", "fail_on", "code"),
    [
        ([(Severity.HIGH, Outcome.NOT_MET)], Severity.CRITICAL, 0),
        ([(Severity.HIGH, Outcome.NOT_MET)], Severity.HIGH, 1),
        ([(Severity.CRITICAL, Outcome.NOT_MET)], Severity.LOW, 1),
        ([(Severity.CRITICAL, Outcome.PARTLY)], Severity.LOW, 0),
        ([(Severity.CRITICAL, Outcome.UNKNOWN), *[(Severity.LOW, Outcome.MET)] * 9], Severity.CRITICAL, 7),
        ([(Severity.LOW, Outcome.UNKNOWN)], Severity.CRITICAL, 7),
        ([(Severity.CRITICAL, Outcome.UNKNOWN), (Severity.HIGH, Outcome.NOT_MET)], Severity.CRITICAL, 7),
        ([(Severity.LOW, Outcome.MET)], Severity.LOW, 0),
    ],
)
def test_gate(rows: list[tuple[Severity, Outcome]], fail_on: Severity, code: int) -> None:
    assert gate(judged([(severity, None, outcome) for severity, outcome in rows]), fail_on)[0] == code


def test_gate_message_names_the_questions(demo_folder: Path) -> None:
    assert run("assess", "-q", "--fail-on", "critical").stderr.startswith("Gate --fail-on critical: failed by Q")


def test_answers_of_another_cluster_are_a_warning_before_the_verdict(tmp_path: Path) -> None:
    facts = cluster(weaviate())
    manifest = msgspec.structs.replace(facts.snapshot.manifest, reads=(*facts.snapshot.manifest.reads,
                                                                       Read("weaviate/nodes", 1)))  # fmt: skip
    nodes = Nodes((ServerNode("staging-0", "HEALTHY"),))
    taken = msgspec.structs.replace(facts.snapshot, manifest=manifest, answers={"weaviate/nodes": nodes})
    taken.save(tmp_path / "s.zip")
    result = run("assess", "-q", "-f", tmp_path / "s.zip")
    assert (
        "Warning: Weaviate's answers seem to come from another cluster: it names the nodes staging-0" in result.stderr
    )
