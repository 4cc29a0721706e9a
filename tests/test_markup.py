"""Escaping: what a cluster or a person wrote is text, never markup."""

from __future__ import annotations

import pytest

from readiness_kit.markup import badge, coded, esc, fact_rows, first_sentences, link, name, pairs, prose, table
from readiness_kit.model import Observation, Ref, State

CROSS = '<svg class="rk-i" aria-hidden="true"><use href="#rk-i-cross"/></svg>'


def test_text_is_escaped_for_elements_and_attributes() -> None:
    assert esc("<a b='c' d=\"e\">&") == "&lt;a b=&#39;c&#39; d=&#34;e&#34;&gt;&amp;"


def test_names_are_isolated_from_the_direction_of_their_surroundings() -> None:
    assert name("\u202eabc\u202c שלום") == "<bdi>abc שלום</bdi>"


def test_free_text_keeps_line_breaks() -> None:
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
def test_first_sentences_are_whole(given: str, kept: str) -> None:
    assert first_sentences(given, 32) == kept


@pytest.mark.parametrize("url", ["javascript:x", "data:text/html,a", "https://a b", 'https://a"onclick="x', "/etc"])
def test_address_that_is_not_web_or_mail_is_not_linked(url: str) -> None:
    assert "<a" not in link(url)


def test_templates_escape_what_is_not_markup() -> None:
    shown = table(("<a>",), [["<b>\u202e"], [coded("`<c>`")]])
    assert '<th scope="col">&lt;a&gt;</th>' in shown
    assert "<td>&lt;b&gt;</td>" in shown and "<td><code>&lt;c&gt;</code></td>" in shown


def test_captioned_table_scrolls_and_has_row_headers() -> None:
    shown = table(("Key", "Value"), [["k", "v"]], "rk-cards", "Values")
    assert 'role="region" aria-label="Table: Values" tabindex="0"' in shown and "<caption>Values</caption>" in shown
    assert '<th scope="row" data-label="Key">k</th><td data-label="Value">v</td>' in shown


def test_failed_facts_come_first() -> None:
    facts = [Observation(Ref("Pod", name), "f", "1", ok=ok) for name, ok in (("a", None), ("b", True), ("c", False))]
    rows = fact_rows(facts, limit=2)
    assert [row[0] for row in rows] == ["Pod c", "Pod b"]
    assert rows[0][4] == f'<span class="rk-bad">{CROSS}Fail</span>'


def test_pairs_without_a_value_are_left_out() -> None:
    assert pairs([("Owner", ""), ("Due", "today")]) == "<dl><div><dt>Due</dt><dd>today</dd></div></dl>"


def test_badges_have_word_and_sign() -> None:
    assert badge(State.GAP) == (f'<span class="rk-badge rk-state-gap">{CROSS}Gap</span>')
