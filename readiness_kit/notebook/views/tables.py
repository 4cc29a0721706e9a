"""Views of the evidence as tables: `kit.show.zones()` and its like. Each says so where it cannot know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from readiness_kit.labels import REASON_WORDS, count
from readiness_kit.markup import FACT_HEAD, esc, fact_rows, plain_table
from readiness_kit.model import Reason
from readiness_kit.notebook.views.connection_check import reads_html
from readiness_kit.notebook.views.view import View, scrolled

if TYPE_CHECKING:
    import pandas as pd

    from readiness_kit.facts import ClusterFacts
    from readiness_kit.notebook.kit import Kit
    from readiness_kit.notebook.views.live import Redrawn

MAX_ROWS = 20
SHORT = 24


class Views:
    """Each view is a Face with the rows that matter first and at most twenty of them."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    def _frame(self, reads: tuple[str, ...], title: str, build: Any) -> View:
        facts = self._kit.session.facts
        if facts is None:
            why = self._kit.session.problem
            return View(f"<p>{esc(title)}: {esc(why.what if why else 'nothing has been collected yet')}.</p>", title)
        for key in reads:
            if (reason := facts.missing(key)) is not None:
                return View(f"<p>{esc(title)}: unknown, {key} {_why(reason)}.</p>", title)
        frame = build(facts)
        return View(f"<p><b>{esc(title)}</b></p>{frame_html(frame, title)}", f"{title}\n{frame.to_string(index=False)}")

    def zones(self) -> View:
        """Weaviate pods by zone and node."""
        return self._frame(("pods", "nodes"), "Where the Weaviate pods run", _zones)

    def nodes(self) -> View:
        """Nodes: zone, state, size, and whether Weaviate may be scheduled there."""
        return self._frame(("nodes",), "Nodes", _nodes)

    def containers(self) -> View:
        """Requests and limits of the Weaviate pods' containers."""
        return self._frame(("pods",), "Requests and limits", _containers)

    def volumes(self) -> View:
        """The volumes of Weaviate: claim, class, size, zone, what happens on release."""
        return self._frame(("persistentvolumeclaims",), "Volumes", _volumes)

    def services(self) -> View:
        """The Services in Weaviate's namespace, and who can reach them."""
        return self._frame(("services",), "Services", lambda facts: facts.services)

    def ecosystem(self) -> View:
        """Tools found in this cluster, by which sign, and what their presence does not prove."""
        return self._frame((), "Found in this cluster", _ecosystem)

    def facts(self, question_id: str) -> View:
        """Every fact behind the evidence on one question, those that failed first."""
        finding = self._kit.verdict(question_id).finding
        facts = finding.facts if finding else ()
        title = f"{question_id}: {count(len(facts), 'fact')}"
        rows = plain_table(FACT_HEAD, fact_rows(facts))
        return View(f"<p><b>{esc(title)}</b></p>{scrolled(rows, title)}", title)

    def scope(self) -> Redrawn:
        """What was read, and what could not be."""
        return self._kit.following("scope", self._scope)

    def _scope(self) -> View:
        snapshot = self._kit.session.snapshot
        if snapshot is None:
            return View("<p>Nothing has been collected yet.</p>", "nothing collected")
        return View(reads_html(snapshot.manifest.reads), count(len(snapshot.manifest.reads), "kind"))


def frame_html(frame: pd.DataFrame, label: str) -> str:
    """A frame as an escaped table, at most twenty rows, and how many were left out."""
    head = [str(column).replace("_", " ") for column in frame.columns]
    rows = [[_cell(cell_text(value)) for value in row] for row in frame.head(MAX_ROWS).itertuples(index=False)]
    left = len(frame) - len(rows)
    more = f'<p class="quiet">{left} more: the whole frame is in <code>kit.facts</code>.</p>' if left > 0 else ""
    return scrolled(plain_table(head, rows), label) + more


def _cell(text: str) -> str:
    """Escaped; what is short, as the name of a zone, is not broken at its hyphens."""
    return f'<span class="whole">{esc(text)}</span>' if len(text) <= SHORT and "-" in text else esc(text, 120)


def cell_text(value: Any) -> str:
    """A cell for people: yes and no, nothing for what is not there, lists joined."""
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    if value is True or value is False:
        return "yes" if value else "no"
    if value is None or value != value:
        return ""
    return f"{value:,.3g}" if isinstance(value, float) and abs(value) < 1000 else str(value)


def _why(reason: Reason) -> str:
    return REASON_WORDS[reason]


def _zones(facts: ClusterFacts) -> pd.DataFrame:
    pods = facts.pods
    return pods.loc[pods["weaviate"], ["name", "node", "zone", "ready", "phase"]]


def _ecosystem(facts: ClusterFacts) -> pd.DataFrame:
    import pandas as pd

    from readiness_kit.facts.detectors.scan import LEVELS, found

    rows = [(one.tool, one.group.replace("_", " "), LEVELS[one.level], one.sign, one.does_not) for one in found(facts)]
    return pd.DataFrame(rows, columns=["tool", "for", "seen", "sign", "does_not_prove"])


def _nodes(facts: ClusterFacts) -> pd.DataFrame:
    columns = ["name", "zone", "instance_type", "ready", "schedulable", "candidate", "cpu", "memory"]
    rows = facts.nodes[columns].rename(columns={"candidate": "for_weaviate"})
    return rows.assign(memory=_sizes(rows["memory"]))


def _volumes(facts: ClusterFacts) -> pd.DataFrame:
    columns = ["claim", "pod", "storage_class", "capacity", "phase", "zone", "reclaim", "expandable"]
    rows = facts.volumes[columns]
    return rows.assign(capacity=_sizes(rows["capacity"]))


def _sizes(column: pd.Series) -> list[str]:
    return [f"{value / 2**30:,.1f} GiB" if value == value else "" for value in column]


def _containers(facts: ClusterFacts) -> pd.DataFrame:
    containers = facts.containers
    columns = ["pod", "container", "cpu_request", "cpu_limit", "memory_request", "memory_limit", "restarts"]
    rows = containers.loc[containers["weaviate"] & ~containers["init"], columns].copy()
    for column in ("memory_request", "memory_limit"):
        rows[column] = _sizes(rows[column])
    return rows
