"""Commands and manifests of the catalogue: valid shell, valid objects that select their pods, and no secret."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from typing import Any

import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.fixes.advise import prepare
from readiness_kit.fixes.loading import catalogue
from readiness_kit.fixes.model import Fix, PreparedFix
from readiness_kit.model import Settings
from tests.support.asked import backup, stored
from tests.support.findings import demonstration
from tests.support.fixes import due, sound
from tests.support.kubernetes_types import strange_fields

FIXES = list(catalogue().values())
TYPES = {("batch/v1", "CronJob"): "V1CronJob", ("v1", "Service"): "V1Service"}
CLUSTER_WIDE = re.compile(
    r"^[a-z]+ (--\S+ )*(nodes?|namespaces?|pv|persistentvolumes?\b|csidrivers?|volumesnapshotclass(es)?|storageclass"
    r"|cluster|\S*webhook|<)|^(apply|replace|create) -f|^auth can-i|^version"
)
"""Calls for objects without a namespace, or for files that name it."""
NAMESPACED = re.compile(r"(^| )(-n|--namespace|-A|--all-namespaces)\b")
BACKUPS = {"ENABLE_MODULES": "backup-s3", "BACKUP_S3_BUCKET": "backups"}


def texts(fix: PreparedFix) -> list[str]:
    return [*fix.before, *fix.commands, *fix.verify]


def on_demonstration(fix: Fix) -> PreparedFix:
    return prepare(fix, ClusterFacts(demonstration()), Settings())


def scheduled() -> PreparedFix:
    return due(sound(env=BACKUPS, answers=stored(backup("b", 100))))["backups.schedule"]


def headless() -> PreparedFix:
    return due(sound(spec={"serviceName": "members"}, chart=False))["cluster.service"]


@pytest.mark.parametrize("fix", FIXES, ids=lambda fix: fix.id)
def test_commands_are_valid_shell(fix: Fix) -> None:
    for text in texts(on_demonstration(fix)):
        filled = re.sub(r"<([a-z][a-z_ -]*)>", r"\1", text)
        result = subprocess.run(["bash", "-n"], input=filled, text=True, capture_output=True, check=False)
        assert result.returncode == 0, f"{text}: {result.stderr}"


@pytest.mark.parametrize("fix", FIXES, ids=lambda fix: fix.id)
def test_commands_carry_no_key_and_name_their_namespace(fix: Fix) -> None:
    for text in texts(on_demonstration(fix)):
        for line in text.replace("\\\n", " ").splitlines():
            kubectl = re.search(r"^(?:[^#]*[|&] )?kubectl (?P<rest>.*)", line)
            if kubectl and not CLUSTER_WIDE.search(kubectl["rest"]):
                assert NAMESPACED.search(kubectl["rest"]), line
        for key in re.findall(r"Bearer (\S+?)\"", text):
            assert key.startswith("$")


@pytest.mark.parametrize("make", [scheduled, headless], ids=lambda make: make.__name__)
def test_manifests_are_valid_objects_in_the_namespace(make: Any) -> None:
    fix: PreparedFix = make()
    assert not fix.decisions
    for manifest in fix.manifests:
        assert list(strange_fields(manifest, TYPES[manifest["apiVersion"], manifest["kind"]])) == []
        assert manifest["metadata"]["namespace"] == "weaviate"
        assert "<" not in json.dumps(manifest).replace("<<", "")


def test_the_headless_service_selects_exactly_the_pods() -> None:
    (manifest,) = headless().manifests
    facts = sound(spec={"serviceName": "members"}, chart=False)
    selector: Mapping[str, str] = manifest["spec"]["selector"]
    selected = [pod for pod in facts.objects("pods") if selector.items() <= pod.metadata.labels.items()]
    assert selector and selected == list(facts.weaviate.pods)
    assert manifest["metadata"]["name"] == "members" and manifest["spec"]["clusterIP"] == "None"
    assert manifest["spec"]["ports"][0]["port"] == 7000


def test_the_backup_job_asks_for_a_backup_and_fails_with_it() -> None:
    (manifest,) = scheduled().manifests
    container = manifest["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
    (script,) = container["args"]
    assert container["env"][0]["value"] == "http://weaviate.weaviate.svc/v1/backups/s3"
    assert container["env"][1]["valueFrom"]["secretKeyRef"] == {"name": "weaviate-backup-key", "key": "apikey"}
    assert manifest["spec"]["schedule"] == "0 2 * * *"
    assert "-X POST" in script and re.search(r"FAILED.*CANCELED.*exit 1", script)
    assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0
