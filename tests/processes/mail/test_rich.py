"""What an editor sends: harmless HTML, and the same words as plain text."""

import time

import pytest

from processes.mail.rich import LONGEST_HTML, from_html, from_text
from processes.mail.templates import render
from tests.processes.mail.test_templates import CONTEXT

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


def filled(each, before=""):
    """100,000 characters of something that counts up where it says {}."""
    pieces = before + "".join(each.replace("{}", str(n)) for n in range(100_000 // len(each)))
    return pieces[:LONGEST_HTML]


COSTLY = {
    "stray end tags": "<b a={}></x>",
    "bold left open in paragraphs": "<p><b a={}>x</p>",
    "quotes": "<blockquote></x>x",
    "lists": "<ul></x>x<ul>x",
    "links": "<a href=https://x.example/{}></x>x",
    "end tags alone": "</p>",
    "end tags of blocks in bold": "<b a={}><p>x</b>",
    "void elements": "<img><br>",
    "style in a picture": "<svg><style><b a={}></svg>",
    "comments": "<!--",
    "declarations": "<![CDATA[",
    "attributes": "<a href='",
    "beginnings": "<a ",
    "texts": "x&amp;<",
    "addresses": "<a href=' href =\" ",
    "line ends": "\n\na",
    "web addresses": "http://..",
}


@pytest.mark.parametrize("each", COSTLY.values(), ids=COSTLY)
def test_a_long_reply_costs_little_time_and_stays_short(each):
    bomb = filled(each)
    began = time.process_time()
    rich = from_html(bomb)
    assert time.process_time() - began < 0.5
    assert len(rich.html) <= 5 * LONGEST_HTML


@pytest.mark.parametrize(
    "bomb",
    [
        "".join(f"<b a={n}></x>" for n in range(900)),
        "".join(f"<p><b a={n}>x</p>" for n in range(900)),
        "".join(f"<p><i a={n}>x</p>" for n in range(40)) + "<p>x</p>" * 1_800,
        f"<p><a href=https://x.example/{'y' * 50_000}>x</p>" + "<p>x</p>" * 1_800,
        f"<p><a href=https://x.example/{'y' * 1_900}><div>x</div>" + "<div>x</div>" * 1_800,
        "<table><b>" * 40 + "<tr>x<p>x" * 1_000,
        "<svg><style>" + "".join(f"<b a={n}>" for n in range(1_500)) + "<p>x" * 1_500,
    ],
)
def test_what_is_left_open_is_not_opened_again_in_each_paragraph(bomb):
    began = time.process_time()
    assert len(from_html(bomb).html) < 2 * len(bomb)
    assert time.process_time() - began < 0.5


def test_a_stray_end_tag_closes_nothing_and_a_void_element_never_opens():
    bomb = from_html("<blockquote></x>" * 400 + "deep")
    assert "<blockquote>" not in bomb.html
    assert bomb.text.endswith("deep")
    assert from_html("<div><br></div>" * 60).html == "<div><br></div>" * 60
    assert from_html("<p>a<hr><img></b>" * 60).html == "<p>a</p>" * 60


def test_what_is_longer_than_allowed_once_clean_becomes_text_with_every_word():
    rich = from_html("<p>" + "a< " * 30_000 + "</p><b>end</b>")
    assert "<b>" not in rich.html
    assert rich.text.count("a") == 30_000
    assert rich.text.endswith("end")


def test_elements_left_open_or_closed_in_disorder_keep_their_words():
    assert from_html("<p>a<p><b>b<i>c</b>d").html == "<p>a</p><p><b>b<i>c</i></b>d</p>"
    assert from_html("<ul><li>a<li>b</ul>").html == "<ul><li>a</li><li>b</li></ul>"
    assert from_html("<A HREF = 'https://x.example/?a=1&copy=2'>a").html == (
        '<a href="https://x.example/?a=1&amp;copy=2">a</a>'
    )
    assert from_html("1 < 2 <!-- b --> &amp;lt;<![if x]>").html == "1 &lt; 2  &amp;lt;"
    assert from_html("a &lt;b&gt; <font>c</font><script>d</script>").html == "a &lt;b&gt; c"


def test_plain_text_gets_paragraphs_line_ends_and_links():
    rich = from_text("One\ntwo & <three>\n\nhttps://x.example/?a=1&b=2.")
    assert rich.html == (
        "<p>One<br>two &amp; &lt;three&gt;</p>"
        '<p><a href="https://x.example/?a=1&amp;b=2">https://x.example/?a=1&amp;b=2</a>.</p>'
    )


def test_in_a_mail_rich_words_keep_their_form_in_the_html_and_are_plain_in_the_text():
    mail = render("request/reply", "en", CONTEXT | {"message": from_html(WRITTEN)})
    assert "<li>one</li>" in mail.html
    assert "<b>you</b>" in mail.html
    assert READ in mail.text
    assert "<b>" not in mail.text


def test_words_that_look_like_a_template_are_words():
    words = from_html("<p>{{ code }} {% if 1 %} {{ 7*7 }}</p>")
    mail = render("request/reply", "en", CONTEXT | {"message": words})
    assert "{{ code }} {% if 1 %} {{ 7*7 }}" in mail.text
    assert CONTEXT["code"] not in mail.text
