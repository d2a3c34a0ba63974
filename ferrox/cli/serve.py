"""`ferroxd [serve]`: put the settings together and start the server."""

import os
from collections.abc import Sequence
from typing import Literal

from ferrox import config
from ferrox.cli import options

MOST_WORKERS_UNASKED = 4
"""By `auto`: there is one writer at a time, and each process costs memory."""


def run(arguments: Sequence[str]) -> int:
    """Serve until told to stop; StartError when the server cannot start as asked."""
    given = options.parse(arguments)
    if given.wants_help:
        print(options.help_text(), end="")
        return 0
    settings = config.load(given.values, os.environ, given.config_file)
    worker_count = _worker_count(settings.workers)
    # Not before the settings are known to be good: a mistake costs no start.
    if worker_count == 1:
        from ferrox import app

        return app.serve(settings)
    from ferrox import prefork

    return prefork.serve(settings, worker_count)


def _worker_count(asked: int | Literal["auto"]) -> int:
    if asked != "auto":
        return asked
    from ferrox.workers.cores import usable_cores

    return min(usable_cores(), MOST_WORKERS_UNASKED)
