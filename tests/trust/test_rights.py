"""The printed role of each profile is exactly what its collection uses; the pre-flight says who loses what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from readiness_kit import evidence
from readiness_kit.checklist import load_checklist
from readiness_kit.cli import main
from readiness_kit.collect import collect, connect
from readiness_kit.kinds import KINDS
from readiness_kit.model import Profile, Reason
from tests.collect.conftest import listed, small
from tests.collect.kubernetes.test_rbac import granted, used
from tests.support.served import Access, ServedCluster
from tests.trust.outside import demo_lists


def everything() -> dict[str, Any]:
    """A cluster that has each kind of the kit in the kit's own version, with a Weaviate in it."""
    groups = {
        kind.group: sorted({one.version for one in KINDS.values() if one.group == kind.group})
        for kind in KINDS.values()
    }
    served = [{"name": name, "versions": [{"version": one} for one in found]} for name, found in groups.items() if name]
    lists = {kind.path(): listed(kind.kind, kind.api) for kind in KINDS.values()}
    return {**lists, **small(), "/apis": {"kind": "APIGroupList", "groups": served}}


def printed(*words: str) -> dict[str, Any]:
    done = CliRunner().invoke(main, ["rbac", *words])
    assert done.exit_code == 0, done.output
    role, *_ = yaml.safe_load_all(done.output)
    return role


@pytest.mark.parametrize("profile", list(Profile))
def test_the_role_of_a_profile_is_what_its_collection_uses(tmp_path: Path, profile: Profile) -> None:
    reads = evidence.reads_for(load_checklist(profile=profile).questions)
    with ServedCluster(everything()) as cluster, connect(str(cluster.kubeconfig(tmp_path))) as connection:
        collect(connection, reads)
    assert used(cluster) == granted(printed("--profile", profile.value))


@pytest.mark.parametrize("profile", list(Profile))
def test_the_role_of_a_namespace_is_what_namespace_only_mode_uses(tmp_path: Path, profile: Profile) -> None:
    role = printed("--profile", profile.value, "-n", "db")
    own = granted(role)
    assert (role["kind"], role["metadata"]["namespace"]) == ("Role", "db")

    def forbidden(access: Access) -> bool:
        return access.namespace != "db" or (access.group, access.resource) not in own

    reads = evidence.reads_for(load_checklist(profile=profile).questions)
    with (
        ServedCluster(everything(), forbidden=forbidden) as cluster,
        connect(str(cluster.kubeconfig(tmp_path))) as connection,
    ):
        found = collect(connection, reads, namespaces=["db"])
    assert used(cluster) == own
    assert Reason.FORBIDDEN not in {record.reason for record in found.manifest.reads}


def test_the_printed_role_is_enough_and_nothing_more_is_tried(tmp_path: Path) -> None:
    own = granted(printed())
    reads = evidence.reads_for(load_checklist(profile=Profile.CORE).questions)
    with (
        ServedCluster(demo_lists(), forbidden=lambda access: (access.group, access.resource) not in own) as cluster,
        connect(str(cluster.kubeconfig(tmp_path))) as connection,
    ):
        found = collect(connection, reads)
    assert Reason.FORBIDDEN not in {record.reason for record in found.manifest.reads}
    assert used(cluster) <= own


def test_the_pre_flight_says_which_questions_lose_what(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READINESS_DIR", str(tmp_path / "none"))
    with ServedCluster(demo_lists(), forbidden={"nodes", "networkpolicies"}) as cluster:
        config = str(cluster.kubeconfig(tmp_path))
        done = CliRunner().invoke(main, ["doctor", "--reach", "--kubeconfig", config])
    questions = load_checklist().questions
    refused = [line for line in done.output.splitlines() if "no permission to list" in line]
    lines = {line.split()[5].rstrip(";"): line for line in refused}
    assert {"nodes", "networkpolicies"} <= set(lines)
    for key in ("nodes", "networkpolicies"):
        losing = evidence.questions_losing(key, questions)
        assert losing and all(name in lines[key] for name in losing)
    assert "sec.network_policies" in lines["networkpolicies"] and "ha.multi_az" in lines["nodes"]
    assert "readiness rbac" in done.output
