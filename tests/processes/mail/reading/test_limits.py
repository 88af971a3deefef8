"""Mails made to cost time and memory: each stays under a second of processor time."""

import gc
import time
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from processes.mail.reading import UnreadableMailError, read
from processes.mail.reading.quotes import split
from tests.mails.corpus import messages

HEAD = b"From: a@b.example\nSubject: x\n"
MOST = 39_000_000
TNEF = b"Content-Type: application/ms-tnef\n\n\x78\x9f\x3e\x22\x01\x00\x01\x03\x90\x06\x00"
REPORT = (
    b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
)
DEEP = b"".join(
    b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(19)
)

COSTLY = {
    "empty lines": (b"\n", b"\n"),
    "carriage returns": (b"\n", b"x\r"),
    "one line": (b"\n", b"x"),
    "quote marks in lines": (b"\n", b">\n"),
    "quotes and attributions": (b"\n", b"> a\nOn 1 wrote:\n"),
    "beginnings of attributions": (b"\n", b"on 1" + b" x1" * 120 + b"\n"),
    "beginnings of headers": (b"\n", b"From: x\n"),
    "base64 text": (b"Content-Transfer-Encoding: base64\n\n", b"A" * 76 + b"\n"),
    "quoted-printable": (b"Content-Transfer-Encoding: quoted-printable\n\n", b"=41"),
    "uuencoded files": (b"\n", b"begin 644 x\n!!\n\nend\n"),
    "uuencoded lines": (b"\nbegin 644 x\n", b"!!\n"),
    "paragraphs": (b"Content-Type: text/html\n\n", b"<p>x"),
    "depth": (b"Content-Type: text/html\n\n", b"<blockquote>x"),
    "angle brackets": (b"Content-Type: text/html\n\n", b"<"),
    "boundaries that are none": (b"Content-Type: multipart/mixed; boundary=b\n\n--b\n", b"\n--bx"),
    "multiparts in each other": (DEEP, b"\n--c"),
    "messages in each other": (b"Content-Type: message/rfc822\n\n" * 19, b"\n"),
    "report of many": (REPORT, b"Final-Recipient: x\n\n"),
    "invitation": (b"Content-Type: text/calendar\n\n", b"DESCRIPTION:\n "),
    "flowed": (b"Content-Type: text/plain; format=flowed\n\n", b"a \n"),
    "utf-7": (b"Content-Type: text/plain; charset=utf-7\n\n", b"+AGE-"),
    "half characters": (b"Content-Type: text/plain; charset=utf-16\n\n", b"\x00\xd8"),
    "guessing": (b"\n", b"\xc1\xd2 \xf0"),
    "winmail properties": (
        TNEF + b"\x00\x00\x00\x02\xff\xff\xff\xff",
        b"\x1e\x00\x00\x10\xff\xff\xff\xff\x00\x00\x00\x00",
    ),
    "winmail values": (
        TNEF + b"\x00\x00\x00\x02\xff\xff\xff\xff",
        b"\x1e\x10\x00\x10\xff\xff\xff\xff" + bytes(80_000),
    ),
}
"""What stands before, and what is repeated up to 39 MB."""

CODES = {"", "empty", "not_a_mail", "too_large", "headers_too_large"}
CODES |= {"too_deep", "too_many_parts", "two_senders"}

HEADERS = {
    "addresses": b"To: " + b"a@b.example," * 5_000,
    "brackets": b"To: " + b"<" * 64_000,
    "quotes": b"To: " + b'"\\' * 32_000,
    "comments": b"To: " + b"(" * 64_000,
    "groups": b"To: " + b"a:;" * 20_000,
    "parameters": b"Content-Type: text/plain" + b"; a*0*=x" * 8_000,
    "encoded words": b"Subject: " + b"=?gb18030?q?=81?= " * 3_500,
    "unknown charsets": b"Subject: " + b"=?idna?q?=81?= " * 4_000,
    "many fields": b"a:\n" * 80_000,
    "folds": b"X:" + b"\n " * 120_000,
    "references": b"References: " + b"<a@b>" * 12_000,
    "subject marks": b"Subject: " + b"Re: " * 50_000,
}


@pytest.mark.parametrize("name", COSTLY)
def test_forty_megabytes_made_to_cost_are_read_in_time(name):
    begin, unit = COSTLY[name]
    raw = HEAD + begin + unit * (MOST // len(unit))
    assert seconds(raw) < 1


@pytest.mark.parametrize("name", HEADERS)
def test_headers_made_to_cost_are_read_in_time(name):
    assert seconds(HEAD + HEADERS[name] + b"\n\nHallo") < 0.5


def test_costly_patterns_are_split_in_a_tenth_of_a_second():
    for text in (">" * 1_000_000, "Re: " * 250_000, "On 1 " * 200_000, "> x\ny\n" * 30_000):
        before = time.process_time()
        split(text[:400_000])
        assert time.process_time() - before < 0.2


def test_a_mail_of_twenty_megabytes_needs_a_few_times_its_size():
    unit = b"--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\n"
    raw = (
        HEAD
        + b"Content-Type: multipart/mixed; boundary=b\n\n"
        + (unit + (b"A" * 76 + b"\n") * 2_600 + b"\n") * 100
    )
    tracemalloc.start()
    try:
        mail = read(raw)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(mail.files) == 100
    assert most < 2 * len(raw)


def test_a_flood_of_files_within_parts_is_not_unpacked():
    one = b"--b\nContent-Type: text/plain\n\n" + b"begin 644 x\n#86)C\nend\n" * 50
    mail = read(HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + one * 400)
    assert sum(file.name == "x" for file in mail.files) == 500
    assert "begin 644 x" in mail.text
    assert mail.files[0].content == b"abc"


def test_a_winmail_that_says_nothing_stays_a_file():
    mail = read(HEAD + b'Content-Type: application/ms-tnef; name="winmail.dat"\n\n' + TNEF[-11:])
    assert [file.name for file in mail.files] == ["winmail.dat"]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "empty"),
        (b"\r\n \r\n", "empty"),
        (b"no header at all", "not_a_mail"),
        (b"\xff\xfe\x00binary\nmore", "not_a_mail"),
        (HEAD + b"\n" + b"x" * 40_000_000, "too_large"),
        (HEAD + b"X: y\n" * 60_000 + b"\nz", "headers_too_large"),
        (HEAD + b"From: other@b.example\n\nx", "two_senders"),
        (b"From: a@b.example, c@b.example\n\nx", "two_senders"),
    ],
)
def test_what_is_refused_says_why(raw, code):
    with pytest.raises(UnreadableMailError) as error:
        read(raw)
    assert error.value.code == code


def test_twenty_levels_can_be_read_and_one_more_is_refused():
    def mail(levels: int) -> bytes:
        level = b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n'
        return b"".join([HEAD, *(level % (n, n) for n in range(levels)), b"\nbinnenin\n"])

    assert read(mail(20)).text == "binnenin"
    with pytest.raises(UnreadableMailError, match="too_deep"):
        read(mail(21))


def test_a_sender_written_twice_alike_is_one_sender():
    raw = b"From: A <a@b.example>\nFrom: a@B.example\n\nx"
    assert read(raw).sender.address == "a@b.example"


def test_a_text_too_long_to_show_is_kept_as_a_file():
    text = "woord é " * 100_000
    mail = read(HEAD + b"Content-Type: text/plain; charset=utf-8\n\n" + text.encode())
    assert len(mail.text) <= 400_000
    assert "�" not in mail.text
    [file] = mail.files
    assert file.name == "message.txt"
    assert file.content.decode() == text


SEEDS = [sample.raw for sample in messages(11, 178) if len(sample.raw) < 60_000]
NASTY = st.sampled_from(
    rb"\0|\r|\n|\n\n|--|=?|?=|;|\"|<|>|\xff|=|&#|:|Content-Type: multipart/mixed; boundary=x\n"
    rb"|Content-Transfer-Encoding: base64\n|Content-Type: message/rfc822\n|charset=utf-16"
    rb"|charset=utf-7|\x1b$B|> ".decode("unicode-escape")
    .encode("latin-1")
    .split(b"|")
)
CHANGE = st.tuples(
    st.integers(0, 60_000), st.integers(0, 40), st.one_of(NASTY, st.binary(max_size=9))
)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(SEEDS), st.lists(CHANGE, min_size=1, max_size=12))
def test_a_mail_changed_anywhere_is_read_or_refused_and_never_takes_long(raw, changes):
    for at, size, instead in changes:
        place = at % max(len(raw), 1)
        raw = raw[:place] + instead + raw[place + size :]
    assert seconds(raw) < 1


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content):
    assert seconds(content) < 1
    assert seconds(HEAD + content) < 1
    assert seconds(HEAD + b"Content-Type: application/ms-tnef\n\n\x78\x9f\x3e\x22" + content) < 1
    assert seconds(HEAD + b"Content-Type: text/html\n\n<p>" + content) < 1


@pytest.fixture(autouse=True, scope="module")
def unburdened():
    """The collector passes over what other tests of the process hold: that is no reader's cost."""
    gc.freeze()
    yield
    gc.unfreeze()


def seconds(raw: bytes) -> float:
    """Return the processor seconds of reading; nothing but a known refusal may come of it."""
    before, refusal = time.thread_time(), ""
    try:
        mail = read(raw)
        (mail.text + mail.quoted + mail.html + mail.subject).encode()
    except UnreadableMailError as error:
        refusal = error.code
    assert refusal in CODES
    return time.thread_time() - before
