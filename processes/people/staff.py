"""Use cases of staff: signing in, first admin, preferences."""

import secrets as random
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from engine.clock import utc_now
from engine.errors import ForbiddenError, InvalidInputError
from processes.database import house
from processes.people import passwords, secrets, sessions
from processes.people.models import LANGUAGES, Role, Staff

THEMES = ("system", "light", "dark")
_SETUP = "first-admin"


def authenticate(session: Session, username: str, password: str) -> Staff | None:
    """Return who this is; None for a wrong name, a wrong password or somebody who left.

    All three take the same time.
    """
    found = session.scalars(
        select(Staff).where(Staff.username == username[:60]).options(undefer(Staff.password_hash))
    ).one_or_none()
    if not passwords.matches(found.password_hash if found else None, password):
        return None
    if found is None or not found.active:
        return None
    if passwords.is_outdated(found.password_hash):
        found.password_hash = passwords.hash_password(password)
    return found


def add_staff(  # noqa: PLR0913 - a person has that many facts
    session: Session,
    *,
    username: str,
    name: str,
    email: str,
    role: Role,
    password_hash: str,
    locale: str = "en",
) -> Staff:
    """Write down a new member of staff. Raises InvalidInputError when the name is taken."""
    if session.scalar(select(Staff.id).where(Staff.username == username)) is not None:
        raise InvalidInputError({"username": ["taken"]})
    person = Staff(
        username=username,
        name=name,
        email=email.strip().lower(),
        role=role,
        password_hash=password_hash,
        locale=locale,
        created_at=utc_now(),
    )
    session.add(person)
    session.flush()
    return person


def change_password(session: Session, person: Staff, password: str) -> None:
    """Set a new password and end every session of the person."""
    wrong = passwords.problem(password)
    if wrong:
        raise InvalidInputError({"password": [wrong]})
    person.password_hash = passwords.hash_password(password)
    sessions.revoke_staff(session, person.id)


def set_preferences(person: Staff, *, locale: str, timezone: str, theme: str) -> None:
    """Change how the product looks to this person."""
    wrong = {
        field: ["invalid_choice"]
        for field, good in (
            ("locale", locale in LANGUAGES),
            ("timezone", timezone in available_timezones()),
            ("theme", theme in THEMES),
        )
        if not good
    }
    if wrong:
        raise InvalidInputError(wrong)
    person.locale, person.timezone, person.theme = locale, str(ZoneInfo(timezone)), theme


def is_empty(session: Session) -> bool:
    """Return whether nobody works here yet."""
    return session.scalar(select(func.count(Staff.id))) == 0


def setup_token(session: Session, nonce: str) -> str:
    """Return the one-time token that the console prints for the first admin."""
    digest = secrets.keyed(house(session).secret_key, _SETUP, nonce)
    return f"{nonce}.{secrets.letters(digest, 26)}"


def new_setup_token(session: Session) -> str:
    """Return a fresh token; it works as long as nobody works here yet."""
    return setup_token(session, random.token_hex(4))


def create_first_admin(
    session: Session, *, token: str, username: str, name: str, email: str, password: str
) -> Staff:
    """Make the first admin from a console token; refused once anybody exists."""
    nonce = token.partition(".")[0]
    if not is_empty(session) or not secrets.same(token, setup_token(session, nonce)):
        raise ForbiddenError
    wrong = passwords.problem(password)
    if wrong:
        raise InvalidInputError({"password": [wrong]})
    return add_staff(
        session,
        username=username.strip(),
        name=name.strip(),
        email=email,
        role=Role.ADMIN,
        password_hash=passwords.hash_password(password),
    )
