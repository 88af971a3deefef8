"""Every shape of mail the world sends, read: words, quotes, files, kind."""

import pytest

from processes.mail.models import MailKind
from processes.mail.reading import ReadMail, UnreadableMailError, read
from tests.mails.corpus import EACH, ONCE, OWN_ADDRESSES, Sample, messages, of_each_shape

ALL = [pytest.param(number, id=shape.__name__) for number, shape in enumerate((*EACH, *ONCE))]


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    return list(of_each_shape(seed=7))


@pytest.mark.parametrize("number", ALL)
def test_a_mail_of_each_shape_gives_what_stands_in_it(samples, number):
    sample = samples[number]
    if sample.quarantine:
        with pytest.raises(UnreadableMailError) as error:
            read(sample.raw, own_addresses=OWN_ADDRESSES)
        assert error.value.code == sample.quarantine
        return
    mail = read(sample.raw, own_addresses=OWN_ADDRESSES)
    assert mail.kind is sample.kind
    assert [word for word in sample.words if word not in mail.text] == []
    assert [word for word in sample.folded if word not in mail.quoted] == []
    assert [word for word in sample.folded if word in mail.text] == []
    files = tuple(file.name for file in mail.files if not file.name.startswith("message."))
    assert files == sample.files
    assert {name: field(mail, name) for name in sample.extra} == sample.extra


def test_the_corpus_is_the_same_for_the_same_seed_and_each_mail_is_different():
    first, again = (list(messages(3, 300)) for _ in range(2))
    assert [sample.raw for sample in first] == [sample.raw for sample in again]
    assert len({sample.raw for sample in first}) == len(first) == 300
    assert {sample.raw for sample in first}.isdisjoint(s.raw for s in messages(4, 50))


def test_what_is_read_can_be_stored_in_any_database(samples):
    for sample in samples:
        if not sample.quarantine:
            mail = read(sample.raw, own_addresses=OWN_ADDRESSES)
            texts = [mail.text, mail.quoted, mail.html, mail.subject, mail.sender.name]
            texts += [*mail.references, *(file.name for file in mail.files), mail.message_id]
            assert all(text.encode("utf-8") is not None and "\x00" not in text for text in texts)
            assert len(mail.subject) <= 300
            assert len(mail.digest) == 64
            assert all(0 < len(file.name) <= 200 and file.content for file in mail.files)
            assert (mail.bounce is not None) == (mail.kind is MailKind.BOUNCE)


def test_a_mail_that_came_by_two_ways_has_one_digest(samples):
    for sample in samples[:60]:
        other_way = (
            b"Received: from a by b; Thu, 26 Nov 2026 10:00:00 +0000\r\n"
            b"Delivered-To: other@care.example\r\nX-Spam-Score: 0.1\r\n"
        )
        if not sample.raw.startswith(b"From ") and not sample.quarantine:
            assert read(other_way + sample.raw).digest == read(sample.raw).digest


def test_re_encoding_on_the_way_leaves_the_digest_and_another_word_does_not():
    head = b"From: a@b.example\nMessage-ID: <1@b.example>\nDate: x\nSubject: s\n"
    eight = head + b"Content-Type: text/plain; charset=utf-8\n\n" + "Größe 5\n".encode()
    coded = head + (
        b"Content-Type: text/plain; charset=utf-8\n"
        b"Content-Transfer-Encoding: quoted-printable\n\nGr=C3=B6=C3=9Fe 5\n"
    )
    assert read(eight).digest == read(coded).digest
    assert read(eight).digest != read(eight.replace(b" 5", b" 6")).digest
    assert read(eight).digest != read(eight.replace(b"<1@", b"<2@")).digest


def test_people_ids_and_times_are_read_whatever_the_program():
    mail = read(
        b'From: "Vries, Sanne de" <Sanne@Post.Example>\r\n'
        b"To: Team: a@x.example, =?utf-8?q?Zo=C3=AB?= <z@x.example>;, <support+c1@care.example>\r\n"
        b"Cc: bob@y.example (Bob B.), not an address\r\n"
        b"Reply-To: Elders <elders@post.example>\r\n"
        b"Date: Thu, 26 Nov 2026 11:00:00 +0100 (CET)\r\n"
        b"Message-ID: <Abc.1@Post.Example>\r\n"
        b"References: <1@x> <2@x>\r\n\t<3@x>\r\nIn-Reply-To: <3@x> (mail of Ann)\r\n\r\nx"
    )
    assert (mail.sender.name, mail.sender.address) == ("Vries, Sanne de", "sanne@post.example")
    assert [person.address for person in mail.to] == [
        "a@x.example",
        "z@x.example",
        "support+c1@care.example",
    ]
    assert mail.to[1].name == "Zoë"
    assert (mail.cc[0].name, mail.cc[0].address) == ("Bob B.", "bob@y.example")
    assert mail.reply_to is not None
    assert mail.reply_to.address == "elders@post.example"
    assert mail.sent_at is not None
    assert mail.sent_at.isoformat() == "2026-11-26T10:00:00+00:00"
    assert mail.message_id == "Abc.1@Post.Example"
    assert mail.references == ("1@x", "2@x", "3@x")


@pytest.mark.parametrize(
    ("sender", "address"),
    [
        ("ann@x.example", "ann@x.example"),
        ("<ann@x.example>", "ann@x.example"),
        ("Ann ann@x.example", ""),
        ("ann@straße.example", "ann@xn--strae-oqa.example"),
        ("ann@аррӏе.example", "ann@xn--80ak6aa92e.example"),  # noqa: RUF001 - that is the point
        ("ann\u202e@x.example", ""),
        ("ann@x.example\x00", "ann@x.example"),
        ("ann", ""),
        ("@x.example", ""),
        ("ann@@x.example", ""),
        ("<ann@x.example", "ann@x.example"),
        ('"ann@x.example"', ""),
        ('"ann@x.example" <>', ""),
        ('"Ann" <"ann"@x.example>', "ann@x.example"),
        ("ann@x..example", ""),
        ("=?utf-8?q?ann=40x=2Eexample?=", ""),
        ("a" * 70 + "@x.example", ""),
        ("Ann <mailto:ann@x.example>", ""),
    ],
)
def test_a_sender_is_one_sound_address_or_none(sender, address):
    raw = b"From: " + sender.encode() + b"\r\n\r\nHallo"
    assert read(raw).sender.address == address


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (
            b"From: a@b.example\nSubject: x\nNo empty line above.\nMore.",
            "No empty line above.\nMore.",
        ),
        (b"From: a@b.example\nGarbage\nSubject: x\n\nText.", "Text."),
        (b"From: a@b.example\nNo empty line.\n\nMore.", "No empty line.\n\nMore."),
    ],
)
def test_a_body_begins_where_the_headers_end(raw, text):
    assert read(raw).text == text
    assert read(raw).sender.address == "a@b.example"


def field(mail: ReadMail, name: str) -> object:
    found: object = mail
    for step in name.split("."):
        found = getattr(found, step)
    return found
