"""The served test cluster behaves like an API server for real clients and recordings."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.support.served import Access, Reply, Request, ServedCluster, only_namespaces, status

POD = {"metadata": {"name": "w-0", "namespace": "weaviate", "labels": {"app": "weaviate"}}, "spec": {"nodeName": "n1"}}
OTHER = {"metadata": {"name": "x", "namespace": "default", "labels": {"app": "x", "tier": "web"}}, "spec": {}}
SMALL: dict[str, Any] = {
    "/api/v1/pods": {"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": [POD, OTHER]},
    "/apis/apps/v1/statefulsets": {
        "kind": "StatefulSetList",
        "apiVersion": "apps/v1",
        "metadata": {},
        "items": [{"metadata": {"name": "weaviate", "namespace": "weaviate"}}],
    },
}


def call(cluster: ServedCluster, path: str, method: str = "GET", body: Any = None, token: str = "") -> tuple[int, Any]:
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(cluster.url + path, data=data, method=method)
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def names(body: Any) -> list[str]:
    return [item["metadata"]["name"] for item in body["items"]]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/v1/pods", ["w-0", "x"]),
        ("/api/v1/namespaces/weaviate/pods", ["w-0"]),
        ("/api/v1/namespaces/nowhere/pods", []),
        ("/api/v1/pods?fieldSelector=metadata.name%3Dx", ["x"]),
        ("/api/v1/pods?fieldSelector=spec.nodeName%3Dn1,metadata.namespace!%3Ddefault", ["w-0"]),
        ("/api/v1/pods?labelSelector=app%3Dweaviate", ["w-0"]),
        ("/api/v1/pods?labelSelector=app%20in%20(weaviate,x),tier", ["x"]),
        ("/api/v1/pods?labelSelector=!tier", ["w-0"]),
        ("/api/v1/pods?labelSelector=tier!%3Dweb", ["w-0"]),
    ],
)
def test_lists_and_selectors(path: str, expected: list[str]) -> None:
    with ServedCluster(SMALL) as cluster:
        code, body = call(cluster, path)
    assert (code, names(body)) == (200, expected)


def test_a_field_that_a_real_server_does_not_select_by_is_refused() -> None:
    with ServedCluster(SMALL) as cluster:
        code, body = call(cluster, "/api/v1/pods?fieldSelector=spec.color%3Dred")
    assert (code, body["message"]) == (400, "field label not supported: spec.color")


def test_a_single_object_carries_its_kind_which_list_items_do_not() -> None:
    with ServedCluster(SMALL) as cluster:
        code, body = call(cluster, "/apis/apps/v1/namespaces/weaviate/statefulsets/weaviate")
        missing, reason = call(cluster, "/apis/apps/v1/namespaces/weaviate/statefulsets/none")
    assert (code, body["kind"], body["apiVersion"]) == (200, "StatefulSet", "apps/v1")
    assert (missing, reason["reason"]) == (404, "NotFound")


def test_a_kind_the_cluster_does_not_have_is_not_found() -> None:
    with ServedCluster(SMALL) as cluster:
        code, body = call(cluster, "/apis/policy/v1/poddisruptionbudgets")
    assert (code, body["kind"], body["reason"]) == (404, "Status", "NotFound")


def test_paging_yields_the_same_items(recordings: Path) -> None:
    with ServedCluster(recordings / "good") as cluster:
        whole = call(cluster, "/api/v1/pods")[1]
        pages, token = [], ""
        while True:
            body = call(cluster, f"/api/v1/pods?limit=20&continue={token}")[1]
            pages.append(body)
            token = body["metadata"].get("continue", "")
            if not token:
                break
    count = len(whole["items"])
    assert [item for page in pages for item in page["items"]] == whole["items"]
    assert [len(page["items"]) for page in pages] == [20, 20, count - 40]
    assert [page["metadata"].get("remainingItemCount") for page in pages[:2]] == [count - 20, count - 40]
    assert "remainingItemCount" not in pages[-1]["metadata"]


def test_no_remaining_count_with_a_selector() -> None:
    with ServedCluster(SMALL) as cluster:
        metadata = call(cluster, "/api/v1/pods?limit=1&labelSelector=app")[1]["metadata"]
    assert "continue" in metadata
    assert "remainingItemCount" not in metadata


def test_a_token_of_another_list_is_a_bad_request() -> None:
    with ServedCluster(SMALL) as cluster:
        token = call(cluster, "/api/v1/pods?limit=1")[1]["metadata"]["continue"]
        code, body = call(cluster, f"/api/v1/namespaces/weaviate/pods?limit=1&continue={token}")
    assert (code, body["reason"]) == (400, "BadRequest")


@pytest.mark.parametrize("rule", ["pods", "/pods"])
def test_forbidden_by_name(rule: str) -> None:
    with ServedCluster(SMALL, forbidden={rule}) as cluster:
        code, body = call(cluster, "/api/v1/pods")
        allowed_code, _ = call(cluster, "/apis/apps/v1/statefulsets")
    assert (code, body["reason"], allowed_code) == (403, "Forbidden", 200)
    assert 'cannot list resource "pods" in API group "" at the cluster scope' in body["message"]


def test_forbidden_outside_one_namespace() -> None:
    with ServedCluster(SMALL, forbidden=only_namespaces("weaviate")) as cluster:
        assert call(cluster, "/api/v1/pods")[0] == 403
        assert call(cluster, "/api/v1/namespaces/default/pods")[0] == 403
        assert names(call(cluster, "/api/v1/namespaces/weaviate/pods")[1]) == ["w-0"]


@pytest.mark.parametrize(
    ("attributes", "allowed"),
    [
        ({"verb": "list", "resource": "pods"}, False),
        ({"verb": "list", "resource": "statefulsets", "group": "apps"}, True),
        ({"verb": "delete", "resource": "statefulsets", "group": "apps"}, False),
        ({"verb": "list", "resource": "secrets"}, False),
        ({"verb": "list", "resource": "unheard-of"}, False),
    ],
)
def test_access_reviews_agree_with_what_is_forbidden(attributes: dict[str, str], allowed: bool) -> None:
    review = {"kind": "SelfSubjectAccessReview", "spec": {"resourceAttributes": attributes}}
    with ServedCluster(SMALL, forbidden={"pods"}) as cluster:
        code, body = call(cluster, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", "POST", review)
    assert (code, body["status"]) == (201, {"allowed": allowed})
    assert cluster.violations == []


def test_rules_review_lists_what_is_left() -> None:
    review = {"kind": "SelfSubjectRulesReview", "spec": {"namespace": "weaviate"}}
    with ServedCluster(SMALL, forbidden={"pods"}) as cluster:
        body = call(cluster, "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", "POST", review)[1]
    rules = body["status"]["resourceRules"]
    assert rules == [{"verbs": ["get", "list"], "apiGroups": ["apps"], "resources": ["statefulsets"]}]


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/api/v1/secrets", 403),
        ("GET", "/api/v1/namespaces/weaviate/secrets/token", 403),
        ("POST", "/api/v1/namespaces/weaviate/pods", 405),
        ("DELETE", "/api/v1/namespaces/weaviate/pods/w-0", 405),
        ("PATCH", "/api/v1/namespaces/weaviate/pods/w-0", 405),
        ("GET", "/api/v1/namespaces/weaviate/pods/w-0/exec", 405),
        ("POST", "/api/v1/namespaces/weaviate/pods/w-0/exec", 405),
    ],
)
def test_broken_promises_are_refused_and_kept(method: str, path: str, code: int) -> None:
    with ServedCluster(SMALL) as cluster:
        assert call(cluster, path, method)[0] == code
    assert [(request.method, request.path) for request in cluster.violations] == [(method, path)]


def test_requests_are_recorded_without_credentials() -> None:
    with ServedCluster(SMALL, token="right") as cluster:
        assert call(cluster, "/api/v1/pods", token="wrong")[0] == 401
        assert call(cluster, "/api/v1/pods?limit=1", token="right")[0] == 200
    assert [(request.path, request.plural, dict(request.query)) for request in cluster.requests] == [
        ("/api/v1/pods", "pods", {}),
        ("/api/v1/pods", "pods", {"limit": "1"}),
    ]
    assert all("authorization" not in request.headers for request in cluster.requests)
    assert "right" not in repr(cluster.requests)


def test_faults_come_first() -> None:
    def fault(request: Request) -> Reply | None:
        if request.plural == "pods":
            return status(429, "TooManyRequests", "slow down", Retry_After="1")
        return Reply(body={"items": ["cut"] * 100}, cut=10) if request.plural == "statefulsets" else None

    with ServedCluster(SMALL, fault=fault) as cluster:
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{cluster.url}/api/v1/pods", timeout=10)
        with urllib.request.urlopen(f"{cluster.url}/apis/apps/v1/statefulsets", timeout=10) as answer:
            assert answer.read(10) == b'{"items": '
            assert int(answer.headers["Content-Length"]) > 10
    assert (refused.value.code, refused.value.headers["Retry-After"]) == (429, "1")
    refused.value.close()


def test_overlay_replaces_and_removes(recordings: Path) -> None:
    overlay = {"/api/v1/pods": SMALL["/api/v1/pods"], "/apis/policy/v1/poddisruptionbudgets": None}
    with ServedCluster(recordings / "good", overlay=overlay) as cluster:
        assert names(call(cluster, "/api/v1/pods")[1]) == ["w-0", "x"]
        assert call(cluster, "/apis/policy/v1/poddisruptionbudgets")[0] == 404
        assert len(call(cluster, "/api/v1/nodes")[1]["items"]) == 6


def test_what_lies_beside_the_api_is_not_served(recordings: Path) -> None:
    with ServedCluster(recordings / "good") as cluster:
        assert call(cluster, "/prometheus/rules")[0] == 404
        assert call(cluster, "/api/../prometheus/rules")[0] == 404


def test_access_of_paths() -> None:
    assert Access.of("/api/v1/namespaces/weaviate") == Access("", "v1", "namespaces", "", "weaviate", "", "get")
    assert Access.of("/apis/apps/v1/namespaces/a/statefulsets/b/scale") == Access(
        "apps", "v1", "statefulsets", "a", "b", "scale", "get"
    )
    assert Access.of("/apis/apps/v1").resource == ""


def test_the_kubernetes_client_reads_it(served_good: ServedCluster, tmp_path: Path) -> None:
    from kubernetes import client, config

    api = config.new_client_from_config(str(served_good.kubeconfig(tmp_path)))
    raw: Any = client.CoreV1Api(api).list_node(_preload_content=False, limit=4)
    first = json.loads(raw.data)
    assert len(first["items"]) == 4
    assert first["metadata"]["remainingItemCount"] == 2


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not installed")
@pytest.mark.parametrize("source", ["recorded", "made up"])
def test_kubectl_lists_from_it(source: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue("recordings") / "good" if source == "recorded" else SMALL
    with ServedCluster(folder) as cluster:
        config = cluster.kubeconfig(tmp_path)

        def kubectl(*arguments: str) -> list[list[str]]:
            command = ["kubectl", f"--kubeconfig={config}", f"--cache-dir={tmp_path / 'cache'}", "get", *arguments]
            home = {**os.environ, "HOME": str(tmp_path)}
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=home)
            assert done.returncode == 0, done.stderr
            return [line.split() for line in done.stdout.splitlines()]

        pods = kubectl("pods", "-A", "--no-headers", "--chunk-size=10")
        recorded = [item["metadata"] for item in cluster.api.body("/api/v1/pods")["items"]]
        assert [line[:2] for line in pods] == [[metadata["namespace"], metadata["name"]] for metadata in recorded]
        plural = "sts" if source == "recorded" else "statefulset"
        assert kubectl(plural, "-n", "weaviate", "weaviate", "--no-headers")[0][0] == "weaviate"
        if source == "recorded":
            assert len(kubectl("nodes", "--no-headers")) == 6
    assert cluster.violations == []
