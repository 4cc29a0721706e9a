"""Escaping: what a cluster or a person wrote is text, never markup."""

from __future__ import annotations

import pytest

from readiness_kit.markup import coded, esc, first_sentences, link, name, prose


def test_text_is_escaped_for_elements_and_attributes() -> None:
    assert esc("<a b='c' d=\"e\">&") == "&lt;a b=&#39;c&#39; d=&#34;e&#34;&gt;&amp;"


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
