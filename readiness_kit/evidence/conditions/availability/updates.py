"""How an update or a drain takes pods down: strategy, readiness, grace period, images, PodDisruptionBudgets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.conditions.availability.repair import present
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.kubernetes.disruption import disruptions, pods_at_once, scaled, selected_pods
from readiness_kit.facts.kubernetes.images import Image
from readiness_kit.facts.weaviate.running import has_status
from readiness_kit.facts.weaviate.shards import quorum
from readiness_kit.kinds.network import PodDisruptionBudget
from readiness_kit.kinds.pods import Pod
from readiness_kit.kinds.versions import Version
from readiness_kit.kinds.workloads import Deployment, StatefulSet
from readiness_kit.labels import count
from readiness_kit.locate import pod_owner
from readiness_kit.model import Check, Outcome, Reason

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
DEFAULT_GRACE_SECONDS = 30
"""The default of Kubernetes for terminationGracePeriodSeconds."""
DEFAULT_UNAVAILABLE = "25%"
"""The default of Kubernetes for maxUnavailable of a Deployment."""
GATE, GATE_SINCE = "MaxUnavailableStatefulSet", Version(1, 37)
"""The gate of maxUnavailable of a StatefulSet, and the version from which it is on by default."""


def strategy(facts: ClusterFacts) -> list[Check]:
    """The update strategy, how many pods it takes down at once, and whether a rollout is incomplete."""
    weaviate, on = facts.weaviate, weaviate_subject(facts)
    if isinstance(weaviate.object, StatefulSet):
        return [*_stateful(facts, weaviate.object, on), rollout(facts, weaviate.object, on)]
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
    field, fix, rolling = "updateStrategy.type", "updates.one_by_one", kind == "RollingUpdate"
    checks = [on.check(field, kind, "RollingUpdate", rolling, message=message, fix=fix)]
    if kind != "RollingUpdate":
        return checks
    partition = update.rolling_update.partition if update.rolling_update else 0
    message = f"Partition {partition} holds back the rollout: pods with a lower ordinal stay on the old version."
    ok = partition == 0
    field, fix = "rollingUpdate.partition", "updates.one_by_one"
    checks.append(on.check(field, partition, "0", ok, message=message, on_failure=PARTLY, fix=fix))
    given = update.rolling_update.max_unavailable if update.rolling_update else None
    try:
        number = pods_at_once(workload.spec)
    except ValueError:
        return [*checks, _invalid(on, "rollingUpdate.maxUnavailable", given, "updates.one_by_one")]
    version = Version.parse(facts.snapshot.manifest.server_version)
    by_default = version is not None and version >= GATE_SINCE
    return [*checks, _at_once(facts, on, number, given, certain=by_default or number == 1)]


def _deployment(facts: ClusterFacts, workload: Deployment, on: Subject) -> list[Check]:
    update = workload.spec.strategy
    kind = update.type or "RollingUpdate"
    message = "The Deployment stops every pod before it starts new ones (Recreate)."
    field, fix, rolling = "strategy.type", "cluster.rebuild", kind == "RollingUpdate"
    checks = [on.check(field, kind, "RollingUpdate", rolling, message=message, fix=fix)]
    if kind != "RollingUpdate":
        return checks
    if any("ReadWriteOnce" in claim.spec.access_modes for claim in facts.weaviate.claims):
        message = "A new pod of the Deployment waits for a volume that only one node can mount (ReadWriteOnce)."
        fix = "cluster.rebuild"
        checks.append(on.check("kind", "Deployment", "StatefulSet", False, message=message, on_failure=PARTLY, fix=fix))
    given = update.rolling_update.max_unavailable if update.rolling_update else None
    try:
        number = scaled(DEFAULT_UNAVAILABLE if given is None else given, facts.weaviate.replicas, up=False)
    except ValueError:
        return [*checks, _invalid(on, "rollingUpdate.maxUnavailable", given, "updates.one_by_one")]
    return [*checks, _at_once(facts, on, number, given)]


def _at_once(facts: ClusterFacts, on: Subject, number: int, given: int | str | None, *, certain: bool = True) -> Check:
    """How many pods an update takes down. `certain` False: only where a feature gate is on that cannot be seen."""
    replicas = facts.weaviate.replicas
    field = "pods an update takes at once"
    number = min(number, replicas)
    shown = f"{number} of {replicas}" + (f" (maxUnavailable: {given})" if given is not None else "")
    if replicas <= 1:
        return on.info(field, shown)
    no_quorum = number > replicas - quorum(replicas)
    effect = ", which leaves no quorum" if no_quorum else ""
    message = f"An update may take down {number} of {replicas} pods at once{effect}"
    ok, outcome = number <= 1 and not no_quorum, NOT_MET if no_quorum else PARTLY
    # One pod of two leaves no quorum whatever the strategy: only a third replica helps.
    fix = "updates.one_by_one" if number > 1 else "replicas.three"
    if not ok and not certain:
        message += f", if the feature gate {GATE} is on (the default from Kubernetes {GATE_SINCE}), which was not read."
        return on.unread(field, "1", Reason.NOT_OBSERVABLE, message=message, on_failure=outcome, fix=fix)
    message += "."
    return on.check(field, shown, "1", ok, message=message, on_failure=outcome, fix=fix)


def _invalid(on: Subject, field: str, value: object, fix: str) -> Check:
    message = f"{field} is {value}, which is neither a number nor a percentage: Kubernetes refuses it."
    return on.check(field, str(value), "a number or a percentage", False, message=message, fix=fix)


def rollout(facts: ClusterFacts, workload: StatefulSet, on: Subject) -> Check:
    """Whether all pods have the newest template; unread where the workload has no status, as in manifests."""
    if not has_status(facts):
        message = "Whether a rollout is in progress is not known: the workload has no status."
        return on.unread("status, rollout", "complete", Reason.NOT_COLLECTED, message=message, on_failure=PARTLY)
    status, replicas = workload.status, workload.spec.replicas
    complete = status.current_revision == status.update_revision and status.updated_replicas >= replicas
    seen = "complete" if complete else f"{status.updated_replicas} of {replicas} pods updated"
    message = f"A rollout is in progress: {seen}."
    rolling = workload.spec.update_strategy.rolling_update
    fix = "updates.one_by_one" if rolling is not None and rolling.partition else "updates.finish"
    return on.check("status, rollout", seen, "complete", complete, message=message, on_failure=PARTLY, fix=fix)


def readiness(facts: ClusterFacts) -> Check:
    """Without a readiness probe an update continues before the updated pod can answer."""
    container = facts.weaviate.container
    probe = container.readiness_probe
    message = f"The container {container.name} has no readinessProbe: an update does not wait until a pod can answer."
    on, fix = weaviate_subject(facts), "probes.readiness"
    return on.check("readinessProbe", present(probe), "present", probe is not None, message=message, fix=fix)


def grace(facts: ClusterFacts, minimum: int) -> Check:
    """At least `minimum` seconds between SIGTERM and SIGKILL."""
    given = facts.weaviate.spec.termination_grace_period_seconds
    seconds = DEFAULT_GRACE_SECONDS if given is None else given
    message = f"Pods have {seconds} seconds to flush data and stop before they are killed."
    field, expected, ok = "terminationGracePeriodSeconds", f"{minimum} or more", seconds >= minimum
    on, fix = weaviate_subject(facts), "termination.grace"
    return on.check(field, seconds, expected, ok, message=message, on_failure=PARTLY, fix=fix)


def versions(facts: ClusterFacts) -> list[Check]:
    """The image is pinned, and all pods run the same one."""
    weaviate, on = facts.weaviate, weaviate_subject(facts, "pods")
    image = weaviate.container.image
    message = f"The image {image} names no fixed version: a restart may start a different one."
    expected, pinned = "a version or a digest", weaviate.image.pinned
    checks = [weaviate_subject(facts).check("image", image, expected, pinned, message=message, fix="image.pin")]
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
        fix = "updates.finish"
        checks.append(on.check(field, names(running), "one", False, message=message, on_failure=PARTLY, fix=fix))
    return checks


def budget(facts: ClusterFacts) -> list[Check]:
    """Budgets of which one selects each pod and which together allow exactly one of the pods to be evicted."""
    on = weaviate_subject(facts, "poddisruptionbudgets")
    field, expected = "PodDisruptionBudget", "one that selects the pods"
    message = "Whether a PodDisruptionBudget protects the pods could not be read."
    if unread := on.missing(facts, field, expected, message):
        return unread
    found = budgets_of(facts)
    if not found:
        message = "No PodDisruptionBudget selects the Weaviate pods."
        seen, fix = "none selects the pods", "disruption_budget.one"
        return [on.check(field, seen, expected, False, message=message, on_failure=PARTLY, fix=fix)]
    checks = [check for each in found for check in _evictable(facts, each)]
    if any(check.ok is False for check in checks):
        return checks
    return [*checks, *_coverage(facts, found)]


def _evictable(facts: ClusterFacts, budget: PodDisruptionBudget) -> list[Check]:
    """How many of the pods one budget allows to be evicted, when all pods that it selects are healthy."""
    on = Subject.of("poddisruptionbudgets", budget)
    text, name = stated(budget), budget.metadata.name
    # A budget of another name is not the chart's: a second one beside it would block every drain.
    fix = "disruption_budget.one" if name == facts.weaviate.name else "disruption_budget.own"
    if budget.spec.min_available is not None and budget.spec.max_unavailable is not None:
        message = f"The PodDisruptionBudget {name} sets minAvailable and maxUnavailable: Kubernetes refuses it."
        seen = "minAvailable and maxUnavailable"
        return [on.check("spec", seen, "one of them", False, message=message, fix=fix)]
    own, others = map(len, _selected(facts, budget))
    try:
        number = allowed_by(facts, budget)
    except ValueError:
        return [_invalid(on, "spec", text, fix)]
    shared = f", which also selects {count(others, 'other pod')}," if others else ""
    message = f"The PodDisruptionBudget {name} ({text}){shared} allows {number} of {own} pods to be evicted."
    if number == 0:
        message = f"The PodDisruptionBudget {name} ({text}) allows no eviction: every drain is blocked."
    seen = f"{text}: {number} of {own} may go" + (f", {count(others, 'other pod')} selected" if others else "")
    checks = [on.check("spec", seen, "1 may go", number == 1, message=message, on_failure=PARTLY, fix=fix)]
    if not facts.from_manifests:
        checks.append(on.info("status.disruptionsAllowed", budget.status.disruptions_allowed))
    return checks


def _coverage(facts: ClusterFacts, found: list[PodDisruptionBudget]) -> list[Check]:
    """Pods with several budgets, pods without one, and budgets that each allow one of the pods to be evicted."""
    on, field = weaviate_subject(facts, "poddisruptionbudgets"), "PodDisruptionBudget"
    fix = "disruption_budget.single"
    pods = facts.weaviate.desired_pods
    by_pod = {pod.metadata.name: [b for b in found if selected_pods(b, [pod])] for pod in pods}
    listed = names(budget.metadata.name for budget in found)
    if any(len(budgets) > 1 for budgets in by_pod.values()):
        message = f"Several PodDisruptionBudgets select the same pods ({listed}): Kubernetes then refuses every drain."
        return [on.check(field, listed, "one for each pod", False, message=message, on_failure=PARTLY, fix=fix)]
    if without := [pod for pod, budgets in by_pod.items() if not budgets]:
        message = f"No PodDisruptionBudget selects {names(without)}: they may be evicted at the same time as the rest."
        seen = f"{listed}: {len(pods) - len(without)} of {len(pods)} pods"
        expected = "one that selects all pods"
        return [on.check(field, seen, expected, False, message=message, on_failure=PARTLY, fix=fix)]
    if len(found) > 1:
        total = sum(allowed_by(facts, budget) for budget in found)
        message = f"The PodDisruptionBudgets {listed} together allow {total} of {len(pods)} pods to be evicted."
        return [on.check(field, listed, "one for all pods", False, message=message, on_failure=PARTLY, fix=fix)]
    return []


def budgets_of(facts: ClusterFacts) -> list[PodDisruptionBudget]:
    """The budgets that select Weaviate pods, by the labels of the pods themselves."""
    pods = facts.weaviate.desired_pods
    return [budget for budget in facts.objects("poddisruptionbudgets") if selected_pods(budget, pods)]


def _selected(facts: ClusterFacts, budget: PodDisruptionBudget) -> tuple[tuple[Pod, ...], tuple[Pod, ...]]:
    """Weaviate's own pods and the other pods that a budget selects."""
    desired = facts.weaviate.desired_pods
    own = {pod.metadata.name for pod in desired}
    others = tuple(pod for pod in selected_pods(budget, facts.objects("pods")) if pod.metadata.name not in own)
    return selected_pods(budget, desired), others


def allowed_by(facts: ClusterFacts, budget: PodDisruptionBudget) -> int:
    """How many Weaviate pods a budget allows to be evicted at once, when all pods that it selects are healthy.

    `status.disruptionsAllowed` is not used, because it is 0 also while a pod is temporarily not ready. Raises
    ValueError for a value that is neither a number nor a percentage.
    """
    own, others = _selected(facts, budget)
    replicas = facts.weaviate.replicas + _replicas_of(facts, others)
    return min(disruptions(budget, replicas, len(own) + len(others), len(own) + len(others)).allowed, len(own))


def _replicas_of(facts: ClusterFacts, pods: Iterable[Pod]) -> int:
    """The replicas of the controllers of some pods, each controller once; pods without a controller count 0."""
    desired = {
        (kind, workload.metadata.namespace, workload.metadata.name): workload.spec.replicas
        for kind, key in (("StatefulSet", "statefulsets"), ("Deployment", "deployments"))
        for workload in facts.objects(key)
    }
    found: Counter[tuple[str, str, str]] = Counter()
    for pod in pods:
        kind, name = pod_owner(pod)
        if kind == "ReplicaSet":
            kind, name = "Deployment", name.rpartition("-")[0]
        if kind != "Pod":
            found[kind, pod.metadata.namespace, name] += 1
    return sum(desired.get(controller, number) for controller, number in found.items())


def stated(budget: PodDisruptionBudget) -> str:
    """`maxUnavailable: 1`, `minAvailable: 50%`, or that neither is set."""
    if budget.spec.max_unavailable is not None:
        return f"maxUnavailable: {budget.spec.max_unavailable}"
    if budget.spec.min_available is not None:
        return f"minAvailable: {budget.spec.min_available}"
    return "neither minAvailable nor maxUnavailable"
