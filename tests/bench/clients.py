"""Several clients at once: processes that begin together, each with connections of its own."""

import multiprocessing as mp
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty
from typing import Any

WARM = 20
"""Calls each client makes before the clock runs, as it prepares: statements are known by then."""
_PATIENCE = 600


@dataclass(frozen=True)
class Together:
    """What clients did side by side."""

    calls: int
    seconds: float
    """From the first call of the first to the last of the last."""
    answers: list[Any]
    """What each client returned, in no order."""

    @property
    def per_second(self) -> float:
        """Return calls a second, all clients together."""
        return self.calls / self.seconds


def together(
    clients: int, work: Callable[..., Callable[[], tuple[int, Any]]], *args: Any
) -> Together:
    """Run `work(client, *args)()` in as many processes at once; return how it went.

    `work` prepares and returns what is timed; that returns how many calls it made and an answer.
    Raises RuntimeError with the error of a client that failed.
    """
    context = mp.get_context("spawn")
    barrier, results = context.Barrier(clients), context.Queue()
    processes = [
        context.Process(target=_client, args=(number, barrier, results, work, args), daemon=True)
        for number in range(clients)
    ]
    for process in processes:
        process.start()
    told = [_result(results, processes) for _ in processes]
    for process in processes:
        process.join()
    return Together(
        sum(calls for _, _, calls, _ in told),
        max(end for _, end, _, _ in told) - min(begin for begin, _, _, _ in told),
        [answer for _, _, _, answer in told],
    )


def _client(number: int, barrier: Any, results: Any, work: Any, args: tuple[Any, ...]) -> None:
    try:
        timed = work(number, *args)
        barrier.wait(_PATIENCE)
        begin = time.monotonic()
        calls, answer = timed()
        results.put((begin, time.monotonic(), calls, answer))
    except BaseException as error:
        barrier.abort()
        results.put((None, repr(error)))
        raise


def _result(results: Any, processes: list[Any]) -> tuple[float, float, int, Any]:
    last = time.monotonic() + _PATIENCE
    while time.monotonic() < last:
        try:
            told = results.get(timeout=1)
        except Empty:
            if any(process.exitcode for process in processes) and results.empty():
                break
            continue
        if told[0] is None:
            raise RuntimeError(told[1])
        return told  # type: ignore[no-any-return]  # what `_client` put there
    message = "a client ended without a word"
    raise RuntimeError(message)
