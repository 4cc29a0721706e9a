"""How changes and failures are rehearsed: canaries, test environments, failovers and restarts that were survived."""

from __future__ import annotations

import re
from collections.abc import Iterable

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.kubernetes.images import Image
from readiness_kit.kinds.pods import Pod
from readiness_kit.kinds.versions import Version
from readiness_kit.kinds.workloads import StatefulSet
from readiness_kit.locate import Candidate
from readiness_kit.model import Check, Outcome, Reason, Ref

PARTLY = Outcome.PARTLY
ENVIRONMENT = re.compile(
    r"(?:^|[-_./])(?:dev|devel|development|tests?|testing|tst|stage|staging|stg|qa|uat|acc|acceptance|sandbox|int"
    r"|integration|e2e|(?:pre|non)-?prod(?:uction)?)\d{0,4}(?:$|[-_./])",
    re.IGNORECASE,
)
POOLS = (
    "eks.amazonaws.com/nodegroup",
    "cloud.google.com/gke-nodepool",
    "kubernetes.azure.com/agentpool",
    "agentpool",
    "karpenter.sh/nodepool",
)
HISTORY = "prometheus/history"


def _other_workloads(facts: ClusterFacts) -> list[Candidate]:
    return [candidate for candidate in facts.candidates if candidate.accepted and candidate.target != facts.target]


def _subject(candidate: Candidate, source: str = "statefulsets") -> Subject:
    target = candidate.target
    return Subject(Ref(target.kind, target.name, target.namespace), source)


def environments(facts: ClusterFacts) -> list[Check]:
    """Q13: a further Weaviate that is named as a test environment, of the same minor version or a newer one."""
    own, checks = facts.weaviate.version, []
    for candidate in _other_workloads(facts):
        on, target = _subject(candidate), candidate.target
        if not (ENVIRONMENT.search(target.namespace) or ENVIRONMENT.search(target.name)):
            checks.append(on.info("another Weaviate", candidate.image))
            continue
        version = Image.parse(candidate.image).weaviate_release
        message = f"{target.namespace}/{target.name} runs {version or 'an unknown version'}, not {own or 'the same'}."
        expected, ok = f"{own or 'the same'} or newer", _not_older(version, own)
        fix = "environment.version"
        checks.append(on.check("version", candidate.image, expected, ok, message=message, on_failure=PARTLY, fix=fix))
        checks.append(_separate_nodes(facts, candidate))
    return checks


def _not_older(version: Version | None, own: Version | None) -> bool:
    return version is not None and own is not None and (version.major, version.minor) >= (own.major, own.minor)


def _separate_nodes(facts: ClusterFacts, candidate: Candidate) -> Check:
    """On its own node pool, so that a test cannot starve production."""
    target, on = candidate.target, _subject(candidate, "nodes")
    pods = [
        pod
        for pod in facts.objects("pods")
        if pod.metadata.namespace == target.namespace and pod.metadata.name.startswith(f"{target.name}-")
    ]
    field, expected = "node pool", "separate"
    pools, own = _pools(facts, pods), _pools(facts, facts.weaviate.pods)
    if not pools or not own:
        message = f"Whether {target.namespace}/{target.name} shares nodes with this Weaviate could not be read."
        reason = facts.missing("nodes") or facts.missing("pods") or Reason.NOT_OBSERVABLE
        return on.unread(field, expected, reason, message=message)
    message = f"{target.namespace}/{target.name} runs on the same node pool as this Weaviate."
    seen, ok, fix = ", ".join(sorted(pools)), not pools & own, "environment.nodes"
    return on.check(field, seen, expected, ok, message=message, on_failure=PARTLY, fix=fix)


def _pools(facts: ClusterFacts, pods: Iterable[Pod]) -> set[str]:
    """The node pools of the pods; a node without the label of a pool counts as its own pool."""
    used = {pod.spec.node_name for pod in pods if pod.spec.node_name}
    return {
        next((node.metadata.labels[key] for key in POOLS if key in node.metadata.labels), node.metadata.name)
        for node in facts.objects("nodes")
        if node.metadata.name in used
    }


def canaries(facts: ClusterFacts) -> list[Check]:
    """Q12: what could carry a canary. A StatefulSet has only its partition; tools serve clients and modules."""
    weaviate, checks = facts.weaviate, []
    if isinstance(weaviate.object, StatefulSet):
        rolling = weaviate.object.spec.update_strategy.rolling_update
        checks.append(weaviate_subject(facts).info("rollingUpdate.partition", rolling.partition if rolling else 0))
    for candidate in _other_workloads(facts):
        version = Image.parse(candidate.image).weaviate_release
        if version is not None and weaviate.version is not None and version > weaviate.version:
            checks.append(_subject(candidate).info("a newer version elsewhere", str(version)))
    for group in ("progressive_delivery", "gitops"):
        for tool in facts.detected(group, level=2):
            first = tool.facts[0]
            use = tool.proves if group == "gitops" else "for clients and modules: it cannot update a StatefulSet"
            checks.append(Subject(first.ref, first.source).info(tool.tool, use))
    revisions = sum(item.metadata.name.startswith(f"{weaviate.name}-") for item in facts.objects("controllerrevisions"))
    if revisions:
        checks.append(weaviate_subject(facts, "controllerrevisions").info("revisions kept", revisions))
    return checks


def survived_failures(facts: ClusterFacts) -> list[Check]:
    """Q7: signs in 90 days of history that pods were lost and came back. They decide nothing."""
    checks = []
    lowest = facts.history.scalar("ready_least_90d")
    if lowest is not None:
        seen = f"{lowest:g} of {facts.weaviate.replicas} at the lowest"
        checks.append(
            weaviate_subject(facts, HISTORY).queried("ready_least_90d").info("ready replicas, last 90 days", seen)
        )
    failed = facts.history.scalar("replication_failed_1d")
    if failed is not None:
        on = weaviate_subject(facts, "prometheus/weaviate").queried("replication_failed_1d")
        checks.append(on.info("failed replicated reads and writes, last day", f"{failed:.0f}"))
    for tool in facts.detected("chaos", level=1):
        first = tool.facts[0]
        seen = f"{first.seen} (it does not prove {tool.not_proven})"
        checks.append(Subject(first.ref, first.source).info(tool.tool, seen))
    return checks


def restarted_on_volumes(facts: ClusterFacts) -> list[Check]:
    """Q10: pods that are at least a day younger than their volumes were started again with their data."""
    created = {claim.metadata.name: claim.metadata.creation_timestamp for claim in facts.weaviate.claims}
    checks = []
    for pod in facts.weaviate.pods:
        sources = [volume.persistent_volume_claim for volume in pod.spec.volumes if volume.persistent_volume_claim]
        times = [time for source in sources if (time := created.get(source.claim_name)) is not None]
        started = pod.metadata.creation_timestamp
        if times and started is not None and (started - min(times)).days >= 1:
            seen = f"volume of {min(times):%Y-%m-%d}, pod of {started:%Y-%m-%d}"
            checks.append(Subject.of("pods", pod).info("started again on its volume", seen))
    return checks
