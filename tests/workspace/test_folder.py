"""The assessment folder: found, begun, its settings changed line by line, its lists kept."""

from __future__ import annotations

import json
import stat
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness_kit import snapshot
from readiness_kit.errors import ConfigError, ReadinessError, UsageError
from readiness_kit.model import (
    SCHEMA_VERSION,
    Branding,
    Cluster,
    Profile,
    Settings,
    Thresholds,
)
from readiness_kit.workspace import settings as settings_module
from readiness_kit.workspace.folder import Folder
from readiness_kit.workspace.settings import change_settings, parse_settings, render_settings
from tests.assessment.making import answer, waiver

FULL = Settings(
    customer='Ünï "quoted" #1: yes',
    cluster_name="2026-01-02",
    assessor="null",
    participants=("A: b", "😀", "x, y"),
    contact="someone@example.com\nsecond line",
    date=date(2026, 11, 24),
    profile=Profile.EXTENDED,
    read_heavy=False,
    cluster=Cluster("prod", "/home/x/.kube/config", ("a", "b"), "a/weaviate"),
    branding=Branding("logo.png", "#0b5fff", "#e69f00"),
    thresholds=Thresholds(coverage_minimum=0.8, backup_rpo_hours=1.5, many_shards=5),
    extra_checklists=("ours.yaml",),
)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "assessment").create()


def text(folder: Folder) -> str:
    return (folder.path / "readiness.yaml").read_text("utf-8")


# --- finding and beginning ------------------------------------------------------------------------


def test_begun_with_all_its_parts(folder: Folder) -> None:
    assert {path.name for path in folder.path.iterdir() if not path.name.startswith(".")} == {
        "readiness.yaml", "snapshots", "milestones", "reports", "notebooks", "private",
    }  # fmt: skip
    assert stat.S_IMODE(folder.private.stat().st_mode) == 0o700
    assert folder.settings == Settings()
    assert (folder.answers.all(), folder.waivers, folder.snapshots(), folder.latest_snapshot()) == ({}, (), [], None)
    assert folder.state == {"parked": [], "position": ""}


def test_beginning_again_changes_nothing(folder: Folder) -> None:
    folder.write_settings(customer="Example")
    before = text(folder)
    assert Folder(folder.path).create(Settings(customer="Other")).settings.customer == "Example"
    assert text(folder) == before


def test_found_from_below_by_variable_or_not_at_all(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Folder.find(folder.notebooks).path == folder.path
    monkeypatch.chdir(folder.reports)
    assert Folder.find().path == folder.path
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.setenv("READINESS_DIR", str(other))
    assert Folder.find(folder.path).path == other
    monkeypatch.setenv("READINESS_DIR", str(tmp_path / "gone"))
    with pytest.raises(ConfigError, match=r"\$READINESS_DIR names .*gone"):
        Folder.find()
    monkeypatch.delenv("READINESS_DIR")
    with pytest.raises(ConfigError, match="no assessment here"):
        Folder.find(other)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    missing = Folder(tmp_path / "gone")
    with pytest.raises(ConfigError, match="gone does not exist"):
        _ = missing.settings
    assert not missing.path.exists()
    (tmp_path / "bare").mkdir()
    assert Folder(tmp_path / "bare").settings == Settings()


# --- settings -------------------------------------------------------------------------------------


@pytest.mark.parametrize("chosen", [Settings(), FULL])
def test_written_settings_read_back(tmp_path: Path, chosen: Settings) -> None:
    assert Folder(tmp_path).create(chosen).settings == chosen


def test_every_setting_is_explained_and_each_threshold_is_a_kit_default() -> None:
    written = render_settings(Settings())
    fields = set(settings_module._EXPLAINED)
    expected = set(Settings.__struct_fields__)
    for block in (Cluster, Branding, Thresholds):
        expected |= {f"{block.__name__.lower()}.{name}" for name in block.__struct_fields__}
    assert fields == expected
    for name in Thresholds.__struct_fields__:
        (line,) = [line for line in written.splitlines() if f" {name}:" in line]
        assert line.strip().startswith("#") and line.endswith("(kit default)")


def test_a_commented_threshold_counts_once_the_mark_is_taken_away() -> None:
    edited = render_settings(Settings()).replace("  # restore_test_days: 90", "  restore_test_days: 30")
    assert parse_settings(edited, Path("x")).thresholds == Thresholds(restore_test_days=30)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("customer: 12\n", r"readiness\.yaml.*\$\.customer"),
        ("thresholds:\n  failover_test_days: soon\n", r"readiness\.yaml.*\$\.thresholds\.failover_test_days"),
        ("thresholds:\n  coverage_minimum: 70\n", r"\$\.thresholds\.coverage_minimum"),
        ("branding:\n  primary: blue\n", r"\$\.branding\.primary"),
        ("custumer: Example\n", "custumer"),
        ("- a list\n", r"readiness\.yaml"),
        ("customer: [\n", r"readiness\.yaml.* is not valid YAML"),
        ("customer: \udcff\n", "cannot be read"),
    ],
)
def test_bad_settings_name_file_and_field(folder: Folder, body: str, says: str) -> None:
    (folder.path / "readiness.yaml").write_bytes(body.encode("utf-8", "surrogateescape"))
    for use in (lambda: folder.settings, lambda: folder.write_settings(assessor="x")):
        with pytest.raises(ReadinessError, match=says):
            use()
    assert (folder.path / "readiness.yaml").read_bytes() == body.encode("utf-8", "surrogateescape")


def test_an_empty_file_and_empty_fields_are_defaults(folder: Folder) -> None:
    for body in ("", "# nothing\n", "customer:\nthresholds:\ncluster:\n  context:\nparticipants:\n"):
        (folder.path / "readiness.yaml").write_text(body)
        assert folder.settings == Settings()


def test_settings_edited_by_hand_are_seen_at_once(folder: Folder) -> None:
    assert folder.settings.customer == ""
    (folder.path / "readiness.yaml").write_text("customer: Example Ltd\n")
    assert folder.settings.customer == "Example Ltd"


# --- changing single settings ---------------------------------------------------------------------

MINE = """\
# my own remark
customer:   'It''s #1'   # who pays
cluster:
    # where
    context: old  # the old one
    namespaces: [a, b]

# between
thresholds:
  # failover_test_days: 90  # A failover test (kit default)
  restore_test_days: 10
profile: core # for now
"""

CHANGED = """\
# my own remark
customer: "B: #2"   # who pays
cluster:
    # where
    context: "new"  # the old one
    namespaces: []

# between
thresholds:
  failover_test_days: 60
  restore_test_days: 10
profile: extended # for now
"""


def test_single_lines_change_and_all_else_stays(folder: Folder) -> None:
    path = folder.path / "readiness.yaml"
    path.write_text(MINE)
    got = folder.write_settings(
        customer="B: #2",
        profile=Profile.EXTENDED,
        cluster={"context": "new", "namespaces": ()},
        **{"thresholds.failover_test_days": 60},
    )
    assert (got.customer, got.profile, got.cluster) == ("B: #2", Profile.EXTENDED, Cluster("new"))
    assert got.thresholds == Thresholds(failover_test_days=60, restore_test_days=10)
    assert text(folder) == CHANGED


def test_fields_that_have_no_line_yet_are_added(folder: Folder) -> None:
    path = folder.path / "readiness.yaml"
    path.write_text("# mine\ncluster:\n  context: a\n\ncustomer: Example")
    got = folder.write_settings(assessor="One", cluster={"weaviate": "ns/w"}, branding={"primary": "#0b5fff"})
    assert got == Settings(
        customer="Example", assessor="One", cluster=Cluster("a", weaviate="ns/w"), branding=Branding(primary="#0b5fff")
    )
    assert text(folder).startswith("# mine\ncluster:\n  context: a\n")


def test_windows_line_ends_stay(folder: Folder) -> None:
    path = folder.path / "readiness.yaml"
    path.write_bytes(MINE.replace("\n", "\r\n").encode())
    folder.write_settings(customer="C", cluster={"context": "d"}, assessor="E")
    body = path.read_bytes()
    assert body.count(b"\n") == body.count(b"\r\n") == MINE.count("\n") + 1
    assert folder.settings.cluster == Cluster("d", namespaces=("a", "b"))


@pytest.mark.parametrize("body", ["participants:\n  - One\n  - Two\n", "{participants: [One]}\n"])
def test_what_cannot_be_changed_safely_is_left_and_said(folder: Folder, body: str) -> None:
    path = folder.path / "readiness.yaml"
    path.write_text(body)
    with pytest.raises(ConfigError, match="is not changed") as told:
        folder.write_settings(participants=("Three",))
    assert told.value.hint == 'set by hand `participants: ["Three"]`'
    assert path.read_text() == body


def test_a_list_in_brackets_may_span_lines(folder: Folder) -> None:
    (folder.path / "readiness.yaml").write_text("participants: [One,\n  Two]\ncustomer: Example\n")
    folder.write_settings(participants=("Three",))
    assert text(folder) == 'participants: ["Three"]\ncustomer: Example\n'


@pytest.mark.parametrize("name", ["custumer", "cluster.kontext", "clusters.context", "customer.name"])
def test_a_setting_that_does_not_exist(folder: Folder, name: str) -> None:
    with pytest.raises(UsageError, match="there is no setting"):
        folder.write_settings(**{name: "x"})


@pytest.mark.parametrize("change", [{"profile": "huge"}, {"thresholds.coverage_minimum": 2}, {"customer": 5}])
def test_a_value_that_is_not_allowed(folder: Folder, change: dict) -> None:
    before = text(folder)
    with pytest.raises(ConfigError, match=r"\$"):
        folder.write_settings(**change)
    assert text(folder) == before


def test_all_settings_can_be_changed_in_a_fresh_file(folder: Folder) -> None:
    assert folder.write_settings(**msgspec.structs.asdict(FULL)) == FULL
    assert text(folder).count("\n# ") == len(Settings.__struct_fields__)  # the explanations are still there
    assert folder.write_settings(**msgspec.structs.asdict(Settings())) == Settings()


@settings(max_examples=60, deadline=None)
@given(st.text(), st.lists(st.text()), st.text(), st.floats(0, 1e6))
def test_any_text_survives_writing_and_changing(one: str, many: list[str], other: str, hours: float) -> None:
    here = Path("readiness.yaml")
    asked = Settings(customer=one, participants=tuple(many), thresholds=Thresholds(backup_rpo_hours=hours))
    written = render_settings(asked)
    assert parse_settings(written, here) == asked
    changed = change_settings(written, {"customer": other, "participants": [one], "cluster": {"context": one}}, here)
    expected = msgspec.structs.replace(asked, customer=other, participants=(one,), cluster=Cluster(one))
    assert parse_settings(changed, here) == expected


# --- answers, waivers, state ----------------------------------------------------------------------


def test_answers_are_signed_with_the_assessor(folder: Folder) -> None:
    folder.write_settings(assessor="the assessor")
    assert folder.answers.put(answer(None, note="later")).by == "the assessor"
    assert Folder(folder.path).answers.all()["ha.one"].note == "later"


def test_waivers_are_added_replaced_and_removed(folder: Folder) -> None:
    folder.add_waiver(waiver(control="Nightly export"))
    folder.add_waiver(waiver(date(2027, 6, 1)))
    folder.add_waiver(waiver(control="Hourly export"))
    folder.add_waiver(waiver(id="ha.two"))
    assert [(one.question, one.expires.month, one.control) for one in folder.waivers] == [
        ("ha.one", 6, ""), ("ha.one", 1, "Hourly export"), ("ha.two", 1, ""),
    ]  # fmt: skip
    folder.remove_waivers("ha.one")
    assert [one.question for one in folder.waivers] == ["ha.two"]
    assert json.loads((folder.path / "waivers.json").read_text())["schema"] == SCHEMA_VERSION


def test_a_bare_list_of_waivers_is_read(folder: Folder) -> None:
    (folder.path / "waivers.json").write_bytes(msgspec.json.encode([waiver()]))
    assert folder.waivers == (waiver(),)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("{", "waivers.json cannot be read"),
        ("{}", "has no list `waivers`"),
        ('{"schema": 9, "waivers": []}', "schema 9"),
        ('{"waivers": [{"question": "ha.a"}]}', r"waivers\[0\] ha\.a: .*reason"),
        (
            '{"waivers": [{"question": "ha.a", "reason": "r", "owner": "o", "approver": "a", "expires": "soon"}]}',
            r"\$\.expires",
        ),
    ],
)
def test_bad_waivers_are_named_and_never_overwritten(folder: Folder, body: str, says: str) -> None:
    path = folder.path / "waivers.json"
    path.write_text(body)
    for use in (lambda: folder.waivers, lambda: folder.add_waiver(waiver())):
        with pytest.raises(ConfigError, match=says):
            use()
    assert path.read_text() == body


def test_the_bookmark_is_kept_and_a_broken_one_counts_as_none(folder: Folder) -> None:
    folder.write_state(parked=["ha.a", "ha.b", "ha.a"])
    assert folder.write_state(position="ha.b") == {"parked": ["ha.a", "ha.b"], "position": "ha.b"}
    assert Folder(folder.path).state == {"parked": ["ha.a", "ha.b"], "position": "ha.b"}
    for body in ("{", "[]", '{"parked": 1, "position": []}'):
        (folder.path / "state.json").write_text(body)
        assert folder.state == {"parked": [], "position": ""}


# --- snapshots ------------------------------------------------------------------------------------


def taken(second: int, context: str = "") -> snapshot.Snapshot:
    at = datetime(2026, 11, 24, 6, 0, second, tzinfo=UTC)
    return snapshot.Snapshot(snapshot.Manifest(SCHEMA_VERSION, "0", at, context), {})


def test_snapshots_stand_in_the_order_they_were_taken(folder: Folder) -> None:
    later = folder.add_snapshot(taken(9))
    first = [folder.add_snapshot(taken(1, str(number))) for number in range(11)]
    assert [path.name for path in (first[0], first[1], later)] == [
        "2026-11-24T060001Z.zip", "2026-11-24T060001Z-2.zip", "2026-11-24T060009Z.zip",
    ]  # fmt: skip
    assert folder.snapshots() == [*first, later]
    assert folder.latest_snapshot() == later
    assert [snapshot.load(path).manifest.context for path in first] == [str(number) for number in range(11)]


def test_deleting_snapshots_leaves_the_rest(folder: Folder) -> None:
    path = folder.add_snapshot(taken(1))
    folder.answers.put(answer(None, note="kept"))
    assert folder.delete_snapshots() == (path,)
    assert folder.snapshots() == [] and folder.answers.all()["ha.one"].note == "kept"
