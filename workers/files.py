"""The bell's queue as files in a folder: what the embedded default uses instead of a broker."""

import json
from pathlib import Path
from queue import Empty
from time import time_ns
from typing import Any
from uuid import uuid4

from kombu.transport import filesystem

_LONGEST_WAIT = 0.3


class Channel(filesystem.Channel):
    """kombu's own channel, but a message is there whole or not at all.

    The stock one shows a file before it is written, and keeps or copies what was taken.
    """

    def _put(self, queue: str, payload: Any, **_options: Any) -> None:  # type: ignore[override]  # the stubs' two bases disagree about the name
        folder = Path(self.data_folder_out)
        name = f"{time_ns()}_{uuid4()}.{queue}.msg"
        draft = folder / f"{name}.draft"
        draft.write_text(json.dumps(payload))
        draft.rename(folder / name)

    def _get(self, queue: str, timeout: float | None = None) -> Any:  # noqa: ARG002 - never waits
        for path in sorted(Path(self.data_folder_in).glob(f"*.{queue}.msg")):
            taken = path.with_suffix(".taken")
            try:
                path.rename(taken)
            except FileNotFoundError:
                continue  # another worker was quicker
            text = taken.read_text()
            taken.unlink()
            return json.loads(text)
        raise Empty


class Transport(filesystem.Transport):
    """Selected by its dotted name in the settings of the Celery application."""

    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None, **_options: Any) -> None:
        """Wait for a message, but never so long that a stop has to wait for us."""
        super().drain_events(connection, timeout=min(timeout or _LONGEST_WAIT, _LONGEST_WAIT))
