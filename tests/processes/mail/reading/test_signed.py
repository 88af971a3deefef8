"""S/MIME: what is signed can be read, what is encrypted stays a file."""

import base64
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7

from processes.mail.reading import read
from processes.mail.reading.signed import signed_content

INSIDE = b"Content-Type: text/plain; charset=utf-8\r\n\r\nHet werkt niet.\r\n"


def head(kind: str) -> bytes:
    return (
        "From: a@b.example\n"
        f'Content-Type: application/pkcs7-mime; smime-type={kind}; name="smime.p7m"\n'
        "Content-Transfer-Encoding: base64\n\n"
    ).encode()


def test_a_really_signed_mail_of_one_piece_can_be_read():
    mail = read(head("signed-data") + base64.encodebytes(signed()))
    assert mail.text == "Het werkt niet."
    assert [file.name for file in mail.files] == ["smime.p7m"]


def test_a_really_encrypted_mail_is_a_file_and_says_nothing():
    key = rsa.generate_private_key(65537, 2048)
    encrypted = (
        pkcs7.PKCS7EnvelopeBuilder()
        .set_data(INSIDE)
        .add_recipient(certificate(key))
        .encrypt(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])
    )
    mail = read(head("enveloped-data") + base64.encodebytes(encrypted))
    assert mail.text == ""
    assert [file.name for file in mail.files] == ["smime.p7m"]


@pytest.mark.parametrize("stop", [0, 1, 10, 20, 30, 60, 61, 62, 70, 90])
def test_a_broken_signature_gives_what_is_there_or_nothing(stop):
    assert INSIDE.startswith(signed_content(signed()[:stop]))


def signed() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = pkcs7.PKCS7SignatureBuilder().set_data(INSIDE)
    signing = builder.add_signer(certificate(key), key, hashes.SHA256())
    return signing.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])


def certificate(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Ann")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
