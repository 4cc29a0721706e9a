"""`readiness collect --script`: a shell script that lists with kubectl alone, and whose output the kit reads."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from readiness_kit.bundles import load
from readiness_kit.checklist import load_checklist
from readiness_kit.cli import main
from readiness_kit.collect import collect, connect
from readiness_kit.collect.kubernetes.script import script
from readiness_kit.errors import UsageError
from readiness_kit.evidence import evaluate, reads_for
from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds import KINDS
from readiness_kit.model import Reason, Settings
from tests.collect.conftest import small
from tests.support.served import ServedCluster

needs_kubectl = pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not installed")


def run(text: str, cluster: ServedCluster, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    config = cluster.kubeconfig(folder / "config")
    known = {"PATH": os.environ["PATH"], "HOME": str(folder), "KUBECONFIG": str(config), **environment}
    (folder / "script.sh").write_text(text)
    return subprocess.run(
        ["sh", "script.sh", "out"], cwd=folder, env=known, capture_output=True, text=True, timeout=120
    )


def test_it_is_shell_that_only_lists() -> None:
    text = CliRunner().invoke(main, ["collect", "--script"]).output
    checked = subprocess.run(["sh", "-n"], input=text, capture_output=True, text=True, timeout=20)
    assert checked.returncode == 0 and not checked.stderr
    verbs = set(re.findall(r"\$kubectl (\w+)", text))
    assert verbs == {"get"}
    listed = re.findall(r"^list(?:_in)? (\S+) (\S+)", text, re.MULTILINE)
    assert {key for key, _ in listed} == set(reads_for(load_checklist().questions)) & set(KINDS)
    assert not any(resource in ("secrets", "secret", "all") for _, resource in listed)
    assert not re.search(r"\b(exec|cp|proxy|attach|port-forward|apply|delete|curl|wget)\b|get secrets?\b", text)


def test_in_some_namespaces_nothing_of_the_cluster_is_asked_for() -> None:
    text = script(["nodes", "services", "leases", "namespaces"], ["db"])
    assert not re.search(r"^list .*|-A$|^list_in leases", text, re.MULTILINE)
    assert "where=db\n" in text and "list_in services services $where" in text
    with pytest.raises(UsageError):
        script(["pods"], ["db; rm -rf /"])
    with pytest.raises(UsageError):
        script(["secrets"])


@needs_kubectl
def test_its_output_is_read_as_a_collection_is(tmp_path: Path) -> None:
    reads = ("nodes", "namespaces", "services", "podmonitors", "poddisruptionbudgets")
    with ServedCluster(small(), forbidden={"namespaces"}) as cluster:
        done = run(script(reads), cluster, tmp_path)
        with connect(str(cluster.kubeconfig(tmp_path))) as connection:
            live = collect(connection, reads)
    assert done.returncode == 0, done.stderr
    assert cluster.violations == []
    assert (tmp_path / "out").stat().st_mode & 0o077 == 0
    for found in (load(tmp_path / "out"), load(tmp_path / "out.tar.gz")):
        for key in (*reads, "statefulsets", "deployments", "pods"):
            assert found.objects(key) == live.objects(key), key
            assert found.missing(key) is live.missing(key), key
        assert found.missing("namespaces") is Reason.FORBIDDEN
        assert found.manifest.server_version == live.manifest.server_version
        assert found.manifest.weaviate_namespaces == ("db",)


@needs_kubectl
def test_without_a_weaviate_it_asks_where_to_look(tmp_path: Path) -> None:
    empty: dict[str, Any] = {"/apis/apps/v1/statefulsets": small()["/apis/apps/v1/deployments"]}
    with ServedCluster(small(**empty)) as cluster:
        refused = run(script(["configmaps"]), cluster, tmp_path)
        assert refused.returncode == 1 and "WEAVIATE_NAMESPACES" in refused.stderr
        assert run(script(["configmaps"]), cluster, tmp_path, WEAVIATE_NAMESPACES="db").returncode == 0
    assert load(tmp_path / "out").read("configmaps").namespaces == ("db",)


@needs_kubectl
def test_a_recorded_cluster_gives_the_same_findings(served_good: ServedCluster, tmp_path: Path) -> None:
    questions = load_checklist().questions
    reads = reads_for(questions)
    with connect(str(served_good.kubeconfig(tmp_path))) as connection:
        live = collect(connection, reads)
    # kubectl starts once for each list: here only what the cluster has.
    there = [key for key in reads if live.kept.get(key)]
    done = run(script(there), served_good, tmp_path)
    assert done.returncode == 0, done.stderr
    found = load(tmp_path / "out.tar.gz")
    expected = evaluate(ClusterFacts(live), Settings(), questions)
    got = evaluate(ClusterFacts(found), Settings(), questions)
    for key in there:
        if found.missing(key) is None:
            assert len(found.objects(key)) == len(live.objects(key)), key
    better = {"met": 2, "partly": 1, "not_applicable": 1}
    for name, finding in got.items():
        same = finding.outcome is expected[name].outcome
        assert same or better.get(finding.outcome, 0) <= better.get(expected[name].outcome, 0), name
    assert sum(got[name].outcome is expected[name].outcome for name in got) >= len(got) * 0.7
