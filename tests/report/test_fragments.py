"""What each chapter says, and that it says nothing that is not known."""

from __future__ import annotations

import re
from datetime import date

import html5lib
import msgspec
import pytest

from readiness_kit._version import __version__
from readiness_kit.markup import coded, first_sentences, link, name, prose
from readiness_kit.markup import esc as text
from readiness_kit.model import Finding, Observation, Outcome, Reason, Ref, Section, Settings, State, Thresholds
from readiness_kit.report.chapters import verdict_sides
from readiness_kit.report.rendering.fragment import MEDIA_TYPE, Fragment
from readiness_kit.report.rendering.page import ReportPage
from tests.report import sample


def words(fragment: Fragment | str) -> str:
    """The text of a fragment as a reader sees it."""
    html = fragment if isinstance(fragment, str) else fragment.html
    return " ".join(" ".join(html5lib.parseFragment(html).itertext()).split())


# --- escaping ---


def test_text_is_escaped_for_elements_and_attributes() -> None:
    assert text("<a b='c' d=\"e\">&") == "&lt;a b=&#39;c&#39; d=&#34;e&#34;&gt;&amp;"


def test_names_are_isolated_from_the_direction_of_their_surroundings() -> None:
    assert name("\u202eabc\u202c שלום") == "<bdi>abc שלום</bdi>"


def test_free_text_keeps_its_lines() -> None:
    assert prose(" a\n<b> \n") == "<bdi>a<br>&lt;b&gt;</bdi>"


def test_backticks_set_code_after_escaping() -> None:
    assert coded("set `a<b` and `c") == "set <code>a&lt;b</code> and `c"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Short.", "Short."),
        ("One sentence here. Another one that is too long.", "One sentence here."),
        ("A single sentence that does not end in time", "A single sentence that does …"),
    ],
)
def test_lists_take_whole_sentences(given: str, kept: str) -> None:
    assert first_sentences(given, 32) == kept


@pytest.mark.parametrize("url", ["javascript:x", "data:text/html,a", "https://a b", 'https://a"onclick="x', "/etc"])
def test_what_is_no_web_address_is_no_link(url: str) -> None:
    assert "<a" not in link(url)


def test_every_fragment_of_a_hostile_assessment_parses_strictly() -> None:
    page = sample.hostile_page()
    for chapter, make in sample.CHAPTERS:
        made = make(page)
        html5lib.HTMLParser(strict=True).parse(f"<!DOCTYPE html><title>t</title>{made.html}")
        assert "&lt;img src=x" in made.html, chapter
        assert "<img" not in made.html, chapter


# --- cover ---


def test_the_cover_names_who_what_when_level_score_and_coverage() -> None:
    shown = words(sample.page().cover())
    for part in (
        "Nordlicht Handel",
        "Cluster prod-eu-central",
        "Kubernetes v1.33.4-eks-1a2b3c4",
        "Date 20 November 2026",
        "Assessor Solutions engineer, region north",
        "✗ Not ready",
        "Score 29 %",
        "Coverage 55 %",
        "18 of 33 applicable questions judged, 15 open",
    ):
        assert part in shown


def test_blockers_come_one_a_line_contradictions_first() -> None:
    html = sample.page().cover().html
    lines = re.findall(r"<li>(<span class=\"rk-badge.*?)</li>", html)
    assert [re.findall(r"\bQ\d+", line)[0] for line in lines] == ["Q1", "Q25", "Q8", "Q7"]
    assert "Two of three pods run in zone eu-central-1a" in words(lines[0])
    assert "Answered “no”" in words(lines[3])


def test_states_are_words_beside_signs() -> None:
    shown = words(sample.page().cover())
    assert "⚠ 2 Contradicted ✗ 2 Gap ◐ 2 Partly ⚑ 1 Accepted risk ○ 15 Open ✎ 5 Attested ✓ 6 Verified" in shown


def test_nothing_judged_has_no_score_and_never_zero_percent_of_one() -> None:
    page = sample.empty_page()
    shown = words(page.cover())
    assert "? Not enough known" in shown and "Score No score yet" in shown and "No blockers known yet." in shown
    assert shown.count("0 %") == 1  # the coverage
    assert "no score yet: nothing judged" in shown


def test_the_cover_hands_title_colours_and_file_name_to_the_page() -> None:
    head = sample.page().cover().head
    assert head["title"] == "Production readiness: Nordlicht Handel, cluster prod-eu-central"
    assert head["file_name"] == "nordlicht-handel-2026-11-20"
    assert head["variables"]["--rk-brand"] == "#12344d"


# --- contradictions and actions ---


def test_contradictions_put_both_sides_next_to_each_other() -> None:
    shown = words(sample.page().contradictions())
    assert "You answered Yes Spread over three zones since the move in spring." in shown
    assert "The cluster says ✗ Not met Two of three pods run in zone eu-central-1a" in shown
    assert "Pod vectors/weaviate-1" in shown and "weaviate-0" not in shown  # only what contradicts


def test_no_contradiction_and_nothing_to_compare_are_different_sentences() -> None:
    none = msgspec.structs.replace(sample.assessment(), contradictions=())
    assert "No answer is at odds" in words(sample.page(assessment=none).contradictions())
    assert "Nothing to compare yet" in words(sample.empty_page().contradictions())


def test_the_plan_keeps_the_order_and_names_owner_due_and_effort() -> None:
    html = sample.page().actions().html
    rows = [words(f"<table><tr>{row}</tr></table>") for row in re.findall(r"<tr>(<th scope=\"row\".*?)</tr>", html)]
    assert [re.findall(r"\bQ\d+", row)[0] for row in rows] == ["Q1", "Q25", "Q8", "Q7", "Q11", "Q12"]
    assert rows[0].endswith("Platform team 15 December 2026 Days")
    assert "to be named open" in rows[1]
    assert "3 of them still lack an owner" in words(sample.page().actions())


# --- questions ---


def test_every_question_appears_once_children_behind_their_parent() -> None:
    page = sample.page()
    html = page.sections().html
    shown = re.findall(r'<article class="rk-question[^"]*" id="([^"]+)"', html)
    assert len(shown) == len(set(shown)) == 34
    parents = {v.question.id: v.question.parent for v in sample.assessment().verdicts if v.question.parent}
    assert parents
    for child, parent in parents.items():
        between = shown[shown.index(f"q-{parent}".replace(".", "-")) + 1 : shown.index(f"q-{child}".replace(".", "-"))]
        assert all(parents.get(_id(page, anchor)) for anchor in between)


def _id(page: ReportPage, anchor: str) -> str:
    return next(v.question.id for v in sample.assessment().verdicts if "q-" + v.question.id.replace(".", "-") == anchor)


def _card(question: str) -> str:
    html = sample.page().sections().html
    anchor = "q-" + question.replace(".", "-")
    found = re.search(rf'<article [^>]*id="{anchor}".*?</article>', html, re.DOTALL)
    assert found
    return found.group(0)


def test_a_gap_has_its_remedy_and_a_verified_question_none() -> None:
    gap = words(_card("ha.weaviate_backups"))
    assert "✗ Gap" in gap and "What to do" in gap and "Risk" in gap and "Rollback" in gap
    assert "What to do" not in words(_card("ha.replicas_across_nodes"))


def test_an_unknown_says_why_and_what_was_missing() -> None:
    shown = words(_card("sec.network_policies"))
    assert "? Unknown (not permitted to read it)" in shown
    assert "Could not be read for this: networkpolicies" in shown
    assert "The evidence was refused, so the answer counts half at most." in shown


def test_an_answer_shows_cadence_proof_and_who_gave_it() -> None:
    shown = words(_card("ha.backup_test_frequency"))
    assert "Done every 90 days Last done 1 September 2026 Answered Search team, 20 November 2026" in shown
    assert '<a href="https://example.com/runbooks/eks" rel="noreferrer">' in _card("ha.control_plane")
    assert "javascript:alert(1)" in words(_card("mon.grafana")) and '<a href="javascript' not in _card("mon.grafana")


def test_not_applicable_shows_its_reason() -> None:
    assert "Not applicable Data is append-only by contract." in words(_card("res.delete_process"))


def test_an_accepted_risk_shows_the_waiver_and_what_is_beneath() -> None:
    shown = words(_card("sec.container_defaults"))
    assert "⚑ Accepted risk" in shown and "Beneath Gap" in shown and "Approved by Security office" in shown
    assert "Until 31 January 2027" in shown


def test_facts_fold_with_failures_first_and_all_sixty_there() -> None:
    card = _card("ha.rolling_updates")
    assert "<summary>61 facts, 21 not as expected</summary>" in card
    results = re.findall(r"differs|as expected|for information", words(card).split("Result", 1)[1])
    assert results == ["differs"] * 21 + ["as expected"] * 20 + ["for information"] * 20


def test_facts_beyond_the_limit_are_counted() -> None:
    facts = tuple(Observation(sample.STS, "f", str(number)) for number in range(verdict_sides.FACTS_SHOWN + 5))
    finding = Finding("a.b", Outcome.UNKNOWN, "Seen.", facts, reason=Reason.NOT_OBSERVABLE)
    assert "5 more in the snapshot." in words(verdict_sides.facts(finding))


def test_a_profile_without_a_section_has_no_chapter_of_it() -> None:
    fragment = sample.page().section(Section.TENANTS)
    assert fragment.html == "" and fragment.toc == ()


# --- scope, waivers, sign-off ---


def test_scope_says_what_was_not_read_and_what_that_costs() -> None:
    shown = words(sample.page().scope())
    assert "networkpolicies Not permitted to read it networkpolicies is forbidden in namespace vectors Q27" in shown
    assert "persistentvolumeclaims Read in part 1 of 2 namespaces failed none" in shown
    assert "5 sources, 50 objects" in shown
    assert "Not installed in this cluster: servicemonitors ." in shown


def test_scope_counts_requests() -> None:
    assert "kubernetes GET 2 1 1 0.1 MB 0.2 s prometheus POST 1 1 0" in words(sample.page().scope())


def test_scope_shows_changed_thresholds_open_and_the_kits_own_folded() -> None:
    shown = words(sample.page().scope())
    assert "Data you can afford to lose, in hours 12 Changed (kit default: 24)" in shown
    assert "Share of questions that must be judged, 0 to 1 0.7 Kit default" in shown
    fields = len(Thresholds.__struct_fields__)
    assert f"{fields - 1} kit defaults" in shown and shown.count("Kit default") == fields - 1


def test_scope_gives_times_versions_and_redactions() -> None:
    shown = words(sample.page().scope())
    assert "Read at 20 November 2026, 09:30 UTC" in shown and "JWT in pods" in shown
    assert f"Read with kit version 0.1.0 Judged with kit version {__version__}" in shown


def test_scope_without_a_snapshot_says_so() -> None:
    assert "No cluster was read for this report" in words(sample.empty_page().scope())


def test_waivers_list_accepted_risks_and_the_audit() -> None:
    shown = words(sample.page().waivers())
    assert "The namespace runs on nodes of its own. Platform team Security office 31 January 2027" in shown
    assert "The waiver for ha.canary expired on 1 October 2026." in shown
    assert "No risk has been accepted" in words(sample.empty_page().waivers())


def test_sign_off_repeats_the_result_and_gives_the_contact() -> None:
    shown = words(sample.page().sign_off())
    assert "Not ready, 29 % at 55 % coverage (as of 20 November 2026)" in shown
    assert "Help Talk to your Weaviate solutions engineer." in shown


def test_a_contact_that_is_an_address_is_a_link() -> None:
    settings = Settings(contact="https://example.com/help")
    html = sample.page(settings=settings).sign_off().html
    assert '<a href="https://example.com/help" rel="noreferrer">https://example.com/help</a>' in html


def test_the_date_of_the_settings_goes_before_that_of_the_snapshot() -> None:
    settings = Settings(date=date(2026, 12, 1))
    assert "Date 1 December 2026" in words(sample.page(settings=settings).cover())


# --- in a notebook ---


def test_a_fragment_shows_in_the_notebook_with_a_style_of_its_own() -> None:
    bundle = sample.page().actions()._repr_mimebundle_()
    assert bundle[MEDIA_TYPE]["toc"] == [["actions", "Action plan"]]
    style = bundle["text/html"].split("<style>")[1].split("</style>")[0]
    assert style.startswith(".rk-notebook.rk-notebook.rk-notebook{") and "@page" not in style
    assert bundle["text/plain"] == "<readiness report: Action plan>"


def test_charts_are_nothing_where_no_cluster_was_read() -> None:
    assert sample.empty_page().charts().html == ""


def test_states_of_the_sample_cover_all_that_a_report_can_show() -> None:
    assert {v.state for v in sample.assessment().verdicts} == set(State)


# --- what changed, what was found ---


def test_changes_stand_under_their_kind_with_before_and_now() -> None:
    shown = words(sample.page().changes())
    assert (
        "Compared with the milestone “October” of 20 October 2026: 1 new, 1 resolved, 1 better, 2 incomparable" in shown
    )
    new, resolved = shown.split("New gaps (1)")[1].split("Resolved (1)")
    assert "Q8 Weaviate backups ✎ Attested ✗ Gap" in new and "Q19 Suitable StorageClass ✗ Gap ✓ Verified" in resolved


def test_what_cannot_be_compared_says_why_and_claims_nothing() -> None:
    shown = words(sample.page().changes()).split("Incomparable (2)")[1]
    assert "the text of the question changed" in shown and "not asked then" in shown
    assert "so are the scores" in words(sample.page().changes())


def test_a_waiver_that_came_is_listed_though_nothing_moved_beneath() -> None:
    assert "✗ Gap ⚑ Accepted risk" in words(sample.page().changes()).split("Waivers that came or went")[-1]


def test_a_first_assessment_has_no_changes_and_no_line_of_them() -> None:
    first = sample.page(previous=None)
    assert first.changes().html == "" and "rk-since" not in first.cover().html
    assert "Since the milestone “October” of 20 October 2026: 1 new," in words(sample.page().cover())


def test_the_ecosystem_says_what_each_tool_proves_and_leaves_open() -> None:
    shown = words(sample.page().ecosystem())
    assert "2 tools recognised" in shown
    assert "volumes can be backed up that a backup ran, or that it can be restored" in shown
    assert "Karpenter Node scaling Its API is there" in shown
    assert sample.empty_page().ecosystem().html == ""


def test_facts_come_with_the_commands_that_show_them() -> None:
    fact = Observation(Ref("StatefulSet", "weaviate", "search"), "spec.replicas", "1", "3", False, "statefulsets")
    said = verdict_sides.facts(Finding("ha.multi_az", Outcome.NOT_MET, "One replica.", (fact, fact)))
    assert said.count("kubectl -n search get statefulsets.apps weaviate") == 1
    assert "See it yourself" in said
