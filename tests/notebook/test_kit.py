"""The facade: opening an assessment, and the number of widget models."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import ipywidgets
import pytest
from ipywidgets.widgets.widget import _instances

from readiness_kit import open_assessment
from readiness_kit.demo import install
from readiness_kit.errors import UsageError
from readiness_kit.model import Profile, Section
from readiness_kit.notebook.kit import Kit
from tests.support.questions import section_ids


def test_unknown_section_lists_valid_names(kit: Kit) -> None:
    with pytest.raises(UsageError, match="high_availability"):
        kit.summary("availability")


def test_every_output_has_an_html_form(kit: Kit) -> None:
    for output in (
        kit.progress(),
        kit.summary(),
        kit.summary("security"),
        kit.show.nodes(),
        kit.extended("performance"),
    ):
        assert output._repr_html_().startswith("<style>")  # type: ignore[union-attr]


def test_open_assessment_creates_a_folder_if_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    assert open_assessment().folder.path.resolve() == tmp_path.resolve()
    assert (tmp_path / "readiness.yaml").exists()


def test_running_a_notebook_again_adds_no_models(tmp_path: Path) -> None:
    folder = install(tmp_path / "demo").path

    def run() -> int:
        kit = open_assessment(folder)
        kit.about()
        kit.connect()
        kit.welcome()
        kit.agenda()
        kit.parked()
        kit.show.scope()
        kit.progress()
        kit.summary()
        kit.progress("security")
        kit.ask("sec.tls")
        kit.summary("security")
        kit.what_if()
        kit.plan()
        kit.plan_form()
        kit.workshop()
        kit.next("security")
        kit.write_report()
        return len(_instances)

    first = run()
    assert run() == first


CORE = [Section.HIGH_AVAILABILITY, Section.RESOURCE_MANAGEMENT, Section.SECURITY, Section.MONITORING]


def test_cards_of_34_questions_send_at_most_200_kib_over_one_comm(kit: Kit) -> None:
    before = set(_instances)
    shown = [kit.ask(question)._repr_html_() for section in CORE for question in section_ids(section)]
    models = [_instances[key] for key in set(_instances) - before]
    assert len(shown) == 34 and len(models) == 1
    sent = [json.dumps(text, ensure_ascii=False) for text in (*shown, models[0].get_state())]
    assert sum(len(text.encode()) for text in sent) <= 200 * 1024


def test_section_of_thirteen_questions_needs_one_model_for_its_cards(kit: Kit) -> None:
    ipywidgets.Widget.close_all()
    for question in section_ids(Section.HIGH_AVAILABILITY):
        kit.ask(question)
    assert len(section_ids(Section.HIGH_AVAILABILITY)) == 13 and len(_instances) == 1
    kit.progress("high_availability")
    kit.summary("high_availability")
    assert len(_instances) <= 6


def test_report_chapters_do_not_load_ipywidgets(tmp_path: Path) -> None:
    install(tmp_path / "demo")
    code = (
        "import sys; from readiness_kit import open_assessment; kit = open_assessment(sys.argv[1]); kit.report.cover();"
        "kit.report.sections(); kit.progress(); assert 'ipywidgets' not in sys.modules; kit.ask('ha.canary');"
        "assert 'ipywidgets' in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "demo"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_extended_questions_are_listed_in_the_core_profile_and_asked_in_the_extended_one(kit: Kit) -> None:
    assert "select the extended profile" in kit.extended("performance")._repr_html_()  # type: ignore[union-attr]
    kit.write_settings(profile=Profile.EXTENDED)
    stack = kit.extended("performance")
    assert len(stack.cards) == 10  # type: ignore[union-attr]
