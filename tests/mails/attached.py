"""Shapes with files: pictures, forwarded mails, calendars, signatures, winmail.dat, many parts."""

import base64
import struct
from collections.abc import Callable

from tests.mails.building import (
    PDF,
    PNG,
    Facts,
    Shape,
    file_part,
    headers,
    multipart,
    nested,
    plain,
    text_part,
)


def one_file(facts: Facts) -> Shape:
    return Shape(
        multipart(facts, "mixed", text_part(facts.sentence), file_part("factuur.pdf", PDF)),
        words=(facts.sentence,),
        files=("factuur.pdf",),
    )


def picture_in_the_text(facts: Facts) -> Shape:
    html = f'<p>{facts.sentence}</p><img src="cid:logo.{facts.word}" alt="logo">'
    picture = file_part("logo.png", PNG, "image/png", f"Content-ID: <logo.{facts.word}>\r\n")
    related = nested("related", f"rel{facts.boundary}", text_part(html, "html"), picture)
    return Shape(
        multipart(facts, "alternative", text_part(facts.sentence), related),
        words=(facts.sentence,),
        files=("logo.png",),
    )


def odd_file_names(facts: Facts) -> Shape:
    rfc2231 = (
        b"Content-Type: application/pdf\r\nContent-Disposition: attachment;\r\n"
        b" filename*0*=utf-8''Gr%C3%B6%C3%9F;\r\n filename*1*=e%20A.pdf\r\n\r\nx"
    )
    word = (
        b'Content-Type: application/pdf; name="=?utf-8?B?w6kucGRm?="\r\n'
        b"Content-Disposition: attachment\r\n\r\nx"
    )
    path = (
        b"Content-Type: text/x-sh\r\n"
        b'Content-Disposition: attachment; filename="..\\..\\etc/passwd\xe2\x80\xae.exe"\r\n\r\nx'
    )
    return Shape(
        multipart(facts, "mixed", text_part(facts.sentence), rfc2231, word, path),
        words=(facts.word,),
        files=("Größe A.pdf", "é.pdf", "passwd.exe"),
    )


def forwarded_as_a_file(facts: Facts) -> Shape:
    inner = plain(facts, f"Binnenin {facts.word}", Subject="Oud bericht")
    part = b"Content-Type: message/rfc822\r\n\r\n" + inner
    return Shape(
        multipart(facts, "mixed", text_part(facts.sentence), part, Subject="Fwd: Oud bericht"),
        words=(facts.sentence,),
        files=("Oud bericht.eml",),
    )


def only_a_forwarded_file(facts: Facts) -> Shape:
    inner = plain(facts, f"Binnenin {facts.word}", Subject="Oud bericht")
    part = b"Content-Type: message/rfc822\r\n\r\n" + inner
    return Shape(
        multipart(facts, "mixed", part, Subject="Fwd: Oud bericht"),
        words=(f"Binnenin {facts.word}",),
        files=("Oud bericht.eml",),
    )


def digest_of_messages(facts: Facts) -> Shape:
    inner = [b"\r\n" + plain(facts, f"Deel {n}", Subject=f"Bericht {n}") for n in (1, 2)]
    return Shape(
        multipart(
            facts,
            "mixed",
            text_part(facts.sentence),
            nested("digest", f"dig{facts.boundary}", *inner),
        ),
        words=(facts.word,),
        files=("Bericht 1.eml", "Bericht 2.eml"),
    )


def invitation(facts: Facts) -> Shape:
    part = b"Content-Type: text/calendar; charset=utf-8; method=REQUEST\r\n\r\n" + _calendar(facts)
    return Shape(
        multipart(facts, "alternative", text_part(facts.sentence), part),
        words=(facts.sentence,),
        files=("invitation.ics",),
    )


def only_an_invitation(facts: Facts) -> Shape:
    raw = headers(facts, Content_Type="text/calendar; charset=utf-8; method=REQUEST")
    return Shape(
        raw + b"\r\n" + _calendar(facts),
        words=(f"Overleg {facts.word}", "2026-12-03 10:00 Europe/Amsterdam", "Zaal 4, eerste"),
        files=("invitation.ics",),
    )


def smime_signed(facts: Facts) -> Shape:
    signature = file_part("smime.p7s", b"\x30\x80\x06\x09", "application/pkcs7-signature")
    return Shape(
        multipart(
            facts,
            "signed; protocol=application/pkcs7-signature",
            text_part(facts.sentence),
            signature,
        ),
        words=(facts.sentence,),
        files=("smime.p7s",),
    )


def smime_signed_in_one(facts: Facts) -> Shape:
    inner = text_part(facts.sentence) + b"\r\n"
    head = headers(
        facts,
        Content_Type='application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"',
        Content_Disposition='attachment; filename="smime.p7m"',
        Content_Transfer_Encoding="base64",
    )
    return Shape(
        head + b"\r\n" + base64.encodebytes(_cms(inner)),
        words=(facts.sentence,),
        files=("smime.p7m",),
    )


def smime_encrypted(facts: Facts) -> Shape:
    head = headers(
        facts,
        Content_Type='application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"',
        Content_Disposition='attachment; filename="smime.p7m"',
        Content_Transfer_Encoding="base64",
    )
    return Shape(head + b"\r\nMIAGCSqGSIb3DQEHA6CAMIACAQAx\r\n", files=("smime.p7m",))


def pgp_encrypted(facts: Facts) -> Shape:
    version = b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
    content = file_part("encrypted.asc", b"-----BEGIN PGP MESSAGE-----", "application/octet-stream")
    return Shape(
        multipart(facts, "encrypted; protocol=application/pgp-encrypted", version, content),
        files=("version.txt", "encrypted.asc"),
    )


def pgp_signed(facts: Facts) -> Shape:
    signature = b"Content-Type: application/pgp-signature\r\n\r\n-----BEGIN PGP SIGNATURE-----\r\n"
    return Shape(
        multipart(
            facts,
            "signed; protocol=application/pgp-signature",
            text_part(facts.sentence),
            signature,
        ),
        words=(facts.sentence,),
        files=("signature.asc",),
    )


def winmail(facts: Facts) -> Shape:
    part = file_part("winmail.dat", tnef(facts.sentence, "rapport.doc"), "application/ms-tnef")
    return Shape(
        multipart(facts, "mixed", text_part(""), part),
        words=(facts.sentence,),
        files=("rapport.doc",),
    )


def winmail_beside_the_text(facts: Facts) -> Shape:
    part = file_part("winmail.dat", tnef(facts.sentence, "rapport.doc"), "application/ms-tnef")
    return Shape(
        multipart(facts, "mixed", text_part(facts.sentence), part),
        files=("rapport.doc",),
        extra={"text": facts.sentence},
    )


def winmail_alone(facts: Facts) -> Shape:
    head = headers(
        facts,
        Content_Type='application/ms-tnef; name="winmail.dat"',
        Content_Transfer_Encoding="binary",
    )
    return Shape(
        head + b"\r\n" + tnef(facts.sentence, "rapport.doc"),
        words=(facts.sentence,),
        files=("rapport.doc",),
    )


def winmail_broken(facts: Facts) -> Shape:
    broken = tnef(facts.sentence, "rapport.doc")[:40]
    part = file_part("winmail.dat", b"\x00" + broken, "application/ms-tnef")
    return Shape(
        multipart(facts, "mixed", text_part(facts.sentence), part),
        words=(facts.sentence,),
        files=("winmail.dat",),
    )


def text_between_files(facts: Facts) -> Shape:
    return Shape(
        multipart(
            facts,
            "mixed",
            text_part(f"Eerst {facts.word}"),
            file_part("a.pdf", PDF),
            text_part("Daarna nog iets"),
            file_part("b.pdf", PDF),
        ),
        words=(f"Eerst {facts.word}", "Daarna nog iets"),
        files=("a.pdf", "b.pdf"),
    )


def no_last_boundary(facts: Facts) -> Shape:
    raw = multipart(facts, "mixed", text_part(facts.sentence), file_part("a.pdf", PDF))
    return Shape(
        raw.removesuffix(f"--{facts.boundary}--\r\n".encode()),
        words=(facts.sentence,),
        files=("a.pdf",),
    )


def boundary_never_said(facts: Facts) -> Shape:
    raw = multipart(facts, "mixed", text_part(facts.sentence), file_part("a.pdf", PDF))
    said = f'; boundary="{facts.boundary}"'.encode()
    return Shape(raw.replace(said, b""), words=(facts.sentence,), files=("a.pdf",))


def two_hundred_parts(facts: Facts) -> Shape:
    files = [file_part(f"deel-{number}.pdf", PDF) for number in range(199)]
    return Shape(
        multipart(facts, "mixed", text_part(facts.sentence), *files),
        words=(facts.sentence,),
        files=tuple(f"deel-{number}.pdf" for number in range(199)),
    )


def twenty_megabytes(facts: Facts) -> Shape:
    content = b"%PDF-1.4\n" + facts.word.encode() * (14_600_000 // len(facts.word))
    return Shape(
        multipart(facts, "mixed", text_part(facts.sentence), file_part("groot.pdf", content)),
        words=(facts.sentence,),
        files=("groot.pdf",),
    )


def tnef(text: str, name: str) -> bytes:
    """Return a winmail.dat with a text and one file."""

    def attribute(level: int, kind: int, type_: int, data: bytes) -> bytes:
        head = struct.pack("<BHHI", level, kind, type_, len(data))
        return head + data + struct.pack("<H", sum(data) & 0xFFFF)

    return (
        struct.pack("<IH", 0x223E9F78, 1)
        + attribute(1, 0x9006, 8, struct.pack("<I", 0x10000))
        + attribute(1, 0x9007, 6, struct.pack("<II", 1252, 0))
        + attribute(1, 0x9003, 6, _property(0x1000, text))
        + attribute(2, 0x9002, 6, b"\x01\x00" + b"\xff" * 12)
        + attribute(2, 0x8010, 1, b"RAPPOR~1.DOC\x00")
        + attribute(2, 0x800F, 6, b"\xd0\xcf\x11\xe0 some document")
        + attribute(2, 0x9005, 6, _property(0x3707, name))
    )


def _cms(content: bytes) -> bytes:
    """Return signed data as Outlook streams it: lengths unsaid, the content in pieces."""
    pieces = (content[at : at + 60] for at in range(0, len(content), 60))
    octets = b"".join(bytes([0x04, len(piece)]) + piece for piece in pieces)
    signed, data = (bytes.fromhex(f"06092a864886f70d0107{last}") for last in ("02", "01"))
    algorithms = bytes.fromhex("310d300b0609608648016503040201")
    inner = b"\x30\x80" + data + b"\xa0\x80\x24\x80" + octets + b"\0\0" * 3
    return b"\x30\x80" + signed + b"\xa0\x80\x30\x80\x02\x01\x01" + algorithms + inner + b"\0\0" * 3


def _property(name: int, words: str) -> bytes:
    value = words.encode("utf-16-le") + b"\x00\x00"
    padded = value + b"\x00" * (-len(value) % 4)
    return struct.pack("<IHHII", 1, 0x001F, name, 1, len(value)) + padded


def _calendar(facts: Facts) -> bytes:
    return (
        "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Amsterdam\r\n"
        "END:VTIMEZONE\r\nBEGIN:VEVENT\r\nDTSTART;TZID=Europe/Amsterdam:20261203T100000\r\n"
        f"SUMMARY:Overleg {facts.word}\r\nLOCATION:Zaal 4\\, eer\r\n ste\r\n"
        "ORGANIZER:mailto:ann@shop.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    ).encode()


SHAPES: tuple[Callable[[Facts], Shape], ...] = (
    one_file,
    picture_in_the_text,
    odd_file_names,
    forwarded_as_a_file,
    only_a_forwarded_file,
    digest_of_messages,
    invitation,
    only_an_invitation,
    smime_signed,
    smime_signed_in_one,
    smime_encrypted,
    pgp_encrypted,
    pgp_signed,
    winmail,
    winmail_beside_the_text,
    winmail_alone,
    winmail_broken,
    text_between_files,
    no_last_boundary,
    boundary_never_said,
    two_hundred_parts,
)
ONCE: tuple[Callable[[Facts], Shape], ...] = (twenty_megabytes,)
"""Too large to come more than once."""
