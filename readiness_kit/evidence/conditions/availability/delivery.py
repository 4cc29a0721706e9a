"""How changes and failures are tried before they matter: canaries, other environments, failovers that were survived."""

from __future__ import annotations

import re

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.kubernetes.images import Image
from readiness_kit.kinds.versions import Version
from readiness_kit.kinds.workloads import StatefulSet
from readiness_kit.locate import Candidate
from readiness_kit.model import Check, Outcome, Reason, Ref

PARTLY = Outcome.PARTLY
ENVIRONMENT = re.compile(
    r"(^|[-_./])(dev\w*|test\w*|stag\w*|stg|qa|uat|pre-?prod\w*|sandbox|int)($|[-_./])", re.IGNORECASE
)
POOLS = (
    "eks.amazonaws.com/nodegroup",
    "cloud.google.com/gke-nodepool",
    "kubernetes.azure.com/agentpool",
    "agentpool",
    "karpenter.sh/nodepool",
)
HISTORY = "prometheus/history"


def others(facts: ClusterFacts) -> list[Candidate]:
    """Further Weaviate workloads of this cluster."""
    return [one for one in facts.candidates if one.accepted and one.target != facts.target]


def _ref(one: Candidate) -> Ref:
    return Ref(one.target.kind, one.target.name, one.target.namespace)


def environments(facts: ClusterFacts) -> list[Check]:
    """Q13: another Weaviate named as a trial environment, of the same minor version or a newer one."""
    weaviate = facts.weaviate
    lines = []
    for one in others(facts):
        named = ENVIRONMENT.search(one.target.namespace) or ENVIRONMENT.search(one.target.name)
        if not named:
            lines.append(Subject(_ref(one), "statefulsets").info("another Weaviate", one.image))
            continue
        version, mine = Image.parse(one.image).version, weaviate.version
        fine = _not_older(version, mine)
        message = f"{one.target.namespace}/{one.target.name} runs {version or 'an unknown version'}, an older one."
        lines.append(
            Subject(_ref(one), "statefulsets").check(
                "version", one.image, f"{mine or 'the same'} or newer", fine, message=message, on_failure=PARTLY
            )
        )
        lines.append(_apart(facts, one))
    return lines


def _not_older(version: Version | None, mine: Version | None) -> bool:
    return version is not None and mine is not None and (version.major, version.minor) >= (mine.major, mine.minor)


def _apart(facts: ClusterFacts, one: Candidate) -> Check:
    """On machines of its own, so that a trial cannot starve what it is a trial of."""
    pods = [
        pod
        for pod in facts.objects("pods")
        if pod.metadata.namespace == one.target.namespace and pod.metadata.name.startswith(f"{one.target.name}-")
    ]
    field, expected = "node pool", "another one"
    theirs, ours = _pools(facts, pods), _pools(facts, facts.weaviate.pods)
    on = Subject(_ref(one), "nodes")
    if not theirs or not ours:
        message = (
            f"Whether {one.target.namespace}/{one.target.name} shares machines with this Weaviate could not be read."
        )
        why = facts.missing("nodes") or facts.missing("pods") or Reason.NOT_OBSERVABLE
        return on.unread(field, expected, why, message=message)
    message = f"{one.target.namespace}/{one.target.name} runs on the same node pool as this Weaviate."
    seen = ", ".join(sorted(theirs))
    return on.check(field, seen, expected, not theirs & ours, message=message, on_failure=PARTLY)


def _pools(facts: ClusterFacts, pods: object) -> set[str]:
    """The pools of the pods' nodes; a node without a pool's label stands for itself."""
    placed = {pod.spec.node_name for pod in pods if pod.spec.node_name}  # type: ignore[attr-defined]
    return {
        next((node.metadata.labels[key] for key in POOLS if key in node.metadata.labels), node.metadata.name)
        for node in facts.objects("nodes")
        if node.metadata.name in placed
    }


def canaries(facts: ClusterFacts) -> list[Check]:
    """Q12: what would carry a canary. A StatefulSet has only its partition; tools serve the clients beside it."""
    weaviate = facts.weaviate
    lines = []
    one = weaviate.object
    if isinstance(one, StatefulSet):
        rolling = one.spec.update_strategy.rolling_update
        partition = rolling.partition if rolling else 0
        lines.append(weaviate_subject(facts).info("rollingUpdate.partition", partition))
    for other in others(facts):
        version, mine = Image.parse(other.image).version, weaviate.version
        if version is not None and mine is not None and version > mine:
            lines.append(Subject(_ref(other), "statefulsets").info("a newer version elsewhere", str(version)))
    for group in ("progressive_delivery", "gitops"):
        for found in facts.detected(group, level=2):
            fact = found.facts[0]
            limit = "for clients and modules: it cannot drive a StatefulSet" if group != "gitops" else found.proves
            lines.append(Subject(fact.ref, fact.source).info(found.tool, limit))
    revisions = [
        one for one in facts.objects("controllerrevisions") if one.metadata.name.startswith(f"{weaviate.name}-")
    ]
    if revisions:
        lines.append(weaviate_subject(facts, "controllerrevisions").info("revisions kept", len(revisions)))
    return lines


def survived(facts: ClusterFacts) -> list[Check]:
    """Q7: a sign that pods were lost and came back, from a quarter of history. It decides nothing."""
    weaviate, history = facts.weaviate, facts.history
    lines = []
    least = history.scalar("ready_least_90d")
    if least is not None:
        seen = f"{least:g} of {weaviate.replicas} at the least"
        field = "ready replicas, last 90 days"
        lines.append(weaviate_subject(facts, HISTORY).info(field, seen))
    failed = history.scalar("replication_failed_1d")
    if failed is not None:
        lines.append(
            weaviate_subject(facts, "prometheus/weaviate").info(
                "failed replicated reads and writes, last day", f"{failed:.0f}"
            )
        )
    for found in facts.detected("chaos", level=1):
        fact = found.facts[0]
        lines.append(
            Subject(fact.ref, fact.source).info(found.tool, f"{fact.seen} (it does not prove {found.does_not})")
        )
    return lines


def replaced(facts: ClusterFacts) -> list[Check]:
    """Q10: pods that are much younger than their volumes were put back on them."""
    born = {one.metadata.name: one.metadata.creation_timestamp for one in facts.weaviate.claims}
    lines = []
    for pod in facts.weaviate.pods:
        claims = [
            volume.persistent_volume_claim.claim_name for volume in pod.spec.volumes if volume.persistent_volume_claim
        ]
        moments = [moment for name in claims if (moment := born.get(name)) is not None]
        mine = pod.metadata.creation_timestamp
        if moments and mine is not None and (mine - min(moments)).days >= 1:
            ref = Ref("Pod", pod.metadata.name, pod.metadata.namespace)
            seen = f"volume of {min(moments):%Y-%m-%d}, pod of {mine:%Y-%m-%d}"
            lines.append(Subject(ref, "pods").info("put back on its volume", seen))
    return lines
