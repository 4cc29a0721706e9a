"""How an update or a drain takes pods down: strategy, readiness, grace period, images, PodDisruptionBudgets."""

from __future__ import annotations

import math

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.conditions.availability.repair import present
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.kubernetes.images import Image
from readiness_kit.facts.kubernetes.selectors import matches
from readiness_kit.facts.weaviate.shards import quorum
from readiness_kit.kinds.network import PodDisruptionBudget
from readiness_kit.kinds.workloads import Deployment, StatefulSet, UpdateStrategy
from readiness_kit.model import Check, Outcome, Reason

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
DEFAULT_GRACE_SECONDS = 30
"""The default of Kubernetes for terminationGracePeriodSeconds."""


def strategy(facts: ClusterFacts) -> list[Check]:
    """The update strategy, how many pods it takes down at once, and whether a rollout is incomplete."""
    weaviate, on = facts.weaviate, weaviate_subject(facts)
    if isinstance(weaviate.object, StatefulSet):
        return [*_stateful(facts, weaviate.object, on), _rollout(weaviate.object, on)]
    if isinstance(weaviate.object, Deployment):
        return _deployment(facts, weaviate.object, on)
    if weaviate.kind in ("StatefulSet", "Deployment"):
        message = f"The {weaviate.kind} of the pods was not read, so its update strategy is not known."
        return [on.unread("updateStrategy", "RollingUpdate", Reason.NOT_COLLECTED, message=message)]
    message = f"The pods belong to a {weaviate.kind}, whose update strategy is not supported by this kit."
    return [on.unread("updateStrategy", "RollingUpdate", Reason.NOT_OBSERVABLE, message=message)]


def _stateful(facts: ClusterFacts, workload: StatefulSet, on: Subject) -> list[Check]:
    update = workload.spec.update_strategy
    kind = update.type or "RollingUpdate"
    message = "An update waits until somebody deletes each pod (OnDelete); this needs a written procedure."
    checks = [on.check("updateStrategy.type", kind, "RollingUpdate", kind == "RollingUpdate", message=message)]
    if kind != "RollingUpdate":
        return checks
    partition = update.rolling_update.partition if update.rolling_update else 0
    message = f"Partition {partition} holds back the rollout: pods with a lower ordinal stay on the old version."
    ok = partition == 0
    checks.append(on.check("rollingUpdate.partition", partition, "0", ok, message=message, on_failure=PARTLY))
    # A percentage rounds up for a StatefulSet. Clusters that do not support the field drop it.
    return [*checks, _at_once(facts, update, on, default=1, up=True)]


def _deployment(facts: ClusterFacts, workload: Deployment, on: Subject) -> list[Check]:
    update = workload.spec.strategy
    kind = update.type or "RollingUpdate"
    message = "The Deployment stops every pod before it starts new ones (Recreate)."
    checks = [on.check("strategy.type", kind, "RollingUpdate", kind == "RollingUpdate", message=message)]
    if kind != "RollingUpdate":
        return checks
    if any("ReadWriteOnce" in claim.spec.access_modes for claim in facts.weaviate.claims):
        message = "A new pod of the Deployment waits for a volume that only one node can mount (ReadWriteOnce)."
        checks.append(on.check("kind", "Deployment", "StatefulSet", False, message=message, on_failure=PARTLY))
    return [*checks, _at_once(facts, update, on, default="25%", up=False)]


def _at_once(facts: ClusterFacts, update: UpdateStrategy, on: Subject, *, default: int | str, up: bool) -> Check:
    replicas = facts.weaviate.replicas
    given = update.rolling_update.max_unavailable if update.rolling_update else None
    number = scaled(default if given is None else given, replicas, up=up)
    field = "pods an update takes at once"
    shown = f"{number} of {replicas}" + (f" (maxUnavailable: {given})" if given is not None else "")
    if replicas <= 1:
        return on.info(field, shown)
    no_quorum = number > replicas - quorum(replicas)
    effect = ", which leaves no quorum" if no_quorum else ""
    message = f"An update may take down {number} of {replicas} pods at once{effect}."
    ok, outcome = number <= 1 and not no_quorum, NOT_MET if no_quorum else PARTLY
    return on.check(field, shown, "1", ok, message=message, on_failure=outcome)


def _rollout(workload: StatefulSet, on: Subject) -> Check:
    status, replicas = workload.status, workload.spec.replicas
    complete = status.current_revision == status.update_revision and status.updated_replicas >= replicas
    seen = "complete" if complete else f"{status.updated_replicas} of {replicas} pods updated"
    message = f"A rollout is in progress: {seen}."
    return on.check("status, rollout", seen, "complete", complete, message=message, on_failure=PARTLY)


def readiness(facts: ClusterFacts) -> Check:
    """Without a readiness probe an update continues before the updated pod can answer."""
    container = facts.weaviate.container
    probe = container.readiness_probe
    message = f"The container {container.name} has no readinessProbe: an update does not wait until a pod can answer."
    return weaviate_subject(facts).check(
        "readinessProbe", present(probe), "present", probe is not None, message=message
    )


def grace(facts: ClusterFacts, minimum: int) -> Check:
    """At least `minimum` seconds between SIGTERM and SIGKILL."""
    given = facts.weaviate.spec.termination_grace_period_seconds
    seconds = DEFAULT_GRACE_SECONDS if given is None else given
    message = f"Pods have {seconds} seconds to flush data and stop before they are killed."
    field, expected, ok = "terminationGracePeriodSeconds", f"{minimum} or more", seconds >= minimum
    return weaviate_subject(facts).check(field, seconds, expected, ok, message=message, on_failure=PARTLY)


def versions(facts: ClusterFacts) -> list[Check]:
    """The image is pinned, and all pods run the same one."""
    weaviate, on = facts.weaviate, weaviate_subject(facts, "pods")
    image = weaviate.container.image
    message = f"The image {image} names no fixed version: a restart may start a different one."
    expected, pinned = "a version or a digest", weaviate.image.pinned
    checks = [weaviate_subject(facts).check("image", image, expected, pinned, message=message)]
    field, message = "images of the pods", "The versions that the pods run now could not be read."
    checks += on.missing(facts, field, "one", message)
    running = {
        f"{image.repository}:{image.tag or image.digest}"
        for pod in weaviate.pods
        for container in pod.spec.containers
        if container.name == weaviate.container.name
        for image in (Image.parse(container.image),)
    }
    if len(running) > 1:
        message = f"The pods run different versions: {names(running)}."
        checks.append(on.check(field, names(running), "one", False, message=message, on_failure=PARTLY))
    return checks


def budget(facts: ClusterFacts) -> list[Check]:
    """One PodDisruptionBudget that selects the pods and allows exactly one disruption."""
    on = weaviate_subject(facts, "poddisruptionbudgets")
    field, expected = "PodDisruptionBudget", "one that selects the pods"
    message = "Whether a PodDisruptionBudget protects the pods could not be read."
    if unread := on.missing(facts, field, expected, message):
        return unread
    found = budgets_of(facts)
    if len(found) == 1:
        return _allowed(found[0], facts.weaviate.replicas)
    listed = names(budget.metadata.name for budget in found)
    message = "No PodDisruptionBudget selects the Weaviate pods."
    if found:
        message = f"Several PodDisruptionBudgets select the same pods ({listed}): Kubernetes then refuses every drain."
    seen = listed or "none selects the pods"
    return [on.check(field, seen, expected, False, message=message, on_failure=PARTLY)]


def _allowed(budget: PodDisruptionBudget, replicas: int) -> list[Check]:
    on = Subject.of("poddisruptionbudgets", budget)
    number, text = allowed_by(budget, replicas), stated(budget)
    message = f"The PodDisruptionBudget {on.ref.name} ({text}) allows {number} of {replicas} pods to be evicted."
    if number == 0:
        message = f"The PodDisruptionBudget {on.ref.name} ({text}) allows no eviction: every drain is blocked."
    seen = f"{text}: {number} of {replicas} may go"
    return [
        on.check("spec", seen, "1 may go", number == 1, message=message, on_failure=PARTLY),
        on.info("status.disruptionsAllowed", budget.status.disruptions_allowed),
    ]


def scaled(value: int | str, total: int, *, up: bool) -> int:
    """An IntOrString of `total`: 1 -> 1, "25%" of 5 -> 2 rounded up, 1 rounded down. ValueError otherwise."""
    if isinstance(value, int):
        return value
    share = int(value.removesuffix("%")) * total / 100 if value.endswith("%") else float(int(value))
    return math.ceil(share) if up else math.floor(share)


def budgets_of(facts: ClusterFacts) -> list[PodDisruptionBudget]:
    """The budgets of the namespace whose selector matches the labels of the Weaviate pods."""
    weaviate = facts.weaviate
    return [
        budget
        for budget in facts.objects("poddisruptionbudgets")
        if budget.metadata.namespace == weaviate.namespace and matches(budget.spec.selector, weaviate.pod_labels)
    ]


def allowed_by(budget: PodDisruptionBudget, replicas: int) -> int:
    """How many of `replicas` healthy pods may be evicted at once by the spec; 0 blocks every drain.

    `status.disruptionsAllowed` is not used, because it is 0 also while a pod is temporarily not ready.
    Percentages round up for both fields, as in the disruption controller.
    """
    if budget.spec.max_unavailable is not None:
        return min(scaled(budget.spec.max_unavailable, replicas, up=True), replicas)
    if budget.spec.min_available is not None:
        return max(replicas - scaled(budget.spec.min_available, replicas, up=True), 0)
    return replicas


def stated(budget: PodDisruptionBudget) -> str:
    """`maxUnavailable: 1`, `minAvailable: 50%`, or that neither is set."""
    if budget.spec.max_unavailable is not None:
        return f"maxUnavailable: {budget.spec.max_unavailable}"
    if budget.spec.min_available is not None:
        return f"minAvailable: {budget.spec.min_available}"
    return "neither minAvailable nor maxUnavailable"
