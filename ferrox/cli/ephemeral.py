"""`ferroxd --ephemeral`: a server for tests, and how nothing of it is left behind.

However it is told to stop, by SIGTERM, SIGINT or SIGHUP, before it serves or after, its folder is
removed at the end. What a killed one leaves, the next start removes: see ephemeral_folder.py. The
log of one in the background goes only when it has ended as it should: see detached_log.py.
"""

import contextlib
import dataclasses
import os
import signal
import sys
from collections.abc import Callable, Iterator
from types import FrameType

from ferrox.config import Config
from ferrox.storage import detached_log, ephemeral_folder
from ferrox.workers.bounded_log import BoundedLog

_STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def serve(settings: Config, start: Callable[[Config], int]) -> int:
    """Start a server on a new folder, wait for its end, and remove the folder. StartError.

    start  runs a server with the settings it is given until it is told to stop
    """
    log = detached_log.take(os.environ)
    if log is None:
        return _serve(settings, start)
    with contextlib.redirect_stderr(BoundedLog(sys.stderr)):
        status = _serve(settings, start)
    if status == 0:
        log.unlink(missing_ok=True)
    return status


def _serve(settings: Config, start: Callable[[Config], int]) -> int:
    with (
        _coming_to_an_end(),
        ephemeral_folder.made(settings.ephemeral_dir, os.environ) as folder,
        _undisturbed_at_the_end(),
    ):
        return start(
            dataclasses.replace(
                settings,
                data_dir=ephemeral_folder.data_path(folder),
                sources={**settings.sources, "data_dir": "ephemeral"},
            )
        )


@contextlib.contextmanager
def _coming_to_an_end() -> Iterator[None]:
    """Have every word to stop unwind this process as long as the server does not listen to it."""
    former = {signal.SIGTERM: signal.signal(signal.SIGTERM, _unwind)}
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # nohup had it ignored
        former[signal.SIGHUP] = signal.signal(signal.SIGHUP, _pass_on)
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _undisturbed_at_the_end() -> Iterator[None]:
    """After this block nothing keeps the process from clearing up but SIGKILL."""
    try:
        yield
    finally:
        for number in _STOPPING:
            signal.signal(number, signal.SIG_IGN)


def _unwind(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _pass_on(_number: int, _frame: FrameType | None) -> None:
    """Treat the end of the terminal as the word to stop that a server knows."""
    os.kill(os.getpid(), signal.SIGTERM)
