"""Shapes of text: charsets, encodings, HTML, what is missing or wrong."""

import base64
import binascii
import quopri
from collections.abc import Callable

from tests.mails.building import Facts, Shape, headers, lines, multipart, plain, text_part

_FOREIGN = {
    "koi8-r": "Здравствуйте, аппарат больше не работает, помогите пожалуйста",
    "windows-1251": "Здравствуйте, аппарат больше не работает, помогите пожалуйста",
    "iso-2022-jp": "機械が動きません、助けてください",
    "shift_jis": "機械が動きません、助けてください",
    "euc-jp": "機械が動きません、助けてください",
    "big5": "機器不能用了,請幫我",
    "gb2312": "机器不能用了,请帮我",
    "euc-kr": "기계가 작동하지 않습니다 도와주세요",
    "windows-1253": "Το μηχάνημα δεν λειτουργεί",  # noqa: RUF001 - Greek
    "iso-8859-8": "המכונה לא עובדת",
    "windows-1256": "الجهاز لا يعمل",
    "windows-1250": "Maszyna już nie działa, proszę pomóc",
    "iso-8859-15": "Die Maschine kostet 100 € und geht nicht",
    "windows-1252": "„Größe“ \N{EN DASH} fünf Stück, café",
    "utf-16": "Das Gerät geht nicht",
    "utf-7": "Das Gerät geht nicht",
    "cp850": "Das Gerät geht nicht",
}


def only_text(facts: Facts) -> Shape:
    return Shape(
        plain(facts, facts.sentence + "\n"),
        words=(facts.sentence,),
        extra={"message_id": facts.message_id, "language": facts.language},
    )


def quoted_printable(facts: Facts) -> Shape:
    body = quopri.encodestring(f"Größe {facts.word} = gut, schöne Grüße\r\n".encode())
    raw = headers(
        facts,
        Content_Type="text/plain; charset=UTF-8",
        Content_Transfer_Encoding="quoted-printable",
    )
    return Shape(raw + b"\r\n" + body, words=(f"Größe {facts.word} = gut",))


def base64_text(facts: Facts) -> Shape:
    body = base64.encodebytes(lines(facts.sentence).encode())
    raw = headers(
        facts, Content_Type="text/plain; charset=utf-8", Content_Transfer_Encoding="BASE64"
    )
    return Shape(raw + b"\r\n" + body, words=(facts.sentence,))


def broken_base64(facts: Facts) -> Shape:
    body = base64.encodebytes(lines(facts.sentence + " ...").encode()).rstrip(b"=\n")
    raw = headers(
        facts, Content_Type="text/plain; charset=utf-8", Content_Transfer_Encoding="base64"
    )
    return Shape(raw + b"\r\n" + body[:20] + b"\r\n!!" + body[20:], words=(facts.word,))


def base64_that_is_words(facts: Facts) -> Shape:
    raw = headers(
        facts, Content_Type="text/plain; charset=utf-8", Content_Transfer_Encoding="base64"
    )
    return Shape(raw + b"\r\n" + facts.sentence.encode() + b"\r\n", words=(facts.sentence,))


def html_only(facts: Facts) -> Shape:
    html = (
        "<html><head><title>Nee</title><style>p{color:red}</style></head><body>"
        f"<p>Beste,</p><p>{facts.sentence}</p><ul><li>een<li>twee</ul></body></html>"
    )
    return Shape(
        plain(facts, html, Content_Type="text/html; charset=utf-8"),
        words=(facts.sentence, "Beste,", "* een", "* twee"),
    )


def html_that_names_its_charset(facts: Facts) -> Shape:
    meta = '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">'
    html = f"{meta}Привет {facts.word}"
    body = html.encode("windows-1251")
    return Shape(
        headers(facts, Content_Type="text/html") + b"\r\n" + body, words=(f"Привет {facts.word}",)
    )


def alternative(facts: Facts) -> Shape:
    return Shape(
        multipart(
            facts,
            "alternative",
            text_part(facts.sentence),
            text_part(f"<p>{facts.sentence}</p>", "html"),
        ),
        words=(facts.sentence,),
    )


def alternative_with_empty_text(facts: Facts) -> Shape:
    return Shape(
        multipart(
            facts, "alternative", text_part(" \n"), text_part(f"<b>{facts.sentence}</b>", "html")
        ),
        words=(facts.sentence,),
    )


def flowed(facts: Facts) -> Shape:
    text = f"Een lange regel die \nverder gaat {facts.word} \nen eindigt.\n-- \nAnn\n"
    return Shape(
        plain(facts, text, Content_Type="text/plain; charset=utf-8; format=flowed"),
        words=(f"Een lange regel die verder gaat {facts.word} en eindigt.",),
    )


def flowed_deleting_spaces(facts: Facts) -> Shape:
    text = f"Donau \ndampf \nschiff {facts.word}\n"
    return Shape(
        plain(facts, text, Content_Type="text/plain; charset=utf-8; format=Flowed; DelSp=Yes"),
        words=(f"Donaudampfschiff {facts.word}",),
    )


def western_without_charset(facts: Facts) -> Shape:
    body = f"Größe für {facts.word}, schöne Grüße\r\n".encode("latin-1")
    return Shape(
        headers(facts, Content_Type=None) + b"\r\n" + body, words=(f"Größe für {facts.word}",)
    )


def utf8_without_charset(facts: Facts) -> Shape:
    body = f"Größe für {facts.word}\r\n".encode()
    return Shape(
        headers(facts, Content_Type=None) + b"\r\n" + body, words=(f"Größe für {facts.word}",)
    )


def utf8_called_latin(facts: Facts) -> Shape:
    raw = headers(facts, Content_Type="text/plain; charset=iso-8859-1")
    return Shape(
        raw + b"\r\n" + f"Größe für {facts.word}\r\n".encode(), words=(f"Größe für {facts.word}",)
    )


def latin_called_utf8(facts: Facts) -> Shape:
    raw = headers(facts, Content_Type="text/plain; charset=utf-8")
    body = f"Größe für {facts.word}\r\n".encode("latin-1")
    return Shape(raw + b"\r\n" + body, words=(f"Größe für {facts.word}",))


def unknown_charset(facts: Facts) -> Shape:
    raw = headers(facts, Content_Type="text/plain; charset=x-unknown-42")
    return Shape(
        raw + b"\r\n" + f"Größe für {facts.word}\r\n".encode(), words=(f"Größe für {facts.word}",)
    )


def charset_that_is_no_text(facts: Facts) -> Shape:
    raw = headers(facts, Content_Type="text/plain; charset=zlib_codec")
    return Shape(raw + b"\r\n" + facts.sentence.encode(), words=(facts.word,))


def russian_without_charset(facts: Facts) -> Shape:
    words = _FOREIGN["koi8-r"]
    body = f"{words}. {words}! {facts.word}\r\n".encode("windows-1251")
    return Shape(headers(facts, Content_Type=None) + b"\r\n" + body, words=("аппарат", facts.word))


def uuencoded(facts: Facts) -> Shape:
    content = b"0123456789" * 20
    coded = b"".join(binascii.b2a_uu(content[at : at + 45]) for at in range(0, len(content), 45))
    body = f"{facts.sentence}\n\nbegin 644 meting.csv\n".encode() + coded + b"`\nend\n"
    return Shape(
        headers(facts, Content_Type=None) + b"\r\n" + body,
        words=(facts.sentence,),
        files=("meting.csv",),
    )


def empty(facts: Facts) -> Shape:
    return Shape(plain(facts, ""), extra={"text": "", "files": ()})


def no_sender(facts: Facts) -> Shape:
    return Shape(plain(facts, facts.sentence, From=None), words=(facts.word,))


def no_message_id(facts: Facts) -> Shape:
    return Shape(
        plain(facts, facts.sentence, Message_ID=None), words=(facts.word,), extra={"message_id": ""}
    )


def no_mime_at_all(facts: Facts) -> Shape:
    raw = f"From: {facts.address}\nTo: x@y.example\n\n{facts.sentence}\n"
    return Shape(raw.encode(), words=(facts.sentence,))


def twice_the_same_headers(facts: Facts) -> Shape:
    twice = (
        f"Subject: second\r\nMessage-ID: <other.{facts.word}@x.example>\r\n"
        f"From: {facts.address}\r\nTo: b@c.example\r\n"
    )
    return Shape(
        plain(facts, facts.sentence).replace(b"MIME-Version", twice.encode() + b"MIME-Version"),
        words=(facts.word,),
        extra={"message_id": facts.message_id, "subject": f"Vraag {facts.word}"},
    )


def raw_utf8_headers(facts: Facts) -> Shape:
    return Shape(
        plain(facts, facts.sentence, Subject=f"Größe {facts.word}", From=f"Zoë <{facts.address}>"),
        words=(facts.word,),
        extra={"subject": f"Größe {facts.word}"},
    )


def raw_latin_headers(facts: Facts) -> Shape:
    subject = f"Größe {facts.word}".encode("latin-1").decode("utf-8", "surrogateescape")
    return Shape(
        plain(facts, facts.sentence, Subject=subject),
        words=(facts.word,),
        extra={"subject": f"Größe {facts.word}"},
    )


def split_encoded_words(facts: Facts) -> Shape:
    content = f"Größe {facts.word}".encode()
    first, second = content[:3], content[3:]  # cut within the letter ö
    pair = "\r\n ".join(
        f"=?UTF-8?B?{base64.b64encode(half).decode()}?=" for half in (first, second)
    )
    return Shape(
        plain(facts, facts.sentence, Subject=pair),
        words=(facts.word,),
        extra={"subject": f"Größe {facts.word}"},
    )


def japanese_subject(facts: Facts) -> Shape:
    coded = base64.b64encode("質問です".encode("iso-2022-jp")).decode()
    return Shape(
        plain(facts, facts.sentence, Subject=f"=?ISO-2022-JP?B?{coded}?="),
        words=(facts.word,),
        extra={"subject": "質問です"},
    )


def wrong_date(facts: Facts) -> Shape:
    return Shape(
        plain(facts, facts.sentence, Date="Freitag, 99. Foo 20206 25:61 +9999"),
        words=(facts.word,),
        extra={"sent_at": None},
    )


def bare_line_feeds(facts: Facts) -> Shape:
    return Shape(plain(facts, facts.sentence).replace(b"\r\n", b"\n"), words=(facts.sentence,))


def from_a_mailbox_file(facts: Facts) -> Shape:
    return Shape(
        b"From ann@shop.example Thu Nov 26 10:00:00 2026\r\n" + plain(facts, facts.sentence),
        words=(facts.sentence,),
    )


def pgp_signed_text(facts: Facts) -> Shape:
    text = (
        f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{facts.sentence}\n"
        "-----BEGIN PGP SIGNATURE-----\n\niQIzBAEBCgAdFiEE\n=abcd\n-----END PGP SIGNATURE-----\n"
    )
    return Shape(plain(facts, text), words=(facts.sentence,), folded=("iQIzBAEBCgAdFiEE",))


def _foreign(charset: str, words: str) -> Callable[[Facts], Shape]:
    def foreign(facts: Facts) -> Shape:
        body = f"{words}. {facts.word}\r\n".encode(charset)
        raw = headers(
            facts,
            Content_Type=f"text/plain; charset={charset}",
            Content_Transfer_Encoding="base64",
        )
        return Shape(raw + b"\r\n" + base64.encodebytes(body), words=(words, facts.word))

    foreign.__name__ = "charset_" + charset.replace("-", "_")
    return foreign


SHAPES: tuple[Callable[[Facts], Shape], ...] = (
    only_text,
    quoted_printable,
    base64_text,
    broken_base64,
    base64_that_is_words,
    html_only,
    html_that_names_its_charset,
    alternative,
    alternative_with_empty_text,
    flowed,
    flowed_deleting_spaces,
    western_without_charset,
    utf8_without_charset,
    utf8_called_latin,
    latin_called_utf8,
    unknown_charset,
    charset_that_is_no_text,
    russian_without_charset,
    uuencoded,
    empty,
    no_sender,
    no_message_id,
    no_mime_at_all,
    twice_the_same_headers,
    raw_utf8_headers,
    raw_latin_headers,
    split_encoded_words,
    japanese_subject,
    wrong_date,
    bare_line_feeds,
    from_a_mailbox_file,
    pgp_signed_text,
    *(_foreign(charset, words) for charset, words in _FOREIGN.items()),
)
