"""Passwords of mail servers, kept so that the database alone gives none away."""

from base64 import urlsafe_b64encode
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr

_PURPOSE = b"casewright mailbox passwords"
"""Keeps this use of SECRET_KEY apart from all others (RFC 5869 3.2)."""
_KEY_BYTES = 32


class UnreadablePasswordError(Exception):
    """The password was stored under another SECRET_KEY; somebody must enter it again."""


def seal(key: SecretStr, password: str) -> bytes:
    """Return the password encrypted and authenticated; nothing for an empty one."""
    return _cipher(key.get_secret_value()).encrypt(password.encode()) if password else b""


def unseal(key: SecretStr, sealed: bytes) -> str:
    """Return the password `seal` was given. Raises UnreadablePasswordError for another key."""
    if not sealed:
        return ""
    try:
        return _cipher(key.get_secret_value()).decrypt(sealed).decode()
    except (InvalidToken, UnicodeDecodeError) as error:
        raise UnreadablePasswordError from error


@lru_cache(maxsize=4)
def _cipher(secret: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=_PURPOSE)
    return Fernet(urlsafe_b64encode(derived.derive(secret.encode())))
