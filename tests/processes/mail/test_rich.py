"""What an editor sends: harmless HTML, and the same words as plain text."""

import time

import pytest

from processes.mail.rich import from_html, from_text
from processes.mail.templates import render
from tests.processes.mail.test_letters import CONTEXT

WRITTEN = (
    "<p>Hello <b>you</b>,</p><p>please<br>try:</p>"
    "<ul><li>one</li><li>two<ol><li>a</li><li>b</li></ol></li></ul>"
    '<blockquote><p>it blinks</p></blockquote><p>See <a href="https://x.example/a?b=1&amp;c=2">'
    "here</a> or https://y.example</p>"
)
READ = (
    "Hello you,\n\nplease\ntry:\n\n- one\n- two\n  1. a\n  2. b\n\n> it blinks\n\n"
    "See here (https://x.example/a?b=1&c=2) or https://y.example"
)


def test_the_plain_text_says_the_same():
    assert from_html(WRITTEN).text == READ


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href="data:text/html,x" onclick="alert(1)">x</a>',
        '<p style="background:url(https://t.example/x)">x</p>',
        "<style>p{color:red}</style>",
        "<svg><script>alert(1)</script></svg>",
        "<iframe srcdoc='x'></iframe>",
        "<form action=https://t.example><input name=a></form>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    ],
)
def test_nothing_that_can_act_or_fetch_stays(hostile):
    html = from_html(f"<p>before</p>{hostile}<p>after</p>").html
    for sign in ("script", "onerror", "onclick", "style", "src", "<img", "<form", "data:"):
        assert sign not in html
    assert "before" in html


@pytest.mark.parametrize(
    "bomb",
    ["<div>" * 20_000 + "deep", "<b>" * 30_000, "<" * 100_000, "&" * 100_000, "<li>" * 20_000],
)
def test_what_is_nested_without_end_becomes_text_in_no_time(bomb):
    began = time.perf_counter()
    assert from_html(bomb).html.count("<div>") <= 50
    assert time.perf_counter() - began < 2


def test_plain_text_gets_paragraphs_line_ends_and_links():
    rich = from_text("One\ntwo & <three>\n\nhttps://x.example/?a=1&b=2.")
    assert rich.html == (
        "<p>One<br>two &amp; &lt;three&gt;</p>"
        '<p><a href="https://x.example/?a=1&amp;b=2">https://x.example/?a=1&amp;b=2</a>.</p>'
    )


def test_in_a_letter_rich_words_keep_their_form_in_the_html_and_are_plain_in_the_text():
    letter = render("request/reply", "en", CONTEXT | {"message": from_html(WRITTEN)})
    assert "<li>one</li>" in letter.html
    assert "<b>you</b>" in letter.html
    assert READ in letter.text
    assert "<b>" not in letter.text


def test_words_that_look_like_a_template_are_words():
    words = from_html("<p>{{ code }} {% if 1 %} {{ 7*7 }}</p>")
    letter = render("request/reply", "en", CONTEXT | {"message": words})
    assert "{{ code }} {% if 1 %} {{ 7*7 }}" in letter.text
    assert CONTEXT["code"] not in letter.text
