"""Evidence as tables: `kit.show.zones()` and so on. If the evidence is missing, the view states the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from readiness_kit.facts.analysis.drain import drains, order_sentences
from readiness_kit.facts.detectors.scan import LEVELS, found
from readiness_kit.labels import REASON_WORDS, count
from readiness_kit.markup import esc, facts_table, table
from readiness_kit.notebook.controller import Controller
from readiness_kit.notebook.views.redrawn import Redrawn
from readiness_kit.notebook.views.scope import NO_EVIDENCE, evidence_html
from readiness_kit.notebook.views.view import NOTHING_COLLECTED, View, sentence

if TYPE_CHECKING:
    import pandas as pd

    from readiness_kit.facts import ClusterFacts

MAX_ROWS = 20
NO_WRAP_LENGTH = 24
"""Short names, such as that of a zone, are not broken at their hyphens."""


class Tables:
    """Each method returns a view with at most twenty rows, the most important first."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller

    def zones(self) -> View:
        """Weaviate pods by zone and node."""
        return self._frame("Weaviate pods by zone and node", _zones, "pods", "nodes")

    def nodes(self) -> View:
        """Nodes: zone, state, size, and whether Weaviate can be scheduled there."""
        return self._frame("Nodes", _nodes, "nodes")

    def containers(self) -> View:
        """Requests and limits of the containers in the Weaviate pods."""
        return self._frame("Requests and limits", _containers, "pods")

    def volumes(self) -> View:
        """The volumes of Weaviate: claim, class, capacity, zone and reclaim policy."""
        return self._frame("Volumes", _volumes, "persistentvolumeclaims")

    def services(self) -> View:
        """The Services in the namespace of Weaviate, and from where they can be reached."""
        return self._frame("Services", lambda facts: facts.services, "services")

    def drain(self) -> View:
        """For each node with Weaviate whether it can be drained now and what blocks it, and the order of an upgrade."""
        title, facts = "Drain and upgrade of the nodes", self._controller.session.facts
        if facts is None:
            problem = self._controller.session.problem
            return sentence(f"{title}: {problem.what if problem else NOTHING_COLLECTED}.")
        if (reason := facts.missing("pods")) is not None:
            return sentence(f"{title}: unknown, pods {REASON_WORDS[reason]}.")
        lines = (*(found.sentence for found in drains(facts)), *order_sentences(facts))
        body = "".join(f"<li>{esc(line)}</li>" for line in lines)
        return View(f"<ul>{body}</ul>", "\n".join(lines)) if lines else sentence(f"{title}: no pod is on a node.")

    def ecosystem(self) -> View:
        """Tools found in the cluster, by which indicator, and what that does not prove."""
        return self._table("Tools found in this cluster", _ecosystem)

    def facts(self, question_id: str) -> View:
        """Every fact behind the evidence on one question, failed ones first."""
        finding = self._controller.verdict(question_id).finding
        facts = finding.facts if finding else ()
        title = f"{question_id}: {count(len(facts), 'fact')}"
        return View(facts_table(facts, caption=title), title)

    def scope(self) -> Redrawn:
        """The cluster and the Weaviate workload that were read, with warnings, and what could not be read."""
        return self._controller.show_as("scope", Redrawn(self._scope))

    def _scope(self) -> View:
        snapshot = self._controller.session.snapshot
        if snapshot is None:
            return View(NO_EVIDENCE, NOTHING_COLLECTED)
        return View(evidence_html(self._controller), count(len(snapshot.manifest.reads), "kind"))

    def _frame(self, title: str, build: Callable[[ClusterFacts], pd.DataFrame], *reads: str) -> View:
        def rows(facts: ClusterFacts) -> tuple[list[str], list[tuple[Any, ...]]]:
            frame = build(facts)
            return list(frame.columns), list(frame.itertuples(index=False, name=None))

        return self._table(title, rows, *reads)

    def _table(
        self, title: str, build: Callable[[ClusterFacts], tuple[Sequence[str], Sequence[Sequence[Any]]]], *reads: str
    ) -> View:
        session = self._controller.session
        if session.facts is None:
            return sentence(f"{title}: {session.problem.what if session.problem else NOTHING_COLLECTED}.")
        for key in reads:
            if (reason := session.facts.missing(key)) is not None:
                return sentence(f"{title}: unknown, {key} {REASON_WORDS[reason]}.")
        head, rows = build(session.facts)
        text = "\n".join("  ".join(map(cell_text, row)) for row in (head, *rows))
        return View(table_html(head, rows, title), f"{title}\n{text}")


def table_html(head: Iterable[str], rows: Sequence[Sequence[Any]], title: str) -> str:
    """An escaped table of at most twenty rows, and the number of rows left out."""
    cells = [[_cell(cell_text(value)) for value in row] for row in rows[:MAX_ROWS]]
    omitted = len(rows) - len(cells)
    more = f'<p class="quiet">{omitted} more; <code>kit.facts</code> has all rows.</p>' if omitted else ""
    return f"{table([_heading(column) for column in head], cells, caption=title)}{more}"


def _heading(column: str) -> str:
    """`cpu_request` as `CPU request`."""
    words = column.replace("_", " ").replace("cpu", "CPU").replace("weaviate", "Weaviate")
    return words[0].upper() + words[1:]


def _cell(text: str) -> Markup:
    whole = len(text) <= NO_WRAP_LENGTH and "-" in text
    return Markup('<span class="whole">{}</span>').format(text) if whole else esc(text, 120)


def cell_text(value: Any) -> str:
    """A cell as text: yes or no for booleans, empty for missing values, lists joined by commas."""
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    if value is True or value is False:
        return "yes" if value else "no"
    if value is None or value != value:
        return ""
    return f"{value:,.3g}" if isinstance(value, float) and abs(value) < 1000 else str(value)


def _zones(facts: ClusterFacts) -> pd.DataFrame:
    pods = facts.pods
    return pods.loc[pods["weaviate"], ["name", "node", "zone", "ready", "phase"]]


def _ecosystem(facts: ClusterFacts) -> tuple[Sequence[str], Sequence[Sequence[Any]]]:
    rows = [
        (match.tool, match.group.replace("_", " "), LEVELS[match.level], match.indicator, match.not_proven)
        for match in found(facts)
    ]
    return ("tool", "purpose", "level", "indicator", "does not prove"), rows


def _nodes(facts: ClusterFacts) -> pd.DataFrame:
    columns = ["name", "zone", "instance_type", "ready", "schedulable", "candidate", "cpu", "memory"]
    rows = facts.nodes[columns].rename(columns={"candidate": "for_weaviate"})
    return rows.assign(memory=_gibibytes(rows["memory"]))


def _volumes(facts: ClusterFacts) -> pd.DataFrame:
    columns = ["claim", "pod", "storage_class", "capacity", "phase", "zone", "reclaim", "expandable"]
    rows = facts.volumes[columns]
    return rows.assign(capacity=_gibibytes(rows["capacity"]))


def _gibibytes(column: pd.Series) -> list[str]:
    return [f"{value / 2**30:,.1f} GiB" if value == value else "" for value in column]


def _containers(facts: ClusterFacts) -> pd.DataFrame:
    containers = facts.containers
    columns = ["pod", "container", "cpu_request", "cpu_limit", "memory_request", "memory_limit", "restarts"]
    rows = containers.loc[containers["weaviate"] & ~containers["init"], columns].copy()
    for column in ("memory_request", "memory_limit"):
        rows[column] = _gibibytes(rows[column])
    return rows
