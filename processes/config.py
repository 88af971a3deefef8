"""Settings of the domain, read from the environment once and handed down as values."""

from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SHIPPED = Path(__file__).resolve().parent.parent / "bpmn"
"""The diagrams the product ships with."""
_SHORTEST_SECRET = 32


class Settings(BaseSettings):
    """Where data lives, how mail leaves, which addresses stand in letters."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    data_dir: Path = Path("var")
    """Folder for the embedded database, keys and logs."""
    database_url: str = ""
    """PostgreSQL or SQLite; empty means SQLite in `data_dir`."""
    broker_url: str = ""
    """Redis for several machines; empty means files in `data_dir`."""
    secret_key: SecretStr = Field(min_length=_SHORTEST_SECRET)
    """Key of sessions and codes; never has a default."""
    public_url: str = "http://127.0.0.1:8000"
    """The only address that links in mails are made from."""
    smtp_url: SecretStr | None = None
    """smtp://user:password@host:port, or smtps://; without it mails stay in the outbox."""
    mail_from: str = "support@casewright.example"
    """Sender and reply address of every mail."""
    mail_from_name: str = "Casewright"
    mail_lease_seconds: float = Field(default=120.0, gt=0)
    """How long a mail is its worker's while it is sent: the longest conversation with the mail
    server, each answer of which may take a twelfth, and the delay when that worker dies."""
    mail_once: frozenset[str] = frozenset()
    """Templates such as `request/reply` that must not arrive twice: when a worker dies while
    sending one, a person decides whether it is sent again."""
    undo_seconds: float = Field(default=10.0, ge=0, le=120)
    """How long an agent's reply can be taken back (real time)."""
    demo: bool = False
    """Demo data, demo users and the demo clock; never in production."""
    bpmn_dir: Path = SHIPPED
    """The diagrams the product ships with."""

    @field_validator("smtp_url", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        """An empty variable means that no mail server is configured."""
        return value or None

    @field_validator("public_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        """Links add their own slash."""
        return value.rstrip("/")

    @property
    def database(self) -> str:
        """Return the URL to connect to."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'casewright.db').resolve()}"
