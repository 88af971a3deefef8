"""The database with the house settings at hand in every session."""

from typing import cast

from sqlalchemy.orm import Session

from engine.db import Database
from processes.config import Settings

_SETTINGS = "house_settings"


class HouseDatabase(Database):
    """A database whose sessions know the settings, so that operations need no globals."""

    def __init__(self, url: str, settings: Settings) -> None:
        super().__init__(url)
        self._settings = settings

    def session(self, *, write: bool) -> Session:
        """Give a bare session that `house` can be asked about."""
        session = super().session(write=write)
        session.info[_SETTINGS] = self._settings
        return session


def house(session: Session) -> Settings:
    """Return the settings of the house this session belongs to."""
    return cast("Settings", session.info[_SETTINGS])
