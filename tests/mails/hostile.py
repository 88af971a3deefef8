"""Shapes made to hurt: forged senders, bombs, scripts, floods of one kind of thing."""

from collections.abc import Callable

from tests.mails.building import SUPPORT, Facts, Shape, headers, multipart, plain, text_part


def two_from_headers(facts: Facts) -> Shape:
    raw = plain(facts, facts.sentence)
    return Shape(b"From: Chef <chef@care.example>\r\n" + raw, quarantine="two_senders")


def two_addresses_in_from(facts: Facts) -> Shape:
    return Shape(
        plain(facts, facts.sentence, From=f"<{SUPPORT}>, {facts.address}"), quarantine="two_senders"
    )


def name_of_another(facts: Facts) -> Shape:
    return Shape(
        plain(facts, facts.sentence, From=f'"chef@care.example" <{facts.address}>'),
        words=(facts.word,),
        extra={"sender.address": facts.address, "sender.name": ""},
    )


def comments_in_the_address(facts: Facts) -> Shape:
    sender = f'"a\\"b" (x (y) <chef@care.example>) <{facts.address}> (chef@care.example)'
    return Shape(
        plain(facts, facts.sentence, From=sender),
        words=(facts.word,),
        extra={"sender.address": facts.address},
    )


def endless_re(facts: Facts) -> Shape:
    return Shape(plain(facts, facts.sentence, Subject="Re: " * 50_000), words=(facts.word,))


def bomb_of_encoded_words(facts: Facts) -> Shape:
    return Shape(
        plain(facts, facts.sentence, Subject="=?utf-8?q?a?= " * 15_000), words=(facts.word,)
    )


def a_million_marks(facts: Facts) -> Shape:
    return Shape(plain(facts, facts.sentence + "\n" + ">" * 1_000_000), words=(facts.word,))


def a_million_marked_lines(facts: Facts) -> Shape:
    return Shape(plain(facts, facts.sentence + "\n" + ">\n" * 500_000), words=(facts.word,))


def a_thousand_recipients(facts: Facts) -> Shape:
    people = ",\r\n ".join(f"Person {number} <p{number}@x.example>" for number in range(1_000))
    return Shape(plain(facts, facts.sentence, To=people), words=(facts.word,))


def parentheses(facts: Facts) -> Shape:
    return Shape(plain(facts, facts.sentence, To="(" * 60_000), words=(facts.word,))


def too_many_parts(facts: Facts) -> Shape:
    parts = [text_part(str(number)) for number in range(600)]
    return Shape(multipart(facts, "mixed", *parts), quarantine="too_many_parts")


def too_deep(facts: Facts) -> Shape:
    raw = headers(facts).removesuffix(b"\r\n") + b"\r\n"
    for depth in range(40):
        raw += f"Content-Type: multipart/mixed; boundary=d{depth}x\r\n\r\n--d{depth}x\r\n".encode()
    return Shape(raw + b"\r\nhallo\r\n", quarantine="too_deep")


def headers_too_large(facts: Facts) -> Shape:
    many = "".join(f"X-Filler-{number}: {'x' * 60}\r\n" for number in range(5_000))
    return Shape(many.encode() + plain(facts, facts.sentence), quarantine="headers_too_large")


def script(facts: Facts) -> Shape:
    html = (
        f"<p>{facts.sentence}</p><script>alert(1)</script><img src=x onerror=alert(1)>"
        '<a href="javascript:alert(1)">klik</a><svg onload=alert(1)></svg>'
        '<iframe src="https://evil.example"></iframe><form action="https://evil.example"><input></form>'
    )
    return Shape(
        plain(
            facts,
            html,
            Content_Type="text/html; charset=utf-8",
            Subject="<script>alert(1)</script>",
            From=f'"<script>alert(1)</script>" <{facts.address}>',
        ),
        words=(facts.sentence,),
        extra={"subject": "<script>alert(1)</script>"},
    )


def deep_markup(facts: Facts) -> Shape:
    html = "<div>" * 30_000 + facts.sentence + "</div>" * 30_000
    return Shape(
        plain(facts, html, Content_Type="text/html; charset=utf-8"),
        words=(facts.sentence,),
        extra={"html": ""},
    )


def formatting_bomb(facts: Facts) -> Shape:
    fonts = "".join(f"<font color=c{number}>" for number in range(100))
    html = f"<p>{facts.sentence}<p>{fonts}{'<p>x' * 20_000}"
    return Shape(
        plain(facts, html, Content_Type="text/html; charset=utf-8"), words=(facts.sentence,)
    )


def one_long_line_of_markup(facts: Facts) -> Shape:
    html = f"<p>{facts.sentence}</p>" + "<b>woord</b> " * 200_000
    return Shape(
        plain(facts, html, Content_Type="text/html; charset=utf-8"),
        words=(facts.sentence,),
        extra={"html": ""},
    )


def zeros_and_controls(facts: Facts) -> Shape:
    text = f"A\x00B\x07 {facts.word} \x1b[31mrood\x1b[0m"
    return Shape(plain(facts, text), words=(f"AB {facts.word}", "[31mrood"))


def words_turned_around(facts: Facts) -> Shape:
    return Shape(
        plain(facts, facts.sentence, Subject="Factuur \u202efdp.exe"),
        words=(facts.word,),
        extra={"subject": "Factuur fdp.exe"},
    )


def halves_of_characters(facts: Facts) -> Shape:
    raw = headers(facts, Content_Type="text/plain; charset=utf-7")
    return Shape(raw + b"\r\n+2AA- " + facts.word.encode(), words=(facts.word,))


def injected_headers(facts: Facts) -> Shape:
    subject = "=?utf-8?q?Hallo=0D=0ABcc:_x@y.example?="
    return Shape(
        plain(facts, facts.sentence, Subject=subject),
        words=(facts.word,),
        extra={"subject": "Hallo Bcc: x@y.example"},
    )


def thousands_of_references(facts: Facts) -> Shape:
    ids = "\r\n ".join(f"<r{number}@x.example>" for number in range(2_000))
    return Shape(plain(facts, facts.sentence, References=ids), words=(facts.word,))


def nothing(facts: Facts) -> Shape:
    return Shape(b"\r\n" * (facts.number % 9 + 1), quarantine="empty")


def no_mail(facts: Facts) -> Shape:
    return Shape(b"\x89PNG\r\n\x1a\n" + facts.word.encode(), quarantine="not_a_mail")


def too_large(facts: Facts) -> Shape:
    return Shape(plain(facts, facts.word + "\n" + "x" * 40_000_000), quarantine="too_large")


SHAPES: tuple[Callable[[Facts], Shape], ...] = (
    two_from_headers,
    two_addresses_in_from,
    name_of_another,
    comments_in_the_address,
    endless_re,
    bomb_of_encoded_words,
    a_million_marks,
    a_million_marked_lines,
    a_thousand_recipients,
    parentheses,
    too_many_parts,
    too_deep,
    headers_too_large,
    script,
    deep_markup,
    formatting_bomb,
    one_long_line_of_markup,
    zeros_and_controls,
    words_turned_around,
    halves_of_characters,
    injected_headers,
    thousands_of_references,
    no_mail,
)
ONCE: tuple[Callable[[Facts], Shape], ...] = (nothing, too_large)
