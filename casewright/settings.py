"""Settings of the command: where the product runs, and the key it makes for itself."""

import os
import secrets
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

_KEY_BYTES = 48


class MissingKeyError(Exception):
    """SECRET_KEY is not set. Production must set it; only a demo makes its own."""

    def __str__(self) -> str:
        return str(self.__doc__)


class LaunchSettings(BaseSettings):
    """What the command reads from the environment before it starts anything."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = 8000
    """Port to listen on."""
    data_dir: Path = Path("var")
    """Folder for the embedded database, keys and logs."""
    public_url: str = ""
    """What links begin with; empty means this machine and port."""
    secret_key: SecretStr = SecretStr("")
    """Key of sessions and codes."""
    casewright_demo: bool = False
    """Demo data, demo users and the demo clock; never in production."""

    @property
    def address(self) -> str:
        """Return the address people open."""
        return self.public_url.rstrip("/") or f"http://127.0.0.1:{self.port}"

    @property
    def folder(self) -> Path:
        """Return the data folder, absolute, so that every part means the same one."""
        return self.data_dir.resolve()

    @property
    def near(self) -> str:
        """Return the address by which this machine reaches its own web."""
        return "127.0.0.1" if self.host in {"0.0.0.0", "::", ""} else self.host  # noqa: S104

    def adopt(self) -> None:
        """Settle the defaults in this process's own environment."""
        os.environ.update(self.environment())  # noqa: TID251 - as in `environment`

    def environment(self) -> dict[str, str]:
        """Return the environment of the parts: ours, with every default settled.

        Raises:
            MissingKeyError: No key is set, none was made before, and this is no demo.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return {
            **os.environ,  # noqa: TID251 - the parts read their own settings from it
            "DATA_DIR": str(self.folder),
            "PUBLIC_URL": self.address,
            "SECRET_KEY": self._key(),
            "DEMO": "1" if self.casewright_demo else "0",
            "TZ": "UTC",
        }

    def _key(self) -> str:
        if self.secret_key.get_secret_value():
            return self.secret_key.get_secret_value()
        path = self.folder / "secret_key"
        if not path.exists():
            if not self.casewright_demo:
                raise MissingKeyError
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(_KEY_BYTES))
        return path.read_text()
