"""Files as people make them: encodings, warnings around lists, several lists, YAML of several documents."""

from __future__ import annotations

import gzip
import json
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from readiness_kit.bundles import load, texts
from readiness_kit.errors import UnreadableFileError
from readiness_kit.model import Reason
from tests.support.bundles import LISTS, PODS, SETS, names, of_kubectl, write

NODES = of_kubectl(*LISTS["/api/v1/nodes"]["items"], kind="Node")
STATEFUL_SETS = of_kubectl(*SETS, kind="StatefulSet", api="apps/v1")
WARNING = "Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("first", ["", WARNING])
def test_every_unicode_encoding_is_read(tmp_path: Path, encoding: str, first: str) -> None:
    text = first + json.dumps(STATEFUL_SETS, indent=1).replace("\n", "\r\n")
    found = load(write(tmp_path, **{"sts.json": text.encode(encoding)}))
    assert names(found, "statefulsets") == ["weaviate"] and found.missing("statefulsets") is None


@pytest.mark.parametrize("between", ["", "\n", "\nW1128 10:00:00.000000 memcache.go:265] couldn't get resource list\n"])
def test_several_lists_in_a_file_are_all_read(tmp_path: Path, between: str) -> None:
    text = between.join(json.dumps(document, indent=indent) for document, indent in ((STATEFUL_SETS, 2), (NODES, None)))
    found = load(write(tmp_path, **{"all.json": text.encode()}))
    assert names(found, "statefulsets") == ["weaviate"] and names(found, "nodes") == ["n1", "n2"]


def test_kubectl_errors_in_the_file_are_the_reasons_of_their_kinds(tmp_path: Path) -> None:
    errors = (
        'Error from server (Forbidden): clusterroles.rbac.authorization.k8s.io is forbidden: User "u" cannot list '
        'resource "clusterroles"\nerror: the server doesn\'t have a resource type "podmonitors"\n'
    )
    found = load(write(tmp_path, **{"all.json": (json.dumps(STATEFUL_SETS) + "\n" + errors).encode()}))
    assert found.read("clusterroles").reason is Reason.FORBIDDEN
    assert found.read("podmonitors").reason is Reason.ABSENT


def test_yaml_of_several_documents_is_read(tmp_path: Path) -> None:
    documents = [{"kind": "StatefulSet", "apiVersion": "apps/v1", **SETS[0]}, None, NODES]
    text = "# Source: weaviate/templates/weaviateStatefulset.yaml\n---\n" + yaml.safe_dump_all(documents)
    found = load(write(tmp_path, **{"all.yaml": text.encode()}))
    assert names(found, "statefulsets") == ["weaviate"] and names(found, "nodes") == ["n1", "n2"]


def test_yaml_list_of_kubectl_may_exceed_the_limit_of_one_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = yaml.safe_dump(of_kubectl(*PODS, kind="Pod") | {"kind": "List"})
    monkeypatch.setattr("readiness_kit.documents.MAX_YAML_BYTES", len(text) - 100)
    assert names(load(write(tmp_path, **{"pods.yaml": text.encode()})), "pods") == ["weaviate-0"] or names(
        load(tmp_path), "pods"
    ) == ["shop", "weaviate-0"]


def test_items_of_a_yaml_list_may_share_parts_by_an_alias(tmp_path: Path) -> None:
    shared = {"app": "weaviate"}
    items = [
        {"kind": "Service", "apiVersion": "v1", "metadata": {"name": name, "labels": shared}} for name in ("a", "b")
    ]
    texts_of = [yaml.safe_dump({"apiVersion": "v1", "items": part, "kind": "List"}) for part in (items, SETS)]
    assert "*id001" in texts_of[0]
    found = load(write(tmp_path, **{"all.yaml": "---\n".join([*texts_of, "# end\n"]).encode()}))
    assert names(found, "services") == ["a", "b"] and found.missing("services") is None


@pytest.mark.parametrize("name", ["all.txt", "all", "all.json.txt", "kubectl.log"])
def test_the_output_of_kubectl_may_have_any_name(tmp_path: Path, name: str) -> None:
    body = (WARNING + json.dumps(STATEFUL_SETS, indent=1)).replace("\n", "\r\n").encode("utf-16")
    (tmp_path / name).write_bytes(body)
    assert names(load(tmp_path / name), "statefulsets") == ["weaviate"]


@pytest.mark.parametrize("name", ["all.json.gz", "all.yaml.gz", "all.gz"])
def test_a_single_compressed_file_is_read(tmp_path: Path, name: str) -> None:
    text = yaml.safe_dump(STATEFUL_SETS) if "yaml" in name else json.dumps(STATEFUL_SETS)
    (tmp_path / name).write_bytes(gzip.compress(text.encode()))
    assert names(load(tmp_path / name), "statefulsets") == ["weaviate"]


def test_a_compressed_bomb_is_not_read_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "all.json.gz").write_bytes(gzip.compress(b" " * 30_000_000))
    with pytest.raises(UnreadableFileError, match="exceeds the size limits"):
        load(tmp_path / "all.json.gz")


def test_json_under_a_yaml_name_and_yaml_under_a_json_name(tmp_path: Path) -> None:
    found = load(
        write(
            tmp_path,
            **{"sts.yaml": json.dumps(STATEFUL_SETS).encode(), "nodes.json": yaml.safe_dump(NODES).encode()},
        )
    )
    assert names(found, "statefulsets") == ["weaviate"] and names(found, "nodes") == ["n1", "n2"]


def test_a_file_that_cannot_be_read_is_explained(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=r"supports: pods\.yaml: a document is not valid YAML"):
        load(write(tmp_path, **{"pods.yaml": b"apiVersion: v1\nkind: [\n"}))


def test_numbers_in_manifests_count_as_text(tmp_path: Path) -> None:
    stateful_set = json.loads(json.dumps(SETS[0]))
    container: dict[str, Any] = stateful_set["spec"]["template"]["spec"]["containers"][0]
    container["resources"] = {"requests": {"cpu": 8, "memory": "32Gi"}, "limits": {"cpu": 1.5}}
    found = load(write(tmp_path, **{"sts.yaml": yaml.safe_dump({"kind": "StatefulSet", "apiVersion": "apps/v1"}
                                                               | stateful_set).encode()}))  # fmt: skip
    resources = found.objects("statefulsets")[0].spec.template.spec.containers[0].resources
    assert resources.requests == {"cpu": "8", "memory": "32Gi"} and resources.limits == {"cpu": "1.5"}


def test_time_grows_with_the_size_only() -> None:
    for text in (b"a" * 10, b"[" * 10, b"x is ", b'"\\', b"---\n", b"- ", b"{}\n "):
        seconds = []
        for size in (10_000, 100_000):
            began = time.perf_counter()
            texts.documents(b"!" + text * (size // len(text)))
            seconds.append(time.perf_counter() - began)
        assert seconds[1] < max(15 * seconds[0], 0.5)


INPUTS = Path(__file__).parents[3] / "shared/faults/inputs"


@pytest.mark.skipif(not INPUTS.is_dir(), reason="the collection of faults is not beside this repository")
@pytest.mark.parametrize("name", ["m12-powershell/utf16.json", "m12-powershell/utf8-bom.json", "m9-cluster-info-dump"])
def test_recorded_ways_in(tmp_path: Path, name: str) -> None:
    source = INPUTS / name
    copied = tmp_path / source.name
    shutil.copytree(source, copied) if source.is_dir() else shutil.copy(source, copied)
    assert load(copied).manifest.weaviate_namespaces == ("db",)
