"""The table of detectors, `detectors.yaml` beside this file: by which signs a tool is known, and what that proves.

The file has the shape

    - tool: Velero
      group: volume_backup          # one of Group
      grade: V                      # V: read in the tool's own sources, K: general knowledge, a hint until confirmed
      proves: …                     # what an object of it that concerns Weaviate proves
      does_not: …                   # what its presence does not prove
      questions: [res.data_backed_up]
      runs: [{names: [velero], images: [velero/velero]}]     # alternatives; see Run
      nodes: …                      # see OnNodes
      weaviate: …                   # see OnWeaviate
      api_groups: [velero.io]       # groups that are the tool's alone
      crds: [schedules.velero.io]   # for groups that several tools share
      csi_drivers: […]              # names of CSIDriver objects
      all_of: [runs, nodes]         # sorts of signs that have to be there together
      per_node: true                # its DaemonSet should come to every node with Weaviate
      objects: [veleroschedules]    # keys of kinds.KINDS; which of them concern Weaviate: facts/detectors/relevance.py

Whatever is wrong with it is a ConfigError that names the row and the field.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta

from readiness_kit.documents import convert, parse_yaml, read_text
from readiness_kit.errors import ConfigError
from readiness_kit.kinds import KINDS
from readiness_kit.model import QuestionId, Text

PATH = Path(__file__).with_name("detectors.yaml")
WHAT = "the table of detectors"
APIS = "kubernetes/apis"

Group = Literal[
    "node_repair",
    "node_repair_option",
    "node_reporting",
    "node_scaling",
    "node_upkeep",
    "chaos",
    "load_test",
    "progressive_delivery",
    "gitops",
    "ingestion",
    "volume_backup",
    "logs",
    "log_pipeline",
    "telemetry",
    "log_store",
    "secrets",
    "rotation",
    "certificates",
    "mesh",
    "encryption",
    "cni_enforcing",
    "cni_unclear",
    "cni_plain",
    "policy",
    "gateway",
    "metrics",
    "metrics_helpers",
    "dashboards",
    "alerts",
    "vertical_scaling",
    "horizontal_scaling",
]
GROUPS: tuple[str, ...] = get_args(Group)
WorkloadKind = Literal["DaemonSet", "Deployment", "StatefulSet"]
Names = tuple[Text, ...]
WORKLOAD_KEYS: dict[str, str] = {
    "DaemonSet": "daemonsets",
    "Deployment": "deployments",
    "StatefulSet": "statefulsets",
}


class Run(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A workload: any of `names`, `called`, `images`, and all of the rest.

    names:  values of the labels app.kubernetes.io/name, k8s-app or app, of the workload or its template;
            `*x` is any value that ends in x
    called: names of the object
    images: ends of a container's repository, whatever the registry and the tag; `x*` is any that begins so
    labels: further labels; env: literal variables that contain the text; args: words of a command line
    lacks:  words that stand in no command line
    kinds:  only workloads of these kinds
    """

    names: Names = ()
    called: Names = ()
    images: Names = ()
    labels: dict[str, str] = {}
    env: dict[str, str] = {}
    args: Names = ()
    lacks: Names = ()
    containers: Names = ()
    namespaces: Names = ()
    kinds: tuple[WorkloadKind, ...] = ("DaemonSet", "Deployment", "StatefulSet")

    def __post_init__(self) -> None:
        if not (self.names or self.called or self.images or self.labels):
            raise ValueError("needs one of names, called, images, labels")


class OnNodes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Signs on nodes, each enough: labels (value `*` for any), conditions, beginnings of name and provider id."""

    labels: dict[str, str] = {}
    conditions: Names = ()
    name: str = ""
    provider: str = ""


class OnWeaviate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Signs on Weaviate itself, each enough; the value `*` is any.

    containers: beside the server in its pods; annotations, labels: of the workload, its template or its pods;
    csi: drivers of volumes of the template; namespace: labels of its namespace
    """

    containers: Names = ()
    annotations: dict[str, str] = {}
    labels: dict[str, str] = {}
    csi: Names = ()
    namespace: dict[str, str] = {}


class Detector(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row.

    all_of:   sorts of signs that have to be there together (`[runs, nodes]`); else each sign is enough
    per_node: a DaemonSet of it has to do with Weaviate where it comes, ready, to every node with Weaviate
    """

    tool: Text
    group: Group
    grade: Annotated[str, Meta(pattern=r"^[VK]$")]
    proves: Text
    does_not: Text
    questions: tuple[QuestionId, ...] = ()
    runs: tuple[Run, ...] = ()
    nodes: OnNodes | None = None
    weaviate: OnWeaviate | None = None
    api_groups: Names = ()
    crds: Names = ()
    csi_drivers: Names = ()
    objects: Names = ()
    all_of: tuple[Literal["runs", "nodes", "weaviate"], ...] = ()
    per_node: bool = False

    @property
    def reads(self) -> frozenset[str]:
        """The keys of all that this row looks at."""
        keys = set(self.objects)
        keys |= {WORKLOAD_KEYS[kind] for run in self.runs for kind in run.kinds}
        if self.nodes or self.per_node:
            keys |= {"nodes", "pods"}
        if self.weaviate:
            keys |= {"pods"} | ({"namespaces"} if self.weaviate.namespace else set())
        keys |= {APIS} if self.api_groups or self.crds else set()
        return frozenset(keys | ({"csidrivers"} if self.csi_drivers else set()))


@cache
def detectors() -> tuple[Detector, ...]:
    """The shipped table, in its order."""
    return load(read_text(PATH, WHAT), f"{WHAT} {PATH}")


def load(text: str, what: str = WHAT) -> tuple[Detector, ...]:
    """The rows of a table; ConfigError for what is wrong with it, by row and field."""
    rows = parse_yaml(text, what)
    if not isinstance(rows, list):
        raise ConfigError(f"{what} is not a list of rows", "begin each row with `- tool: …`")
    found = tuple(_row(row, f"{what}, row {number}", what) for number, row in enumerate(rows, 1))
    seen: set[tuple[str, str]] = set()
    for detector in found:
        if (detector.tool, detector.group) in seen:
            raise ConfigError(
                f"{what}: {detector.tool!r} stands twice in the group {detector.group}", "keep one of the rows"
            )
        seen.add((detector.tool, detector.group))
    return found


def _row(row: Any, place: str, what: str) -> Detector:
    named = f"{what}, row {row['tool']!r}" if isinstance(row, dict) and row.get("tool") else place
    detector = convert(row, Detector, named)
    if unknown := [key for key in detector.objects if key not in KINDS]:
        raise ConfigError(f"{named}: $.objects: the kit reads no {', '.join(unknown)}", "name keys of kinds.KINDS")
    if not (
        detector.runs
        or detector.nodes
        or detector.weaviate
        or detector.api_groups
        or detector.crds
        or detector.csi_drivers
        or detector.objects
    ):
        raise ConfigError(f"{named}: there is no sign to know it by", "give runs, nodes, weaviate, api_groups or crds")
    return detector


@cache
def reads_of(group: str) -> tuple[str, ...]:
    """What the detectors of a group read, sorted: evidence that asks for the group names (and tolerates) these."""
    if group not in GROUPS:
        raise ValueError(f"there is no group of detectors named {group!r}: {', '.join(GROUPS)}")
    return tuple(sorted({key for detector in detectors() if detector.group == group for key in detector.reads}))
