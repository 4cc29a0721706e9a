"""What is applied to a cluster: valid by the Kubernetes API's own models, restricted, and no more rights than used."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from kubernetes import client

from readiness_kit._version import __version__
from readiness_kit.cli import main

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"
FILES = ("rbac.yaml", "cronjob.yaml", "indexed-job.yaml")
MODELS = {
    ("v1", "Namespace"): "V1Namespace",
    ("v1", "ServiceAccount"): "V1ServiceAccount",
    ("v1", "PersistentVolumeClaim"): "V1PersistentVolumeClaim",
    ("batch/v1", "CronJob"): "V1CronJob",
    ("batch/v1", "Job"): "V1Job",
    ("rbac.authorization.k8s.io/v1", "ClusterRole"): "V1ClusterRole",
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"): "V1ClusterRoleBinding",
}
PLAIN = {"str": str, "int": int, "bool": bool, "float": (int, float), "datetime": (str, datetime), "object": object}


def documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((DEPLOY / name).read_text(encoding="utf-8")))


def faults(value: Any, kind: str, where: str) -> list[str]:
    """What the API server would refuse: unknown fields, values of another type, required fields that are missing.

    Types are written `list[str]` and `dict(str, str)` by older clients, `List[str]` and `Dict[str, str]` by newer.
    """
    if listed := re.fullmatch(r"[Ll]ist\[(.+)\]", kind):
        if not isinstance(value, list):
            return [f"{where}: no list"]
        return [fault for place, one in enumerate(value) for fault in faults(one, listed[1], f"{where}[{place}]")]
    if mapped := re.fullmatch(r"[Dd]ict[(\[](.+?), ?(.+)[)\]]", kind):
        if not isinstance(value, dict):
            return [f"{where}: no mapping"]
        return [fault for key, one in value.items() for fault in faults(one, mapped[2], f"{where}.{key}")]
    if kind in PLAIN:
        right = isinstance(value, PLAIN[kind]) and not (kind in ("int", "str") and isinstance(value, bool))
        return [] if right else [f"{where}: {value!r} is no {kind}"]
    model = getattr(client, kind)
    if not isinstance(value, dict):
        return [f"{where}: {value!r} is no {kind}"]
    names = {json: python for python, json in model.attribute_map.items()}
    found = [f"{where}: unknown field {key}" for key in value if key not in names]
    for key, one in value.items():
        if key in names:
            found += faults(one, model.openapi_types[names[key]], f"{where}.{key}")
    try:
        given = {names[key]: one for key, one in value.items() if key in names}
        model(**given)
    except ValueError as problem:
        found.append(f"{where}: {' '.join(str(problem).split())[:200]}")
    return found


@pytest.mark.parametrize("name", FILES)
def test_manifests_are_valid_by_the_api(name: str) -> None:
    for document in documents(name):
        model = MODELS[document["apiVersion"], document["kind"]]
        assert faults(document, model, document["kind"]) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda job: job["spec"].update(completionsMode="Indexed"), "Job.spec: unknown field completionsMode"),
        (lambda job: job["spec"].update(completions="3"), "Job.spec.completions: '3' is no int"),
        (lambda job: job["spec"].pop("template"), "template"),
        (lambda job: job["spec"].update(suspend="no"), "Job.spec.suspend: 'no' is no bool"),
    ],
)
def test_the_validation_finds_faults(change: Any, fault: str) -> None:
    job = documents("indexed-job.yaml")[1]
    change(job)
    assert any(fault in one for one in faults(job, "V1Job", "Job"))
    assert faults(documents("indexed-job.yaml")[1], "V1Job", "Job") == []


def test_the_role_is_what_rbac_prints() -> None:
    printed = CliRunner().invoke(
        main, ["rbac", "--profile", "extended", "--serviceaccount", "readiness-kit/readiness-kit"]
    )
    assert printed.exit_code == 0
    shipped = [document for document in documents("rbac.yaml") if document["kind"].startswith("ClusterRole")]
    assert shipped == list(yaml.safe_load_all(printed.output)), "run deploy/generate"


def test_the_role_only_lists_and_never_secrets() -> None:
    role = next(document for document in documents("rbac.yaml") if document["kind"] == "ClusterRole")
    assert {verb for rule in role["rules"] for verb in rule["verbs"]} == {"list"}
    assert not [rule for rule in role["rules"] if {"secrets", "*"} & set(rule["resources"]) or "*" in rule["apiGroups"]]


def pod_specs() -> list[tuple[str, dict[str, Any]]]:
    found = []
    for name in FILES:
        for document in documents(name):
            spec = document.get("spec", {})
            spec = spec.get("jobTemplate", {}).get("spec", spec)
            if "template" in spec:
                found.append((document["metadata"]["name"], spec["template"]["spec"]))
    return found


def test_there_are_three_kinds_of_pods() -> None:
    assert [name for name, _ in pod_specs()] == ["readiness-kit", "readiness-fleet", "readiness-fleet-overview"]


@pytest.mark.parametrize(("name", "spec"), pod_specs(), ids=[name for name, _ in pod_specs()])
def test_pods_fit_the_restricted_standard(name: str, spec: dict[str, Any]) -> None:
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in [*spec.get("initContainers", []), *spec["containers"]]:
        own = container["securityContext"]
        assert own["allowPrivilegeEscalation"] is False and own["readOnlyRootFilesystem"] is True
        assert own["capabilities"] == {"drop": ["ALL"]}
        assert container["image"].endswith(f":{__version__}")
        assert container["resources"]["limits"]["memory"] and container["resources"]["requests"]
        mounted = {mount["name"] for mount in container["volumeMounts"]}
        assert {"data", "tmp"} <= mounted <= {volume["name"] for volume in spec["volumes"]}


@pytest.mark.parametrize(("name", "spec"), pod_specs(), ids=[name for name, _ in pod_specs()])
def test_the_commands_exist_and_take_what_they_are_given(name: str, spec: dict[str, Any]) -> None:
    """Every `readiness …` in a manifest: the command is there, and so is each of its options."""
    lines = []
    for container in [*spec.get("initContainers", []), *spec["containers"]]:
        given = container["args"]
        lines += re.findall(r"readiness ([a-z][^\n]*)", given[0]) if "command" in container else [" ".join(given)]
    assert lines
    for line in lines:
        word, *rest = line.split()
        command = main.commands[word]
        known = {option for parameter in command.params for option in parameter.opts}
        assert {option for option in rest if option.startswith("--")} <= known


def test_the_image_installs_with_constraints_and_runs_without_root() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    assert "pip install --constraint constraints.txt ." in text and (ROOT / "constraints.txt").is_file()
    assert re.search(r"^USER 65532:65532$", text, re.MULTILINE) and 'ENTRYPOINT ["readiness"]' in text
