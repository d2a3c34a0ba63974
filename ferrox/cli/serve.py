"""`ferroxd [serve]`: put the settings together and start the server."""

import gc
import os
import stat
import sys
from collections.abc import Sequence
from typing import Literal

from ferrox import config
from ferrox.cli import options
from ferrox.errors import StartError

MOST_WORKERS_UNASKED = 4
"""By `auto`: there is one writer at a time, and each process costs memory."""


def run(arguments: Sequence[str]) -> int:
    """Serve until told to stop; StartError when the server cannot start as asked."""
    gc.disable()  # nothing that is loaded is garbage; who serves looks for some again
    try:
        return _run(arguments)
    finally:
        gc.enable()


def _run(arguments: Sequence[str]) -> int:
    given = options.parse(arguments)
    if given.wants_help:
        print(options.help_text(), end="")
        return 0
    settings = config.load(given.values, os.environ, given.config_file)
    if settings.stop_with_stdin:
        _require_stream_as_input()
    if settings.detach:
        from ferrox.cli import detaching

        return detaching.run(arguments, settings)
    if settings.ephemeral:
        from ferrox.cli import ephemeral

        return ephemeral.serve(settings, _serve)
    return _serve(settings)


def _serve(settings: config.Config) -> int:
    worker_count = _worker_count(settings.workers)
    # Not before the settings are known to be good: a mistake costs no start.
    if worker_count == 1:
        from ferrox import app

        return app.serve(settings)
    from ferrox import prefork

    return prefork.serve(settings, worker_count)


def _require_stream_as_input() -> None:
    """StartError unless standard input is something that somebody else can end."""
    mode = os.fstat(sys.stdin.fileno()).st_mode if sys.stdin is not None else 0
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or (mode and os.isatty(sys.stdin.fileno()))):
        raise StartError("stop_with_stdin: standard input is no pipe, socket or terminal")


def _worker_count(asked: int | Literal["auto"]) -> int:
    if asked != "auto":
        return asked
    from ferrox.workers.cores import usable_cores

    return min(usable_cores(), MOST_WORKERS_UNASKED)
