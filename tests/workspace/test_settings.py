"""The settings file: written, read and changed field by field."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness_kit.errors import ConfigError, ReadinessError, UsageError
from readiness_kit.model import (
    Branding,
    Cluster,
    Engineer,
    Profile,
    Settings,
    Thresholds,
)
from readiness_kit.workspace import settings as settings_module
from readiness_kit.workspace.folder import Folder
from readiness_kit.workspace.settings import change_settings, parse_settings, render_settings

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
    branding=Branding("logo.png", "#0b5fff", "#e69f00", "Partner", "partner.svg"),
    engineer=Engineer("A. Name", "a@example.com", "https://example.com/book", ("logs",), date(2027, 1, 22)),
    thresholds=Thresholds(coverage_minimum=0.8, backup_rpo_hours=1.5, many_shards=5),
    extra_checklists=("ours.yaml",),
)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "assessment").create()


def text(folder: Folder) -> str:
    return (folder.path / "readiness.yaml").read_text("utf-8")


@pytest.mark.parametrize("chosen", [Settings(), FULL])
def test_written_settings_read_back(tmp_path: Path, chosen: Settings) -> None:
    assert Folder(tmp_path).create(chosen).settings == chosen


def test_every_setting_is_explained_and_thresholds_are_commented_defaults() -> None:
    written = render_settings(Settings())
    fields = set(settings_module._EXPLAINED)
    expected = set(Settings.__struct_fields__)
    for block in (Cluster, Branding, Engineer, Thresholds):
        expected |= {f"{block.__name__.lower()}.{name}" for name in block.__struct_fields__}
    assert fields == expected
    for name in Thresholds.__struct_fields__:
        (line,) = [line for line in written.splitlines() if f" {name}:" in line]
        assert line.strip().startswith("#") and line.endswith("(kit default)")


def test_uncommented_threshold_counts() -> None:
    edited = render_settings(Settings()).replace("  # restore_test_days: 90", "  restore_test_days: 30")
    assert parse_settings(edited, Path("x")).thresholds == Thresholds(restore_test_days=30)


@pytest.mark.parametrize(
    ("body", "message"),
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
def test_invalid_settings_name_file_and_field(folder: Folder, body: str, message: str) -> None:
    (folder.path / "readiness.yaml").write_bytes(body.encode("utf-8", "surrogateescape"))
    for use in (lambda: folder.settings, lambda: folder.write_settings(assessor="x")):
        with pytest.raises(ReadinessError, match=message):
            use()
    assert (folder.path / "readiness.yaml").read_bytes() == body.encode("utf-8", "surrogateescape")


def test_empty_file_and_empty_fields_are_defaults(folder: Folder) -> None:
    for body in ("", "# nothing\n", "customer:\nthresholds:\ncluster:\n  context:\nparticipants:\n"):
        (folder.path / "readiness.yaml").write_text(body)
        assert folder.settings == Settings()


def test_manual_edit_is_effective_at_once(folder: Folder) -> None:
    assert folder.settings.customer == ""
    (folder.path / "readiness.yaml").write_text("customer: Example Ltd\n")
    assert folder.settings.customer == "Example Ltd"


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
customer: "B: #2"        # who pays
cluster:
    # where
    context: "new" # the old one
    namespaces: []

# between
thresholds:
    failover_test_days: 60 # A failover test
    restore_test_days: 10
profile: extended # for now
"""


def test_fields_change_and_comments_order_and_quotes_stay(folder: Folder) -> None:
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


def test_absent_fields_are_added(folder: Folder) -> None:
    path = folder.path / "readiness.yaml"
    path.write_text("# mine\ncluster:\n  context: a\n\ncustomer: Example")
    got = folder.write_settings(assessor="One", cluster={"weaviate": "ns/w"}, branding={"primary": "#0b5fff"})
    assert got == Settings(
        customer="Example", assessor="One", cluster=Cluster("a", weaviate="ns/w"), branding=Branding(primary="#0b5fff")
    )
    assert text(folder).startswith('# mine\ncluster:\n  weaviate: "ns/w"\n  context: a\n\ncustomer: Example\n')


def test_windows_line_endings_stay(folder: Folder) -> None:
    path = folder.path / "readiness.yaml"
    path.write_bytes(MINE.replace("\n", "\r\n").encode())
    folder.write_settings(customer="C", cluster={"context": "d"}, assessor="E")
    body = path.read_bytes()
    assert body.count(b"\n") == body.count(b"\r\n") == MINE.count("\n") + 1
    assert folder.settings.cluster == Cluster("d", namespaces=("a", "b"))


def test_file_that_cannot_be_edited_without_loss_is_left_unchanged(folder: Folder) -> None:
    path = folder.path / "readiness.yaml"
    path.write_text(body := "participants:\n  - One  # leads\n  - Two\n")
    with pytest.raises(ConfigError, match="was not changed: the edit would lose") as caught:
        folder.write_settings(participants=())
    assert caught.value.hint == "set by hand `participants: []`"
    assert path.read_text() == body


def test_list_in_brackets_over_several_lines(folder: Folder) -> None:
    (folder.path / "readiness.yaml").write_text("participants: [One,\n  Two]\ncustomer: Example\n")
    folder.write_settings(participants=("Three",))
    assert text(folder) == 'participants: ["Three"]\ncustomer: Example\n'


@pytest.mark.parametrize("name", ["custumer", "cluster.kontext", "clusters.context", "customer.name"])
def test_unknown_setting_is_an_error(folder: Folder, name: str) -> None:
    with pytest.raises(UsageError, match="there is no setting"):
        folder.write_settings(**{name: "x"})


@pytest.mark.parametrize("change", [{"profile": "huge"}, {"thresholds.coverage_minimum": 2}, {"customer": 5}])
def test_invalid_value_is_an_error_and_nothing_is_written(folder: Folder, change: dict) -> None:
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
