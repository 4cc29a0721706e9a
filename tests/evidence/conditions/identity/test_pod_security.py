"""The containers of the Weaviate pods against the restricted Pod Security Standard."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.model import Outcome, Reason
from tests.support.asked import ask
from tests.support.cluster import cluster, merged, of, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
CONTAINERS = "sec.container_defaults"
HARD_POD = {"securityContext": {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}}
HARD = {
    "securityContext": {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
}
ENFORCED = """
    kind: Namespace
    metadata: {name: weaviate, labels: {pod-security.kubernetes.io/enforce: restricted}}
"""
SYSCTL = {
    "name": "configure-sysctl",
    "image": "docker.io/alpine:latest",
    "securityContext": {"privileged": True, "runAsUser": 0},
}


@pytest.mark.parametrize(
    ("pod", "container", "outcome", "text"),
    [
        pytest.param(HARD_POD, HARD, MET, "", id="restricted"),
        pytest.param({}, {}, NOT_MET, "runs as root, and nothing limits", id="the chart's default"),
        pytest.param({}, HARD, PARTLY, "runs as root, though without any capability", id="root without capabilities"),
        pytest.param({"runtimeClassName": "gvisor"}, {}, PARTLY, "gvisor isolates it", id="root in a sandbox"),
        pytest.param(
            HARD_POD,
            {},
            PARTLY,
            "restricted forbids: Privilege Escalation (container weaviate)",
            id="not root, capabilities left",
        ),
        pytest.param({**HARD_POD, "hostNetwork": True}, HARD, NOT_MET, "hostNetwork", id="the node's network"),
        pytest.param({**HARD_POD, "hostPID": True}, HARD, NOT_MET, "hostPID", id="the node's processes"),
        pytest.param(
            {**HARD_POD, "volumes": [{"name": "v", "hostPath": {"path": "/data"}}]},
            HARD,
            NOT_MET,
            "/data",
            id="hostPath",
        ),
        pytest.param(
            HARD_POD,
            {"securityContext": {"privileged": True}},
            NOT_MET,
            "baseline forbids: Privileged Containers",
            id="privileged",
        ),
        pytest.param(
            HARD_POD,
            {
                "securityContext": {
                    **HARD["securityContext"],
                    "capabilities": {"drop": ["ALL"], "add": ["CAP_SYS_ADMIN"]},
                }
            },
            NOT_MET,
            "SYS_ADMIN",
            id="a dangerous capability, by its long name",
        ),
        pytest.param(
            HARD_POD,
            {
                "securityContext": {
                    **HARD["securityContext"],
                    "capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]},
                }
            },
            MET,
            "",
            id="a harmless capability",
        ),
        pytest.param(
            {**HARD_POD, "initContainers": [SYSCTL]},
            HARD,
            PARTLY,
            "(init container configure-sysctl), which ends before",
            id="sysctl",
        ),
        pytest.param(
            {**HARD_POD, "initContainers": [{**SYSCTL, "restartPolicy": "Always"}]},
            HARD,
            NOT_MET,
            "Privileged Containers (init container configure-sysctl).",
            id="a privileged container that keeps running",
        ),
        pytest.param(
            HARD_POD,
            {**HARD, "image": "cr.weaviate.io/semitechnologies/weaviate:latest"},
            PARTLY,
            "a pinned image",
            id="latest",
        ),
        pytest.param(
            {**HARD_POD, "securityContext": {**HARD_POD["securityContext"], "seccompProfile": {"type": "Unconfined"}}},
            HARD,
            NOT_MET,
            "baseline forbids: Seccomp (pod)",
            id="seccomp off",
        ),
        pytest.param(
            HARD_POD,
            {**HARD, "ports": [{"containerPort": 8080, "hostPort": 80}]},
            PARTLY,
            "Host Ports (container weaviate: 80)",
            id="hostPort",
        ),
    ],
)
def test_containers(pod: dict[str, Any], container: dict[str, Any], outcome: Outcome, text: str) -> None:
    finding = ask(CONTAINERS, cluster(weaviate(pod=pod, container=container), ENFORCED))
    assert finding.outcome is outcome
    assert text in finding.sentence
    assert [check.field for check in finding.facts if check.ok and check.message] == []


@pytest.mark.parametrize(
    ("level", "outcome"), [("restricted", MET), ("baseline", MET), ("privileged", PARTLY), ("", PARTLY)]
)
def test_namespace_label_decides_whether_a_standard_is_enforced(level: str, outcome: Outcome) -> None:
    labels = (
        {"pod-security.kubernetes.io/enforce": level} if level else {"pod-security.kubernetes.io/warn": "restricted"}
    )
    space = {"kind": "Namespace", "metadata": {"name": "weaviate", "labels": labels}}
    assert ask(CONTAINERS, cluster(weaviate(pod=HARD_POD, container=HARD), space)).outcome is outcome


def test_trap_35_container_overrides_pod() -> None:
    root = {"securityContext": {**HARD["securityContext"], "runAsUser": 0, "runAsNonRoot": False}}
    finding = ask(CONTAINERS, cluster(weaviate(pod=HARD_POD, container=root), ENFORCED))
    assert finding.outcome is PARTLY and "runs as root" in finding.sentence


def test_trap_35_openshift_scc_sets_the_user() -> None:
    objects = weaviate()
    for pod in of(objects, "Pod"):
        pod["metadata"]["annotations"] = {"openshift.io/scc": "restricted-v2"}
    assert ask(CONTAINERS, cluster(objects, ENFORCED)).outcome is PARTLY  # the rest is still missing
    for pod in of(objects, "Pod"):
        pod["metadata"]["annotations"] = {"openshift.io/scc": "anyuid"}
    assert ask(CONTAINERS, cluster(objects, ENFORCED)).outcome is NOT_MET


def test_running_pods_decide_over_a_changed_template() -> None:
    objects = weaviate(pod=HARD_POD, container=HARD)
    last = of(objects, "Pod", "weaviate-2")[0]
    last["spec"]["containers"][0]["securityContext"] = {}
    last["spec"]["securityContext"] = {}
    finding = ask(CONTAINERS, cluster(objects, ENFORCED))
    assert finding.outcome is NOT_MET
    assert {fact.ref.name for fact in finding.facts if fact.ok is False} == {"weaviate-2"}


@pytest.mark.parametrize("refused", ["pods", "namespaces"])
def test_containers_without_permission_are_unknown(refused: str) -> None:
    hard = ask(CONTAINERS, cluster(weaviate(pod=HARD_POD, container=HARD), ENFORCED, forbidden=(refused,)))
    assert (hard.outcome, hard.reason, hard.missing) == (UNKNOWN, Reason.FORBIDDEN, (refused,))
    assert ask(CONTAINERS, cluster(weaviate(), forbidden=(refused,))).outcome is NOT_MET


def test_custom_image_may_set_a_user() -> None:
    finding = ask(CONTAINERS, cluster(weaviate(image="registry.example.com/db/weaviate:1.38.2"), ENFORCED))
    assert finding.outcome is PARTLY and "its image decides" in finding.sentence


def hard(container: dict[str, Any] | None = None, pod: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """A hardened Weaviate, with changes to the security context of its container and to the pod."""
    context = HARD["securityContext"] | (container or {})
    return weaviate(pod=merged(HARD_POD, pod), container={"securityContext": context})


@pytest.mark.parametrize(
    ("objects", "outcome", "control"),
    [
        (hard({"capabilities": {"drop": ["ALL"], "add": ["SYS_PTRACE"]}}), NOT_MET, "Capabilities (container weaviate"),
        (hard({"capabilities": {"drop": ["ALL"], "add": ["CHOWN"]}}), PARTLY, "restricted forbids: Capabilities"),
        (hard({"capabilities": {"drop": ["all"]}}), PARTLY, "restricted forbids: Capabilities"),
        (hard({"capabilities": {"drop": ["NET_RAW"]}}), PARTLY, "restricted forbids: Capabilities"),
        (hard({"appArmorProfile": {"type": "Unconfined"}}), NOT_MET, "baseline forbids: AppArmor"),
        (hard({"seLinuxOptions": {"type": "spc_t"}}), NOT_MET, "baseline forbids: SELinux"),
        (hard({"procMount": "Unmasked"}), NOT_MET, "baseline forbids: /proc Mount Type"),
        (hard({"windowsOptions": {"hostProcess": True}}), NOT_MET, "baseline forbids: HostProcess"),
        (hard({"runAsNonRoot": False}), PARTLY, "restricted forbids: Running as Non-root (container weaviate)"),
        (hard({"procMount": "Unmasked"}, {"hostUsers": False}), PARTLY, "restricted forbids: /proc Mount Type"),
        (hard({"runAsUser": 0, "runAsNonRoot": False}, {"hostUsers": False}), MET, ""),
        (
            hard(pod={"securityContext": {"sysctls": [{"name": "net.core.somaxconn", "value": "1024"}]}}),
            NOT_MET,
            "baseline forbids: Sysctls (pod: net.core.somaxconn)",
        ),
        (
            hard(pod={"securityContext": {"sysctls": [{"name": "net.ipv4.tcp_keepalive_time", "value": "600"}]}}),
            MET,
            "",
        ),
        (
            hard(pod={"volumes": [{"name": "share", "nfs": {"server": "x"}}]}),
            PARTLY,
            "restricted forbids: Volume Types",
        ),
        (
            hard(pod={"ephemeralContainers": [{"name": "debug", "image": "busybox:1.37"}]}),
            PARTLY,
            "Privilege Escalation (ephemeral container debug)",
        ),
        (
            hard(pod={"ephemeralContainers": [{"name": "d", "image": "b:1", "securityContext": {"privileged": True}}]}),
            NOT_MET,
            "Privileged Containers (ephemeral container d)",
        ),
    ],
)
def test_every_control_of_the_standards_is_judged_and_named(
    objects: list[dict[str, Any]], outcome: Outcome, control: str
) -> None:
    finding = ask(CONTAINERS, cluster(objects, ENFORCED))
    assert finding.outcome is outcome and control in finding.sentence, finding.sentence


def test_an_openshift_constraint_that_forbids_root_is_an_enforced_standard() -> None:
    objects = hard(pod={"securityContext": {"runAsNonRoot": None, "runAsUser": None}})
    for pod in of(objects, "Pod"):
        pod["metadata"]["annotations"] = {"openshift.io/scc": "restricted-v2"}
        pod["spec"]["securityContext"] |= {"runAsUser": 1000650000, "fsGroup": 1000650000}
    finding = ask(CONTAINERS, cluster(objects))
    assert finding.outcome is MET, finding.sentence
    seen = {fact.field: fact.seen for fact in finding.facts}
    assert seen["annotation openshift.io/scc"] == "restricted-v2"
    assert seen["securityContext.fsGroup"] == "1000650000"


@pytest.mark.parametrize(
    ("change", "ready", "outcome", "seen"),
    [
        ({"fsGroup": 1000}, "False", MET, "1000"),
        ({}, "True", MET, "not set: a new volume belongs to root, and Weaviate may not write to it"),
        ({}, "False", PARTLY, "not set"),
    ],
)
def test_another_user_without_a_group_of_the_volume_may_not_write(
    change: dict[str, Any], ready: str, outcome: Outcome, seen: str
) -> None:
    objects = hard(pod={"securityContext": change})
    for pod in of(objects, "Pod"):
        pod["status"]["conditions"][0]["status"] = ready
    finding = ask(CONTAINERS, cluster(objects, ENFORCED))
    assert finding.outcome is outcome
    assert next(fact for fact in finding.facts if "fsGroup" in fact.field).seen.startswith(seen)
    assert ("Weaviate may not write to it" in finding.sentence) is (outcome is PARTLY)


APPARMOR = "container.apparmor.security.beta.kubernetes.io/"


@pytest.mark.parametrize(
    ("container", "profile", "outcome"),
    [
        ("weaviate", "runtime/default", MET),
        ("weaviate", "localhost/weaviate-profile", MET),
        ("weaviate", "unconfined", NOT_MET),
        ("sidecar", "unconfined", NOT_MET),
        ("weaviate", "docker-default", NOT_MET),
    ],
)
def test_the_annotation_of_an_apparmor_profile_counts_as_its_field(
    container: str, profile: str, outcome: Outcome
) -> None:
    made = weaviate(pod=HARD_POD, container=HARD)
    for pod in of(made, "Pod"):
        pod["metadata"].setdefault("annotations", {})[APPARMOR + container] = profile
    finding = ask(CONTAINERS, cluster(made, ENFORCED))
    assert finding.outcome is outcome, finding.sentence
    by = "container weaviate" if container == "weaviate" else "pod"
    assert outcome is MET or f"baseline forbids: AppArmor ({by})" in finding.sentence


def test_of_an_apparmor_annotation_only_the_sort_of_profile_is_kept() -> None:
    annotations = {APPARMOR + "weaviate": "localhost/BLUE-HORSE", APPARMOR + "b": "BLUE-HORSE", APPARMOR + "../x": "y"}
    made = weaviate(template_metadata={"annotations": annotations})
    kept = cluster(made).weaviate.pod_annotations
    assert kept == {APPARMOR + "weaviate": "localhost/profile", APPARMOR + "b": "unknown"}
