"""What a card shows, state by state, as HTML."""

from __future__ import annotations

from readiness_kit.model import Profile
from readiness_kit.notebook.kit import Kit


def card(kit: Kit, question: str) -> str:
    """The card without the style sheet of the first card."""
    kit.ask("ha.multi_az")._repr_html_()
    html = kit.ask(question)._repr_html_()
    assert html.startswith("<article class=") and html.endswith("</article>")
    return html


def test_unanswered_question_has_no_choice_checked_and_takes_no_input_without_a_kernel(kit: Kit) -> None:
    html = card(kit, "ha.dev_test_env")
    assert "checked" not in html
    assert '<fieldset disabled><div class="rk-choices" role="radiogroup" aria-label="Answer to Q13">' in html
    assert '<span class="rk-pill rk-open"><i class="rk-i rk-i-open"></i>Open</span>' in html
    assert '<p class="rk-said" data-p="said">Not answered.</p>' in html
    assert ". Run this notebook to answer.</span>" in html


def test_answer_is_shown_as_choice_and_as_text(kit: Kit) -> None:
    kit.answer("ha.dev_test_env", "partly", note="One is planned", owner="search team")
    html = card(kit, "ha.dev_test_env")
    assert '<input type="radio" value="partly" checked>Partly' in html
    assert ">Partly, by Solutions engineering. “One is planned”. Owner: search team.<" in html


def test_contradiction_is_flagged_first(kit: Kit) -> None:
    html = card(kit, "sec.network_policies")
    flag = "<b>You say yes, the cluster shows otherwise.</b> It counts as a gap until one of the two changes."
    assert f'<p class="rk-flag" role="alert"><i class="rk-i rk-i-contradicted"></i><span>{flag}</span></p>' in html
    assert '<span class="rk-pill rk-not_met"><i class="rk-i rk-i-not_met"></i>Not met</span>' in html
    kit.answer("sec.network_policies", "not_applicable", reason="one tenant")
    assert "<b>You say not applicable, the cluster shows otherwise.</b>" in card(kit, "sec.network_policies")
    kit.answer("sec.network_policies", "no")
    assert 'role="alert"' not in card(kit, "sec.network_policies")


def test_cluster_that_shows_more_than_the_answer_is_a_line_not_a_flag(kit: Kit) -> None:
    kit.answer("sec.rbac", "no")
    html = card(kit, "sec.rbac")
    assert '<p class="rk-line">The evidence is better than the answer.' in html and 'role="alert"' not in html


def test_accepted_risk_and_answer_to_an_earlier_wording_are_said(kit: Kit) -> None:
    assert '<p class="rk-line">Accepted by Head of engineering until 2027-03-31' in card(kit, "ha.canary")
    stored = kit.folder.answers.get("ha.multi_az")
    assert stored is not None
    kit.folder.answers.put(type(stored)("ha.multi_az", stored.value, revision=0))
    assert "Answered before the question was reworded (revision 0, now 1)." in kit.ask("ha.multi_az")._repr_html_()


def test_parked_question_has_a_pill_and_can_be_taken_back(kit: Kit) -> None:
    assert '<span data-p="park">Park for later</span>' in card(kit, "mon.grafana")
    kit.park("mon.grafana")
    html = card(kit, "mon.grafana")
    assert '<span class="rk-pill rk-parked"><i class="rk-i rk-i-park"></i>Parked</span>' in html
    assert '<span data-p="park">No longer parked</span>' in html


def test_deciding_facts_are_the_failed_ones_and_the_rest_is_counted(kit: Kit) -> None:
    html = card(kit, "res.memory_sized")
    table = html[html.index('<table class="rk-deciding">') : html.index("</table>")]
    assert table.count('<td class="rk-bad">') == 3 and table.count("<tr>") == 4
    assert "<summary>All 10 facts, 6 not as expected</summary>" in html


def test_unread_evidence_comes_with_the_way_to_get_it(kit: Kit, empty: Kit) -> None:
    assert "It cannot be read from the cluster: your answer decides." in card(kit, "ha.dev_test_env")
    html = card(empty, "res.memory_sized")
    assert "Collect the evidence on the start page." in html
    assert 'data-load="chart"' not in html and ">Unknown<" in html


def test_child_of_a_question_that_does_not_apply_is_muted(kit: Kit) -> None:
    assert '<article class="rk-card rk-child" id="rk-res-delete-process"' in card(kit, "res.delete_process")
    kit.answer("res.consumption_patterns", "not_applicable", reason="nothing is stored yet")
    assert '<article class="rk-card rk-child rk-muted"' in card(kit, "res.delete_process")


def test_text_of_people_and_of_the_cluster_is_escaped(kit: Kit) -> None:
    kit.answer("ha.dev_test_env", "yes", note="<script>alert(1)</script>", owner='"><img src=x onerror=alert(1)>')
    html = card(kit, "ha.dev_test_env")
    assert "<script" not in html and "<img" not in html and "&lt;script&gt;" in html


def test_first_card_brings_the_style_and_a_hidden_link_to_every_question(kit: Kit) -> None:
    first = kit.ask("sec.tls")._repr_html_()
    assert first.startswith("<style data-rk-style>") and first.count("data-rk-jump=") == 34
    assert '<a href="01_high_availability.ipynb#cell-id=ask-ha-multi-az" data-rk-jump="ha.multi_az">Q1</a>' in first
    assert "<style" not in kit.ask("sec.rbac")._repr_html_()
    assert kit.ask("sec.tls")._repr_html_().startswith("<style"), "run again, the cell still brings it"


def test_extended_cards_are_one_output(kit: Kit) -> None:
    kit.write_settings(profile=Profile.EXTENDED)
    assert kit.extended("performance")._repr_html_().count("<article") == 10
