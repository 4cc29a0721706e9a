"""The commands `collect` and `rbac`."""

from __future__ import annotations

from pathlib import Path

from readiness_kit.snapshot import load
from readiness_kit.workspace.folder import Folder
from tests.support.commands import run
from tests.support.served import ServedCluster


def test_snapshot_is_kept_if_no_weaviate_is_found(recordings: Path, tmp_path: Path) -> None:
    with ServedCluster(recordings / "good") as cluster:
        kubeconfig = cluster.kubeconfig(tmp_path)
        result = run("collect", "-d", str(tmp_path), "--kubeconfig", str(kubeconfig), "-n", "search-app")
    assert result.exit_code == 5
    assert len(Folder(tmp_path).snapshots()) == 1


def test_collect_then_report_from_a_served_cluster(served_good: ServedCluster, tmp_path: Path) -> None:
    kubeconfig = str(served_good.kubeconfig(tmp_path))
    collected = run("collect", "-d", str(tmp_path), "--kubeconfig", kubeconfig)
    assert collected.exit_code == 0 and "Snapshot:" in collected.output
    assert {request.method for request in served_good.requests} == {"GET"}
    reported = run("report", "-d", str(tmp_path))
    assert reported.exit_code == 0
    out = Path(reported.output.split("The report: ")[1].strip())
    assert "weaviate-0" in out.read_text("utf-8")


def test_collect_writes_to_a_named_file(served_good: ServedCluster, tmp_path: Path) -> None:
    out = tmp_path / "one.zip"
    result = run("collect", "-q", "-o", f"snapshot={out}", "--kubeconfig", str(served_good.kubeconfig(tmp_path)))
    assert result.exit_code == 0
    assert {"weaviate-0", "weaviate-1", "weaviate-2"} <= {pod.metadata.name for pod in load(out).objects("pods")}


def test_dry_run_prints_the_queries_for_prometheus(demo_folder: Path) -> None:
    text = run("collect", "--prometheus-dry-run", "--prometheus-selector", 'cluster="prod"').output
    assert "max_over_time(" in text and 'cluster="prod"' in text
    queries = [line for line in text.splitlines() if line.startswith("# ")]
    assert f"{len(queries) - 1} queries, 4 at a time" in queries[-1]


def test_dry_run_is_about_the_named_workload(demo_folder: Path) -> None:
    missing = run("collect", "--prometheus-dry-run", "--weaviate", "db/vectors")
    assert missing.exit_code == 5 and "db/vectors" in missing.output


def test_rbac_prints_a_role_that_only_lists(tmp_path: Path) -> None:
    import yaml

    documents = list(yaml.safe_load_all(run("rbac", "--serviceaccount", "tools/readiness").output))
    assert [document["kind"] for document in documents] == ["ClusterRole", "ClusterRoleBinding"]
    rules = documents[0]["rules"]
    assert {verb for rule in rules for verb in rule["verbs"]} <= {"get", "list"}
    assert not [rule for rule in rules if "secrets" in rule["resources"] or "*" in rule["resources"]]
    assert {document["kind"] for document in yaml.safe_load_all(run("rbac", "-n", "weaviate").output)} == {"Role"}
