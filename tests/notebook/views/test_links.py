"""Links to cards, cells, files and reports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from readiness_kit.checklist import load_checklist
from readiness_kit.errors import UsageError
from readiness_kit.model import Profile, Section
from readiness_kit.notebook.views import links


def test_core_question_links_to_its_cell_and_extended_question_to_the_shared_cell() -> None:
    checklist = load_checklist()
    assert 'href="01_high_availability.ipynb#cell-id=ask-ha-multi-az"' in links.notebook_link(
        checklist.get("ha.multi_az")
    )
    extended = next(q for q in checklist.questions if q.profile is Profile.EXTENDED)
    assert f'{links.NOTEBOOKS[extended.section]}#cell-id=extended"' in links.notebook_link(extended)


def test_card_link_has_the_anchor_of_the_card() -> None:
    question = load_checklist().get("sec.tls")
    assert f'href="#{links.anchor("sec.tls")}"' in links.card_link(question) and links.anchor("sec.tls") == "rk-sec-tls"


def test_unknown_section_lists_valid_names() -> None:
    assert links.section_named("security") is Section.SECURITY
    with pytest.raises(UsageError, match="no section 'safety'") as raised:
        links.section_named("safety")
    assert "high_availability" in raised.value.hint


def test_file_is_linked_through_the_server_that_serves_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime, root = tmp_path / "runtime", tmp_path / "root"
    (root / "reports").mkdir(parents=True)
    runtime.mkdir()
    (runtime / "jpserver-42.json").write_text(json.dumps({"root_dir": str(root), "base_url": "/user/ada/"}), "utf-8")
    monkeypatch.setenv("JPY_PARENT_PID", "42")
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(runtime))
    inside, outside = root / "reports" / "a b.html", tmp_path / "outside.html"
    assert 'href="/user/ada/files/reports/a%20b.html" target="_blank">a b.html<' in links.file_link(inside)
    assert outside.as_uri() in links.file_link(outside)
    monkeypatch.delenv("JPY_PARENT_PID")
    assert inside.as_uri() in links.file_link(inside)


def test_report_view_names_path_and_size(tmp_path: Path) -> None:
    report = tmp_path / "report <1>.html"
    report.write_bytes(b"x" * 2048)
    view = links.report_written(report)
    assert "2 KiB" in view.body and "report &lt;1&gt;.html" in view.body and repr(view) == f"Report: {report}"
