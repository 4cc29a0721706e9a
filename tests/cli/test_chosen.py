"""Each command uses what was chosen: this snapshot, this folder, this cluster, this question; and changes no more."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from msgspec.structs import replace

from readiness_kit import demo
from readiness_kit.cli.reads import reads_lines, unreachable_source
from readiness_kit.errors import UsageError
from readiness_kit.model import Read, Reason
from readiness_kit.snapshot import load
from readiness_kit.workspace.clusters import require_same_cluster
from readiness_kit.workspace.folder import Folder
from tests.support.commands import run
from tests.support.served import ServedCluster


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def older(demo_folder: Path, tmp_path: Path) -> Path:
    """A snapshot a month older than that of the demonstration."""
    taken = load(Folder(demo_folder).snapshots()[-1])
    earlier = replace(taken.manifest, taken_at=taken.manifest.taken_at - timedelta(days=30))
    replace(taken, manifest=earlier).save(tmp_path / "older.zip")
    return tmp_path / "older.zip"


def date_of(report: Path) -> str:
    return str(json.loads(report.read_text("utf-8"))["as_of"])[:10]


def test_report_is_of_the_chosen_snapshot(demo_folder: Path, older: Path, tmp_path: Path) -> None:
    before = sorted(path.name for path in Folder(demo_folder).snapshots())
    for words, expected in (((), "2026-11-20"), (("-f", older), "2026-10-21")):
        assert run("report", *words, "-o", f"json={tmp_path / 'r.json'}").exit_code == 0
        assert date_of(tmp_path / "r.json") == expected
    assert sorted(path.name for path in Folder(demo_folder).snapshots()) == before


def test_html_report_is_of_the_chosen_snapshot(demo_folder: Path, older: Path, tmp_path: Path) -> None:
    assert run("report", "-f", older, "-o", f"html={tmp_path / 'r.html'}").exit_code == 0
    text = (tmp_path / "r.html").read_text("utf-8")
    assert "21 October 2026" in text and "Collected 20 November" not in text


def test_piped_snapshot_is_assessed(demo_folder: Path, older: Path) -> None:
    from click.testing import CliRunner

    from readiness_kit.cli import main

    result = CliRunner().invoke(main, ["assess", "-f", "-", "-o", "json"], input=older.read_bytes())
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["as_of"].startswith("2026-10-21")


def test_demonstration_is_not_mixed_into_an_assessment(tmp_path: Path) -> None:
    home = Folder(tmp_path / "real").create()
    before = files_of(home.path)
    result = run("demo", "-d", home.path)
    assert result.exit_code == 2 and "is an assessment already: it has readiness.yaml" in result.output
    assert files_of(home.path) == before


def test_demonstration_is_built_again_in_its_own_folder(tmp_path: Path) -> None:
    demo.install(tmp_path / "demo")
    before = files_of(tmp_path / "demo")
    demo.install(tmp_path / "demo")
    assert files_of(tmp_path / "demo") == before


def test_options_never_write_settings(demo_folder: Path, tmp_path: Path) -> None:
    before = (demo_folder / "readiness.yaml").read_bytes()
    wrong = run("report", "--weaviate", "x/y", "-o", f"json={tmp_path / 'r.json'}")
    assert wrong.exit_code == 5 and "x/y" in wrong.output and not (tmp_path / "r.json").exists()
    assert (demo_folder / "readiness.yaml").read_bytes() == before
    assert run("assess", "-q").exit_code == 0


@pytest.mark.parametrize("name", ["Q27", "q27", "sec.rbac"])
def test_question_is_named_by_number_or_id(demo_folder: Path, name: str) -> None:
    from readiness_kit.checklist import load_checklist

    assert run("waive", name, "--remove").output.startswith(
        f"Removed: all waivers for {load_checklist().get(name).number}"
    )


def test_two_clusters_do_not_share_a_folder(demo_folder: Path) -> None:
    home = Folder(demo_folder)
    taken = load(home.snapshots()[-1])
    of = {name: replace(taken, manifest=replace(taken.manifest, cluster=name)) for name in ("", "a", "b")}
    require_same_cluster(home, of["a"])  # nothing is known of the demonstration's cluster
    home.add_snapshot(of["a"])
    for same in ("a", ""):
        require_same_cluster(home, of[same])
    with pytest.raises(UsageError, match="is the assessment of another cluster") as refused:
        require_same_cluster(home, of["b"])
    assert "--another-cluster" in refused.value.hint


def test_cluster_of_a_snapshot_is_the_uid_of_kube_system(recordings: Path, tmp_path: Path) -> None:
    with ServedCluster(recordings / "good") as cluster:
        config = str(cluster.kubeconfig(tmp_path))
        for name in ("one", "two"):
            assert run("collect", "-q", "--kubeconfig", config, "-o", f"snapshot={tmp_path / name}.zip").exit_code == 0
        narrow = f"snapshot={tmp_path / 'narrow.zip'}"
        run("collect", "-q", "--kubeconfig", config, "-n", "weaviate", "-o", narrow)
    one, two, of_namespace = (load(tmp_path / f"{name}.zip").manifest.cluster for name in ("one", "two", "narrow"))
    assert one == two and len(one) == 32 and of_namespace == ""


def test_source_that_cannot_be_reached_is_one_line() -> None:
    reads = [
        Read("pods", 3),
        *(Read(f"prometheus/{key}", reason=Reason.UNREACHABLE, message="no route") for key in "abc"),
    ]
    assert [shown.plain for shown in reads_lines(reads)] == [
        "Read 1 kind; 3 could not be read",
        "  Prometheus (3 reads): could not be reached (no route)",
    ]
    assert unreachable_source([Read("pods", 3)]) is None
    assert unreachable_source([*reads, Read("prometheus/d", 1)]) is None
    problem = unreachable_source(reads)
    assert problem is not None and problem.exit_code == 4 and "Prometheus: no route" in problem.what


def test_required_source_that_cannot_be_reached_exits_4(served_good: ServedCluster, tmp_path: Path) -> None:
    words = ("--kubeconfig", served_good.kubeconfig(tmp_path), "--prometheus-url", "http://127.0.0.1:9")
    lenient = run("collect", "-d", tmp_path / "a", *words)
    assert lenient.exit_code == 0 and lenient.stdout.count("Prometheus (12 reads): could not be reached") == 1
    strict = run("collect", "-d", tmp_path / "b", *words, "--require-sources")
    assert strict.exit_code == 4 and "nothing could be read from Prometheus" in strict.stderr


def test_milestone_now_is_reserved(demo_folder: Path) -> None:
    for name in ("now", "Now"):
        result = run("milestone", name)
        assert result.exit_code == 2 and "is the name of the current assessment" in result.output


def test_rbac_checks_names() -> None:
    result = run("rbac", "-n", "Not_A/Name")
    assert result.exit_code == 2 and "'Not_A/Name' cannot be the name of a namespace" in result.output
    assert list(yaml.safe_load_all(run("rbac", "-n", "weaviate", "-n", "other").output))


@pytest.mark.parametrize("words", [("--kubeconfig", "none"), ("--context", "nope")])
def test_failed_collection_leaves_nothing_behind(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "work").mkdir()
    assert run("collect", "-d", tmp_path / "work" / "new", *words).exit_code == 3
    assert list((tmp_path / "work").iterdir()) == []


def test_impersonation_is_sent_with_every_request(served_good: ServedCluster, tmp_path: Path) -> None:
    config = served_good.kubeconfig(tmp_path)
    seen = len(served_good.requests)
    result = run("collect", "-q", "--kubeconfig", config, "--as", "ann", "--as-group", "dev", "--as-group", "ops",
                 "-o", f"snapshot={tmp_path / 's.zip'}")  # fmt: skip
    assert result.exit_code == 0
    sent = served_good.requests[seen:]
    assert sent and all(request.headers.get("impersonate-user") == "ann" for request in sent)
