"""`ferroxd [serve]`: put the settings together and start the server."""

import os
from collections.abc import Sequence

from ferrox import config
from ferrox.cli import options


def run(arguments: Sequence[str]) -> int:
    """Serve until told to stop; StartError when the server cannot start as asked."""
    given = options.parse(arguments)
    if given.wants_help:
        print(options.help_text(), end="")
        return 0
    settings = config.load(given.values, os.environ, given.config_file)
    from ferrox.app import (
        serve,
    )  # after the settings are known to be good: a mistake costs no start

    return serve(settings)
