"""Staff from the console: the first admin's one-time token, and everybody after."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from engine.errors import InvalidInputError
from processes.bootstrap import App, build
from processes.config import Settings
from processes.people import passwords
from processes.people import staff as people
from processes.people.models import Role

_PASSWORD_BYTES = 15


class RefusedError(Exception):
    """The command cannot be carried out; the text says why."""


def first_admin_link() -> str:
    """Return the link by which the first admin sets user name and password, once.

    Raises RefusedError when somebody works here already.
    """
    settings = Settings()
    with _product(settings) as product, product.db.read() as session:
        if not people.is_empty(session):
            message = "There are staff already; the first admin's link works only before."
            raise RefusedError(message)
        return f"{settings.public_url}/first-admin?token={people.new_setup_token(session)}"


def add(username: str, name: str, email: str, role: str) -> str:
    """Add a member of staff and return the password to hand over; they change it themselves.

    Raises RefusedError when the user name is taken.
    """
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    with _product(Settings()) as product, product.db.write() as session:
        try:
            people.add_staff(
                session,
                username=username,
                name=name,
                email=email,
                role=Role(role),
                password_hash=passwords.hash_password(password),
            )
        except InvalidInputError as error:
            raise RefusedError(", ".join(error.fields)) from error
    return password


@contextmanager
def _product(settings: Settings) -> Iterator[App]:
    """Give the product, and close its connections afterwards."""
    product = build(settings)
    try:
        yield product
    finally:
        product.db.engine.dispose()
