"""The command line as a newcomer meets it: help, messages, exit codes; no traceback, ever."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from readiness_kit.cli import main
from readiness_kit.demo import install
from readiness_kit.snapshot import load
from readiness_kit.workspace.folder import Folder
from tests.support.served import ServedCluster


def run(*words: str) -> Result:
    result = CliRunner().invoke(main, list(words))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert "Traceback" not in result.output
    return result


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = install(tmp_path / "demo").path
    monkeypatch.setenv("READINESS_DIR", str(folder))
    return folder


def test_help_says_what_it_does_and_what_the_exit_codes_mean() -> None:
    text = run("--help").output
    assert "ready for" in text and "Secrets never" in text
    assert all(f"  {code}  " in text for code in range(4)) and "7  not enough known" in text
    for command in ("demo", "lab", "collect", "assess", "report", "checklist", "rbac", "doctor"):
        assert f"\n  {command}" in text
        assert "Usage:" in run(command, "--help").output


def test_a_wrong_word_exits_2_and_names_what_was_meant() -> None:
    result = run("asess")
    assert result.exit_code == 2 and "asess" in result.output


def test_the_checklist_has_34_questions_and_55_with_evidence() -> None:
    core = [line for line in run("checklist").output.splitlines() if "  Q" in line]
    assert len(core) == 34
    everything = run("checklist", "--evidence").output
    assert sum(f" {word} " in line for line in everything.splitlines() for word in ("FULL", "PARTLY", "NONE")) == 55


def test_an_unknown_section_is_refused_with_the_known_ones() -> None:
    result = run("checklist", "--section", "availability")
    assert result.exit_code == 2 and "high_availability" in result.output


def test_assess_prints_gaps_with_their_facts_and_the_verdict_last(demo: Path) -> None:
    lines = run("assess").output.splitlines()
    assert lines[-3].startswith("✗ Not ready")
    text = "\n".join(lines)
    assert "Q28" in text and "OPENAI_APIKEY" in text
    assert text.index("Open (") < text.index("Gaps (")


def test_the_gate_fails_with_1_on_a_gap(demo: Path) -> None:
    assert run("assess", "-q", "--fail-on", "critical").exit_code == 1


def test_the_gate_is_7_where_too_little_is_known(recordings: Path, tmp_path: Path) -> None:
    with ServedCluster(recordings / "good") as cluster:
        result = run("assess", "--kubeconfig", str(cluster.kubeconfig(tmp_path)), "--fail-on", "critical", "-q")
    assert result.exit_code == 7 and "not enough known" in result.output


def test_assess_takes_a_snapshot_file_alone(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = next((demo / "snapshots").glob("*.zip"))
    monkeypatch.delenv("READINESS_DIR")
    monkeypatch.chdir(tmp_path)
    result = run("assess", str(snapshot))
    assert result.exit_code == 0 and "Not ready" in result.output
    assert not (tmp_path / "readiness.yaml").exists()


def test_no_assessment_folder_is_said_with_the_next_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("assess")
    assert result.exit_code == 3 and "readiness.yaml" in result.output and "Next:" in result.output


@pytest.mark.parametrize(
    "words",
    [
        ("report", "-o", "{file}/r.html"),
        ("report", "-f", "json", "-o", "{file}/r.json"),
        ("answers", "export", "-o", "{file}/answers.yaml"),
        ("collect", "-d", "{file}/new"),
        ("lab", "--prepare-only", "{file}/new"),
        ("demo", "{file}/new"),
        ("fleet", "{demo}", "{other}", "-o", "{file}/fleet.html"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_written_is_6_and_named(words: tuple[str, ...], demo: Path, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("in the way")
    other = install(tmp_path / "other").path
    result = run(*(word.format(file=tmp_path / "a file", demo=demo, other=other) for word in words))
    assert result.exit_code == 6 and f"{tmp_path / 'a file'}/" in result.output and "is a file" in result.output


def test_no_kubeconfig_is_3(tmp_path: Path) -> None:
    result = run("collect", "-d", str(tmp_path), "--kubeconfig", str(tmp_path / "none"))
    assert result.exit_code == 3 and str(tmp_path / "none") in result.output


def test_an_unknown_context_is_3_and_lists_the_known_ones(served_good: ServedCluster, tmp_path: Path) -> None:
    kubeconfig = served_good.kubeconfig(tmp_path)
    result = run("collect", "-d", str(tmp_path), "--kubeconfig", str(kubeconfig), "--context", "nope")
    assert result.exit_code == 3 and "nope" in result.output


def test_an_unreachable_server_is_4(tmp_path: Path) -> None:
    with ServedCluster({}) as cluster:
        kubeconfig = cluster.kubeconfig(tmp_path)
    result = run("collect", "-d", str(tmp_path), "--kubeconfig", str(kubeconfig))
    assert result.exit_code == 4 and "Next:" in result.output


def test_no_weaviate_is_5_and_the_snapshot_is_kept(recordings: Path, tmp_path: Path) -> None:
    with ServedCluster(recordings / "good") as cluster:
        kubeconfig = cluster.kubeconfig(tmp_path)
        result = run("collect", "-d", str(tmp_path), "--kubeconfig", str(kubeconfig), "-n", "search-app")
    assert result.exit_code == 5
    assert len(Folder(tmp_path).snapshots()) == 1


def test_a_namespace_that_does_not_exist_is_named(served_good: ServedCluster, tmp_path: Path) -> None:
    kubeconfig = served_good.kubeconfig(tmp_path)
    result = run("collect", "-d", str(tmp_path), "--kubeconfig", str(kubeconfig), "-n", "weavaite")
    assert result.exit_code == 3 and "weavaite" in result.output


def test_a_truncated_snapshot_is_6(demo: Path, tmp_path: Path) -> None:
    whole = next((demo / "snapshots").glob("*.zip")).read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    result = run("assess", str(tmp_path / "cut.zip"))
    assert result.exit_code == 6 and "cut.zip" in result.output


def test_broken_answers_are_6_and_kept_aside(demo: Path) -> None:
    (demo / "answers.json").write_text('{"schema": 1, "answers": {"ha.mul')
    result = run("assess")
    assert result.exit_code == 6 and "answers.json" in result.output
    assert [path for path in demo.glob("answers.json*") if path.read_text().endswith("ha.mul")]


def test_a_broken_checklist_is_3_and_names_file_question_and_field(demo: Path) -> None:
    (demo / "ours.yaml").write_text("section: security\nquestions:\n  - id: our.rule\n    severity: deadly\n")
    settings = demo / "readiness.yaml"
    settings.write_text(settings.read_text() + "extra_checklists: [ours.yaml]\n")
    result = run("assess")
    assert result.exit_code == 3
    assert all(word in result.output for word in ("ours.yaml", "our.rule"))


def test_collect_then_report_from_a_served_cluster(served_good: ServedCluster, tmp_path: Path) -> None:
    kubeconfig = str(served_good.kubeconfig(tmp_path))
    collected = run("collect", "-d", str(tmp_path), "--kubeconfig", kubeconfig)
    assert collected.exit_code == 0 and "Snapshot:" in collected.output
    assert {request.method for request in served_good.requests} == {"GET"}
    reported = run("report", "-d", str(tmp_path))
    assert reported.exit_code == 0
    out = Path(reported.output.split("The report: ")[1].strip())
    assert "weaviate-0" in out.read_text("utf-8")


def test_collect_writes_to_a_file_of_its_own(served_good: ServedCluster, tmp_path: Path) -> None:
    out = tmp_path / "one.zip"
    result = run("collect", "-q", "-o", str(out), "--kubeconfig", str(served_good.kubeconfig(tmp_path)))
    assert result.exit_code == 0
    assert {"weaviate-0", "weaviate-1", "weaviate-2"} <= {pod.metadata.name for pod in load(out).objects("pods")}


def test_the_queries_for_prometheus_are_printed_without_asking(demo: Path) -> None:
    text = run("collect", "--prometheus-dry-run", "--prometheus-selector", 'cluster="prod"').output
    assert "max_over_time(" in text and 'cluster="prod"' in text
    queries = [line for line in text.splitlines() if line.startswith("# ")]
    assert f"{len(queries) - 1} queries, 4 at a time" in queries[-1]


def test_rbac_prints_a_role_that_only_lists(tmp_path: Path) -> None:
    import yaml

    documents = list(yaml.safe_load_all(run("rbac", "--serviceaccount", "tools/readiness").output))
    assert [document["kind"] for document in documents] == ["ClusterRole", "ClusterRoleBinding"]
    rules = documents[0]["rules"]
    assert {verb for rule in rules for verb in rule["verbs"]} <= {"get", "list"}
    assert not [rule for rule in rules if "secrets" in rule["resources"] or "*" in rule["resources"]]
    assert {document["kind"] for document in yaml.safe_load_all(run("rbac", "-n", "weaviate").output)} == {"Role"}


def test_doctor_says_what_is_permitted(recordings: Path, tmp_path: Path) -> None:
    with ServedCluster(recordings / "good", forbidden={"poddisruptionbudgets"}) as cluster:
        result = run("doctor", "--reach", "--kubeconfig", str(cluster.kubeconfig(tmp_path)))
    assert "no permission to list poddisruptionbudgets; affected: ha.rolling_updates" in result.output
    assert result.exit_code == 3


def test_lab_prepares_a_folder_without_touching_edited_notebooks(tmp_path: Path) -> None:
    assert run("lab", str(tmp_path), "--prepare-only").exit_code == 0
    edited = tmp_path / "notebooks" / "03_security.ipynb"
    edited.write_text(edited.read_text() + " ")
    mine = edited.read_bytes()
    run("lab", str(tmp_path), "--prepare-only")
    assert edited.read_bytes() == mine


def test_the_command_runs_outside_of_the_checkout(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
    done = subprocess.run(
        [sys.executable, "-m", "readiness_kit.cli", "assess"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 3 and done.stderr.startswith("Error: ") and "Traceback" not in done.stderr


def test_the_workload_of_a_report_can_be_chosen(demo: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.json"
    result = run("report", "--weaviate", "search/weaviate", "-f", "json", "-o", str(out))
    assert result.exit_code == 0, result.output
    assert out.is_file()
    assert Folder(demo).settings.cluster.weaviate == "search/weaviate"
