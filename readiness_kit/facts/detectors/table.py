"""The table of detectors, `detectors.yaml`: the indicators that identify a tool, and what a detection proves.

The format of the file:

    - tool: Velero
      group: volume_backup          # one of Group
      grade: V                      # V: verified in the tool's sources; K: general knowledge, only a hint
      proves: …                     # what a detection related to Weaviate proves
      not_proven: …                   # what the detection does not prove
      questions: [res.data_backed_up]
      runs: [{names: [velero], images: [velero/velero]}]     # alternatives; see Run
      nodes: …                      # see OnNodes
      weaviate: …                   # see OnWeaviate
      api_groups: [velero.io]       # API groups that only this tool uses
      crds: [schedules.velero.io]   # CRDs, for API groups that several tools share
      csi_drivers: […]              # names of CSIDriver objects
      all_of: [runs, nodes]         # types of indicators that are required together
      per_node: true                # its DaemonSet must run on every node with Weaviate
      objects: [veleroschedules]    # keys of kinds.KINDS; relevance.py decides which objects concern Weaviate

An invalid table raises a ConfigError that names the row and the field.
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
INDICATORS = ("runs", "nodes", "weaviate", "api_groups", "crds", "csi_drivers", "objects")
"""Fields of a row of which at least one is needed."""
WORKLOAD_KEYS: dict[str, str] = {"DaemonSet": "daemonsets", "Deployment": "deployments", "StatefulSet": "statefulsets"}


class Run(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A workload that matches any of `names`, `called` and `images`, and all of the other fields.

    names:      values of the labels app.kubernetes.io/name, k8s-app or app, on the workload or its template; `*x`
                matches values that end in x
    called:     names of the object
    images:     ends of a container's image repository, without registry and tag; `x*` matches a prefix
    labels:     further labels
    env:        literal variables that contain the text
    args:       arguments of a command line
    lacks:      arguments that must be absent
    containers: names of containers, of which one must exist
    namespaces: namespaces of the workload
    kinds:      kinds of the workload
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
    """Indicators on nodes, of which one suffices: labels (`*`: any value), conditions, name and provider prefixes."""

    labels: dict[str, str] = {}
    conditions: Names = ()
    name: str = ""
    provider: str = ""


class OnWeaviate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Indicators on Weaviate itself, of which one suffices; the value `*` matches any value.

    containers:          further containers of the pods
    annotations, labels: of the workload, its template or its pods
    csi:                 CSI drivers of volumes in the template
    namespace:           labels of the namespace
    """

    containers: Names = ()
    annotations: dict[str, str] = {}
    labels: dict[str, str] = {}
    csi: Names = ()
    namespace: dict[str, str] = {}


class Detector(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of the table.

    all_of:   types of indicators that are required together (`[runs, nodes]`); by default one suffices
    per_node: a DaemonSet is related to Weaviate where it runs, ready, on every node with Weaviate
    """

    tool: Text
    group: Group
    grade: Annotated[str, Meta(pattern=r"^[VK]$")]
    proves: Text
    not_proven: Text
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
        """The keys that this row reads."""
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
    """The rows of the packaged table, in order."""
    return load(read_text(PATH, WHAT), f"{WHAT} {PATH}")


def load(text: str, what: str = WHAT) -> tuple[Detector, ...]:
    """The rows of a table. Raises ConfigError with the row and field that is invalid."""
    rows = parse_yaml(text, what)
    if not isinstance(rows, list):
        raise ConfigError(f"{what} is not a list of rows", "start each row with `- tool: …`")
    found = tuple(_row(row, f"{what}, row {number}", what) for number, row in enumerate(rows, 1))
    seen: set[tuple[str, str]] = set()
    for detector in found:
        if (detector.tool, detector.group) in seen:
            raise ConfigError(
                f"{what}: {detector.tool!r} is listed twice in the group {detector.group}", "remove one of the rows"
            )
        seen.add((detector.tool, detector.group))
    return found


def _row(row: Any, place: str, what: str) -> Detector:
    named = f"{what}, row {row['tool']!r}" if isinstance(row, dict) and row.get("tool") else place
    detector = convert(row, Detector, named)
    if unknown := [key for key in detector.objects if key not in KINDS]:
        raise ConfigError(f"{named}: $.objects: the kit reads no {', '.join(unknown)}", "use keys of kinds.KINDS")
    if not any(getattr(detector, name) for name in INDICATORS):
        raise ConfigError(f"{named}: there is no indicator", f"add one of {', '.join(INDICATORS)}")
    return detector


@cache
def reads_of(group: str) -> tuple[str, ...]:
    """The keys that the detectors of a group read, sorted; evidence on the group names and tolerates them."""
    if group not in GROUPS:
        raise ValueError(f"unknown group of detectors {group!r}; the groups are {', '.join(GROUPS)}")
    return tuple(sorted({key for detector in detectors() if detector.group == group for key in detector.reads}))
