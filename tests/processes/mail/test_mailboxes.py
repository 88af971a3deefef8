"""Who owns a mailbox, where it leads, what is refused and why; passwords that nobody sees."""

from dataclasses import replace
from email.message import EmailMessage

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from engine.errors import InvalidInputError
from processes.mail import mailboxes, passwords
from processes.mail.gateways import RefusedError, Smtp, gateway_of
from processes.mail.mailboxes import Account, AliasFacts
from processes.mail.models import Mailbox, OutgoingMail, Security

KEY = SecretStr("k" * 40)
IMAP = Account("imap.example.org", 993, Security.TLS, "support", "geheim")
SMTP = Account("smtp.example.org", 465, Security.TLS, "support", "secret")


def refused(boxes, **changed):
    with pytest.raises(InvalidInputError) as error:
        boxes.create(**changed)
    return {name: [str(word) for word in words] for name, words in error.value.fields.items()}


def alias(boxes, box, address, **changed):
    with boxes.db.write() as session:
        return mailboxes.add_alias(
            session, box.id if box else None, AliasFacts(address, **changed), boxes.queues
        )


def test_a_mailbox_has_an_owner_a_queue_and_a_name(boxes):
    made = boxes.create(" Support@Care.Example ", imap=IMAP, smtp=SMTP)
    with boxes.db.read() as session:
        [found] = mailboxes.all_mailboxes(session)
    assert (found.address, found.owner.id, found.queue_id) == (
        "support@care.example", boxes.house.mila.id, boxes.queues[0],
    )  # fmt: skip
    assert found.id == made.id


def test_an_address_belongs_to_one_mailbox(boxes):
    first = boxes.create()
    alias(boxes, first, "billing@care.example")
    told = refused(boxes, address="SUPPORT@care.example")
    assert told["address"] == [
        "support@care.example belongs to the mailbox support@care.example already."
    ]
    assert "support@care.example" in refused(boxes, address="billing@care.example")["address"][0]
    with pytest.raises(InvalidInputError):
        alias(boxes, first, "support@care.example")


def test_an_alias_without_a_mailbox_is_refused_with_the_reason(boxes):
    with pytest.raises(InvalidInputError) as error:
        alias(boxes, None, "billing@care.example")
    assert "nobody owns the mail" in str(error.value.fields["mailbox"][0])


def test_a_mailbox_is_found_by_its_address_its_alias_and_what_follows_a_plus(boxes):
    made = boxes.create()
    alias(boxes, made, "billing@care.example", folder="Billing", queue_id=boxes.queues[1])
    with boxes.db.read() as session:
        for address in (
            "support@care.example",
            "Support+c-123@Care.Example",
            "billing@care.example",
            "billing+x@care.example",
        ):
            assert mailboxes.find_by_address(session, address).id == made.id
        assert mailboxes.find_by_address(session, "other@care.example") is None
        assert mailboxes.find_by_address(session, "") is None


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"address": "support"}, "address", "no e-mail address"),
        ({"address": ""}, "address", "required"),
        ({"address": "a@b.example\r\nBcc: x@y.example"}, "address", "no e-mail address"),
        ({"sender_name": " "}, "sender_name", "required"),
        ({"sender_name": "Care\r\nBcc: x@y.example"}, "sender_name", "invalid"),
        ({"queue_id": 99_999}, "queue", "invalid_choice"),
        ({"owner_id": 99_999}, "owner", "required"),
        ({"language": "fr"}, "language", "invalid_choice"),
        ({"imap": replace(IMAP, host="http://x/")}, "imap_host", "no name of a server"),
        ({"imap": replace(IMAP, host="a b")}, "imap_host", "no name of a server"),
        ({"imap": replace(IMAP, port=22)}, "imap_port", "Mail servers use"),
        ({"imap": replace(IMAP, port=80)}, "imap_port", "Mail servers use"),
        ({"imap": replace(IMAP, port=70_000)}, "imap_port", "Mail servers use"),
        ({"imap": replace(IMAP, user="")}, "imap_user", "required"),
        ({"imap": replace(IMAP, user="a\r\nb")}, "imap_user", "invalid"),
        ({"imap": replace(IMAP, password="")}, "imap_password", "required"),
        ({"imap": replace(IMAP, password="a\nb")}, "imap_password", "invalid"),
        ({"imap": replace(IMAP, security=Security.NONE)}, "imap_security", "on the way"),
        ({"imap": replace(IMAP, security=Security.STARTTLS)}, "imap_port", "from the first byte"),
        ({"imap": IMAP, "folder": ""}, "folder", "required"),
        ({"imap": IMAP, "folder": "a\0b"}, "folder", "invalid"),
        ({"smtp": replace(SMTP, password="gehéim")}, "smtp_password", "plain letters"),
        ({"smtp": replace(SMTP, port=3)}, "smtp_port", "Mail servers use"),
        ({"trusted_host": "mx example"}, "trusted_host", "no name of a server"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused_at_its_field(boxes, changed, field, words):
    told = refused(boxes, **changed)
    assert words in " ".join(told[field])
    with boxes.db.read() as session:
        assert mailboxes.all_mailboxes(session) == []


def test_without_protection_only_this_machine_is_spoken_to(boxes):
    near = Account("127.0.0.1", 2143, Security.NONE, "support", "geheim")
    assert boxes.create(imap=near).imap_host == "127.0.0.1"
    for host in ("localhost", "::1"):
        assert boxes.create(f"{len(host)}@care.example", imap=replace(near, host=host))


def test_passwords_are_sealed_and_an_empty_field_keeps_them(boxes):
    made = boxes.create(imap=IMAP, smtp=SMTP)
    with boxes.db.read() as session:
        row = session.execute(text("SELECT * FROM mailbox")).mappings().one()
        assert "geheim" not in str(dict(row))
        assert "secret" not in str(dict(row))
    assert "geheim" not in repr(IMAP)
    same = {"imap": replace(IMAP, password=""), "smtp": replace(SMTP, password="")}
    changed = boxes.change(made, sender_name="New name", **same)
    key = boxes.house.app.settings.secret_key
    assert passwords.unseal(key, changed.imap_password) == "geheim"
    assert passwords.unseal(key, changed.smtp_password) == "secret"


@pytest.mark.parametrize("changed", [{"host": "evil.example.net"}, {"user": "somebody"}])
def test_a_password_goes_to_no_other_server_than_it_was_entered_for(boxes, changed):
    made = boxes.create(imap=IMAP, smtp=SMTP)
    for name, account in (("imap", IMAP), ("smtp", SMTP)):
        with pytest.raises(InvalidInputError) as error:
            boxes.change(
                made, **{"imap": IMAP, "smtp": SMTP, name: replace(account, password="", **changed)}
            )
        assert "Enter it again" in str(error.value.fields[f"{name}_password"][0])


def test_a_server_that_is_taken_away_takes_its_password_along(boxes):
    made = boxes.create(imap=IMAP, smtp=SMTP)
    changed = boxes.change(made)
    assert (changed.imap_password, changed.smtp_password) == (b"", b"")


def test_another_folder_is_read_from_its_beginning(boxes):
    made = boxes.create(imap=IMAP)
    with boxes.db.write() as session:
        fresh = session.get_one(Mailbox, made.id)
        fresh.uid_validity, fresh.last_uid = 7, 100
    assert boxes.change(made, imap=IMAP, sender_name="Other").last_uid == 100
    assert boxes.change(made, imap=IMAP, folder="Support").last_uid == 0


def test_a_sealed_password_needs_the_key_it_was_sealed_with():
    sealed = passwords.seal(KEY, "geheim")
    assert passwords.unseal(KEY, sealed) == "geheim"
    assert passwords.seal(KEY, "geheim") != sealed
    assert passwords.unseal(KEY, passwords.seal(KEY, "")) == ""
    for key, value in ((SecretStr("z" * 40), sealed), (KEY, sealed[:-2] + b"xx"), (KEY, b"x")):
        with pytest.raises(passwords.UnreadablePasswordError):
            passwords.unseal(key, value)


def test_a_mail_leaves_by_the_server_of_its_mailbox_else_by_that_of_the_house(boxes):
    own, plain = boxes.create(smtp=SMTP), boxes.create("b@care.example")
    house = Smtp("smtp://127.0.0.1:25", 60)
    with boxes.db.read() as session:
        gateways = [
            gateway_of(session, OutgoingMail(mailbox_id=number), house)
            for number in (own.id, plain.id, None)
        ]
        assert gateways[0] is not house
        assert gateways[1:] == [house, house]
        session.get_one(Mailbox, own.id).smtp_password = passwords.seal(KEY, "x")
        closed = gateway_of(session, OutgoingMail(mailbox_id=own.id), house)
        with pytest.raises(RefusedError, match="enter it again"):
            closed.send(EmailMessage(), ["a@example.org"])
