"""The bell's queue as files in a folder: what the embedded default uses instead of a broker."""

import json
from contextlib import suppress
from pathlib import Path
from queue import Empty
from time import time_ns
from typing import Any
from uuid import uuid4

from kombu.transport import filesystem

_POLL_SECONDS = 0.1


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
    implements = filesystem.Transport.implements.extend(asynchronous=True)

    def register_with_event_loop(self, connection: Any, loop: Any) -> None:
        """Have the worker's event loop look into the folder ten times a second."""
        loop.call_repeatedly(_POLL_SECONDS, self._poll, connection)

    def _poll(self, connection: Any) -> None:
        with suppress(Empty, TimeoutError):
            self.drain_events(connection, timeout=0)
