"""`kit.plan()` and `kit.fix()`: tables of the plan and of the proof."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness_kit.demo import install
from readiness_kit.errors import UsageError
from readiness_kit.fixes.model import Assignment, FixState
from readiness_kit.notebook.kit import Kit
from readiness_kit.workspace.folder import Folder


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(install(tmp_path / "demonstration"))


def test_the_plan_shows_waves_owners_and_projections(kit: Kit) -> None:
    kit.folder.plan.put(Assignment("replication.three", "Ada <script>", state=FixState.IN_PROGRESS))
    html = kit.plan()._repr_html_()
    assert "Give Sessions three replicas" in html and "What each wave leads to" in html
    assert "Ada &lt;script&gt;" in html and "In progress" in html


def test_fixes_are_proved_and_written_only_where_asked(kit: Kit, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    html = kit.fix("separation.nodes")._repr_html_()
    assert "Judged again with the fixes applied to the snapshot" in html and "3 pods restart once" in html
    assert [path for path in sorted(tmp_path.rglob("*")) if path not in before] == []
    written = kit.fix(out=tmp_path / "out")._repr_html_()
    assert (tmp_path / "out" / "values-patch.yaml").exists() and "Nothing was applied." in written


def test_an_unknown_fix_is_an_error_and_no_snapshot_a_sentence(kit: Kit, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no fix no\.such"):
        kit.fix("no.such")
    empty = Kit(Folder(tmp_path / "empty").create())
    assert "nothing has been collected" in empty.plan()._repr_html_()
    assert "nothing has been collected" in empty.fix()._repr_html_()
