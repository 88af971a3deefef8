"""Addresses in headers, and those no mail can be sent to."""

import pytest

from processes.mail.reading import UnreadableMailError, read

UNANSWERABLE = ["a..b@x.org", "é@x.org", ".a@x.org", "a.@x.org", "a@x..org", "a@-x.org", "a@x"]


@pytest.mark.parametrize("address", UNANSWERABLE)
def test_a_sender_nobody_can_answer_has_no_address_but_a_name(address):
    assert sender(f"From: {address}\nSender: sanne@example.org").address == ""
    named = sender(f"From: Ann <{address}>")
    assert (named.name, named.address) == ("Ann", "")


def test_a_sender_somebody_can_answer_keeps_the_address():
    assert sender("From: Ann <O'Neil+x@Bücher.example>").address == "o'neil+x@xn--bcher-kva.example"


@pytest.mark.parametrize("address", ["a..b@x.org", "é@x.org"])
def test_such_an_address_beside_another_still_makes_two_senders(address):
    with pytest.raises(UnreadableMailError, match="two_senders"):
        sender(f"From: {address}, sanne@example.org")
    with pytest.raises(UnreadableMailError, match="two_senders"):
        sender(f"From: {address}\nFrom: sanne@example.org")


def sender(headers):
    return read(f"{headers}\nSubject: x\n\nHello\n".encode()).sender
