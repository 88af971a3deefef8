"""Who works in the demo."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from processes.people.models import Role, Staff
from processes.people.passwords import hash_password
from processes.people.staff import add_staff

PASSWORD = "casewright-demo"  # noqa: S105 - printed on the sign-in page of the demo


@dataclass(frozen=True)
class DemoUser:
    """One member of staff of the demo."""

    username: str
    name: str
    role: Role
    locale: str


USERS = (
    DemoUser("serviceUser", "Mila Jansen", Role.AGENT, "nl"),
    DemoUser("agentUser", "Emma Clarke", Role.AGENT, "en"),
    DemoUser("superuser", "Noor Bakker", Role.SUPERUSER, "nl"),
    DemoUser("faqNewsUser", "Jonas Weber", Role.FAQ_NEWS, "de"),
    DemoUser("designerUser", "Daan Visser", Role.DESIGNER, "en"),
    DemoUser("adminUser", "Ada Lindner", Role.ADMIN, "de"),
)


def hire(session: Session) -> dict[str, Staff]:
    """Write down the staff of the demo, all with the same password; return them by name."""
    shared = hash_password(PASSWORD)
    return {
        user.username: add_staff(
            session,
            username=user.username,
            name=user.name,
            email=f"{user.name.lower().replace(' ', '.')}@casewright.example",
            role=user.role,
            password_hash=shared,
            locale=user.locale,
        )
        for user in USERS
    }
