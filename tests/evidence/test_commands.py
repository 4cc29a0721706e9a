"""The command beside each line: what it is, that the shell takes it apart as meant, and that it changes nothing."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from readiness_kit.checklist import load_checklist
from readiness_kit.evidence import REGISTRY, evaluate
from readiness_kit.evidence.commands import command, with_queries
from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds.sources import SOURCES
from readiness_kit.model import Check, Observation, Profile, Reason, Ref, Settings
from readiness_kit.serve import ServedSnapshot
from scripts.demo.make import build

SET = Ref("StatefulSet", "weaviate", "search")
KEY = '-H "Authorization: Bearer $WEAVIATE_API_KEY" '


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (
            Observation(SET, "spec.replicas", "3", source="statefulsets"),
            "kubectl -n search get statefulsets.apps weaviate -o 'jsonpath={.spec.replicas}'",
        ),
        (
            Observation(SET, "terminationGracePeriodSeconds", "600", source="statefulsets"),
            "kubectl -n search get statefulsets.apps weaviate -o "
            "'jsonpath={.spec.template.spec.terminationGracePeriodSeconds}'",
        ),
        (
            Observation(SET, "updateStrategy.type", "x", source="statefulsets"),
            "kubectl -n search get statefulsets.apps weaviate -o 'jsonpath={.spec.updateStrategy.type}'",
        ),
        (
            Observation(SET, "env GOMEMLIMIT", "7GiB", source="statefulsets"),
            "kubectl -n search get statefulsets.apps weaviate -o "
            """'jsonpath={.spec.template.spec.containers[*].env[?(@.name=="GOMEMLIMIT")]}'""",
        ),
        (
            Observation(Ref("Pod", "weaviate-0", "search"), "init container sysctl: privileged", "true", source="pods"),
            "kubectl -n search get pods weaviate-0 -o "
            """'jsonpath={.spec.initContainers[?(@.name=="sysctl")].securityContext.privileged}'""",
        ),
        (
            Observation(SET, "livenessProbe", "x", source="statefulsets"),
            "kubectl -n search get statefulsets.apps weaviate -o "
            "'jsonpath={.spec.template.spec.containers[*].livenessProbe}'",
        ),
        (
            Observation(
                Ref("Namespace", "search"), "label pod-security.kubernetes.io/enforce", "x", source="namespaces"
            ),
            "kubectl get namespaces search -o 'jsonpath={.metadata.labels.pod-security\\.kubernetes\\.io/enforce}'",
        ),
        (
            Observation(Ref("StorageClass", "gp3"), "allowVolumeExpansion", "true", source="storageclasses"),
            "kubectl get storageclasses.storage.k8s.io gp3 -o 'jsonpath={.allowVolumeExpansion}'",
        ),
        (
            Observation(SET, "pods an update takes at once", "1", source="statefulsets"),
            "kubectl -n search get statefulsets.apps weaviate -o yaml",
        ),
        # A line about the workload that follows from a list of other objects: the list.
        (
            Observation(SET, "ready endpoints", "3", source="endpointslices"),
            "kubectl -n search get endpointslices.discovery.k8s.io",
        ),
        (
            Observation(Ref("CustomResourceDefinition", "a.b"), "object", "x", source="customresourcedefinitions"),
            "kubectl get customresourcedefinitions.apiextensions.k8s.io a.b -o name",
        ),
        (Observation(SET, "names", "x", source="kubernetes/apis"), "kubectl get --raw /apis"),
        (
            Observation(SET, "copies", "3", source="weaviate/nodes_verbose"),
            f'curl -s {KEY}"$WEAVIATE_URL/v1/nodes?output=verbose"',
        ),
        (
            Observation(Ref("Collection", "Books"), "replicationConfig.factor", "3", source="weaviate/schema"),
            f'curl -s {KEY}"$WEAVIATE_URL/v1/schema/Books"',
        ),
        (
            Observation(SET, "anonymous access", "401", source="weaviate/probe"),
            """curl -s -o /dev/null -w '%{http_code}\\n' "$WEAVIATE_URL/v1/meta\"""",
        ),
        (Observation(SET, "live", "200", source="weaviate/live"), 'curl -s "$WEAVIATE_URL/v1/.well-known/live"'),
        (
            Observation(SET, "queue_size", "0", source="prometheus/weaviate"),
            """curl -s -G "$PROMETHEUS_URL/api/v1/query" --data-urlencode """
            """'query=sum(queue_size{namespace="search",pod=~"weaviate-.*"})'""",
        ),
        (
            Observation(Ref("Prometheus", "rules"), "alert rules", "3", source="prometheus/rules"),
            'curl -s "$PROMETHEUS_URL/api/v1/rules?type=alert"',
        ),
        (Observation(SET, "what nobody can see", "x"), ""),
    ],
    ids=lambda value: value.field if isinstance(value, Observation) else "",
)
def test_commands(fact: Observation, expected: str) -> None:
    assert command(fact) == expected


def test_of_a_variable_with_a_secret_only_the_name_is_shown() -> None:
    shown = command(Observation(SET, "container weaviate: env OPENAI_APIKEY", "a literal", source="statefulsets"))
    assert shown.endswith("""[?(@.name=="OPENAI_APIKEY")].name}'""")


@pytest.mark.parametrize("name", ["a; rm -rf /", "$(reboot)", "it's", "`id`", "a b", '"x"', "--all"])
def test_names_cannot_leave_their_word(name: str) -> None:
    """Names come from a cluster, so whatever stands in them has to stay one word of the shell."""
    for source, kind in (("statefulsets", "StatefulSet"), ("weaviate/schema", "Collection")):
        words = shlex.split(command(Observation(Ref(kind, name, "search"), "spec.replicas", "3", source=source)))
        assert [word for word in words if name in word] and len([word for word in words if name in word]) == 1, words
        assert words[0] in ("kubectl", "curl")
    hostile = command(Observation(Ref("StatefulSet", "w", name), "queue_size", "0", source="prometheus/weaviate"))
    assert len(shlex.split(hostile)) == 6


@pytest.fixture(scope="module")
def lines() -> list[Observation]:
    questions = load_checklist(profile=Profile.EXTENDED).questions
    return [
        check for finding in evaluate(ClusterFacts(build()), Settings(), questions).values() for check in finding.facts
    ]


def test_every_line_of_the_demonstration_that_was_read_has_a_command(lines: list[Observation]) -> None:
    assert len(lines) > 150
    without = {(fact.source, fact.field) for fact in lines if fact.source and not command(fact)}
    assert not without


def test_no_command_writes_or_holds_a_credential(lines: list[Observation]) -> None:
    for fact in lines:
        words = shlex.split(command(fact)) or ["kubectl", "get"]
        if words[0] == "kubectl":
            assert "get" in words and not {"delete", "apply", "patch", "exec", "edit"} & set(words)
        else:
            assert words[0] == "curl" and not {"-X", "--request", "-d", "--data"} & set(words)
            assert "Bearer" not in command(fact) or "Bearer $WEAVIATE_API_KEY" in command(fact)


def test_every_source_that_evidence_reads_has_a_command() -> None:
    """By a plain word as field: lines of other rooms use words of their own."""
    read = {key for entry in REGISTRY.values() for key in entry.reads if key in SOURCES}
    assert {key for key in read if not command(Observation(SET, "some words", "x", source=key))} == set()


def test_the_query_that_was_sent_travels_with_the_line() -> None:
    """Series whose labels are renamed are asked for by other names than the usual ones."""
    sent = {"queue_size": 'sum by (exported_pod) (queue_size{exported_namespace="search"})', "oom_7d": "x"}
    check = Check(SET, "queue_size", "0", source="prometheus/weaviate")
    (found,) = with_queries([check], lambda source: sent)
    assert found.query == sent["queue_size"] and shlex.split(command(found))[-1] == f"query={found.query}"
    # A line about something else of this source, or of another source, has none of them.
    others = [Check(SET, "words", "0", source="prometheus/weaviate"), Check(SET, "x", "0", source="prometheus/rules")]
    assert [check.query for check in with_queries(others, lambda source: sent)] == ["", ""]


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not installed")
def test_every_kubectl_command_of_the_demonstration_works(lines: list[Observation], tmp_path: Path) -> None:
    snapshot = build()
    commands = {command(fact): fact.source for fact in lines if command(fact).startswith("kubectl")}
    assert len(commands) > 40 and any(line.endswith(" -A") for line in commands)
    with ServedSnapshot(snapshot) as served:
        environment = {**os.environ, "KUBECONFIG": str(served.kubeconfig(tmp_path)), "HOME": str(tmp_path)}

        def run(line: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                shlex.split(line), capture_output=True, text=True, timeout=120, env=environment, check=False
            )

        run("kubectl api-resources")  # fills the cache of discovery
        with ThreadPoolExecutor(4) as pool:
            failed = {
                line: done.stderr
                for line, done in zip(commands, pool.map(run, commands), strict=True)
                # Of a tool that is not installed there is nothing to list; a refused list is refused again.
                if done.returncode and snapshot.read(commands[line]).reason not in (Reason.ABSENT, Reason.FORBIDDEN)
            }
    # Every cluster has this Service; the snapshot has those of Weaviate's namespaces only.
    failed.pop("kubectl -n default get services kubernetes -o yaml", None)
    assert not failed
