"""Whether each node can be drained now, what blocks it, and the order of nodes for an upgrade of Kubernetes.

    drains(facts)                # one for each node with Weaviate, by name
    upgrade_order(facts)         # all nodes: without Weaviate first, the leader of the metadata store last

A drain evicts the pods of a node: budgets can refuse it, the shards and the metadata store need their quorum while the
pods are away, and the pods need another node that their volumes can follow. What was not read leaves it unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from readiness_kit.facts.analysis.failure_scenarios import Loss
from readiness_kit.facts.kubernetes.disruption import disruptions, selected_pods
from readiness_kit.facts.kubernetes.topology import zone_of_node
from readiness_kit.facts.weaviate.running import is_ready
from readiness_kit.kinds.network import PodDisruptionBudget
from readiness_kit.labels import REASON_WORDS, count
from readiness_kit.model import Reason

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

BUDGETS = "poddisruptionbudgets"
CONTROL_PLANE = "node-role.kubernetes.io/control-plane"
_SHOWN = 3


class Drain(msgspec.Struct, frozen=True):
    """The drain of one node that has pods of Weaviate.

    blocked: what prevents it or takes data offline; unread: what could not be read; notes: what to know, if anything
    """

    node: str
    zone: str
    pods: tuple[str, ...]
    blocked: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def possible(self) -> bool | None:
        """Whether it can be drained now; None where that is not known."""
        if self.blocked:
            return False
        return None if self.unread else True

    @property
    def sentence(self) -> str:
        """The answer in one sentence."""
        pods = _listed(self.pods)
        if self.blocked:
            return f"{self.node} ({pods}) cannot be drained now: {'; '.join(self.blocked)}."
        if self.unread:
            return f"Whether {self.node} ({pods}) can be drained is not known: not read were {', '.join(self.unread)}."
        note = f" Note: {'; '.join(self.notes)}." if self.notes else ""
        what = "all shards and the metadata store keep their quorum, and another node can take its pods"
        return f"{self.node} ({pods}) can be drained now: {what}.{note}"


def drains(facts: ClusterFacts) -> tuple[Drain, ...]:
    """The drain of each node with Weaviate; empty where no pod is on a node."""
    nodes = {node.metadata.name: node for node in facts.objects("nodes")}
    zones = {name: zone_of_node(node) or "" for name, node in nodes.items()}
    return tuple(_drain(facts, loss, zones.get(loss.name, "")) for loss in facts.loss.nodes)


def upgrade_order(facts: ClusterFacts) -> tuple[str, ...]:
    """The names of all nodes: the control plane, those without Weaviate, then those that can be drained, zone by zone.

    The node of the raft leader comes last among equals, because its loss causes an election.
    """
    found = {drain.node: drain for drain in drains(facts)}
    leaders = set(facts.raft.leaders) if facts.raft else set()

    def position(name: str, zone: str, control_plane: bool) -> tuple[int, int, bool, str, str]:
        drain = found.get(name)
        if drain is None:
            return (0 if control_plane else 1), 0, False, zone, name
        rank = {True: 0, None: 1, False: 2}[drain.possible]
        return 2, rank, bool(leaders & set(drain.pods)), zone, name

    rows = [
        position(node.metadata.name, zone_of_node(node) or "", CONTROL_PLANE in node.metadata.labels)
        for node in facts.objects("nodes")
    ]
    return tuple(row[-1] for row in sorted(rows))


def order_sentences(facts: ClusterFacts) -> tuple[str, ...]:
    """How to upgrade the nodes, in sentences; empty where the nodes were not read."""
    if facts.missing("nodes") is not None:
        return ()
    with_weaviate = {drain.node for drain in drains(facts)}
    order = upgrade_order(facts)
    free = [name for name in order if name not in with_weaviate]
    ours = [name for name in order if name in with_weaviate]
    first = f"Upgrade the control plane first, then {count(len(free), 'node')} without Weaviate" if free else (
        "Upgrade the control plane first"
    )  # fmt: skip
    sentences = [f"{first}{f' ({_listed(free)})' if free else ''}."]
    if ours:
        sentences.append(
            f"Then drain the nodes with Weaviate one at a time: {', '.join(ours)}. Before each next one, wait until "
            "all pods are ready and /v1/cluster/statistics reports synchronized."
        )
    return tuple(sentences)


def _drain(facts: ClusterFacts, loss: Loss, zone: str) -> Drain:
    blocked, unread = list(_now_unhealthy(facts, loss)), list(_unread(facts))
    notes: list[str] = []
    for blocks, text in _budgets(facts, loss):
        (blocked if blocks else notes).append(text)
    blocked += [*_quorum(loss), *_places(loss)]
    if facts.weaviate.replicas == 1:
        blocked.append("it has the only pod of Weaviate, which is offline until the pod runs elsewhere")
    return Drain(loss.name, zone, loss.pods, tuple(blocked), tuple(unread), tuple(notes))


def _unread(facts: ClusterFacts) -> Iterator[str]:
    matrix = facts.loss
    reasons: dict[str, Reason | None] = {
        "the budgets": facts.missing(BUDGETS),
        "the placement of the shards": matrix.shards_missing,
        "the raft voters": matrix.voters_missing,
        "the nodes and volumes that the pods could use": matrix.placing_missing,
    }
    yield from (f"{what} ({REASON_WORDS[reason]})" for what, reason in reasons.items() if reason is not None)
    if matrix.sampled:
        yield "the shards of all collections (the list is too long)"
    if matrix.unlocated:
        yield f"the pods of {_listed(matrix.unlocated)}"


def _now_unhealthy(facts: ClusterFacts, loss: Loss) -> Iterator[str]:
    waiting = [pod.metadata.name for pod in facts.weaviate.pods if not is_ready(pod)]
    others = [name for name in waiting if name not in loss.pods]
    if others:
        yield f"{_listed(others)} {'is' if len(others) == 1 else 'are'} not ready"


# --- budgets --------------------------------------------------------------------------------------


def _budgets(facts: ClusterFacts, loss: Loss) -> Iterator[tuple[bool, str]]:
    """(whether it blocks, text) on the budgets that select the pods of the node."""
    if facts.missing(BUDGETS) is not None:
        return
    own = [pod for pod in facts.weaviate.pods if pod.metadata.name in loss.pods]
    selecting = {
        budget.metadata.name: budget for budget in facts.objects(BUDGETS) if selected_pods(budget, own)
    }  # fmt: skip
    several = [pod for pod in own if sum(bool(selected_pods(budget, [pod])) for budget in selecting.values()) > 1]
    if several:
        yield True, f"several PodDisruptionBudgets select the same pod ({_listed(list(selecting))}), which blocks it"
        return
    if not selecting:
        yield False, "no PodDisruptionBudget limits how many pods are evicted at once"
    for name, budget in selecting.items():
        allowed = _allowed(facts, budget)
        if allowed is None:
            yield True, f"the PodDisruptionBudget {name} is not valid"
        elif allowed == 0:
            yield True, f"the PodDisruptionBudget {name} allows no eviction now"
        elif allowed < len(selected_pods(budget, own)):
            yield False, f"the PodDisruptionBudget {name} allows {count(allowed, 'eviction')} at a time"


def _allowed(facts: ClusterFacts, budget: PodDisruptionBudget) -> int | None:
    """Evictions that the budget allows now, by the ready pods; None where its values are not valid."""
    selected = selected_pods(budget, facts.objects("pods"))
    healthy = sum(map(is_ready, selected))
    replicas = max(facts.weaviate.replicas, len(selected))
    try:
        return disruptions(budget, replicas, len(selected), healthy).allowed
    except ValueError:
        return None


# --- quorum and places ----------------------------------------------------------------------------


def _quorum(loss: Loss) -> Iterator[str]:
    """The shards that lose their quorum by it, with examples, and the metadata store."""
    for cell in [cell for cell in loss.cells if cell.below > cell.already][:_SHOWN]:
        number, verb = cell.below - cell.already, "loses" if cell.below - cell.already == 1 else "lose"
        yield f"{count(number, 'shard')} of {cell.collection} ({_listed(cell.examples)}) {verb} the quorum"
    if loss.voters_survive is False:
        yield f"the metadata store keeps {loss.voters_left} of {loss.voters} voters and needs {loss.voters_needed}"


def _places(loss: Loss) -> Iterator[str]:
    for stranded in loss.stranded:
        yield f"{stranded.pod} has no other node ({stranded.reason})"


def _listed(names: tuple[str, ...] | list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
