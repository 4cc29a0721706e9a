"""The table of detectors: valid rows, and errors by row and field."""

from __future__ import annotations

import pytest

from readiness_kit.checklist import load_checklist
from readiness_kit.errors import ConfigError
from readiness_kit.facts.detectors.relevance import RULES
from readiness_kit.facts.detectors.scan import DETECTOR_READS
from readiness_kit.facts.detectors.table import APIS, GROUPS, detectors, load, reads_of
from readiness_kit.kinds import KINDS
from readiness_kit.kinds.sources import SOURCES


def test_the_table_is_whole() -> None:
    ids = set(load_checklist().ids)
    for detector in detectors():
        assert set(detector.questions) <= ids and detector.questions, detector.tool
        assert detector.proves != detector.not_proven and not detector.proves.endswith("."), detector.tool
        assert detector.reads <= KINDS.keys() | SOURCES.keys(), detector.tool
    assert {detector.group for detector in detectors()} == set(GROUPS)
    assert len(detectors()) >= 110


def test_every_kind_that_a_rule_is_for_is_read_by_a_row() -> None:
    assert RULES.keys() <= {key for detector in detectors() for key in detector.objects}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tool: x", "not a list of rows"),
        ("- {tool: X, group: logs, grade: V, proves: a}", "row 'X'.*not_proven"),
        ("- {tool: X, group: logs, grade: T, proves: a, not_proven: b, api_groups: [g]}", r"row 'X'.*\$\.grade"),
        ("- {tool: X, group: drums, grade: V, proves: a, not_proven: b, api_groups: [g]}", r"row 'X'.*\$\.group"),
        ("- {tool: X, group: logs, grade: V, proves: a, not_proven: b, apis: [g]}", "row 'X'.*apis"),
        ("- {tool: X, group: logs, grade: V, proves: a, not_proven: b}", "row 'X'.*no indicator"),
        (
            "- {tool: X, group: logs, grade: V, proves: a, not_proven: b, objects: [gizmos]}",
            r"row 'X'.*\$\.objects.*gizmos",
        ),
        (
            "- {tool: X, group: logs, grade: V, proves: a, not_proven: b, runs: [{kinds: [Pod]}]}",
            r"row 'X'.*\$\.runs\[0\]",
        ),
        ("- {tool: X, group: logs, grade: V, proves: a, not_proven: b, runs: [{args: [y]}]}", r"row 'X'.*needs one of"),
        ("- {group: logs, grade: V, proves: a, not_proven: b, api_groups: [g]}", "row 1.*tool"),
        ("- 5", "row 1"),
    ],
)
def test_what_is_wrong_with_a_table_is_said_by_row_and_field(text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        load(text)


def test_a_tool_stands_once_in_a_group() -> None:
    row = "- {tool: X, group: logs, grade: V, proves: a, not_proven: b, api_groups: [g]}\n"
    with pytest.raises(ConfigError, match="'X' is listed twice in the group logs"):
        load(row + row)
    assert len(load(row + row.replace("logs", "alerts"))) == 2


def test_what_a_group_reads() -> None:
    assert set(DETECTOR_READS) == set(GROUPS)
    assert DETECTOR_READS["logs"] == ("daemonsets", APIS, "nodes", "opentelemetrycollectors", "pods")
    assert {"veleroschedules", "velerorestores", "volumesnapshots", "kastenpolicies"} <= set(
        DETECTOR_READS["volume_backup"]
    )
    assert DETECTOR_READS["encryption"] == ("felixconfigurations",)
    with pytest.raises(ValueError, match="unknown group of detectors 'drums'"):
        reads_of("drums")
