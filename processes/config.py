"""Settings of the domain, read from the environment once and handed down as values."""

from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SHIPPED = Path(__file__).resolve().parent.parent / "bpmn"
"""The diagrams the product ships with."""
_SHORTEST_SECRET = 32


class Settings(BaseSettings):
    """Where data lives, how mail leaves, which addresses stand in mails."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    data_dir: Path = Path("var")
    """Folder for the embedded database, keys, files, logs and the demo's mail."""
    database_url: str = ""
    """PostgreSQL or SQLite; empty means SQLite in `data_dir`."""
    broker_url: str = ""
    """Redis for several machines; empty means files in `data_dir`."""
    secret_key: SecretStr = Field(min_length=_SHORTEST_SECRET)
    """Key of sessions, codes, mail tokens and mailbox passwords; never has a default."""
    public_url: str = "http://127.0.0.1:8000"
    """The only address that links in mails are made from."""
    smtp_url: SecretStr | None = None
    """smtp://user:password@host:port, or smtps://; without it mails stay in the outbox."""
    mail_from: str = "support@casewright.example"
    """Sender of mails that belong to no mailbox."""
    mail_from_name: str = "Casewright"
    mail_poll_seconds: float = Field(default=60.0, gt=0)
    """How often each mailbox is looked into; servers that offer IDLE tell by themselves before."""
    mail_answer_seconds: float = Field(default=20.0, gt=0, le=60)
    """How long each answer of an IMAP server may take."""
    mail_max_bytes: int = Field(default=35 * 1024 * 1024, ge=1024)
    """The largest mail that is fetched, as it travels; of a larger one only the headers."""
    mail_lease_seconds: float = Field(default=120.0, gt=0)
    """How long a mail is its worker's while it is sent: the longest conversation with the mail
    server, each answer of which may take a twelfth, and the delay when that worker dies."""
    mail_once: frozenset[str] = frozenset()
    """Templates such as `request/reply` that must not arrive twice: when a worker dies while
    sending one, a person decides whether it is sent again."""
    undo_seconds: float = Field(default=10.0, ge=0, le=120)
    """How long an agent's reply can be taken back (real time)."""
    files_url: str = ""
    """Where files are kept: `s3://bucket/folder`; empty means the folder `files` in `data_dir`."""
    files_endpoint: str = ""
    """Address of an S3-compatible service; empty means Amazon's of `files_region`."""
    files_region: str = "eu-central-1"
    files_key_id: str = ""
    files_secret: SecretStr | None = None
    """Access key of the bucket."""
    largest_file_bytes: int = Field(default=25_000_000, gt=0)
    """Largest single file a person may upload."""
    most_files: int = Field(default=50, gt=0)
    """Files one message may carry."""
    mail_sender_hourly: int = Field(default=50, ge=1)
    """Cases a sender's mails may open in an hour; more wait in the inbox for an agent."""
    mail_sender_daily: int = Field(default=200, ge=1)
    """The same in a day."""
    mail_case_hourly: int = Field(default=40, ge=1)
    """Mails that may join a case in an hour; more wait in the inbox."""
    mail_mailbox_hourly: int = Field(default=2_000, ge=1)
    """Cases the mails to one mailbox may open in an hour; more wait in the inbox."""
    demo: bool = False
    """Demo data, demo users and the demo clock; never in production."""
    bpmn_dir: Path = SHIPPED
    """The diagrams the product ships with."""

    @field_validator("smtp_url", "files_secret", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        """An empty variable means that nothing is configured."""
        return value or None

    @field_validator("files_url")
    @classmethod
    def _names_a_bucket(cls, value: str) -> str:
        """Refuse an address that is neither empty nor that of a bucket."""
        if value and not (value.startswith("s3://") and value.removeprefix("s3://").strip("/")):
            message = "FILES_URL must be empty or look like s3://bucket/folder"
            raise ValueError(message)
        return value.rstrip("/")

    @field_validator("public_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        """Links add their own slash."""
        return value.rstrip("/")

    @property
    def database(self) -> str:
        """Return the URL to connect to."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'casewright.db').resolve()}"
