"""How an update or a drain takes pods away: strategy, readiness, grace, images and PodDisruptionBudgets."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.kubernetes.images import Image
from readiness_kit.facts.kubernetes.selectors import matches
from readiness_kit.facts.weaviate.shards import quorum
from readiness_kit.facts.weaviate.workload import Workload
from readiness_kit.kinds.network import PodDisruptionBudget
from readiness_kit.kinds.workloads import Deployment, StatefulSet, UpdateStrategy
from readiness_kit.locate import workload_key
from readiness_kit.model import Check, Outcome, Reason, Ref

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

PARTLY = Outcome.PARTLY
DEFAULT_GRACE_SECONDS = 30
"""What Kubernetes takes where a pod names no terminationGracePeriodSeconds."""


def strategy(weaviate: Workload) -> list[Check]:
    """The update strategy, how many pods it takes at once, and whether a rollout stands half done."""
    one = weaviate.object
    source = workload_key(weaviate.kind)
    if isinstance(one, StatefulSet):
        return [*_stateful(weaviate, one, source), *_rollout(weaviate, one, source)]
    if isinstance(one, Deployment):
        return _deployment(weaviate, one, source)
    message = f"The pods belong to a {weaviate.kind}, whose way of updating is not among what this kit reads."
    return [
        Subject(weaviate.ref, source).unread("updateStrategy", "RollingUpdate", Reason.NOT_OBSERVABLE, message=message)
    ]


def _stateful(weaviate: Workload, one: StatefulSet, source: str) -> list[Check]:
    kind = one.spec.update_strategy.type or "RollingUpdate"
    message = (
        "Updates wait until somebody deletes each pod (OnDelete): without a written procedure they are left to chance."
    )
    on = Subject(weaviate.ref, source)
    checks = [on.check("updateStrategy.type", kind, "RollingUpdate", kind == "RollingUpdate", message=message)]
    rolling = one.spec.update_strategy.rolling_update
    if kind != "RollingUpdate":
        return checks
    partition = rolling.partition if rolling else 0
    message = f"The rollout is held by partition {partition}: pods below that number stay on the old version."
    checks.append(
        on.check("rollingUpdate.partition", partition, "0", partition == 0, message=message, on_failure=PARTLY)
    )
    # A share of a StatefulSet's pods rounds up; where the cluster does not honour the field it is not there.
    return [*checks, _at_once(weaviate, one.spec.update_strategy, default=1, up=True, source=source)]


def _deployment(weaviate: Workload, one: Deployment, source: str) -> list[Check]:
    kind = one.spec.strategy.type or "RollingUpdate"
    message = "The Deployment stops every pod before it starts new ones (Recreate)."
    on = Subject(weaviate.ref, source)
    checks = [on.check("strategy.type", kind, "RollingUpdate", kind == "RollingUpdate", message=message)]
    if kind != "RollingUpdate":
        return checks
    if any("ReadWriteOnce" in claim.spec.access_modes for claim in weaviate.claims):
        message = "A new pod of a Deployment waits for a volume that only one node can mount (ReadWriteOnce)."
        checks.append(on.check("kind", "Deployment", "StatefulSet", False, message=message, on_failure=PARTLY))
    return [*checks, _at_once(weaviate, one.spec.strategy, default="25%", up=False, source=source)]


def _at_once(weaviate: Workload, how: UpdateStrategy, *, default: int | str, up: bool, source: str) -> Check:
    given = how.rolling_update.max_unavailable if how.rolling_update else None
    replicas = weaviate.replicas
    number = scaled(default if given is None else given, replicas, up=up)
    spare = replicas - quorum(replicas)
    shown = f"{number} of {replicas}" + (f" (maxUnavailable: {given})" if given is not None else "")
    if number > spare:
        message = f"An update may take {number} of {replicas} pods at once, which leaves no majority."
        outcome = Outcome.NOT_MET if replicas > 1 else PARTLY
    else:
        message = f"An update may take {number} of {replicas} pods at once."
        outcome = PARTLY
    fine = number <= 1 and number <= spare
    on = Subject(weaviate.ref, source)
    if replicas <= 1:
        return on.info("pods an update takes at once", shown)
    return on.check("pods an update takes at once", shown, "1", fine, message=message, on_failure=outcome)


def _rollout(weaviate: Workload, one: StatefulSet, source: str) -> list[Check]:
    status = one.status
    settled = status.current_revision == status.update_revision and status.updated_replicas >= one.spec.replicas
    seen = "complete" if settled else f"{status.updated_replicas} of {one.spec.replicas} pods updated"
    message = f"A rollout is under way: {seen}."
    return [
        Subject(weaviate.ref, source).check(
            "status, rollout", seen, "complete", settled, message=message, on_failure=PARTLY
        )
    ]


def readiness(weaviate: Workload) -> list[Check]:
    """Without a readiness probe an update goes on before the last pod can answer."""
    probe = weaviate.container.readiness_probe
    message = (
        f"The container {weaviate.container.name} has no readinessProbe: an update does not wait for a pod to answer."
    )
    seen = "present" if probe is not None else "absent"
    source = workload_key(weaviate.kind)
    return [Subject(weaviate.ref, source).check("readinessProbe", seen, "present", probe is not None, message=message)]


def grace(weaviate: Workload, minimum: int) -> list[Check]:
    given = weaviate.spec.termination_grace_period_seconds
    seconds = DEFAULT_GRACE_SECONDS if given is None else given
    message = f"Pods get {seconds} seconds to write what they hold and stop."
    expected, source = f"{minimum} or more", workload_key(weaviate.kind)
    ok = seconds >= minimum
    return [
        Subject(weaviate.ref, source).check(
            "terminationGracePeriodSeconds", seconds, expected, ok, message=message, on_failure=PARTLY
        )
    ]


def versions(facts: ClusterFacts) -> list[Check]:
    """The image is pinned, and the pods that run all run the same."""
    weaviate = facts.weaviate
    image = weaviate.container.image
    message = f"The image {image} names no fixed version: a restart may bring another one."
    pinned = weaviate.image.pinned
    checks = [weaviate_subject(facts).check("image", image, "a version or a digest", pinned, message=message)]
    why = facts.missing("pods")
    on = weaviate_subject(facts, "pods")
    if why is not None:
        message = "Which versions the pods run now could not be read."
        checks.append(on.unread("images of the pods", "one", why, message=message))
    running = {
        f"{parsed.repository}:{parsed.tag or parsed.digest}"
        for pod in weaviate.pods
        for container in pod.spec.containers
        if container.name == weaviate.container.name
        for parsed in (Image.parse(container.image),)
    }
    if len(running) > 1:
        message = f"The pods run different versions now: {names(running)}."
        checks.append(on.check("images of the pods", names(running), "one", False, message=message, on_failure=PARTLY))
    return checks


def budget(facts: ClusterFacts) -> list[Check]:
    """One PodDisruptionBudget that selects the pods and lets exactly one go."""
    weaviate = facts.weaviate
    why = facts.missing("poddisruptionbudgets")
    field, key = "PodDisruptionBudget", "poddisruptionbudgets"
    on = weaviate_subject(facts, key)
    if why is not None:
        message = "Whether a PodDisruptionBudget protects the pods could not be read."
        return [on.unread(field, "one that selects the pods", why, message=message)]
    found = budgets_of(facts)
    listed = names(one.metadata.name for one in found)
    if len(found) != 1:
        message = "No PodDisruptionBudget selects its pods."
        if found:
            message = (
                f"Several PodDisruptionBudgets select the same pods ({listed}): Kubernetes then refuses every drain."
            )
        seen = listed or "none selects the pods"
        return [on.check(field, seen, "one that selects the pods", False, message=message, on_failure=PARTLY)]
    return _judged(found[0], weaviate.replicas, key)


def _judged(one: PodDisruptionBudget, replicas: int, key: str) -> list[Check]:
    ref = Ref("PodDisruptionBudget", one.metadata.name, one.metadata.namespace)
    number, text = allowed_by(one, replicas), stated(one)
    message = f"The PodDisruptionBudget {ref.name} ({text}) lets {number} of {replicas} pods go at once."
    if number == 0:
        message = f"The PodDisruptionBudget {ref.name} ({text}) lets no pod go: node repair and upgrades wait for ever."
    seen = f"{text}: {number} of {replicas} may go"
    on = Subject(ref, key)
    return [
        on.check("spec", seen, "1 may go", number == 1, message=message, on_failure=PARTLY),
        on.info("status.disruptionsAllowed", one.status.disruptions_allowed),
    ]


def scaled(value: int | str, total: int, *, up: bool) -> int:
    """An IntOrString against `total`: 1 -> 1, "25%" of 5 -> 2 rounded up, 1 rounded down. ValueError otherwise."""
    if isinstance(value, int):
        return value
    share = int(value.removesuffix("%")) * total / 100 if value.endswith("%") else float(int(value))
    return math.ceil(share) if up else math.floor(share)


def budgets_of(facts: ClusterFacts) -> list[PodDisruptionBudget]:
    """The budgets of the namespace whose selector matches the Weaviate pods' labels; a module's own never does."""
    weaviate = facts.weaviate
    return [
        budget
        for budget in facts.objects("poddisruptionbudgets")
        if budget.metadata.namespace == weaviate.namespace and matches(budget.spec.selector, weaviate.pod_labels)
    ]


def allowed_by(budget: PodDisruptionBudget, replicas: int) -> int:
    """How many of `replicas` healthy pods the spec lets go at once; 0 blocks every drain.

    From the spec and not from `status.disruptionsAllowed`, which is 0 as well while a pod is just not ready.
    Percentages round up for both fields, as the disruption controller does.
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
