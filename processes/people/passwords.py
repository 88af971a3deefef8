"""Staff passwords: Argon2id, never more than two at a time."""

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import HashingError, InvalidHashError, VerificationError
from argon2.low_level import error_to_str

from engine.errors import UnavailableError

SHORTEST = 12
LONGEST = 128

_PARALLEL = 2
_QUEUE = 5
_PATIENCE_SECONDS = 5.0
_MEMORY_KIB = 65_536

_hasher = PasswordHasher(time_cost=3, memory_cost=_MEMORY_KIB, parallelism=1)
_running = BoundedSemaphore(_PARALLEL)
_waiting = BoundedSemaphore(_PARALLEL + _QUEUE)
_NO_MEMORY = error_to_str(-22)  # ARGON2_MEMORY_ALLOCATION_ERROR in argon2.h
_NOBODY = (
    "$argon2id$v=19$m=65536,t=3,p=1$Y2FzZXdyaWdodC1ub2JvZHk"
    "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)
"""A hash no password fits, checked for unknown names, so that they take as long."""


class _Turn:
    """One of the few places at the hasher; refuses at once when the queue is full."""

    def __enter__(self) -> None:
        if not _waiting.acquire(blocking=False):
            raise UnavailableError
        if not _running.acquire(timeout=_PATIENCE_SECONDS):
            _waiting.release()
            raise UnavailableError

    def __exit__(self, *_: object) -> None:
        _running.release()
        _waiting.release()


def problem(password: str) -> str | None:
    """Return the code of what is wrong with a new password, or None."""
    if len(password) < SHORTEST:
        return "password_too_short"
    if len(password) > LONGEST:
        return "password_too_long"
    if len(set(password)) <= SHORTEST // 4:
        return "password_too_simple"
    return None


def hash_password(password: str) -> str:
    """Return the Argon2id hash to store.

    Raises UnavailableError when too many wait or there is no memory for it.
    """
    with _Turn():
        try:
            return _hasher.hash(password)
        except HashingError as error:
            raise UnavailableError from error


def matches(stored: str | None, password: str) -> bool:
    """Return whether the password fits; takes as long when there is no such person.

    Raises UnavailableError when too many wait or there is no memory to tell.
    """
    with _Turn():
        try:
            _hasher.verify(stored or _NOBODY, password[:LONGEST])
        except (VerificationError, InvalidHashError) as error:
            if str(error) == _NO_MEMORY:
                raise UnavailableError from error
            return False
        return stored is not None


def is_outdated(stored: str) -> bool:
    """Return whether the hash was made with weaker settings than today's."""
    return _hasher.check_needs_rehash(stored)
