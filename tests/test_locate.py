"""The workloads that are identified as Weaviate."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from readiness_kit import locate
from readiness_kit.errors import WorkloadError
from readiness_kit.kinds.pods import Container, Pod, PodSpec
from readiness_kit.kinds.workloads import Deployment, StatefulSet
from readiness_kit.locate import Candidate, choose, find, server_container, split_image
from readiness_kit.model import Target

OFFICIAL = "cr.weaviate.io/semitechnologies/weaviate:1.38.2"


def _workload(
    kind: type[Any], name: str, container: dict[str, Any], labels: dict[str, str] | None = None, ns: str = "db"
) -> Any:
    template = {"metadata": {"labels": labels or {}}, "spec": {"containers": [container]}}
    return msgspec.convert({"metadata": {"name": name, "namespace": ns}, "spec": {"template": template}}, kind)


def _stateful(container: dict[str, Any], labels: dict[str, str] | None = None, name: str = "w", ns: str = "db") -> Any:
    return _workload(StatefulSet, name, container, labels, ns)


def _names(*names: str) -> list[dict[str, str]]:
    return [{"name": name, "value": "x"} for name in names]


PROBE = {"httpGet": {"path": "/v1/.well-known/ready", "port": 8080}}
MOUNT = [{"name": "data", "mountPath": "/var/lib/weaviate"}]


@pytest.mark.parametrize(
    ("container", "labels", "score"),
    [
        ({"image": OFFICIAL}, {}, 5),
        ({"image": "mirror.example:5000/hub/semitechnologies/weaviate@sha256:00"}, {}, 5),
        ({"image": "semitechnologies/weaviate"}, {}, 5),
        ({"image": "mirror.example/infra/weaviate:1.37.0"}, {}, 3),
        ({"image": "mirror.example/infra/weaviate:v1.37.0-abc.amd64"}, {}, 3),
        ({"image": "mirror.example/infra/weaviate:stable"}, {}, 0),
        ({"image": OFFICIAL, "env": _names("RAFT_JOIN")}, {}, 5),
        ({"image": OFFICIAL, "env": _names("RAFT_JOIN", "CLUSTER_JOIN")}, {}, 9),
        ({"image": OFFICIAL, "command": ["/bin/weaviate"]}, {}, 9),
        ({"image": "own:1", "args": ["--config-file", "/weaviate-config/conf.yaml"]}, {}, 4),
        ({"image": "own:1", "args": ["--config-file=/weaviate-config/conf.yaml"]}, {}, 4),
        ({"image": "own:1", "livenessProbe": PROBE}, {}, 4),
        ({"image": "own:1", "startupProbe": PROBE, "readinessProbe": PROBE}, {}, 4),
        ({"image": "own:1", "readinessProbe": {"httpGet": {"path": "/ready"}}}, {}, 0),
        ({"image": OFFICIAL}, {"app": "weaviate"}, 7),
        ({"image": OFFICIAL, "volumeMounts": MOUNT}, {"app.kubernetes.io/name": "weaviate"}, 9),
    ],
)
def test_points(container: dict[str, Any], labels: dict[str, str], score: int) -> None:
    found = find([_stateful({"name": "c", **container}, labels)], [], [])
    assert [candidate.score for candidate in found] == ([score] if score else [])
    assert [candidate.accepted for candidate in found] == ([score >= 6] if score else [])


def test_what_only_has_the_label_is_nothing() -> None:
    assert find([_stateful({"name": "c", "image": "nginx:1"}, {"app": "weaviate"})], [], []) == ()


@pytest.mark.parametrize(
    "image",
    [
        "cr.weaviate.io/semitechnologies/transformers-inference:custom",
        "cr.weaviate.io/semitechnologies/contextionary:en0.16.0-v1.2.1",
        "cr.weaviate.io/semitechnologies/multi2vec-clip:1",
        "cr.weaviate.io/semitechnologies/reranker-transformers:1",
        "mirror.example/weaviate-operator:1.0.0",
    ],
)
def test_trap_1_inference_modules_carry_the_label_of_weaviate_and_are_not_it(image: str) -> None:
    container = {"name": "c", "image": image, "readinessProbe": PROBE, "env": _names("RAFT_JOIN", "CLUSTER_JOIN")}
    module = _workload(Deployment, "module", container, {"app": "weaviate", "app.kubernetes.io/name": "weaviate"})
    weaviate = _stateful({"name": "weaviate", "image": OFFICIAL}, {"app": "weaviate"})
    assert [candidate.target for candidate in find([weaviate], [module], [])] == [Target("db", "w", "StatefulSet")]


def test_trap_2_two_installs_are_both_called_weaviate() -> None:
    pair = [
        _stateful({"name": "weaviate", "image": OFFICIAL}, {"app": "weaviate"}, "weaviate", ns) for ns in ("b", "a")
    ]
    found = find(pair, [], [])
    with pytest.raises(WorkloadError) as problem:
        choose(found)
    assert "2 Weaviate workloads" in problem.value.what
    assert "--weaviate a/weaviate" in problem.value.hint and "--weaviate b/weaviate" in problem.value.hint
    assert choose(found, "b/weaviate").target.namespace == "b"


def test_trap_5_ports_say_nothing() -> None:
    container = {"name": "c", "image": OFFICIAL, "command": ["/bin/weaviate"]}
    bare, named = ({**container, "ports": ports} for ports in ([], [{"name": "tcp-weaviate", "containerPort": 1}]))
    assert find([_stateful(bare)], [], []) == find([_stateful(named)], [], [])


def _pod(name: str, owner: dict[str, Any] | None, ns: str = "db") -> Pod:
    metadata = {"name": name, "namespace": ns, "ownerReferences": [owner] if owner else []}
    spec = {"containers": [{"name": "weaviate", "image": OFFICIAL, "readinessProbe": PROBE}]}
    return msgspec.convert({"metadata": metadata, "spec": spec}, Pod)


def test_trap_6_pods_of_another_controller_are_one_workload_of_it() -> None:
    owner = {"kind": "InstanceSet", "name": "wv-weaviate", "controller": True}
    found = find([], [], [_pod("wv-weaviate-0", owner), _pod("wv-weaviate-1", owner)])
    assert [candidate.target for candidate in found] == [Target("db", "wv-weaviate", "InstanceSet")]


def test_a_pod_that_nothing_owns_is_a_workload() -> None:
    assert [candidate.target for candidate in find([], [], [_pod("solo", None)])] == [Target("db", "solo", "Pod")]


def test_pods_of_known_owners_are_not_counted_twice() -> None:
    container = {"name": "weaviate", "image": OFFICIAL, "readinessProbe": PROBE}
    of_set = _pod("w-0", {"kind": "StatefulSet", "name": "w", "controller": True})
    of_deployment = _pod("w-5f6-x", {"kind": "ReplicaSet", "name": "w-5f6", "controller": True})
    of_job = _pod("job", {"kind": "Job", "name": "j", "controller": True})
    stateful, deployment = _stateful(container, name="w"), _workload(Deployment, "w", container)
    found = find([stateful], [deployment], [of_set, of_deployment, of_job])
    assert sorted(candidate.target.kind for candidate in found) == ["Deployment", "StatefulSet"]


@pytest.mark.parametrize(
    ("owner", "kind", "name"),
    [("StatefulSet/w", "StatefulSet", "w"), ("ReplicaSet/w-5f6d7c8b9", "Deployment", "w")],
)
def test_pods_are_grouped_by_an_owner_that_was_not_listed(owner: str, kind: str, name: str) -> None:
    """As in `kubectl cluster-info dump`, which has no StatefulSets."""
    controller = dict(zip(("kind", "name"), owner.split("/"), strict=True)) | {"controller": True}
    found = find([], [], [_pod("w-0", controller), _pod("w-1", controller)])
    assert [candidate.target for candidate in found] == [Target("db", name, kind)]


def test_two_workloads_of_one_name_are_told_apart_by_kind() -> None:
    container = {"name": "weaviate", "image": OFFICIAL, "readinessProbe": PROBE}
    twins = find([_stateful(container, name="w")], [_workload(Deployment, "w", container)], [])
    for unclear in ("", "db/w"):
        with pytest.raises(WorkloadError) as problem:
            choose(twins, unclear)
        assert "`--weaviate db/StatefulSet/w`" in str(problem.value)
        assert "`--weaviate db/Deployment/w`" in str(problem.value)
    for chosen in ("db/StatefulSet/w", "db/statefulset/w", "db/sts/w", "db/statefulsets/w"):
        assert choose(twins, chosen).target.kind == "StatefulSet"
    assert choose(twins, "db/deploy/w").target.kind == "Deployment"
    with pytest.raises(WorkloadError):
        choose(twins, "db/pod/w")


def test_the_best_comes_first_and_a_deployment_counts() -> None:
    weak = _stateful({"name": "c", "image": "mirror.example/weaviate:1.0.0"}, name="weak")
    strong = _workload(Deployment, "strong", {"name": "c", "image": OFFICIAL, "command": ["/bin/weaviate"]})
    assert [(candidate.target.kind, candidate.target.name) for candidate in find([weak], [strong], [])] == [
        ("Deployment", "strong"),
        ("StatefulSet", "weak"),
    ]


def test_the_server_is_found_beside_sidecars() -> None:
    sidecar, server = Container(name="istio-proxy", image="istio/proxyv2:1"), Container(name="db", image=OFFICIAL)
    assert server_container(PodSpec(containers=(sidecar, server))) is server
    assert server_container(PodSpec(containers=(sidecar,))) is None
    assert server_container(PodSpec()) is None


def test_none_is_said_as_none() -> None:
    with pytest.raises(WorkloadError, match="no Weaviate workload was found") as problem:
        choose(())
    assert problem.value.exit_code == 5


def test_a_candidate_has_to_be_confirmed_by_name() -> None:
    doubtful = Candidate(Target("db", "w"), 4, ("command",), "own:1", False)
    with pytest.raises(
        WorkloadError, match=r"no workload was identified with certainty as Weaviate.*db/w \(4 points: command\)"
    ):
        choose([doubtful])
    assert choose([doubtful], "db/w") is doubtful


def test_a_candidate_does_not_compete_with_what_is_accepted() -> None:
    sure = Candidate(Target("db", "w"), 9, ("image", "env"), OFFICIAL, True)
    doubtful = Candidate(Target("db", "x"), 4, ("command",), "own:1", False)
    assert choose([sure, doubtful]) is sure


def test_a_wrong_name_is_answered_with_the_right_ones() -> None:
    sure = Candidate(Target("db", "w"), 9, ("image",), OFFICIAL, True)
    with pytest.raises(WorkloadError, match=r"no Weaviate workload db/v was found.*StatefulSet db/w") as problem:
        choose([sure], "db/v")
    assert "`--weaviate db/w`" in problem.value.hint


@pytest.mark.parametrize(
    ("image", "parts"),
    [
        ("alpine", ("", "alpine", "", "")),
        ("alpine:3.20", ("", "alpine", "3.20", "")),
        ("localhost/weaviate:1", ("localhost", "weaviate", "1", "")),
        ("host:5000/a/b/weaviate", ("host:5000", "a/b/weaviate", "", "")),
        ("host:5000/weaviate:1.2@sha256:ab", ("host:5000", "weaviate", "1.2", "sha256:ab")),
        ("semitechnologies/weaviate@sha256:ab", ("", "semitechnologies/weaviate", "", "sha256:ab")),
    ],
)
def test_image_references(image: str, parts: tuple[str, ...]) -> None:
    assert split_image(image) == parts


def test_the_module_needs_no_heavy_library() -> None:
    assert "pandas" not in vars(locate) and "kubernetes" not in vars(locate)
