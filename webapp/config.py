"""Settings of the web face alone; what the whole product shares stands in `processes.config`."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class WebSettings(BaseSettings):
    """Hosts, proxies, limits and keys of the web processes; variables begin with `WEB_`."""

    model_config = SettingsConfigDict(env_prefix="WEB_", extra="ignore", frozen=True)

    trusted_hosts: str = ""
    """Further host names we answer to, by comma; that of `PUBLIC_URL` always is one."""
    proxy_hops: int = 0
    """How many proxies stand before us and set `X-Forwarded-*`."""
    secret_key_fallbacks: SecretStr = SecretStr("")
    """Former values of `SECRET_KEY`, by comma, still good for reading."""
    max_upload: int = 26_000_000
    """Largest request body, in bytes: a file of the largest size with the form around it."""
    live_streams: int = Field(default=24, ge=0)
    """Live streams one web process keeps open; further browsers ask every 15 seconds instead."""

    @property
    def former_keys(self) -> list[str]:
        """Return the former secret keys, newest first."""
        return _words(self.secret_key_fallbacks.get_secret_value())

    @property
    def hosts(self) -> list[str]:
        """Return the further host names."""
        return _words(self.trusted_hosts)


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
