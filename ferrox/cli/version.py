"""`ferroxd version`: which release this is."""

from collections.abc import Sequence

from ferrox import __version__
from ferrox.errors import StartError


def run(arguments: Sequence[str]) -> int:
    """Print name and version."""
    if arguments:
        raise StartError(f"version takes no argument, got {arguments[0]}")
    print(f"ferroxd {__version__}")
    return 0
